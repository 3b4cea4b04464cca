//! Uploads and received photo files.

use storewalk_domain::{
    ids::{PhotoId, UserId},
    time::Timestamp,
};
use storewalk_wire::Variant;

use super::{Case, id, read, write};
use crate::store::{PhotoFile, Store, UploadRecord};

pub(super) const CASES: &[Case] = &[an_upload_is_one_per_photo_and_rendering, a_received_file_is_kept_apart];

fn upload(variant: Variant, size_bytes: u64) -> UploadRecord {
    UploadRecord {
        photo_id: PhotoId(id(1)),
        variant,
        user_id: UserId(id(2)),
        size_bytes,
        sha256: "ab".repeat(32),
        begun_at: Timestamp(4),
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
