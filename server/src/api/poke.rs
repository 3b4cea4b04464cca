//! `GET /poke`: server-sent events that say how far the person's buckets have come, and nothing of what is in them.
//!
//! Each event is `data: {"org":12}`: the heads that moved; the first holds them all. A comment shows every now and then
//! that the line lives. The right to listen is looked at before everything that is sent: the stream ends when the
//! session does, or when the person's buckets are others; the phone comes again and is told anew.

use std::convert::Infallible;

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::stream;
use storewalk_domain::sync::Bucket;
use tokio::sync::broadcast::error::RecvError;

use crate::{
    auth::DeviceAuth,
    error::ApiError,
    service::pokes::{Heads, Listener},
    state::AppState,
    store::{StoreError, StoreRead},
};

/// What shows that the line lives.
const HEARTBEAT: &[u8] = b":\n\n";

/// Opens the stream.
pub(super) async fn listen(State(state): State<AppState>, sender: DeviceAuth) -> Result<Response, ApiError> {
    let listener = state.pokes.listen(&state.store, sender.device.id).ok_or_else(|| state.line.later(&state))?;
    let stream =
        Stream { scope: sender.account.buckets(), state, sender, listener, told: Heads::new(), is_first: true };
    let events = stream::unfold(stream, |mut stream| async move {
        let event = stream.next().await?;
        Some((Ok::<_, Infallible>(event), stream))
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // Asks proxies not to hold events back.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, Body::from_stream(events)).into_response())
}

struct Stream {
    state: AppState,
    sender: DeviceAuth,
    scope: Vec<Bucket>,
    listener: Listener,
    /// What it has said.
    told: Heads,
    is_first: bool,
}

/// Why a stream speaks.
enum Turn {
    /// These buckets moved.
    Moved(Vec<Bucket>),
    /// It has been silent for long.
    Silent,
    /// It is over.
    Over,
}

impl Stream {
    /// The next piece of the body; `None` at its end.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let (moved, is_silent) = match self.turn().await {
                Turn::Over => return None,
                Turn::Silent => (Vec::new(), true),
                Turn::Moved(moved) => (moved, false),
            };
            let mut heads = self.heads(moved).await?;
            heads.retain(|bucket, head| self.told.get(bucket) != Some(head));
            if heads.is_empty() && !is_silent {
                // It was told before it was broadcast.
                continue;
            }
            if heads.is_empty() {
                return Some(Bytes::from_static(HEARTBEAT));
            }
            let json = serde_json::to_string(&heads).ok()?;
            self.told.extend(heads);
            return Some(Bytes::from(format!("data: {json}\n\n")));
        }
    }

    async fn turn(&mut self) -> Turn {
        if std::mem::take(&mut self.is_first) {
            return Turn::Moved(self.scope.clone());
        }
        let silence = tokio::time::sleep(self.state.pokes.pace().heartbeat);
        tokio::pin!(silence);
        loop {
            tokio::select! {
                biased;
                _ = &mut self.listener.replaced => return Turn::Over,
                // An error means that nobody can close it any more: the server is gone.
                _ = self.listener.closing.wait_for(|is_closing| *is_closing) => return Turn::Over,
                () = &mut silence => return Turn::Silent,
                moved = self.listener.moved.recv() => match moved {
                    Ok(heads) => {
                        let moved: Vec<Bucket> =
                            self.scope.iter().filter(|bucket| heads.contains_key(bucket)).cloned().collect();
                        if !moved.is_empty() {
                            return Turn::Moved(moved);
                        }
                    }
                    Err(RecvError::Lagged(_)) => return Turn::Moved(self.scope.clone()),
                    Err(RecvError::Closed) => return Turn::Over,
                },
            }
        }
    }

    /// The heads of some buckets now; `None` when the person may not listen any more.
    async fn heads(&self, buckets: Vec<Bucket>) -> Option<Heads> {
        let (sender, scope) = (self.sender.clone(), self.scope.clone());
        let read = self.state.store.read(move |snapshot| {
            if !may_listen(snapshot, &sender, &scope)? {
                return Ok(None);
            }
            let mut heads = Heads::new();
            for bucket in buckets {
                if let Some(head) = snapshot.bucket_head(&bucket)? {
                    heads.insert(bucket, head.head);
                }
            }
            Ok::<_, StoreError>(Some(heads))
        });
        read.await.unwrap_or_else(|error| {
            tracing::warn!(error = %error, "a stream of pokes was ended");
            None
        })
    }
}

/// Whether session, device and account stand, and the person's buckets are those the stream began with.
fn may_listen(snapshot: &dyn StoreRead, sender: &DeviceAuth, scope: &[Bucket]) -> Result<bool, StoreError> {
    let session = snapshot.session(sender.session_id)?.filter(|session| session.revoked_at.is_none());
    let device = snapshot.device(sender.device.id)?.filter(|device| !device.is_revoked);
    let account = snapshot.account(sender.account.user_id)?.filter(|account| !account.is_disabled);
    let has_scope = account.is_some_and(|account| account.buckets() == scope);
    Ok(session.is_some() && device.is_some() && has_scope)
}
