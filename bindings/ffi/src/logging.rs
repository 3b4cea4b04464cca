//! The core's log, handed to the host line by line.
//!
//! **Invariants.** A line carries no name, text or token of a person. A sink that itself causes a line is not called for
//! that one. There is one sink for the process, as the log is one.

use std::{
    cell::Cell,
    fmt::Write as _,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU8, Ordering},
    },
};

use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use crate::PlatformError;

/// How much a line matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, uniffi::Enum)]
pub enum LogLevel {
    /// Something went wrong.
    Error,
    /// Something is odd.
    Warn,
    /// Something noteworthy happened.
    Info,
    /// Steps on the way.
    Debug,
}

/// Takes lines of the log.
#[uniffi::export(foreign)]
pub trait LogSink: Send + Sync {
    /// A line, from the part of the core named by `target`. Called in the middle of the work that it tells of, which may
    /// hold the database: it notes the line and returns, and never waits for the core.
    ///
    /// # Errors
    /// Passed over.
    fn log(&self, level: LogLevel, target: String, line: String) -> Result<(), PlatformError>;
}

static SINK: RwLock<Option<Arc<dyn LogSink>>> = RwLock::new(None);
static MOST: AtomicU8 = AtomicU8::new(LogLevel::Info as u8);

thread_local! {
    static IS_LOGGING: Cell<bool> = const { Cell::new(false) };
}

/// Hands the log to a sink, up to a level; nothing takes the sink away. Says whether the log is ours to hand over: in a
/// process that has set up `tracing` by itself it is not.
#[uniffi::export]
pub fn set_log_sink(sink: Option<Arc<dyn LogSink>>, most: LogLevel) -> bool {
    MOST.store(most as u8, Ordering::Relaxed);
    let before = std::mem::replace(&mut *SINK.write().unwrap_or_else(PoisonError::into_inner), sink);
    drop(before);
    tracing::callsite::rebuild_interest_cache();
    tracing::subscriber::set_global_default(Hander).is_ok()
        || tracing::dispatcher::get_default(tracing::Dispatch::is::<Hander>)
}

/// Hands events on; spans are not kept.
struct Hander;

impl Subscriber for Hander {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        level_of(*metadata.level()).is_some_and(|level| level as u8 <= MOST.load(Ordering::Relaxed))
    }

    fn register_callsite(&self, _: &'static Metadata<'static>) -> tracing::subscriber::Interest {
        // The level may be changed at any time.
        tracing::subscriber::Interest::sometimes()
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let Some(level) = level_of(*event.metadata().level()) else { return };
        let Some(sink) = SINK.read().unwrap_or_else(PoisonError::into_inner).clone() else { return };
        if IS_LOGGING.replace(true) {
            return;
        }
        let mut line = Line::default();
        event.record(&mut line);
        // There is nobody to tell that a line could not be told.
        let _ = sink.log(level, event.metadata().target().to_owned(), line.0);
        IS_LOGGING.set(false);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

fn level_of(level: Level) -> Option<LogLevel> {
    match level {
        Level::ERROR => Some(LogLevel::Error),
        Level::WARN => Some(LogLevel::Warn),
        Level::INFO => Some(LogLevel::Info),
        Level::DEBUG => Some(LogLevel::Debug),
        _ => None,
    }
}

/// The words of an event and its fields, in one line.
#[derive(Default)]
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let space = if self.0.is_empty() { "" } else { " " };
        // Writing to a string cannot fail.
        let _ = match field.name() {
            "message" => write!(self.0, "{space}{value:?}"),
            name => write!(self.0, "{space}{name}={value:?}"),
        };
    }
}
