use rusqlite::Connection;
use storewalk_domain::{
    ids::{OutletId, TerritoryId, UserId, VisitId},
    outlet::Territory,
    photo::PhotoStatus,
    text::Localized,
    time::Timestamp,
};
use storewalk_sqlite::{migrate, put_row};
use uuid::Uuid;

use super::{
    super::{STEPS, SqliteTxn},
    *,
};
use crate::store::{PhotoState, WallEdge, WallPlace};

const HOME: TerritoryId = TerritoryId(Uuid::from_u128(1));

fn database(photos: &[Photo]) -> Connection {
    let mut connection = Connection::open_in_memory().expect("memory");
    migrate(&mut connection, STEPS).expect("schema");
    for (id, region) in [(HOME, "here"), (TerritoryId(Uuid::from_u128(2)), "there")] {
        let territory =
            Territory { id, code: region.into(), name: Localized::same(region), region_code: region.into() };
        put_row(&connection, &territory.into()).expect("territory");
    }
    for photo in photos {
        put_row(&connection, &photo.clone().into()).expect("photo");
    }
    connection
}

fn photo(number: u32, status: PhotoStatus) -> Photo {
    Photo {
        id: PhotoId(Uuid::from_u128(100 + u128::from(number))),
        visit_id: VisitId(Uuid::from_u128(3)),
        outlet_id: OutletId(Uuid::from_u128(4)),
        territory_id: HOME,
        rep_id: UserId(Uuid::from_u128(5)),
        zone: "aisle".into(),
        sha256: String::new(),
        size_bytes: 1,
        width: 1,
        height: 1,
        taken_at: Timestamp(i64::from(number)),
        status,
        received_at: None,
        replaces: None,
        replaced_by: None,
        task_id: None,
        verdict_id: None,
        captured: None,
        guest_id: None,
        seen: None,
        signals: None,
    }
}

fn all(filter: &PhotoFilter, connection: &Connection) -> Vec<i64> {
    let txn = SqliteTxn(connection);
    let part = txn.wall(filter, WallEdge::Start, 60).expect("a part");
    let total = txn.photo_count(filter).expect("counted");
    assert_eq!((part.photos.len(), part.has_before, part.has_after), (total as usize, false, false));
    times(&part.photos)
}

fn times(photos: &[Photo]) -> Vec<i64> {
    photos.iter().map(|photo| photo.taken_at.0).collect()
}

#[test]
fn the_queue_is_oldest_first_and_leaves_out_what_was_taken_again() {
    let replaced = Photo { replaced_by: Some(PhotoId(Uuid::from_u128(9))), ..photo(1, PhotoStatus::Received) };
    let rows = [
        replaced,
        photo(5, PhotoStatus::Received),
        photo(3, PhotoStatus::Received),
        photo(2, PhotoStatus::Approved),
        photo(4, PhotoStatus::Pending),
    ];
    let connection = database(&rows);
    assert_eq!(all(&PhotoFilter::default(), &connection), [3, 5]);
    assert_eq!(all(&PhotoFilter { state: PhotoState::All, ..PhotoFilter::default() }, &connection), [5, 3, 4, 2, 1]);
    let approved = PhotoFilter { state: PhotoState::In(PhotoStatus::Approved), ..PhotoFilter::default() };
    assert_eq!(all(&approved, &connection), [2]);
}

#[test]
fn a_filter_keeps_to_region_person_outlet_zone_and_time() {
    let far = Photo { territory_id: TerritoryId(Uuid::from_u128(2)), ..photo(1, PhotoStatus::Received) };
    let connection = database(&[far, photo(2, PhotoStatus::Received), photo(9, PhotoStatus::Received)]);
    let filter = |change: fn(&mut PhotoFilter)| {
        let mut filter = PhotoFilter { region: Some("here".into()), ..PhotoFilter::default() };
        change(&mut filter);
        all(&filter, &connection)
    };
    assert_eq!(filter(|_| {}), [2, 9]);
    assert_eq!(filter(|filter| filter.rep = Some(UserId(Uuid::nil()))), [0_i64; 0]);
    assert_eq!(filter(|filter| filter.outlet = Some(OutletId(Uuid::from_u128(4)))), [2, 9]);
    assert_eq!(filter(|filter| filter.zone = Some("window".into())), [0_i64; 0]);
    assert_eq!(filter(|filter| filter.taken = Some(Timestamp(3)..Timestamp(10))), [9]);
    assert_eq!(filter(|filter| filter.region = None), [1, 2, 9]);
}

/// Many photos, several of one instant, in every state.
fn many() -> Vec<Photo> {
    let every = [PhotoStatus::Received, PhotoStatus::Approved, PhotoStatus::Rejected, PhotoStatus::Pending];
    let one = |number: u32| {
        let status = every[number as usize % every.len()];
        Photo { taken_at: Timestamp(i64::from(number / 3)), ..photo(number, status) }
    };
    let mut photos: Vec<Photo> = (0..47).map(one).collect();
    photos[4].replaced_by = Some(photos[1].id);
    photos
}

#[test]
fn the_wall_is_walked_there_and_back_part_by_part_and_shows_every_photo_once() {
    let connection = database(&many());
    let txn = SqliteTxn(&connection);
    for state in [PhotoState::Waiting, PhotoState::In(PhotoStatus::Approved), PhotoState::All] {
        let filter = PhotoFilter { state, ..PhotoFilter::default() };
        let whole = txn.wall(&filter, WallEdge::Start, 99).expect("whole").photos;
        for limit in [1, 2, 5, 11, 12, 48] {
            let (mut seen, mut parts, mut edge) = (Vec::new(), Vec::new(), WallEdge::Start);
            loop {
                let part = txn.wall(&filter, edge, limit).expect("a part");
                assert!(part.photos.len() <= limit as usize);
                assert_eq!(part.has_before, !seen.is_empty());
                seen.extend(part.photos.clone());
                parts.push(part.photos.clone());
                let Some(last) = part.photos.last().filter(|_| part.has_after) else { break };
                edge = WallEdge::After(WallPlace::of(last));
            }
            assert_eq!(seen, whole, "there, {limit} at once");
            for before in parts.iter().rev().skip(1) {
                let behind = parts.iter().position(|part| part == before).expect("there") + 1;
                let edge = WallEdge::Before(WallPlace::of(&parts[behind][0]));
                let part = txn.wall(&filter, edge, limit).expect("a part");
                assert_eq!(&part.photos, before, "and back");
                assert_eq!((part.has_before, part.has_after), (behind > 1, true));
            }
        }
    }
}

#[test]
fn a_photo_that_comes_or_is_judged_meanwhile_shifts_nothing() {
    let rows = many();
    let connection = database(&rows);
    let filter = PhotoFilter { state: PhotoState::All, ..PhotoFilter::default() };
    let first = SqliteTxn(&connection).wall(&filter, WallEdge::Start, 20).expect("a part").photos;
    let rest = SqliteTxn(&connection).wall(&filter, WallEdge::Start, 99).expect("all").photos.split_off(20);
    let fresh = Photo { taken_at: Timestamp(500), ..photo(500, PhotoStatus::Received) };
    let judged = Photo { status: PhotoStatus::Approved, verdict_id: None, ..first[0].clone() };
    for row in [fresh, judged.clone()] {
        put_row(&connection, &row.into()).expect("put");
    }
    let edge = WallEdge::After(WallPlace::of(&first[19]));
    let after = SqliteTxn(&connection).wall(&filter, edge, 99).expect("a part").photos;
    let after: Vec<_> = after.into_iter().filter(|photo| photo.id != judged.id).collect();
    assert_eq!(times(&after), times(&rest), "nothing twice, nothing left out");
}

#[test]
fn the_queue_is_a_ring() {
    let rows = [1, 2, 3].map(|number| photo(number, PhotoStatus::Received));
    let connection = database(&rows);
    let beside = |photo: &Photo| {
        let found = SqliteTxn(&connection).beside_in_queue(&PhotoFilter::default(), photo).expect("found");
        found.map(|id| id.map(|id| id.0.as_u128() - 100))
    };
    assert_eq!(beside(&rows[0]), [Some(3), Some(2)]);
    assert_eq!(beside(&rows[1]), [Some(1), Some(3)]);
    assert_eq!(beside(&rows[2]), [Some(2), Some(1)]);
    let decided = photo(2, PhotoStatus::Approved);
    assert_eq!(beside(&decided), [Some(1), Some(3)]);
    let connection = database(&rows[..1]);
    assert_eq!(SqliteTxn(&connection).beside_in_queue(&PhotoFilter::default(), &rows[0]).expect("found"), [None, None]);
}

#[test]
fn a_chain_is_whole_from_either_end_and_a_loop_of_links_ends() {
    let [first, second, third] = [7, 5, 6].map(|number| photo(number, PhotoStatus::Received));
    let linked = [
        Photo { replaced_by: Some(second.id), ..first.clone() },
        Photo { replaces: Some(first.id), replaced_by: Some(third.id), ..second.clone() },
        Photo { replaces: Some(second.id), ..third.clone() },
    ];
    let connection = database(&linked);
    for from in [first.id, second.id, third.id] {
        let chain = SqliteTxn(&connection).chain(from).expect("chain");
        assert_eq!(chain.photos.iter().map(|photo| photo.id).collect::<Vec<_>>(), [first.id, second.id, third.id]);
    }
    let twisted = [
        Photo { replaces: Some(second.id), replaced_by: Some(second.id), ..first.clone() },
        Photo { replaces: Some(first.id), replaced_by: Some(first.id), ..second.clone() },
    ];
    let connection = database(&twisted);
    assert_eq!(SqliteTxn(&connection).chain(first.id).expect("chain").photos.len(), 2);
    assert!(SqliteTxn(&connection).chain(third.id).expect("chain").photos.is_empty());
}

#[test]
fn the_wall_and_the_queue_are_read_by_their_index() {
    let connection = database(&[]);
    for sql in [
        "SELECT id FROM photos WHERE status = 'received' AND replaced_by IS NULL ORDER BY taken_at, id LIMIT 48",
        "SELECT id FROM photos WHERE status = 'approved' ORDER BY taken_at DESC, id DESC LIMIT 48",
        "SELECT id FROM photos WHERE status = 'approved' AND (taken_at, id) < (5, x'00') ORDER BY taken_at DESC, id DESC",
    ] {
        let plan: String =
            connection.query_row(&format!("EXPLAIN QUERY PLAN {sql}"), [], |row| row.get("detail")).expect("a plan");
        assert!(plan.contains("photos_by_status"), "{plan}");
    }
}

#[test]
fn what_waits_is_counted_without_reading_a_row_and_listed_in_the_order_of_its_index() {
    let connection = database(&[]);
    let plan = |sql: &str| -> String {
        let mut explained = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a plan");
        // Nothing is bound: how it would be read hangs on no value.
        let lines = explained.raw_query().mapped(|row| row.get::<_, String>("detail"));
        lines.map(|line| line.expect("a line") + "; ").collect()
    };
    for place in [photos::ANYWHERE, photos::IN_REGION] {
        let counted = plan(&photos::waiting_sql(place));
        assert!(counted.contains("COVERING INDEX photos_waiting"), "{counted}");
    }
    let (waiting, chosen) = (photos::WAITING, photos::CHOSEN);
    let listed = plan(&format!("SELECT id FROM photos WHERE {waiting} AND {chosen} ORDER BY taken_at, id LIMIT 48"));
    assert!(listed.contains("photos_by_status") && !listed.contains("TEMP B-TREE FOR ORDER BY"), "{listed}");
}

#[test]
fn what_waits_is_counted_as_the_wall_counts_it() {
    let far = |number, status| Photo { territory_id: TerritoryId(Uuid::from_u128(2)), ..photo(number, status) };
    let rows = many().into_iter().chain([far(90, PhotoStatus::Received), far(91, PhotoStatus::Approved)]);
    let connection = database(&rows.collect::<Vec<_>>());
    let txn = SqliteTxn(&connection);
    for (region, wanted) in [(None, 12), (Some("here"), 11), (Some("there"), 1), (Some("nowhere"), 0)] {
        let filter = PhotoFilter { region: region.map(str::to_owned), ..PhotoFilter::default() };
        let counted = (txn.waiting_count(region).expect("counted"), txn.photo_count(&filter).expect("counted"));
        assert_eq!(counted, (wanted, wanted), "{region:?}");
    }
}
