//! What reps and dealers do with their phones: mostly sensible things, in any order, and now and then a slip.

use std::path::PathBuf;

use rusqlite::Connection;
use storewalk_client::{Attempt, ClientError, Phone, Recorded};
use storewalk_domain::{
    catalog::Product,
    checklist::{AnswerValue, ChecklistTemplate, ItemKind, Question, questions},
    dealer::Dealer,
    geo::{Datum, Fix, Position},
    ids::{OrderId, TaskId, VisitId},
    order::{Order, OrderStatus},
    outlet::{CallPlan, FieldName, Outlet, Role},
    photo::{Photo, PhotoStatus},
    quantity::Quantity,
    sync::{
        AssessGoals, BeginStep, CancelOrder, ChooseGoals, CloseTask, Command, ConfirmOrder, Find, FinishVisit,
        RaiseTask, RecordAnswer, SkipCall, StartVisit, StateError, StateExt,
    },
    task::{Task, TaskStatus},
    time::Zone,
    visit::Visit,
};
use storewalk_sqlite::{SqliteError, SqliteState, select};

use super::{evidence::Hand, rng::Rng, world as small};
use crate::world;

/// What somebody can do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Deed {
    Start,
    Skip,
    Raise,
    Close,
    Retake,
    Answer,
    Goals,
    Step,
    Shoot,
    Assess,
    Fill,
    Finish,
    Order,
    Cancel,
    Confirm,
}

/// Lets the phone's user do one thing. Who meets a row that damage has made unreadable does nothing more for now.
///
/// # Errors
/// When the phone's database cannot be read.
pub fn act(handset: &mut impl Hand, rng: &mut Rng, photos: &[PathBuf]) -> anyhow::Result<()> {
    if handset.phone().session()?.is_none() {
        return Ok(());
    }
    match do_something(handset, rng, photos) {
        Err(error) if handset.is_renumbered() && is_unreadable(&error) => Ok(()),
        done => done,
    }
}

fn is_unreadable(error: &anyhow::Error) -> bool {
    let is_shape = |source: &SqliteError| matches!(source, SqliteError::Shape { .. });
    error.chain().any(|cause| cause.downcast_ref().is_some_and(is_shape))
}

fn do_something(handset: &mut impl Hand, rng: &mut Rng, photos: &[PathBuf]) -> anyhow::Result<()> {
    let deed = match handset.account().role {
        Role::Dealer => rng.weighted(&[(6, Deed::Order), (2, Deed::Cancel), (2, Deed::Confirm)]),
        _ => rep_deed(handset, rng)?,
    };
    let Some(deed) = deed else { return Ok(()) };
    match deed {
        Deed::Shoot | Deed::Retake => shoot(handset, rng, photos, deed),
        Deed::Order => order(handset, rng),
        Deed::Fill => fill(handset, rng, photos),
        deed => match command(handset, rng, deed)? {
            Some(command) => record(handset, command),
            None => Ok(()),
        },
    }
}

/// Lets a rep correct a field or two of an outlet that others know as well: few outlets, few values, so that
/// corrections meet.
///
/// # Errors
/// When the phone's database cannot be read.
pub fn correct(handset: &mut impl Hand, rng: &mut Rng) -> anyhow::Result<()> {
    const FIELDS: [FieldName; 3] = [FieldName::Phone, FieldName::Contact, FieldName::OpeningHours];
    const VALUES: [&str; 4] = ["", "小周 027-8788", "9:00–21:00", "𠮷先生"];
    if handset.phone().session()?.is_none() || handset.account().role != Role::Rep {
        return Ok(());
    }
    let outlets: Vec<Outlet> = select(handset.database(), "ORDER BY id LIMIT 2", [])?;
    let Some(outlet) = rng.pick(&outlets) else { return Ok(()) };
    let mut values: Vec<(FieldName, &str)> = Vec::new();
    for field in FIELDS {
        if rng.chance(40) {
            values.push((field, VALUES[rng.index(VALUES.len())]));
        }
    }
    if values.is_empty() {
        return Ok(());
    }
    handset.act("outlet.edit", |phone| Ok(refusals(&phone.outlets().edit(outlet.id, &values)?)))
}

fn rep_deed(handset: &impl Hand, rng: &mut Rng) -> anyhow::Result<Option<Deed>> {
    let selling = if handset.account().dealers().is_empty() { 0 } else { 2 };
    let any = [(1, Deed::Raise), (1, Deed::Close), (2, Deed::Retake), (selling, Deed::Order), (1, Deed::Cancel)];
    let visiting: &[(u64, Deed)] = if open_visit(handset)?.is_some() {
        &[
            (6, Deed::Answer),
            (1, Deed::Goals),
            (1, Deed::Step),
            (3, Deed::Shoot),
            (1, Deed::Assess),
            (2, Deed::Fill),
            (2, Deed::Finish),
        ]
    } else {
        &[(8, Deed::Start), (1, Deed::Skip)]
    };
    let choices: Vec<(u64, Deed)> = any.iter().chain(visiting).copied().collect();
    Ok(rng.weighted(&choices))
}

fn record(handset: &mut impl Hand, command: Command) -> anyhow::Result<()> {
    let what = command.kind();
    handset.act(what, |phone| {
        Ok(match phone.record(command)? {
            Recorded::Done { .. } => Vec::new(),
            Recorded::Refused(problems) => problems.iter().map(|problem| problem.code.as_str().to_owned()).collect(),
        })
    })
}

fn command(handset: &impl Hand, rng: &mut Rng, deed: Deed) -> anyhow::Result<Option<Command>> {
    let database = handset.database();
    let visit = open_visit(handset)?;
    Ok(match (deed, visit) {
        (Deed::Start, _) => start(handset, rng)?,
        (Deed::Skip, _) => skip(handset, rng)?,
        (Deed::Raise, visit) => raise(handset, rng, visit.as_ref())?,
        (Deed::Close, _) => {
            let tasks: Vec<Task> = select(database, "ORDER BY id", [])?;
            let open: Vec<_> = tasks.iter().filter(|task| task.status == TaskStatus::Open).collect();
            rng.pick(&open).map(|task| CloseTask { task_id: task.id }.into())
        }
        (Deed::Cancel, _) => {
            let orders: Vec<Order> = select(database, "ORDER BY id", [])?;
            rng.pick(&orders).map(|order| CancelOrder { order_id: order.id }.into())
        }
        (Deed::Confirm, _) => {
            let orders: Vec<Order> = select(database, "ORDER BY id", [])?;
            let waiting: Vec<_> =
                orders.iter().filter(|order| order.status == OrderStatus::AwaitingConfirmation).collect();
            rng.pick(&waiting).map(|order| ConfirmOrder { order_id: order.id, payable: order.priced.payable }.into())
        }
        (Deed::Answer, Some(visit)) => answer(database, rng, &visit, false)?,
        (Deed::Goals, Some(visit)) => Some(ChooseGoals { visit_id: visit.id, goals: goals(database, rng)? }.into()),
        (Deed::Assess, Some(visit)) => {
            let attained = visit.goals.iter().filter(|_| rng.chance(60)).map(|goal| goal.code.clone()).collect();
            Some(AssessGoals { visit_id: visit.id, attained }.into())
        }
        (Deed::Step, Some(visit)) => {
            let step = u8::try_from(rng.between(1, 11)).unwrap_or(1);
            Some(BeginStep { visit_id: visit.id, step }.into())
        }
        (Deed::Finish, Some(visit)) => Some(FinishVisit { visit_id: visit.id, fix: fix(rng) }.into()),
        _ => None,
    })
}

fn start(handset: &impl Hand, rng: &mut Rng) -> anyhow::Result<Option<Command>> {
    let outlets: Vec<Outlet> = select(handset.database(), "ORDER BY id", [])?;
    let plans: Vec<CallPlan> = select(handset.database(), "ORDER BY id", [])?;
    let Some(outlet) = rng.pick(&outlets) else { return Ok(None) };
    let plan_id = plans.iter().find(|plan| plan.outlet_id == outlet.id).map(|plan| plan.id);
    let visit_id = VisitId(handset.phone().new_id());
    let template_id = small::checklist().id;
    Ok(Some(StartVisit { visit_id, outlet_id: outlet.id, plan_id, template_id, fix: fix(rng) }.into()))
}

fn skip(handset: &impl Hand, rng: &mut Rng) -> anyhow::Result<Option<Command>> {
    let plans: Vec<CallPlan> = select(handset.database(), "ORDER BY id", [])?;
    let reasons = codes(handset.database(), "skip_reason")?;
    let (Some(plan), Some(reason)) = (rng.pick(&plans), rng.pick(&reasons)) else { return Ok(None) };
    let visit_id = VisitId(handset.phone().new_id());
    Ok(Some(SkipCall { visit_id, outlet_id: plan.outlet_id, plan_id: plan.id, reason: reason.clone() }.into()))
}

fn raise(handset: &impl Hand, rng: &mut Rng, visit: Option<&Visit>) -> anyhow::Result<Option<Command>> {
    let outlets: Vec<Outlet> = select(handset.database(), "ORDER BY id", [])?;
    let Some(outlet) = rng.pick(&outlets) else { return Ok(None) };
    let due_on = world::at("2025-03-20T08:00").date_in(Zone::SHANGHAI);
    let note = rng.pick(&["换灯箱", "样机没电 🔋", "𠮷 price tag missing"]).map_or("", |note| note).to_owned();
    let (outlet_id, visit_id) = visit.map_or((outlet.id, None), |visit| (visit.outlet_id, Some(visit.id)));
    Ok(Some(RaiseTask { task_id: TaskId(handset.phone().new_id()), outlet_id, visit_id, note, due_on }.into()))
}

/// An answer to a question that applies; with `only_gaps`, to one that is missing.
fn answer(database: &Connection, rng: &mut Rng, visit: &Visit, only_gaps: bool) -> anyhow::Result<Option<Command>> {
    let state = SqliteState(database);
    let Some(template) = visit.template_id.map(|id| state.get::<ChecklistTemplate>(id.row())).transpose()?.flatten()
    else {
        return Ok(None);
    };
    let products = listed(state, visit)?;
    let answers = state.list(Find::AnswersOfVisit(visit.id))?;
    let asked = questions(&template, &products, &answers);
    let wanted: Vec<&Question<'_>> = asked.iter().filter(|question| !only_gaps || question.is_gap()).collect();
    let Some(question) = rng.pick(&wanted) else { return Ok(None) };
    let value = value_for(&question.item.kind, rng);
    let reasons = question.item.reason_list.as_deref().map_or(Ok(Vec::new()), |list| codes(database, list))?;
    let reason = rng.pick(&reasons).cloned();
    let key = question.key.clone();
    Ok(Some(RecordAnswer { visit_id: visit.id, item: key.item, instance: key.instance, value, reason }.into()))
}

fn listed(state: SqliteState<'_>, visit: &Visit) -> Result<Vec<Product>, StateError> {
    let Some(outlet) = state.get::<Outlet>(visit.outlet_id.row())? else { return Ok(Vec::new()) };
    let lines: Vec<storewalk_domain::catalog::MustStock> = state.list(Find::MustStockOfClass(outlet.class))?;
    let products: Vec<Product> = state.list(Find::Products)?;
    Ok(products.into_iter().filter(|product| lines.iter().any(|line| line.product_id == product.id)).collect())
}

fn value_for(kind: &ItemKind, rng: &mut Rng) -> AnswerValue {
    let option = |choices: &[storewalk_domain::checklist::Choice], rng: &mut Rng| {
        rng.pick(choices).map_or_else(String::new, |choice| choice.code.clone())
    };
    match kind {
        ItemKind::YesNo => AnswerValue::YesNo(rng.chance(70)),
        ItemKind::Count(_) => AnswerValue::Count(rng.between(0, 12)),
        ItemKind::Price(_) => AnswerValue::Price(rust_decimal::Decimal::new(rng.between(80_000, 140_000), 2)),
        ItemKind::Text { .. } => AnswerValue::Text("下周再来".to_owned()),
        ItemKind::SingleChoice { choices } => AnswerValue::Choice(option(choices, rng)),
        ItemKind::MultipleChoice { choices } => AnswerValue::Choices(vec![option(choices, rng)]),
        ItemKind::Names { .. } => AnswerValue::Names(vec!["小陈".to_owned()]),
    }
}

/// Answers all that is missing, takes the photo that is missing, and checks out.
fn fill(handset: &mut impl Hand, rng: &mut Rng, photos: &[PathBuf]) -> anyhow::Result<()> {
    let Some(visit) = open_visit(handset)? else { return Ok(()) };
    for _ in 0..12 {
        let Some(command) = answer(handset.database(), rng, &visit, true)? else { break };
        record(handset, command)?;
    }
    let taken: Vec<Photo> = SqliteState(handset.database()).list(Find::PhotosOfVisit(visit.id))?;
    if let Some(zone) = required_zone(handset.database())?
        && !taken.iter().any(|photo| photo.zone == zone)
    {
        capture(handset, rng, photos, &visit, &zone, None)?;
    }
    record(handset, FinishVisit { visit_id: visit.id, fix: fix(rng) }.into())
}

fn required_zone(database: &Connection) -> anyhow::Result<Option<String>> {
    let sql = "SELECT code FROM handbook_entries WHERE list = 'photo_zone' AND is_required = 1 ORDER BY position";
    let mut statement = database.prepare_cached(sql)?;
    let mut codes = statement.query_map([], |row| row.get(0))?;
    Ok(codes.next().transpose()?)
}

fn shoot(handset: &mut impl Hand, rng: &mut Rng, photos: &[PathBuf], deed: Deed) -> anyhow::Result<()> {
    let taken: Vec<Photo> = select(handset.database(), "ORDER BY id", [])?;
    if deed == Deed::Retake {
        let rejected: Vec<_> =
            taken.iter().filter(|photo| photo.status == PhotoStatus::Rejected && photo.replaced_by.is_none()).collect();
        let Some(before) = rng.pick(&rejected) else { return Ok(()) };
        let Some(visit) = SqliteState(handset.database()).get::<Visit>(before.visit_id.row())? else { return Ok(()) };
        return capture(handset, rng, photos, &visit, &before.zone, Some(before));
    }
    let Some(visit) = open_visit(handset)? else { return Ok(()) };
    let zones = codes(handset.database(), "photo_zone")?;
    let Some(zone) = rng.pick(&zones) else { return Ok(()) };
    let same: Vec<_> = taken.iter().filter(|photo| photo.visit_id == visit.id && photo.zone == *zone).collect();
    let before = if rng.chance(20) { rng.pick(&same).copied() } else { None };
    capture(handset, rng, photos, &visit, zone, before)
}

fn capture(
    handset: &mut impl Hand,
    rng: &mut Rng,
    photos: &[PathBuf],
    visit: &Visit,
    zone: &str,
    replaces: Option<&Photo>,
) -> anyhow::Result<()> {
    let Some(source) = rng.pick(photos) else { return Ok(()) };
    let replaces = replaces.map(|photo| photo.id);
    handset.act("photo.attach", |phone| Ok(refusals(&phone.photos().capture(visit.id, zone, source, replaces)?)))
}

fn order(handset: &mut impl Hand, rng: &mut Rng) -> anyhow::Result<()> {
    // Those at the beginning, whether or not they still are, and those there are now.
    let mut dealers = handset.account().dealers();
    let present: Vec<Dealer> = select(handset.database(), "ORDER BY id", [])?;
    dealers.extend(present.iter().map(|dealer| dealer.id).filter(|id| !handset.account().dealers().contains(id)));
    let Some(dealer) = rng.pick(&dealers).copied() else { return Ok(()) };
    let mut lines = Vec::new();
    for facts in world::PRODUCTS {
        if rng.chance(40) {
            let quantity = if facts.code == "A10" { 20 + 10 * rng.below(4) } else { 1 + rng.below(8) };
            lines.push((world::product(facts.code), Quantity(u32::try_from(quantity).unwrap_or(1))));
        }
    }
    handset.act("order.submit", |phone| submit(phone, dealer, &lines))
}

fn submit(
    phone: &Phone,
    dealer: storewalk_domain::ids::DealerId,
    lines: &[(storewalk_domain::ids::ProductId, Quantity)],
) -> Result<Vec<String>, ClientError> {
    let orders = phone.orders();
    let draft: OrderId = match orders.create_draft(dealer, None)? {
        Attempt::Done(draft) => draft,
        refused @ Attempt::Refused(_) => return Ok(refusals(&refused)),
    };
    for (product, quantity) in lines {
        orders.set_line(draft, *product, *quantity, None)?;
    }
    Ok(refusals(&orders.submit(draft)?))
}

fn refusals<T>(attempt: &Attempt<T>) -> Vec<String> {
    attempt.codes().into_iter().map(str::to_owned).collect()
}

fn goals(database: &Connection, rng: &mut Rng) -> anyhow::Result<Vec<String>> {
    let all = codes(database, "visit_goal")?;
    Ok(all.into_iter().filter(|_| rng.chance(60)).collect())
}

fn codes(database: &Connection, list: &str) -> anyhow::Result<Vec<String>> {
    let mut statement =
        database.prepare_cached("SELECT code FROM handbook_entries WHERE list = ? ORDER BY position")?;
    let codes = statement.query_map([list], |row| row.get(0))?;
    Ok(codes.collect::<Result<_, _>>()?)
}

fn open_visit(handset: &impl Hand) -> anyhow::Result<Option<Visit>> {
    let question = Find::OpenVisitsOfRep(world::user(handset.account().login));
    let open: Vec<Visit> = SqliteState(handset.database()).list(question)?;
    Ok(open.into_iter().next())
}

/// Where the phone thinks it is, with every digit a receiver reports.
fn fix(rng: &mut Rng) -> Option<Fix> {
    let position =
        Position { lat: 30.52 + rng.fraction() / 500.0, lon: 114.35 + rng.fraction() / 500.0, datum: Datum::Wgs84 };
    rng.chance(80).then(|| Fix { position, accuracy_m: 3.0 + rng.fraction() * 30.0, is_mock: rng.chance(5) })
}
