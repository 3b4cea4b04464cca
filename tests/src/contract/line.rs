//! The line between phones and the server: a TCP proxy on loopback that passes, holds or cuts, as told.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};

/// How long [`Line::held`] waits for a request.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the line does with what phones send.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// Everything passes.
    Up,
    /// What phones send waits until the line is up again.
    Held,
    /// Connections end at once.
    Down,
}

/// The line.
pub(super) struct Line {
    at: SocketAddr,
    inner: Arc<Inner>,
}

struct Inner {
    server: SocketAddr,
    state: watch::Sender<State>,
    /// How many pieces wait.
    waiting: watch::Sender<usize>,
}

impl Line {
    /// Opens a line to `server` on a free port; it is up.
    ///
    /// # Errors
    /// When no port can be had.
    pub(super) async fn open(server: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let at = listener.local_addr()?;
        let inner = Arc::new(Inner { server, state: watch::Sender::new(State::Up), waiting: watch::Sender::new(0) });
        tokio::spawn(accept(listener, inner.clone()));
        Ok(Self { at, inner })
    }

    /// Where the phones' end is.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.at)
    }

    /// Lets the line be so from here on.
    pub(super) fn set(&self, state: State) {
        self.inner.state.send_replace(state);
    }

    /// Resolves when something is being held.
    ///
    /// # Errors
    /// When nothing came for ten seconds.
    pub(super) async fn held(&self) -> anyhow::Result<()> {
        let mut waiting = self.inner.waiting.subscribe();
        timeout(PATIENCE, waiting.wait_for(|count| *count > 0)).await.context("nothing came to be held")??;
        Ok(())
    }
}

async fn accept(listener: TcpListener, line: Arc<Inner>) {
    while let Ok((phone, _)) = listener.accept().await {
        tokio::spawn(connect(phone, line.clone()));
    }
}

/// One connection, from its first byte until either side ends it or the line goes down.
async fn connect(phone: TcpStream, line: Arc<Inner>) {
    let mut state = line.state.subscribe();
    if *state.borrow_and_update() == State::Down {
        return;
    }
    let Ok(server) = TcpStream::connect(line.server).await else { return };
    let ((from_phone, to_phone), (from_server, to_server)) = (phone.into_split(), server.into_split());
    tokio::select! {
        () = upward(from_phone, to_server, &line) => {}
        () = downward(from_server, to_phone) => {}
        _ = state.wait_for(|state| *state == State::Down) => {}
    }
}

async fn upward(mut phone: impl AsyncRead + Unpin, mut server: impl AsyncWrite + Unpin, line: &Inner) {
    let mut piece = vec![0_u8; 16 * 1024];
    let mut state = line.state.subscribe();
    while let Ok(read @ 1..) = phone.read(&mut piece).await {
        if *state.borrow_and_update() != State::Up {
            let _counted = Waiting::at(line);
            if state.wait_for(|state| *state == State::Up).await.is_err() {
                return;
            }
        }
        if server.write_all(&piece[..read]).await.is_err() {
            return;
        }
    }
}

async fn downward(mut server: impl AsyncRead + Unpin, mut phone: impl AsyncWrite + Unpin) {
    // An error ends the connection, and that is all there is to do about it.
    let _ = tokio::io::copy(&mut server, &mut phone).await;
}

/// Counts one waiting piece for as long as it lives, however the wait ends.
struct Waiting<'l>(&'l Inner);

impl<'l> Waiting<'l> {
    fn at(line: &'l Inner) -> Self {
        line.waiting.send_modify(|count| *count += 1);
        Self(line)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.send_modify(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that sends back what it gets, and a line to it.
    async fn echo() -> Line {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let at = listener.local_addr().expect("it is bound");
        tokio::spawn(async move {
            while let Ok((mut caller, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = caller.split();
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        Line::open(at).await.expect("a free port")
    }

    #[tokio::test]
    async fn what_is_held_arrives_when_the_line_is_up_again() {
        let line = echo().await;
        let mut phone = TcpStream::connect(line.at).await.expect("the line is open");
        line.set(State::Held);
        phone.write_all(b"hello").await.expect("the line takes it");
        line.held().await.expect("it waits on the way");
        line.set(State::Up);
        let mut answer = [0_u8; 5];
        phone.read_exact(&mut answer).await.expect("it arrived");
        assert_eq!(&answer, b"hello");
        assert_eq!(*line.inner.waiting.borrow(), 0);
    }

    #[tokio::test]
    async fn a_line_that_is_cut_ends_open_connections_and_refuses_new_ones() {
        let line = echo().await;
        let mut open = TcpStream::connect(line.at).await.expect("the line is open");
        open.write_all(b"x").await.expect("the line takes it");
        let mut answer = [0_u8; 1];
        open.read_exact(&mut answer).await.expect("it passes");
        line.set(State::Down);
        assert_ne!(open.read(&mut answer).await.unwrap_or(0), 1, "it has ended");
        let mut fresh = TcpStream::connect(line.at).await.expect("the port is still there");
        assert_ne!(fresh.read(&mut answer).await.unwrap_or(0), 1, "nobody answers");
    }
}
