use axum::http::StatusCode;
use storewalk_domain::{
    outlet::{Handover, Outlet},
    sync::{Row, Scope, StateExt, Table},
    visit::Visit,
};

use crate::{console::fixtures::*, store::StoreError};

async fn hand_over(bench: &mut Bench, fields: &[(&str, &str)], action: &str, page: &Reply) -> Reply {
    let token = page.field("", "form_token");
    let command = page.field("id=\"confirm\"", "command");
    let mut all = vec![("form_token", token.as_str()), ("command", command.as_str())];
    all.extend(fields);
    bench.post(&format!("/console/handover/{action}"), &all).await
}

async fn handovers(bench: &Bench) -> Vec<Handover> {
    let rows = bench.state.store.read::<_, StoreError>(|snapshot| snapshot.rows_of(Table::Handovers)).await;
    let of_row = |row| match row {
        Row::Handover(handover) => Some(handover),
        _ => None,
    };
    rows.expect("read").into_iter().filter_map(of_row).collect()
}

#[tokio::test]
async fn the_page_says_what_will_happen_before_anything_does() {
    let mut bench = Bench::signed_in().await;
    let page = bench.get("/console/handover?outlet=S0101").await.body;
    for text in [
        "幸福路手机城 S0101",
        "With the outlet move its call plans",
        "Open tasks of the present rep go to the new one",
        "T3",
    ] {
        assert!(page.contains(text), "{text} in {page}");
    }
    assert!(handovers(&bench).await.is_empty());
    let unknown = bench.get("/console/handover?outlet=S9999").await.body;
    assert!(unknown.contains("There is no such outlet in your region"));
}

#[tokio::test]
async fn an_outlet_is_handed_over_once_and_the_page_tells_of_it() {
    let mut bench = Bench::signed_in().await;
    let page = bench.get("/console/handover?outlet=S0101").await;
    let (outlet, territory) = (OUTLET.to_string(), NEXT_DOOR.to_string());
    let fields = [("outlet", outlet.as_str()), ("territory", territory.as_str()), ("reason", "new borders")];
    for _ in 0..2 {
        let answer = hand_over(&mut bench, &fields, "outlet", &page).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }
    assert_eq!(handovers(&bench).await.len(), 1, "a form sent twice acts once");
    let read = bench.state.store.read::<_, StoreError>(|snapshot| {
        Ok((snapshot.get::<Outlet>(OUTLET.row())?, snapshot.get::<Visit>(VISIT.row())?))
    });
    let (outlet, visit) = read.await.expect("read");
    assert_eq!(outlet.map(|outlet| outlet.territory_id), Some(NEXT_DOOR));
    assert_eq!(visit.map(|visit| visit.territory_id), Some(NEXT_DOOR), "its history goes with it");
    let shown = bench.get("/console/handover?done=1").await.body;
    assert!(shown.contains("from 李雯 LIWEN to nobody") && shown.contains("new borders"), "{shown}");
}

#[tokio::test]
async fn a_territory_goes_to_another_rep() {
    let mut bench = Bench::signed_in().await;
    let page = bench.get(&format!("/console/handover?territory={NEXT_DOOR}")).await;
    assert!(page.body.contains("now with nobody"), "{}", page.body);
    let (territory, rep) = (NEXT_DOOR.to_string(), REP.to_string());
    let fields = [("territory", territory.as_str()), ("rep", rep.as_str()), ("reason", "nobody is there")];
    let answer = hand_over(&mut bench, &fields, "territory", &page).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let read = bench
        .state
        .store
        .read::<_, StoreError>(|snapshot| Ok((snapshot.get::<Scope>(REP.row())?, snapshot.account(REP)?)));
    let (scope, account) = read.await.expect("read");
    assert_eq!(scope.map(|scope| (scope.version, scope.territories)), Some((2, vec![HOME, NEXT_DOOR])));
    assert_eq!(account.map(|account| account.territories), Some(vec![HOME, NEXT_DOOR]), "the account follows");
}

#[tokio::test]
async fn a_refusal_says_what_stands_in_the_way() {
    let mut bench = Bench::signed_in().await;
    let page = bench.get("/console/handover?outlet=S0101").await;
    let (outlet, home, elsewhere) = (OUTLET.to_string(), HOME.to_string(), ELSEWHERE.to_string());
    let to = |territory| [("outlet", outlet.as_str()), ("territory", territory), ("reason", "x")];
    for (territory, code) in [(home.as_str(), "handover_needless"), (elsewhere.as_str(), "not_permitted")] {
        let answer = hand_over(&mut bench, &to(territory), "outlet", &page).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(code), "{code} in {}", answer.body);
    }
    let stale = [("form_token", "x"), ("command", "x"), ("outlet", outlet.as_str()), ("territory", home.as_str())];
    assert_eq!(bench.post("/console/handover/outlet", &stale).await.status, StatusCode::FORBIDDEN);
}
