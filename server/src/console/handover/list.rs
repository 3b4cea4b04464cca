//! Handovers as lists show them: who gave what to whom, and what arrived since.

use storewalk_domain::{
    ids::UserId,
    outlet::{Handover, LateWork, WorkKind},
    sync::StateError,
};

use crate::console::{
    format,
    frame::{Frame, Pill, Tone},
    lookup::Names,
};

/// One handover.
pub(crate) struct HandoverLine {
    /// What: an outlet's name and code, or a territory's code.
    pub(crate) name: String,
    /// From whom to whom.
    pub(crate) people: String,
    /// When, and by whom.
    pub(crate) decided: String,
    /// Why; may be empty.
    pub(crate) reason: String,
    /// What arrived since.
    pub(crate) works: Vec<WorkLine>,
    /// Whether nothing arrived late.
    pub(crate) state: Pill,
}

/// Work that arrived after it.
pub(crate) struct WorkLine {
    /// What, by whom, when.
    pub(crate) text: String,
    /// How it stands, whom it counts for, by which rule.
    pub(crate) credit: String,
    /// Where it can be read; empty where it has no page.
    pub(crate) address: String,
}

/// The lines of some handovers.
pub(crate) fn lines(handovers: &[Handover], names: &mut Names<'_>, f: &Frame) -> Result<Vec<HandoverLine>, StateError> {
    handovers.iter().map(|handover| line(handover, names, f)).collect()
}

fn line(handover: &Handover, names: &mut Names<'_>, f: &Frame) -> Result<HandoverLine, StateError> {
    let words = f.words;
    let [from, to] = [people(&handover.from_reps, names, f)?, people(&handover.to_reps, names, f)?];
    let at = format::moment(handover.decided_at, f.zone);
    let decided = match handover.decided_by {
        Some(by) => format!("{at} · {}", names.person(by)?),
        None => at,
    };
    let state = match handover.works.len() {
        0 => Pill::new(Tone::Plain, "check", words.t("handover.nothing_late")),
        count => Pill::new(Tone::Info, "info", words.count("handover.late", count)),
    };
    Ok(HandoverLine {
        name: format!("{} {}", handover.name, handover.outlet_code).trim_end().to_owned(),
        people: words.fill("handover.from_to", &[("from", &from), ("to", &to)]),
        decided,
        reason: handover.reason.clone(),
        works: handover.works.iter().map(|work| work_line(work, names, f)).collect::<Result<_, _>>()?,
        state,
    })
}

fn work_line(work: &LateWork, names: &mut Names<'_>, f: &Frame) -> Result<WorkLine, StateError> {
    let (kind, standing) = (f.say(&work.kind.label()).to_owned(), f.say(&work.standing.label()).to_owned());
    let (by, who) = (names.person(work.by)?, names.person_with_code(work.credited_to)?);
    let at = format::moment(work.done_at, f.zone);
    let text = [kind.as_str(), work.title.as_str(), by.as_str(), at.as_str()];
    let text: Vec<&str> = text.into_iter().filter(|part| !part.is_empty()).collect();
    let rule = f.say(&work.rule.label()).to_owned();
    Ok(WorkLine {
        text: text.join(" · "),
        credit: f.words.fill("handover.label", &[("standing", &standing), ("who", &who), ("rule", &rule)]),
        address: match work.kind {
            WorkKind::Visit | WorkKind::Skip => {
                format!("/console/visits/{}", work.id)
            }
            WorkKind::Order => format!("/console/orders/{}", work.id),
            WorkKind::Task => String::new(),
        },
    })
}

/// People's names, or that there is nobody.
pub(super) fn people(ids: &[UserId], names: &mut Names<'_>, f: &Frame) -> Result<String, StateError> {
    if ids.is_empty() {
        return Ok(f.t("handover.nobody").to_owned());
    }
    let names: Vec<String> = ids.iter().map(|id| names.person_with_code(*id)).collect::<Result<_, _>>()?;
    Ok(names.join(f.t("list.comma")))
}
