//! A body that is given out in sips: the reader of the form behind it takes whatever it is given and keeps it until it
//! has found the end of what it looks for, so it is given one frame at a time, and no more than so much without anything
//! coming of it.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use axum::body::Bytes;
use futures::Stream;

/// Most bytes without a field or a piece of one coming of them: beyond any head of a field.
const MOST_IN_VAIN: usize = 256 * 1024;

/// Says that something came of what was given.
#[derive(Clone, Default)]
pub(super) struct Progress(Arc<AtomicUsize>);

impl Progress {
    /// A field, or a piece of one, was read.
    pub(super) fn note(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// A body in sips.
pub(super) struct Sips<S> {
    frames: Pin<Box<S>>,
    in_vain: Progress,
    must_pause: bool,
}

impl<S> Sips<S> {
    /// Gives out the frames of a body.
    pub(super) fn of(frames: S, progress: &Progress) -> Self {
        Self { frames: Box::pin(frames), in_vain: progress.clone(), must_pause: false }
    }
}

/// The form has no shape that could be read.
#[derive(Debug, thiserror::Error)]
#[error("{MOST_IN_VAIN} bytes without a field")]
pub(super) struct Shapeless;

impl<S, E> Stream for Sips<S>
where
    S: Stream<Item = Result<Bytes, E>>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Item = Result<Bytes, Box<dyn std::error::Error + Send + Sync>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.must_pause) {
            // Time for the reader to look at what it has.
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let next = self.frames.as_mut().poll_next(cx);
        if let Poll::Ready(Some(Ok(frame))) = &next {
            self.must_pause = true;
            let before = self.in_vain.0.fetch_add(frame.len(), Ordering::Relaxed);
            if before > MOST_IN_VAIN {
                return Poll::Ready(Some(Err(Shapeless.into())));
            }
        }
        next.map(|item| item.map(|frame| frame.map_err(Into::into)))
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        body::Body,
        extract::{FromRequest, Multipart, Request},
    };
    use futures::{StreamExt, stream};

    use super::*;

    const FRAME: usize = 16 * 1024;

    /// The form of a body; counts the frames that were asked for.
    async fn form(beginning: &str, frames: usize, asked: &Arc<AtomicUsize>, progress: &Progress) -> Multipart {
        let asked = Arc::clone(asked);
        let rest = stream::iter((0..frames).map(move |_| {
            asked.fetch_add(1, Ordering::Relaxed);
            Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; FRAME]))
        }));
        let first = stream::iter([Ok(Bytes::copy_from_slice(beginning.as_bytes()))]);
        let body = Body::from_stream(Sips::of(first.chain(rest), progress));
        let request = Request::builder().header("content-type", "multipart/form-data; boundary=B").body(body);
        Multipart::from_request(request.expect("a request"), &()).await.expect("a form")
    }

    #[tokio::test]
    async fn a_field_whose_head_never_ends_is_given_up_early() {
        let (asked, progress) = (Arc::default(), Progress::default());
        let mut form = form("--B\r\nx: ", 1_000, &asked, &progress).await;
        assert!(form.next_field().await.is_err());
        assert!(asked.load(Ordering::Relaxed) <= MOST_IN_VAIN / FRAME + 2, "{asked:?}");
    }

    #[tokio::test]
    async fn a_field_is_given_a_frame_at_a_time_however_large_it_is() {
        let (asked, progress) = (Arc::default(), Progress::default());
        let head = "--B\r\ncontent-disposition: form-data; name=\"parcel\"\r\n\r\n";
        let mut form = form(head, 100, &asked, &progress).await;
        let mut field = form.next_field().await.expect("a form").expect("a field");
        let mut bytes = 0;
        // It ends without its last line, which is an error then and not before.
        while let Ok(Some(chunk)) = field.chunk().await {
            progress.note();
            bytes += chunk.len();
            assert!(asked.load(Ordering::Relaxed) * FRAME <= bytes + 2 * FRAME, "{asked:?} frames for {bytes} bytes");
        }
        assert!(bytes > 90 * FRAME, "{bytes}");
    }
}
