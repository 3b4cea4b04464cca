//! How bad a run is: drawn once from the seed, so that some runs are calm and some are all trouble at once.

use super::{link::Weather, rng::Rng};

/// One day in milliseconds.
pub const DAY: i64 = 86_400_000;

/// What can go wrong in a run, and how often.
#[derive(Clone, Copy, Debug)]
pub struct Climate {
    /// Phones.
    pub phones: usize,
    /// In a thousand steps: a phone's line changes.
    pub line_changes: u64,
    /// The worst a line gets, in a hundred.
    pub line_faults: u64,
    /// In a hundred changes of a line: it becomes a slow one, and its bodies may be cut in the middle.
    pub slow_lines: u64,
    /// In a hundred answers: it is only the first page of more.
    pub short_pages: u64,
    /// In a thousand steps: a phone is killed.
    pub phone_kills: u64,
    /// In a thousand kills: the copy of the queue is torn as well.
    pub torn_mirrors: u64,
    /// In a thousand steps: a phone is killed in the middle of writing, and what was not yet forced to disk is lost.
    pub torn_writes: u64,
    /// In a thousand kills: the database is damaged, or writes are lost that the disk had promised.
    pub damaged_files: u64,
    /// In a thousand steps: the server is killed.
    pub server_kills: u64,
    /// In a hundred kills of the server: in the middle of a commit.
    pub torn_commits: u64,
    /// Longest simulated time of a job of the server.
    pub slow_store_ms: u64,
    /// In a thousand jobs: the server's store fails.
    pub store_faults: u64,
    /// In a thousand steps: a phone's clock is set or it reboots.
    pub clock_jumps: u64,
    /// In a thousand steps: days pass.
    pub long_silences: u64,
    /// In a thousand steps: two syncs are started on one phone.
    pub hasty_users: u64,
    /// In a thousand steps: somebody gets or loses a territory or a dealer, or an outlet moves.
    pub scope_changes: u64,
    /// In a thousand steps: somebody's line is dead for a month, and meanwhile a territory changes hands.
    pub absences: u64,
    /// In a thousand steps: the server is put back to what it was some time ago.
    pub restores: u64,
    /// In a hundred phones: it and the server are of different releases for a while.
    pub skews: u64,
    /// In a thousand steps: a phone's folder is copied onto another phone.
    pub copies: u64,
    /// Rows from which a bucket travels in files; 0 for what ships, which this organisation is too small for.
    pub bulk_rows: u64,
    /// In a thousand steps: a file of rows is lost or damaged on the server.
    pub damaged_segments: u64,
    /// In a thousand steps: a row on a phone is no longer what it was, and SQLite sees nothing of it.
    pub spoilt_rows: u64,
    /// In a thousand steps: a phone's disk is full for a while.
    pub full_disks: u64,
    /// In a thousand steps: somebody packs what is unsent and a colleague carries it.
    pub errands: u64,
    /// In a thousand steps: another person takes the phone.
    pub changes_of_hands: u64,
    /// In a thousand steps: somebody corrects the profile of an outlet.
    pub corrections: u64,
}

impl Climate {
    /// Lines, kills, clocks and faults of the server's store, and nothing else.
    pub fn draw(rng: &mut Rng) -> Self {
        let mut often = |calm: u64, wild: u64| match rng.below(4) {
            0 => 0,
            1 | 2 => calm,
            _ => wild,
        };
        Self {
            phones: 2 + usize::try_from(often(1, 4)).unwrap_or(0),
            line_changes: often(80, 250),
            line_faults: often(15, 45),
            phone_kills: often(25, 120),
            torn_mirrors: often(100, 500),
            server_kills: often(8, 40),
            slow_store_ms: often(20, 2_000),
            store_faults: often(5, 60),
            clock_jumps: often(15, 80),
            long_silences: often(4, 25),
            hasty_users: often(20, 150),
            ..Self::calm()
        }
    }

    /// Two phones and nothing in their way.
    pub fn calm() -> Self {
        Self {
            phones: 2,
            line_changes: 0,
            line_faults: 0,
            slow_lines: 0,
            short_pages: 0,
            phone_kills: 0,
            torn_mirrors: 0,
            torn_writes: 0,
            damaged_files: 0,
            server_kills: 0,
            torn_commits: 0,
            slow_store_ms: 0,
            store_faults: 0,
            clock_jumps: 0,
            long_silences: 0,
            hasty_users: 0,
            scope_changes: 0,
            absences: 0,
            restores: 0,
            skews: 0,
            copies: 0,
            bulk_rows: 0,
            damaged_segments: 0,
            spoilt_rows: 0,
            full_disks: 0,
            errands: 0,
            changes_of_hands: 0,
            corrections: 0,
        }
    }
}

/// What a line may be like next.
pub fn draw_line(rng: &mut Rng, chaos: &mut Rng, climate: &Climate) -> Weather {
    let worst = climate.line_faults;
    let mut up_to = |limit: u64| rng.below(limit + 1);
    let mut mixed = Weather {
        delay_ms: i64::try_from(up_to(3_000)).unwrap_or(0),
        lost_requests: up_to(worst),
        lost_answers: up_to(worst),
        doubled: up_to(worst / 2),
        late: up_to(worst / 3),
        garbled: up_to(worst / 2),
        busy: up_to(worst / 3),
        ..Weather::default()
    };
    if chaos.chance(climate.slow_lines) {
        mixed.bits_per_s = [64_000, 64_000, 9_600, 2_000_000].get(chaos.index(4)).copied();
        mixed.cut_requests = chaos.below(worst + 1);
        mixed.cut_answers = chaos.below(worst + 1);
    }
    match rng.below(10) {
        0 | 1 => Weather::default(),
        2 => Weather { is_mute: true, is_deaf: true, ..mixed },
        3 => Weather { is_mute: true, ..mixed },
        4 => Weather { is_deaf: true, ..mixed },
        5 => Weather { has_portal: true, ..mixed },
        _ => mixed,
    }
}

/// How far ahead a user sets the clock.
pub fn draw_clock(rng: &mut Rng) -> i64 {
    const HOUR: i64 = 3_600_000;
    match rng.below(6) {
        0 => 0,
        1 => rng.between(-HOUR, HOUR),
        2 => rng.between(-26, 26) * HOUR,
        3 => 26 * HOUR,
        4 => -rng.between(1, 12) * 365 * DAY,
        _ => rng.between(1, 20) * 365 * DAY,
    }
}

/// How much time passes before the next step.
pub fn draw_pause(rng: &mut Rng, climate: &Climate) -> i64 {
    if rng.rarely(climate.long_silences) {
        return rng.between(DAY / 4, 12 * DAY);
    }
    match rng.below(20) {
        0..=9 => rng.between(0, 2_000),
        10..=15 => rng.between(1_000, 120_000),
        16..=18 => rng.between(60_000, 1_200_000),
        _ => rng.between(600_000, 10_800_000),
    }
}
