//! Reading on after an answer that came early.
//!
//! **Purpose.** Some requests are refused before their body was read. A server that hangs up then makes the sender's system
//! throw the answer away together with the line: whoever still sends never learns why. So what nobody wants any more is read
//! and dropped, for a moment.
//!
//! **Non-goals.** Bodies that go on for longer: those are hung up on as ever.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::header,
    middleware::Next,
    response::Response,
};
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use tokio::runtime::Handle;

/// How long a body is read on.
const A_MOMENT: Duration = Duration::from_secs(1);

/// Most bytes that are dropped so.
const MOST: usize = 1024 * 1024;

/// Lets the body of a request outlive its handler.
pub(crate) async fn read_on(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    if head.headers.contains_key(header::EXPECT) {
        // Whoever waits to be asked for the body sends nothing that would have to be passed over; reading on would ask.
        return next.run(Request::from_parts(head, body)).await;
    }
    next.run(Request::from_parts(head, Body::new(Lingering(Some(body))))).await
}

/// A body; nothing once it has ended.
struct Lingering(Option<Body>);

impl HttpBody for Lingering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(body) = self.0.as_mut() else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(body).poll_frame(context));
        if !matches!(frame, Some(Ok(_))) {
            self.0 = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let rest = self.0.take().filter(|body| !body.is_end_stream());
        if let (Some(rest), Ok(runtime)) = (rest, Handle::try_current()) {
            runtime.spawn(tokio::time::timeout(A_MOMENT, pass_over(rest)));
        }
    }
}

/// Reads and drops, within bounds.
async fn pass_over(mut body: Body) {
    let mut left = MOST;
    while let Some(Ok(frame)) = body.frame().await {
        match left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use futures::stream;

    use super::*;

    const PIECE: usize = 64 * 1024;

    /// How many pieces are read of a body of so many that nobody wants.
    async fn read_of(pieces: usize) -> usize {
        let read = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&read);
        let pieces = (0..pieces).map(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            Ok::<_, io::Error>(Bytes::from(vec![7; PIECE]))
        });
        drop(Lingering(Some(Body::from_stream(stream::iter(pieces)))));
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        read.load(Ordering::SeqCst)
    }

    #[tokio::test]
    async fn what_nobody_wants_any_more_is_read_to_its_end_or_to_the_bound() {
        assert_eq!(read_of(3).await, 3);
        assert_eq!(read_of(1_000).await, MOST / PIECE + 1);
    }
}
