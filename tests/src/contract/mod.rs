//! The server that the contract tests of the bindings talk to: one process, the demo world, a line that can be held or
//! cut, and a supervisor who does as told. The same for Kotlin, Swift and Python.
//!
//! Standard output: first a line with the address, then one answer for each order: `ok`, or `no` and why.
//! Standard input: one order a line; the end of input ends the server.
//!
//! | order | what it does |
//! |---|---|
//! | `clock 2025-03-14T08:40` | sets the server's clock; phones that sign in or sync follow it |
//! | `line up` | phones reach the server; what was held goes on its way |
//! | `line held` | what phones send waits on the way; nothing is answered |
//! | `line down` | connections end at once and new ones with them |
//! | `await held` | answers when a request is being held, at the latest after ten seconds |
//! | `reject PHOTO REASON NOTE` | the supervisor rejects a photo, with a pin at 31.5 / 42 percent |
//! | `reject PHOTO REASON like PHOTO NOTE` | the same with a photo that shows how it should look |
//! | `approve PHOTO` | the supervisor approves a photo |
//!
//! The clock stands at 2025-03-14 07:00 when the server starts: a Friday with eight planned calls for `liwen`.
//!
//! **Map.** `line` is the line; `order` is what standard input can say.

mod line;
mod order;

use std::{io::Write, path::Path, sync::Arc};

use anyhow::Context;
use storewalk_server::serve_on;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    sync::Notify,
};

use self::{line::Line, order::Order};
use crate::{
    demo::{clock::SetClock, console::Console, server},
    world,
};

/// Who can be told to do what.
struct Stage {
    clock: Arc<SetClock>,
    line: Line,
    /// Where the server itself listens, beside the line.
    url: String,
}

/// Serves the demo world from `dir` until standard input ends.
///
/// # Errors
/// When the folder or a socket cannot be used.
pub async fn serve(dir: &Path) -> anyhow::Result<()> {
    let clock = Arc::new(SetClock::at(world::at("2025-03-14T07:00")));
    let state = server::open(dir, clock.clone()).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await.context("listen")?;
    let at = listener.local_addr()?;
    let show = Stage { clock, line: Line::open(at).await?, url: format!("http://{at}") };
    say(&show.line.url())?;
    let over = Arc::new(Notify::new());
    let stop = over.clone();
    let serving = tokio::spawn(serve_on(listener, state, async move { stop.notified().await }));
    show.obey().await?;
    over.notify_one();
    serving.await?.context("serve")
}

impl Stage {
    async fn obey(&self) -> anyhow::Result<()> {
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        while let Ok(Some(text)) = lines.next_line().await {
            let done = match Order::parse(&text) {
                Ok(order) => self.carry_out(order).await,
                Err(why) => Err(why),
            };
            match done {
                Ok(()) => say("ok")?,
                Err(why) => say(&format!("no {}", format!("{why:#}").replace('\n', " ")))?,
            }
        }
        Ok(())
    }

    async fn carry_out(&self, order: Order) -> anyhow::Result<()> {
        match order {
            Order::Clock(to) => self.clock.set(to),
            Order::Line(state) => self.line.set(state),
            Order::AwaitHeld => self.line.held().await?,
            Order::Reject { photo, reason, note, reference } => {
                self.supervisor().await?.reject(photo, &reason, &note, ("31.5", "42"), reference).await?;
            }
            Order::Approve { photo } => self.supervisor().await?.approve(photo).await?,
        }
        Ok(())
    }

    async fn supervisor(&self) -> anyhow::Result<Console> {
        Console::sign_in(&self.url, "zhaomin", world::PASSWORD).await
    }
}

fn say(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{line}")?;
    out.flush()
}
