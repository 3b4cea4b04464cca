//! No commit ever leaves a dealer over its limit, or owing less than nothing.

use rusqlite::Connection;
use storewalk_domain::{
    dealer::{Dealer, Payment},
    order::{Ledger, Order, exposure},
};
use storewalk_sqlite::select;

/// What is wrong with the dealers' money, as of the last commit.
///
/// # Errors
/// When the database cannot be read.
pub fn within_credit(server: &Connection) -> anyhow::Result<Vec<String>> {
    let dealers: Vec<Dealer> = select(server, "ORDER BY id", [])?;
    let orders: Vec<Order> = select(server, "WHERE status = 'accepted' ORDER BY id", [])?;
    let payments: Vec<Payment> = select(server, "ORDER BY id", [])?;
    let mut objections = Vec::new();
    for dealer in &dealers {
        match exposure(dealer, &Ledger::of(dealer.id, &orders, &payments)) {
            Ok(owed) if owed.minor > dealer.credit_limit.minor => {
                objections.push(format!("{} owes {owed} of at most {}", dealer.code, dealer.credit_limit));
            }
            Ok(owed) if owed.minor < 0 => objections.push(format!("{} owes {owed}", dealer.code)),
            Ok(_) => {}
            Err(error) => objections.push(format!("{}: {error}", dealer.code)),
        }
    }
    Ok(objections)
}
