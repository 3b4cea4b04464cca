//! The policy as its page shows it.

use askama::Template;
use storewalk_domain::{
    handbook::HandbookList,
    photo::Photo,
    retention::{Hold, LONGEST_DAYS, PhotoClass, RetentionPolicy, SHORTEST_DAYS},
    sync::StateError,
};

use crate::console::{
    format,
    frame::{Frame, Part},
    lookup::Names,
    words::Words,
};

/// What the page is made of.
pub(crate) struct PolicyRows {
    /// The version that counts.
    pub(crate) policy: RetentionPolicy,
    /// Every version that was decided, the latest first.
    pub(crate) versions: Vec<RetentionPolicy>,
    /// Photos under a hold.
    pub(crate) held: Vec<(Hold, Photo)>,
    /// Whether the reader decides about it.
    pub(crate) may_decide: bool,
    /// Second looks that wait for the reader.
    pub(crate) second: usize,
}

/// The page.
#[derive(Template)]
#[template(path = "policy.html")]
pub(crate) struct PolicyPage {
    f: Frame,
    section: &'static str,
    second: usize,
    version: String,
    classes: Vec<ClassView>,
    least: u32,
    most: u32,
    may_decide: bool,
    versions: Vec<VersionView>,
    held: Vec<HeldView>,
}

struct ClassView {
    code: &'static str,
    name: String,
    what: String,
    days: u32,
}

struct VersionView {
    name: String,
    days: String,
    by: String,
    reason: String,
}

struct HeldView {
    photo: String,
    name: String,
    by: String,
    reason: String,
}

/// The name of a class.
pub(crate) fn class_name(class: PhotoClass, words: &Words) -> &str {
    words.t(match class {
        PhotoClass::Visit => "policy.visit",
        PhotoClass::Price => "policy.price",
        PhotoClass::Contested => "policy.contested",
    })
}

/// Builds the page.
pub(crate) fn page(mut f: Frame, names: &mut Names<'_>, rows: &PolicyRows) -> Result<PolicyPage, StateError> {
    let words = f.words;
    f.part = Part::Photos;
    words.t("policy.title").clone_into(&mut f.title);
    let class = |class: PhotoClass| ClassView {
        code: class.as_str(),
        name: class_name(class, words).to_owned(),
        what: words
            .t(match class {
                PhotoClass::Visit => "policy.visit_what",
                PhotoClass::Price => "policy.price_what",
                PhotoClass::Contested => "policy.contested_what",
            })
            .to_owned(),
        days: rows.policy.days_of(class),
    };
    let mut versions = Vec::new();
    for policy in &rows.versions {
        let days = PhotoClass::ALL.map(|class| format!("{} {}", class_name(class, words), policy.days_of(class)));
        let who = policy.decided_by.map(|by| names.person(by)).transpose()?.unwrap_or_default();
        versions.push(VersionView {
            name: words.fill("policy.version", &[("n", &policy.version.to_string())]),
            days: days.join(" · "),
            by: format!("{who} · {}", format::moment(policy.decided_at, f.zone)),
            reason: policy.reason.clone(),
        });
    }
    let mut held = Vec::new();
    for (hold, photo) in &rows.held {
        let outlet = names.outlet_tag(photo.outlet_id)?;
        held.push(HeldView {
            photo: photo.id.to_string(),
            name: format!("{} · {}", names.label(HandbookList::PhotoZone, &photo.zone), outlet.name),
            by: format!("{} · {}", names.person(hold.set_by)?, format::moment(hold.set_at, f.zone)),
            reason: hold.reason.clone(),
        });
    }
    Ok(PolicyPage {
        section: "policy",
        second: rows.second,
        version: words.fill("policy.version", &[("n", &rows.policy.version.to_string())]),
        classes: PhotoClass::ALL.map(class).into(),
        least: SHORTEST_DAYS,
        most: LONGEST_DAYS,
        may_decide: rows.may_decide,
        versions,
        held,
        f,
    })
}
