//! The reps with their dealers, as the page shows them.

use askama::Template;
use storewalk_domain::{
    dealer::Dealer,
    ids::{DealerId, UserId},
    sync::{Bucket, Scope, ScopeStep, StateError},
};

use crate::console::{
    format,
    frame::{Frame, Notice, Part, Tone},
    lookup::Names,
};

/// How many changes of a rep are shown.
const STEPS: usize = 5;

/// What the page is made of.
pub(super) struct Rows {
    pub(super) reps: Vec<Scope>,
    pub(super) dealers: Vec<Dealer>,
    pub(super) done: Option<Done>,
}

/// What was done a moment ago.
#[derive(Clone, Copy)]
pub(super) enum Done {
    Given(UserId, DealerId),
    Taken(UserId, DealerId),
    Needless,
}

/// The page.
#[derive(Template)]
#[template(path = "dealers.html")]
pub(crate) struct DealersPage {
    f: Frame,
    reps: Vec<RepView>,
}

struct RepView {
    id: String,
    name: String,
    /// What the rep serves; empty when nothing.
    serves: Vec<String>,
    choices: Vec<Choice>,
    history: Vec<String>,
}

struct Choice {
    id: String,
    name: String,
}

/// Builds the page.
pub(super) fn page(mut f: Frame, names: &mut Names<'_>, rows: &Rows) -> Result<DealersPage, StateError> {
    f.part = Part::Dealers;
    f.t("dealers.title").to_owned().clone_into(&mut f.title);
    f.notice = rows.done.map(|done| notice(done, names, &f)).transpose()?;
    let mut reps = rows.reps.iter().map(|scope| rep(scope, &rows.dealers, names, &f)).collect::<Result<Vec<_>, _>>()?;
    reps.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(DealersPage { f, reps })
}

fn notice(done: Done, names: &mut Names<'_>, f: &Frame) -> Result<Notice, StateError> {
    let mut told = |key: &str, person: UserId, dealer: DealerId| {
        let (person, dealer) = (names.person_with_code(person)?, names.dealer_name(dealer)?);
        let text = f.words.fill(key, &[("person", &person), ("dealer", &dealer)]);
        Ok(Notice { tone: Tone::Good, text, next: f.t("dealers.next").to_owned() })
    };
    match done {
        Done::Given(person, dealer) => told("dealers.given", person, dealer),
        Done::Taken(person, dealer) => told("dealers.taken", person, dealer),
        Done::Needless => {
            let [text, next] = ["dealers.needless", "dealers.needless_next"].map(|key| f.t(key).to_owned());
            Ok(Notice { tone: Tone::Info, text, next })
        }
    }
}

fn rep(scope: &Scope, dealers: &[Dealer], names: &mut Names<'_>, f: &Frame) -> Result<RepView, StateError> {
    let serves = scope.dealers.iter().map(|dealer| names.dealer_name(*dealer)).collect::<Result<_, _>>()?;
    let mut choices = Vec::with_capacity(dealers.len());
    for dealer in dealers {
        let name = names.dealer_name(dealer.id)?;
        let is_served = scope.dealers.contains(&dealer.id);
        let name = if is_served { f.words.fill("dealers.serves", &[("name", &name)]) } else { name };
        choices.push(Choice { id: dealer.id.to_string(), name });
    }
    let mut history = Vec::new();
    for step in scope.history.iter().rev() {
        history.extend(told(step, names, f)?);
        if history.len() == STEPS {
            break;
        }
    }
    Ok(RepView {
        id: scope.user_id.to_string(),
        name: names.person_with_code(scope.user_id)?,
        serves,
        choices,
        history,
    })
}

/// A change of dealers in a line; nothing for a step that changed something else.
fn told(step: &ScopeStep, names: &mut Names<'_>, f: &Frame) -> Result<Option<String>, StateError> {
    let mut parts = Vec::new();
    for (key, buckets) in [("dealers.step_given", &step.granted), ("dealers.step_taken", &step.revoked)] {
        let dealers = buckets.iter().filter_map(|bucket| match bucket {
            Bucket::Dealer(dealer) => Some(*dealer),
            _ => None,
        });
        let dealers = dealers.map(|dealer| names.dealer_name(dealer)).collect::<Result<Vec<_>, _>>()?;
        if !dealers.is_empty() {
            parts.push(f.words.fill(key, &[("dealers", &dealers.join(f.t("list.comma")))]));
        }
    }
    if parts.is_empty() {
        return Ok(None);
    }
    let by = match step.by {
        Some(by) => names.person(by)?,
        None => f.t("dealers.by_setup").to_owned(),
    };
    let line = [format::moment(step.at, f.zone), by, parts.join(f.t("list.comma")), step.reason.clone()];
    Ok(Some(line.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")))
}
