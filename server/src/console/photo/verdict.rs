//! The form that decides about a photo, read into a command.

use serde::Deserialize;
use storewalk_domain::{
    ids::{CommandId, PhotoId, VerdictId, derived},
    photo::{Pin, VerdictDecision},
    sync::ReviewPhoto,
    time::BusinessDate,
};
use uuid::Uuid;

use crate::console::form::{BadField, command_id};

/// What the form sends. Everything is text; what is missing is empty.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct VerdictForm {
    /// Proves that the form came from a page of this session.
    pub(crate) form_token: String,
    /// Minted when the page was made.
    pub(crate) command: String,
    /// `approved`, `rejected` or `withdrawn`.
    pub(crate) decision: String,
    /// Handbook code.
    pub(crate) reason: String,
    /// A word to the rep.
    pub(crate) note: String,
    /// Pin, in percent from the left.
    pub(crate) pin_x: String,
    /// Pin, in percent from the top.
    pub(crate) pin_y: String,
    /// A photo that shows how it should look.
    pub(crate) reference: String,
    /// `YYYY-MM-DD`.
    pub(crate) due: String,
    /// The verdict that is to be withdrawn; empty otherwise.
    pub(crate) standing: String,
}

impl VerdictForm {
    /// The command the form means. The rules say whether it may be done; this only reads.
    pub(crate) fn read(&self, photo_id: PhotoId) -> Result<(CommandId, ReviewPhoto), BadField> {
        let minted = Uuid::parse_str(&self.command).map_err(|_| BadField("command"))?;
        let decision = match self.decision.as_str() {
            "approved" => VerdictDecision::Approved,
            "rejected" => VerdictDecision::Rejected,
            "withdrawn" => VerdictDecision::Withdrawn,
            _ => return Err(BadField("decision")),
        };
        let is_rejection = decision == VerdictDecision::Rejected;
        let reason = Some(self.reason.trim().to_owned()).filter(|reason| is_rejection && !reason.is_empty());
        let reference = self.reference.trim();
        let fields = [&self.decision, &self.reason, &self.note, &self.pin_x, &self.pin_y, &self.reference, &self.due];
        let command = command_id(minted, &fields.map(String::as_str));
        let review = ReviewPhoto {
            verdict_id: VerdictId(derived(command.0, "verdict")),
            photo_id,
            decision,
            reason,
            // Browsers send line ends as CR LF.
            note: self.note.replace("\r\n", "\n").trim().to_owned(),
            pin: if is_rejection { self.pin()? } else { None },
            reference_photo_id: match reference {
                "" => None,
                id => Some(id.parse().map_err(|_| BadField("reference"))?),
            },
            due_on: match self.due.trim() {
                "" => None,
                date if is_rejection => Some(BusinessDate::parse(date).ok_or(BadField("due"))?),
                _ => None,
            },
        };
        Ok((command, review))
    }

    fn pin(&self) -> Result<Option<Pin>, BadField> {
        let (x, y) = (self.pin_x.trim(), self.pin_y.trim());
        if x.is_empty() && y.is_empty() {
            return Ok(None);
        }
        let share = |text: &str, field| match text.parse::<f64>() {
            Ok(percent) if percent.is_finite() => Ok(percent / 100.0),
            Ok(_) | Err(_) => Err(BadField(field)),
        };
        Ok(Some(Pin { x: share(x, "pin_x")?, y: share(y, "pin_y")? }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMAND: &str = "00000000-0000-7000-8000-000000000001";

    fn form(decision: &str) -> VerdictForm {
        VerdictForm { command: COMMAND.into(), decision: decision.into(), ..VerdictForm::default() }
    }

    fn read(form: &VerdictForm) -> Result<ReviewPhoto, BadField> {
        form.read(PhotoId(Uuid::from_u128(9))).map(|(_, review)| review)
    }

    #[test]
    fn a_rejection_carries_reason_pin_note_reference_and_date() {
        let sent = VerdictForm {
            reason: "empty_slot".into(),
            note: " 左侧\r\n空位 ".into(),
            pin_x: "42.5".into(),
            pin_y: "60".into(),
            reference: "00000000-0000-7000-8000-0000000000aa".into(),
            due: "2025-03-16".into(),
            ..form("rejected")
        };
        let review = read(&sent).expect("readable");
        assert_eq!(review.decision, VerdictDecision::Rejected);
        assert_eq!((review.reason.as_deref(), review.note.as_str()), (Some("empty_slot"), "左侧\n空位"));
        assert_eq!(review.pin, Some(Pin { x: 0.425, y: 0.6 }));
        assert_eq!(review.due_on, BusinessDate::parse("2025-03-16"));
        assert!(review.reference_photo_id.is_some());
    }

    #[test]
    fn the_same_form_sent_twice_means_the_same_verdict() {
        assert_eq!(read(&form("approved")), read(&form("approved")));
    }

    #[test]
    fn an_approval_leaves_out_what_belongs_to_a_rejection() {
        let sent = VerdictForm { reason: "blurred".into(), pin_x: "1".into(), pin_y: "1".into(), ..form("approved") };
        let review = read(&sent).expect("readable");
        assert_eq!((review.reason, review.pin, review.due_on), (None, None, None));
    }

    #[test]
    fn what_cannot_be_read_names_its_field() {
        let field = |sent: VerdictForm| read(&sent).expect_err("unreadable").0;
        assert_eq!(field(form("perhaps")), "decision");
        assert_eq!(field(VerdictForm { command: "x".into(), ..form("approved") }), "command");
        assert_eq!(field(VerdictForm { pin_x: "left".into(), ..form("rejected") }), "pin_x");
        assert_eq!(field(VerdictForm { pin_x: "3".into(), ..form("rejected") }), "pin_y");
        assert_eq!(field(VerdictForm { pin_x: "NaN".into(), pin_y: "1".into(), ..form("rejected") }), "pin_x");
        assert_eq!(field(VerdictForm { due: "soon".into(), ..form("rejected") }), "due");
        assert_eq!(field(VerdictForm { reference: "that one".into(), ..form("rejected") }), "reference");
    }
}
