//! A body on its way in, and how long it may take.
//!
//! **Purpose.** A line that says nothing is hung up on after a while; one that says a byte every now and then would hold
//! its request for ever. So a body must also come on at a least pace, reckoned from its first byte: half of the slowest
//! line that is promised anything, 64 kbit/s. Only the time spent waiting for the line counts; what the server itself
//! takes does not.
//!
//! **Non-goals.** How many bodies come in at once is not decided here.

use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;
use storewalk_wire::ErrorCode;
use tokio::time::{Instant, timeout};

use crate::error::ApiError;

/// How long a body may stay silent.
pub(crate) const SILENCE: Duration = Duration::from_secs(30);

/// Least pace of a body in bytes a second: half of 64 kbit/s.
const LEAST_PACE: u64 = 4_000;

/// What any body may take on top of that: a line that gathers itself, a last bit of a photo.
const GRACE: Duration = Duration::from_mins(1);

/// How long a body may be waited for.
#[derive(Clone, Copy, Debug)]
struct Patience {
    silence: Duration,
    grace: Duration,
    /// Waited so far.
    waited: Duration,
    /// Arrived so far.
    bytes: u64,
}

impl Patience {
    /// How long the next bytes may take; nothing when the body has been too slow as a whole.
    fn left(&self) -> Option<Duration> {
        let allowed = self.grace + Duration::from_millis(self.bytes.saturating_mul(1_000) / LEAST_PACE);
        let left = allowed.checked_sub(self.waited).filter(|left| !left.is_zero())?;
        Some(left.min(self.silence))
    }

    /// Why the wait for the next bytes has ended without any.
    fn fault(&self) -> ApiError {
        let detail = match self.left() {
            Some(_) => format!("silent for {} s", self.silence.as_secs()),
            None => format!("at least {LEAST_PACE} bytes a second after the first {} s", self.grace.as_secs()),
        };
        ApiError::new(ErrorCode::BodyTooSlow).at("body").detail(detail)
    }
}

/// Takes a body in.
pub(crate) struct Intake {
    body: Body,
    patience: Patience,
}

impl Intake {
    /// Of a body that may be silent for so long.
    pub(crate) fn of(body: Body, silence: Duration) -> Self {
        Self { body, patience: Patience { silence, grace: GRACE, waited: Duration::ZERO, bytes: 0 } }
    }

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// When the line breaks, falls silent or is too slow as a whole.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        loop {
            let wait = self.patience.left().ok_or_else(|| self.patience.fault())?;
            let began = Instant::now();
            let frame = timeout(wait, self.body.frame()).await;
            // A timer may be a little early.
            self.patience.waited += if frame.is_ok() { began.elapsed() } else { wait };
            let frame = frame.map_err(|_| self.patience.fault())?;
            match frame.transpose().map_err(|_| cut_short())? {
                None => return Ok(None),
                Some(frame) => {
                    if let Ok(bytes) = frame.into_data() {
                        self.patience.bytes = self.patience.bytes.saturating_add(bytes.len() as u64);
                        return Ok(Some(bytes));
                    }
                }
            }
        }
    }
}

fn cut_short() -> ApiError {
    ApiError::new(ErrorCode::RequestMalformed).at("body").detail("the body was cut short")
}

#[cfg(test)]
mod tests {
    use futures::{StreamExt, stream};

    use super::*;

    fn patience() -> Patience {
        Intake::of(Body::empty(), SILENCE).patience
    }

    /// Plays a line that brings `bytes` every `every_ms` until `whole` are there; says how many came before it was cut.
    fn play(bytes: u64, every_ms: u64, whole: u64) -> Result<u64, (u64, String)> {
        let (mut patience, every) = (patience(), Duration::from_millis(every_ms));
        while patience.bytes < whole {
            match patience.left() {
                Some(left) if every < left => patience.waited += every,
                left => {
                    patience.waited += left.unwrap_or_default();
                    return Err((patience.bytes, patience.fault().to_string()));
                }
            }
            patience.bytes += bytes;
        }
        Ok(patience.bytes)
    }

    #[test]
    fn a_body_that_trickles_is_cut_however_long_it_goes_on() {
        let (came, said) = play(1, 29_000, 1_000_000).expect_err("a byte each 29 s");
        assert_eq!(came, 2, "a minute at most");
        assert!(said.contains("4000 bytes a second"), "{said}");
        let (came, _) = play(1_000, 1_000, 4 << 20).expect_err("a quarter of the pace");
        assert!((75_000..=85_000).contains(&came), "{came}");
        let (came, said) = play(1, 31_000, 10).expect_err("nothing at all");
        assert!(came == 0 && said.contains("silent for 30 s"), "silence is told from slowness: {said}");
    }

    #[test]
    fn the_slowest_line_that_is_promised_anything_brings_the_largest_body() {
        let whole = storewalk_wire::MAX_BATCH_BYTES as u64;
        assert!(play(8_000, 1_000, whole).is_ok(), "64 kbit/s");
        assert!(play(64_000, 10_000, whole).is_ok(), "in bursts");
        assert!(play(4_100, 1_000, whole).is_ok(), "half of it lost");
    }

    #[tokio::test]
    async fn a_line_that_stops_half_way_is_hung_up_on() {
        let frames = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"{"))]).chain(stream::pending());
        let mut intake = Intake::of(Body::from_stream(frames), SILENCE);
        // As if a minute had gone by with this one byte.
        intake.patience.waited = GRACE.saturating_sub(Duration::from_millis(1));
        assert_eq!(intake.next().await.expect("a byte").as_deref(), Some(&b"{"[..]));
        let fault = intake.next().await.expect_err("nothing more comes");
        assert_eq!((fault.code, fault.at.as_str()), (ErrorCode::BodyTooSlow, "body"));
    }
}
