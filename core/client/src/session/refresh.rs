//! Calls in the person's name, and the exchange of tokens when the old one has run out.

use std::{future::Future, sync::Arc};

use rusqlite::Connection;
use storewalk_wire::{ApiError, ErrorCode, RefreshRequest, SyncApi};

use super::{Session, device, session, set_needs_sign_in, store};
use crate::{ClientError, Phone, courier, receipt};

/// How often one call may exchange tokens.
const MOST_EXCHANGES: usize = 2;

impl Phone {
    /// Makes a call with the access token; when the server says it has run out, exchanges it and calls again. Twice at
    /// most: an exchange whose answer was lost is answered later as it was then, with a token that may have run out too.
    ///
    /// # Errors
    /// When nobody is signed in, the session is over, or the call fails.
    pub(crate) async fn authorized<T, F, Fut>(&self, call: F) -> Result<T, ClientError>
    where
        F: Fn(Arc<dyn SyncApi>, String) -> Fut,
        Fut: Future<Output = Result<T, ApiError>>,
    {
        let mut token = self.signed_in()?.access_token;
        for _ in 0..MOST_EXCHANGES {
            match self.ask(&call, &token).await {
                Err(error) if error.is_token_invalid() => token = self.exchange(&token).await?,
                other => return other,
            }
        }
        self.ask(&call, &token).await
    }

    /// Asks, and asks anew whenever the phone hears of another network: what hangs in the old one would hold everything
    /// up until it is timed out. Every request may arrive twice.
    async fn ask<T, F, Fut>(&self, call: &F, token: &str) -> Result<T, ClientError>
    where
        F: Fn(Arc<dyn SyncApi>, String) -> Fut,
        Fut: Future<Output = Result<T, ApiError>>,
    {
        let mut network = self.inner.network.subscribe();
        loop {
            tokio::select! {
                biased;
                answer = call(Arc::clone(&self.inner.api), token.to_owned()) => return Ok(answer?),
                Ok(()) = network.changed() => {}
            }
        }
    }

    /// The nonce of a new exchange, on disk before it is used.
    fn begin_exchange(&self) -> Result<String, ClientError> {
        let nonce = self.new_id().to_string();
        self.write(|transaction| store::save_nonce(transaction, &nonce))?;
        Ok(nonce)
    }

    fn signed_in(&self) -> Result<Session, ClientError> {
        self.read(session)?.ok_or_else(|| ClientError::SignedOut { reason: "nobody".to_owned() })
    }

    /// Exchanges the refresh token unless somebody else just did, and gives the new access token.
    async fn exchange(&self, spent: &str) -> Result<String, ClientError> {
        let _turn = self.inner.refreshing.lock().await;
        let session = self.signed_in()?;
        if session.access_token != spent {
            return Ok(session.access_token);
        }
        let nonce = session.refresh_nonce.map_or_else(|| self.begin_exchange(), Ok)?;
        let device_id = self.read(device)?.id;
        let parcel_key = Some(self.write(|transaction| courier::public_key(transaction))?);
        let request = RefreshRequest { refresh_token: session.refresh_token, nonce, device_id, parcel_key };
        match self.inner.api.refresh(&request).await {
            Ok(grant) => {
                self.write(|transaction| {
                    require_same_session(transaction, &request.refresh_token)?;
                    store::save_grant(transaction, &grant)?;
                    if let Some(key) = &grant.receipt_key {
                        receipt::meet_key(transaction, key, grant.server_at, false)?;
                    }
                    self.meet_server_clock(transaction, &grant)
                })?;
                Ok(grant.access_token)
            }
            Err(ApiError::Refused(body)) if ends_session(body.code) => {
                let reason = body.code.as_str().to_owned();
                self.write(|transaction| {
                    require_same_session(transaction, &request.refresh_token)?;
                    set_needs_sign_in(transaction, &reason)
                })?;
                tracing::warn!(code = reason, "the session is over; the queue waits for the person to sign in");
                Err(ClientError::SignedOut { reason })
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Stops when somebody signed in or out while the answer was on its way: it must not touch another session.
fn require_same_session(connection: &Connection, refresh_token: &str) -> Result<(), ClientError> {
    match session(connection)? {
        Some(present) if present.refresh_token == refresh_token => Ok(()),
        Some(_) | None => Err(ClientError::SignedOut { reason: "superseded".to_owned() }),
    }
}

/// Whether a refusal means that only the password helps. Anything else is tried again.
fn ends_session(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::TokenInvalid | ErrorCode::RefreshReused | ErrorCode::DeviceUnknown | ErrorCode::SignInFailed
    )
}
