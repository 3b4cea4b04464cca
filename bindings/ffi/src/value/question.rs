//! Questions and answers.

use storewalk_client::{self as client, PriceFindingView, QuestionView, ReasonView, SectionView};
use storewalk_domain::{
    checklist::{self as domain, AnswerValue, ItemKind},
    text::Localized,
};

use super::{all, text};
use crate::{CoreError, argument};

/// A section of questions.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct QuestionSection {
    /// Code.
    pub code: String,
    /// Title.
    pub title: Localized,
    /// Questions that apply now.
    pub questions: Vec<Question>,
}

/// A question.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct Question {
    /// Which question, by code.
    pub item: String,
    /// Which instance of a repeated question, a product's code; otherwise empty.
    pub instance: String,
    /// Wording.
    pub label: Localized,
    /// What kind of answer it takes.
    pub kind: QuestionKind,
    /// The product it is about.
    pub product_id: Option<String>,
    /// The product's name.
    pub product_name: Option<Localized>,
    /// Whether the visit can be closed without it.
    pub is_required: bool,
    /// Whether "not applicable" may be answered.
    pub may_be_not_applicable: bool,
    /// Reasons to choose from when the answer is "no"; empty when none is asked.
    pub reasons: Vec<Reason>,
    /// The answer that stands.
    pub answer: Option<Answer>,
    /// The reason given with it, by code.
    pub reason: Option<String>,
    /// What a shelf price says; nothing for anything else.
    pub price_finding: Option<PriceFinding>,
}

/// What kind of answer a question takes. Limits are exact numbers, both included.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum QuestionKind {
    /// Yes or no.
    YesNo,
    /// A whole number.
    Count {
        /// Smallest value.
        min: String,
        /// Largest value.
        max: String,
    },
    /// An amount in major units.
    Price {
        /// Smallest value.
        min: String,
        /// Largest value.
        max: String,
    },
    /// Free text.
    Text {
        /// Longest text in characters.
        max_chars: u32,
    },
    /// One of the options.
    SingleChoice {
        /// The options.
        choices: Vec<Choice>,
    },
    /// Any of the options.
    MultipleChoice {
        /// The options.
        choices: Vec<Choice>,
    },
    /// People's names.
    Names {
        /// Most names.
        max_names: u32,
    },
}

/// One option.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Choice {
    /// Stable code.
    pub code: String,
    /// Wording.
    pub label: Localized,
}

/// A reason to choose from.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Reason {
    /// Code.
    pub code: String,
    /// Wording.
    pub text: Localized,
}

/// What is answered.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum Answer {
    /// Yes (`true`) or no.
    YesNo {
        /// The answer.
        value: bool,
    },
    /// A whole number.
    Count {
        /// The number.
        value: i64,
    },
    /// An amount in major units, as an exact number such as `949.00`.
    Price {
        /// The amount.
        value: String,
    },
    /// Free text.
    Text {
        /// The text.
        value: String,
    },
    /// The chosen option.
    Choice {
        /// Its code.
        value: String,
    },
    /// The chosen options.
    Choices {
        /// Their codes.
        values: Vec<String>,
    },
    /// People's names.
    Names {
        /// The names.
        values: Vec<String>,
    },
    /// The question does not apply here.
    NotApplicable,
}

/// What a shelf price says.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct PriceFinding {
    /// How it is to be shown.
    pub light: PriceLight,
    /// How far it is off, in major units as an exact number; zero when green.
    pub by: String,
    /// The same in percent, one decimal.
    pub pct: String,
}

/// The colour of a shelf price.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum PriceLight {
    /// Neither too low nor far too high.
    Green,
    /// Far above the suggested price.
    Amber,
    /// Below the minimum.
    Red,
}

impl From<SectionView> for QuestionSection {
    fn from(view: SectionView) -> Self {
        Self { code: view.code, title: view.title, questions: all(view.questions) }
    }
}

impl From<QuestionView> for Question {
    fn from(view: QuestionView) -> Self {
        Self {
            item: view.key.item,
            instance: view.key.instance,
            label: view.label,
            kind: view.kind.into(),
            product_id: text(view.product_id),
            product_name: view.product_name,
            is_required: view.is_required,
            may_be_not_applicable: view.may_be_not_applicable,
            reasons: all(view.reasons),
            answer: view.answer.map(Answer::from),
            reason: view.reason,
            price_finding: view.price_finding.map(PriceFinding::from),
        }
    }
}

impl From<ItemKind> for QuestionKind {
    fn from(kind: ItemKind) -> Self {
        match kind {
            ItemKind::YesNo => Self::YesNo,
            ItemKind::Count(limits) => Self::Count { min: limits.min.to_string(), max: limits.max.to_string() },
            ItemKind::Price(limits) => Self::Price { min: limits.min.to_string(), max: limits.max.to_string() },
            ItemKind::Text { max_chars } => Self::Text { max_chars },
            ItemKind::SingleChoice { choices } => Self::SingleChoice { choices: all(choices) },
            ItemKind::MultipleChoice { choices } => Self::MultipleChoice { choices: all(choices) },
            ItemKind::Names { max_names } => Self::Names { max_names },
        }
    }
}

impl From<domain::Choice> for Choice {
    fn from(choice: domain::Choice) -> Self {
        Self { code: choice.code, label: choice.label }
    }
}

impl From<ReasonView> for Reason {
    fn from(view: ReasonView) -> Self {
        Self { code: view.code, text: view.text }
    }
}

impl From<AnswerValue> for Answer {
    fn from(value: AnswerValue) -> Self {
        match value {
            AnswerValue::YesNo(value) => Self::YesNo { value },
            AnswerValue::Count(value) => Self::Count { value },
            AnswerValue::Price(value) => Self::Price { value: value.to_string() },
            AnswerValue::Text(value) => Self::Text { value },
            AnswerValue::Choice(value) => Self::Choice { value },
            AnswerValue::Choices(values) => Self::Choices { values },
            AnswerValue::Names(values) => Self::Names { values },
            AnswerValue::NotApplicable => Self::NotApplicable,
        }
    }
}

impl TryFrom<Answer> for AnswerValue {
    type Error = CoreError;

    fn try_from(answer: Answer) -> Result<Self, CoreError> {
        Ok(match answer {
            Answer::YesNo { value } => Self::YesNo(value),
            Answer::Count { value } => Self::Count(value),
            Answer::Price { value } => Self::Price(argument::decimal(&value, "answer")?),
            Answer::Text { value } => Self::Text(value),
            Answer::Choice { value } => Self::Choice(value),
            Answer::Choices { values } => Self::Choices(values),
            Answer::Names { values } => Self::Names(values),
            Answer::NotApplicable => Self::NotApplicable,
        })
    }
}

impl From<PriceFindingView> for PriceFinding {
    fn from(view: PriceFindingView) -> Self {
        let light = match view.light {
            client::PriceLight::Green => PriceLight::Green,
            client::PriceLight::Amber => PriceLight::Amber,
            client::PriceLight::Red => PriceLight::Red,
        };
        Self { light, by: view.by.to_string(), pct: view.pct.to_string() }
    }
}
