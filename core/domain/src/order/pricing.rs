//! What an order costs.
//!
//! **Purpose.** One pure function for phone, console and server: [`price_order`]. **Invariants.** It reckons from
//! scratch each time, so the order in which lines were edited leaves no mark; each line is an exact decimal product,
//! rounded once; the rebate is rounded once; every figure carries the steps that led to it ([`super::replay`] reckons
//! them again). A figure too large to be held is a problem, never a wrap and never a panic.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::{
    LineRequest, PriceBook, PricedLine, PricedOrder, TraceStep,
    price_book::ListFault,
    promotions::{free_goods, rebate},
};
use crate::{
    catalog::{PriceList, Product},
    ids::{DealerId, PriceListId, ProductId},
    money::{self, Currency, Money, MoneyError},
    problem::{Problem, ProblemCode},
    quantity::{PackRule, Quantity},
    time::Timestamp,
};

/// What is to be priced.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PricingRequest<'a> {
    /// Who is billed; decides which lists are open.
    pub dealer_id: DealerId,
    /// The dealer's currency; lists in another one are not used.
    pub currency: Currency,
    /// The order's price list.
    pub price_list_id: PriceListId,
    /// The lines.
    pub lines: &'a [LineRequest],
    /// The instant at which lists and promotions must be valid.
    pub at: Timestamp,
}

/// Prices an order.
///
/// # Errors
/// All problems in the way, each at its line (`lines[2]`): `order_empty`, `order_line_twice` (the same product on the
/// same list), `quantity_not_orderable`, `product_inactive`, `price_missing`, `price_list_not_valid`,
/// `amount_overflow`.
pub fn price_order(request: &PricingRequest<'_>, book: &PriceBook) -> Result<PricedOrder, Vec<Problem>> {
    let mut problems = Vec::new();
    let order_list = find_list(request, request.price_list_id, book).map_err(|fault| {
        let list = match fault {
            ListFault::Missing => request.price_list_id.to_string(),
            ListFault::NotValid(code) => code,
        };
        problems.push(Problem::new(ProblemCode::PriceListNotValid).with("list", list).at("price_list_id"));
    });
    if request.lines.is_empty() {
        problems.push(Problem::new(ProblemCode::OrderEmpty).at("lines"));
    }
    let mut lines = Vec::with_capacity(request.lines.len());
    let mut seen = BTreeSet::new();
    for (position, line) in request.lines.iter().enumerate() {
        let mut found = Vec::new();
        if !seen.insert((line.product_id, line.price_list_id.unwrap_or(request.price_list_id))) {
            let code = code_of(line.product_id, book);
            found.push(Problem::new(ProblemCode::OrderLineTwice).with("product", code));
        }
        lines.extend(price_line(request, line, order_list.ok(), book, &mut found));
        problems.extend(found.into_iter().map(|problem| problem.at(format!("lines[{position}]"))));
    }
    let Ok(list) = order_list else { return Err(problems) };
    if !problems.is_empty() {
        return Err(problems);
    }
    total(request, list, lines, book).map_err(|_| vec![Problem::new(ProblemCode::AmountOverflow)])
}

fn find_list<'b>(
    request: &PricingRequest<'_>,
    id: PriceListId,
    book: &'b PriceBook,
) -> Result<&'b PriceList, ListFault> {
    book.usable_list(id, request.dealer_id, request.currency, request.at)
}

/// Prices one line, or says what is in the way. An order list that cannot be used was reported once for the order, so a
/// line that rests on it is silent about it.
fn price_line(
    request: &PricingRequest<'_>,
    line: &LineRequest,
    order_list: Option<&PriceList>,
    book: &PriceBook,
    problems: &mut Vec<Problem>,
) -> Option<PricedLine> {
    let code = code_of(line.product_id, book);
    let missing = || Problem::new(ProblemCode::PriceMissing).with("product", &code);
    let Some(product) = book.product(line.product_id).filter(|product| product.is_active) else {
        problems.push(Problem::new(ProblemCode::ProductInactive).with("product", &code));
        return None;
    };
    problems.extend(quantity_problem(product, line.quantity));
    let list = match line.price_list_id.map(|id| find_list(request, id, book)) {
        Some(Ok(list)) => list,
        Some(Err(ListFault::Missing)) => return reported(problems, missing()),
        Some(Err(ListFault::NotValid(code))) => {
            return reported(problems, Problem::new(ProblemCode::PriceListNotValid).with("list", code));
        }
        None => order_list?,
    };
    let Some(unit_price) = book.unit_price(list.id, product.id) else {
        return reported(problems, missing());
    };
    extend(product, line.quantity, list, unit_price)
        .map_or_else(|_| reported(problems, Problem::new(ProblemCode::AmountOverflow)), Some)
}

fn reported<T>(problems: &mut Vec<Problem>, problem: Problem) -> Option<T> {
    problems.push(problem);
    None
}

fn extend(
    product: &Product,
    quantity: Quantity,
    list: &PriceList,
    unit_price: Decimal,
) -> Result<PricedLine, MoneyError> {
    let exact = unit_price.checked_mul(Decimal::from(quantity.0)).ok_or(MoneyError::Overflow)?;
    let rounded = money::round(exact, list.currency)?;
    Ok(PricedLine {
        product_id: product.id,
        product_code: product.code.clone(),
        quantity,
        price_list_id: list.id,
        unit_price,
        amount: rounded,
        trace: vec![
            TraceStep::ListPrice { list: list.code.clone(), unit_price },
            TraceStep::Extended { quantity, exact, rounded },
        ],
    })
}

fn total(
    request: &PricingRequest<'_>,
    list: &PriceList,
    lines: Vec<PricedLine>,
    book: &PriceBook,
) -> Result<PricedOrder, MoneyError> {
    let currency = list.currency;
    let goods = Money::sum(currency, lines.iter().map(|line| line.amount))?;
    let rebate = rebate(goods, book, request.at)?;
    let payable = goods.minus(rebate.as_ref().map_or(Money::zero(currency), |rebate| rebate.amount))?;
    Ok(PricedOrder {
        price_list_id: list.id,
        price_list_code: list.code.clone(),
        currency,
        free_goods: free_goods(&lines, book, request.at)?,
        lines,
        goods,
        rebate,
        payable,
    })
}

/// What is wrong with a quantity of a product, if anything. Nothing is never orderable.
pub fn quantity_problem(product: &Product, quantity: Quantity) -> Option<Problem> {
    if quantity.0 > 0 && product.pack.allows(quantity) {
        return None;
    }
    let problem = Problem::new(ProblemCode::QuantityNotOrderable)
        .with("product", &product.code)
        .with("quantity", quantity.0)
        .with("moq", product.pack.moq)
        .with("multiple", product.pack.multiple)
        .with("nearest", nearest_text(product.pack, quantity));
    Some(problem)
}

/// The orderable quantities next to a wanted one, for people: `20 / 30`, or `20` when there is only one.
fn nearest_text(pack: PackRule, wanted: Quantity) -> String {
    let (below, above) = pack.nearest(wanted);
    let mut choices: Vec<u32> = [below, above].into_iter().flatten().map(|quantity| quantity.0).collect();
    choices.retain(|quantity| *quantity > 0);
    choices.dedup();
    let texts: Vec<String> = choices.iter().map(ToString::to_string).collect();
    if texts.is_empty() { "—".to_owned() } else { texts.join(" / ") }
}

/// The code of a product; its id where the catalogue has none.
fn code_of(product: ProductId, book: &PriceBook) -> String {
    book.product(product).map_or_else(|| product.to_string(), |known| known.code.clone())
}
