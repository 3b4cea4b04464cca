//! A short torture with every test run. More of it: `cargo xtask torture --kills 1000`.

use std::time::Duration;

use storewalk_tests::{
    figures::served::AS_SERVER,
    torture::{Options, Programs, run},
};

#[test]
fn whoever_is_killed_and_whatever_the_line_does_every_command_ends_once_and_every_phone_shows_what_the_server_has() {
    let programs = Programs {
        server: env!("CARGO_BIN_EXE_torture").into(),
        server_arguments: vec![AS_SERVER.to_owned()],
        phone: env!("CARGO_BIN_EXE_phone_process").into(),
    };
    let options = Options { programs, kills: 40, seed: 20_250_314, limit: Duration::from_secs(40), phones: 3 };
    let summary = run(&options).expect("the machine holds out");
    assert!(summary.objections.is_empty(), "{summary}\n{}\n{:?}", summary.objections.join("\n"), summary.folder);
    assert!(summary.commands > 0 && summary.phones_killed > 0 && summary.servers_killed > 0, "{summary}");
}
