//! Every decoder on thousands of inputs that are nearly right: no panic, exact refusals, bounded memory, and a bystander
//! who notices nothing. Coverage-guided runs of the same functions: `tests/fuzz/README.md`.

use std::panic::catch_unwind;

use storewalk_tests::fuzz::{TARGETS, corpus, is_still_served, mutated, sealed_parcel};

/// Most memory of this process at any time: a claim of a gigabyte must not be believed.
const MOST_KIB: u64 = 400 * 1024;

#[test]
fn no_decoder_panics_or_believes_a_length_and_a_bystander_is_still_served() {
    for target in TARGETS {
        let mut seeds = corpus(target.name).expect("a corpus");
        if target.name == "parcel" {
            seeds.push(sealed_parcel());
        }
        assert!(!seeds.is_empty(), "{} has a corpus", target.name);
        for seed in &seeds {
            (target.read)(seed);
        }
        for number in 0..target.rounds {
            let input = mutated(&seeds, number);
            let read = catch_unwind(|| (target.read)(&input));
            assert!(read.is_ok(), "{} number {number}: {:?}", target.name, String::from_utf8_lossy(&input));
        }
    }
    assert!(is_still_served().expect("the server is open"), "a bystander is served as before");
    let most = peak_kib();
    assert!(most < MOST_KIB, "{most} KiB at most");
}

/// The most memory this process ever held; 0 where the system does not say.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
}
