//! The devices, as the page shows them.

use std::{cmp::Reverse, collections::BTreeMap};

use askama::Template;
use storewalk_domain::{ids::DeviceId, sync::StateError, time::Timestamp};
use storewalk_wire::{DeviceHealth, ProtocolWindow, WindowPlace};

use super::fault::fault_key;
use crate::{
    console::{
        attention::kind_text,
        format,
        frame::{Frame, Notice, Part, Pill, Tone},
        lookup::Names,
        words::Words,
    },
    store::Device,
};

/// From how many milliseconds a clock is shown as wrong.
const SKEW_MS: i64 = 5 * 60_000;

/// A device that has been silent for so long may have lost more than its network.
const SILENT_MS: i64 = 2 * 86_400_000;

/// How long the page tells that the database was put back.
const RESTORE_SHOWN_MS: i64 = 30 * 86_400_000;

/// The page.
#[derive(Template)]
#[template(path = "devices.html")]
pub(crate) struct DevicesPage {
    f: Frame,
    count: String,
    devices: Vec<DeviceView>,
}

struct DeviceView {
    owner: String,
    name: String,
    platform: String,
    number: u32,
    pills: Vec<Pill>,
    ago: String,
    seen: String,
    unsent: Pill,
    /// The unsent work by age, by kind, and when the oldest of it was captured.
    particulars: Vec<String>,
    error: String,
    error_code: String,
    facts: Vec<(&'static str, String)>,
}

/// How much a device needs somebody, the most first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Need {
    /// Unsent work that has waited for a day or longer.
    old_work: Reverse<bool>,
    /// Something went wrong at the last attempt.
    has_failed: Reverse<bool>,
    /// Anything is unsent.
    has_work: Reverse<bool>,
    /// Unsent things.
    unsent: Reverse<u64>,
    /// Not heard of the longest; never comes last, it has nothing to lose yet.
    last_seen: i64,
    number: u32,
}

fn need(device: &Device, f: &Frame) -> Need {
    let health = device.health.clone().unwrap_or_default();
    let unsent = health.unsent_commands + health.unsent_photos;
    let waits_long = health.oldest_unsent_at.is_some_and(|at| f.now.since_ms(at) > 86_400_000);
    Need {
        old_work: Reverse(unsent > 0 && waits_long),
        has_failed: Reverse(health.last_error.is_some()),
        has_work: Reverse(unsent > 0),
        unsent: Reverse(unsent),
        last_seen: device.last_seen_at.map_or(i64::MAX, |at| at.0),
        number: device.number,
    }
}

/// What is known of database and devices beside what they say themselves.
pub(crate) struct Background {
    /// The protocols this server serves.
    pub(crate) served: ProtocolWindow,
    /// When the database was last put back from a backup.
    pub(crate) restored_at: Option<Timestamp>,
    /// Devices that are copies, with the numbers of those they were copied from.
    pub(crate) copies: BTreeMap<DeviceId, u32>,
}

/// Builds the page.
pub(crate) fn page(
    mut f: Frame,
    names: &mut Names<'_>,
    mut devices: Vec<Device>,
    background: &Background,
) -> Result<DevicesPage, StateError> {
    f.part = Part::Devices;
    f.t("devices.title").to_owned().clone_into(&mut f.title);
    devices.sort_by_cached_key(|device| need(device, &f));
    let views = devices.iter().map(|device| view(device, background, names, &f)).collect::<Result<Vec<_>, _>>()?;
    f.notice = background.restored_at.filter(|at| f.now.since_ms(*at) < RESTORE_SHOWN_MS).map(|at| {
        let behind = devices.iter().filter(|device| is_behind(device, background)).count();
        let next = if behind == 0 { f.t("restore.all_back").to_owned() } else { f.words.count("restore.next", behind) };
        let tone = if behind == 0 { Tone::Info } else { Tone::Warn };
        Notice { tone, text: f.words.fill("restore.told", &[("at", &format::moment(at, f.zone))]), next }
    });
    Ok(DevicesPage { count: f.words.count("attention.count_devices", views.len()), devices: views, f })
}

/// Whether a device that has work to bring back has not synced since the database was put back.
fn is_behind(device: &Device, background: &Background) -> bool {
    !device.is_revoked
        && device.last_seen_at.zip(background.restored_at).is_some_and(|(seen, restored)| seen < restored)
}

fn view(device: &Device, background: &Background, names: &mut Names<'_>, f: &Frame) -> Result<DeviceView, StateError> {
    let words = f.words;
    let health = device.health.as_ref();
    let error = health.and_then(|health| health.last_error.as_deref()).unwrap_or_default();
    Ok(DeviceView {
        owner: names.person_with_code(device.user_id)?,
        name: device.name.clone(),
        platform: device.platform.clone(),
        number: device.number,
        pills: pills(device, background, f),
        ago: match device.last_seen_at {
            Some(at) => format::ago(at, f.now, words),
            None => words.t("device.never").to_owned(),
        },
        seen: device.last_seen_at.map(|at| format::moment(at, f.zone)).unwrap_or_default(),
        unsent: unsent(device, words),
        particulars: health.map(|health| particulars(health, f)).unwrap_or_default(),
        error: if error.is_empty() { String::new() } else { words.t(fault_key(error)).to_owned() },
        error_code: error.to_owned(),
        facts: facts(device, background, f),
    })
}

/// What is to be noted of a device beyond its queue.
fn pills(device: &Device, background: &Background, f: &Frame) -> Vec<Pill> {
    let words = f.words;
    let mut pills = Vec::new();
    if device.is_revoked {
        pills.push(Pill::new(Tone::Bad, "cross", words.t("device.revoked")));
    }
    match protocol(device).map(|spoken| background.served.place(spoken)) {
        Some(WindowPlace::Below) => pills.push(Pill::new(Tone::Warn, "warn", words.t("device.app_old"))),
        Some(WindowPlace::Above) => pills.push(Pill::new(Tone::Warn, "warn", words.t("device.app_new"))),
        Some(WindowPlace::Within) | None => {}
    }
    let skew = skew_ms(device);
    if skew.abs() >= SKEW_MS {
        let key = if skew > 0 { "device.clock_fast" } else { "device.clock_slow" };
        let by = format::minutes(skew.abs() / 60_000, words);
        pills.push(Pill::new(Tone::Warn, "warn", words.fill(key, &[("by", &by)])));
    }
    if device.last_seen_at.is_some_and(|at| f.now.since_ms(at) > SILENT_MS) {
        pills.push(Pill::new(Tone::Warn, "pause", words.t("device.silent")));
    }
    if is_behind(device, background) {
        pills.push(Pill::new(Tone::Warn, "pause", words.t("device.behind_restore")));
    }
    if let Some(health) = &device.health {
        if health.receipt_problems > 0 {
            let problems = words.count("device.receipts", count(health.receipt_problems));
            pills.push(Pill::new(Tone::Warn, "warn", problems));
        }
        if health.is_receipt_key_new {
            pills.push(Pill::new(Tone::Warn, "warn", words.t("device.receipt_key")));
        }
    }
    pills
}

/// The protocol the phone spoke when it was last heard of; nothing of one that was heard of before that was noted.
fn protocol(device: &Device) -> Option<u32> {
    device.health.as_ref().map(|health| health.protocol).filter(|protocol| *protocol > 0)
}

/// How far the phone's clock was ahead of the server's when it was last heard of.
fn skew_ms(device: &Device) -> i64 {
    let heard = device.last_seen_at.zip(device.health.as_ref());
    heard.map_or(0, |(at, health)| health.device_at.since_ms(at))
}

fn unsent(device: &Device, words: &Words) -> Pill {
    let health = device.health.as_ref();
    let commands = health.map_or(0, |health| count(health.unsent_commands));
    let photos = health.map_or(0, |health| count(health.unsent_photos));
    match (device.last_seen_at, commands, photos) {
        (None, ..) => Pill::new(Tone::Plain, "info", words.t("device.unknown")),
        (_, 0, 0) => Pill::new(Tone::Good, "check", words.t("device.all_sent")),
        (_, 0, photos) => Pill::new(Tone::Warn, "phone", words.count("device.photos", photos)),
        (_, commands, 0) => Pill::new(Tone::Warn, "phone", words.count("device.entries", commands)),
        (_, commands, photos) => {
            let both = [words.count("device.entries", commands), words.count("device.photos", photos)];
            Pill::new(Tone::Warn, "phone", both.join(words.t("list.comma")))
        }
    }
}

fn particulars(health: &DeviceHealth, f: &Frame) -> Vec<String> {
    let words = f.words;
    let mut lines = Vec::new();
    if let Some(oldest) = health.oldest_unsent_at {
        lines.push(words.fill("device.oldest", &[("ago", &format::ago(oldest, f.now, words))]));
    }
    let ages = health.unsent_ages;
    let by_age = [
        ("device.age_hour", ages.hour),
        ("device.age_day", ages.day),
        ("device.age_week", ages.week),
        ("device.age_older", ages.older),
    ];
    let by_age: Vec<String> = by_age
        .into_iter()
        .filter(|(_, number)| *number > 0)
        .map(|(key, number)| words.fill(key, &[("n", &number.to_string())]))
        .collect();
    let mut kinds: Vec<_> = health.unsent_kinds.iter().collect();
    kinds.sort_by_key(|(kind, number)| (Reverse(**number), kind.as_str()));
    let by_kind: Vec<String> =
        kinds.into_iter().map(|(kind, number)| format!("{} × {number}", kind_text(kind, words))).collect();
    lines.extend(
        [by_age, by_kind].into_iter().filter(|part| !part.is_empty()).map(|part| part.join(words.t("list.comma"))),
    );
    if health.queue_bytes > 0 {
        lines.push(words.fill("device.queue", &[("size", &format::size(health.queue_bytes))]));
    }
    if health.parcels > 0 {
        lines.push(words.count("device.parcels", count(health.parcels)));
    }
    lines
}

fn facts(device: &Device, background: &Background, f: &Frame) -> Vec<(&'static str, String)> {
    let health = device.health.as_ref();
    let version = health.map(|health| health.app_version.clone()).filter(|version| !version.is_empty());
    let mut facts = vec![("device.version", version.unwrap_or_else(|| device.app_version.clone()))];
    if let Some(health) = health.filter(|health| health.database_bytes > 0) {
        facts.push(("device.database", format::size(health.database_bytes)));
    }
    if let Some(original) = background.copies.get(&device.id) {
        facts.push(("device.copy_of", original.to_string()));
    }
    facts.push(("device.enrolled", format::moment(device.enrolled_at, f.zone)));
    facts
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
