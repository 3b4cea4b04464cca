//! Whether an answer fits the item it answers.

use rust_decimal::Decimal;

use super::{AnswerKey, AnswerValue, Choice, Item, ItemKind, NumberLimits, Repeat, question::applies};
use crate::{
    catalog::Product,
    handbook::{HandbookEntry, HandbookList},
    problem::{Problem, ProblemCode},
    text::check_text,
};

/// Longest name of a person, in characters.
const MAX_NAME_CHARS: u32 = 80;

/// Longest code of a product that is no longer listed, in characters.
const MAX_INSTANCE_CHARS: u32 = 80;

/// Checks an answer and gives back the reason to keep with it: the one given where the item asks for one, otherwise
/// none.
///
/// `listed` are the products of the outlet's must-stock list; one that is no longer sold may still be answered for,
/// because it may have been sold when the rep stood before it.
///
/// # Errors
/// The problem that stands in the way, at the question's key.
pub fn check_answer(
    item: &Item,
    key: &AnswerKey,
    value: &AnswerValue,
    reason: Option<&str>,
    listed: &[Product],
    handbook: &[HandbookEntry],
) -> Result<Option<String>, Problem> {
    let is_listed = || listed.iter().any(|product| product.code == key.instance && applies(item.repeat, product));
    check_with(item, key, value, reason, handbook, is_listed)
}

/// The same for an answer that was given before: a repeated item may be answered for any product, because which
/// products were listed then is not known any more.
///
/// # Errors
/// The problem that stands in the way, at the question's key.
pub fn check_late_answer(
    item: &Item,
    key: &AnswerKey,
    value: &AnswerValue,
    reason: Option<&str>,
    handbook: &[HandbookEntry],
) -> Result<Option<String>, Problem> {
    check_with(item, key, value, reason, handbook, || check_text(&key.instance, MAX_INSTANCE_CHARS).is_ok())
}

fn check_with(
    item: &Item,
    key: &AnswerKey,
    value: &AnswerValue,
    reason: Option<&str>,
    handbook: &[HandbookEntry],
    may_be_instance: impl FnOnce() -> bool,
) -> Result<Option<String>, Problem> {
    let is_asked = match item.repeat {
        Repeat::Once => key.instance.is_empty(),
        Repeat::PerMustStockProduct | Repeat::PerHeroProduct => may_be_instance(),
    };
    if !is_asked {
        return Err(Problem::new(ProblemCode::ItemUnknown).at(key.to_string()));
    }
    check_value(item, value).map_err(|problem| problem.at(key.to_string()))?;
    check_reason(item, value, reason, handbook).map_err(|problem| problem.at(key.to_string()))
}

fn check_value(item: &Item, value: &AnswerValue) -> Result<(), Problem> {
    match (&item.kind, value) {
        (_, AnswerValue::NotApplicable) if item.may_be_not_applicable => Ok(()),
        (ItemKind::YesNo, AnswerValue::YesNo(_)) => Ok(()),
        (ItemKind::Count(limits), AnswerValue::Count(count)) => check_limits(*limits, Decimal::from(*count)),
        (ItemKind::Price(limits), AnswerValue::Price(price)) => check_limits(*limits, *price),
        (ItemKind::Text { max_chars }, AnswerValue::Text(text)) => {
            if text.is_empty() {
                Ok(())
            } else {
                check_text(text, *max_chars)
            }
        }
        (ItemKind::SingleChoice { choices }, AnswerValue::Choice(code)) => check_option(choices, code),
        (ItemKind::MultipleChoice { choices }, AnswerValue::Choices(codes)) => check_options(choices, codes),
        (ItemKind::Names { max_names }, AnswerValue::Names(names)) => check_names(*max_names, names),
        _ => Err(Problem::new(ProblemCode::AnswerKind)),
    }
}

fn check_limits(limits: NumberLimits, value: Decimal) -> Result<(), Problem> {
    if (limits.min..=limits.max).contains(&value) { Ok(()) } else { Err(range(value, limits.min, limits.max)) }
}

fn range(value: impl ToString, min: impl ToString, max: impl ToString) -> Problem {
    Problem::new(ProblemCode::AnswerRange).with("value", value).with("min", min).with("max", max)
}

fn check_option(choices: &[Choice], code: &str) -> Result<(), Problem> {
    if choices.iter().any(|choice| choice.code == code) {
        Ok(())
    } else {
        Err(Problem::new(ProblemCode::AnswerOption).with("value", code))
    }
}

fn check_options(choices: &[Choice], codes: &[String]) -> Result<(), Problem> {
    if codes.len() > choices.len() {
        return Err(range(codes.len(), 0, choices.len()));
    }
    codes.iter().try_for_each(|code| check_option(choices, code))
}

fn check_names(max_names: u32, names: &[String]) -> Result<(), Problem> {
    if names.len() > max_names as usize {
        return Err(range(names.len(), 0, max_names));
    }
    names.iter().try_for_each(|name| check_text(name, MAX_NAME_CHARS))
}

/// The list of the handbook that the reason behind this answer must be from; `None` when the answer needs no reason, or
/// the item names a list that there is not.
pub(crate) fn reason_list(item: &Item, value: &AnswerValue) -> Option<HandbookList> {
    asked_list(item, value).and_then(HandbookList::from_name)
}

/// The name of the list from which the item asks for a reason behind this answer.
fn asked_list<'i>(item: &'i Item, value: &AnswerValue) -> Option<&'i str> {
    item.reason_list.as_deref().filter(|_| *value == AnswerValue::YesNo(false))
}

fn check_reason(
    item: &Item,
    value: &AnswerValue,
    reason: Option<&str>,
    handbook: &[HandbookEntry],
) -> Result<Option<String>, Problem> {
    let Some(name) = asked_list(item, value) else {
        return Ok(None);
    };
    let Some(reason) = reason else {
        return Err(Problem::new(ProblemCode::AnswerReasonMissing));
    };
    let list = HandbookList::from_name(name);
    if handbook.iter().any(|entry| Some(entry.list) == list && entry.code == reason) {
        Ok(Some(reason.to_owned()))
    } else {
        Err(Problem::new(ProblemCode::HandbookCodeUnknown).with("value", reason))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::{
        checklist::fixture::{decimal, hero_products},
        handbook::{entries, standard_visit},
    };

    fn check(
        code: &str,
        instance: &str,
        value: &AnswerValue,
        reason: Option<&str>,
    ) -> Result<Option<String>, ProblemCode> {
        let template = standard_visit();
        let item = template.item(code).expect("an item of the standard visit");
        check_answer(item, &AnswerKey::of(code, instance), value, reason, &hero_products(), &entries())
            .map_err(|problem| problem.code)
    }

    fn text(length: usize) -> AnswerValue {
        AnswerValue::Text("字".repeat(length))
    }

    #[rstest]
    #[case("on_shelf", "P1", AnswerValue::YesNo(true))]
    #[case("shelf_price", "P1", AnswerValue::Price(decimal("0.01")))]
    #[case("stock_count", "P5", AnswerValue::Count(0))]
    #[case("stock_count", "P5", AnswerValue::Count(99_999))]
    #[case("pop_light_box", "", AnswerValue::NotApplicable)]
    #[case("next_step", "", text(500))]
    #[case("next_step", "", AnswerValue::Text(String::new()))]
    #[case("next_step", "", AnswerValue::Text("𠮷 㐂 🙂\n第二行".into()))]
    #[case("result_cause", "", AnswerValue::Choice("other".into()))]
    #[case("training_topics", "", AnswerValue::Choices(Vec::new()))]
    #[case("clerks_trained", "", AnswerValue::Names(vec!["店员甲".into(), "店员乙".into()]))]
    fn a_fitting_answer_is_taken(#[case] code: &str, #[case] instance: &str, #[case] value: AnswerValue) {
        assert_eq!(check(code, instance, &value, None), Ok(None));
    }

    #[rstest]
    #[case("on_shelf", "P1", AnswerValue::Count(1), ProblemCode::AnswerKind)]
    #[case("on_shelf", "P1", AnswerValue::NotApplicable, ProblemCode::AnswerKind)]
    #[case("on_shelf", "", AnswerValue::YesNo(true), ProblemCode::ItemUnknown)]
    #[case("on_shelf", "A10", AnswerValue::YesNo(true), ProblemCode::ItemUnknown)]
    #[case("pop_poster", "P1", AnswerValue::YesNo(true), ProblemCode::ItemUnknown)]
    #[case("shelf_price", "P1", AnswerValue::Price(Decimal::ZERO), ProblemCode::AnswerRange)]
    #[case("shelf_price", "P1", AnswerValue::Price(Decimal::MAX), ProblemCode::AnswerRange)]
    #[case("stock_count", "P1", AnswerValue::Count(-1), ProblemCode::AnswerRange)]
    #[case("stock_count", "P1", AnswerValue::Count(i64::MAX), ProblemCode::AnswerRange)]
    #[case("next_step", "", text(501), ProblemCode::TextInvalid)]
    #[case("next_step", "", AnswerValue::Text("a\u{0}b".into()), ProblemCode::TextInvalid)]
    #[case("result_cause", "", AnswerValue::Choice("luck".into()), ProblemCode::AnswerOption)]
    #[case("training_topics", "", AnswerValue::Choices(vec!["law".into()]), ProblemCode::AnswerOption)]
    #[case("training_topics", "", AnswerValue::Choices(vec!["price".into(); 1_000]), ProblemCode::AnswerRange)]
    #[case("clerks_trained", "", AnswerValue::Names(vec!["陈".into(); 21]), ProblemCode::AnswerRange)]
    #[case("clerks_trained", "", AnswerValue::Names(vec![" ".into()]), ProblemCode::TextInvalid)]
    fn an_answer_that_does_not_fit_is_refused(
        #[case] code: &str,
        #[case] instance: &str,
        #[case] value: AnswerValue,
        #[case] problem: ProblemCode,
    ) {
        assert_eq!(check(code, instance, &value, None), Err(problem));
    }

    #[test]
    fn a_missing_product_needs_a_reason_of_the_handbook() {
        let missing = AnswerValue::YesNo(false);
        assert_eq!(check("on_shelf", "P4", &missing, None), Err(ProblemCode::AnswerReasonMissing));
        assert_eq!(check("on_shelf", "P4", &missing, Some("moon")), Err(ProblemCode::HandbookCodeUnknown));
        assert_eq!(check("on_shelf", "P4", &missing, Some("empty_slot")), Err(ProblemCode::HandbookCodeUnknown));
        let reason = Some("dealer_out_of_stock".to_owned());
        assert_eq!(check("on_shelf", "P4", &missing, reason.as_deref()), Ok(reason));
    }

    #[test]
    fn a_reason_nobody_asked_for_is_left_out() {
        assert_eq!(check("on_shelf", "P4", &AnswerValue::YesNo(true), Some("wrong_order")), Ok(None));
        assert_eq!(check("pop_poster", "", &AnswerValue::YesNo(false), Some("wrong_order")), Ok(None));
    }
}
