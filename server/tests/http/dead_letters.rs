//! Refused commands before a supervisor.

use storewalk_domain::{
    ids::{RefusalId, UserId},
    sync::{Refusal, RefusalSettled, Row, Table},
};
use storewalk_server::service::dead_letter::{Allowance, Settlement, Wish, settle};
use storewalk_wire::CommandVerdict;

use crate::{
    fixture::{self, attach_photo, fresh, start_visit, submit_order},
    phone::{Phone, refusal_codes, rows},
    world::World,
};

async fn decide(world: &World, by: UserId, id: RefusalId, wish: Wish) -> Result<Settlement, String> {
    let region = Some(fixture::REGION.to_owned());
    settle(&world.state, by, region, id, wish).await.map_err(|error| error.code.as_str().to_owned())
}

async fn refusals(world: &World) -> Vec<Refusal> {
    let rows = world.state.store.read(|snapshot| snapshot.attention(None)).await.expect("read").refusals;
    let mut rows = rows;
    rows.sort_by_key(|refusal| refusal.command_id);
    rows
}

fn take_in() -> Wish {
    Wish::TakeIn(Allowance::Territories)
}

#[tokio::test]
async fn work_in_a_handed_over_store_is_taken_in_with_all_that_rests_on_it() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let (visit, photo) = (fresh(), fresh());
    // Outlet 2 is in the other territory of the region.
    assert_eq!(refusal_codes(&phone.command(&world, start_visit(visit, 2)).await), ["not_permitted"]);
    let attached = phone.command(&world, attach_photo(photo, visit, b"bytes")).await;
    assert_eq!(refusal_codes(&attached)[0], "rests_on_refused");
    let both = refusals(&world).await;
    let first = both.iter().find(|refusal| refusal.kind == "visit.start").expect("refused").id;
    let strict = decide(&world, fixture::supervisor(), first, Wish::TakeIn(Allowance::Nothing)).await;
    assert!(matches!(strict, Ok(Settlement::StillRefused(problems)) if problems[0].code.as_str() == "not_permitted"));
    let taken = decide(&world, fixture::supervisor(), first, take_in()).await;
    assert_eq!(taken, Ok(Settlement::Settled { how: RefusalSettled::TakenIn, followers: 1 }));
    // The second click changes nothing.
    let again = decide(&world, fixture::supervisor(), first, Wish::SetAside { reason: "no".into() }).await;
    assert_eq!(again, Ok(Settlement::Settled { how: RefusalSettled::TakenIn, followers: 0 }));
    // In the author's name, and the author is told by their own rows.
    phone.cursors.clear();
    let told = phone.sync(&world, vec![]).await;
    let outcome = &rows(&told, "refusals")[0]["outcome"];
    assert_eq!((&outcome["how"], &outcome["by"]), (&"taken_in".into(), &fixture::supervisor().to_string().into()));
    let kept = world.state.store.read(move |snapshot| {
        let visit = storewalk_domain::sync::State::load(snapshot, Table::Visits, storewalk_domain::ids::RowId(visit))?;
        Ok::<_, storewalk_server::store::StoreError>(visit)
    });
    let Some(Row::Visit(visit)) = kept.await.expect("read") else { panic!("the visit is there") };
    assert_eq!(visit.rep_id, fixture::rep(1));
}

#[tokio::test]
async fn rules_of_money_are_not_a_supervisors_to_lift() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    // Neither the rep's dealer nor one of a territory: no allowance reaches it.
    let verdict = phone.command(&world, submit_order(fresh(), "1-000001", 2, 10)).await;
    let codes = refusal_codes(&verdict).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let id = refusals(&world).await[0].id;
    let tried = decide(&world, fixture::supervisor(), id, take_in()).await;
    let Ok(Settlement::StillRefused(problems)) = tried else { panic!("{tried:?}") };
    assert_eq!(problems.iter().map(|problem| problem.code.as_str().to_owned()).collect::<Vec<_>>(), codes);
    assert!(refusals(&world).await[0].outcome.is_none());
}

#[tokio::test]
async fn what_is_set_aside_keeps_its_reason_and_stays_undone() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let verdict = phone.command(&world, start_visit(fresh(), 2)).await;
    assert!(matches!(verdict, CommandVerdict::Refused { .. }));
    let id = refusals(&world).await[0].id;
    let aside = |reason: &str| Wish::SetAside { reason: reason.into() };
    assert_eq!(decide(&world, fixture::supervisor(), id, aside("  ")).await, Err("request_malformed".into()));
    let done = decide(&world, fixture::supervisor(), id, aside("visited by a colleague")).await;
    assert_eq!(done, Ok(Settlement::Settled { how: RefusalSettled::SetAside, followers: 0 }));
    let late = decide(&world, fixture::supervisor(), id, take_in()).await;
    assert_eq!(late, Ok(Settlement::Settled { how: RefusalSettled::SetAside, followers: 0 }));
    let outcome = refusals(&world).await[0].outcome.clone().expect("noted");
    assert_eq!((outcome.reason.as_str(), outcome.by), ("visited by a colleague", fixture::supervisor()));
    assert!(rows(&phone.sync(&world, vec![]).await, "visits").is_empty());
}

#[tokio::test]
async fn only_a_supervisor_of_the_region_decides() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    phone.command(&world, start_visit(fresh(), 2)).await;
    let id = refusals(&world).await[0].id;
    assert_eq!(decide(&world, fixture::rep(1), id, take_in()).await, Err("not_permitted".into()));
    assert_eq!(decide(&world, fixture::rep(2), id, take_in()).await, Err("not_permitted".into()));
    let elsewhere = settle(&world.state, fixture::supervisor(), Some("haicheng".into()), id, take_in()).await;
    assert_eq!(elsewhere.expect_err("not theirs").code.as_str(), "not_found");
    let unknown = RefusalId(fresh());
    assert_eq!(decide(&world, fixture::supervisor(), unknown, take_in()).await, Err("not_found".into()));
}
