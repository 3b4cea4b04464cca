//! A line to the server that dies again and again, as in a lift: after so many bytes towards the server it carries nothing
//! any more. The phone notices; the server hears nothing at all and keeps the connection.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Bytes on the air at once: what a cut loses.
const ON_THE_AIR: usize = 4 * 1024;

/// The line.
#[derive(Clone)]
pub(super) struct Lift {
    inner: Arc<Inner>,
}

struct Inner {
    server: SocketAddr,
    /// Bytes towards the server between two cuts.
    between_cuts: u64,
    /// Bytes until the next cut.
    left: AtomicU64,
    sent: AtomicU64,
    cuts: AtomicU64,
    /// The server's ends of dead lines.
    dead: Mutex<Vec<TcpStream>>,
}

impl Lift {
    /// Opens a line to a server; gives where the phone's end is.
    pub(super) async fn open(server: SocketAddr, between_cuts: u64) -> std::io::Result<(Self, String)> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (left, sent, cuts) = (AtomicU64::new(between_cuts), AtomicU64::new(0), AtomicU64::new(0));
        let inner = Inner { server, between_cuts, left, sent, cuts, dead: Mutex::default() };
        let line = Self { inner: Arc::new(inner) };
        tokio::spawn(line.clone().serve(listener));
        Ok((line, url))
    }

    /// Bytes that the phone gave the line, lost ones included, and how often it died.
    pub(super) fn carried(&self) -> (u64, u64) {
        (self.inner.sent.load(Ordering::SeqCst), self.inner.cuts.load(Ordering::SeqCst))
    }

    async fn serve(self, listener: TcpListener) {
        while let Ok((phone, _)) = listener.accept().await {
            let line = self.clone();
            tokio::spawn(async move { drop(line.carry(phone).await) });
        }
    }

    async fn carry(&self, mut phone: TcpStream) -> std::io::Result<()> {
        let mut server = TcpStream::connect(self.inner.server).await?;
        // What is on the air is what this line says; the systems at its ends must not hold back more of it.
        server.set_nodelay(true)?;
        let (mut up, mut down) = (vec![0; ON_THE_AIR], vec![0; 64 * 1024]);
        loop {
            tokio::select! {
                read = phone.read(&mut up) => {
                    let count = read?;
                    if count == 0 {
                        return Ok(());
                    }
                    self.inner.sent.fetch_add(count as u64, Ordering::SeqCst);
                    let passed = self.inner.left.load(Ordering::SeqCst).min(count as u64);
                    let is_cut = passed < count as u64;
                    let left = if is_cut { self.inner.between_cuts } else { self.inner.left.load(Ordering::SeqCst) - passed };
                    self.inner.left.store(left, Ordering::SeqCst);
                    server.write_all(&up[..usize::try_from(passed).unwrap_or(0)]).await?;
                    if is_cut {
                        self.inner.cuts.fetch_add(1, Ordering::SeqCst);
                        self.inner.dead.lock().unwrap_or_else(PoisonError::into_inner).push(server);
                        return Ok(());
                    }
                }
                read = server.read(&mut down) => {
                    let count = read?;
                    if count == 0 {
                        return Ok(());
                    }
                    phone.write_all(&down[..count]).await?;
                }
            }
        }
    }
}
