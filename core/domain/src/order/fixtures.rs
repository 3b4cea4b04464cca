//! The demo world's catalogue and dealer, for the tests of this folder (PRODUCT D3 to D5).

use rust_decimal::Decimal;
use uuid::Uuid;

use super::{LineRequest, Order, OrderStatus, PriceBook, PricePolicy, PricedOrder, PricingRequest, price_order};
use crate::{
    catalog::{LadderStep, Price, PriceList, Product, Promotion, PromotionRule},
    dealer::{Dealer, DealerTier, Payment},
    ids::{CommandId, DealerId, OrderId, PaymentId, PriceId, PriceListId, ProductId, PromotionId, UserId},
    money::{Currency, Money},
    outlet::Role,
    problem::Problem,
    quantity::{PackRule, Quantity},
    sync::{
        Actor, Command, Context, Decision, Host, MemoryState, Outcome, Policies, Row, StateExt, SubmitOrder, decide,
    },
    text::Localized,
    time::{Timestamp, Zone},
    trusted::TrustedSpan,
};

pub(crate) const D01: DealerId = DealerId(Uuid::from_u128(0xd1));
pub(crate) const D02: DealerId = DealerId(Uuid::from_u128(0xd2));
pub(crate) const P1: ProductId = ProductId(Uuid::from_u128(1));
pub(crate) const P2: ProductId = ProductId(Uuid::from_u128(2));
pub(crate) const A10: ProductId = ProductId(Uuid::from_u128(10));
pub(crate) const V7: PriceListId = PriceListId(Uuid::from_u128(0x77));
pub(crate) const V8: PriceListId = PriceListId(Uuid::from_u128(0x78));
/// A special list (特价) of D01: P1 at 800.00.
pub(crate) const SPECIAL: PriceListId = PriceListId(Uuid::from_u128(0x79));

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a valid instant")
}

/// 2025-03-14 22:40, when the order of D3 and D5 is captured.
pub(crate) fn captured() -> Timestamp {
    at("2025-03-14T22:40:00+08:00")
}

pub(crate) fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::Cny)
}

pub(crate) fn line(product_id: ProductId, quantity: u32) -> LineRequest {
    LineRequest { product_id, quantity: Quantity(quantity), price_list_id: None }
}

/// The lines of D3 with a number of P1.
pub(crate) fn d3_lines(p1: u32) -> Vec<LineRequest> {
    vec![line(P1, p1), line(P2, 10), line(A10, 40)]
}

pub(crate) fn product(id: ProductId, code: &str, pack: PackRule) -> Product {
    Product {
        id,
        code: code.into(),
        gtin: None,
        name: Localized::same(code),
        is_hero: pack == PackRule::SINGLE,
        pack,
        min_retail: None,
        suggested_retail: None,
        is_active: true,
    }
}

pub(crate) fn products() -> Vec<Product> {
    vec![
        product(P1, "P1", PackRule::SINGLE),
        product(P2, "P2", PackRule::SINGLE),
        product(A10, "A10", PackRule { moq: 20, multiple: 10 }),
    ]
}

pub(crate) fn list(id: PriceListId, code: &str, from: &str) -> PriceList {
    PriceList {
        id,
        code: code.into(),
        currency: Currency::Cny,
        dealer_id: None,
        valid_from: at(from),
        valid_until: None,
        is_standard: true,
    }
}

pub(crate) fn lists() -> Vec<PriceList> {
    let special = list(SPECIAL, "s1", "2025-03-01T00:00:00+08:00");
    vec![
        list(V7, "v7", "2025-03-01T00:00:00+08:00"),
        list(V8, "v8", "2025-03-15T00:00:00+08:00"),
        PriceList { dealer_id: Some(D01), is_standard: false, ..special },
    ]
}

pub(crate) fn price(price_list_id: PriceListId, product_id: ProductId, unit_price: Decimal) -> Price {
    let id = PriceId::derived(price_list_id.0, &product_id.to_string());
    let dealer_id = (price_list_id == SPECIAL).then_some(D01);
    Price { id, price_list_id, dealer_id, product_id, unit_price }
}

pub(crate) fn prices() -> Vec<Price> {
    let yuan = |amount: i64| Decimal::new(amount * 100, 2);
    vec![
        price(V7, P1, yuan(860)),
        price(V7, P2, yuan(1_390)),
        price(V7, A10, yuan(24)),
        price(V8, P1, yuan(830)),
        price(V8, P2, yuan(1_390)),
        price(V8, A10, yuan(24)),
        price(SPECIAL, P1, yuan(800)),
    ]
}

pub(crate) fn promotion(id: u128, code: &str, rule: PromotionRule) -> Promotion {
    let valid_from = at("2025-03-01T00:00:00+08:00");
    let id = PromotionId(Uuid::from_u128(id));
    Promotion { id, code: code.into(), name: Localized::same(code), rule, valid_from, valid_until: None }
}

pub(crate) fn ladder(steps: &[(i64, Decimal)]) -> PromotionRule {
    let step = |(from, rate): &(i64, Decimal)| LadderStep { from: cny(*from), rate: *rate };
    PromotionRule::Ladder { steps: steps.iter().map(step).collect() }
}

pub(crate) fn promotions() -> Vec<Promotion> {
    let gift = PromotionRule::FreeGoods { product_id: P1, per: 10, free_product_id: A10, free_quantity: 1 };
    vec![promotion(1, "M3", gift), promotion(2, "L1", ladder(&[(3_000_000, Decimal::new(2, 2))]))]
}

pub(crate) fn book() -> PriceBook {
    PriceBook::new(products(), lists(), prices(), promotions())
}

pub(crate) fn request(lines: &[LineRequest]) -> PricingRequest<'_> {
    PricingRequest { dealer_id: D01, currency: Currency::Cny, price_list_id: V7, lines, at: captured() }
}

pub(crate) fn priced(lines: &[LineRequest]) -> Result<PricedOrder, Vec<Problem>> {
    price_order(&request(lines), &book())
}

pub(crate) fn d3() -> PricedOrder {
    priced(&d3_lines(20)).expect("the order of D3")
}

/// 江北商贸: limit 200,000.00, unpaid invoices 182,400.00.
pub(crate) fn dealer() -> Dealer {
    Dealer {
        id: D01,
        code: "D01".into(),
        name: Localized::same("江北商贸"),
        tier: DealerTier::A,
        credit_limit: cny(20_000_000),
        unpaid_invoices: cny(18_240_000),
        books_as_of: at("2025-03-14T08:00:00+08:00"),
        zone: Zone::SHANGHAI,
    }
}

pub(crate) fn payment(id: u128, minor: i64) -> Payment {
    Payment {
        id: PaymentId(Uuid::from_u128(id)),
        dealer_id: D01,
        amount: cny(minor),
        slip: format!("slip {id}"),
        recorded_by: UserId(Uuid::from_u128(9)),
        recorded_at: captured(),
    }
}

/// An accepted order of D01 over an amount.
pub(crate) fn order(id: u128, payable: i64) -> Order {
    Order {
        id: OrderId(Uuid::from_u128(id)),
        number: format!("3-{id}"),
        dealer_id: D01,
        outlet_id: None,
        placed_by: UserId(Uuid::from_u128(5)),
        placed_at: captured(),
        arrived_at: Some(captured()),
        status: OrderStatus::Accepted,
        hold: None,
        price_policy: PricePolicy::HonourCaptured,
        priced: PricedOrder { payable: cny(payable), ..d3() },
        priced_at_capture: None,
        promised_on: None,
        captured: None,
        claim: None,
        same_number_as: None,
        handover: None,
    }
}

/// The demo's dealer, catalogue, lists and promotions.
pub(crate) fn world() -> MemoryState {
    let mut state = MemoryState::default();
    state.put(dealer());
    state.put(Dealer { id: D02, code: "D02".into(), unpaid_invoices: cny(0), ..dealer() });
    let products = products().into_iter().map(Row::from);
    let lists = lists().into_iter().map(Row::from);
    let prices = prices().into_iter().map(Row::from);
    let promotions = promotions().into_iter().map(Row::from);
    for row in products.chain(lists).chain(prices).chain(promotions) {
        state.put(row);
    }
    state
}

/// The dealer's own person on device 3, decided on the server at the moment of capture.
pub(crate) fn context() -> Context {
    let actor =
        Actor { user_id: UserId(Uuid::from_u128(5)), role: Role::Dealer, territories: Vec::new(), dealers: vec![D01] };
    Context {
        command_id: CommandId(Uuid::from_u128(1)),
        actor,
        captured_at: captured(),
        span: TrustedSpan::at(captured()),
        device_at: captured(),
        device_number: Some(3),
        host: Host::Server { arrived_at: captured() },
        policies: Policies::default(),
    }
}

/// 赵敏, at the console.
pub(crate) fn supervisor() -> Context {
    let actor = Actor {
        user_id: UserId(Uuid::from_u128(9)),
        role: Role::Supervisor,
        territories: Vec::new(),
        dealers: Vec::new(),
    };
    Context { actor, device_number: None, ..context() }
}

/// A submission of lines as the phone priced them on v7.
pub(crate) fn submission(id: u128, lines: Vec<LineRequest>) -> SubmitOrder {
    let priced = priced(&lines).expect("orderable lines");
    SubmitOrder {
        order_id: OrderId(Uuid::from_u128(id)),
        number: format!("3-{id}"),
        dealer_id: D01,
        outlet_id: None,
        price_list_id: V7,
        lines,
        priced,
    }
}

/// Decides a command and makes its changes; its outcome, or why it was refused.
pub(crate) fn run(
    state: &mut MemoryState,
    command: impl Into<Command>,
    context: &Context,
) -> Result<Outcome, Vec<Problem>> {
    match decide(state, &command.into(), context).expect("memory never fails") {
        Decision::Accepted(effects) => {
            state.apply(&effects.changes);
            Ok(effects.outcome)
        }
        Decision::Refused(problems) => Err(problems),
    }
}

pub(crate) fn stored(state: &MemoryState, id: u128) -> Order {
    state.get(OrderId(Uuid::from_u128(id)).row()).expect("memory never fails").expect("the order is stored")
}
