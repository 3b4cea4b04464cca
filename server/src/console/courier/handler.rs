//! `POST /console/courier` and `POST /console/courier/{hash}/retry`

use axum::{
    Form,
    body::{Body, Bytes},
    extract::{FromRequest, Multipart, Path, Request, rejection::FormRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::{StreamExt, stream};
use serde::Deserialize;
use storewalk_wire::{MAX_PARCEL_BYTES, ParcelFate};

use super::sips::{Progress, Sips};
use crate::{
    api::{Intake, SILENCE},
    console::{
        attention::{AttentionPage, handler::attention_page},
        desk::Desk,
        fault::Trouble,
        form::BadField,
        frame::{Notice, Tone},
        words::Words,
    },
    error::{ApiError, said},
    service::courier,
};

/// Largest form: a handful of parcels at once.
pub(in crate::console) const UPLOAD_LIMIT: usize = 8 * MAX_PARCEL_BYTES;

/// Takes parcels in.
pub(crate) async fn hand_in(desk: Desk, request: Request) -> Response {
    let handed = match opened(request).await {
        Ok((form, progress)) => take_all(&desk, form, &progress).await,
        Err(trouble) => Err(trouble),
    };
    answer(&desk, handed).await
}

/// The form of a request. What does not begin as such a form is refused before it is looked through for where one might
/// begin: that would keep all of it.
async fn opened(request: Request) -> Result<(Multipart, Progress), Trouble> {
    let (parts, body) = request.into_parts();
    let mut body = Intake::of(body, SILENCE);
    let begins = format!("--{}", boundary(&parts.headers).ok_or(BadField("form"))?);
    let mut first = Vec::new();
    while first.len() < begins.len() {
        let more = body.next().await.map_err(|_| BadField("form"))?;
        first.extend_from_slice(&more.ok_or(BadField("form"))?);
    }
    if !first.starts_with(begins.as_bytes()) {
        return Err(BadField("form").into());
    }
    let rest =
        stream::try_unfold(
            body,
            |mut body| async move { Ok::<_, ApiError>(body.next().await?.map(|bytes| (bytes, body))) },
        );
    let progress = Progress::default();
    let whole = Sips::of(stream::once(async { Ok(Bytes::from(first)) }).chain(rest), &progress);
    let form = Multipart::from_request(Request::from_parts(parts, Body::from_stream(whole)), &()).await;
    Ok((form.map_err(|_| BadField("form"))?, progress))
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let found = kind.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?;
    let name = found.trim_matches('"');
    // RFC 2046, 5.1.1: 70 characters at most.
    (!name.is_empty() && name.len() <= 70).then(|| name.to_owned())
}

/// What the form for another try sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RetryForm {
    /// Proves that the form came from a page of this session.
    form_token: String,
}

/// Tries a kept parcel again.
pub(crate) async fn retry(
    desk: Desk,
    Path(hash): Path<String>,
    form: Result<Form<RetryForm>, FormRejection>,
) -> Response {
    let tried = try_again(&desk, &hash, form).await;
    answer(&desk, tried).await
}

/// What became of what was handed in.
#[derive(Default)]
struct Handed {
    taken: usize,
    kept: usize,
    /// The first that was not accepted, and why.
    refused: Option<ApiError>,
}

impl Handed {
    fn count(&mut self, fate: ParcelFate) {
        match fate {
            ParcelFate::Taken => self.taken += 1,
            ParcelFate::Kept => self.kept += 1,
        }
    }

    fn notice(&self, words: &Words) -> Notice {
        if let Some(error) = &self.refused {
            let (text, next) = said(error.code, words.language());
            return Notice { tone: Tone::Bad, text: text.to_owned(), next: next.to_owned() };
        }
        let tone = if self.kept == 0 { Tone::Good } else { Tone::Warn };
        let next = if self.kept == 0 { String::new() } else { words.count("parcel.kept", self.kept) };
        Notice { tone, text: words.count("parcel.taken", self.taken), next }
    }
}

async fn take_all(desk: &Desk, mut form: Multipart, progress: &Progress) -> Result<Handed, Trouble> {
    let mut handed = Handed::default();
    let mut is_own = false;
    while let Some(mut field) = form.next_field().await.map_err(|_| BadField("form"))? {
        progress.note();
        let name = field.name().unwrap_or_default().to_owned();
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(|_| BadField("parcel"))? {
            progress.note();
            // One byte too many is enough to be refused for its size.
            let room = (MAX_PARCEL_BYTES + 1).saturating_sub(bytes.len());
            bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
        match name.as_str() {
            // It stands first in the form; nothing is looked at before it.
            "form_token" => {
                desk.check_form(&String::from_utf8_lossy(&bytes))?;
                is_own = true;
            }
            "parcel" if is_own => match courier::take(&desk.state, desk.user(), bytes).await {
                Ok(receipt) => handed.count(receipt.fate),
                Err(error) if error.code.as_str().starts_with("parcel") => handed.refused = Some(error),
                Err(error) => return Err(error.into()),
            },
            _ if !is_own => return Err(Trouble::StaleForm),
            _ => return Err(BadField("form").into()),
        }
    }
    if is_own { Ok(handed) } else { Err(Trouble::StaleForm) }
}

async fn try_again(desk: &Desk, hash: &str, form: Result<Form<RetryForm>, FormRejection>) -> Result<Handed, Trouble> {
    let Form(form) = form.map_err(|_| BadField("form"))?;
    desk.check_form(&form.form_token)?;
    let region = desk.region();
    let hash = hash.to_owned();
    // Only what the person may see may be tried.
    let found = desk
        .look_up(move |snapshot| {
            let shown = snapshot.kept_parcels(region.as_deref())?;
            Ok(shown.into_iter().find(|parcel| crate::auth::hex(&parcel.hash) == hash).map(|parcel| parcel.hash))
        })
        .await?;
    let hash = found.ok_or(Trouble::NotFound)?;
    let mut handed = Handed::default();
    handed.count(courier::retry(&desk.state, hash).await?);
    Ok(handed)
}

async fn answer(desk: &Desk, handed: Result<Handed, Trouble>) -> Response {
    let handed = match handed {
        Ok(handed) => handed,
        Err(trouble) => return desk.answer(Err::<AttentionPage, _>(trouble)),
    };
    let is_refused = handed.refused.is_some();
    let page = attention_page(desk, move |_, words| Ok(Some(handed.notice(words)))).await;
    let response = desk.answer(page);
    if is_refused { (StatusCode::UNPROCESSABLE_ENTITY, response).into_response() } else { response }
}
