//! The queue as the page shows it.

use std::collections::BTreeMap;

use askama::Template;
use storewalk_domain::{
    ids::{CommandId, UserId, VerdictId},
    photo::Photo,
    review::{Claim, QueueRule},
    sync::StateError,
    time::Timestamp,
};

use super::choice::{RuleChoice, name, query};
use crate::console::{
    format,
    frame::{Frame, Notice, Part, Pill, Tone},
    lookup::Names,
    photo::signal_pills,
    photos::{Tile, tile},
    words::Words,
};

/// What the page is made of.
#[derive(Clone, Debug)]
pub(crate) struct ReviewRows {
    /// The rule.
    pub(crate) rule: QueueRule,
    /// Photos of the rule that nobody has claimed.
    pub(crate) waiting: usize,
    /// There may be more: not everything that waits was looked through.
    pub(crate) may_go_on: bool,
    /// The photos the person has claimed.
    pub(crate) claimed: Vec<Photo>,
    /// When the first of them lapses.
    pub(crate) until: Option<Timestamp>,
    /// Other people's claims.
    pub(crate) others: Vec<Claim>,
    /// Second looks that wait for this person.
    pub(crate) second: usize,
    /// For approving together.
    pub(crate) minted: CommandId,
    /// What was done a moment ago.
    pub(crate) done: Option<Done>,
}

/// What was done a moment ago.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Done {
    /// Photos were approved together.
    Approved {
        /// How many.
        approved: usize,
        /// How many of the chosen were left.
        left: usize,
        /// The verdicts.
        verdicts: Vec<VerdictId>,
    },
    /// Verdicts were taken back.
    Withdrawn(usize),
    /// The last claimed photo was judged on its own page.
    Last(VerdictId),
}

/// The page.
#[derive(Template)]
#[template(path = "review.html")]
pub(crate) struct ReviewPage {
    f: Frame,
    section: &'static str,
    second: usize,
    rules: Vec<RuleTab>,
    rule: &'static str,
    percent: String,
    seed: String,
    least: String,
    waiting: String,
    can_claim: bool,
    claimed: Vec<ClaimTile>,
    first: String,
    until: String,
    others: Vec<String>,
    command: String,
    undo: Vec<String>,
}

struct RuleTab {
    name: String,
    address: String,
    is_current: bool,
}

struct ClaimTile {
    id: String,
    number: usize,
    tile: Tile,
    signals: Vec<Pill>,
}

/// Builds the page.
pub(crate) fn page(mut f: Frame, names: &mut Names<'_>, rows: &ReviewRows) -> Result<ReviewPage, StateError> {
    let words = f.words;
    f.part = Part::Photos;
    words.t("review.title").clone_into(&mut f.title);
    f.notice = rows.done.as_ref().map(|done| notice(done, words));
    let rule = name(rows.rule);
    let rules = RuleChoice::RULES.into_iter().map(|(other, key)| RuleTab {
        name: words.t(key).to_owned(),
        address: if other == rule { query(rows.rule) } else { format!("rule={other}") },
        is_current: other == rule,
    });
    let (percent, seed, least) = match rows.rule {
        QueueRule::Sample { percent, seed } => (percent, seed, 2),
        QueueRule::Risk { least } => (10, 1, least),
        QueueRule::All => (10, 1, 2),
    };
    let mut claimed = Vec::new();
    for (number, photo) in (1..).zip(&rows.claimed) {
        claimed.push(ClaimTile {
            id: photo.id.to_string(),
            number,
            tile: tile(photo, names, &f)?,
            signals: signal_pills(photo, &f),
        });
    }
    let undo = match &rows.done {
        Some(Done::Approved { verdicts, .. }) => verdicts.iter().map(ToString::to_string).collect(),
        Some(Done::Last(verdict)) => vec![verdict.to_string()],
        Some(Done::Withdrawn(_)) | None => Vec::new(),
    };
    Ok(ReviewPage {
        section: "queue",
        second: rows.second,
        rules: rules.collect(),
        rule,
        percent: percent.to_string(),
        seed: seed.to_string(),
        least: least.to_string(),
        waiting: words.count(if rows.may_go_on { "review.waiting_more" } else { "review.waiting" }, rows.waiting),
        can_claim: rows.waiting > 0,
        first: claimed.first().map(|claim| claim.tile.address.clone()).unwrap_or_default(),
        claimed,
        until: rows.until.map(|until| format::clock(until, f.zone)).unwrap_or_default(),
        others: others(&rows.others, names, &f)?,
        command: rows.minted.to_string(),
        undo,
        f,
    })
}

fn notice(done: &Done, words: &Words) -> Notice {
    match done {
        Done::Approved { approved, left, .. } => Notice {
            tone: if *left > 0 { Tone::Warn } else { Tone::Good },
            text: words.count("review.approved", *approved),
            next: if *left > 0 { words.count("review.left", *left) } else { String::new() },
        },
        Done::Withdrawn(count) => {
            Notice { tone: Tone::Good, text: words.count("review.withdrawn", *count), next: String::new() }
        }
        Done::Last(_) => Notice {
            tone: Tone::Good,
            text: words.t("review.all_judged").to_owned(),
            next: words.t("review.all_judged_next").to_owned(),
        },
    }
}

/// One line per person: how many photos they have, and until when.
fn others(claims: &[Claim], names: &mut Names<'_>, f: &Frame) -> Result<Vec<String>, StateError> {
    let mut by_person: BTreeMap<UserId, (usize, Timestamp)> = BTreeMap::new();
    for claim in claims {
        let entry = by_person.entry(claim.user_id).or_insert((0, claim.until));
        *entry = (entry.0 + 1, entry.1.max(claim.until));
    }
    let line = |(user, (count, until)): (UserId, (usize, Timestamp))| {
        let who = names.person(user)?;
        let (count, until) = (count.to_string(), format::clock(until, f.zone));
        Ok(f.words.fill("review.other", &[("who", &who), ("n", &count), ("until", &until)]))
    };
    by_person.into_iter().map(line).collect()
}
