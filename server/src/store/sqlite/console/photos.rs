//! The photo wall and the reviewer's queue.

use rusqlite::{Connection, OptionalExtension, ToSql};
use storewalk_domain::{
    ids::{PhotoId, UserId},
    photo::{Photo, PhotoStatus, Verdict},
};
use storewalk_sqlite::{id_blob, select};
use uuid::Uuid;

use super::{sql_error, store_error};
use crate::store::{Chain, CoverState, PhotoFilter, PhotoState, StoreError, WallEdge, WallPart, WallPlace};

/// What the filter says beside the state.
pub(super) const CHOSEN: &str = include_str!("photos_chosen.sql");

/// What a reviewer can decide about: the bytes are here, nobody has decided, nothing newer replaced it.
pub(super) const WAITING: &str = "status = 'received' AND replaced_by IS NULL";

/// Everything else.
const OTHERS: &str = "NOT (status = 'received' AND replaced_by IS NULL)";

/// Where photos that wait are counted.
pub(super) const ANYWHERE: &str = "TRUE";
pub(super) const IN_REGION: &str = "territory_id IN (SELECT id FROM territories WHERE region_code = ?)";

/// The values of [`CHOSEN`].
struct Chosen {
    region: Option<String>,
    rep: Option<[u8; 16]>,
    outlet: Option<[u8; 16]>,
    zone: Option<String>,
    taken_from: Option<i64>,
    taken_until: Option<i64>,
    own: Option<[u8; 16]>,
    desk: Option<[u8; 16]>,
    desk_now: i64,
    blind: Option<[u8; 16]>,
    signals: bool,
    to_mark: bool,
    marked: bool,
}

impl Chosen {
    fn of(filter: &PhotoFilter) -> Self {
        let (own, others) = match filter.desk {
            Some(desk) if desk.is_own_only => (Some(desk.user), None),
            Some(desk) => (None, Some(desk.user)),
            None => (None, None),
        };
        let blob = |user: Option<UserId>| user.map(|user| id_blob(user.row()));
        Self {
            own: blob(own),
            desk: blob(others),
            desk_now: filter.desk.map_or(0, |desk| desk.now.0),
            blind: blob(filter.blind_for),
            signals: filter.has_signals,
            to_mark: filter.cover == CoverState::Open,
            marked: filter.cover == CoverState::Marked,
            region: filter.region.clone(),
            rep: filter.rep.map(|rep| id_blob(rep.row())),
            outlet: filter.outlet.map(|outlet| id_blob(outlet.row())),
            zone: filter.zone.clone(),
            taken_from: filter.taken.as_ref().map(|taken| taken.start.0),
            taken_until: filter.taken.as_ref().map(|taken| taken.end.0),
        }
    }

    fn params(&self) -> Vec<(&'static str, &dyn ToSql)> {
        vec![
            (":region", &self.region),
            (":rep", &self.rep),
            (":outlet", &self.outlet),
            (":zone", &self.zone),
            (":taken_from", &self.taken_from),
            (":taken_until", &self.taken_until),
            (":own", &self.own),
            (":desk", &self.desk),
            (":desk_now", &self.desk_now),
            (":blind", &self.blind),
            (":signals", &self.signals),
            (":to_mark", &self.to_mark),
            (":marked", &self.marked),
        ]
    }
}

/// A stretch of the wall that one index gives in order.
struct Stretch {
    condition: &'static str,
    is_newest_first: bool,
}

/// The stretches of a wall, in its order.
fn stretches(state: &PhotoState) -> Vec<Stretch> {
    let newest_first = |condition| Stretch { condition, is_newest_first: true };
    match state {
        PhotoState::Waiting => vec![Stretch { condition: WAITING, is_newest_first: false }],
        PhotoState::In(status) => vec![newest_first(in_state(*status))],
        PhotoState::All => vec![newest_first(WAITING), newest_first(OTHERS)],
    }
}

pub(super) fn count(connection: &Connection, filter: &PhotoFilter) -> Result<u32, StoreError> {
    let chosen = Chosen::of(filter);
    let state = match &filter.state {
        PhotoState::Waiting => WAITING,
        PhotoState::In(status) => in_state(*status),
        PhotoState::All => "TRUE",
    };
    let sql = format!("SELECT count(*) FROM photos WHERE {state} AND {CHOSEN}");
    let mut statement = connection.prepare_cached(&sql).map_err(sql_error)?;
    statement.query_row(&*chosen.params(), |row| row.get(0)).map_err(sql_error)
}

/// Asks the index of what waits alone: every page asks, and no row is read for it.
pub(super) fn waiting_count(connection: &Connection, region: Option<&str>) -> Result<u32, StoreError> {
    let sql = waiting_sql(if region.is_some() { IN_REGION } else { ANYWHERE });
    let mut statement = connection.prepare_cached(&sql).map_err(sql_error)?;
    let params: &[&dyn ToSql] = if region.is_some() { &[&region] } else { &[] };
    statement.query_row(params, |row| row.get(0)).map_err(sql_error)
}

pub(super) fn waiting_sql(place: &str) -> String {
    format!("SELECT count(*) FROM photos INDEXED BY photos_waiting WHERE {WAITING} AND {place}")
}

pub(super) fn wall_ids(connection: &Connection, filter: &PhotoFilter, limit: u32) -> Result<Vec<PhotoId>, StoreError> {
    let chosen = Chosen::of(filter);
    let mut ids: Vec<PhotoId> = Vec::new();
    for Stretch { condition, is_newest_first } in stretches(&filter.state) {
        let order = if is_newest_first { "taken_at DESC, id DESC" } else { "taken_at, id" };
        let left = limit.saturating_sub(u32::try_from(ids.len()).unwrap_or(u32::MAX));
        let sql = format!("SELECT id FROM photos WHERE {condition} AND {CHOSEN} ORDER BY {order} LIMIT :limit");
        let mut params = chosen.params();
        params.push((":limit", &left));
        let mut statement = connection.prepare_cached(&sql).map_err(sql_error)?;
        let found = statement.query_map(&*params, |row| row.get::<_, [u8; 16]>(0));
        let found: Vec<[u8; 16]> = found.and_then(Iterator::collect).map_err(sql_error)?;
        ids.extend(found.into_iter().map(|id| PhotoId(Uuid::from_bytes(id))));
    }
    Ok(ids)
}

pub(super) fn wall(
    connection: &Connection,
    filter: &PhotoFilter,
    edge: WallEdge,
    limit: u32,
) -> Result<WallPart, StoreError> {
    let most = limit as usize;
    let (place, is_back) = match edge {
        WallEdge::Start => (None, false),
        WallEdge::After(place) => (Some(place), false),
        WallEdge::Before(place) => (Some(place), true),
    };
    // One more than asked for tells whether there are others.
    let mut photos = along(connection, filter, place, is_back, limit.saturating_add(1))?;
    let has_more = photos.len() > most;
    photos.truncate(most);
    // Back at the start, or behind an end that has come nearer: a whole part is shown, not what is left of one.
    if place.is_some() && (photos.is_empty() || (is_back && !has_more)) {
        return wall(connection, filter, WallEdge::Start, limit);
    }
    if !is_back {
        return Ok(WallPart { photos, has_before: place.is_some(), has_after: has_more });
    }
    photos.reverse();
    Ok(WallPart { photos, has_before: true, has_after: true })
}

/// The photos from a place on, in the wall's order or against it.
fn along(
    connection: &Connection,
    filter: &PhotoFilter,
    place: Option<WallPlace>,
    is_back: bool,
    limit: u32,
) -> Result<Vec<Photo>, StoreError> {
    let mut stretches = stretches(&filter.state);
    // The stretch the place lies in; those on the other side of it are passed.
    let first = place.map_or(0, |place| usize::from(!place.waits).min(stretches.len() - 1));
    if is_back {
        stretches.truncate(first + 1);
        stretches.reverse();
    } else {
        stretches.drain(..first);
    }
    let mut photos: Vec<Photo> = Vec::new();
    for (number, stretch) in stretches.iter().enumerate() {
        let left = limit.saturating_sub(u32::try_from(photos.len()).unwrap_or(u32::MAX));
        if left == 0 {
            break;
        }
        let from = place.filter(|_| number == 0);
        photos.extend(within(connection, filter, stretch, from, is_back, left)?);
    }
    Ok(photos)
}

fn within(
    connection: &Connection,
    filter: &PhotoFilter,
    stretch: &Stretch,
    from: Option<WallPlace>,
    is_back: bool,
    limit: u32,
) -> Result<Vec<Photo>, StoreError> {
    let (order, sign) =
        if stretch.is_newest_first == is_back { ("taken_at, id", ">") } else { ("taken_at DESC, id DESC", "<") };
    let place = if from.is_some() { format!("AND (taken_at, id) {sign} (:taken_at, :id)") } else { String::new() };
    let tail = format!("WHERE {} {place} AND {CHOSEN} ORDER BY {order} LIMIT :limit", stretch.condition);
    let chosen = Chosen::of(filter);
    let mut params = chosen.params();
    params.push((":limit", &limit as &dyn ToSql));
    let at = from.map(|place| (place.taken_at.0, id_blob(place.id.row())));
    if let Some((taken_at, id)) = &at {
        params.extend([(":taken_at", taken_at as &dyn ToSql), (":id", id)]);
    }
    select(connection, &tail, &*params).map_err(store_error)
}

fn in_state(status: PhotoStatus) -> &'static str {
    match status {
        PhotoStatus::Pending => "status = 'pending'",
        PhotoStatus::Received => "status = 'received'",
        PhotoStatus::Approved => "status = 'approved'",
        PhotoStatus::Rejected => "status = 'rejected'",
    }
}

pub(super) fn beside(
    connection: &Connection,
    filter: &PhotoFilter,
    photo: &Photo,
) -> Result<[Option<PhotoId>; 2], StoreError> {
    let place = (photo.taken_at.0, id_blob(photo.id.row()));
    let neighbour = |condition: &str, order: &str| -> Result<Option<PhotoId>, StoreError> {
        let sql = format!(
            "SELECT id FROM photos WHERE {WAITING} AND id <> :id AND {condition} AND {CHOSEN} ORDER BY {order} LIMIT 1"
        );
        let chosen = Chosen::of(filter);
        let mut params = chosen.params();
        params.extend([(":taken_at", &place.0 as &dyn ToSql), (":id", &place.1)]);
        let read = |row: &rusqlite::Row<'_>| row.get::<_, [u8; 16]>(0);
        let mut statement = connection.prepare_cached(&sql).map_err(sql_error)?;
        let found = statement.query_row(&*params, read).optional().map_err(sql_error)?;
        Ok(found.map(|id| PhotoId(Uuid::from_bytes(id))))
    };
    let (forward, back) = ("taken_at, id", "taken_at DESC, id DESC");
    // The second condition of each pair closes the ring; it names the place so that both statements bind the same.
    let before = match neighbour("(taken_at, id) < (:taken_at, :id)", back)? {
        Some(id) => Some(id),
        None => neighbour("(taken_at, id) >= (:taken_at, :id)", back)?,
    };
    let after = match neighbour("(taken_at, id) > (:taken_at, :id)", forward)? {
        Some(id) => Some(id),
        None => neighbour("(taken_at, id) <= (:taken_at, :id)", forward)?,
    };
    Ok([before, after])
}

pub(super) fn chain(connection: &Connection, photo: PhotoId) -> Result<Chain, StoreError> {
    let within = |column: &str| format!("WHERE {column} IN ({})", include_str!("chain_ids.sql"));
    let key = id_blob(photo.row());
    let params: [(&str, &dyn ToSql); 1] = [(":photo", &key)];
    let photos = select(connection, &format!("{} ORDER BY taken_at, id", within("id")), &params[..]);
    let verdicts: Result<Vec<Verdict>, _> =
        select(connection, &format!("{} ORDER BY decided_at, id", within("photo_id")), &params[..]);
    Ok(Chain { photos: in_order(photos.map_err(store_error)?), verdicts: verdicts.map_err(store_error)? })
}

/// From the first photo along the retakes; a phone's clock is evidence, the links are the truth.
fn in_order(mut photos: Vec<Photo>) -> Vec<Photo> {
    let mut ordered = Vec::with_capacity(photos.len());
    let first = photos.iter().position(|photo| photo.replaces.is_none()).unwrap_or(0);
    if photos.is_empty() {
        return ordered;
    }
    let mut next = Some(photos.remove(first));
    while let Some(photo) = next {
        let follower = photos.iter().position(|other| other.replaces == Some(photo.id));
        ordered.push(photo);
        next = follower.map(|place| photos.remove(place));
    }
    // A chain that a missing row cut in two is still shown whole.
    ordered.append(&mut photos);
    ordered
}
