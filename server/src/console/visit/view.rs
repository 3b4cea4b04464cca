//! The visit as the page shows it.

use std::collections::BTreeMap;

use askama::Template;
use storewalk_domain::{
    catalog::Product,
    checklist::{Answer, ChecklistTemplate},
    handbook::{HandbookList, task_wording},
    ids::CommandId,
    photo::Photo,
    sync::{Policies, StateError},
    task::{Task, TaskStatus},
    visit::{Summary, Visit},
};

use super::{
    answers::{self, PriceView, SectionView},
    score::{self, ScoreView},
};
use crate::console::{
    format,
    frame::{Frame, Part, Pill, Tone},
    handover::label_text,
    lookup::{Names, OutletTag},
    photos::{Tile, tile},
    times,
    visits::{PhotoProgress, hit, place_pill, progress, visit_state},
    words::Words,
};

/// The rows of a visit.
#[derive(Clone, Debug)]
pub(crate) struct VisitRows {
    pub(crate) visit: Visit,
    pub(crate) template: Option<ChecklistTemplate>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) photos: Vec<Photo>,
    pub(crate) tasks: Vec<Task>,
    /// The other visits to the same planned call, from other devices.
    pub(crate) same_call: Vec<Visit>,
}

/// The page.
#[derive(Template)]
#[template(path = "visit.html")]
pub(crate) struct VisitPage {
    f: Frame,
    date: String,
    outlet: OutletTag,
    state: Pill,
    figures: Vec<Fact>,
    facts: Vec<Fact>,
    goals: Vec<GoalView>,
    step_text: String,
    steps: Vec<StepView>,
    photo_progress: PhotoProgress,
    photos: Vec<Tile>,
    score: Option<ScoreView>,
    prices: Vec<PriceView>,
    tasks: Vec<TaskView>,
    answers: Vec<AnswersView>,
    same_call: Vec<CallView>,
    command: String,
}

/// Answers under one heading.
struct AnswersView {
    anchor: &'static str,
    title: String,
    hint: String,
    sections: Vec<SectionView>,
}

/// A visit to the same call.
struct CallView {
    id: String,
    is_here: bool,
    is_duplicate: bool,
    began: String,
    device: String,
    step: String,
    state: String,
}

/// A named value.
pub(crate) struct Fact {
    name: String,
    value: String,
    pill: Option<Pill>,
}

struct GoalView {
    name: String,
    pill: Pill,
}

struct StepView {
    number: u8,
    name: String,
    time: String,
}

struct TaskView {
    title: String,
    detail: String,
    state: Pill,
    owner: String,
    due: String,
}

/// Builds the page of a visit.
pub(crate) fn page(
    mut f: Frame,
    names: &mut Names<'_>,
    rows: &VisitRows,
    policies: &Policies,
    command: CommandId,
) -> Result<VisitPage, StateError> {
    let words = f.words;
    let visit = &rows.visit;
    let (late, answers): (Vec<Answer>, Vec<Answer>) =
        rows.answers.iter().cloned().partition(|answer| answer.late.is_some());
    let sections = |answers: &[Answer], names: &Names<'_>, products: &BTreeMap<String, Product>| {
        let template = rows.template.as_ref();
        template.map(|template| answers::sections(template, answers, products, names, words)).unwrap_or_default()
    };
    let products = names.products()?;
    let outlet = names.outlet_tag(visit.outlet_id)?;
    f.part = Part::Visits;
    f.title = words.fill("visit.title", &[("outlet", &outlet.name)]);
    let template = rows.template.as_ref();
    let mut taken: Vec<&Photo> = rows.photos.iter().collect();
    taken.sort_by_key(|photo| (photo.taken_at, photo.id));
    let last = visit.steps.iter().map(|mark| mark.step).max().unwrap_or(0).to_string();
    let version = template.map(|template| template.version.to_string()).unwrap_or_default();
    let checklist = template.map_or_else(String::new, |template| {
        words.fill("visit.checklist", &[("title", f.say(&template.title)), ("version", &version)])
    });
    let shown = [
        ("answers", "visit.answers", checklist, &answers),
        // What another device answered after the visit was closed.
        ("late", "visit.late_answers", words.t("visit.late_answers_hint").to_owned(), &late),
    ];
    let groups = shown.into_iter().map(|(anchor, title, hint, answers)| AnswersView {
        anchor,
        title: words.t(title).to_owned(),
        hint,
        sections: sections(answers, names, &products),
    });
    let groups = groups.filter(|group| !group.sections.is_empty()).collect();
    let step_name = names.label(HandbookList::VisitStep, &last);
    let summary = visit.summary.as_ref();
    Ok(VisitPage {
        date: visit.visited_on.to_string(),
        state: visit_state(visit.status, words),
        figures: summary.map(|summary| figures(summary, words)).unwrap_or_default(),
        facts: facts(visit, names, &f)?,
        goals: goals(visit, names, words),
        step_text: words.fill("visits.step", &[("n", &last), ("name", &step_name)]),
        steps: steps(visit, names, &f),
        photo_progress: progress(&taken, words),
        photos: taken.iter().map(|photo| tile(photo, names, &f)).collect::<Result<_, _>>()?,
        score: summary.map(|summary| score::view(&summary.score, template, &products, words)),
        prices: answers::prices(&answers, &products, policies, words),
        tasks: rows.tasks.iter().map(|task| task_view(task, names, words)).collect::<Result<_, _>>()?,
        answers: groups,
        same_call: same_call(rows, names, &f),
        command: command.to_string(),
        outlet,
        f,
    })
}

fn figures(summary: &Summary, words: &Words) -> Vec<Fact> {
    let fact = |key: &str, value: String| Fact { name: words.t(key).to_owned(), value, pill: None };
    let of = [("n", &*summary.on_shelf.to_string()), ("of", &*summary.must_stock.to_string())];
    let share = hit(summary.on_shelf, summary.must_stock);
    vec![
        fact("visit.score", format::figure(summary.score.total)),
        fact("figure.on_shelf", format!("{share} ({})", words.fill("figure.of", &of))),
        fact("figure.photos", summary.photos.to_string()),
        fact("figure.tasks", summary.tasks_raised.to_string()),
        fact("visit.duration", format::minutes(summary.minutes, words)),
    ]
}

fn facts(visit: &Visit, names: &mut Names<'_>, f: &Frame) -> Result<Vec<Fact>, StateError> {
    let words = f.words;
    let fact = |key: &str, value: String| Fact { name: words.t(key).to_owned(), value, pill: None };
    let mut facts = vec![fact("visit.rep", names.person_with_code(visit.rep_id)?)];
    if let Some(label) = &visit.handover {
        let pill = Some(Pill::new(Tone::Info, "info", f.say(&label.standing.label())));
        facts.push(Fact { pill, ..fact("visit.handover", label_text(label, names, f)?) });
    }
    let plan = if visit.plan_id.is_some() { "visit.planned" } else { "visit.unplanned" };
    facts.push(fact("visit.plan", words.t(plan).to_owned()));
    if let Some(check_in) = &visit.check_in {
        let at = Fact {
            pill: Some(place_pill(check_in, words)),
            ..fact("visit.check_in", times::trusted(check_in.at, check_in.span, f))
        };
        facts.push(at);
        facts.push(fact("visit.device_clock", times::device(check_in.at, check_in.device_at, f)));
    }
    if let Some(check_out) = &visit.check_out {
        facts.push(fact("visit.check_out", times::trusted(check_out.at, check_out.span, f)));
        facts.push(fact("visit.device_clock", times::device(check_out.at, check_out.device_at, f)));
    }
    facts.extend(remarks(visit, f));
    if let Some(reason) = &visit.skip_reason {
        facts.push(fact("visit.skip_reason", names.label(HandbookList::SkipReason, reason)));
    }
    if let Some(outlet) = names.outlet(visit.outlet_id)? {
        let (who, phone) = (outlet.decision_maker.clone(), outlet.phone.clone());
        if !who.is_empty() {
            facts.push(fact("visit.decision_maker", format!("{who} {phone}").trim_end().to_owned()));
        }
        facts.push(fact("visit.address", outlet.address.clone()));
    }
    Ok(facts)
}

/// What was out of the ordinary.
fn remarks(visit: &Visit, f: &Frame) -> Vec<Fact> {
    let words = f.words;
    let fact = |value: String| Fact { name: words.t("visit.remark").to_owned(), value, pill: None };
    let Some(remarks) = &visit.remarks else { return Vec::new() };
    let late = remarks.late_form.as_ref().map(|late| {
        let (version, newer) = (late.version.to_string(), late.replaced_by.to_string());
        let since = format::moment(late.replaced_at, f.zone);
        words.fill("visit.late_form", &[("version", &version), ("newer", &newer), ("since", &since)])
    });
    let gaps = (!remarks.gaps.is_empty())
        .then(|| words.fill("visit.gaps", &[("gaps", &remarks.gaps.join(words.t("list.comma")))]));
    late.into_iter().chain(gaps).map(fact).collect()
}

/// The visits to one call from several devices, and which of them counts; empty for nearly every visit.
fn same_call(rows: &VisitRows, names: &Names<'_>, f: &Frame) -> Vec<CallView> {
    let visits = std::iter::once(&rows.visit).chain(&rows.same_call);
    let view = |visit: &Visit| {
        let check_in = visit.check_in.as_ref();
        let device = check_in.and_then(|check_in| check_in.device).map(|number| number.to_string());
        let counts = if visit.is_duplicate() { "visit.duplicate" } else { "visit.counts" };
        let step = visit.steps.iter().map(|mark| mark.step).max().unwrap_or(0).to_string();
        CallView {
            id: visit.id.to_string(),
            is_here: visit.id == rows.visit.id,
            is_duplicate: visit.is_duplicate(),
            began: check_in.map(|check_in| times::trusted(check_in.at, check_in.span, f)).unwrap_or_default(),
            device: f.words.fill("visit.on_device", &[("number", &device.unwrap_or_default())]),
            step: names.label(HandbookList::VisitStep, &step),
            state: f.t(counts).to_owned(),
        }
    };
    if rows.same_call.is_empty() { Vec::new() } else { visits.map(view).collect() }
}

fn goals(visit: &Visit, names: &Names<'_>, words: &Words) -> Vec<GoalView> {
    let pill = |attained| match attained {
        Some(true) => Pill::new(Tone::Good, "check", words.t("goal.attained")),
        Some(false) => Pill::new(Tone::Warn, "cross", words.t("goal.missed")),
        None => Pill::new(Tone::Plain, "clock", words.t("goal.open")),
    };
    let view = |goal: &storewalk_domain::visit::Goal| GoalView {
        name: names.label(HandbookList::VisitGoal, &goal.code),
        pill: pill(goal.is_attained),
    };
    visit.goals.iter().map(view).collect()
}

fn steps(visit: &Visit, names: &Names<'_>, f: &Frame) -> Vec<StepView> {
    let begun = |number: u8| visit.steps.iter().filter(|mark| mark.step == number).map(|mark| mark.at).min();
    let view = |number: u8| StepView {
        number,
        name: names.label(HandbookList::VisitStep, &number.to_string()),
        time: begun(number).map(|at| format::clock(at, f.zone)).unwrap_or_default(),
    };
    (1..=11).map(view).collect()
}

fn task_view(task: &Task, names: &mut Names<'_>, words: &Words) -> Result<TaskView, StateError> {
    let wording = task_wording(&names.handbook, task, words.language());
    let state = match task.status {
        TaskStatus::Open => Pill::new(Tone::Warn, "clock", words.t("task.open")),
        TaskStatus::Done => Pill::new(Tone::Good, "check", words.t("task.done")),
        TaskStatus::Cancelled => Pill::new(Tone::Plain, "cross", words.t("task.cancelled")),
    };
    Ok(TaskView {
        title: wording.title,
        detail: wording.detail,
        state,
        owner: names.person(task.owner_id)?,
        due: words.fill("task.due", &[("date", &task.due_on.to_string())]),
    })
}
