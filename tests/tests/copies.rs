//! Copied phones that sign in before they send, and people whose data is parked on a copied phone: real phone cores, real
//! HTTP, real files.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use anyhow::ensure;
use storewalk_domain::{
    order::Order,
    sync::{Row, Table},
};
use storewalk_tests::{
    field::{DayClock, Handset, House, copy_folder, load_world},
    world,
};

async fn house(dir: &Path) -> anyhow::Result<(Arc<DayClock>, House)> {
    let clock = Arc::new(DayClock::at("2025-03-14T08:00"));
    let server = House::start(&dir.join("data"), &clock).await?;
    load_world(&server.state).await?;
    Ok((clock, server))
}

/// The phone in a folder, copied while its app is paused, as a backup program does.
fn copied(first: &Handset, to: &Path, url: &str, clock: &Arc<DayClock>) -> anyhow::Result<Handset> {
    first.phone.pause();
    copy_folder(&first.folder, to)?;
    first.phone.resume()?;
    Handset::open(first.login, to.to_owned(), url, clock)
}

fn is_asked_for_the_password(handset: &Handset) -> anyhow::Result<bool> {
    Ok(handset.phone.session()?.is_none_or(|session| session.needs_sign_in.is_some()))
}

#[tokio::test]
async fn two_copies_that_both_sign_in_before_sending_do_not_throw_each_other_out() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let (clock, server) = house(dir.path()).await?;
    let first = Handset::new("jiangbei", dir.path().join("first"), &server.url, &clock).await?;
    let (shared, _) = first.order()?;
    let second = copied(&first, &dir.path().join("second"), &server.url, &clock)?;
    first.sign_in().await?;
    second.sign_in().await?;
    let number = |handset: &Handset| anyhow::Ok(handset.phone.session()?.expect("signed in").device_number);
    let (of_first, of_second) = (number(&first)?, number(&second)?);
    assert_ne!(of_first, of_second, "the copy has an identity of its own");
    let (mine, _) = first.order()?;
    let (yours, _) = second.order()?;
    for _ in 0..2 {
        first.sync().await?;
        second.sync().await?;
        ensure!(!is_asked_for_the_password(&first)? && !is_asked_for_the_password(&second)?);
    }
    // Each signs in again, in the other order: they stay who they are.
    second.sign_in().await?;
    first.sign_in().await?;
    second.sync().await?;
    first.sync().await?;
    assert_eq!((number(&first)?, number(&second)?), (of_first, of_second));
    let orders = server.rows(Table::Orders).await?.into_iter().filter_map(|row| match row {
        Row::Order(Order { id, .. }) => Some(id),
        _ => None,
    });
    let found: Vec<_> = orders.collect();
    assert_eq!(found.len(), 3, "what both had is there once");
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([shared, mine, yours]));
    for handset in [&first, &second] {
        assert_eq!(handset.phone.status()?.unsent_commands, 0);
    }
    server.stop().await
}

#[tokio::test]
async fn orders_that_copies_took_before_they_parted_all_stand_and_say_that_their_number_is_there_twice()
-> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let (clock, server) = house(dir.path()).await?;
    let first = Handset::new("jiangbei", dir.path().join("first"), &server.url, &clock).await?;
    let second = copied(&first, &dir.path().join("second"), &server.url, &clock)?;
    // The number is on the dealer's paper by now, on both papers.
    let (mine, number) = first.order()?;
    let (yours, same) = second.order()?;
    assert_eq!(number, same, "both give the numbers of one phone");
    assert_ne!(mine, yours);
    for handset in [&first, &second] {
        handset.sign_in().await?;
        handset.sync().await?;
    }
    first.sync().await?;
    for (handset, is_first) in [(&first, true), (&second, false)] {
        for (id, is_twice) in [(mine, false), (yours, true)] {
            let order = handset.phone.orders().view(id)?;
            assert_eq!(order.number, number, "the paper stays true");
            let said = order.number_problem.map(|problem| problem.code);
            assert_eq!(said.as_deref(), is_twice.then_some("order_number_twice"));
        }
        // From here on nobody gives the other's numbers.
        let (_, next) = handset.order()?;
        assert_eq!(next.split('-').next() == number.split('-').next(), is_first, "{next} after {number}");
    }
    server.stop().await
}

#[tokio::test]
async fn who_is_parked_on_a_copied_phone_finds_everything_whichever_phone_it_is() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let (clock, server) = house(dir.path()).await?;
    let mut first = Handset::new("liwen", dir.path().join("first"), &server.url, &clock).await?;
    first.raise(world::outlet("S0101"), "李雯的第一件")?;
    // Wang Qiang takes the phone; her unsent work is parked under her own key.
    first.login = "wangqiang";
    first.sign_in().await?;
    first.sync().await?;
    first.raise(world::outlet("S0107"), "王强的第一件")?;
    let mut second = copied(&first, &dir.path().join("second"), &server.url, &clock)?;
    // Both phones are told apart with him on them: one has another device id from here on, and so another key for him.
    for handset in [&mut first, &mut second] {
        handset.sign_in().await?;
        handset.raise(world::outlet("S0107"), "王强的第二件")?;
        handset.sync().await?;
    }
    let device = |handset: &Handset| anyhow::Ok(handset.phone.session()?.expect("signed in").device_id);
    assert_ne!(device(&first)?, device(&second)?);
    // She returns on both, one after the other; he leaves unsent work behind each time.
    for handset in [&mut second, &mut first] {
        handset.raise(world::outlet("S0107"), "王强的第三件")?;
        handset.login = "liwen";
        handset.sign_in().await?;
        assert_eq!(handset.phone.status()?.unsent_commands, 1, "her work of before the copy");
    }
    // The one that was thrown out by the other's sign-in is asked for the password once more, and no more.
    for handset in [&second, &first] {
        if handset.phone.sync().await.is_err() {
            assert!(is_asked_for_the_password(handset)?);
            handset.sign_in().await?;
        }
    }
    for handset in [&second, &first] {
        handset.sync().await?;
        assert_eq!(handset.phone.status()?.unsent_commands, 0);
    }
    assert_ne!(device(&first)?, device(&second)?);
    // He returns on both: what was parked under the copy's new identity opens, too.
    for handset in [&mut first, &mut second] {
        handset.login = "wangqiang";
        handset.sign_in().await?;
        assert_eq!(handset.phone.status()?.unsent_commands, 1, "his work of this phone");
        handset.sync().await?;
    }
    let count = |rows: &[Row], note: &str| rows.iter().filter(|row| format!("{row:?}").contains(note)).count();
    let tasks = server.rows(Table::Tasks).await?;
    let told = ["李雯的第一件", "王强的第一件", "王强的第二件", "王强的第三件"].map(|note| count(&tasks, note));
    assert_eq!(
        told,
        [1, 1, 2, 2],
        "what was recorded before the copy once, what each phone recorded after it once each"
    );
    server.stop().await
}
