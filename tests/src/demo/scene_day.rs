//! D1: an ordinary day, fully offline, in eleven steps.

use storewalk_domain::{
    geo::FenceVerdict,
    ids::{PhotoId, VisitId},
    task::TaskKind,
    text::Language,
    time::Zone,
};

use super::{
    Ledger, Stage,
    stage::{Handset, done},
    walk::{self, Findings},
};
use crate::world;

/// 李雯's day so far.
pub(super) struct Day {
    pub(super) handset: Handset,
    pub(super) visit: VisitId,
    pub(super) photos: Vec<PhotoId>,
}

/// S0101 that morning: P4 is missing, P1 is too cheap, the tags are mixed, the light box is dark.
const AT_S0101: Findings = Findings {
    missing: &["P4"],
    prices: &[("P1", 94_900)],
    faults: &["price_tags_uniform", "pop_light_box"],
    clerks: &["店员甲", "店员乙"],
};

/// When steps 2 to 11 began.
const STEP_TIMES: [&str; 10] =
    ["08:45", "08:47", "08:50", "09:05", "09:12", "09:16", "09:22", "09:28", "09:36", "09:38"];

pub(super) async fn play(stage: &mut Stage, ledger: &mut Ledger) -> anyhow::Result<Day> {
    ledger.chapter("D1 · 李雯 R001 gets the day's data at home, then switches to flight mode");
    stage.time("2025-03-14T07:40").await?;
    let handset = stage.handset("liwen")?;
    handset.sign_in("liwen").await?;
    handset.sync(ledger).await?;
    handset.link.cut(true);

    stage.time("2025-03-14T08:40").await?;
    let today = handset.phone.plan().today()?;
    ledger.check("outlets on today's plan", 8, today.calls.len());
    read_brief(ledger, &handset)?;
    let (handset, visit) = check_in(stage, ledger, handset).await?;
    let (handset, photos) = walk_the_steps(stage, ledger, handset, visit).await?;
    check_out(stage, ledger, &handset, visit).await?;
    Ok(Day { handset, visit, photos })
}

fn read_brief(ledger: &mut Ledger, handset: &Handset) -> anyhow::Result<()> {
    let brief = handset.phone.visits().brief(world::outlet("S0101"))?;
    ledger.check("decision maker in the brief", "陈经理", &brief.outlet.decision_maker);
    ledger.check("open points in the brief", 1, brief.open_points.len());
    for point in &brief.open_points {
        ledger.tell(&format!("open point: {}, {}", point.title.get(Language::ZhHans), point.note));
    }
    ledger.check("hero models that must stand there", 5, brief.must_stock.iter().filter(|line| line.is_hero).count());
    Ok(())
}

async fn check_in(stage: &mut Stage, ledger: &mut Ledger, handset: Handset) -> anyhow::Result<(Handset, VisitId)> {
    stage.time("2025-03-14T08:43").await?;
    let fix = walk::fix_near(&handset, world::outlet("S0101"), 38.0)?;
    let started = done(handset.phone.visits().start(world::outlet("S0101"), Some(fix))?)?;
    let distance = started.distance_m.map_or_else(String::new, |metres| format!("{metres:.0} m"));
    ledger.check("check-in distance", "38 m", distance);
    ledger.check("check-in verified", true, started.verdict == FenceVerdict::Verified);
    ledger.check("the visit was planned", true, started.is_planned);
    let goals = ["better_display", "sales_aids", "know_stock"];
    done(handset.phone.visits().choose_goals(started.visit_id, &goals)?)?;

    let handset = handset.dropped_and_reopened(stage.url())?;
    handset.link.cut(true);
    let open = handset.phone.visits().open()?.ok_or_else(|| anyhow::anyhow!("the visit is gone"))?;
    let chosen = open.goals.iter().filter(|goal| goal.is_chosen).count();
    ledger.check("goals still chosen after the app was gone without a word", 3, chosen);
    Ok((handset, started.visit_id))
}

/// Each step ends with the app gone without a word, and opened again from what is on disk.
async fn walk_the_steps(
    stage: &mut Stage,
    ledger: &mut Ledger,
    mut handset: Handset,
    visit: VisitId,
) -> anyhow::Result<(Handset, Vec<PhotoId>)> {
    let mut photos = Vec::new();
    let mut lost_steps = Vec::new();
    for (step, time) in (2_u8..).zip(STEP_TIMES) {
        stage.time(&format!("2025-03-14T{time}")).await?;
        done(handset.phone.visits().begin_step(visit, step)?)?;
        walk::answer_step(&handset, visit, step, &AT_S0101)?;
        if step == 4 {
            photos = walk::photograph(&handset, visit, 0)?;
        }
        let given = walk::answers(&handset.phone.visits().view(visit)?);
        handset = handset.dropped_and_reopened(stage.url())?;
        handset.link.cut(true);
        if walk::answers(&handset.phone.visits().view(visit)?) != given {
            lost_steps.push(step);
        }
    }
    ledger.check("steps that lost an answer when the app was gone without a word", "[]", format!("{lost_steps:?}"));
    let given = walk::answers(&handset.phone.visits().view(visit)?).len();
    ledger.check("answers on disk", 45, given);
    let visits = handset.phone.visits();
    done(visits.assess_goals(visit, &["better_display", "know_stock"])?)?;
    ledger.check("zone photos taken", 5, photos.len());
    let view = visits.view(visit)?;
    ledger.check("step times recorded", 11, view.steps.iter().filter(|step| step.begun_at.is_some()).count());
    ledger.check("required entries missing", 0, view.missing.len());
    Ok((handset, photos))
}

async fn check_out(stage: &mut Stage, ledger: &mut Ledger, handset: &Handset, visit: VisitId) -> anyhow::Result<()> {
    stage.time("2025-03-14T09:41").await?;
    let fix = walk::fix_near(handset, world::outlet("S0101"), 20.0)?;
    let finished = done(handset.phone.visits().finish(visit, Some(fix))?)?;
    let hit = finished.hit_pct.map_or_else(String::new, |pct| format!("{pct:.1} %"));
    ledger.check(
        "hero models found",
        "4 of 5",
        format!("{} of {}", finished.summary.on_shelf, finished.summary.must_stock),
    );
    ledger.check("assortment hit", "80.0 %", hit);
    let gaps = finished.tasks.iter().filter(|task| task.kind == kind_name(TaskKind::AssortmentGap)).count();
    ledger.check("assortment tasks raised", 1, gaps);
    for task in &finished.tasks {
        ledger.tell(&format!("task: {}; {}", task.title.get(Language::ZhHans), task.detail.get(Language::ZhHans)));
    }
    let left_at = handset.phone.visits().view(visit)?.checked_out_at;
    let left_at = left_at.map_or_else(String::new, |at| at.display_in(Zone::SHANGHAI));
    ledger.check("checked out at", "2025-03-14 09:41", left_at);
    ledger.check("store score at check-out", "85", finished.summary.score.total.normalize());

    let date = world::at("2025-03-14T12:00").date_in(Zone::SHANGHAI);
    let report = handset.phone.visits().day_report(date)?;
    ledger.check(
        "day report: visits closed of planned",
        "1 of 8",
        format!("{} of {}", report.completed, report.planned),
    );
    ledger.check("day report: photos", 5, report.photos);
    let status = handset.phone.status()?;
    ledger
        .tell(&format!("waiting for a network: {} commands, {} photos", status.unsent_commands, status.unsent_photos));
    Ok(())
}

pub(super) fn kind_name(kind: TaskKind) -> String {
    serde_json::to_value(kind).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
