//! A legal hold: the bytes stay, whatever a policy says, until somebody lifts it.
//!
//! States: held → lifted. A photo that was lifted may be held again: that is another hold. Nothing of a hold is deleted.

use crate::{
    ids::{PhotoId, UserId},
    problem::{Problem, ProblemCode},
    task::MAX_NOTE_CHARS,
    text::check_text,
    time::Timestamp,
};

/// A hold on a photo.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hold {
    /// The photo.
    pub photo_id: PhotoId,
    /// Who set it.
    pub set_by: UserId,
    /// When.
    pub set_at: Timestamp,
    /// Why.
    pub reason: String,
    /// Its end; `None` while it binds.
    pub lifted: Option<Lift>,
}

/// The end of a hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lift {
    /// Who lifted it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// Sets a hold. `standing` is the last one on the photo.
///
/// # Errors
/// When one binds already, or the reason cannot be kept.
pub fn decide_hold(
    standing: Option<&Hold>,
    photo_id: PhotoId,
    reason: &str,
    (by, now): (UserId, Timestamp),
) -> Result<Hold, Problem> {
    check_text(reason, MAX_NOTE_CHARS).map_err(|problem| problem.at("reason"))?;
    if standing.is_some_and(|hold| hold.lifted.is_none()) {
        return Err(Problem::new(ProblemCode::HoldStands).at("photo_id"));
    }
    Ok(Hold { photo_id, set_by: by, set_at: now, reason: reason.to_owned(), lifted: None })
}

/// Lifts the hold that binds.
///
/// # Errors
/// When none binds, or the reason cannot be kept.
pub fn decide_lift(standing: Option<&Hold>, reason: &str, (by, now): (UserId, Timestamp)) -> Result<Hold, Problem> {
    check_text(reason, MAX_NOTE_CHARS).map_err(|problem| problem.at("reason"))?;
    let Some(hold) = standing.filter(|hold| hold.lifted.is_none()) else {
        return Err(Problem::new(ProblemCode::HoldMissing).at("photo_id"));
    };
    Ok(Hold { lifted: Some(Lift { by, at: now, reason: reason.to_owned() }), ..hold.clone() })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::visit::fixture::World;

    #[test]
    fn a_hold_is_set_once_lifted_once_and_keeps_both_reasons() {
        let (photo, by) = (PhotoId(Uuid::nil()), World::ZHAO_MIN);
        let hold = decide_hold(None, photo, "价格纠纷", (by, Timestamp(1))).expect("set");
        let twice = decide_hold(Some(&hold), photo, "again", (by, Timestamp(2))).expect_err("stands");
        assert_eq!(twice.code, ProblemCode::HoldStands);
        let lifted = decide_lift(Some(&hold), "已结案", (by, Timestamp(3))).expect("lifted");
        assert_eq!(lifted.reason, "价格纠纷");
        assert_eq!(lifted.lifted.as_ref().map(|lift| lift.reason.as_str()), Some("已结案"));
        for none in [None, Some(&lifted)] {
            assert_eq!(decide_lift(none, "x", (by, Timestamp(4))).expect_err("none").code, ProblemCode::HoldMissing);
        }
        assert!(decide_hold(Some(&lifted), photo, "again", (by, Timestamp(5))).is_ok());
        assert_eq!(
            decide_hold(None, photo, " ", (by, Timestamp(1))).expect_err("empty").code,
            ProblemCode::TextInvalid
        );
    }
}
