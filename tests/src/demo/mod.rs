//! A field day in the demo world: real phone cores, a real server process, real HTTP, and every figure checked.
//!
//! **Map.** `stage` starts the server and gives out phones; `server` is the server's side of the same binary; `clock`
//! lets the day pass in seconds; `link` cuts a phone off; `ledger` holds expected against actual; `console` is the
//! supervisor's browser; `walk` leads a rep through a visit; each `scene_*` plays one story of the product guide, section D.

pub(crate) mod clock;
pub(crate) mod console;
mod ledger;
mod link;
mod scene_credit;
mod scene_day;
mod scene_handover;
mod scene_order;
mod scene_prices;
mod scene_replenish;
mod scene_review;
pub(crate) mod server;
mod stage;
mod walk;

pub use ledger::Ledger;
pub use server::serve;
pub use stage::Stage;

/// How many figures the day checks: a scene that passes one over must not go unnoticed.
pub const FIGURES: usize = 99;

/// Plays the whole day. The stage stays up afterwards, for a look around the console.
///
/// # Errors
/// When something breaks that is not a figure: a process that does not start, a phone that cannot open its database.
pub async fn play(stage: &mut Stage, ledger: &mut Ledger) -> anyhow::Result<()> {
    let day = scene_day::play(stage, ledger).await?;
    scene_prices::play(stage, ledger, &day).await?;
    scene_review::play(stage, ledger, &day).await?;
    scene_replenish::play(stage, ledger).await?;
    let desk = scene_order::play(stage, ledger).await?;
    scene_credit::play(stage, ledger, desk).await?;
    scene_handover::play(stage, ledger).await?;
    Ok(())
}
