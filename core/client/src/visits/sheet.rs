//! Putting the view of a visit together.

use rusqlite::Connection;
use storewalk_domain::{
    catalog::Product,
    checklist::{Answer, ChecklistTemplate, Question, must_stock_of, questions},
    handbook::{HandbookEntry, HandbookList},
    outlet::Outlet,
    photo::{Photo, rejected_zones},
    problem::Problem,
    score::{StoreScore, score},
    sync::{Find, Policies, StateExt},
    text::Localized,
    visit::{Visit, VisitStatus, missing, same_call},
};
use storewalk_sqlite::SqliteState;

use super::{
    Handbook, OutletView, VisitView, ZoneView,
    question::sections,
    view::{CheckInView, GoalView, StepView},
};
use crate::{
    ClientError,
    attention::problem_views,
    photos::{PhotoShelf, PhotoView},
    vault::Shown,
};

/// What a visit holds.
struct Sheet {
    visit: Visit,
    template: Option<ChecklistTemplate>,
    products: Vec<Product>,
    answers: Vec<Answer>,
    /// What another device gave after the visit was closed.
    late_answers: Vec<Answer>,
    photos: Vec<Photo>,
}

/// The view of a visit.
pub(super) fn view(
    connection: &Connection,
    visit: Visit,
    policies: &Policies,
    shown: &Shown,
) -> Result<VisitView, ClientError> {
    let state = SqliteState(connection);
    let outlet: Outlet = state.get(visit.outlet_id.row())?.ok_or(ClientError::NotFound { what: "outlet" })?;
    let handbook = Handbook::load(connection)?;
    let sheet = Sheet::load(state, visit, &outlet)?;
    let asked = sheet.questions();
    let gaps = sheet.gaps(&asked, &handbook);
    let shelf = PhotoShelf::load(connection, shown)?;
    let mut photos = sheet.photos.iter().map(|photo| shelf.view(photo.clone())).collect::<Result<Vec<_>, _>>()?;
    photos.sort_by_key(|photo| (photo.taken_at, photo.id));
    let steps = steps(&sheet.visit, &asked, &handbook, policies);
    let score = sheet.score(state, policies)?;
    let others = same_call(&state, &sheet.visit)?.into_iter().filter(|other| other.duplicate.is_some());
    let same_call = others.map(|other| other.id).collect();
    let Sheet { visit, template, late_answers, .. } = sheet;
    Ok(VisitView {
        id: visit.id,
        outlet: OutletView::of(state, &outlet)?,
        visited_on: visit.visited_on,
        plan_id: visit.plan_id,
        status: visit.status,
        check_in: visit.check_in.map(|check_in| CheckInView {
            at: check_in.at,
            device_at: check_in.device_at,
            distance_m: check_in.distance_m,
            verdict: check_in.verdict,
            span: check_in.span,
        }),
        checked_out_at: visit.check_out.map(|check_out| check_out.at),
        checked_out_device_at: visit.check_out.map(|check_out| check_out.device_at),
        duplicate_of: visit.duplicate.as_ref().and_then(|duplicate| duplicate.of),
        same_call,
        remarks: visit.remarks.clone(),
        late_answers,
        checklist_version: template.as_ref().map_or(0, |template| template.version),
        checklist: template.map_or_else(|| Localized::same(""), |template| template.title),
        goals: goals(&visit, &handbook),
        steps,
        zones: zones(&photos, &handbook, visit.status),
        missing: problem_views(&gaps),
        score,
        summary: visit.summary,
    })
}

impl Sheet {
    fn load(state: SqliteState<'_>, visit: Visit, outlet: &Outlet) -> Result<Self, ClientError> {
        let template = visit.template_id.map(|id| state.get::<ChecklistTemplate>(id.row())).transpose()?.flatten();
        let all: Vec<Answer> = state.list(Find::AnswersOfVisit(visit.id))?;
        let (late_answers, answers): (Vec<_>, Vec<_>) = all.into_iter().partition(|answer| answer.late.is_some());
        let products = if visit.status == VisitStatus::InProgress {
            must_stock_of(&state, outlet.class)?
        } else {
            answered_products(state, &answers)?
        };
        let photos = state.list(Find::PhotosOfVisit(visit.id))?;
        Ok(Self { visit, template, products, answers, late_answers, photos })
    }

    fn questions(&self) -> Vec<Question<'_>> {
        self.template.as_ref().map(|template| questions(template, &self.products, &self.answers)).unwrap_or_default()
    }

    fn gaps(&self, asked: &[Question<'_>], handbook: &Handbook) -> Vec<Problem> {
        match self.visit.status {
            VisitStatus::InProgress => missing(asked, &self.photos, handbook.entries()),
            VisitStatus::Completed | VisitStatus::Skipped => Vec::new(),
        }
    }

    /// The score of a closed visit as it was kept; of one under way, as if it were closed now.
    fn score(&self, state: SqliteState<'_>, policies: &Policies) -> Result<Option<StoreScore>, ClientError> {
        if let Some(summary) = &self.visit.summary {
            return Ok(Some(summary.score.clone()));
        }
        let Some(template) = &self.template else { return Ok(None) };
        let rejected = rejected_zones(&state, &self.photos, None)?;
        Ok(Some(score(template, &self.products, &self.answers, &rejected, policies)))
    }
}

/// The products a closed visit was answered for, whatever the lists say today.
fn answered_products(state: SqliteState<'_>, answers: &[Answer]) -> Result<Vec<Product>, ClientError> {
    let mut products: Vec<Product> = state.list(Find::Products)?;
    products.retain(|product| answers.iter().any(|answer| answer.instance == product.code));
    products.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(products)
}

fn goals(visit: &Visit, handbook: &Handbook) -> Vec<GoalView> {
    let view = |entry: &HandbookEntry| {
        let chosen = visit.goals.iter().find(|goal| goal.code == entry.code);
        GoalView {
            code: entry.code.clone(),
            text: entry.text.clone(),
            is_chosen: chosen.is_some(),
            is_attained: chosen.and_then(|goal| goal.is_attained),
        }
    };
    handbook.list(HandbookList::VisitGoal).map(view).collect()
}

fn steps(visit: &Visit, asked: &[Question<'_>], handbook: &Handbook, policies: &Policies) -> Vec<StepView> {
    let view = |entry: &HandbookEntry| {
        let step: u8 = entry.code.parse().ok()?;
        let gaps = asked.iter().filter(|question| question.section.step == step && question.is_gap()).count();
        Some(StepView {
            step,
            title: entry.text.clone(),
            detail: entry.detail.clone(),
            begun_at: visit.steps.iter().find(|mark| mark.step == step).map(|mark| mark.at),
            sections: sections(asked, step, handbook, policies),
            gaps: u32::try_from(gaps).unwrap_or(u32::MAX),
        })
    };
    let mut steps: Vec<StepView> = handbook.list(HandbookList::VisitStep).filter_map(view).collect();
    steps.sort_by_key(|step| step.step);
    steps
}

fn zones(photos: &[PhotoView], handbook: &Handbook, status: VisitStatus) -> Vec<ZoneView> {
    let view = |entry: &HandbookEntry| {
        let of_zone: Vec<PhotoView> = photos.iter().filter(|photo| photo.zone == entry.code).cloned().collect();
        ZoneView {
            code: entry.code.clone(),
            text: entry.text.clone(),
            detail: entry.detail.clone(),
            is_required: entry.is_required,
            is_missing: entry.is_required && of_zone.is_empty() && status == VisitStatus::InProgress,
            photos: of_zone,
        }
    };
    handbook.list(HandbookList::PhotoZone).map(view).collect()
}
