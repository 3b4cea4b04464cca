//! `GET /photos/{id}/{variant}`: photo bytes for those who may see them, on a phone or at the console, by their token, their
//! session or a link of the last minutes. `GET /verdicts/{id}/reference`: how a photo should look. `POST /photos/{id}/{variant}/link` makes such a link.

use axum::{
    body::Body,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use storewalk_domain::{
    ids::{UserId, VerdictId},
    time::Timestamp,
};
use storewalk_wire::{ErrorCode, PhotoLink, Variant};

use super::{body::answer_json, upload::Place};
use crate::{
    auth::{DeviceAuth, console},
    error::ApiError,
    service::{
        photo::{Link, bearer_of_link, disk, reference_file, sign_link, visible_file},
        retention,
    },
    state::AppState,
    store::{Account, PhotoFile, ViewKind},
};

/// What a link says beside its path.
#[derive(Deserialize)]
pub(super) struct Said {
    person: UserId,
    until: i64,
    seal: String,
}

/// Makes a link to the bytes.
pub(super) async fn link(
    State(state): State<AppState>,
    Place(photo_id, variant): Place,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let account = viewer(&state, &headers).await?;
    let (Link { person, until, .. }, seal) = sign_link(&state, account, photo_id, variant).await?;
    let place = format!("/photos/{photo_id}/{}", variant.as_str());
    let path = format!("{place}?person={person}&until={}&seal={seal}", until.0);
    answer_json(&headers, PhotoLink { path, expires_at: until }).await
}

/// Sends the bytes.
pub(super) async fn show(
    State(state): State<AppState>,
    Place(photo_id, variant): Place,
    said: Result<Query<Said>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (account, ends) = match said {
        Ok(Query(Said { person, until, seal })) => {
            let link = Link { photo_id, variant, person, until: Timestamp(until) };
            (bearer_of_link(&state, link, &seal).await?, Some(Timestamp(until)))
        }
        // No link, or none of ours: a token or a session, then.
        Err(_) => (viewer(&state, &headers).await?, None),
    };
    let user = account.user_id;
    let file = state.store.read(move |snapshot| visible_file(snapshot, &account, photo_id, variant)).await?;
    // A picture that a page of the console only fetches ahead is shown to nobody yet, which is told apart but not passed
    // over: anybody can say so. Nothing else fetches ahead.
    let is_page = ends.is_none() && !headers.contains_key(header::AUTHORIZATION);
    let is_prefetch = headers.get("sec-purpose").is_some_and(|purpose| purpose.as_bytes().starts_with(b"prefetch"));
    if variant == Variant::Original {
        let kind = if is_page && is_prefetch { ViewKind::FileAhead } else { ViewKind::File };
        retention::note_view(&state, user, photo_id, kind).await;
    }
    let kept_for = kept_for(ends.map(|ends| ends.since_ms(state.now())));
    answer(&state, &headers, &file, kept_for).await
}

/// Sends the small picture of the photo that a verdict names as how it should look, to those to whom the verdict belongs:
/// the photo itself may be of another territory.
pub(super) async fn reference(
    State(state): State<AppState>,
    verdict_id: Result<Path<VerdictId>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let account = viewer(&state, &headers).await?;
    let Path(verdict_id) = verdict_id.map_err(|_| ErrorCode::NotFound)?;
    let file = state.store.read(move |snapshot| reference_file(snapshot, &account, verdict_id)).await?;
    // The right ends with the verdict.
    answer(&state, &headers, &file, HeaderValue::from_static("no-store")).await
}

async fn answer(
    state: &AppState,
    headers: &HeaderMap,
    file: &PhotoFile,
    kept_for: HeaderValue,
) -> Result<Response, ApiError> {
    let tag = format!("\"{}\"", file.sha256);
    let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let body = if is_known { None } else { Some(stream_of(state, file).await?) };
    let mut response = match body {
        None => StatusCode::NOT_MODIFIED.into_response(),
        Some(body) => body.into_response(),
    };
    let media_type = HeaderValue::from_str(&file.media_type);
    let media_type = media_type.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let fixed = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, kept_for),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("inline")),
        (header::VARY, HeaderValue::from_static("authorization, cookie")),
    ];
    response.headers_mut().extend(fixed);
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// How long whoever asked may keep the bytes, which never change: the right to see them is one person's, and what came by a
/// link ends with it, as there is nothing else by which one reader is told from the next.
fn kept_for(link_lasts_ms: Option<i64>) -> HeaderValue {
    let usual = HeaderValue::from_static("private, max-age=31536000, immutable");
    let Some(lasts_ms) = link_lasts_ms else { return usual };
    let text = format!("private, max-age={}", lasts_ms.max(0) / 1_000);
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("no-store"))
}

/// Who looks: the bearer of a token, or the person at the console.
async fn viewer(state: &AppState, headers: &HeaderMap) -> Result<Account, ApiError> {
    if headers.contains_key(header::AUTHORIZATION) {
        return Ok(DeviceAuth::of(state, headers).await?.account);
    }
    let session = console::current(state, headers).await?;
    session.map(|session| session.account).ok_or_else(|| ErrorCode::TokenInvalid.into())
}

async fn stream_of(state: &AppState, file: &PhotoFile) -> Result<Response, ApiError> {
    let opened = state.blobs.shelf().open(&file.sha256).await.map_err(disk)?;
    let Some(opened) = opened.filter(|opened| opened.size_bytes == file.size_bytes) else {
        tracing::error!(sha256 = file.sha256, "the bytes of a photo are missing");
        return Err(ErrorCode::Internal.into());
    };
    let length = HeaderValue::from(file.size_bytes);
    Ok(([(header::CONTENT_LENGTH, length)], Body::from_stream(opened.chunks)).into_response())
}
