//! Where a row lies: at which outlet, on whose phones; and what has to stay in reach while work rests on it.

use crate::{
    ids::{OutletId, RowId, TerritoryId},
    sync::{Row, Table},
};

impl Table {
    /// The tables whose rows belong to an outlet and move with it, in the order of [`Table::ALL`].
    pub const OF_OUTLET: [Self; 7] =
        [Self::ProfileFields, Self::CallPlans, Self::Visits, Self::Answers, Self::Photos, Self::Verdicts, Self::Tasks];
}

impl Row {
    /// The outlet a row belongs to, and the territory whose phones hold it; `None` for a row that does not move with an
    /// outlet.
    pub fn place(&self) -> Option<(OutletId, TerritoryId)> {
        match self {
            Self::CallPlan(row) => Some((row.outlet_id, row.territory_id)),
            Self::Visit(row) => Some((row.outlet_id, row.territory_id)),
            Self::Answer(row) => Some((row.outlet_id, row.territory_id)),
            Self::Photo(row) => Some((row.outlet_id, row.territory_id)),
            Self::Verdict(row) => Some((row.outlet_id, row.territory_id)),
            Self::Task(row) => Some((row.outlet_id, row.territory_id)),
            Self::ProfileField(row) => Some((row.outlet_id, row.territory_id)),
            _ => None,
        }
    }

    /// The row in another territory; one that does not move with an outlet is left as it is.
    #[must_use]
    pub fn moved_to(mut self, territory: TerritoryId) -> Self {
        match &mut self {
            Self::CallPlan(row) => row.territory_id = territory,
            Self::Visit(row) => row.territory_id = territory,
            Self::Answer(row) => row.territory_id = territory,
            Self::Photo(row) => row.territory_id = territory,
            Self::Verdict(row) => row.territory_id = territory,
            Self::Task(row) => row.territory_id = territory,
            Self::ProfileField(row) => row.territory_id = territory,
            _ => {}
        }
        self
    }

    /// The rows a person needs beside this one to go on with it: a phone keeps them while work on it is unsent.
    pub fn rests_on(&self) -> Vec<(Table, RowId)> {
        let outlet = |id: OutletId| (Table::Outlets, id.row());
        match self {
            Self::Visit(visit) => {
                let plan = visit.plan_id.map(|plan| (Table::CallPlans, plan.row()));
                plan.into_iter().chain([outlet(visit.outlet_id)]).collect()
            }
            Self::Answer(answer) => vec![outlet(answer.outlet_id), (Table::Visits, answer.visit_id.row())],
            Self::Photo(photo) => vec![outlet(photo.outlet_id), (Table::Visits, photo.visit_id.row())],
            Self::Task(task) => vec![outlet(task.outlet_id)],
            Self::Order(order) => {
                let outlet = order.outlet_id.map(outlet);
                outlet.into_iter().chain([(Table::Dealers, order.dealer_id.row())]).collect()
            }
            _ => Vec::new(),
        }
    }
}
