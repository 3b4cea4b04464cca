//! Logs: text for people or JSON for machines, on standard error. No personal data: handlers log ids of requests,
//! counts, codes and durations.

use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{LogFormat, LogSection};

/// Starts writing logs; does nothing when the host process already writes them its own way.
///
/// # Errors
/// When the filter cannot be read.
pub fn start(settings: &LogSection) -> Result<(), tracing_subscriber::filter::ParseError> {
    let filter = EnvFilter::builder().parse(&settings.filter)?;
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match settings.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    drop(started);
    Ok(())
}
