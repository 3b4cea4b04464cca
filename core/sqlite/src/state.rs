//! The rules' questions, answered from SQLite.

use rusqlite::{Connection, named_params};
use storewalk_domain::{
    ids::RowId,
    money::Currency,
    sync::{Find, Row, State, StateError, Sum, Table, Total, Totals},
};

use crate::{SqliteError, get_row, id_blob, rows::select_rows};

/// The state of a database, as of the transaction its connection is in.
#[derive(Clone, Copy, Debug)]
pub struct SqliteState<'c>(pub &'c Connection);

impl State for SqliteState<'_> {
    fn load(&self, table: Table, id: RowId) -> Result<Option<Row>, StateError> {
        get_row(self.0, table, id).map_err(state_error)
    }

    fn find(&self, question: Find) -> Result<Vec<Row>, StateError> {
        let of_many = |tables: &[Table], tail: &str, key| {
            let found = tables.iter().map(|table| self.by_key(*table, tail, key));
            found.collect::<Result<Vec<Found>, _>>()
        };
        let found = match question {
            Find::RowsOfOutlet(outlet) => {
                of_many(&Table::OF_OUTLET, "WHERE outlet_id = :key ORDER BY id", outlet.row())
            }
            Find::PapersOfVisit(visit) => {
                of_many(&[Table::Answers, Table::Photos], "WHERE visit_id = :key ORDER BY id", visit.row())
            }
            question => self.answer(question).map(|found| vec![found]),
        };
        Ok(found.map_err(state_error)?.into_iter().flatten().collect())
    }

    fn sum(&self, of: Sum) -> Result<Totals, StateError> {
        let (sql, dealer) = match of {
            Sum::AcceptedOrdersOf(dealer) => (include_str!("state/accepted_orders.sql"), dealer),
            Sum::PaymentsOf(dealer) => (include_str!("state/payments.sql"), dealer),
        };
        self.totals(sql, dealer.row()).map_err(state_error)
    }
}

type Found = Vec<Row>;

impl SqliteState<'_> {
    fn answer(self, question: Find) -> Result<Found, SqliteError> {
        match question {
            Find::OpenVisitsOfRep(rep) => {
                let tail = "WHERE rep_id = :key AND status = 'in_progress' ORDER BY id";
                self.by_key(Table::Visits, tail, rep.row())
            }
            Find::VisitsOfOutlet(outlet) => {
                self.by_key(Table::Visits, "WHERE outlet_id = :key ORDER BY visited_on DESC, id", outlet.row())
            }
            Find::AnswersOfVisit(visit) => {
                self.by_key(Table::Answers, "WHERE visit_id = :key ORDER BY id", visit.row())
            }
            Find::PhotosOfVisit(visit) => self.by_key(Table::Photos, "WHERE visit_id = :key ORDER BY id", visit.row()),
            Find::VerdictsOfVisit(visit) => {
                self.by_key(Table::Verdicts, "WHERE visit_id = :key ORDER BY id", visit.row())
            }
            Find::OpenTasksOfOutlet(outlet) => {
                let tail = "WHERE outlet_id = :key AND status = 'open' ORDER BY id";
                self.by_key(Table::Tasks, tail, outlet.row())
            }
            Find::TasksOfVisit(visit) => self.by_key(Table::Tasks, "WHERE visit_id = :key ORDER BY id", visit.row()),
            Find::ShelfPricesInCounty { county_id, since } => {
                let tail = "WHERE county_id = :county AND item = 'shelf_price' AND answered_at >= :since \
                            ORDER BY answered_at DESC, id";
                let params = named_params! { ":county": id_blob(county_id.row()), ":since": since.0 };
                select_rows(self.0, Table::Answers, tail, params)
            }
            Find::MustStockOfClass(class) => {
                let tail = "WHERE class = :class ORDER BY id";
                let params = named_params! { ":class": class.as_str() };
                select_rows(self.0, Table::MustStocks, tail, params)
            }
            Find::Products => self.all(Table::Products),
            Find::PriceLists => self.all(Table::PriceLists),
            Find::Promotions => self.all(Table::Promotions),
            Find::ContestedFields => {
                let tail = "WHERE is_contested = 1 ORDER BY id";
                select_rows(self.0, Table::ProfileFields, tail, [])
            }
            Find::Checklists => self.all(Table::ChecklistTemplates),
            Find::OrdersNumbered(number) => {
                let params = named_params! { ":number": number.as_str() };
                select_rows(self.0, Table::Orders, "WHERE number = :number ORDER BY id", params)
            }
            Find::Handbook => self.all(Table::HandbookEntries),
            Find::HandbookOf(list) => {
                let (tail, params) = ("WHERE list = :list ORDER BY id", named_params! { ":list": list.as_str() });
                select_rows(self.0, Table::HandbookEntries, tail, params)
            }
            Find::PricesOfList(list) => {
                self.by_key(Table::Prices, "WHERE price_list_id = :key ORDER BY id", list.row())
            }
            Find::PriceOf { price_list_id, product_id } => {
                let tail = "WHERE price_list_id = :list AND product_id = :product ORDER BY id";
                let params =
                    named_params! { ":list": id_blob(price_list_id.row()), ":product": id_blob(product_id.row()) };
                select_rows(self.0, Table::Prices, tail, params)
            }
            Find::OpenOrdersOfDealer(dealer) => {
                let tail = "WHERE dealer_id = :key AND status IN ('accepted', 'held') ORDER BY placed_at, id";
                self.by_key(Table::Orders, tail, dealer.row())
            }
            Find::HeldOrdersOfDealer(dealer) => {
                let tail = "WHERE dealer_id = :key AND status = 'held' ORDER BY placed_at, id";
                self.by_key(Table::Orders, tail, dealer.row())
            }
            Find::OpenTasksOfTerritory(territory) => {
                let tail = "WHERE territory_id = :key AND status = 'open' ORDER BY id";
                self.by_key(Table::Tasks, tail, territory.row())
            }
            Find::RepsOfTerritory(territory) => {
                let tail = "WHERE role = 'rep' AND EXISTS (
                    SELECT 1 FROM json_each(scopes.territories) WHERE value = :territory) ORDER BY id";
                let params = named_params! { ":territory": territory.to_string() };
                select_rows(self.0, Table::Scopes, tail, params)
            }
            Find::Handovers { outlet_id, territory_id } => {
                let tail = "WHERE outlet_id = :outlet OR (outlet_id IS NULL AND to_territory = :territory) \
                            ORDER BY decided_at DESC, id";
                let params =
                    named_params! { ":outlet": id_blob(outlet_id.row()), ":territory": id_blob(territory_id.row()) };
                select_rows(self.0, Table::Handovers, tail, params)
            }
            // Of several tables; answered before.
            Find::RowsOfOutlet(_) | Find::PapersOfVisit(_) => Ok(Vec::new()),
            Find::PaymentsOfDealer(dealer) => {
                self.by_key(Table::Payments, "WHERE dealer_id = :key ORDER BY id", dealer.row())
            }
        }
    }

    /// Sums come in halves of 32 bits: no number of amounts makes either overflow.
    fn totals(self, sql: &str, key: RowId) -> Result<Totals, SqliteError> {
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query(named_params! { ":key": id_blob(key) })?;
        let mut totals = Vec::new();
        while let Some(row) = rows.next()? {
            let currency: Option<String> = row.get("currency")?;
            let currency = currency.and_then(|code| Currency::ALL.into_iter().find(|known| known.code() == code));
            let currency = currency.ok_or(SqliteError::Column { table: "orders", column: "priced" })?;
            let (high, low): (i64, i64) = (row.get("high")?, row.get("low")?);
            totals.push(Total {
                currency,
                minor: (i128::from(high) << 32) + i128::from(low),
                count: row.get("count")?,
            });
        }
        Ok(Totals::of_currencies(totals))
    }

    fn by_key(self, table: Table, tail: &str, key: RowId) -> Result<Found, SqliteError> {
        select_rows(self.0, table, tail, named_params! { ":key": id_blob(key) })
    }

    fn all(self, table: Table) -> Result<Found, SqliteError> {
        select_rows(self.0, table, "ORDER BY id", [])
    }
}

fn state_error(error: SqliteError) -> StateError {
    StateError(Box::new(error))
}
