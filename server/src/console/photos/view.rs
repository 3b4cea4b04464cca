//! The photo wall as the page shows it.

use askama::Template;
use storewalk_domain::{handbook::HandbookList, ids::UserId, sync::StateError};

use super::{Tile, WallChoice, tile};
use crate::{
    console::{
        frame::{Frame, Part},
        lookup::Names,
    },
    service::export::MOST_PHOTOS,
    store::{WallEdge, WallPart, WallPlace},
};

/// Photos on one page of the wall.
pub(crate) const PAGE_SIZE: u32 = 48;

/// What the wall is made of.
#[derive(Clone, Debug)]
pub(crate) struct WallRows {
    /// The photos of this part of the wall.
    pub(crate) part: WallPart,
    /// How many the choice holds.
    pub(crate) total: u32,
    /// The people to choose from.
    pub(crate) reps: Vec<UserId>,
    /// Second looks that wait for the reader.
    pub(crate) second: usize,
    /// Photos whose bytes are still on a phone.
    pub(crate) pending: usize,
    /// How many of the choice somebody has looked at for people, and how many nobody has.
    pub(crate) people: [u32; 2],
    /// Whether faces are found besides.
    pub(crate) finds_faces: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "photos.html")]
pub(crate) struct WallPage {
    f: Frame,
    section: &'static str,
    second: usize,
    tabs: Vec<Tab>,
    state: &'static str,
    reps: Vec<Choice>,
    zones: Vec<Choice>,
    people: Vec<Choice>,
    outlet: String,
    date: String,
    is_filtered: bool,
    tiles: Vec<Tile>,
    range: String,
    pager: Option<WallPager>,
    first_waiting: Option<String>,
    export: ExportCard,
}

/// Photos of the choice as files.
struct ExportCard {
    title: String,
    /// Why it cannot be done; empty when it can.
    objection: String,
    finds_faces: bool,
    marked: String,
    /// Photos that nobody has looked at; empty when there are none.
    open: String,
    /// Where they are gone through.
    round: String,
    rep: String,
    zone: String,
    people: String,
}

struct Tab {
    name: String,
    address: String,
    count: usize,
    is_current: bool,
}

struct Choice {
    value: String,
    name: String,
    is_chosen: bool,
}

/// Links to the parts beside this one.
struct WallPager {
    first: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

/// Links to the pages beside this one.
pub(crate) struct Pager {
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
    pub(crate) text: String,
}

/// Builds the wall.
pub(crate) fn page(
    mut f: Frame,
    names: &mut Names<'_>,
    choice: &WallChoice,
    rows: &WallRows,
) -> Result<WallPage, StateError> {
    let words = f.words;
    f.part = Part::Photos;
    words.t("photos.title").clone_into(&mut f.title);
    let state = choice.state_name();
    let tabs = WallChoice::STATES.into_iter().map(|(name, key)| Tab {
        name: words.t(key).to_owned(),
        address: choice.in_state(name).address(),
        count: match name {
            "waiting" => f.waiting,
            "pending" => rows.pending,
            _ => 0,
        },
        is_current: name == state,
    });
    let mut reps = Vec::new();
    for id in &rows.reps {
        let value = id.to_string();
        reps.push(Choice { is_chosen: value == choice.rep, name: names.person_with_code(*id)?, value });
    }
    let zones = names.entries(HandbookList::PhotoZone).into_iter().map(|zone| Choice {
        value: zone.code.clone(),
        name: f.say(&zone.text).to_owned(),
        is_chosen: zone.code == choice.zone,
    });
    let zones = zones.collect();
    let people = [("open", "photos.people_open"), ("marked", "photos.people_marked")].map(|(value, name)| Choice {
        value: value.to_owned(),
        name: words.t(name).to_owned(),
        is_chosen: value == choice.people,
    });
    let tiles = rows.part.photos.iter().map(|photo| tile(photo, names, &f)).collect::<Result<Vec<_>, _>>()?;
    let first = tiles.first().filter(|_| state == "waiting").map(|tile| tile.address.clone());
    let counts = [("n", &*tiles.len().to_string()), ("of", &*rows.total.to_string())];
    let range = words.fill("photos.range", &counts);
    let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let limit = MOST_PHOTOS.to_string();
    let many = [("n", &*rows.total.to_string()), ("most", &*limit)];
    let export = ExportCard {
        title: words.count("export.title", count(rows.total)),
        objection: if rows.total > MOST_PHOTOS { words.fill("export.too_many_here", &many) } else { String::new() },
        finds_faces: rows.finds_faces,
        marked: words.fill("export.marked", &[("n", &rows.people[0].to_string())]),
        open: if rows.people[1] > 0 { words.count("export.open", count(rows.people[1])) } else { String::new() },
        round: choice.round(),
        rep: choice.rep.clone(),
        zone: choice.zone.clone(),
        people: choice.people.clone(),
    };
    Ok(WallPage {
        section: "wall",
        second: rows.second,
        tabs: tabs.collect(),
        state,
        reps,
        zones,
        people: people.into(),
        outlet: choice.outlet.clone(),
        date: choice.date.clone(),
        is_filtered: choice.is_filtered(),
        pager: wall_pager(choice, &rows.part),
        first_waiting: first,
        tiles,
        range,
        export,
        f,
    })
}

/// The links beside a part of the wall; `None` when it is the whole.
fn wall_pager(choice: &WallChoice, part: &WallPart) -> Option<WallPager> {
    let to = |edge: WallEdge| choice.at(edge).address();
    let (first, last) = (part.photos.first().map(WallPlace::of), part.photos.last().map(WallPlace::of));
    let start = part.has_before.then(|| to(WallEdge::Start));
    let before = first.filter(|_| part.has_before).map(|place| to(WallEdge::Before(place)));
    let after = last.filter(|_| part.has_after).map(|place| to(WallEdge::After(place)));
    (part.has_before || part.has_after).then_some(WallPager { first: start, before, after })
}

/// The links beside page `page` of a list of `total`; `None` when there is but one.
pub(crate) fn pager(f: &Frame, page: u32, total: u32, address: impl Fn(u32) -> String) -> Option<Pager> {
    let pages = total.div_ceil(PAGE_SIZE).max(1);
    let text = f.words.fill("photos.page", &[("n", &page.to_string()), ("of", &pages.to_string())]);
    (pages > 1).then(|| Pager {
        before: (page > 1).then(|| address(page - 1)),
        after: (page < pages).then(|| address(page + 1)),
        text,
    })
}
