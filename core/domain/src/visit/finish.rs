//! `visit.finish`: the rep leaves. Completeness is checked, figures are summed up, tasks follow.

use crate::{
    checklist::{Answer, Question},
    photo::rejected_zones,
    problem::{Problem, ProblemCode},
    score::score,
    sync::{Change, Context, Decision, Find, FinishVisit, Host, State, StateError, StateExt, Stop, settle},
    task::{Task, follow_up, price_spread_alerts},
    visit::{
        CheckOut, Summary, VisitStatus, gaps::missing, own::open_visit, sheet::Sheet, shelf::ShelfCount, start::usable,
    },
};

/// Answers `visit.finish`.
///
/// # Errors
/// When the state cannot be read.
pub fn decide_finish(state: &dyn State, args: &FinishVisit, context: &Context) -> Result<Decision, StateError> {
    settle(finish(state, args, context))
}

fn finish(state: &dyn State, args: &FinishVisit, context: &Context) -> Result<Vec<Change>, Stop> {
    let visit = open_visit(state, args.visit_id, context)?;
    let mut sheet = Sheet::of_open(state, visit)?;
    require_complete(state, &sheet, context)?;

    let follow_up = follow_up(state, &sheet, context)?;
    let tasks: Vec<Task> = state.list(Find::TasksOfVisit(sheet.visit.id))?;
    let summary = summary(state, &sheet, context, tasks.len() + follow_up.raised)?;
    let mut changes = follow_up.changes;
    if matches!(context.host, Host::Server { .. }) {
        changes.extend(price_spread_alerts(state, &sheet, context)?.into_iter().map(Change::put));
    }
    sheet.visit.status = VisitStatus::Completed;
    sheet.visit.check_out =
        Some(CheckOut { at: context.captured_at, device_at: context.device_at, fix: usable(args.fix) });
    sheet.visit.summary = Some(summary);
    changes.insert(0, Change::put(sheet.visit));
    Ok(changes)
}

/// Refuses a visit with gaps.
///
/// The phone asks for every product of the list. The server leaves out products of which the visit says nothing at
/// all, or nothing of what is asked about hero products alone: they joined the list, or became heroes, after the phone
/// had looked, and refusing the visit would refuse the rep's day behind it.
/// Nothing is won by leaving a product out, because what is unanswered counts as missing.
///
/// **Limit.** Photos are asked for on both sides: a zone that becomes required while the rep is offline still stops the
/// check-out at the server, because the handbook does not say since when a zone is required.
fn require_complete(state: &dyn State, sheet: &Sheet, context: &Context) -> Result<(), Stop> {
    let mut questions = sheet.questions();
    if !context.is_being_captured() {
        questions.retain(|question| question.product.is_none() || was_asked(sheet, question));
    }
    let gaps = missing(&questions, &sheet.photos, &state.list(Find::Handbook)?);
    if gaps.is_empty() {
        return Ok(());
    }
    let head = Problem::new(ProblemCode::VisitIncomplete).at(sheet.visit.id.to_string()).with("count", gaps.len());
    Err(Stop::Refused(std::iter::once(head).chain(gaps).collect()))
}

/// Whether the phone asked about this product in this repetition: something in it was answered.
fn was_asked(sheet: &Sheet, question: &Question<'_>) -> bool {
    let repeat_of = |answer: &Answer| sheet.template.item(&answer.item).map(|item| item.repeat);
    let mut of_product = sheet.answers.iter().filter(|answer| answer.instance == question.key.instance);
    of_product.any(|answer| repeat_of(answer) == Some(question.item.repeat))
}

fn summary(state: &dyn State, sheet: &Sheet, context: &Context, tasks: usize) -> Result<Summary, Stop> {
    let rejected = rejected_zones(state, &sheet.photos, None)?;
    let shelf = ShelfCount::of(sheet);
    let photos = sheet.photos.iter().filter(|photo| photo.replaced_by.is_none()).count();
    let minutes = sheet.visit.check_in.map_or(0, |check_in| context.captured_at.since_ms(check_in.at) / 60_000);
    Ok(Summary {
        on_shelf: shelf.on_shelf,
        must_stock: shelf.must_stock,
        score: score(&sheet.template, &sheet.products, &sheet.answers, &rejected, &context.policies),
        photos: u32::try_from(photos).unwrap_or(u32::MAX),
        tasks_raised: u32::try_from(tasks).unwrap_or(u32::MAX),
        minutes: minutes.max(0),
    })
}
