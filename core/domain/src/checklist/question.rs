//! Which questions a visit asks, given what has been answered so far.
//!
//! Pure: the same template, products and answers give the same questions on every screen and at check-out.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, AnswerKey, AnswerValue, ChecklistTemplate, Condition, Item, Repeat, Requirement, Section};
use crate::catalog::Product;

/// One question of a visit.
#[derive(Clone, PartialEq, Debug)]
pub struct Question<'a> {
    /// The section it stands in.
    pub section: &'a Section,
    /// The item it asks.
    pub item: &'a Item,
    /// Item and instance.
    pub key: AnswerKey,
    /// The product it is about; `None` for an item asked once.
    pub product: Option<&'a Product>,
    /// The answer that stands.
    pub answer: Option<&'a Answer>,
    /// Whether the visit can be closed without it.
    pub is_required: bool,
}

impl Question<'_> {
    /// Whether something was answered. A text of blanks is no answer.
    pub fn is_answered(&self) -> bool {
        self.answer.is_some_and(|answer| match &answer.value {
            AnswerValue::Text(text) => !text.trim().is_empty(),
            AnswerValue::YesNo(_)
            | AnswerValue::Count(_)
            | AnswerValue::Price(_)
            | AnswerValue::Choice(_)
            | AnswerValue::Choices(_)
            | AnswerValue::Names(_)
            | AnswerValue::NotApplicable => true,
        })
    }

    /// Whether the visit cannot be closed before this is answered.
    pub fn is_gap(&self) -> bool {
        self.is_required && !self.is_answered()
    }
}

/// The questions that apply, in the order of the steps, each repeated item once per product.
///
/// `must_stock` are the products of the outlet's must-stock list; answers to anything that is not asked are passed
/// over. When two answers have the same key the later in the slice counts.
pub fn questions<'a>(
    template: &'a ChecklistTemplate,
    must_stock: &'a [Product],
    answers: &'a [Answer],
) -> Vec<Question<'a>> {
    let mut sections: Vec<&Section> = template.sections.iter().collect();
    sections.sort_by_key(|section| section.step);
    let mut sheet = Sheet::of(answers);
    let mut asked = Vec::new();
    for section in sections {
        for item in &section.items {
            let relevant = instances(item, must_stock)
                .filter(|(instance, _)| sheet.holds(&item.relevant, instance))
                .map(|(instance, product)| sheet.question(section, item, instance, product))
                .collect();
            sheet.pass(item, &relevant);
            asked.extend(relevant);
        }
    }
    asked
}

/// The products a repeated item is asked for; one nameless instance for an item asked once.
fn instances<'a>(item: &Item, must_stock: &'a [Product]) -> impl Iterator<Item = (&'a str, Option<&'a Product>)> {
    let repeat = item.repeat;
    let once = (repeat == Repeat::Once).then_some(("", None));
    let each = must_stock.iter().filter(move |product| applies(repeat, product));
    once.into_iter().chain(each.map(|product| (product.code.as_str(), Some(product))))
}

/// Whether a repeated item is asked for a product of the must-stock list.
pub(crate) fn applies(repeat: Repeat, product: &Product) -> bool {
    match repeat {
        Repeat::Once => false,
        Repeat::PerMustStockProduct => true,
        Repeat::PerHeroProduct => product.is_hero,
    }
}

/// The answers by key, and which items have been passed and asked so far. An item passed without being asked has no
/// say in later conditions, whatever was answered to it before; so one pass settles everything and nothing recurs.
struct Sheet<'a> {
    answers: BTreeMap<(&'a str, &'a str), &'a Answer>,
    passed: BTreeMap<&'a str, Repeat>,
    asked: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> Sheet<'a> {
    fn of(answers: &'a [Answer]) -> Self {
        let by_key = |answer: &'a Answer| ((answer.item.as_str(), answer.instance.as_str()), answer);
        Self { answers: answers.iter().map(by_key).collect(), passed: BTreeMap::new(), asked: BTreeSet::new() }
    }

    fn question(
        &self,
        section: &'a Section,
        item: &'a Item,
        instance: &'a str,
        product: Option<&'a Product>,
    ) -> Question<'a> {
        Question {
            section,
            item,
            key: AnswerKey::of(&item.code, instance),
            product,
            answer: self.answers.get(&(item.code.as_str(), instance)).copied(),
            is_required: item.requirement == Requirement::Required,
        }
    }

    fn pass(&mut self, item: &'a Item, asked: &Vec<Question<'a>>) {
        self.passed.insert(&item.code, item.repeat);
        for question in asked {
            let instance = question.product.map_or("", |product| product.code.as_str());
            self.asked.insert((&item.code, instance));
        }
    }

    fn holds(&self, condition: &Condition, instance: &str) -> bool {
        match condition {
            Condition::Always => true,
            Condition::Yes { item } => self.value(item, instance) == Some(&AnswerValue::YesNo(true)),
            Condition::No { item } => self.value(item, instance) == Some(&AnswerValue::YesNo(false)),
            Condition::Chosen { item, choice } => match self.value(item, instance) {
                Some(AnswerValue::Choice(chosen)) => chosen == choice,
                Some(AnswerValue::Choices(chosen)) => chosen.contains(choice),
                Some(_) | None => false,
            },
            Condition::All { of } => of.iter().all(|part| self.holds(part, instance)),
            Condition::Any { of } => of.iter().any(|part| self.holds(part, instance)),
        }
    }

    fn value(&self, item: &str, instance: &str) -> Option<&'a AnswerValue> {
        let instance = if self.passed.get(item) == Some(&Repeat::Once) { "" } else { instance };
        let key = (item, instance);
        let counts = !self.passed.contains_key(item) || self.asked.contains(&key);
        self.answers.get(&key).filter(|_| counts).map(|answer| &answer.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checklist::fixture::{answer, hero_products, no, price, yes};
    use crate::handbook::standard_visit;

    fn keys(answers: &[Answer]) -> Vec<String> {
        let (template, products) = (standard_visit(), hero_products());
        questions(&template, &products, answers).into_iter().map(|question| question.key.to_string()).collect()
    }

    #[test]
    fn a_price_is_asked_only_for_what_stands_on_the_shelf() {
        let asked = keys(&[yes("on_shelf", "P1"), no("on_shelf", "P4")]);
        assert!(asked.contains(&"shelf_price[P1]".to_owned()));
        assert!(!asked.contains(&"shelf_price[P4]".to_owned()));
        assert!(!asked.contains(&"shelf_price[P2]".to_owned()), "unanswered is not yes");
    }

    #[test]
    fn a_repeated_item_is_asked_for_each_hero_product_of_the_list() {
        let mut products = hero_products();
        products[4].is_hero = false;
        let template = standard_visit();
        let asked = questions(&template, &products, &[]);
        let on_shelf: Vec<_> = asked.iter().filter(|question| question.item.code == "on_shelf").collect();
        let instances: Vec<_> = on_shelf.iter().map(|question| question.key.instance.as_str()).collect();
        assert_eq!(instances, ["P1", "P2", "P3", "P4"]);
    }

    #[test]
    fn questions_come_in_the_order_of_the_steps() {
        let mut template = standard_visit();
        template.sections.reverse();
        let asked = questions(&template, &[], &[]);
        assert!(asked.iter().map(|question| question.section.step).is_sorted());
    }

    #[test]
    fn an_answer_that_is_no_longer_asked_for_opens_nothing_else() {
        let mut template = standard_visit();
        let presented = template.sections.iter_mut().flat_map(|section| &mut section.items);
        for item in presented.filter(|item| item.code == "next_step") {
            item.relevant = Condition::Chosen { item: "presented".into(), choice: "price".into() };
        }
        let presented = answer("presented", "", AnswerValue::Choices(vec!["price".into()]));
        let met = [yes("decision_maker_met", ""), presented.clone()];
        assert!(questions(&template, &[], &met).iter().any(|question| question.item.code == "next_step"));
        let not_met = [no("decision_maker_met", ""), presented];
        assert!(!questions(&template, &[], &not_met).iter().any(|question| question.item.code == "next_step"));
    }

    #[test]
    fn conditions_combine() {
        let both = Condition::All { of: vec![Condition::Yes { item: "a".into() }, Condition::No { item: "b".into() }] };
        let either =
            Condition::Any { of: vec![Condition::Yes { item: "a".into() }, Condition::No { item: "b".into() }] };
        let answers = [yes("a", ""), yes("b", "")];
        let sheet = Sheet::of(&answers);
        assert!(!sheet.holds(&both, "") && sheet.holds(&either, ""));
        assert!(!sheet.holds(&Condition::Any { of: Vec::new() }, ""));
    }

    #[test]
    fn a_condition_in_a_repeated_item_may_ask_an_item_asked_once() {
        let mut template = standard_visit();
        let items = template.sections.iter_mut().flat_map(|section| &mut section.items);
        for item in items.filter(|item| item.code == "stock_count") {
            item.relevant = Condition::Yes { item: "pop_poster".into() };
        }
        let products = hero_products();
        let answers = [yes("pop_poster", "")];
        let asked = questions(&template, &products, &answers);
        assert_eq!(asked.iter().filter(|question| question.item.code == "stock_count").count(), 5);
    }

    #[test]
    fn blanks_are_no_answer_and_a_gap_is_a_required_question_without_one() {
        let (template, products) = (standard_visit(), hero_products());
        let answers = [answer("next_step", "", AnswerValue::Text("  ".into())), price("shelf_price", "P1", "949")];
        let asked = questions(&template, &products, &answers);
        let of = |code: &str| asked.iter().find(|question| question.item.code == code).expect("asked");
        assert!(!of("next_step").is_answered() && !of("next_step").is_gap());
        assert!(of("on_shelf").is_gap());
    }
}
