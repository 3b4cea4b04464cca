//! Expected business outcomes that stand in somebody's way: values, never exceptions.
//!
//! A problem says *what* ([`ProblemCode`], stable for ever), *where* ([`Problem::at`]) and *with which figures*
//! ([`Problem::params`]). What to do about it is written once, in both languages, in `handbook/problems.json`.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::{Deserialize, Serialize};

use crate::text::{Language, Localized, fill, shortened};

macro_rules! problem_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal),+ $(,)?) => {
        /// The stable code of a problem.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub enum ProblemCode {
            $($(#[$doc])* #[serde(rename = $code)] $name,)+
            /// A code of a newer release that this one has no name for.
            #[serde(other, rename = "unknown")]
            Unknown,
        }

        impl ProblemCode {
            /// Every code this release can raise.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The code as it stands in JSON, SQL and logs.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                    Self::Unknown => "unknown",
                }
            }
        }
    };
}

problem_codes! {
    /// The person may not do this.
    NotPermitted = "not_permitted",
    /// The row spoken of does not exist, or not for this person.
    NotFound = "not_found",
    /// A row with this id exists already and is something else.
    IdTaken = "id_taken",
    /// A text is empty, too long or has characters that cannot be kept.
    TextInvalid = "text_invalid",
    /// A recurrence rule cannot be read.
    CallPlanRuleInvalid = "call_plan_rule_invalid",
    /// A correction of a profile names no field, or one field twice.
    ProfileEditEmpty = "profile_edit_empty",
    /// A profile field cannot take this value.
    ProfileValueInvalid = "profile_value_invalid",
    /// Too many corrections of a profile field wait for a decision.
    ProfileContested = "profile_contested",

    /// The visit is closed.
    VisitClosed = "visit_closed",
    /// The rep has another visit open.
    VisitOpenElsewhere = "visit_open_elsewhere",
    /// Required answers or photos are missing at check-out.
    VisitIncomplete = "visit_incomplete",
    /// The outlet is no longer visited.
    OutletInactive = "outlet_inactive",
    /// The outlet was handed over, and the person knew.
    OutletHandedOver = "outlet_handed_over",
    /// What is to be handed over is there already.
    HandoverNeedless = "handover_needless",
    /// The person cannot take over a territory: they are no rep.
    HandoverNotToRep = "handover_not_to_rep",
    /// One to three goals are chosen.
    VisitGoalCount = "visit_goal_count",
    /// No other device has a visit to the same planned call.
    VisitNotDuplicate = "visit_not_duplicate",
    /// The goal, step, zone or reason is not in the handbook.
    HandbookCodeUnknown = "handbook_code_unknown",

    /// The item does not exist in this version of the checklist.
    ItemUnknown = "item_unknown",
    /// The answer is of another kind than the item asks for.
    AnswerKind = "answer_kind",
    /// The answer lies outside the item's limits.
    AnswerRange = "answer_range",
    /// The option is not offered.
    AnswerOption = "answer_option",
    /// This answer needs a reason.
    AnswerReasonMissing = "answer_reason_missing",
    /// A required item is unanswered.
    AnswerMissing = "answer_missing",
    /// A required photo is missing.
    PhotoMissing = "photo_missing",

    /// The file is not a photo that can be read.
    PhotoNotAnImage = "photo_not_an_image",
    /// The photo is larger than allowed.
    PhotoTooLarge = "photo_too_large",
    /// The file is of a format, or a kind of it, that is not read.
    PhotoFormatRefused = "photo_format_refused",
    /// The photo has more pixels than are read.
    PhotoTooManyPixels = "photo_too_many_pixels",
    /// The file ends before the photo does.
    PhotoCutOff = "photo_cut_off",
    /// The file contradicts itself.
    PhotoDamaged = "photo_damaged",
    /// Taking the photo in was called off.
    PhotoCalledOff = "photo_called_off",
    /// The bytes that arrived are not those that were announced.
    PhotoHashMismatch = "photo_hash_mismatch",
    /// The photo was replaced or decided before.
    PhotoAlreadyDecided = "photo_already_decided",
    /// Another reviewer is at the photo.
    PhotoClaimed = "photo_claimed",
    /// The reviewer has not claimed the photo.
    PhotoNotClaimed = "photo_not_claimed",
    /// The second reviewer has judged the photo or has seen the verdict.
    SecondLookNotBlind = "second_look_not_blind",
    /// The days that photos are kept lie outside what is allowed.
    RetentionDays = "retention_days",
    /// The photo is under a hold already.
    HoldStands = "hold_stands",
    /// The photo is under no hold.
    HoldMissing = "hold_missing",
    /// Somebody else said something about the people in the photo meanwhile.
    CoverMarkedMeanwhile = "cover_marked_meanwhile",
    /// Neither areas to cover nor the statement that nobody can be recognised were given, or both.
    CoverUnsaid = "cover_unsaid",
    /// The areas to cover are too many, too small or beyond the picture.
    CoverAreasInvalid = "cover_areas_invalid",
    /// The bytes of the photo have not arrived, so nobody can judge it.
    PhotoNotReceived = "photo_not_received",
    /// The photo to be replaced is of another outlet, visit or zone.
    PhotoReplacesOther = "photo_replaces_other",
    /// A rejection needs a reason of the handbook.
    VerdictReasonMissing = "verdict_reason_missing",
    /// The pin lies outside the picture.
    VerdictPinOutside = "verdict_pin_outside",

    /// The task is closed.
    TaskClosed = "task_closed",
    /// The task is closed by a photo, not by hand.
    TaskNeedsProof = "task_needs_proof",

    /// The order has no line.
    OrderEmpty = "order_empty",
    /// The order has more lines than can be taken at once.
    OrderTooLong = "order_too_long",
    /// A product stands on two lines.
    OrderLineTwice = "order_line_twice",
    /// The quantity breaks the minimum or the multiple.
    QuantityNotOrderable = "quantity_not_orderable",
    /// The product is no longer sold.
    ProductInactive = "product_inactive",
    /// The price list does not exist, is not this dealer's or has no price for the product.
    PriceMissing = "price_missing",
    /// The price list was not valid when the order was captured.
    PriceListNotValid = "price_list_not_valid",
    /// The server prices the order differently.
    OrderRepriced = "order_repriced",
    /// The order is over the dealer's credit limit.
    CreditExceeded = "credit_exceeded",
    /// The order cannot be changed in its present state.
    OrderState = "order_state",
    /// The order number is not from this device's block.
    OrderNumberForeign = "order_number_foreign",
    /// Another order has this number too.
    OrderNumberTwice = "order_number_twice",
    /// No price protection is offered, or another amount.
    ClaimNotOffered = "claim_not_offered",
    /// The amount must be above zero and in the dealer's currency.
    AmountInvalid = "amount_invalid",
    /// An amount is too large to be reckoned.
    AmountOverflow = "amount_overflow",
    /// The dealer has another payment with this slip number.
    SlipRepeated = "slip_repeated",

    /// A command of this kind is not known.
    CommandUnknown = "command_unknown",
    /// A command is written in a shape of a newer release.
    CommandNewer = "command_newer",
    /// A command of a known kind has a field that is missing or cannot be read.
    CommandInvalid = "command_invalid",
    /// The rules failed on this command: a fault of ours; nothing was done.
    RuleFailed = "rule_failed",
    /// The command rests on one that was refused.
    RestsOnRefused = "rests_on_refused",
}

/// Longest place or figure that is told, in characters; what came from outside may be of any length.
const MAX_TOLD_CHARS: usize = 200;

/// One thing that stands in the way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Problem {
    /// What.
    pub code: ProblemCode,
    /// Where: the field, item, line or row, as a path such as `lines[2].quantity`; empty when it is the whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub at: String,
    /// The figures and names the sentence needs, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
}

impl Problem {
    /// A problem of a kind.
    pub fn new(code: ProblemCode) -> Self {
        Self { code, at: String::new(), params: BTreeMap::new() }
    }

    /// The same, at a place.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.at = shortened(place.into(), MAX_TOLD_CHARS);
        self
    }

    /// The same, with a figure or name.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers hand over literals and figures; borrowing each reads worse"
    )]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), shortened(value.to_string(), MAX_TOLD_CHARS));
        self
    }

    /// The same, with a name that reads differently in each language.
    #[must_use]
    pub fn with_label(self, name: &str, label: &Localized) -> Self {
        self.with(name, &label.en).with(&format!("{name}@{}", Language::ZhHans.tag()), &label.zh)
    }

    /// What happened, in words for a person.
    pub fn sentence(&self, language: Language) -> String {
        self.fill(&text_of(self.code).what, language)
    }

    /// What the person can do next.
    pub fn next_step(&self, language: Language) -> String {
        self.fill(&text_of(self.code).next, language)
    }

    fn fill(&self, template: &Localized, language: Language) -> String {
        fill(template.get(language), |name| {
            let in_language = self.params.get(&format!("{name}@{}", language.tag()));
            let value = in_language.or_else(|| self.params.get(name)).map(String::as_str);
            value.or_else(|| (name == "at").then_some(self.at.as_str()))
        })
    }
}

/// What a problem says and what to do about it.
#[derive(Clone, Debug, Deserialize)]
struct ProblemText {
    what: Localized,
    next: Localized,
}

static TEXTS: LazyLock<BTreeMap<String, ProblemText>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../handbook/problems.json")).expect("the shipped handbook is tested to be valid")
});

fn text_of(code: ProblemCode) -> &'static ProblemText {
    static FALLBACK: LazyLock<ProblemText> = LazyLock::new(|| ProblemText {
        what: Localized::new("出现了此版本不认识的问题", "A problem this version has no words for"),
        next: Localized::new("请更新应用后再看", "Update the app and look again"),
    });
    TEXTS.get(code.as_str()).unwrap_or(&FALLBACK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_says_what_and_what_next_in_both_languages() {
        for code in ProblemCode::ALL {
            let text = TEXTS.get(code.as_str()).unwrap_or_else(|| panic!("{} has no words", code.as_str()));
            for part in [&text.what.zh, &text.what.en, &text.next.zh, &text.next.en] {
                assert!(!part.trim().is_empty(), "{} lacks a sentence", code.as_str());
            }
        }
        assert_eq!(TEXTS.len(), ProblemCode::ALL.len(), "a text stands for a code that is gone");
    }

    #[test]
    fn figures_land_in_the_sentence() {
        let problem = Problem::new(ProblemCode::CreditExceeded).with("over_by", "13,818.80");
        assert!(problem.sentence(Language::En).contains("13,818.80"));
        assert!(problem.sentence(Language::ZhHans).contains("13,818.80"));
    }

    #[test]
    fn what_came_from_outside_is_neither_told_whole_nor_taken_for_a_name() {
        let problem =
            Problem::new(ProblemCode::SlipRepeated).with("slip", "{recorded_on}{at}").with("recorded_on", "x");
        assert!(problem.at("here").sentence(Language::En).contains("{recorded_on}{at}"));
        let long = Problem::new(ProblemCode::ItemUnknown).at("a".repeat(1_000)).with("value", "字".repeat(1_000));
        assert_eq!((long.at.chars().count(), long.params["value"].chars().count()), (201, 201));
    }

    #[test]
    fn a_name_reads_in_the_language_of_its_sentence() {
        let problem = Problem::new(ProblemCode::OrderState).with_label("state", &Localized::new("已取消", "cancelled"));
        assert!(problem.sentence(Language::En).contains("“cancelled”"));
        assert!(problem.sentence(Language::ZhHans).contains("“已取消”"));
    }

    #[test]
    fn a_code_of_a_newer_release_is_still_read() {
        let read: Problem = serde_json::from_str(r#"{"code":"from_the_future"}"#).expect("kept");
        assert_eq!(read.code, ProblemCode::Unknown);
        assert!(!read.sentence(Language::En).is_empty());
    }
}
