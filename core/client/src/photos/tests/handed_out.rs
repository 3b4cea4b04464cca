//! Photo files in the hands of the platform: which file it is given, for how long, and what a kill or a change of mind
//! leaves of it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use storewalk_wire::Variant;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

use super::{sealed::sealed_in_the_shop, take};
use crate::{HostKey, Transfer, photos::testing::shelf_photo, plan::testing::Hand, vault::set_unreadable_aside};

/// A server that takes so many uploads at their first byte, says when it is asked for one more, and never answers that.
async fn server(takes: usize) -> (String, Arc<Notify>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let full = Arc::new(Notify::new());
    let tells = Arc::clone(&full);
    tokio::spawn(async move {
        let mut open = Vec::new();
        for number in 0.. {
            let (mut phone, _) = listener.accept().await.expect("a caller");
            read_head(&mut phone).await;
            if number < takes {
                let answer = "HTTP/1.1 201 Created\r\nconnection: close\r\ncontent-length: 0\r\n\
                              storewalk-protocol: 1\r\nupload-offset: 0\r\n\r\n";
                phone.write_all(answer.as_bytes()).await.expect("written");
            } else {
                open.push(phone);
                tells.notify_one();
            }
        }
    });
    (url, full)
}

async fn read_head(phone: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(phone.read_u8().await.expect("a head"));
    }
}

/// A phone under a key with one photo whose two files are due, and a server that takes so many.
async fn with_a_photo(takes: usize) -> (Hand, Arc<Notify>) {
    let (url, full) = server(takes).await;
    let (mut hand, visit, _) = sealed_in_the_shop();
    take(&hand, visit, "storefront", 0);
    hand.acknowledge_all();
    hand.phone.shutdown();
    hand.kill_and_call(&url);
    (hand, full)
}

fn original(transfers: &[Transfer]) -> &Transfer {
    transfers.iter().find(|transfer| transfer.id.ends_with(Variant::Original.as_str())).expect("handed out")
}

/// What lies in the folder of copies for the platform.
fn outgoing(hand: &Hand) -> Vec<PathBuf> {
    let entries = fs::read_dir(hand.phone.dir().join("outgoing")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// The phone's clock, not the machine's, tells how old a file is.
fn made_minutes_ago(hand: &Hand, path: &Path, minutes: u64) {
    let now = u64::try_from(hand.phone.now().device_at.0).expect("after 1970");
    let made = UNIX_EPOCH + Duration::from_millis(now - minutes * 60_000);
    fs::File::options().write(true).open(path).and_then(|file| file.set_modified(made)).expect("dated");
}

#[tokio::test]
async fn what_is_handed_out_of_sealed_data_is_the_photo_as_it_was_taken_until_its_transfer_has_ended() {
    let (hand, _) = with_a_photo(2).await;
    let transfers = hand.phone.hand_out_transfers(9).await.expect("handed out");
    assert_eq!(transfers.len(), 2);
    let given = original(&transfers);
    assert_eq!(fs::read(&given.path).expect("the platform can read it"), shelf_photo(0));
    assert_eq!((given.offset, given.length), (0, shelf_photo(0).len() as u64));
    assert!(hand.phone.hand_out_transfers(9).await.expect("nothing is due").is_empty());
    for transfer in &transfers {
        made_minutes_ago(&hand, &transfer.path, 1);
    }
    hand.phone.pause();
    hand.phone.resume().expect("resumed");
    assert!(given.path.exists(), "suspended is what it is sent in");
    hand.phone.transfer_ended(&given.id).expect("noted");
    hand.phone.transfer_ended(&given.id).expect("said twice");
    assert!(!given.path.exists());
    assert_eq!(outgoing(&hand).len(), 1, "the thumbnail is still on its way");
}

#[tokio::test]
async fn a_copy_outlives_a_kill_for_an_hour_and_what_was_half_made_does_not() {
    let (mut hand, _) = with_a_photo(2).await;
    let transfers = hand.phone.hand_out_transfers(9).await.expect("handed out");
    let given = original(&transfers).path.clone();
    let half = given.with_file_name(".part-x-original.jpg");
    fs::write(&half, b"\xFF\xD8 half").expect("written");
    for path in [&given, &half] {
        made_minutes_ago(&hand, path, 59);
    }
    hand.kill();
    assert_eq!((given.exists(), half.exists()), (true, false));
    made_minutes_ago(&hand, &given, 60);
    hand.kill();
    assert!(!given.exists(), "no platform keeps a file for longer");
    hand.phone.transfer_ended(&original(&transfers).id).expect("the file is due again all the same");
    assert!(hand.phone.next_upload().expect("read").is_some());
}

#[tokio::test]
async fn a_handing_out_that_is_given_up_hands_out_nothing() {
    let (hand, full) = with_a_photo(1).await;
    tokio::select! {
        _ = hand.phone.hand_out_transfers(9) => panic!("the second file is never answered"),
        () = full.notified() => {}
    }
    assert_eq!(outgoing(&hand), Vec::<PathBuf>::new());
    let due = hand.phone.next_upload().expect("read").expect("the first is due again, at once");
    assert_eq!(due.request.variant, Variant::Thumbnail);
}

#[tokio::test]
async fn a_plain_copy_is_not_kept_with_what_a_lost_key_sealed() {
    let (hand, _) = with_a_photo(2).await;
    let transfers = hand.phone.hand_out_transfers(9).await.expect("handed out");
    let given = original(&transfers).path.clone();
    made_minutes_ago(&hand, &given, 1);
    hand.phone.shutdown();
    let dir = hand.phone.dir();
    let other = HostKey::from_bytes(&[8; 32]);
    let aside = set_unreadable_aside(dir, other.as_ref(), hand.phone.now().device_at).expect("set aside");
    assert!(given.exists(), "it may still be on its way to the server");
    assert!(aside.folder.join("photos").is_dir() && !aside.folder.join("outgoing").exists());
}
