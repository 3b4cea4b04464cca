//! Claims, second looks and sights.

use storewalk_domain::{
    ids::{PhotoId, TerritoryId, UserId, VerdictId},
    outlet::Territory,
    photo::{Photo, PhotoStatus, VerdictDecision},
    review::{Claim, Drawn, SecondLook},
    time::Timestamp,
};

use super::{Case, id, queue::photo, read, territory, write};
use crate::store::Store;

pub(super) const CASES: &[Case] = &[
    a_photo_has_one_claim_and_a_lapsed_one_is_told_apart,
    a_person_renews_only_what_is_still_theirs,
    a_draw_waits_for_somebody_who_has_not_seen_the_verdict,
    a_draw_that_nobody_looked_at_ends_and_one_with_a_look_stays,
    a_draw_is_counted_in_the_region_of_its_photo_alone,
];

fn claim(photo: u128, user: u128, until: i64) -> Claim {
    Claim { photo_id: PhotoId(id(photo)), user_id: UserId(id(user)), claimed_at: Timestamp(1), until: Timestamp(until) }
}

fn drawn(number: u128, first_by: u128) -> Drawn {
    Drawn {
        verdict_id: VerdictId(id(number)),
        photo_id: PhotoId(id(100 + number)),
        first_by: UserId(id(first_by)),
        first: VerdictDecision::Approved,
        drawn_at: Timestamp(i64::try_from(number).unwrap_or(0)),
        second: None,
    }
}

fn look(by: u128) -> SecondLook {
    SecondLook {
        by: UserId(id(by)),
        decision: VerdictDecision::Rejected,
        reason: Some("empty_slot".into()),
        note: "左边".into(),
        at: Timestamp(50),
    }
}

fn a_photo_has_one_claim_and_a_lapsed_one_is_told_apart(store: &(dyn Store + 'static)) {
    write(store, |txn| {
        txn.put_claim(&claim(1, 8, 10))?;
        txn.put_claim(&claim(1, 9, 20))?;
        txn.put_claim(&claim(2, 8, 15))?;
        txn.put_claim(&claim(3, 8, 30))?;
        txn.remove_claim(PhotoId(id(3)))
    });
    let found = read(store, |snapshot| {
        let claims = snapshot.claims(Timestamp(15))?;
        Ok((snapshot.claim(PhotoId(id(1)))?, snapshot.claim(PhotoId(id(2)))?, snapshot.claim(PhotoId(id(3)))?, claims))
    });
    assert_eq!(found, (Some(claim(1, 9, 20)), Some(claim(2, 8, 15)), None, vec![claim(1, 9, 20)]));
    assert_eq!(write(store, |txn| txn.forget_claims(Timestamp(16))), 1);
    assert_eq!(read(store, |snapshot| snapshot.claim(PhotoId(id(2)))), None);
}

fn a_person_renews_only_what_is_still_theirs(store: &(dyn Store + 'static)) {
    write(store, |txn| {
        for one in [claim(1, 8, 10), claim(2, 8, 20), claim(3, 9, 20)] {
            txn.put_claim(&one)?;
        }
        txn.renew_claims(UserId(id(8)), Timestamp(15), Timestamp(99))
    });
    let until =
        |photo: u128| read(store, move |snapshot| snapshot.claim(PhotoId(id(photo)))).map(|claim| claim.until.0);
    assert_eq!([1, 2, 3].map(until), [Some(10), Some(99), Some(20)]);
}

fn a_draw_waits_for_somebody_who_has_not_seen_the_verdict(store: &(dyn Store + 'static)) {
    write(store, |txn| {
        for one in [drawn(1, 8), drawn(2, 8), drawn(3, 9)] {
            txn.put_drawn(&one)?;
        }
        txn.note_sight(VerdictId(id(2)), UserId(id(7)), Timestamp(5))?;
        txn.note_sight(VerdictId(id(2)), UserId(id(7)), Timestamp(6))
    });
    let open = |by: u128, limit: u32| {
        let found = read(store, move |snapshot| snapshot.open_draws(None, UserId(id(by)), limit));
        found.iter().map(|drawn| drawn.verdict_id.0.as_u128()).collect::<Vec<_>>()
    };
    assert_eq!((open(7, 9), open(8, 9), open(9, 9), open(9, 1)), (vec![1, 3], vec![3], vec![1, 2], vec![1]));
    let count = |by: u128, most: u32| read(store, move |snapshot| snapshot.open_draw_count(None, UserId(id(by)), most));
    assert_eq!((count(7, 9), count(8, 9), count(9, 9), count(9, 1)), (2, 1, 2, 1));
    let waits = |by: u128| {
        [1, 2, 3, 4].map(|number| {
            let photo = PhotoId(id(100 + number));
            read(store, move |snapshot| snapshot.waits_for_look(photo, UserId(id(by))))
        })
    };
    assert_eq!(waits(7), [true, false, true, false], "neither one whose verdict they saw, nor one that was not drawn");
    assert_eq!((waits(8), waits(9)), ([false, false, true, false], [true, true, false, false]), "nor their own");
    let seen = read(store, |snapshot| {
        let (two, seven) = (VerdictId(id(2)), UserId(id(7)));
        Ok((snapshot.has_seen(two, seven)?, snapshot.has_seen(two, UserId(id(9)))?))
    });
    assert_eq!(seen, (true, false));
    let elsewhere = read(store, |snapshot| snapshot.open_draws(Some("nowhere"), UserId(id(7)), 9));
    assert_eq!(elsewhere, []);
    assert_eq!(read(store, |snapshot| snapshot.open_draw_count(Some("nowhere"), UserId(id(7)), 9)), 0);
}

fn a_draw_that_nobody_looked_at_ends_and_one_with_a_look_stays(store: &(dyn Store + 'static)) {
    let looked = Drawn { second: Some(look(9)), ..drawn(1, 8) };
    write(store, {
        let looked = looked.clone();
        move |txn| {
            txn.put_drawn(&drawn(1, 8))?;
            txn.put_drawn(&looked)?;
            txn.put_drawn(&drawn(2, 8))?;
            txn.end_draws(looked.photo_id)?;
            txn.end_draws(drawn(2, 8).photo_id)
        }
    });
    let found = read(store, |snapshot| {
        Ok((snapshot.drawn(VerdictId(id(1)))?, snapshot.drawn(VerdictId(id(2)))?, snapshot.looked_at(None, 9)?))
    });
    assert_eq!(found, (Some(looked.clone()), None, vec![looked]));
    let left = read(store, |snapshot| {
        let nobody = UserId(id(5));
        Ok((snapshot.waits_for_look(PhotoId(id(101)), nobody)?, snapshot.open_draw_count(None, nobody, 9)?))
    });
    assert_eq!(left, (false, 0), "what was looked at waits no more");
}

fn a_draw_is_counted_in_the_region_of_its_photo_alone(store: &(dyn Store + 'static)) {
    let there = Territory { region_code: "there".into(), ..territory(2, "外") };
    let photo_in = |number: u128, territory: u128| Photo {
        territory_id: TerritoryId(id(territory)),
        ..photo(100 + number, 1, PhotoStatus::Received)
    };
    let rows = [photo_in(1, 1), photo_in(2, 2), photo_in(3, 1)];
    write(store, move |txn| {
        txn.put_row(&territory(1, "江城").into())?;
        txn.put_row(&there.into())?;
        rows.into_iter().try_for_each(|photo| txn.put_row(&photo.into()).map(drop))?;
        [drawn(1, 8), drawn(2, 8), drawn(3, 8)].iter().try_for_each(|drawn| txn.put_drawn(drawn))
    });
    for (region, wanted) in [(None, vec![1, 2, 3]), (Some("jiangcheng"), vec![1, 3]), (Some("there"), vec![2])] {
        let (open, count, waiting) = read(store, move |snapshot| {
            let reader = UserId(id(7));
            let count = snapshot.open_draw_count(region, reader, 9)?;
            Ok((snapshot.open_draws(region, reader, 9)?, count, snapshot.waiting_count(region)?))
        });
        let open: Vec<u128> = open.iter().map(|drawn| drawn.verdict_id.0.as_u128()).collect();
        assert_eq!((count, waiting as usize, open), (wanted.len(), wanted.len(), wanted), "{region:?}");
    }
}
