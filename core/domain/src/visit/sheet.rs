//! Everything a visit's check-out and its later verdicts look at, read once.

use crate::{
    catalog::Product,
    checklist::{Answer, ChecklistTemplate, Question, must_stock_of, questions},
    outlet::Outlet,
    photo::Photo,
    sync::{Find, State, StateExt, Stop, existing},
    visit::{Visit, answer::template_of},
};

/// A visit with its outlet, checklist, products, answers and photos.
pub(crate) struct Sheet {
    pub(crate) visit: Visit,
    pub(crate) outlet: Outlet,
    pub(crate) template: ChecklistTemplate,
    pub(crate) products: Vec<Product>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) photos: Vec<Photo>,
}

impl Sheet {
    /// The sheet of a visit in progress: its products are those of the outlet's must-stock list today.
    pub(crate) fn of_open(state: &dyn State, visit: Visit) -> Result<Self, Stop> {
        let outlet: Outlet = existing(state, visit.outlet_id.row(), "outlet_id")?;
        let products = must_stock_of(state, outlet.class)?;
        Self::with(state, visit, outlet, products)
    }

    /// The sheet of a visit that is over: its products are those it was answered for, whatever the lists say today.
    pub(crate) fn of_closed(state: &dyn State, visit: Visit) -> Result<Self, Stop> {
        let outlet: Outlet = existing(state, visit.outlet_id.row(), "outlet_id")?;
        let mut sheet = Self::with(state, visit, outlet, Vec::new())?;
        let mut products = state.list::<Product>(Find::Products)?;
        products.retain(|product| sheet.answers.iter().any(|answer| answer.instance == product.code));
        products.sort_by(|a, b| a.code.cmp(&b.code));
        sheet.products = products;
        Ok(sheet)
    }

    fn with(state: &dyn State, visit: Visit, outlet: Outlet, products: Vec<Product>) -> Result<Self, Stop> {
        let template = template_of(state, &visit)?;
        let mut answers = state.list::<Answer>(Find::AnswersOfVisit(visit.id))?;
        answers.retain(|answer| answer.late.is_none());
        let photos = state.list(Find::PhotosOfVisit(visit.id))?;
        Ok(Self { visit, outlet, template, products, answers, photos })
    }

    pub(crate) fn questions(&self) -> Vec<Question<'_>> {
        questions(&self.template, &self.products, &self.answers)
    }
}
