//! D2: shelf prices too low, too high and too far apart.

use storewalk_client::{Attempt, PriceLight, VisitView};
use storewalk_domain::ids::VisitId;

use super::{
    Ledger, Stage,
    console::Console,
    scene_day::Day,
    stage::{Handset, done},
    walk::{self, Findings},
};
use crate::world;

const AT_S0103: Findings = Findings { missing: &[], prices: &[("P1", 129_900)], faults: &[], clerks: &["店员丙"] };

pub(super) async fn play(stage: &mut Stage, ledger: &mut Ledger, day: &Day) -> anyhow::Result<()> {
    ledger.chapter("D2 · price checks at S0101 and, still offline, at S0103");
    let handset = &day.handset;
    let first = handset.phone.visits().view(day.visit)?;
    check_finding(ledger, "S0101, P1 at 949.00", &first, (PriceLight::Red, "50.00", "5.0"));

    stage.time("2025-03-14T10:30").await?;
    let second = visit_s0103(stage, ledger, handset).await?;
    let view = handset.phone.visits().view(second)?;
    check_finding(ledger, "S0103, P1 at 1,299.00", &view, (PriceLight::Amber, "200.00", "18.2"));

    ledger.chapter("back in the car: one sync, then the photos");
    stage.time("2025-03-14T11:20").await?;
    handset.link.cut(false);
    let report = handset.sync(ledger).await?;
    ledger.check("commands refused by the server", 0, report.refused);
    let uploads = handset.phone.upload_photos().await?;
    let files = format!("{} thumbnails, {} originals", uploads.thumbnails, uploads.originals);
    ledger.check("photo files the server holds now", "10 thumbnails, 10 originals", files);
    ledger.tell(&format!("{} bytes of photos sent", uploads.bytes_sent));
    handset.sync(ledger).await?;
    handset.sync(ledger).await?;
    let status = handset.phone.status()?;
    let left = format!("{} commands, {} photos", status.unsent_commands, status.unsent_photos);
    ledger.check("left to send", "0 commands, 0 photos", left);

    let console = Console::sign_in(stage.url(), "zhaomin", world::PASSWORD).await?;
    let page = console.page("/console/?date=2025-03-14").await?;
    let alert = page.split("<p>").filter_map(|rest| rest.split("</p>").next()).find(|text| text.contains("spread"));
    let expected = "P1 stands at 949.00 (S0101) to 1,299.00 (S0103), a spread of 31.8% of the suggested price";
    let alert = alert.and_then(|text| text.split_once(": ")).map_or("no alert", |(_, what)| what);
    ledger.check("the supervisor is alerted", expected, alert);
    Ok(())
}

async fn visit_s0103(stage: &mut Stage, ledger: &mut Ledger, handset: &Handset) -> anyhow::Result<VisitId> {
    let visits = handset.phone.visits();
    let fix = walk::fix_near(handset, world::outlet("S0103"), 15.0)?;
    let visit = done(visits.start(world::outlet("S0103"), Some(fix))?)?.visit_id;
    done(visits.choose_goals(visit, &["better_display"])?)?;
    for step in 2..=11 {
        done(visits.begin_step(visit, step)?)?;
        walk::answer_step(handset, visit, step, &AT_S0103)?;
    }
    stage.time("2025-03-14T11:05").await?;
    let refused = match visits.finish(visit, None)? {
        Attempt::Done(_) => "closed".to_owned(),
        Attempt::Refused(problems) => {
            let tag = problems.iter().any(|problem| problem.at == "price_tag");
            if tag { "price_tag photo asked for" } else { "refused for something else" }.to_owned()
        }
    };
    ledger.check("leaving without a photo of the price tag", "price_tag photo asked for", refused);
    walk::photograph(handset, visit, 5)?;
    done(visits.finish(visit, None)?)?;
    Ok(visit)
}

fn check_finding(ledger: &mut Ledger, what: &str, view: &VisitView, expected: (PriceLight, &str, &str)) {
    let questions = view.steps.iter().flat_map(|step| &step.sections).flat_map(|section| &section.questions);
    let finding = questions
        .filter(|question| question.key.item == "shelf_price" && question.key.instance == "P1")
        .find_map(|question| question.price_finding.as_ref());
    let Some(finding) = finding else {
        ledger.check(&format!("{what}: a finding"), true, false);
        return;
    };
    ledger.check(&format!("{what}: light"), format!("{:?}", expected.0), format!("{:?}", finding.light));
    ledger.check(&format!("{what}: off by"), expected.1, format!("{:.2}", finding.by));
    ledger.check(&format!("{what}: percent"), expected.2, format!("{:.1}", finding.pct));
}
