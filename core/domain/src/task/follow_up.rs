//! What a visit's findings make of an outlet's tasks.
//!
//! Each finding has a subject. A finding without an open task raises one; with an open task it refreshes the figures
//! of that task, so that no task stands twice; and a subject that this visit shows cured closes its task.

use std::collections::BTreeMap;

use crate::{
    catalog::{PriceFinding, Product, check_shelf_price},
    checklist::{AnswerValue, Question},
    ids::TaskId,
    money::{Money, round},
    sync::{Change, Context, Find, State, StateExt, Stop},
    task::{Proof, Task, TaskKind, TaskStatus},
    visit::{SHELF_PRICE_ITEM, sheet::Sheet, shelf::ShelfCount},
};

use rust_decimal::Decimal;

/// The tasks of an outlet after a visit.
pub(crate) struct FollowUp {
    /// Tasks raised, refreshed and closed.
    pub(crate) changes: Vec<Change>,
    /// How many of them are new.
    pub(crate) raised: usize,
}

type Params = BTreeMap<String, String>;

/// What a visit shows about one subject: the figures of what is wrong, or nothing when it is cured.
struct Finding {
    kind: TaskKind,
    subject: String,
    wrong: Option<Params>,
}

/// Compares what the visit found with the open tasks of the outlet.
pub(crate) fn follow_up(state: &dyn State, sheet: &Sheet, context: &Context) -> Result<FollowUp, Stop> {
    let mut open: Vec<Task> = state.list(Find::OpenTasksOfOutlet(sheet.outlet.id))?;
    let mut follow_up = FollowUp { changes: Vec::new(), raised: 0 };
    for finding in findings(sheet, context) {
        let (same, others): (Vec<Task>, Vec<Task>) = open.into_iter().partition(|task| concerns(task, &finding));
        open = others;
        match finding.wrong {
            None => follow_up.changes.extend(same.into_iter().map(|task| closed(task, context))),
            Some(params) if same.is_empty() => {
                let task = raised(sheet, context, finding.kind, &finding.subject, params);
                follow_up.changes.push(Change::put(task));
                follow_up.raised += 1;
            }
            Some(params) => {
                let outdated = same.into_iter().filter(|task| task.params != params);
                follow_up.changes.extend(outdated.map(|task| Change::put(Task { params: params.clone(), ..task })));
            }
        }
    }
    Ok(follow_up)
}

fn concerns(task: &Task, finding: &Finding) -> bool {
    task.kind == finding.kind && subject_of(task) == Some(finding.subject.as_str())
}

/// What a task of this kind is about; `None` for one that no visit can cure.
fn subject_of(task: &Task) -> Option<&str> {
    match task.kind {
        TaskKind::AssortmentGap => Some(""),
        TaskKind::PriceBelowMinimum | TaskKind::PriceFarAbove => task.params.get("product").map(String::as_str),
        TaskKind::OpenPoint => task.params.get("item").map(String::as_str),
        TaskKind::PhotoRetake => None,
    }
}

fn closed(task: Task, context: &Context) -> Change {
    Change::put(Task { status: TaskStatus::Done, closed_at: Some(context.captured_at), ..task })
}

fn raised(sheet: &Sheet, context: &Context, kind: TaskKind, subject: &str, params: Params) -> Task {
    Task {
        id: TaskId::derived(context.command_id.0, &format!("{}/{subject}", kind.as_str())),
        outlet_id: sheet.outlet.id,
        territory_id: sheet.visit.territory_id,
        kind,
        params,
        note: String::new(),
        owner_id: sheet.visit.rep_id,
        visit_id: Some(sheet.visit.id),
        photo_id: None,
        due_on: context.captured_at.date_in(sheet.outlet.zone).plus_days(i64::from(context.policies.task_days)),
        proof: Proof::Word,
        status: TaskStatus::Open,
        raised_at: context.captured_at,
        closed_at: None,
    }
}

fn findings(sheet: &Sheet, context: &Context) -> Vec<Finding> {
    let mut findings: Vec<Finding> = assortment(sheet).into_iter().collect();
    let questions = sheet.questions();
    for question in &questions {
        findings.extend(price(question, context));
        findings.extend(open_point(question));
    }
    findings
}

fn assortment(sheet: &Sheet) -> Option<Finding> {
    let shelf = ShelfCount::of(sheet);
    let hit = shelf.hit_pct()?;
    let wrong = (!shelf.missing.is_empty()).then(|| {
        params([
            ("hit", format!("{hit:.1}")),
            ("target", "100".to_owned()),
            ("on_shelf", shelf.on_shelf.to_string()),
            ("must_stock", shelf.must_stock.to_string()),
            ("products", shelf.missing.join(", ")),
        ])
    });
    Some(Finding { kind: TaskKind::AssortmentGap, subject: String::new(), wrong })
}

fn price(question: &Question<'_>, context: &Context) -> Vec<Finding> {
    let is_price = question.item.code == SHELF_PRICE_ITEM;
    let (Some(product), Some(answer)) = (question.product.filter(|_| is_price), question.answer) else {
        return Vec::new();
    };
    let AnswerValue::Price(shelf) = answer.value else { return Vec::new() };
    let figures =
        |limit: Option<Money>, difference: Decimal, pct: Decimal| price_params(product, shelf, limit, difference, pct);
    let (below, above) = match check_shelf_price(product, shelf, &context.policies) {
        PriceFinding::BelowMinimum { by, pct } => (Some(figures(product.min_retail, by, pct)), None),
        PriceFinding::FarAbove { by, pct } => (None, Some(figures(product.suggested_retail, by, pct))),
        PriceFinding::InBand | PriceFinding::NoReference => (None, None),
    };
    let finding = |kind, wrong| Finding { kind, subject: product.code.clone(), wrong };
    vec![finding(TaskKind::PriceBelowMinimum, below), finding(TaskKind::PriceFarAbove, above)]
}

fn price_params(product: &Product, shelf: Decimal, limit: Option<Money>, difference: Decimal, pct: Decimal) -> Params {
    params([
        ("product", product.code.clone()),
        ("shelf", amount(product, shelf)),
        ("limit", limit.map_or_else(String::new, |limit| limit.to_string())),
        ("difference", amount(product, difference)),
        ("pct", format!("{pct:.1}")),
    ])
}

/// An amount as people read it: with the currency's decimals and groups.
pub(crate) fn amount(product: &Product, figure: Decimal) -> String {
    let currency = product.min_retail.or(product.suggested_retail).map(|price| price.currency);
    let money = currency.and_then(|currency| round(figure, currency).ok());
    money.map_or_else(|| figure.to_string(), |money| money.to_string())
}

fn open_point(question: &Question<'_>) -> Option<Finding> {
    let answer = question.answer.filter(|_| question.item.raises_open_point)?;
    let AnswerValue::YesNo(is_fine) = answer.value else { return None };
    let subject = question.key.to_string();
    let label = &question.item.label;
    let wrong = (!is_fine).then(|| {
        params([
            ("item", subject.clone()),
            ("point_zh", format!("{}否", label.zh)),
            ("point_en", format!("{} No", label.en)),
        ])
    });
    Some(Finding { kind: TaskKind::OpenPoint, subject, wrong })
}

fn params<const N: usize>(pairs: [(&str, String); N]) -> Params {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
