//! Families of seeds: each draws the runs that are about one kind of trouble, so that a failure mode can be aimed at.

use std::str::FromStr;

use super::{rng::Rng, weather::Climate};

/// What a run is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Family {
    /// Anything at once.
    Mixed,
    /// Bad lines, kills, clocks and a faulty store, all together.
    Weather,
    /// Slow lines, bodies cut in the middle, doubles, stragglers, one-way silence, portals.
    Line,
    /// Pulls in many pages, with kills and cuts between them.
    Pages,
    /// Phones and the server killed again and again.
    Kills,
    /// Phones and the server killed in the middle of writing; what was not forced to disk is lost.
    Torn,
    /// Databases damaged: bits turned over, files cut or gone, promised writes lost.
    Rot,
    /// Clocks set by years, reboots without a network.
    Clock,
    /// Weeks without a line.
    Silence,
    /// A slow and failing store behind many hasty people.
    Crowd,
    /// Outlets, territories and dealers change hands while people work, for an hour or for a month without a line.
    Handover,
    /// Phone and server of different releases.
    Skew,
    /// The server is put back from a backup.
    Restore,
    /// A phone's folder is copied onto another phone.
    Copy,
    /// Rows travel in files: cut off, gone on with, damaged on the way and on the server, taken away half way.
    Bulk,
    /// Rows on phones are no longer what they were, and nothing but a look at them shows it.
    Heal,
    /// Phones without room.
    Full,
    /// What is unsent goes by another phone, packed, beside what the phone sends itself.
    Parcels,
    /// Several people on one phone, each with a queue of their own.
    People,
    /// The same fields of the same outlets are corrected on several phones, and nobody decides.
    Profiles,
}

impl Family {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Mixed,
        Self::Weather,
        Self::Line,
        Self::Pages,
        Self::Kills,
        Self::Torn,
        Self::Rot,
        Self::Clock,
        Self::Silence,
        Self::Crowd,
        Self::Handover,
        Self::Skew,
        Self::Restore,
        Self::Copy,
        Self::Bulk,
        Self::Heal,
        Self::Full,
        Self::Parcels,
        Self::People,
        Self::Profiles,
    ];

    /// The name, as it is typed and as the table of modes has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mixed => "mixed",
            Self::Weather => "weather",
            Self::Line => "line",
            Self::Pages => "pages",
            Self::Kills => "kills",
            Self::Torn => "torn",
            Self::Rot => "rot",
            Self::Clock => "clock",
            Self::Silence => "silence",
            Self::Crowd => "crowd",
            Self::Handover => "handover",
            Self::Skew => "skew",
            Self::Restore => "restore",
            Self::Copy => "copy",
            Self::Bulk => "bulk",
            Self::Heal => "heal",
            Self::Full => "full",
            Self::Parcels => "parcels",
            Self::People => "people",
            Self::Profiles => "profiles",
        }
    }

    /// What it is about.
    pub fn promise(self) -> &'static str {
        match self {
            Self::Mixed => "anything at once",
            Self::Weather => "bad lines, kills, clocks and a faulty store, all together",
            Self::Line => "slow lines, bodies cut in the middle, doubles, stragglers, one-way silence, portals",
            Self::Pages => "pulls in many pages, with kills and cuts between them",
            Self::Kills => "phones and the server killed again and again",
            Self::Torn => "phones and the server killed in the middle of writing, unforced writes lost",
            Self::Rot => "databases damaged: bits turned over, files cut or gone, promised writes lost",
            Self::Clock => "clocks set by years, reboots without a network",
            Self::Silence => "weeks without a line",
            Self::Crowd => "a slow and failing store behind many hasty people",
            Self::Handover => {
                "outlets, territories and dealers change hands while people work, or are away for a month"
            }
            Self::Skew => "phone and server of different releases, until one of them is updated",
            Self::Restore => "the server is put back from a backup and phones send again what it has forgotten",
            Self::Copy => "a phone's folder is copied onto another phone, and both go on",
            Self::Bulk => "rows travel in files: cut off, gone on with, damaged, taken away half way",
            Self::Heal => "rows on phones are no longer what they were, and only a look at them shows it",
            Self::Full => "phones without room, until there is some again",
            Self::Parcels => "what is unsent goes by another phone, packed, beside what the phone sends itself",
            Self::People => "several people on one phone, each with a queue of their own",
            Self::Profiles => "the same fields of the same outlets are corrected on several phones",
        }
    }

    /// The family whose turn it is with a seed when every family gets its turn.
    pub fn of(seed: u64) -> Self {
        let count = u64::try_from(Self::ALL.len()).unwrap_or(1).max(1);
        usize::try_from(seed % count).ok().and_then(|place| Self::ALL.get(place)).copied().unwrap_or(Self::Mixed)
    }

    /// The climate of a run. What `Weather` draws never changes: kept seeds rest on it.
    pub(super) fn climate(self, rng: &mut Rng) -> Climate {
        let drawn = Climate::draw(rng);
        let mut rng = rng.fork(1_000);
        match self {
            Self::Weather => drawn,
            Self::Mixed => mixed(drawn, &mut rng),
            Self::Line => Climate {
                phones: drawn.phones,
                line_changes: 300,
                line_faults: 20 + rng.below(30),
                slow_lines: 80,
                slow_store_ms: *rng.pick(&[0, 2_000, 90_000]).unwrap_or(&0),
                hasty_users: drawn.hasty_users,
                ..Climate::calm()
            },
            Self::Pages => Climate {
                phones: drawn.phones,
                line_changes: 100,
                line_faults: 15,
                short_pages: 60 + rng.below(40),
                phone_kills: 60,
                server_kills: 10,
                ..Climate::calm()
            },
            Self::Kills => Climate {
                phone_kills: 200,
                server_kills: 80,
                torn_mirrors: 300,
                line_changes: 100,
                line_faults: 20,
                ..drawn
            },
            Self::Torn => Climate {
                phones: drawn.phones,
                torn_writes: 150,
                server_kills: 40,
                torn_commits: 70,
                line_changes: 50,
                line_faults: 10,
                short_pages: 20,
                ..Climate::calm()
            },
            Self::Rot => Climate {
                phones: 2,
                phone_kills: 60,
                damaged_files: 600,
                line_changes: 50,
                line_faults: 10,
                ..Climate::calm()
            },
            Self::Clock => Climate { clock_jumps: 200, long_silences: 15, ..drawn },
            Self::Silence => Climate { long_silences: 80, phone_kills: 20, ..drawn },
            Self::Crowd => Climate {
                phones: 6,
                hasty_users: 300,
                slow_store_ms: 3_000,
                store_faults: 100,
                line_changes: 60,
                line_faults: 20,
                ..Climate::calm()
            },
            later => later.climate_of_later(&drawn, &mut rng),
        }
    }

    /// The same of what came later: people, releases, disks.
    fn climate_of_later(self, drawn: &Climate, rng: &mut Rng) -> Climate {
        // Not beside damaged files: what the server has forgotten and the phone has lost is lost.
        let is_put_back = rng.clone().chance(30);
        match self {
            Self::Handover => Climate {
                phones: 3 + usize::try_from(rng.below(3)).unwrap_or(0),
                scope_changes: 80,
                absences: 15,
                line_changes: 150,
                line_faults: 15,
                short_pages: *rng.pick(&[0, 40]).unwrap_or(&0),
                phone_kills: 20,
                server_kills: 5,
                slow_store_ms: *rng.pick(&[0, 50, 2_000]).unwrap_or(&0),
                ..Climate::calm()
            },
            Self::Skew => Climate { skews: 80, short_pages: *rng.pick(&[0, 40]).unwrap_or(&0), ..*drawn },
            Self::Restore => Climate {
                restores: 30,
                line_changes: 100,
                line_faults: 15,
                phone_kills: 15,
                long_silences: 4,
                ..Climate::calm()
            },
            Self::Copy => Climate { copies: 25, line_changes: 60, line_faults: 10, ..Climate::calm() },
            Self::Bulk => Climate {
                phones: drawn.phones,
                bulk_rows: 4 + rng.below(9),
                damaged_segments: *rng.pick(&[0, 60]).unwrap_or(&0),
                line_changes: 250,
                line_faults: 15 + rng.below(30),
                slow_lines: 80,
                scope_changes: 60,
                phone_kills: 50,
                damaged_files: if is_put_back { 0 } else { 300 },
                server_kills: 15,
                restores: if is_put_back { 10 } else { 0 },
                ..Climate::calm()
            },
            Self::Heal => Climate {
                phones: drawn.phones,
                spoilt_rows: 120,
                bulk_rows: *rng.pick(&[0, 8]).unwrap_or(&0),
                line_changes: 100,
                line_faults: 15,
                slow_lines: 30,
                phone_kills: 30,
                scope_changes: *rng.pick(&[0, 30]).unwrap_or(&0),
                ..Climate::calm()
            },
            Self::Parcels => Climate {
                phones: 3 + usize::try_from(rng.below(3)).unwrap_or(0),
                errands: 100,
                line_changes: 250,
                line_faults: 20,
                phone_kills: 30,
                server_kills: 15,
                ..Climate::calm()
            },
            Self::People => Climate {
                phones: drawn.phones,
                changes_of_hands: 60,
                line_changes: 60,
                line_faults: 10,
                phone_kills: 30,
                server_kills: 5,
                ..Climate::calm()
            },
            Self::Profiles => Climate {
                phones: 4 + usize::try_from(rng.below(3)).unwrap_or(0),
                corrections: 500,
                line_changes: 200,
                line_faults: 20,
                clock_jumps: *rng.pick(&[0, 60]).unwrap_or(&0),
                phone_kills: 20,
                server_kills: 5,
                scope_changes: *rng.pick(&[0, 30]).unwrap_or(&0),
                copies: *rng.pick(&[0, 15]).unwrap_or(&0),
                ..Climate::calm()
            },
            Self::Full => Climate {
                phones: drawn.phones,
                full_disks: 100,
                bulk_rows: *rng.pick(&[0, 8]).unwrap_or(&0),
                line_changes: 60,
                line_faults: 10,
                phone_kills: 30,
                ..Climate::calm()
            },
            _ => *drawn,
        }
    }
}

/// Every trouble may come along, each in some of the runs.
fn mixed(drawn: Climate, rng: &mut Rng) -> Climate {
    let mut sometimes = |value: u64| if rng.chance(40) { value } else { 0 };
    let climate = Climate {
        slow_lines: sometimes(50),
        short_pages: sometimes(50),
        torn_writes: sometimes(40),
        damaged_files: sometimes(150),
        torn_commits: sometimes(50),
        scope_changes: sometimes(20),
        absences: sometimes(4),
        restores: sometimes(8),
        skews: sometimes(30),
        copies: sometimes(4),
        bulk_rows: sometimes(8),
        damaged_segments: sometimes(10),
        spoilt_rows: sometimes(20),
        full_disks: sometimes(20),
        errands: sometimes(20),
        ..drawn
    };
    if climate.restores == 0 {
        return climate;
    }
    // A server that was put back may not know the keys that parcels are signed with; and what it has forgotten and a
    // phone has lost is lost.
    Climate { errands: 0, damaged_files: 0, ..climate }
}

impl FromStr for Family {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().copied().find(|family| family.name() == name);
        found.ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|family| family.name()).collect();
            format!("no family is called `{name}`; there are {}", names.join(", "))
        })
    }
}

impl std::fmt::Display for Family {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
