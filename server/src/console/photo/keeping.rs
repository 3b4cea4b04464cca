//! How long a photo is kept, what holds it, and who was shown it.

use storewalk_domain::{
    photo::Photo,
    retention::{Hold, RetentionPolicy, due_at},
    sync::StateError,
};

use crate::{
    console::{format, frame::Frame, lookup::Names, words::Words},
    store::{Erasure, Removal, View, ViewKind},
};

/// Most views that are listed.
pub(super) const VIEWS: u32 = 20;

/// What is known of it.
#[derive(Clone, Debug)]
pub(crate) struct KeepingRows {
    /// The policy that counts.
    pub(crate) policy: RetentionPolicy,
    /// The holds, the latest first.
    pub(crate) holds: Vec<Hold>,
    /// What is left of the original, if it was deleted.
    pub(crate) removal: Option<Removal>,
    /// The latest views.
    pub(crate) views: Vec<View>,
}

/// The same as the page shows it.
pub(super) struct KeepingView {
    pub(super) text: String,
    pub(super) is_held: bool,
    pub(super) can_hold: bool,
    pub(super) holds: Vec<String>,
    pub(super) views: Vec<String>,
    /// Length and hash of deleted bytes and what became of them; empty while they are here.
    pub(super) trail: String,
}

/// Builds it.
pub(super) fn keeping(
    photo: &Photo,
    rows: &KeepingRows,
    names: &mut Names<'_>,
    f: &Frame,
) -> Result<KeepingView, StateError> {
    let words = f.words;
    let is_held = rows.holds.first().is_some_and(|hold| hold.lifted.is_none());
    let text = match (&rows.removal, due_at(photo, &rows.policy)) {
        (Some(removal), _) => {
            let (at, version) = (format::moment(removal.removed_at, f.zone), removal.policy_version.to_string());
            let class = class_of(&removal.class, words);
            words.fill("keeping.deleted", &[("at", &at), ("n", &version), ("class", class)])
        }
        (None, _) if is_held => words.t("keeping.held").to_owned(),
        (None, Some(due)) => {
            let (date, version) = (due.date_in(f.zone).to_string(), rows.policy.version.to_string());
            words.fill("keeping.until", &[("date", &date), ("n", &version)])
        }
        (None, None) => words.t("keeping.on_phone").to_owned(),
    };
    let mut holds = Vec::new();
    for hold in &rows.holds {
        let set = (names.person(hold.set_by)?, format::moment(hold.set_at, f.zone));
        holds.push(words.fill("keeping.set", &[("who", &set.0), ("at", &set.1), ("reason", &hold.reason)]));
        if let Some(lift) = &hold.lifted {
            let (who, at) = (names.person(lift.by)?, format::moment(lift.at, f.zone));
            holds.push(words.fill("keeping.lifted", &[("who", &who), ("at", &at), ("reason", &lift.reason)]));
        }
    }
    let mut views = Vec::new();
    for view in &rows.views {
        let kind = words.t(match view.kind {
            ViewKind::Page => "keeping.on_page",
            ViewKind::File => "keeping.as_file",
            ViewKind::FileAhead => "keeping.ahead",
            ViewKind::Exported => "keeping.exported",
            ViewKind::ExportedCovered => "keeping.exported_covered",
            ViewKind::CoveredCopy => "keeping.covered_copy",
        });
        views.push(format!("{} · {} · {kind}", names.person(view.user_id)?, format::moment(view.at, f.zone)));
    }
    let trail = rows.removal.as_ref().map(|removal| trail_of(removal, f));
    Ok(KeepingView { text, is_held, can_hold: rows.removal.is_none(), holds, views, trail: trail.unwrap_or_default() })
}

/// What is left of deleted bytes, and whether they are really gone.
fn trail_of(removal: &Removal, f: &Frame) -> String {
    let erasure = match removal.erasure {
        Erasure::Waiting => f.words.t("keeping.waiting").to_owned(),
        Erasure::Gone(at) => f.words.fill("keeping.gone", &[("at", &format::moment(at, f.zone))]),
        Erasure::Shared(_) => f.words.t("keeping.shared").to_owned(),
    };
    format!("{} · SHA-256 {} · {erasure}", format::size(removal.size_bytes), removal.sha256)
}

fn class_of<'w>(code: &'w str, words: &'w Words) -> &'w str {
    use storewalk_domain::retention::PhotoClass;
    let class = PhotoClass::ALL.into_iter().find(|class| class.as_str() == code);
    class.map_or(code, |class| crate::console::policy::class_name(class, words))
}
