//! Uploads and received photo files.

use storewalk_domain::{
    ids::{PhotoId, UserId},
    time::Timestamp,
};
use storewalk_wire::Variant;

use super::{Case, id, read, write};
use crate::store::{PhotoFile, Store, UploadRecord};

pub(super) const CASES: &[Case] = &[
    an_upload_is_one_per_photo_and_rendering,
    a_received_file_is_kept_apart,
    uploads_that_nobody_goes_on_with_are_found,
    a_hash_is_held_while_a_photo_has_it,
];

fn upload(variant: Variant, size_bytes: u64) -> UploadRecord {
    UploadRecord {
        photo_id: PhotoId(id(1)),
        variant,
        user_id: UserId(id(2)),
        size_bytes,
        sha256: "ab".repeat(32),
        begun_at: Timestamp(4),
        touched_at: Timestamp(4),
        expired_at: None,
        metadata: "filename c2hlbGY=".into(),
    }
}

fn an_upload_is_one_per_photo_and_rendering(store: &(dyn Store + 'static)) {
    let photo = PhotoId(id(1));
    write(store, move |txn| {
        txn.put_upload(&upload(Variant::Original, 10))?;
        txn.put_upload(&upload(Variant::Thumbnail, 3))?;
        txn.put_upload(&upload(Variant::Original, 20))?;
        txn.remove_upload(photo, Variant::Thumbnail)?;
        txn.remove_upload(photo, Variant::Thumbnail)
    });
    let found = read(store, move |snapshot| {
        Ok((snapshot.upload(photo, Variant::Original)?, snapshot.upload(photo, Variant::Thumbnail)?))
    });
    assert_eq!(found, (Some(upload(Variant::Original, 20)), None));
}

fn a_received_file_is_kept_apart(store: &(dyn Store + 'static)) {
    let file = PhotoFile {
        photo_id: PhotoId(id(1)),
        variant: Variant::Original,
        sha256: "cd".repeat(32),
        size_bytes: 10,
        media_type: "image/jpeg".into(),
        received_at: Timestamp(6),
    };
    write(store, {
        let file = file.clone();
        move |txn| txn.put_photo_file(&file)
    });
    let found = read(store, |snapshot| {
        let photo = PhotoId(id(1));
        Ok((
            snapshot.photo_file(photo, Variant::Original)?,
            snapshot.photo_file(photo, Variant::Thumbnail)?,
            snapshot.upload(photo, Variant::Original)?,
        ))
    });
    assert_eq!(found, (Some(file), None, None));
}

fn uploads_that_nobody_goes_on_with_are_found(store: &(dyn Store + 'static)) {
    let at = |number, touched_at| UploadRecord {
        photo_id: PhotoId(id(number)),
        touched_at: Timestamp(touched_at),
        expired_at: (number == 3).then_some(Timestamp(9)),
        ..upload(Variant::Original, 1)
    };
    write(store, move |txn| {
        for (number, touched_at) in [(1, 20), (2, 10), (3, 5), (4, 11)] {
            txn.put_upload(&at(number, touched_at))?;
        }
        Ok(())
    });
    let found = |before, most| read(store, move |snapshot| snapshot.uploads_untouched_since(Timestamp(before), most));
    assert_eq!(found(10, 9), [at(3, 5), at(2, 10)]);
    assert_eq!(found(100, 1), [at(3, 5)]);
    assert_eq!(found(4, 9), []);
}

fn a_hash_is_held_while_a_photo_has_it(store: &(dyn Store + 'static)) {
    let file = PhotoFile {
        photo_id: PhotoId(id(1)),
        variant: Variant::Thumbnail,
        sha256: "ef".repeat(32),
        size_bytes: 10,
        media_type: "image/png".into(),
        received_at: Timestamp(6),
    };
    let is_held = |sha256: &'static str| read(store, move |snapshot| snapshot.is_hash_held(&sha256.repeat(32)));
    assert!(!is_held("ef"));
    write(store, move |txn| txn.put_photo_file(&file));
    assert!(is_held("ef") && !is_held("ee"));
}
