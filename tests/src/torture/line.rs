//! A phone's road to the server: a TCP proxy on loopback that does whatever a bad road does.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU16, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

use super::exchange::Request;
use crate::simulation::rng::Rng;

/// What a hotel answers to everything.
const PORTAL: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 37\r\nconnection: close\r\n\r\n\
                        <html>Room number and surname</html>\n";

/// What becomes of a connection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Fate {
    /// Everything passes.
    Clear,
    /// Everything passes, in small pieces, late.
    Slow,
    /// Refused at the door.
    Refused,
    /// Reset after some bytes towards the server.
    ResetUp,
    /// Closed after some bytes towards the phone.
    TruncatedDown,
    /// Silent after some bytes towards the phone, then closed.
    Stalled,
    /// What the phone says arrives; no answer comes back.
    OneWay,
    /// Answered by somebody else.
    Portal,
    /// Every request arrives twice at once; the phone gets one of the answers.
    Doubled,
    /// Every request arrives, its answer is cut in half, and it arrives once more when the phone has gone on.
    Echoed,
    /// The request arrives in half.
    Halved,
}

const BAD: [(u64, Fate); 11] = [
    (3, Fate::Clear),
    (2, Fate::Slow),
    (1, Fate::Refused),
    (2, Fate::ResetUp),
    (2, Fate::TruncatedDown),
    (1, Fate::Stalled),
    (2, Fate::OneWay),
    (1, Fate::Portal),
    (3, Fate::Doubled),
    (3, Fate::Echoed),
    (1, Fate::Halved),
];

/// A road, shared by its connections.
#[derive(Clone)]
pub(super) struct Road {
    inner: Arc<Inner>,
}

struct Inner {
    at: SocketAddr,
    server_port: Arc<AtomicU16>,
    is_quiet: AtomicBool,
    state: Mutex<State>,
}

struct State {
    rng: Rng,
    /// Connections left in the present mood, and whether it is a bad one.
    mood: (u64, bool),
    fates: BTreeMap<Fate, u64>,
}

impl Road {
    /// Opens a road on a free port.
    ///
    /// # Errors
    /// When no port can be had.
    pub(super) async fn open(server_port: Arc<AtomicU16>, rng: Rng) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let state = State { rng, mood: (0, false), fates: BTreeMap::new() };
        let (at, is_quiet) = (listener.local_addr()?, AtomicBool::new(false));
        let road = Self { inner: Arc::new(Inner { at, server_port, is_quiet, state: Mutex::new(state) }) };
        tokio::spawn(road.clone().serve(listener));
        Ok(road)
    }

    /// Where the phone's end is.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.inner.at)
    }

    /// From here on everything passes.
    pub(super) fn calm(&self) {
        self.inner.is_quiet.store(true, Ordering::SeqCst);
    }

    /// How many connections met which fate.
    pub(super) fn fates(&self) -> BTreeMap<Fate, u64> {
        self.state().fates.clone()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve(self, listener: TcpListener) {
        loop {
            let Ok((phone, _)) = listener.accept().await else { continue };
            let road = self.clone();
            tokio::spawn(async move {
                let (fate, rng) = road.draw();
                // The road ends badly as often as not; only what it did to both sides counts.
                drop(road.carry(phone, fate, rng).await);
            });
        }
    }

    /// Good stretches and bad ones, each of a few connections.
    fn draw(&self) -> (Fate, Rng) {
        let mut state = self.state();
        if state.mood.0 == 0 {
            let is_bad = state.rng.chance(70);
            state.mood = (1 + state.rng.below(8), is_bad);
        }
        state.mood.0 -= 1;
        let is_clear = self.inner.is_quiet.load(Ordering::SeqCst) || !state.mood.1;
        let fate = if is_clear { None } else { state.rng.weighted(&BAD) }.unwrap_or(Fate::Clear);
        *state.fates.entry(fate).or_default() += 1;
        let label = state.rng.next();
        (fate, state.rng.fork(label))
    }

    fn server(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.inner.server_port.load(Ordering::SeqCst)))
    }

    async fn carry(&self, mut phone: TcpStream, fate: Fate, mut rng: Rng) -> anyhow::Result<()> {
        let some = |rng: &mut Rng| usize::try_from(rng.below(6_000)).unwrap_or(0);
        match fate {
            Fate::Refused => phone.set_zero_linger()?,
            Fate::Portal => {
                Request::read(&mut phone).await?;
                phone.write_all(PORTAL).await?;
            }
            Fate::Doubled => self.double(phone).await?,
            Fate::Echoed => self.echo(phone, rng).await?,
            Fate::Halved => {
                if let Some(request) = Request::read(&mut phone).await? {
                    let bytes = usize::try_from(rng.below(request.bytes() as u64)).unwrap_or(0);
                    request.ask_half(self.server(), bytes).await?;
                }
            }
            Fate::Clear => self.pass(phone, Limits::default()).await?,
            Fate::Slow => {
                let pause = Duration::from_millis(1 + rng.below(40));
                self.pass(phone, Limits { pause, ..Limits::default() }).await?;
            }
            Fate::ResetUp => self.pass(phone, Limits { up: some(&mut rng), ..Limits::default() }).await?,
            Fate::TruncatedDown => self.pass(phone, Limits { down: some(&mut rng), ..Limits::default() }).await?,
            Fate::Stalled | Fate::OneWay => {
                let down = if fate == Fate::OneWay { 0 } else { some(&mut rng) };
                let silence = Duration::from_millis(rng.below(2_500));
                self.pass(phone, Limits { down, silence, ..Limits::default() }).await?;
            }
        }
        Ok(())
    }

    /// Passes bytes both ways until a limit is reached or one side hangs up.
    async fn pass(&self, mut phone: TcpStream, limits: Limits) -> anyhow::Result<()> {
        let mut server = TcpStream::connect(self.server()).await?;
        let is_reset = limits.up != usize::MAX;
        {
            let (mut from_phone, mut to_phone) = phone.split();
            let (mut from_server, mut to_server) = server.split();
            let is_quiet = &self.inner.is_quiet;
            let up = pump(&mut from_phone, &mut to_server, limits.up, limits.pause, is_quiet);
            let down = async {
                let ended = pump(&mut from_server, &mut to_phone, limits.down, limits.pause, is_quiet).await;
                if ended.is_ok_and(|is_at_limit| is_at_limit) {
                    // The request is worked on meanwhile; its answer goes nowhere.
                    sleep(limits.silence).await;
                }
            };
            tokio::select! { _ = up => {}, () = down => {} }
        }
        if is_reset {
            phone.set_zero_linger()?;
            server.set_zero_linger()?;
        }
        Ok(())
    }

    async fn double(&self, mut phone: TcpStream) -> anyhow::Result<()> {
        while let Some(request) = Request::read(&mut phone).await? {
            let (one, two) = tokio::join!(request.ask(self.server()), request.ask(self.server()));
            let answer = one.or(two)?;
            phone.write_all(&answer).await?;
            // The answer says that the connection closes.
            phone.shutdown().await?;
        }
        Ok(())
    }

    async fn echo(&self, mut phone: TcpStream, mut rng: Rng) -> anyhow::Result<()> {
        let Some(request) = Request::read(&mut phone).await? else { return Ok(()) };
        let answer = request.ask(self.server()).await?;
        phone.write_all(&answer[..answer.len() / 2]).await?;
        drop(phone);
        sleep(Duration::from_millis(rng.below(1_500))).await;
        request.ask(self.server()).await?;
        Ok(())
    }
}

/// How far a connection goes.
#[derive(Clone, Copy)]
struct Limits {
    up: usize,
    down: usize,
    pause: Duration,
    silence: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { up: usize::MAX, down: usize::MAX, pause: Duration::ZERO, silence: Duration::ZERO }
    }
}

/// Passes bytes on; says whether it stopped at the limit.
async fn pump(
    from: &mut (impl AsyncReadExt + Unpin),
    to: &mut (impl AsyncWriteExt + Unpin),
    mut left: usize,
    pause: Duration,
    is_quiet: &AtomicBool,
) -> std::io::Result<bool> {
    let mut buffer = vec![0; if pause.is_zero() { 16 * 1024 } else { 1_000 }];
    loop {
        let read = timeout(Duration::from_mins(2), from.read(&mut buffer)).await??;
        if read == 0 {
            return Ok(false);
        }
        if !pause.is_zero() && !is_quiet.load(Ordering::SeqCst) {
            sleep(pause).await;
        }
        let passed = read.min(left);
        to.write_all(&buffer[..passed]).await?;
        left -= passed;
        if passed < read {
            return Ok(true);
        }
    }
}
