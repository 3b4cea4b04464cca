//! D14: what a dealer should order, what may be ordered, and how well deliveries kept their promise.

use storewalk_client::{Attempt, SuggestionView};
use storewalk_domain::{ids::DealerId, quantity::Quantity, text::Language, time::Zone};

use super::{Ledger, Stage, stage::Handset};
use crate::world;

pub(super) async fn play(stage: &mut Stage, ledger: &mut Ledger) -> anyhow::Result<()> {
    ledger.chapter("D14 · 南岸通讯 looks at what to order");
    stage.time("2025-03-14T16:30").await?;
    let nanan = signed_in(stage, "nanan").await?;
    let stock = suggestion(&nanan, "D02", "P1")?;
    ledger.check("P1 on hand", 34, stock.on_hand);
    ledger.check("P1 reorder point", "36.4", stock.reorder_point);
    ledger.check("P1 stock alarm", true, stock.is_alarm);

    let charger = suggestion(&nanan, "D02", "A10")?;
    ledger.check("A10: 7 needed becomes the MOQ", "7 → 20", format!("{} → {}", charger.need, charger.quantity.0));
    let jiangbei = signed_in(stage, "jiangbei").await?;
    let charger = suggestion(&jiangbei, "D01", "A10")?;
    ledger.check(
        "A10: 23 needed becomes the multiple",
        "23 → 30",
        format!("{} → {}", charger.need, charger.quantity.0),
    );

    let orders = nanan.phone.orders();
    let draft = super::stage::done(orders.create_draft(world::dealer("D02"), None)?)?;
    let refused = match orders.set_line(draft, world::product("A10"), Quantity(25), None)? {
        Attempt::Done(_) => "accepted".to_owned(),
        Attempt::Refused(problems) => {
            problems.iter().map(|problem| problem.next_step.get(Language::En).to_owned()).collect()
        }
    };
    ledger.check("A10: 25 at entry", "Order 20 / 30 instead", refused);
    orders.discard_draft(draft)?;

    let march = world::at("2025-03-14T12:00").date_in(Zone::SHANGHAI);
    let kept = orders.promise_kept(world::dealer("D02"), march)?;
    ledger.check(
        "lines of this month delivered within 7 days",
        "84 of 100",
        format!("{} of {}", kept.kept, kept.counted),
    );
    ledger.check("7-day promise kept, %", "84.0", kept.kept_pct.map_or_else(String::new, |pct| format!("{pct:.1}")));
    Ok(())
}

async fn signed_in(stage: &Stage, login: &str) -> anyhow::Result<Handset> {
    let handset = stage.handset(&format!("{login}-desk"))?;
    handset.sign_in(login).await?;
    handset.phone.sync().await?;
    Ok(handset)
}

fn suggestion(handset: &Handset, dealer: &str, product: &str) -> anyhow::Result<SuggestionView> {
    let dealer: DealerId = world::dealer(dealer);
    let found = handset.phone.orders().suggestions(dealer)?.into_iter().find(|view| view.product_code == product);
    found.ok_or_else(|| anyhow::anyhow!("no suggestion for {product}"))
}
