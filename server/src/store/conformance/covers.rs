//! What people said about people in photos.

use storewalk_domain::{
    ids::{OutletId, PhotoId, TerritoryId, UserId, VisitId},
    photo::{Cover, CoverArea, Photo, PhotoStatus},
    time::Timestamp,
};
use storewalk_wire::Variant;

use super::{Case, id, read, territory, write};
use crate::store::{CoverState, PhotoFile, PhotoFilter, PhotoState, Store, StoreError, WallEdge};

pub(super) const CASES: &[Case] = &[
    what_was_said_of_a_photo_is_kept_version_by_version,
    a_wall_is_asked_for_what_nobody_has_looked_at_or_somebody_has,
];

fn cover(photo: u128, version: u32, areas: &[[u16; 4]]) -> Cover {
    Cover {
        photo_id: PhotoId(id(photo)),
        version,
        areas: areas.iter().map(|parts| CoverArea::try_from(*parts).expect("an area")).collect(),
        marked_by: UserId(id(8)),
        marked_at: Timestamp(i64::from(version) * 10),
    }
}

fn what_was_said_of_a_photo_is_kept_version_by_version(store: &(dyn Store + 'static)) {
    let first = cover(1, 1, &[[0, 0, 10_000, 50], [1, 2, 300, 400]]);
    let second = cover(1, 2, &[]);
    let other = cover(2, 1, &[[5, 5, 500, 500]]);
    let photo = PhotoId(id(1));
    assert_eq!(read(store, move |snapshot| Ok((snapshot.cover(photo)?, snapshot.covers(photo)?))), (None, Vec::new()));
    for put in [&first, &other, &second] {
        let put = put.clone();
        write(store, move |txn| txn.put_cover(&put));
    }
    let found = read(store, move |snapshot| Ok((snapshot.cover(photo)?, snapshot.covers(photo)?)));
    assert_eq!(found, (Some(second.clone()), vec![second, first.clone()]));
    let twice: Result<(), StoreError> =
        store.write_blocking(move |txn| txn.put_cover(&Cover { areas: vec![], ..first }));
    assert!(twice.is_err(), "a version is never written over");
    assert_eq!(read(store, |snapshot| snapshot.covers(PhotoId(id(2)))), [other]);
}

fn a_wall_is_asked_for_what_nobody_has_looked_at_or_somebody_has(store: &(dyn Store + 'static)) {
    let photo = |number: u128| Photo {
        id: PhotoId(id(number)),
        visit_id: VisitId(id(3)),
        outlet_id: OutletId(id(4)),
        territory_id: TerritoryId(id(1)),
        rep_id: UserId(id(5)),
        zone: "aisle".into(),
        sha256: String::new(),
        size_bytes: 1,
        width: 1,
        height: 1,
        taken_at: Timestamp(5),
        status: PhotoStatus::Received,
        received_at: None,
        replaces: None,
        replaced_by: None,
        task_id: None,
        verdict_id: None,
        captured: None,
        guest_id: None,
        seen: None,
        signals: None,
    };
    let file = |number: u128, variant| PhotoFile {
        photo_id: PhotoId(id(number)),
        variant,
        sha256: "a".repeat(64),
        size_bytes: 1,
        media_type: "image/jpeg".into(),
        received_at: Timestamp(6),
    };
    write(store, move |txn| {
        txn.put_row(&territory(1, "江城").into())?;
        (1..=4).try_for_each(|number| txn.put_row(&photo(number).into()).map(drop))?;
        // The third has only its thumbnail here, the fourth nothing.
        for (number, variant) in [(1, Variant::Original), (2, Variant::Original), (3, Variant::Thumbnail)] {
            txn.put_photo_file(&file(number, variant))?;
        }
        txn.put_cover(&cover(2, 1, &[]))?;
        // Marked once, and its bytes were deleted since.
        txn.put_cover(&cover(4, 1, &[[0, 0, 900, 900]]))
    });
    for (state, wanted) in
        [(CoverState::Any, vec![1, 2, 3, 4]), (CoverState::Open, vec![1]), (CoverState::Marked, vec![2, 4])]
    {
        let filter = PhotoFilter { state: PhotoState::Waiting, cover: state, ..PhotoFilter::default() };
        let (photos, count) = read(store, move |snapshot| {
            Ok((snapshot.wall(&filter, WallEdge::Start, 9)?.photos, snapshot.photo_count(&filter)?))
        });
        let found: Vec<_> = photos.iter().map(|photo| photo.id.0.as_u128()).collect();
        assert_eq!((found, count as usize), (wanted.clone(), wanted.len()), "{state:?}");
    }
}
