//! For how many days the bytes of a photo are kept, by class.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    ids::UserId,
    photo::{Photo, PhotoStatus},
    problem::{Problem, ProblemCode},
    task::MAX_NOTE_CHARS,
    text::check_text,
    time::Timestamp,
};

/// Fewest days a class may have: a rejection, its retake and a second look fit into them.
pub const SHORTEST_DAYS: u32 = 30;

/// Most days a class may have: ten years.
pub const LONGEST_DAYS: u32 = 3_650;

/// The zone whose photos prove shelf prices.
const PRICE_ZONE: &str = "price_tag";

/// What a photo is kept for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhotoClass {
    /// A photo of a visit like any other.
    Visit,
    /// It shows a shelf price, which a price case may need.
    Price,
    /// It was rejected or taken anew: somebody may contest it.
    Contested,
}

impl PhotoClass {
    /// Every class.
    pub const ALL: [Self; 3] = [Self::Visit, Self::Price, Self::Contested];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Visit => "visit",
            Self::Price => "price",
            Self::Contested => "contested",
        }
    }

    /// The class of a photo: contested before price before visit.
    pub fn of(photo: &Photo) -> Self {
        if photo.status == PhotoStatus::Rejected || photo.replaced_by.is_some() || photo.replaces.is_some() {
            Self::Contested
        } else if photo.zone == PRICE_ZONE {
            Self::Price
        } else {
            Self::Visit
        }
    }

    /// Days of a new organisation; values of our own.
    fn usual_days(self) -> u32 {
        match self {
            Self::Visit => 365,
            Self::Price | Self::Contested => 730,
        }
    }
}

/// One version of the policy.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RetentionPolicy {
    /// 1, 2, 3 …
    pub version: u32,
    /// Days by class, counted from when the server had verified the bytes.
    pub days: BTreeMap<PhotoClass, u32>,
    /// Who decided it; `None` for the one every organisation begins with.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Timestamp,
    /// Why.
    pub reason: String,
}

impl RetentionPolicy {
    /// The policy of an organisation that has decided nothing: 365 days, 730 for prices and contested photos.
    pub fn usual() -> Self {
        Self {
            version: 1,
            days: PhotoClass::ALL.map(|class| (class, class.usual_days())).into(),
            decided_by: None,
            decided_at: Timestamp::default(),
            reason: String::new(),
        }
    }

    /// Days of a class.
    pub fn days_of(&self, class: PhotoClass) -> u32 {
        self.days.get(&class).copied().unwrap_or_else(|| class.usual_days())
    }

    /// Days of the class that goes first.
    pub fn shortest(&self) -> u32 {
        PhotoClass::ALL.map(|class| self.days_of(class)).into_iter().min().unwrap_or(SHORTEST_DAYS)
    }
}

/// Decides the next version.
///
/// # Errors
/// When a class is missing, its days lie outside [`SHORTEST_DAYS`] to [`LONGEST_DAYS`], or there is no reason that can be
/// kept.
pub fn decide_policy(
    standing: &RetentionPolicy,
    days: &BTreeMap<PhotoClass, u32>,
    reason: &str,
    (by, now): (UserId, Timestamp),
) -> Result<RetentionPolicy, Problem> {
    check_text(reason, MAX_NOTE_CHARS).map_err(|problem| problem.at("reason"))?;
    for class in PhotoClass::ALL {
        if !days.get(&class).is_some_and(|days| (SHORTEST_DAYS..=LONGEST_DAYS).contains(days)) {
            let problem = Problem::new(ProblemCode::RetentionDays).at(class.as_str());
            return Err(problem.with("least", SHORTEST_DAYS).with("most", LONGEST_DAYS));
        }
    }
    Ok(RetentionPolicy {
        version: standing.version.saturating_add(1),
        days: days.clone(),
        decided_by: Some(by),
        decided_at: now,
        reason: reason.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::visit::fixture::World;

    fn days(visit: u32) -> BTreeMap<PhotoClass, u32> {
        [(PhotoClass::Visit, visit), (PhotoClass::Price, 400), (PhotoClass::Contested, 800)].into()
    }

    #[test]
    fn a_policy_is_followed_by_the_next_version_with_its_author_and_reason() {
        let next = decide_policy(&RetentionPolicy::usual(), &days(90), "法务要求", (World::ZHAO_MIN, Timestamp(7)));
        let next = next.expect("decided");
        assert_eq!((next.version, next.days_of(PhotoClass::Visit)), (2, 90));
        assert_eq!((next.decided_by, next.reason.as_str()), (Some(World::ZHAO_MIN), "法务要求"));
        assert_eq!(RetentionPolicy::usual().days_of(PhotoClass::Visit), 365, "the one before stays as it was");
        assert_eq!((next.shortest(), RetentionPolicy::usual().shortest()), (90, 365));
    }

    #[rstest]
    #[case(SHORTEST_DAYS - 1, "why", ProblemCode::RetentionDays)]
    #[case(LONGEST_DAYS + 1, "why", ProblemCode::RetentionDays)]
    #[case(90, "", ProblemCode::TextInvalid)]
    fn a_policy_is_refused(#[case] visit: u32, #[case] reason: &str, #[case] code: ProblemCode) {
        let refused = decide_policy(&RetentionPolicy::usual(), &days(visit), reason, (World::ZHAO_MIN, Timestamp(7)));
        assert_eq!(refused.expect_err("refused").code, code);
        let empty = decide_policy(&RetentionPolicy::usual(), &BTreeMap::new(), "why", (World::ZHAO_MIN, Timestamp(7)));
        assert_eq!(empty.expect_err("refused").code, ProblemCode::RetentionDays);
    }
}
