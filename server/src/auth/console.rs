//! Console sessions: a cookie with a random id, kept as a hash, for supervisors and administrators.
//!
//! The cookie is `HttpOnly` and `SameSite=Strict`; forms carry [`ConsoleSession::form_token`] besides.

use std::net::IpAddr;

use axum::http::HeaderMap;
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use storewalk_domain::{outlet::Role, time::HOUR_MS};
use storewalk_wire::ErrorCode;
use subtle::ConstantTimeEq;

use super::token::{self, TokenKind};
use crate::{
    error::ApiError,
    state::AppState,
    store::{Account, ConsoleSessionRecord, StoreError},
};

/// The cookie's name.
const COOKIE: &str = "storewalk_console";

/// A person at the console.
#[derive(Clone, Debug)]
pub struct ConsoleSession {
    /// The person.
    pub account: Account,
    /// What every form must send back.
    pub form_token: String,
}

impl ConsoleSession {
    /// Whether a form came from a page of this session.
    pub fn is_own_form(&self, token: &str) -> bool {
        bool::from(self.form_token.as_bytes().ct_eq(token.as_bytes()))
    }
}

/// Signs a supervisor or administrator in. The cookie goes into the answer.
///
/// # Errors
/// When name or password is wrong, there were too many attempts, or the person's role has no console.
pub async fn sign_in(
    state: &AppState,
    address: IpAddr,
    login: &str,
    password: &str,
) -> Result<(Cookie<'static>, ConsoleSession), ApiError> {
    let account = state.auth.identify(state, address, login, token::secret(password)).await?;
    if !has_console(&account) {
        return Err(ErrorCode::NotPermitted.into());
    }
    let token = token::mint(TokenKind::Console);
    let expires_at = state.now().plus_ms(i64::from(state.config.auth.console_hours) * HOUR_MS);
    let record = ConsoleSessionRecord { hash: token::hash_own(&token), user_id: account.user_id, expires_at };
    state.store.write(move |txn| txn.put_console_session(&record)).await.map_err(ApiError::from)?;
    let form_token = form_token(&token);
    Ok((cookie(state, token), ConsoleSession { account, form_token }))
}

/// The session of a request; `None` when there is none, or it ended, or the person may no longer use the console.
///
/// # Errors
/// When the store fails.
pub async fn current(state: &AppState, headers: &HeaderMap) -> Result<Option<ConsoleSession>, ApiError> {
    let Some(token) = token_of(headers) else { return Ok(None) };
    let Some(hash) = token::hash(TokenKind::Console, &token) else { return Ok(None) };
    let now = state.now();
    let account = state
        .store
        .read(move |snapshot| {
            let session = snapshot.console_session(&hash)?.filter(|session| session.expires_at > now);
            let account = session.map(|session| snapshot.account(session.user_id)).transpose()?.flatten();
            Ok::<_, StoreError>(account.filter(|account| !account.is_disabled && has_console(account)))
        })
        .await?;
    Ok(account.map(|account| ConsoleSession { account, form_token: form_token(&token) }))
}

/// Ends the session of a request, if there is one. The cookie that goes into the answer removes the browser's.
///
/// # Errors
/// When the store fails.
pub async fn sign_out(state: &AppState, headers: &HeaderMap) -> Result<Cookie<'static>, ApiError> {
    if let Some(hash) = token_of(headers).and_then(|token| token::hash(TokenKind::Console, &token)) {
        state.store.write(move |txn| txn.end_console_session(&hash)).await.map_err(ApiError::from)?;
    }
    let mut removal = cookie(state, String::new());
    removal.make_removal();
    Ok(removal)
}

fn has_console(account: &Account) -> bool {
    matches!(account.role, Role::Supervisor | Role::Admin)
}

fn token_of(headers: &HeaderMap) -> Option<String> {
    CookieJar::from_headers(headers).get(COOKIE).map(|cookie| cookie.value().to_owned())
}

/// A session cookie: it ends with the browser, or when the server says so.
fn cookie(state: &AppState, token: String) -> Cookie<'static> {
    Cookie::build((COOKIE, token))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(state.config.server.is_https)
        .build()
}

/// Follows from the session and tells nothing about it.
fn form_token(token: &str) -> String {
    token::hex(&blake3::derive_key("storewalk 2025 console form token", token.as_bytes()))
}
