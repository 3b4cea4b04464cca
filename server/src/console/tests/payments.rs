use axum::http::StatusCode;
use storewalk_domain::{
    dealer::Payment,
    order::{Order, OrderStatus},
    sync::{Find, StateExt},
};

use crate::{console::fixtures::*, store::StoreError};

fn address() -> String {
    format!("/console/orders/{HELD_ORDER}")
}

async fn pay(bench: &mut Bench, page: &Reply, amount: &str, slip: &str) -> Reply {
    let token = page.field("", "form_token");
    let command = page.field("id=\"pay\"", "command");
    let fields = [("form_token", &*token), ("command", &*command), ("amount", amount), ("slip", slip)];
    bench.post(&format!("{}/payment", address()), &fields).await
}

async fn payments(bench: &Bench) -> Vec<Payment> {
    let found = bench.state.store.read(|snapshot| Ok::<_, StoreError>(snapshot.list(Find::PaymentsOfDealer(DEALER))?));
    found.await.expect("read")
}

#[tokio::test]
async fn a_payment_releases_the_held_order_and_says_so() {
    let mut bench = Bench::signed_in().await;
    let page = bench.get(&address()).await;
    let paid = pay(&mut bench, &page, "15,000.00", "HD-2025-0314").await;
    assert_eq!(paid.status, StatusCode::SEE_OTHER);
    let shown = bench.get(&paid.location).await.body;
    assert!(shown.contains("Payment of ¥15,000.00 recorded (slip HD-2025-0314)"), "{shown}");
    assert!(shown.contains("Released: 1-0001") && shown.contains("accepted"));
    let order: Option<Order> =
        bench.state.store.read(|snapshot| Ok::<_, StoreError>(snapshot.get(HELD_ORDER.row())?)).await.expect("read");
    assert_eq!(order.expect("there").status, OrderStatus::Accepted);
}

#[tokio::test]
async fn a_payment_that_is_too_small_releases_nothing() {
    let mut bench = Bench::signed_in().await;
    let page = bench.get(&address()).await;
    let paid = pay(&mut bench, &page, "1", "HD-1").await;
    let shown = bench.get(&paid.location).await.body;
    assert!(shown.contains("No order was released by it"));
}

#[tokio::test]
async fn sending_the_payment_twice_records_it_once() {
    let mut bench = Bench::signed_in().await;
    let page = bench.get(&address()).await;
    let before = payments(&bench).await.len();
    pay(&mut bench, &page, "100", "HD-2").await;
    pay(&mut bench, &page, "100.00", "HD-2").await;
    assert_eq!(payments(&bench).await.len(), before + 1);
}

#[tokio::test]
async fn a_mistyped_amount_keeps_what_was_typed_and_says_what_to_do() {
    let mut bench = Bench::signed_in().await;
    let page = bench.get(&address()).await;
    for amount in ["fifteen", "0", "-3"] {
        let refused = pay(&mut bench, &page, amount, "HD-3").await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{amount}");
        assert!(refused.body.contains(&format!("value=\"{amount}\"")) && refused.body.contains("value=\"HD-3\""));
        assert!(refused.body.contains("id=\"payment-problem\""));
    }
    assert_eq!(payments(&bench).await.len(), 1);
}

#[tokio::test]
async fn an_address_cannot_make_the_console_say_what_did_not_happen() {
    let mut bench = Bench::signed_in().await;
    let page =
        bench.get(&format!("{}?paid=00000000-0000-7000-8000-000000000001&released={HELD_ORDER}", address())).await;
    assert!(!page.body.contains("recorded (slip") && !page.body.contains("Released:"));
}
