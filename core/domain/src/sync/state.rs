//! What a decision may look at.
//!
//! The rules ask a [`State`] for rows by identity or by one of a closed set of questions ([`Find`]). Hosts answer from
//! their database, tests from memory ([`MemoryState`]). A state never changes while a decision is made.

use std::collections::BTreeMap;

use crate::{
    handbook::HandbookList,
    ids::{CountyId, DealerId, OutletId, PriceListId, ProductId, RowId, TerritoryId, UserId, VisitId},
    order::OrderNumber,
    outlet::{OutletClass, Role},
    sync::{Change, Entity, Notice, Row, Sum, Table, Theirs, Totals, sum::counted},
    task::TaskStatus,
    time::Timestamp,
    visit::VisitStatus,
};

/// The database behind a state failed; the decision is off, nothing is half done.
#[derive(Debug, thiserror::Error)]
#[error("read the rows a decision needs: {0}")]
pub struct StateError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// The questions a decision may ask. Answers come in order of id unless said otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Find {
    /// The visits a rep has in progress.
    OpenVisitsOfRep(UserId),
    /// All visits at an outlet, latest `visited_on` first.
    VisitsOfOutlet(OutletId),
    /// The answers of a visit.
    AnswersOfVisit(VisitId),
    /// The photos of a visit, retakes included.
    PhotosOfVisit(VisitId),
    /// The open tasks of an outlet.
    OpenTasksOfOutlet(OutletId),
    /// The tasks of a visit, in any state.
    TasksOfVisit(VisitId),
    /// All answers in a county to an item `shelf_price` since an instant, latest first. Only the server sees them all.
    ShelfPricesInCounty {
        /// The county.
        county_id: CountyId,
        /// Not older than this.
        since: Timestamp,
    },
    /// The must-stock lines of an outlet class.
    MustStockOfClass(OutletClass),
    /// All products.
    Products,
    /// All price lists.
    PriceLists,
    /// The prices of a list.
    PricesOfList(PriceListId),
    /// The price of one product on a list: what an order of a few lines asks of a list of thousands.
    PriceOf {
        /// The list.
        price_list_id: PriceListId,
        /// The product.
        product_id: ProductId,
    },
    /// All promotions.
    Promotions,
    /// The profile fields that wait for a decision.
    ContestedFields,
    /// All versions of all checklists.
    Checklists,
    /// The orders with a number, whoever placed them.
    OrdersNumbered(OrderNumber),
    /// All orders of a dealer that count against credit or wait for it (`accepted`, `held`), oldest `placed_at` first: for
    /// a screen that shows them. They grow for ever, so no rule asks for them.
    OpenOrdersOfDealer(DealerId),
    /// All orders of a dealer that wait for credit (`held`), oldest `placed_at` first. What the accepted ones come to is
    /// a [`Sum`].
    HeldOrdersOfDealer(DealerId),
    /// The payments of a dealer.
    PaymentsOfDealer(DealerId),
    /// The handbook.
    Handbook,
    /// One list of the handbook.
    HandbookOf(HandbookList),
    /// The verdicts on the photos of a visit.
    VerdictsOfVisit(VisitId),
    /// Everything that moves with an outlet: plans, visits, answers, photos, verdicts, tasks; table by table.
    RowsOfOutlet(OutletId),
    /// The answers and photos of a visit; table by table.
    PapersOfVisit(VisitId),
    /// The open tasks in a territory.
    OpenTasksOfTerritory(TerritoryId),
    /// The scopes of the reps who work in a territory. Only the server knows them all.
    RepsOfTerritory(TerritoryId),
    /// The handovers of an outlet, and those of its territory as a whole; latest first.
    Handovers {
        /// The outlet.
        outlet_id: OutletId,
        /// Its territory.
        territory_id: TerritoryId,
    },
}

/// Read access to the rows a decision needs.
pub trait State {
    /// The row with this identity, if there is one.
    ///
    /// # Errors
    /// When the database fails.
    fn load(&self, table: Table, id: RowId) -> Result<Option<Row>, StateError>;

    /// The rows that answer a question.
    ///
    /// # Errors
    /// When the database fails.
    fn find(&self, question: Find) -> Result<Vec<Row>, StateError>;

    /// What some amounts come to.
    ///
    /// # Errors
    /// When the database fails.
    fn sum(&self, of: Sum) -> Result<Totals, StateError>;

    /// What the sender of the command could know of something that is not, or no longer, theirs.
    ///
    /// A phone says of what it holds only until unsent work is resolved that it was handed over; the server judges by
    /// the positions the phone had seen, never by clocks. A host that cannot tell says [`Notice::Never`].
    ///
    /// # Errors
    /// When the database fails.
    fn notice(&self, of: Theirs) -> Result<Notice, StateError> {
        let _ = of;
        Ok(Notice::Never)
    }
}

/// Typed access to a [`State`].
pub trait StateExt: State {
    /// The entity with this identity, if there is one.
    ///
    /// # Errors
    /// When the database fails.
    fn get<T: Entity>(&self, id: impl Into<RowId>) -> Result<Option<T>, StateError> {
        Ok(self.load(T::TABLE, id.into())?.and_then(T::from_row))
    }

    /// The entities that answer a question.
    ///
    /// # Errors
    /// When the database fails.
    fn list<T: Entity>(&self, question: Find) -> Result<Vec<T>, StateError> {
        Ok(self.find(question)?.into_iter().filter_map(T::from_row).collect())
    }
}

impl<S: State + ?Sized> StateExt for S {}

/// A state in memory, for tests and what-if calculations.
#[derive(Clone, Debug, Default)]
pub struct MemoryState {
    rows: BTreeMap<(Table, RowId), Row>,
    notices: Vec<(Theirs, Notice)>,
}

impl MemoryState {
    /// A state of these rows.
    pub fn of(rows: impl IntoIterator<Item = Row>) -> Self {
        let mut state = Self::default();
        for row in rows {
            state.put(row);
        }
        state
    }

    /// Adds or replaces a row.
    pub fn put(&mut self, row: impl Into<Row>) {
        let row = row.into();
        self.rows.insert((row.table(), row.id()), row);
    }

    /// Says what the sender of the next commands could know of something.
    pub fn set_notice(&mut self, of: Theirs, notice: Notice) {
        self.notices.retain(|(known, _)| *known != of);
        self.notices.push((of, notice));
    }

    /// Makes the changes of a decision.
    pub fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Put(row) => self.put((**row).clone()),
                Change::Remove { table, id } => {
                    self.rows.remove(&(*table, *id));
                }
            }
        }
    }

    /// All rows of a table.
    pub fn all<T: Entity>(&self) -> Vec<T> {
        self.rows.values().filter(|row| row.table() == T::TABLE).cloned().filter_map(T::from_row).collect()
    }

    fn select(&self, keep: impl Fn(&Row) -> bool) -> Vec<Row> {
        self.rows.values().filter(|row| keep(row)).cloned().collect()
    }
}

impl State for MemoryState {
    fn notice(&self, of: Theirs) -> Result<Notice, StateError> {
        let known = self.notices.iter().find(|(known, _)| *known == of);
        Ok(known.map_or(Notice::Never, |(_, notice)| *notice))
    }

    fn load(&self, table: Table, id: RowId) -> Result<Option<Row>, StateError> {
        Ok(self.rows.get(&(table, id)).cloned())
    }

    fn find(&self, question: Find) -> Result<Vec<Row>, StateError> {
        let mut rows = self.select(|row| answers(question, row));
        match question {
            Find::VisitsOfOutlet(_) => rows.sort_by_key(|row| match row {
                Row::Visit(visit) => std::cmp::Reverse(Some(visit.visited_on)),
                _ => std::cmp::Reverse(None),
            }),
            Find::ShelfPricesInCounty { .. } => rows.sort_by_key(|row| match row {
                Row::Answer(answer) => std::cmp::Reverse(Some(answer.answered_at)),
                _ => std::cmp::Reverse(None),
            }),
            Find::OpenOrdersOfDealer(_) | Find::HeldOrdersOfDealer(_) => rows.sort_by_key(|row| match row {
                Row::Order(order) => Some(order.placed_at),
                _ => None,
            }),
            Find::Handovers { .. } => rows.sort_by_key(|row| match row {
                Row::Handover(handover) => std::cmp::Reverse(Some(handover.decided_at)),
                _ => std::cmp::Reverse(None),
            }),
            _ => {}
        }
        Ok(rows)
    }

    fn sum(&self, of: Sum) -> Result<Totals, StateError> {
        Ok(Totals::of(self.rows.values().filter_map(|row| counted(of, row))))
    }
}

/// Whether a row belongs to the answer of a question. The SQL of the hosts must say the same.
fn answers(question: Find, row: &Row) -> bool {
    use crate::order::OrderStatus;
    match (question, row) {
        (Find::OpenVisitsOfRep(rep), Row::Visit(visit)) => {
            visit.rep_id == rep && visit.status == VisitStatus::InProgress
        }
        (Find::VisitsOfOutlet(outlet), Row::Visit(visit)) => visit.outlet_id == outlet,
        (Find::AnswersOfVisit(visit) | Find::PapersOfVisit(visit), Row::Answer(answer)) => answer.visit_id == visit,
        (Find::PhotosOfVisit(visit) | Find::PapersOfVisit(visit), Row::Photo(photo)) => photo.visit_id == visit,
        (Find::OpenTasksOfOutlet(outlet), Row::Task(task)) => {
            task.outlet_id == outlet && task.status == TaskStatus::Open
        }
        (Find::TasksOfVisit(visit), Row::Task(task)) => task.visit_id == Some(visit),
        (Find::ShelfPricesInCounty { county_id, since }, Row::Answer(answer)) => {
            answer.county_id == county_id && answer.item == "shelf_price" && answer.answered_at >= since
        }
        (Find::MustStockOfClass(class), Row::MustStock(line)) => line.class == class,
        (Find::Products, Row::Product(_))
        | (Find::PriceLists, Row::PriceList(_))
        | (Find::Promotions, Row::Promotion(_))
        | (Find::Checklists, Row::ChecklistTemplate(_))
        | (Find::Handbook, Row::HandbookEntry(_)) => true,
        (Find::PricesOfList(list), Row::Price(price)) => price.price_list_id == list,
        (Find::PriceOf { price_list_id, product_id }, Row::Price(price)) => {
            price.price_list_id == price_list_id && price.product_id == product_id
        }
        (Find::OpenOrdersOfDealer(dealer), Row::Order(order)) => {
            order.dealer_id == dealer && matches!(order.status, OrderStatus::Accepted | OrderStatus::Held)
        }
        (Find::HeldOrdersOfDealer(dealer), Row::Order(order)) => {
            order.dealer_id == dealer && order.status == OrderStatus::Held
        }
        (Find::HandbookOf(list), Row::HandbookEntry(entry)) => entry.list == list,
        (Find::ContestedFields, Row::ProfileField(field)) => field.is_contested,
        (Find::OrdersNumbered(number), Row::Order(order)) => order.number == number.as_str(),
        (Find::PaymentsOfDealer(dealer), Row::Payment(payment)) => payment.dealer_id == dealer,
        (Find::VerdictsOfVisit(visit), Row::Verdict(verdict)) => verdict.visit_id == visit,
        (Find::RowsOfOutlet(outlet), row) => row.place().is_some_and(|place| place.0 == outlet),
        (Find::OpenTasksOfTerritory(territory), Row::Task(task)) => {
            task.territory_id == territory && task.status == TaskStatus::Open
        }
        (Find::RepsOfTerritory(territory), Row::Scope(scope)) => {
            scope.role == Role::Rep && scope.territories.contains(&territory)
        }
        (Find::Handovers { outlet_id, territory_id }, Row::Handover(handover)) => match handover.outlet_id {
            Some(outlet) => outlet == outlet_id,
            None => handover.to_territory == territory_id,
        },
        _ => false,
    }
}
