//! Policies, holds, deletions and views.

use storewalk_domain::{
    ids::{PhotoId, UserId},
    retention::{Hold, Lift, RetentionPolicy},
    time::Timestamp,
};
use storewalk_wire::Variant;

use super::{Case, id, read, write};
use crate::store::{PhotoFile, Removal, Store, StoreError, View, ViewKind};

pub(super) const CASES: &[Case] = &[
    policies_are_kept_version_by_version,
    a_hold_is_set_once_and_its_end_is_kept,
    deleted_bytes_leave_their_trace_and_are_needed_no_more,
    photos_are_walked_by_age_in_pages,
    the_same_view_is_noted_once_in_a_while,
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

fn deleted_bytes_leave_their_trace_and_are_needed_no_more(store: &(dyn Store + 'static)) {
    let removal = Removal {
        photo_id: PhotoId(id(1)),
        variant: Variant::Original,
        sha256: "a".repeat(64),
        size_bytes: 10,
        received_at: Timestamp(3),
        removed_at: Timestamp(9),
        class: "visit".into(),
        policy_version: 2,
    };
    write(store, {
        let removal = removal.clone();
        move |txn| {
            txn.put_photo_file(&file(1, "a", 3))?;
            txn.put_photo_file(&file(2, "b", 4))?;
            txn.remove_photo_file(&removal)
        }
    });
    let found = read(store, |snapshot| {
        let photo = PhotoId(id(1));
        let file = snapshot.photo_file(photo, Variant::Original)?;
        let needs = (snapshot.needs_bytes(&"a".repeat(64))?, snapshot.needs_bytes(&"b".repeat(64))?);
        Ok((file, snapshot.removal(photo, Variant::Original)?, snapshot.unerased(9)?, needs))
    });
    assert_eq!(found, (None, Some(removal.clone()), vec![removal.clone()], (false, true)));
    write(store, |txn| txn.note_erased(PhotoId(id(1)), Variant::Original));
    let found =
        read(store, |snapshot| Ok((snapshot.unerased(9)?, snapshot.removal(PhotoId(id(1)), Variant::Original)?)));
    assert_eq!(found, (Vec::new(), Some(removal)));
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
        txn.note_view(&view(ViewKind::Page, 30), Timestamp(20))
    });
    let found = read(store, |snapshot| snapshot.views(PhotoId(id(1)), 9));
    assert_eq!(found, [view(ViewKind::Page, 30), view(ViewKind::File, 17), view(ViewKind::Page, 10)]);
}
