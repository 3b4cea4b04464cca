//! `visit.finish`: the rep leaves. Completeness is checked, figures are summed up, tasks follow.

use crate::{
    checklist::{Answer, ChecklistTemplate, Question},
    handbook::HandbookList,
    outlet::reps,
    photo::rejected_zones,
    problem::{Problem, ProblemCode},
    score::score,
    sync::{Change, Context, Decision, Find, FinishVisit, Host, Row, State, StateError, StateExt, Stop, settle},
    task::{Task, follow_up, price_spread_alerts},
    time::DAY_MS,
    visit::{
        CheckOut, LateForm, Remarks, Summary, Visit, VisitStatus,
        gaps::missing,
        own::{guest_leaves, open_visit},
        sheet::Sheet,
        shelf::ShelfCount,
        start::usable,
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
    let gaps = gaps(state, &sheet, context)?;
    let remarks = Remarks { late_form: late_form(state, &sheet, context)?, gaps };

    let follow_up = follow_up(state, &sheet, context)?;
    let tasks: Vec<Task> = state.list(Find::TasksOfVisit(sheet.visit.id))?;
    let summary = summary(state, &sheet, context, tasks.len() + follow_up.raised)?;
    let mut changes = for_present_rep(state, &sheet.visit, follow_up.changes)?;
    changes.extend(guest_leaves(state, &sheet.visit)?);
    if matches!(context.host, Host::Server { .. }) {
        changes.extend(price_spread_alerts(state, &sheet, context)?.into_iter().map(Change::put));
    }
    sheet.visit.status = VisitStatus::Completed;
    sheet.visit.check_out = Some(CheckOut {
        at: context.captured_at,
        device_at: context.device_at,
        fix: usable(args.fix),
        span: Some(context.span),
    });
    sheet.visit.summary = Some(summary);
    sheet.visit.remarks = Some(remarks).filter(|remarks| *remarks != Remarks::default());
    changes.insert(0, Change::put(sheet.visit));
    Ok(changes)
}

/// What a former rep's visit found is for the rep who has the outlet now.
fn for_present_rep(state: &dyn State, visit: &Visit, changes: Vec<Change>) -> Result<Vec<Change>, Stop> {
    if visit.handover.is_none() {
        return Ok(changes);
    }
    let Some(owner_id) = reps(state, visit.territory_id)?.first().copied() else { return Ok(changes) };
    let given = |change| match change {
        Change::Put(row) => match *row {
            Row::Task(task) if task.owner_id == visit.rep_id => Change::put(Task { owner_id, ..task }),
            row => Change::put(row),
        },
        removal @ Change::Remove { .. } => removal,
    };
    Ok(changes.into_iter().map(given).collect())
}

/// What is missing in a visit. While the rep stands before it, that refuses the check-out.
///
/// What arrives at the server was made: an item or a photo zone that became required after the phone had looked must not
/// refuse the rep's day behind it, and a phone that did not ask is no reason to lose what it brings. So there a gap is
/// noted with the visit. Products of which the visit says nothing at all, or nothing of what is asked about hero products
/// alone, are left out: they joined the list, or became heroes, later. Nothing is won by leaving anything out, because
/// what is unanswered counts as missing.
fn gaps(state: &dyn State, sheet: &Sheet, context: &Context) -> Result<Vec<String>, Stop> {
    let mut questions = sheet.questions();
    if !context.is_being_captured() {
        questions.retain(|question| question.product.is_none() || was_asked(sheet, question));
    }
    let gaps = missing(&questions, &sheet.photos, &state.list(Find::HandbookOf(HandbookList::PhotoZone))?);
    if gaps.is_empty() || !context.is_being_captured() {
        return Ok(gaps.into_iter().map(|gap| gap.at).collect());
    }
    let head = Problem::new(ProblemCode::VisitIncomplete).at(sheet.visit.id.to_string()).with("count", gaps.len());
    Err(Stop::Refused(std::iter::once(head).chain(gaps).collect()))
}

/// Whether the visit's checklist had been replaced for longer than the organisation waits when it arrived. Such a visit
/// is taken in like any other, and says so.
fn late_form(state: &dyn State, sheet: &Sheet, context: &Context) -> Result<Option<LateForm>, StateError> {
    let Host::Server { arrived_at } = context.host else { return Ok(None) };
    let template = &sheet.template;
    let versions = state.list::<ChecklistTemplate>(Find::Checklists)?;
    let newer = versions.iter().filter(|other| other.code == template.code && other.version > template.version);
    let next = newer.min_by_key(|other| (other.valid_from, other.version));
    let patience_ms = i64::from(context.policies.form_days) * DAY_MS;
    Ok(next.filter(|next| arrived_at.since_ms(next.valid_from) > patience_ms).map(|next| LateForm {
        version: template.version,
        replaced_by: next.version,
        replaced_at: next.valid_from,
    }))
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
