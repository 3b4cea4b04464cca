//! Checklists: versioned questionnaires whose item codes never change meaning, and the answers to them.

mod answer;
mod template;

pub use answer::{Answer, AnswerKey, AnswerValue};
pub use template::{
    Block, ChecklistTemplate, Choice, Condition, Fulfilment, Item, ItemKind, NumberLimits, Repeat, Requirement,
    ScoreRule, Section,
};
