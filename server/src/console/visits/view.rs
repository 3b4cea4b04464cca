//! The day as the page shows it.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use storewalk_domain::{
    geo::FenceVerdict,
    handbook::{HandbookList, alert_wording},
    ids::{TerritoryId, UserId, VisitId},
    outlet::{PlannedCall, calls_on},
    photo::Photo,
    sync::StateError,
    task::Task,
    time::{BusinessDate, Zone},
    visit::{CheckIn, Visit, VisitStatus, Width},
};

use super::{
    photos::{PhotoProgress, progress},
    report::of_rep,
};
use crate::{
    console::{
        fault::ProblemText,
        format,
        frame::{Frame, Part, Pill, Tone},
        lookup::{Names, OutletTag},
        words::Words,
    },
    store::{Day, Posting},
};

/// The page.
#[derive(Template)]
#[template(path = "visits.html")]
pub(crate) struct VisitsPage {
    f: Frame,
    day_text: String,
    date: String,
    before: String,
    after: String,
    is_today: bool,
    figures: Vec<Figure>,
    alerts: Vec<AlertLine>,
    reps: Vec<RepDay>,
    bad_plans: Vec<ProblemText>,
}

/// A figure of the day.
struct Figure {
    name: String,
    value: String,
}

struct AlertLine {
    pill: Pill,
    at: String,
    text: String,
}

/// One rep's day.
#[derive(Default)]
struct RepDay {
    anchor: String,
    name: String,
    summary: String,
    visits: Vec<VisitLine>,
    open_calls: Vec<OutletTag>,
    open_text: String,
    report: Vec<(String, String)>,
    /// The calls that were this rep's to make.
    calls: Vec<PlannedCall>,
}

struct VisitLine {
    id: String,
    outlet: OutletTag,
    is_planned: bool,
    state: Pill,
    note: String,
    step: u8,
    step_text: String,
    times: String,
    place: Option<Pill>,
    photos: PhotoProgress,
    score: String,
    tasks: usize,
}

/// The state of a visit.
pub(crate) fn visit_state(status: VisitStatus, words: &Words) -> Pill {
    match status {
        VisitStatus::InProgress => Pill::new(Tone::Info, "clock", words.t("visit.in_progress")),
        VisitStatus::Completed => Pill::new(Tone::Good, "check", words.t("visit.completed")),
        VisitStatus::Skipped => Pill::new(Tone::Warn, "skip", words.t("visit.skipped")),
    }
}

/// What the check-in says about being there.
pub(crate) fn place_pill(check_in: &CheckIn, words: &Words) -> Pill {
    let distance = check_in.distance_m.map(format::distance);
    let with = |key: &str, plain: &str| match &distance {
        Some(distance) => words.fill(key, &[("distance", distance)]),
        None => words.t(plain).to_owned(),
    };
    match check_in.verdict {
        FenceVerdict::Verified => Pill::new(Tone::Good, "place", with("place.verified_at", "place.verified")),
        FenceVerdict::OffSite => Pill::new(Tone::Bad, "warn", with("place.off_site_at", "place.off_site")),
        FenceVerdict::Unverified => Pill::new(Tone::Warn, "info", with("place.unverified_at", "place.unverified")),
    }
}

/// Builds the page of a day.
pub(crate) fn page(
    mut f: Frame,
    names: &mut Names<'_>,
    date: BusinessDate,
    day: &Day,
    (postings, width): (&[Posting], &Width),
) -> Result<VisitsPage, StateError> {
    let words = f.words;
    let (due, problems) = calls_on(&day.plans, date);
    let bad_plans = problems.iter().map(|problem| ProblemText::of(problem, f.language())).collect();
    let visited: BTreeSet<_> = day.visits.iter().map(|visit| visit.outlet_id).collect();
    let mut reps: BTreeMap<UserId, RepDay> = BTreeMap::new();
    let mut unposted = RepDay::default();
    let owner_of: BTreeMap<TerritoryId, UserId> =
        postings.iter().rev().map(|posting| (posting.territory_id, posting.user_id)).collect();
    let territory_of: BTreeMap<_, _> = day.plans.iter().map(|plan| (plan.id, plan.territory_id)).collect();
    let mut visits: Vec<&Visit> = day.visits.iter().collect();
    visits.sort_by_key(|visit| (visit.check_in.map(|check_in| check_in.at), visit.id));
    for visit in visits {
        let line = visit_line(visit, day, names, f.zone, words)?;
        reps.entry(visit.rep_id).or_default().visits.push(line);
    }
    for call in &due {
        let owner = territory_of.get(&call.plan_id).and_then(|territory| owner_of.get(territory));
        let rep = owner.map_or(&mut unposted, |owner| reps.entry(*owner).or_default());
        rep.calls.push(*call);
        if !visited.contains(&call.outlet_id) {
            rep.open_calls.push(names.outlet_tag(call.outlet_id)?);
        }
    }
    let open: usize = reps.values().chain([&unposted]).map(|rep| rep.open_calls.len()).sum();
    let mut figures = figures(day, due.len(), open, words);
    figures.push(width_figure(width, words));
    let mut all = Vec::new();
    for (id, rep) in reps {
        let report = if rep.visits.is_empty() { Vec::new() } else { of_rep(id, day, &rep.calls, date, words) };
        all.push(RepDay { name: names.person_with_code(id)?, anchor: format!("rep-{id}"), report, ..rep });
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    if !unposted.open_calls.is_empty() {
        all.push(RepDay { name: words.t("visits.nobody").to_owned(), anchor: "rep-none".to_owned(), ..unposted });
    }
    for rep in &mut all {
        rep.summary = summary(rep, words);
        rep.open_text = words.count("visits.open_calls", rep.open_calls.len());
    }
    f.part = Part::Visits;
    words.t("visits.title").clone_into(&mut f.title);
    Ok(VisitsPage {
        day_text: format::day(date, words),
        date: date.to_string(),
        before: date.plus_days(-1).to_string(),
        after: date.plus_days(1).to_string(),
        is_today: f.now.date_in(f.zone) == date,
        figures,
        alerts: alerts(day, names, &f),
        reps: all,
        bad_plans,
        f,
    })
}

fn visit_line(
    visit: &Visit,
    day: &Day,
    names: &mut Names<'_>,
    zone: Zone,
    words: &Words,
) -> Result<VisitLine, StateError> {
    let photos: Vec<&Photo> = day.photos.iter().filter(|photo| photo.visit_id == visit.id).collect();
    let step = visit.steps.iter().map(|mark| mark.step).max().unwrap_or(0);
    let step_name = names.label(HandbookList::VisitStep, &step.to_string());
    let skip_reason = visit.skip_reason.as_ref().map(|reason| names.label(HandbookList::SkipReason, reason));
    Ok(VisitLine {
        id: visit.id.to_string(),
        outlet: names.outlet_tag(visit.outlet_id)?,
        is_planned: visit.plan_id.is_some(),
        state: visit_state(visit.status, words),
        note: if visit.is_duplicate() {
            words.t("visit.duplicate").to_owned()
        } else {
            skip_reason.unwrap_or_default()
        },
        step,
        step_text: words.fill("visits.step", &[("n", &step.to_string()), ("name", &step_name)]),
        times: times(visit, zone),
        place: visit.check_in.as_ref().map(|check_in| place_pill(check_in, words)),
        photos: progress(&photos, words),
        score: visit.summary.as_ref().map(|summary| format::figure(summary.score.total)).unwrap_or_default(),
        tasks: raised(&day.tasks, visit.id),
    })
}

/// "08:52–09:41", or "08:52–" while the rep is inside.
pub(crate) fn times(visit: &Visit, zone: Zone) -> String {
    let Some(check_in) = visit.check_in else { return String::new() };
    let until = visit.check_out.map(|check_out| format::clock(check_out.at, zone)).unwrap_or_default();
    format!("{}–{until}", format::clock(check_in.at, zone))
}

fn raised(tasks: &[Task], visit: VisitId) -> usize {
    tasks.iter().filter(|task| task.visit_id == Some(visit)).count()
}

fn figures(day: &Day, due: usize, open: usize, words: &Words) -> Vec<Figure> {
    let counted = || day.visits.iter().filter(|visit| !visit.is_duplicate());
    let of_status = |status| counted().filter(|visit| visit.status == status).count();
    let latest: Vec<&Photo> = day.photos.iter().collect();
    let photos = progress(&latest, words);
    let scores: Vec<_> = counted().filter_map(|visit| visit.summary.as_ref()).collect();
    let (on_shelf, must_stock) =
        scores.iter().fold((0, 0), |(on, must), summary| (on + summary.on_shelf, must + summary.must_stock));
    let figure = |key: &str, value: String| Figure { name: words.t(key).to_owned(), value };
    let of = |n: usize, of: usize| words.fill("figure.of", &[("n", &n.to_string()), ("of", &of.to_string())]);
    vec![
        figure("figure.planned", of(due.saturating_sub(open), due)),
        figure("figure.in_progress", of_status(VisitStatus::InProgress).to_string()),
        figure("figure.completed", of_status(VisitStatus::Completed).to_string()),
        figure("figure.skipped", of_status(VisitStatus::Skipped).to_string()),
        figure("figure.photos", of(photos.received, photos.total)),
        figure("figure.on_shelf", hit(on_shelf, must_stock)),
        figure("figure.tasks", day.tasks.len().to_string()),
    ]
}

/// Outlets that carry the brand, of all there are: each counts once, however many visits were made to it.
fn width_figure(width: &Width, words: &Words) -> Figure {
    let of = words.fill("figure.of", &[("n", &width.carrying.to_string()), ("of", &width.outlets.to_string())]);
    let share = width.pct.map_or_else(|| "–".to_owned(), |pct| format!("{pct:.1} %"));
    Figure { name: words.t("figure.width").to_owned(), value: format!("{share} ({of})") }
}

/// A share of two counts in percent with one place, or a dash.
pub(crate) fn hit(part: u32, whole: u32) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    let per_mille = (u64::from(part) * 1000 + u64::from(whole) / 2) / u64::from(whole);
    format!("{}.{} %", per_mille / 10, per_mille % 10)
}

fn summary(rep: &RepDay, words: &Words) -> String {
    let photos: usize = rep.visits.iter().map(|visit| visit.photos.total).sum();
    let tasks: usize = rep.visits.iter().map(|visit| visit.tasks).sum();
    let parts = [
        words.count("visits.count_visits", rep.visits.len()),
        words.count("visits.count_photos", photos),
        words.count("visits.count_tasks", tasks),
        words.count("visits.count_open", rep.open_calls.len()),
    ];
    parts.join(" · ")
}

fn alerts(day: &Day, names: &Names<'_>, f: &Frame) -> Vec<AlertLine> {
    let line = |alert| {
        let wording = alert_wording(&names.handbook, alert, f.language());
        AlertLine {
            pill: Pill::new(Tone::Warn, "warn", wording.title),
            at: format::moment(alert.raised_at, f.zone),
            text: wording.detail,
        }
    };
    day.alerts.iter().map(line).collect()
}
