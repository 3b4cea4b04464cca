//! What needs attention, as the page shows it.

use std::collections::BTreeMap;

use askama::Template;
use storewalk_domain::{
    ids::{CommandId, DeviceId, RefusalId, UserId},
    outlet::Handover,
    sync::{Command, Refusal, RefusalSettled, State, StateError},
    time::Timestamp,
};

use super::{kind::kind_text, meant::particulars};
use crate::{
    auth::hex,
    console::{
        fault::ProblemText,
        format,
        frame::{Frame, Part, Pill, Tone},
        handover::{HandoverLine, lines},
        lookup::Names,
    },
    service::dead_letter,
    store::{Attention, KeptParcel, KeptReason, Slice, StoreError, StoreRead},
};

/// What the page is made of.
pub(crate) struct AttentionRows {
    attention: Attention,
    /// What the refused commands that wait for a decision say, as far as it can be read.
    commands: BTreeMap<RefusalId, Command>,
    parcels: Vec<KeptParcel>,
    /// Handovers after which work arrived in the last days.
    handovers: Vec<Handover>,
}

/// How long late work stays on the page, in milliseconds.
const LATE_SHOWN_MS: i64 = 7 * 86_400_000;

/// How many handovers are looked at for late work.
const HANDOVERS: u32 = 100;

/// Reads what the page is made of.
pub(crate) fn rows(
    snapshot: &dyn StoreRead,
    region: Option<&str>,
    now: Timestamp,
) -> Result<AttentionRows, StoreError> {
    let attention = snapshot.attention(region)?;
    let mut commands = BTreeMap::new();
    for refusal in &attention.refusals {
        let letter = snapshot.dead_letter(refusal.user_id, CommandId(refusal.id.0))?;
        commands.extend(letter.as_ref().and_then(dead_letter::meant).map(|command| (refusal.id, command)));
    }
    let mut handovers = snapshot.handovers(region, Slice { offset: 0, limit: HANDOVERS })?;
    for handover in &mut handovers {
        handover.works.retain(|work| now.since_ms(work.arrived_at) < LATE_SHOWN_MS);
    }
    handovers.retain(|handover| !handover.works.is_empty());
    Ok(AttentionRows { attention, commands, parcels: snapshot.kept_parcels(region)?, handovers })
}

/// The page.
#[derive(Template)]
#[template(path = "attention.html")]
pub(crate) struct AttentionPage {
    f: Frame,
    refused_count: String,
    people: Vec<PersonView>,
    parcel_count: String,
    parcels: Vec<ParcelView>,
    late_count: String,
    late: Vec<HandoverLine>,
}

struct PersonView {
    anchor: String,
    name: String,
    refusals: Vec<RefusalView>,
}

struct RefusalView {
    id: String,
    kind: String,
    meant: String,
    device: String,
    problems: Vec<ProblemText>,
    at: String,
    /// What was made of it; `None` while it waits for a decision.
    outcome: Option<OutcomeView>,
}

struct OutcomeView {
    pill: Pill,
    by: String,
    reason: String,
}

struct ParcelView {
    hash: String,
    owner: String,
    items: String,
    reason: &'static str,
    carried_by: String,
    at: String,
}

/// Builds the page.
pub(crate) fn page(
    mut f: Frame,
    state: &dyn StoreRead,
    names: &mut Names<'_>,
    rows: &AttentionRows,
) -> Result<AttentionPage, StateError> {
    f.part = Part::Attention;
    f.t("attention.title").to_owned().clone_into(&mut f.title);
    let device_names: BTreeMap<DeviceId, &str> =
        rows.attention.devices.iter().map(|device| (device.id, device.name.as_str())).collect();
    let mut people: Vec<PersonView> = Vec::new();
    let mut place_of: BTreeMap<UserId, usize> = BTreeMap::new();
    for refusal in &rows.attention.refusals {
        let place = if let Some(place) = place_of.get(&refusal.user_id) {
            *place
        } else {
            let name = names.person_with_code(refusal.user_id)?;
            people.push(PersonView { anchor: format!("person-{}", refusal.user_id), name, refusals: Vec::new() });
            place_of.insert(refusal.user_id, people.len() - 1);
            people.len() - 1
        };
        let device = device_names.get(&refusal.device_id).copied().unwrap_or_default();
        let meant = match rows.commands.get(&refusal.id) {
            Some(command) => particulars(command, as_state(state), names, &f)?.join(" · "),
            None => String::new(),
        };
        people[place].refusals.push(refusal_view(refusal, device, meant, names, &f)?);
    }
    let parcels = rows.parcels.iter().map(|parcel| parcel_view(parcel, names, &f)).collect::<Result<Vec<_>, _>>()?;
    let late = lines(&rows.handovers, names, &f)?;
    let late_works = rows.handovers.iter().map(|handover| handover.works.len()).sum();
    let waiting = rows.attention.refusals.iter().filter(|refusal| refusal.outcome.is_none()).count();
    Ok(AttentionPage {
        refused_count: f.words.count("attention.count_refused", waiting),
        people,
        parcel_count: f.words.count("parcel.count", parcels.len()),
        parcels,
        late_count: f.words.count("attention.count_late", late_works),
        late,
        f,
    })
}

fn as_state(state: &dyn StoreRead) -> &dyn State {
    state
}

fn refusal_view(
    refusal: &Refusal,
    device: &str,
    meant: String,
    names: &mut Names<'_>,
    f: &Frame,
) -> Result<RefusalView, StateError> {
    let outcome = match &refusal.outcome {
        None => None,
        Some(outcome) => {
            let pill = match outcome.how {
                RefusalSettled::TakenIn => Pill::new(Tone::Good, "check", f.words.t("recover.taken_in")),
                RefusalSettled::SetAside => Pill::new(Tone::Plain, "info", f.words.t("recover.set_aside")),
            };
            let by = format!("{} · {}", names.person(outcome.by)?, format::moment(outcome.at, f.zone));
            Some(OutcomeView { pill, by, reason: outcome.reason.clone() })
        }
    };
    Ok(RefusalView {
        id: refusal.id.to_string(),
        kind: kind_text(&refusal.kind, f.words),
        meant,
        device: device.to_owned(),
        problems: refusal.problems.iter().map(|problem| ProblemText::of(problem, f.language())).collect(),
        at: format::moment(refusal.refused_at, f.zone),
        outcome,
    })
}

fn parcel_view(parcel: &KeptParcel, names: &mut Names<'_>, f: &Frame) -> Result<ParcelView, StateError> {
    let reason = match parcel.reason {
        KeptReason::Gap => "parcel.gap",
        KeptReason::AccountBarred => "parcel.account_barred",
        KeptReason::DeviceRevoked => "parcel.device_revoked",
        KeptReason::OtherOwner => "parcel.other_owner",
        KeptReason::NumberReused => "parcel.number_reused",
        KeptReason::PhotoUnknown => "parcel.photo_unknown",
        KeptReason::PhotoRefused => "parcel.photo_refused",
    };
    Ok(ParcelView {
        hash: hex(&parcel.hash),
        owner: names.person_with_code(parcel.user_id)?,
        items: f.words.count("parcel.items", usize::try_from(parcel.items).unwrap_or(usize::MAX)),
        reason,
        carried_by: names.person(parcel.carried_by)?,
        at: format::moment(parcel.arrived_at, f.zone),
    })
}
