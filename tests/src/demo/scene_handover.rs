//! D7: an outlet is handed over while its rep is offline, and both visit it.

use anyhow::Context;
use storewalk_client::{AttentionKind, AttentionView, ClientError};
use storewalk_domain::{
    ids::{OrderId, VisitId},
    outlet::FieldName,
    quantity::Quantity,
    text::Language,
    time::Zone,
};

use super::{
    Ledger, Stage,
    console::Console,
    stage::{Handset, done},
    walk::{self, Findings},
};
use crate::world;

/// A Friday: S0103 is on the route.
const DAY: &str = "2025-03-21";

const STORE: &str = "S0103";

const NEW_PHONE: &str = "027-85550103";

pub(super) async fn play(stage: &mut Stage, ledger: &mut Ledger) -> anyhow::Result<()> {
    ledger.chapter("D7 · 赵敏 moves S0103 from 李雯 to 王强 while 李雯 is offline");
    stage.time(&format!("{DAY}T08:00")).await?;
    let (li_wen, wang_qiang) = (phone_of(stage, ledger, "liwen").await?, phone_of(stage, ledger, "wangqiang").await?);
    li_wen.link.cut(true);
    hand_over(stage, ledger).await?;
    stage.time(&format!("{DAY}T09:30")).await?;
    wang_qiang.sync(ledger).await?;
    check_told(ledger, "王强 reads of it", &wang_qiang, 0)?;

    let (visit, order) = before_notice(stage, ledger, &li_wen).await?;
    stage.time(&format!("{DAY}T11:15")).await?;
    let his = walk_through(&wang_qiang)?;
    done(wang_qiang.phone.outlets().edit(world::outlet(STORE), &[(FieldName::Phone, NEW_PHONE)])?)?;
    ledger.tell("王强 visits S0103 too, and corrects its telephone number");
    wang_qiang.sync(ledger).await?;

    at_fourteen(stage, ledger, &li_wen, visit).await?;
    wang_qiang.sync(ledger).await?;
    check_told(ledger, "王强 reads of it", &wang_qiang, 2)?;
    let shown = wang_qiang.phone.visits().view(visit)?.outlet.code;
    ledger.check("李雯's visit is shown to 王强 at", STORE, shown);
    let phone = wang_qiang.phone.visits().brief(world::outlet(STORE))?.outlet.phone;
    ledger.check("the telephone number stays as he corrected it", NEW_PHONE, phone);
    check_console(stage, ledger, (visit, his), order).await
}

async fn phone_of(stage: &Stage, ledger: &Ledger, login: &str) -> anyhow::Result<Handset> {
    let handset = stage.handset(&format!("{login}-handover"))?;
    handset.sign_in(login).await?;
    handset.sync(ledger).await?;
    Ok(handset)
}

async fn hand_over(stage: &mut Stage, ledger: &mut Ledger) -> anyhow::Result<()> {
    stage.time(&format!("{DAY}T09:00")).await?;
    let console = Console::sign_in(stage.url(), "zhaomin", world::PASSWORD).await?;
    console.hand_over(STORE, world::territory("T2"), "片区调整").await?;
    let page = console.page("/console/handover").await?;
    ledger.check("the console tells of it", true, page.contains("from 李雯 R001 to 王强 R002"));
    Ok(())
}

/// What a handover says of works that came late.
fn note(handset: &Handset) -> anyhow::Result<Option<AttentionView>> {
    let items = handset.phone.attention().items()?;
    Ok(items.into_iter().find(|item| item.kind == AttentionKind::HandedOver))
}

fn check_told(ledger: &mut Ledger, what: &str, handset: &Handset, late: usize) -> anyhow::Result<()> {
    let note = note(handset)?;
    if let Some(note) = &note {
        for problem in &note.problems {
            ledger.tell(problem.sentence.get(Language::ZhHans));
        }
    }
    let told = note.map_or_else(|| "nothing".to_owned(), |note| (note.problems.len() - 1).to_string());
    ledger.check(&format!("{what}: entries that came late"), late, told);
    Ok(())
}

/// 李雯 audits S0103 at 10:30, offline, and takes an order.
async fn before_notice(stage: &mut Stage, ledger: &mut Ledger, li_wen: &Handset) -> anyhow::Result<(VisitId, OrderId)> {
    stage.time(&format!("{DAY}T10:30")).await?;
    let visit = walk_through(li_wen)?;
    let orders = li_wen.phone.orders();
    let draft = done(orders.create_draft(world::dealer("D01"), Some(world::outlet(STORE)))?)?;
    done(orders.set_line(draft, world::product("P1"), Quantity(1), None)?)?;
    let order = done(orders.submit(draft)?)?;
    ledger.tell(&format!("李雯, offline, audits {STORE} and takes order {}", order.number));
    Ok((visit, order.order_id))
}

/// A whole visit at S0103.
fn walk_through(handset: &Handset) -> anyhow::Result<VisitId> {
    let fix = walk::fix_near(handset, world::outlet(STORE), 20.0)?;
    let visits = handset.phone.visits();
    let visit = done(visits.start(world::outlet(STORE), Some(fix))?)?.visit_id;
    done(visits.choose_goals(visit, &["better_display"])?)?;
    for step in 2..=11 {
        done(visits.begin_step(visit, step)?)?;
        walk::answer_step(handset, visit, step, &Findings::default())?;
        if step == 4 {
            walk::photograph(handset, visit, 3)?;
        }
    }
    done(visits.assess_goals(visit, &["better_display"])?)?;
    done(visits.finish(visit, None)?)?;
    Ok(visit)
}

/// 李雯 is back in reach: her work is taken in, the store leaves her phone.
async fn at_fourteen(stage: &mut Stage, ledger: &mut Ledger, li_wen: &Handset, visit: VisitId) -> anyhow::Result<()> {
    stage.time(&format!("{DAY}T14:00")).await?;
    let outlet = world::outlet(STORE);
    let is_there = |handset: &Handset| match handset.phone.visits().brief(outlet) {
        Ok(_) => Ok(true),
        Err(ClientError::NotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    };
    ledger.check("the store is on her phone while her queue is full", true, is_there(li_wen)?);
    li_wen.link.cut(false);
    let report = li_wen.sync(ledger).await?;
    ledger.check("commands refused", 0, report.refused);
    let status = li_wen.phone.status()?;
    ledger.check("commands still unsent", 0, status.unsent_commands);
    ledger.check("the store is on her phone when her queue is empty", false, is_there(li_wen)?);
    check_told(ledger, "李雯 reads of it", li_wen, 2)?;
    let refused = li_wen.phone.attention().items()?.iter().filter(|item| item.kind == AttentionKind::Refused).count();
    ledger.check("refused silently or otherwise", 0, refused);
    let date = world::at(&format!("{DAY}T12:00")).date_in(Zone::SHANGHAI);
    let day = li_wen.phone.visits().day_report(date)?;
    ledger.check("her day: visits closed", 1, day.completed);
    ledger.check("her day: orders", 1, day.orders);
    let begun = li_wen.phone.visits().start(outlet, None)?;
    ledger.check("a new visit there", "not_found", begun.codes().join(", "));
    ledger.tell(&format!("her visit is {visit}"));
    Ok(())
}

async fn check_console(
    stage: &Stage,
    ledger: &mut Ledger,
    (hers, his): (VisitId, VisitId),
    order: OrderId,
) -> anyhow::Result<()> {
    let console = Console::sign_in(stage.url(), "zhaomin", world::PASSWORD).await?;
    let label = "before notice; counts for 李雯 R001 (R1: credited to the rep who made it)";
    let visit = console.page(&format!("/console/visits/{hers}")).await?;
    ledger.check("her visit is labelled", true, visit.contains(label));
    let order = console.page(&format!("/console/orders/{order}")).await?;
    ledger.check("her order is labelled", true, order.contains(label));
    let other = console.page(&format!("/console/visits/{his}")).await?;
    ledger.check("his visit is labelled", false, other.contains("before notice"));
    let attention = console.page("/console/handover").await?;
    ledger.check("赵敏 sees the late work", true, attention.contains("2 entries arrived after it"));
    let day = console.page(&format!("/console/?date={DAY}")).await?;
    let width = figure(&day, "Distribution width").context("the page has no width")?;
    // S0101 was visited on the 14th, S0103 twice today.
    ledger.check("outlets that carry, S0103 counted once", "1.0 % (2 of 200)", width);
    Ok(())
}

/// The value of a figure of the day.
fn figure(page: &str, name: &str) -> Option<String> {
    let before = page.split(&format!(">{name}</dt>")).next()?;
    if before.len() == page.len() {
        return None;
    }
    let value = before.rsplit("figure-value\">").next()?;
    value.split('<').next().map(str::to_owned)
}
