//! The reviewer's queue: by ids alone, and as the photos themselves, alike.

use std::collections::BTreeMap;

use storewalk_domain::{
    ids::{OutletId, PhotoId, TerritoryId, UserId, VisitId},
    photo::{Photo, PhotoStatus, Signal, SignalKind},
    review::Claim,
    time::Timestamp,
};

use super::{Case, id, read, territory, write};
use crate::store::{AtDesk, PhotoFilter, PhotoState, Store, WallEdge};

pub(super) const CASES: &[Case] = &[
    the_ids_of_a_wall_are_those_of_its_photos_in_the_same_order,
    a_queue_holds_what_waits_in_a_region_and_nobody_else_has_claimed,
    only_photos_with_signals_are_chosen_when_asked_for,
];

pub(super) fn photo(number: u128, taken: i64, status: PhotoStatus) -> Photo {
    Photo {
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
        taken_at: Timestamp(taken),
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

fn put(store: &(dyn Store + 'static), photos: Vec<Photo>) {
    write(store, move |txn| {
        txn.put_row(&territory(1, "江城").into())?;
        photos.into_iter().try_for_each(|photo| txn.put_row(&photo.into()).map(drop))
    });
}

fn ids(store: &(dyn Store + 'static), filter: PhotoFilter, limit: u32) -> Vec<u128> {
    let found = read(store, move |snapshot| snapshot.wall_ids(&filter, limit));
    found.into_iter().map(|photo| photo.0.as_u128()).collect()
}

fn the_ids_of_a_wall_are_those_of_its_photos_in_the_same_order(store: &(dyn Store + 'static)) {
    use PhotoStatus::{Approved, Pending, Received, Rejected};
    let states = [Received, Approved, Pending, Received, Rejected, Received];
    put(store, (1..).zip(states).map(|(number, status)| photo(number, 5, status)).collect());
    for (state, wanted) in [
        (PhotoState::Waiting, vec![1, 4, 6]),
        (PhotoState::In(Approved), vec![2]),
        (PhotoState::All, vec![6, 4, 1, 5, 3, 2]),
    ] {
        let filter = PhotoFilter { state, ..PhotoFilter::default() };
        assert_eq!(ids(store, filter.clone(), 9), wanted);
        assert_eq!(ids(store, filter.clone(), 4), wanted[..wanted.len().min(4)]);
        let whole = read(store, move |snapshot| snapshot.wall(&filter, WallEdge::Start, 9)).photos;
        assert_eq!(whole.iter().map(|photo| photo.id.0.as_u128()).collect::<Vec<_>>(), wanted);
    }
}

fn a_queue_holds_what_waits_in_a_region_and_nobody_else_has_claimed(store: &(dyn Store + 'static)) {
    let later = photo(1, 9, PhotoStatus::Received);
    let elsewhere = Photo { territory_id: TerritoryId(id(2)), ..photo(5, 1, PhotoStatus::Received) };
    let replaced = Photo { replaced_by: Some(PhotoId(id(1))), ..photo(6, 1, PhotoStatus::Received) };
    let others = (2..5).map(|number| photo(number, 5, PhotoStatus::Received));
    put(store, others.chain([later, elsewhere, replaced]).collect());
    write(store, |txn| {
        txn.put_row(
            &storewalk_domain::outlet::Territory { region_code: "nowhere".into(), ..territory(2, "外") }.into(),
        )?;
        for (number, user, until) in [(2, 8, 20), (3, 9, 20), (4, 9, 10)] {
            let (photo_id, user_id) = (PhotoId(id(number)), UserId(id(user)));
            txn.put_claim(&Claim { photo_id, user_id, claimed_at: Timestamp(1), until: Timestamp(until) })?;
        }
        Ok(())
    });
    let desk = |is_own_only| Some(AtDesk { user: UserId(id(8)), now: Timestamp(10), is_own_only });
    let region = Some("jiangcheng".to_owned());
    let queue = |is_own_only| PhotoFilter { region: region.clone(), desk: desk(is_own_only), ..PhotoFilter::default() };
    assert_eq!(ids(store, queue(false), 9), [2, 4, 1], "a claim that has lapsed is none");
    assert_eq!(ids(store, queue(true), 9), [2]);
    assert_eq!(ids(store, PhotoFilter::default(), 9), [5, 2, 3, 4, 1]);
}

fn only_photos_with_signals_are_chosen_when_asked_for(store: &(dyn Store + 'static)) {
    let signal = Signal { kind: SignalKind::Clock, params: BTreeMap::default(), seen_at: Timestamp(1), answer: None };
    let told = Photo { signals: Some(vec![signal]), ..photo(2, 7, PhotoStatus::Received) };
    put(store, vec![photo(1, 5, PhotoStatus::Received), told.clone()]);
    let filter = PhotoFilter { has_signals: true, ..PhotoFilter::default() };
    assert_eq!(ids(store, filter.clone(), 9), [2]);
    let (part, count) = read(store, move |snapshot| {
        Ok((snapshot.wall(&filter, WallEdge::Start, 9)?.photos, snapshot.photo_count(&filter)?))
    });
    assert_eq!((part, count), (vec![told], 1));
}
