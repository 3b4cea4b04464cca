//! What photos look like, and which look like each other.

use storewalk_domain::{
    ids::{OutletId, PhotoId, TerritoryId},
    photo::ShelfPrints,
    sync::Row,
    time::{BusinessDate, Timestamp},
};
use storewalk_wire::Variant;

use super::{Case, id, read, write};
use crate::store::{PRINT_WAY, PhotoFile, PhotoMatch, PhotoPrint, Store};

pub(super) const CASES: &[Case] = &[
    a_photo_has_one_print_and_the_first_stays,
    prints_are_read_in_the_order_in_which_they_were_written,
    a_match_is_found_from_either_side_the_nearest_first,
    what_is_too_old_to_compare_with_is_found_by_its_day,
    a_photo_that_is_held_and_was_not_looked_at_is_found,
    a_print_of_an_older_way_gives_its_place_to_a_new_one,
];

fn print(number: u128, quality: u8) -> PhotoPrint {
    PhotoPrint {
        photo_id: PhotoId(id(number)),
        outlet_id: OutletId(id(70)),
        taken_on: BusinessDate::parse("2025-03-14").expect("valid"),
        sha256: format!("{:064x}", number % 2),
        short: u64::MAX - u64::try_from(number).expect("small"),
        pdq: [u8::try_from(number).expect("small"); 32],
        quality,
        way: PRINT_WAY,
    }
}

fn a_photo_has_one_print_and_the_first_stays(store: &(dyn Store + 'static)) {
    write(store, |txn| {
        txn.put_photo_print(&print(1, 90))?;
        txn.put_photo_print(&PhotoPrint { quality: 60, ..print(1, 90) })?;
        txn.put_photo_print(&print(3, 90))
    });
    let found = read(store, |snapshot| {
        Ok((
            snapshot.photo_print(PhotoId(id(1)))?,
            snapshot.photo_print(PhotoId(id(2)))?,
            snapshot.prints_of_bytes(&print(1, 0).sha256)?,
        ))
    });
    assert_eq!(found, (Some(print(1, 90)), None, vec![print(1, 90), print(3, 90)]));
}

fn prints_are_read_in_the_order_in_which_they_were_written(store: &(dyn Store + 'static)) {
    write(store, |txn| {
        [9, 3, 5].into_iter().try_for_each(|number| txn.put_photo_print(&print(number, 50)))?;
        // Nothing can be told by what has no features.
        txn.put_photo_print(&print(4, 49))
    });
    let all = read(store, |snapshot| snapshot.prints_after(0, 9));
    assert_eq!(all.iter().map(|found| found.photo_id).collect::<Vec<_>>(), [9, 3, 5].map(|n| PhotoId(id(n))));
    assert_eq!(all[1].short, print(3, 0).short);
    let place = all[0].place;
    assert_eq!(read(store, move |snapshot| snapshot.prints_after(place, 1)), all[1..2]);
}

fn a_match_is_found_from_either_side_the_nearest_first(store: &(dyn Store + 'static)) {
    let found = |photo: u128, other: u128, bits: u32| PhotoMatch {
        photo_id: PhotoId(id(photo)),
        other_id: PhotoId(id(other)),
        bits,
        is_turned: bits == 9,
        is_same_bytes: bits == 0,
        found_at: Timestamp(7),
    };
    write(store, move |txn| {
        txn.put_photo_match(&found(2, 1, 9))?;
        txn.put_photo_match(&found(2, 1, 12))?;
        txn.put_photo_match(&found(3, 1, 0))
    });
    assert_eq!(read(store, |snapshot| snapshot.matches_of(PhotoId(id(1)))), [found(3, 1, 0), found(2, 1, 9)]);
    assert_eq!(read(store, |snapshot| snapshot.matches_of(PhotoId(id(2)))), [found(2, 1, 9)]);
}

fn what_is_too_old_to_compare_with_is_found_by_its_day(store: &(dyn Store + 'static)) {
    let day = |text: &str| BusinessDate::parse(text).expect("valid");
    let row = move |text: &str| ShelfPrints {
        id: ShelfPrints::id_of(OutletId(id(70)), day(text)),
        outlet_id: OutletId(id(70)),
        outlet_code: "S0101".into(),
        outlet_name: "幸福路手机城".into(),
        taken_on: day(text),
        territories: vec![TerritoryId(id(1))],
        prints: vec!["0f".repeat(32)],
    };
    write(store, move |txn| {
        for text in ["2025-03-14", "2024-12-01", "2024-11-30"] {
            txn.put_row(&Row::from(row(text)))?;
        }
        Ok(())
    });
    let old = read(store, move |snapshot| snapshot.shelf_prints_before(day("2025-03-14"), 9));
    assert_eq!(old, [row("2024-11-30").id, row("2024-12-01").id]);
    assert_eq!(read(store, move |snapshot| snapshot.shelf_prints_before(day("2025-03-14"), 1)), old[..1]);
}

fn a_photo_that_is_held_and_was_not_looked_at_is_found(store: &(dyn Store + 'static)) {
    let file = |number: u128, variant: Variant| PhotoFile {
        photo_id: PhotoId(id(number)),
        variant,
        sha256: "cd".repeat(32),
        size_bytes: 10,
        media_type: "image/jpeg".into(),
        received_at: Timestamp(6),
    };
    write(store, move |txn| {
        txn.put_photo_file(&file(1, Variant::Original))?;
        txn.put_photo_file(&file(2, Variant::Original))?;
        txn.put_photo_file(&file(3, Variant::Thumbnail))?;
        txn.put_photo_file(&file(4, Variant::Original))?;
        txn.put_photo_print(&print(1, 90))
    });
    let left = |pass| read(store, move |snapshot| snapshot.photos_without_print(Timestamp(pass), 9));
    assert_eq!(left(50), [PhotoId(id(2)), PhotoId(id(4))]);
    write(store, |txn| txn.note_look(PhotoId(id(2)), Timestamp(50)));
    assert_eq!(left(50), [PhotoId(id(4))], "once in a pass");
    assert_eq!(left(60), [PhotoId(id(4)), PhotoId(id(2))], "who had a turn goes to the end of the line");
    write(store, |txn| txn.note_look(PhotoId(id(4)), Timestamp(60)));
    assert_eq!(left(70), [PhotoId(id(2)), PhotoId(id(4))]);
    write(store, |txn| txn.put_photo_print(&print(2, 90)));
    assert_eq!(left(70), [PhotoId(id(4))]);
}

fn a_print_of_an_older_way_gives_its_place_to_a_new_one(store: &(dyn Store + 'static)) {
    let old = |number| PhotoPrint { way: PRINT_WAY - 1, short: 7, ..print(number, 90) };
    write(store, move |txn| {
        txn.put_photo_file(&PhotoFile {
            photo_id: PhotoId(id(2)),
            variant: Variant::Original,
            sha256: "cd".repeat(32),
            size_bytes: 10,
            media_type: "image/jpeg".into(),
            received_at: Timestamp(6),
        })?;
        txn.put_photo_print(&print(1, 90))?;
        txn.put_photo_print(&old(2))
    });
    let known = |number: u128| read(store, move |snapshot| snapshot.photo_print(PhotoId(id(number))));
    let listed = || read(store, |snapshot| snapshot.prints_after(0, 9));
    let left = || read(store, |snapshot| snapshot.photos_without_print(Timestamp(50), 9));
    assert_eq!((known(2), listed().len(), left()), (None, 1, vec![PhotoId(id(2))]));
    let same_bytes = read(store, |snapshot| snapshot.prints_of_bytes(&print(2, 0).sha256));
    assert_eq!(same_bytes, [old(2)], "the same bytes are the same bytes however they are hashed");
    let before = listed()[0].place;
    write(store, |txn| txn.put_photo_print(&print(2, 90)));
    assert_eq!((known(2), left()), (Some(print(2, 90)), vec![]));
    let later = read(store, move |snapshot| snapshot.prints_after(before, 9));
    assert_eq!(later.iter().map(|found| found.photo_id).collect::<Vec<_>>(), [PhotoId(id(2))], "behind all others");
    write(store, move |txn| txn.put_photo_print(&old(2)));
    assert_eq!(known(2), Some(print(2, 90)), "an older one takes nothing back");
}
