//! Which dealers reps serve, changed at the console.

use axum::http::StatusCode;
use storewalk_domain::{
    dealer::Dealer,
    ids::DealerId,
    sync::{Scope, StateExt},
};

use crate::{
    console::{fixtures::*, html},
    store::StoreError,
};

async fn scope(bench: &Bench) -> Scope {
    let read = bench.state.store.read::<_, StoreError>(|snapshot| snapshot.get::<Scope>(REP.row()).map_err(Into::into));
    read.await.expect("read").expect("there")
}

async fn dealer(bench: &Bench) -> DealerId {
    let read =
        bench.state.store.read::<_, StoreError>(|snapshot| snapshot.rows_of(storewalk_domain::sync::Table::Dealers));
    let dealers = read.await.expect("read").into_iter().filter_map(|row| match row {
        storewalk_domain::sync::Row::Dealer(Dealer { id, .. }) => Some(id),
        _ => None,
    });
    dealers.min().expect("a dealer")
}

async fn change(bench: &mut Bench, token: &str, dealer: &str, wish: &str, reason: &str) -> Reply {
    let person = REP.to_string();
    let fields = [("form_token", token), ("person", &person), ("dealer", dealer), ("wish", wish), ("reason", reason)];
    bench.post("/console/dealers", &fields).await
}

#[tokio::test]
async fn a_supervisor_gives_a_rep_a_dealer_and_takes_it_away_and_both_leave_a_trace() {
    let mut bench = Bench::signed_in().await;
    let given = dealer(&bench).await.to_string();
    let page = bench.get("/console/dealers").await;
    assert!(page.body.contains("serves no dealer"), "{}", page.body);
    let token = page.field("", "form_token");
    for (wish, expected) in [("give", "given"), ("give", "needless"), ("take", "taken"), ("take", "needless")] {
        let answer = change(&mut bench, &token, &given, wish, "new borders").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        assert!(answer.location.contains(&format!("done={expected}")), "{wish}: {}", answer.location);
        for language in ["zh-Hans", "en"] {
            bench.read_in(language);
            let shown = bench.get(&answer.location).await;
            assert_eq!(html::faults(&shown.body), Vec::<String>::new(), "{language}");
        }
    }
    let scope = scope(&bench).await;
    assert_eq!((scope.version, scope.dealers.len(), scope.territories), (3, 0, vec![HOME]));
    let step = scope.history.last().expect("a step");
    assert_eq!((step.by, step.reason.as_str()), (Some(SUPERVISOR), "new borders"));
    let shown = bench.get("/console/dealers").await.body;
    assert!(shown.contains("taken away: ") && shown.contains("given: ") && shown.contains("new borders"), "{shown}");
}

#[tokio::test]
async fn nothing_changes_without_a_reason_a_token_or_the_right_to_it() {
    let mut bench = Bench::signed_in().await;
    let known = dealer(&bench).await.to_string();
    let token = bench.get("/console/dealers").await.field("", "form_token");
    let unknown = DealerId(uuid::Uuid::from_u128(0xDEAD)).to_string();
    for (token, dealer, wish, reason, status) in [
        ("x", known.as_str(), "give", "r", StatusCode::FORBIDDEN),
        (token.as_str(), known.as_str(), "give", " ", StatusCode::BAD_REQUEST),
        (token.as_str(), known.as_str(), "keep", "r", StatusCode::BAD_REQUEST),
        (token.as_str(), "x", "give", "r", StatusCode::BAD_REQUEST),
        (token.as_str(), unknown.as_str(), "give", "r", StatusCode::NOT_FOUND),
    ] {
        let answer = change(&mut bench, token, dealer, wish, reason).await;
        assert_eq!(answer.status, status, "{dealer} {wish} {reason}: {}", answer.body);
    }
    // A rep of another region is as good as none.
    let wish = crate::service::dealers::Change {
        person: REP,
        dealer: dealer(&bench).await,
        wish: crate::service::dealers::Wish::Give,
        reason: "r".into(),
    };
    let elsewhere =
        crate::service::dealers::change(&bench.state, SUPERVISOR, Some("haicheng".into()), wish.clone()).await;
    assert_eq!(elsewhere.expect_err("not theirs").code.as_str(), "not_found");
    let by_rep = crate::service::dealers::change(&bench.state, REP, None, wish).await;
    assert_eq!(by_rep.expect_err("no right").code.as_str(), "not_permitted");
    assert_eq!(scope(&bench).await.version, 1);
}
