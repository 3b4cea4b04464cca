//! What needs attention, as the page shows it.

use std::collections::BTreeMap;

use askama::Template;
use storewalk_domain::{
    ids::{DeviceId, UserId},
    sync::{Refusal, StateError},
};

use super::kind::kind_text;
use crate::{
    console::{
        fault::ProblemText,
        format,
        frame::{Frame, Part, Pill, Tone},
        lookup::Names,
    },
    store::{Attention, Device},
};

/// The page.
#[derive(Template)]
#[template(path = "attention.html")]
pub(crate) struct AttentionPage {
    f: Frame,
    refused_count: String,
    people: Vec<PersonView>,
    device_count: String,
    devices: Vec<DeviceView>,
}

struct PersonView {
    anchor: String,
    name: String,
    refusals: Vec<RefusalView>,
}

struct RefusalView {
    kind: String,
    device: String,
    problems: Vec<ProblemText>,
    at: String,
}

struct DeviceView {
    owner: String,
    name: String,
    platform: String,
    number: u32,
    revoked: Option<Pill>,
    ago: String,
    seen: String,
    unsent: Pill,
    oldest: String,
    error: String,
    version: String,
}

/// Builds the page.
pub(crate) fn page(mut f: Frame, names: &mut Names<'_>, rows: &Attention) -> Result<AttentionPage, StateError> {
    f.part = Part::Attention;
    f.t("attention.title").to_owned().clone_into(&mut f.title);
    let device_names: BTreeMap<DeviceId, &str> =
        rows.devices.iter().map(|device| (device.id, device.name.as_str())).collect();
    let mut people: Vec<PersonView> = Vec::new();
    let mut place_of: BTreeMap<UserId, usize> = BTreeMap::new();
    for refusal in &rows.refusals {
        let place = if let Some(place) = place_of.get(&refusal.user_id) {
            *place
        } else {
            let name = names.person_with_code(refusal.user_id)?;
            people.push(PersonView { anchor: format!("person-{}", refusal.user_id), name, refusals: Vec::new() });
            place_of.insert(refusal.user_id, people.len() - 1);
            people.len() - 1
        };
        people[place].refusals.push(refusal_view(refusal, &device_names, &f));
    }
    let devices = rows.devices.iter().map(|device| device_view(device, names, &f)).collect::<Result<Vec<_>, _>>()?;
    Ok(AttentionPage {
        refused_count: f.words.count("attention.count_refused", rows.refusals.len()),
        people,
        device_count: f.words.count("attention.count_devices", devices.len()),
        devices,
        f,
    })
}

fn refusal_view(refusal: &Refusal, devices: &BTreeMap<DeviceId, &str>, f: &Frame) -> RefusalView {
    RefusalView {
        kind: kind_text(&refusal.kind, f.words),
        device: devices.get(&refusal.device_id).map_or_else(String::new, |name| (*name).to_owned()),
        problems: refusal.problems.iter().map(|problem| ProblemText::of(problem, f.language())).collect(),
        at: format::moment(refusal.refused_at, f.zone),
    }
}

fn device_view(device: &Device, names: &mut Names<'_>, f: &Frame) -> Result<DeviceView, StateError> {
    let words = f.words;
    let health = device.health.as_ref();
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let commands = health.map_or(0, |health| count(health.unsent_commands));
    let photos = health.map_or(0, |health| count(health.unsent_photos));
    let unsent = match (device.last_seen_at, commands, photos) {
        (None, ..) => Pill::new(Tone::Plain, "info", words.t("device.unknown")),
        (_, 0, 0) => Pill::new(Tone::Good, "check", words.t("device.all_sent")),
        (_, 0, photos) => Pill::new(Tone::Warn, "phone", words.count("device.photos", photos)),
        (_, commands, 0) => Pill::new(Tone::Warn, "phone", words.count("device.entries", commands)),
        (_, commands, photos) => {
            let both = [words.count("device.entries", commands), words.count("device.photos", photos)];
            Pill::new(Tone::Warn, "phone", both.join(words.t("list.comma")))
        }
    };
    let oldest = health.and_then(|health| health.oldest_unsent_at);
    let age = |at| words.fill("device.oldest", &[("ago", &format::ago(at, f.now, words))]);
    let version = health.map(|health| health.app_version.clone()).filter(|version| !version.is_empty());
    Ok(DeviceView {
        owner: names.person_with_code(device.user_id)?,
        name: device.name.clone(),
        platform: device.platform.clone(),
        number: device.number,
        revoked: device.is_revoked.then(|| Pill::new(Tone::Bad, "cross", words.t("device.revoked"))),
        ago: match device.last_seen_at {
            Some(at) => format::ago(at, f.now, words),
            None => words.t("device.never").to_owned(),
        },
        seen: device.last_seen_at.map(|at| format::moment(at, f.zone)).unwrap_or_default(),
        unsent,
        oldest: oldest.map(age).unwrap_or_default(),
        error: health.and_then(|health| health.last_error.clone()).unwrap_or_default(),
        version: version.unwrap_or_else(|| device.app_version.clone()),
    })
}
