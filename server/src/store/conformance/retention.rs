//! Policies, holds, deletions and views.

use storewalk_domain::{
    ids::{PhotoId, UserId},
    retention::{Hold, Lift, RetentionPolicy},
    time::Timestamp,
};
use storewalk_wire::Variant;

use super::{Case, id, read, write};
use crate::store::{Erasure, PhotoFile, Removal, Store, StoreError, View, ViewKind};

pub(super) const CASES: &[Case] = &[
    policies_are_kept_version_by_version,
    a_hold_is_set_once_and_its_end_is_kept,
    deleted_bytes_leave_their_trace,
    what_became_of_deleted_bytes_is_kept_for_all_that_had_them,
    what_could_not_be_erased_goes_to_the_end_of_the_line,
    photos_are_walked_by_age_in_pages,
    the_same_view_is_noted_once_in_a_while,
    every_export_is_noted_and_says_whether_people_were_covered,
];

fn file(photo: u128, sha256: &str, received_at: i64) -> PhotoFile {
    PhotoFile {
        photo_id: PhotoId(id(photo)),
        variant: Variant::Original,
        sha256: sha256.repeat(64),
        size_bytes: 10,
        media_type: "image/jpeg".into(),
        received_at: Timestamp(received_at),
    }
}

fn policies_are_kept_version_by_version(store: &(dyn Store + 'static)) {
    let next = RetentionPolicy { version: 2, reason: "法务".into(), ..RetentionPolicy::usual() };
    assert_eq!(read(store, |snapshot| snapshot.policies()), []);
    write(store, {
        let next = next.clone();
        move |txn| {
            txn.put_policy(&next)?;
            txn.put_policy(&RetentionPolicy { version: 3, ..next })
        }
    });
    let found = read(store, |snapshot| snapshot.policies());
    assert_eq!(found, [RetentionPolicy { version: 3, ..next.clone() }, next]);
    let twice: Result<(), StoreError> =
        store.write_blocking(|txn| txn.put_policy(&RetentionPolicy { version: 3, ..RetentionPolicy::usual() }));
    assert!(twice.is_err(), "a version is never written over");
}

fn a_hold_is_set_once_and_its_end_is_kept(store: &(dyn Store + 'static)) {
    let hold = |at: i64| Hold {
        photo_id: PhotoId(id(1)),
        set_by: UserId(id(8)),
        set_at: Timestamp(at),
        reason: "纠纷".into(),
        lifted: None,
    };
    let lift = Lift { by: UserId(id(9)), at: Timestamp(5), reason: "已结案".into() };
    let lifted = Hold { lifted: Some(lift), ..hold(1) };
    write(store, {
        let lifted = lifted.clone();
        move |txn| {
            txn.put_hold(&hold(1))?;
            txn.put_hold(&lifted)?;
            txn.put_hold(&hold(7))
        }
    });
    let found = read(store, |snapshot| Ok((snapshot.holds(PhotoId(id(1)))?, snapshot.binding_holds(9)?)));
    assert_eq!(found, (vec![hold(7), lifted], vec![hold(7)]));
}

fn removal(photo: u128, sha256: &str, removed_at: i64) -> Removal {
    Removal {
        photo_id: PhotoId(id(photo)),
        variant: Variant::Original,
        sha256: sha256.repeat(64),
        size_bytes: 10,
        received_at: Timestamp(3),
        removed_at: Timestamp(removed_at),
        class: "visit".into(),
        policy_version: 2,
        erasure: Erasure::Waiting,
    }
}

/// Photos whose bytes were deleted.
fn remove(store: &(dyn Store + 'static), removals: &[Removal]) {
    let removals = removals.to_vec();
    write(store, move |txn| {
        for removal in &removals {
            txn.put_photo_file(&PhotoFile { photo_id: removal.photo_id, ..file(0, &removal.sha256[..1], 3) })?;
            txn.remove_photo_file(removal)?;
        }
        Ok(())
    });
}

fn erasure(store: &(dyn Store + 'static), photo: u128) -> Erasure {
    let found = read(store, move |snapshot| snapshot.removal(PhotoId(id(photo)), Variant::Original));
    found.expect("a trace").erasure
}

fn deleted_bytes_leave_their_trace(store: &(dyn Store + 'static)) {
    let gone = removal(1, "a", 9);
    remove(store, std::slice::from_ref(&gone));
    write(store, |txn| txn.put_photo_file(&file(2, "b", 4)));
    let found = read(store, |snapshot| {
        let photo = PhotoId(id(1));
        let file = snapshot.photo_file(photo, Variant::Original)?;
        let is_held = (snapshot.is_hash_held(&"a".repeat(64))?, snapshot.is_hash_held(&"b".repeat(64))?);
        Ok((file, snapshot.removal(photo, Variant::Original)?, snapshot.unerased(Timestamp(9), 9)?, is_held))
    });
    assert_eq!(found, (None, Some(gone.clone()), vec![gone], (false, true)));
    write(store, |txn| txn.note_gone(&"a".repeat(64), Timestamp(12)));
    assert_eq!(read(store, |snapshot| snapshot.unerased(Timestamp(9), 9)), []);
    assert_eq!(erasure(store, 1), Erasure::Gone(Timestamp(12)));
    // Uploaded once more and deleted once more: the trace is of the last time.
    remove(store, &[removal(1, "a", 20)]);
    assert_eq!(erasure(store, 1), Erasure::Waiting);
}

fn what_became_of_deleted_bytes_is_kept_for_all_that_had_them(store: &(dyn Store + 'static)) {
    remove(store, &[removal(1, "a", 9), removal(3, "b", 9)]);
    write(store, |txn| txn.note_shared(&"a".repeat(64), Timestamp(10)));
    remove(store, &[removal(2, "a", 15)]);
    let states = [1, 2, 3].map(|photo| erasure(store, photo));
    assert_eq!(states, [Erasure::Shared(Timestamp(10)), Erasure::Waiting, Erasure::Waiting]);
    write(store, |txn| txn.note_gone(&"a".repeat(64), Timestamp(16)));
    let gone = Erasure::Gone(Timestamp(16));
    assert_eq!([1, 2, 3].map(|photo| erasure(store, photo)), [gone, gone, Erasure::Waiting]);
    write(store, |txn| txn.note_gone(&"a".repeat(64), Timestamp(30)));
    assert_eq!(erasure(store, 1), gone, "what is gone was gone then");
}

fn what_could_not_be_erased_goes_to_the_end_of_the_line(store: &(dyn Store + 'static)) {
    remove(store, &[removal(1, "a", 7), removal(2, "b", 8), removal(3, "c", 9)]);
    let waiting = |pass: i64, limit: u32| {
        let found = read(store, move |snapshot| snapshot.unerased(Timestamp(pass), limit));
        found.iter().map(|removal| removal.photo_id.0.as_u128()).collect::<Vec<_>>()
    };
    assert_eq!((waiting(50, 9), waiting(50, 2)), (vec![1, 2, 3], vec![1, 2]));
    write(store, |txn| txn.note_not_erased(&"a".repeat(64), Timestamp(50)));
    assert_eq!((waiting(50, 9), waiting(60, 9)), (vec![2, 3], vec![2, 3, 1]));
}

fn photos_are_walked_by_age_in_pages(store: &(dyn Store + 'static)) {
    write(store, |txn| {
        for (photo, at) in [(3, 5), (1, 7), (2, 5), (4, 9)] {
            txn.put_photo_file(&file(photo, "c", at))?;
        }
        txn.put_photo_file(&PhotoFile { variant: Variant::Thumbnail, ..file(1, "d", 6) })
    });
    let page = |after: Option<(i64, u128)>| {
        let after = after.map(|(at, photo)| (Timestamp(at), PhotoId(id(photo))));
        let found = read(store, move |snapshot| snapshot.photos_received_before(Timestamp(9), after, 2));
        found.iter().map(|(at, photo)| (at.0, photo.0.as_u128())).collect::<Vec<_>>()
    };
    assert_eq!((page(None), page(Some((5, 3))), page(Some((6, 1)))), (vec![(5, 2), (5, 3)], vec![(6, 1)], vec![]));
}

fn the_same_view_is_noted_once_in_a_while(store: &(dyn Store + 'static)) {
    let view = |kind, at| View { photo_id: PhotoId(id(1)), user_id: UserId(id(8)), kind, at: Timestamp(at) };
    write(store, move |txn| {
        txn.note_view(&view(ViewKind::Page, 10), Timestamp(0))?;
        txn.note_view(&view(ViewKind::Page, 15), Timestamp(5))?;
        txn.note_view(&view(ViewKind::File, 16), Timestamp(5))?;
        txn.note_view(&view(ViewKind::File, 17), Timestamp(12))?;
        txn.note_view(&view(ViewKind::FileAhead, 18), Timestamp(12))?;
        txn.note_view(&view(ViewKind::FileAhead, 30), Timestamp(20))?;
        txn.note_view(&view(ViewKind::File, 31), Timestamp(20))?;
        txn.note_view(&view(ViewKind::Page, 32), Timestamp(20))
    });
    let found = read(store, |snapshot| snapshot.views(PhotoId(id(1)), 9));
    let (ahead, file) = (view(ViewKind::FileAhead, 30), view(ViewKind::File, 31));
    let known = [view(ViewKind::File, 17), view(ViewKind::Page, 10)];
    assert_eq!(found, [&[view(ViewKind::Page, 32), file, ahead][..], &known].concat());
}

fn every_export_is_noted_and_says_whether_people_were_covered(store: &(dyn Store + 'static)) {
    let view = |kind, at| View { photo_id: PhotoId(id(1)), user_id: UserId(id(8)), kind, at: Timestamp(at) };
    let (plain, covered) = (ViewKind::Exported, ViewKind::ExportedCovered);
    write(store, move |txn| {
        txn.note_view(&view(ViewKind::Page, 10), Timestamp(0))?;
        txn.note_view(&view(plain, 11), Timestamp(11))?;
        txn.note_view(&view(covered, 11), Timestamp(11))?;
        txn.note_view(&view(covered, 11), Timestamp(11))?;
        txn.note_view(&view(ViewKind::CoveredCopy, 12), Timestamp(12))
    });
    let found = read(store, |snapshot| snapshot.views(PhotoId(id(1)), 9));
    let copy = view(ViewKind::CoveredCopy, 12);
    assert_eq!(found, [copy, view(covered, 11), view(covered, 11), view(plain, 11), view(ViewKind::Page, 10)]);
}
