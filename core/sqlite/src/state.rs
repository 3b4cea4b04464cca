//! The rules' questions, answered from SQLite.

use rusqlite::{Connection, named_params};
use serde_json::{Map, Value};
use storewalk_domain::{
    ids::RowId,
    sync::{Find, Row, State, StateError, Table},
};

use crate::{SqliteError, get_row, id_blob, rows::typed, select_fields};

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
        let found = found.map_err(state_error)?.into_iter();
        let typed =
            |(table, rows): Found| rows.into_iter().map(move |fields| typed(table, fields).map_err(state_error));
        found.flat_map(typed).collect()
    }
}

type Found = (Table, Vec<Map<String, Value>>);

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
                Ok((Table::Answers, select_fields(self.0, Table::Answers, tail, params)?))
            }
            Find::MustStockOfClass(class) => {
                let tail = "WHERE class = :class ORDER BY id";
                let params = named_params! { ":class": class.as_str() };
                Ok((Table::MustStocks, select_fields(self.0, Table::MustStocks, tail, params)?))
            }
            Find::Products => self.all(Table::Products),
            Find::PriceLists => self.all(Table::PriceLists),
            Find::Promotions => self.all(Table::Promotions),
            Find::ContestedFields => {
                let tail = "WHERE is_contested = 1 ORDER BY id";
                Ok((Table::ProfileFields, select_fields(self.0, Table::ProfileFields, tail, [])?))
            }
            Find::Checklists => self.all(Table::ChecklistTemplates),
            Find::OrdersNumbered(number) => {
                let params = named_params! { ":number": number.as_str() };
                Ok((Table::Orders, select_fields(self.0, Table::Orders, "WHERE number = :number ORDER BY id", params)?))
            }
            Find::Handbook => self.all(Table::HandbookEntries),
            Find::PricesOfList(list) => {
                self.by_key(Table::Prices, "WHERE price_list_id = :key ORDER BY id", list.row())
            }
            Find::PriceOf { price_list_id, product_id } => {
                let tail = "WHERE price_list_id = :list AND product_id = :product ORDER BY id";
                let params =
                    named_params! { ":list": id_blob(price_list_id.row()), ":product": id_blob(product_id.row()) };
                Ok((Table::Prices, select_fields(self.0, Table::Prices, tail, params)?))
            }
            Find::OpenOrdersOfDealer(dealer) => {
                let tail = "WHERE dealer_id = :key AND status IN ('accepted', 'held') ORDER BY placed_at, id";
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
                Ok((Table::Scopes, select_fields(self.0, Table::Scopes, tail, params)?))
            }
            Find::Handovers { outlet_id, territory_id } => {
                let tail = "WHERE outlet_id = :outlet OR (outlet_id IS NULL AND to_territory = :territory) \
                            ORDER BY decided_at DESC, id";
                let params =
                    named_params! { ":outlet": id_blob(outlet_id.row()), ":territory": id_blob(territory_id.row()) };
                Ok((Table::Handovers, select_fields(self.0, Table::Handovers, tail, params)?))
            }
            // Of several tables; answered before.
            Find::RowsOfOutlet(_) | Find::PapersOfVisit(_) => Ok((Table::Visits, Vec::new())),
            Find::PaymentsOfDealer(dealer) => {
                self.by_key(Table::Payments, "WHERE dealer_id = :key ORDER BY id", dealer.row())
            }
        }
    }

    fn by_key(self, table: Table, tail: &str, key: RowId) -> Result<Found, SqliteError> {
        Ok((table, select_fields(self.0, table, tail, named_params! { ":key": id_blob(key) })?))
    }

    fn all(self, table: Table) -> Result<Found, SqliteError> {
        Ok((table, select_fields(self.0, table, "ORDER BY id", [])?))
    }
}

fn state_error(error: SqliteError) -> StateError {
    StateError(Box::new(error))
}
