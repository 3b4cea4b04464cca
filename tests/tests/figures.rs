//! Every figure is taken once with every test run, as small as it gets: what it measures is not looked at, only that it
//! still measures. The figures themselves: `cargo xtask figures`, `cargo xtask load`.

use std::process::Command;

use rstest::rstest;

#[rstest]
#[case::start(env!("CARGO_BIN_EXE_figures"), "start")]
#[case::cold(env!("CARGO_BIN_EXE_figures"), "cold --rows 1500")]
#[case::opening(env!("CARGO_BIN_EXE_figures"), "opening --rows 1500")]
#[case::noop(env!("CARGO_BIN_EXE_figures"), "noop --territories 2")]
#[case::reads(env!("CARGO_BIN_EXE_figures"), "reads --rows 500")]
#[case::heal(env!("CARGO_BIN_EXE_figures"), "heal --rows 4000")]
#[case::push(env!("CARGO_BIN_EXE_load"), "push --commands 40 --runs 1")]
#[case::throughput(env!("CARGO_BIN_EXE_load"), "throughput --batch 5 --pushing-ms 50 --crowd 20")]
#[case::photos(env!("CARGO_BIN_EXE_load"), "photos --photos 4 --rounds 1")]
#[case::herd(env!("CARGO_BIN_EXE_load"), "herd --phones 3 --rows 60")]
fn a_figure_can_be_taken(#[case] program: &str, #[case] arguments: &str) {
    assert!(said(program, arguments).lines().count() > 0, "{arguments} told nothing");
}

#[test]
fn hundreds_of_phones_push_into_one_bucket_and_every_command_is_there_once() {
    // The figure counts the server's rows itself and fails when one is missing or there twice.
    let told = said(env!("CARGO_BIN_EXE_load"), "throughput --batch 5 --pushing-ms 1 --crowd 300");
    assert!(told.contains("into one territory, 300 phones"), "{told}");
}

fn said(program: &str, arguments: &str) -> String {
    let output = Command::new(program).args(arguments.split(' ')).output().expect("the program starts");
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments}: {said}{complained}");
    said.into_owned()
}
