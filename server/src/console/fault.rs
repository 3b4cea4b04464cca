//! When something cannot be shown or done: a page that says what, why and what next.

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use storewalk_domain::{
    ids::{OrderId, PhotoId, VisitId},
    problem::{Problem, ProblemCode},
    sync::StateError,
    text::Language,
};
use storewalk_wire::ErrorCode;

use super::{
    form::BadField,
    frame::{Frame, Part},
};
use crate::{error::ApiError, store::StoreError};

/// Why a page or a form was refused.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// There is nothing here, or not for this person.
    NotFound,
    /// The form is not of this session.
    StaleForm,
    /// A field of a form cannot be read.
    Unreadable(BadField),
    /// The rules object; where to go from here.
    Refused(Vec<Problem>, WayOut),
    /// Too many requests; how many seconds to wait.
    Busy(u64),
    /// The disk is full.
    Full,
    /// The person may not.
    NotPermitted,
    /// More photos than one export takes.
    TooManyToExport {
        /// How many were chosen.
        count: u32,
        /// How many one export takes.
        most: u32,
    },
    /// No photo is in the choice.
    NothingToExport,
    /// Nobody has looked for people in the photo and nothing here finds faces, so that there is no covered copy.
    NobodyMarked,
    /// The photo's picture cannot be read, so that nothing in it can be covered.
    NoPicture,
    /// The server failed.
    Failed,
}

/// Where to go from a refusal.
#[derive(Clone, Copy, Debug)]
pub(crate) enum WayOut {
    /// To the photo, or on to the next that waits.
    Photo(PhotoId, Option<PhotoId>),
    /// To the fields that wait for a decision.
    Conflicts,
    /// To the visit.
    Visit(VisitId),
    /// To the order.
    Order(OrderId),
    /// Back to what needs attention.
    Attention,
    /// Back to the page of handovers.
    Handover,
    /// To the people in the photo, as they are marked now.
    People(PhotoId),
    /// Back to the second looks.
    Second,
    /// Back to the policy.
    Policy,
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        ApiError::from(error).into()
    }
}

impl From<StateError> for Trouble {
    fn from(error: StateError) -> Self {
        StoreError::from(error).into()
    }
}

impl From<BadField> for Trouble {
    fn from(field: BadField) -> Self {
        Self::Unreadable(field)
    }
}

impl From<ApiError> for Trouble {
    fn from(error: ApiError) -> Self {
        match error.code {
            ErrorCode::NotFound => Self::NotFound,
            ErrorCode::NotPermitted => Self::NotPermitted,
            ErrorCode::TooManyRequests => {
                let wait = error.headers.iter().find(|(name, _)| name == header::RETRY_AFTER);
                Self::Busy(wait.and_then(|(_, value)| value.to_str().ok()?.parse().ok()).unwrap_or(1))
            }
            ErrorCode::StorageFull => Self::Full,
            _ => Self::Failed,
        }
    }
}

/// A problem in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ProblemText {
    /// Stable code.
    pub(crate) code: &'static str,
    /// What happened.
    pub(crate) what: String,
    /// What to do next.
    pub(crate) next: String,
}

impl ProblemText {
    /// A problem in words.
    pub(crate) fn of(problem: &Problem, language: Language) -> Self {
        Self { code: problem.code.as_str(), what: problem.sentence(language), next: problem.next_step(language) }
    }
}

/// The page that says so.
#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    f: Frame,
    problems: Vec<ProblemText>,
    way_out: Vec<Link>,
    request_id: String,
}

/// A way on.
struct Link {
    address: String,
    text: String,
}

/// The page that says why there is no other.
pub(crate) fn trouble_page(mut f: Frame, trouble: &Trouble, request_id: &str) -> Response {
    let words = f.words;
    let said =
        |code, title: &str, what: String, next: String| (title.to_owned(), vec![ProblemText { code, what, next }]);
    let plain = |code, title: &str, what: &str, next: &str| {
        said(code, words.t(title), words.t(what).to_owned(), words.t(next).to_owned())
    };
    let (title, problems) = match trouble {
        Trouble::NotFound => {
            plain("not_found", "problem.not_found", "problem.not_found_what", "problem.not_found_next")
        }
        Trouble::StaleForm => {
            plain("form_stale", "problem.form_stale", "problem.form_stale_what", "problem.form_stale_next")
        }
        Trouble::Unreadable(BadField(field)) => said(
            "request_malformed",
            words.t("problem.form_unreadable"),
            words.fill("problem.form_unreadable_what", &[("field", field)]),
            words.t("problem.form_unreadable_next").to_owned(),
        ),
        Trouble::Refused(problems, WayOut::Attention) => {
            // The rules speak to the author; what a supervisor can do about it is something else.
            let texts = problems.iter().map(|problem| ProblemText {
                next: words.t("recover.still_next").to_owned(),
                ..ProblemText::of(problem, f.language())
            });
            (words.t("recover.still_title").to_owned(), texts.collect())
        }
        Trouble::Refused(problems, _) => {
            let texts = problems.iter().map(|problem| ProblemText::of(problem, f.language()));
            (words.t("problem.title").to_owned(), texts.collect())
        }
        Trouble::Busy(seconds) => said(
            "too_many_requests",
            words.t("problem.busy"),
            words.t("problem.busy_what").to_owned(),
            words.fill("problem.busy_next", &[("seconds", &seconds.to_string())]),
        ),
        Trouble::Full => plain("storage_full", "problem.full", "problem.full_what", "problem.full_next"),
        Trouble::NotPermitted => {
            plain("not_permitted", "problem.not_allowed", "problem.not_allowed_what", "problem.not_allowed_next")
        }
        Trouble::TooManyToExport { count, most } => {
            let (count, most) = (count.to_string(), most.to_string());
            let values = [("n", &*count), ("most", &*most)];
            said(
                "export_too_many",
                words.t("problem.export"),
                words.fill("problem.export_many", &values),
                words.fill("problem.export_many_next", &values),
            )
        }
        Trouble::NothingToExport => {
            plain("export_nothing", "problem.export", "problem.export_nothing", "problem.export_nothing_next")
        }
        Trouble::NobodyMarked => {
            plain("cover_unmarked", "problem.copy", "problem.copy_unmarked", "problem.copy_unmarked_next")
        }
        Trouble::NoPicture => {
            plain("photo_unreadable", "problem.copy", "problem.copy_unreadable", "problem.copy_unreadable_next")
        }
        Trouble::Failed => plain("internal", "problem.failed", "problem.failed_what", "problem.failed_next"),
    };
    f.title = title;
    f.part = Part::None;
    let way_out = ways_out(trouble, &f);
    let page = ProblemPage { f, problems, way_out, request_id: request_id.to_owned() };
    let status = status_of(trouble);
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn ways_out(trouble: &Trouble, f: &Frame) -> Vec<Link> {
    let link = |address: String, key: &str| Link { address, text: f.t(key).to_owned() };
    match trouble {
        Trouble::Refused(_, WayOut::Photo(photo, next)) => {
            let mut links = vec![link(format!("/console/photos/{photo}"), "problem.to_photo")];
            links.extend(next.map(|next| link(format!("/console/photos/{next}"), "problem.to_next")));
            links.push(link("/console/photos".to_owned(), "problem.to_wall"));
            links
        }
        Trouble::Refused(_, WayOut::Conflicts) => vec![link("/console/conflicts".to_owned(), "problem.to_conflicts")],
        Trouble::Refused(_, WayOut::Visit(visit)) => vec![link(format!("/console/visits/{visit}"), "problem.to_visit")],
        Trouble::Refused(_, WayOut::Order(order)) => vec![link(format!("/console/orders/{order}"), "problem.to_order")],
        Trouble::Refused(_, WayOut::Attention) => {
            vec![link("/console/attention".to_owned(), "problem.to_attention")]
        }
        Trouble::Refused(_, WayOut::Handover) => vec![link("/console/handover".to_owned(), "problem.to_handover")],
        Trouble::Refused(_, WayOut::Policy) => vec![link("/console/policy".to_owned(), "problem.to_policy")],
        Trouble::Refused(_, WayOut::People(photo)) => vec![
            link(format!("/console/photos/{photo}/people"), "problem.to_people"),
            link(format!("/console/photos/{photo}"), "problem.to_photo"),
        ],
        Trouble::Refused(_, WayOut::Second) => vec![link("/console/second".to_owned(), "problem.to_second")],
        Trouble::TooManyToExport { .. } | Trouble::NothingToExport | Trouble::NobodyMarked | Trouble::NoPicture => {
            vec![link("/console/photos".to_owned(), "problem.to_wall")]
        }
        Trouble::NotPermitted => vec![link("/console/sign-in".to_owned(), "problem.to_sign_in")],
        _ if f.viewer.is_none() => vec![link("/console/sign-in".to_owned(), "problem.to_sign_in")],
        _ => vec![link("/console/".to_owned(), "problem.to_start")],
    }
}

fn status_of(trouble: &Trouble) -> StatusCode {
    match trouble {
        Trouble::NotFound => StatusCode::NOT_FOUND,
        Trouble::StaleForm | Trouble::NotPermitted => StatusCode::FORBIDDEN,
        Trouble::Unreadable(_) => StatusCode::BAD_REQUEST,
        // Somebody else was faster: a conflict, not a fault of what was sent.
        Trouble::Refused(problems, _)
            if problems.iter().any(|problem| {
                matches!(
                    problem.code,
                    ProblemCode::PhotoAlreadyDecided | ProblemCode::PhotoClaimed | ProblemCode::CoverMarkedMeanwhile
                )
            }) =>
        {
            StatusCode::CONFLICT
        }
        Trouble::Refused(..)
        | Trouble::TooManyToExport { .. }
        | Trouble::NothingToExport
        | Trouble::NobodyMarked
        | Trouble::NoPicture => StatusCode::UNPROCESSABLE_ENTITY,
        Trouble::Busy(_) => StatusCode::TOO_MANY_REQUESTS,
        Trouble::Full => StatusCode::INSUFFICIENT_STORAGE,
        Trouble::Failed => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
