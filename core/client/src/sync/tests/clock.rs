//! D10: a phone whose clock is 26 hours fast, and what is left of the true time after a reboot without network.

use storewalk_domain::{
    time::{CaptureTime, Clock, HOUR_MS, Timestamp},
    trusted::TrustedSpan,
};

use crate::sync::testing::Bench;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(&format!("2025-03-{text}+08:00")).expect("a time")
}

/// How the last command was captured, as it will travel.
fn captured(bench: &Bench) -> CaptureTime {
    let read = bench.phone.read(|connection| {
        let text: String =
            connection.query_row("SELECT captured FROM outbox ORDER BY seq DESC LIMIT 1", [], |row| row.get(0))?;
        Ok(serde_json::from_str(&text)?)
    });
    read.expect("read")
}

/// A phone 26 hours fast that met the server a moment ago; then the true time goes on to 09:02 of the 15th.
async fn fast_phone() -> Bench {
    let bench = Bench::signed_in().await;
    bench.clock.set_wall(at("16T02:30:00").0);
    bench.phone.sync().await.expect("in step");
    let met = bench.phone.now().trusted();
    bench.clock.pass_ms(at("15T09:02:00").since_ms(met));
    bench.clock.set_wall(at("16T11:02:00").0);
    bench
}

#[tokio::test]
async fn it_is_0902_give_or_take_seconds_although_the_phone_shows_1102_of_the_next_day() {
    let bench = fast_phone().await;
    bench.raise(1);
    let seen = captured(&bench);
    assert_eq!((seen.device_at, seen.trusted()), (at("16T11:02:00"), at("15T09:02:00")));
    assert_eq!(seen.not_before, None, "the meeting of this boot says more");
    let warning = bench.phone.status().expect("status").clock.expect("far off");
    assert_eq!((warning.skew_ms, warning.sentence.en.as_str()), (26 * HOUR_MS, "This phone's clock is 26 h fast"));
}

#[tokio::test]
async fn after_a_reboot_offline_it_is_somewhere_between_0902_and_the_sync() {
    let mut bench = fast_phone().await;
    bench.raise(1);
    bench.clock.reboot();
    bench.restart();
    bench.raise(2);
    let seen = captured(&bench);
    assert_eq!(seen.not_before, Some(at("15T09:02:00")));
    let sync = at("15T18:00:00");
    let between = TrustedSpan { earliest: Some(at("15T09:02:00")), latest: Some(sync) };
    assert_eq!((seen.span_on_arrival(sync), seen.trusted_on_arrival(sync)), (between, sync));
    // Set right, the clock is the best estimate inside the span; set before it, the span's beginning is.
    bench.clock.set_wall(at("15T11:00:00").0);
    bench.raise(3);
    assert_eq!(captured(&bench).trusted_on_arrival(sync), at("15T11:00:00"));
    bench.clock.set_wall(at("01T11:00:00").0);
    bench.raise(4);
    assert_eq!(captured(&bench).trusted_on_arrival(sync), at("15T09:02:00"));
    let warning = bench.phone.status().expect("status").clock.expect("certainly behind");
    assert!(warning.skew_ms < -13 * 24 * HOUR_MS);
}

#[tokio::test]
async fn what_the_phone_was_sure_of_only_rises_and_never_by_the_wall_clock() {
    let mut bench = fast_phone().await;
    bench.raise(1);
    for wall in ["01T00:00:00", "31T23:00:00"] {
        bench.clock.reboot();
        bench.restart();
        bench.clock.set_wall(at(wall).0);
        bench.raise(u128::try_from(bench.clock.now().0).expect("positive"));
        assert_eq!(captured(&bench).not_before, Some(at("15T09:02:00")));
    }
}
