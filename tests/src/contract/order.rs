//! What standard input can tell the contract server.

use anyhow::{Context, bail};
use storewalk_domain::{ids::PhotoId, time::Timestamp};

use super::line::State;

/// One order.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Order {
    /// Set the server's clock.
    Clock(Timestamp),
    /// Let the line be so.
    Line(State),
    /// Answer when a request is being held.
    AwaitHeld,
    /// Reject a photo.
    Reject {
        /// Which.
        photo: PhotoId,
        /// Handbook code.
        reason: String,
        /// In the supervisor's words.
        note: String,
        /// A photo that shows how it should look.
        reference: Option<PhotoId>,
    },
    /// Approve a photo.
    Approve {
        /// Which.
        photo: PhotoId,
    },
}

impl Order {
    /// Reads one line.
    ///
    /// # Errors
    /// When it is no order.
    pub(super) fn parse(line: &str) -> anyhow::Result<Self> {
        let words: Vec<&str> = line.split_whitespace().collect();
        Ok(match words.as_slice() {
            ["clock", local] => Self::Clock(instant(local)?),
            ["line", "up"] => Self::Line(State::Up),
            ["line", "held"] => Self::Line(State::Held),
            ["line", "down"] => Self::Line(State::Down),
            ["await", "held"] => Self::AwaitHeld,
            ["reject", photo, reason, "like", reference, note @ ..] => {
                Self::reject(photo, reason, note, Some(photo_id(reference)?))?
            }
            ["reject", photo, reason, note @ ..] => Self::reject(photo, reason, note, None)?,
            ["approve", photo] => Self::Approve { photo: photo_id(photo)? },
            _ => bail!("`{line}` is no order"),
        })
    }

    fn reject(photo: &str, reason: &str, note: &[&str], reference: Option<PhotoId>) -> anyhow::Result<Self> {
        Ok(Self::Reject { photo: photo_id(photo)?, reason: reason.to_owned(), note: note.join(" "), reference })
    }
}

/// An instant of the demo's calendar. The seconds keep clocks that differ by milliseconds on one side of a minute.
fn instant(local: &str) -> anyhow::Result<Timestamp> {
    let at = Timestamp::parse(&format!("{local}:00+08:00"));
    Ok(at.with_context(|| format!("`{local}` is no instant like 2025-03-14T08:40"))?.plus_ms(20_000))
}

fn photo_id(text: &str) -> anyhow::Result<PhotoId> {
    text.parse().map(PhotoId).with_context(|| format!("`{text}` is no id of a photo"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_may_have_many_words_and_an_unknown_order_is_named() {
        let photo = "01890a5d-ac96-774b-bcce-b302099a8057";
        let order = Order::parse(&format!("reject {photo} empty_slot 第二层 空了")).expect("it is an order");
        let Order::Reject { note, reference, .. } = order else { panic!("it rejects") };
        assert_eq!((note.as_str(), reference), ("第二层 空了", None));
        let order = Order::parse(&format!("reject {photo} empty_slot like {photo} 空了")).expect("it is an order");
        let Order::Reject { note, reference, .. } = order else { panic!("it rejects") };
        assert_eq!((note.as_str(), reference), ("空了", photo_id(photo).ok()));
        assert_eq!(Order::parse("line held").ok(), Some(Order::Line(State::Held)));
        assert!(Order::parse("dance").expect_err("no order").to_string().contains("dance"));
        assert!(Order::parse("clock noon").is_err() && Order::parse("approve x").is_err());
    }
}
