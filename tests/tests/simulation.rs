//! The simulator over a few hundred fresh seeds, every family in turn, and over every seed that once showed a fault.
//! More of it: `cargo xtask simulate --seeds 10000`.

use std::sync::atomic::{AtomicUsize, Ordering};

use storewalk_tests::simulation::{Family, Simulator, kept_seeds};

/// Short runs: these are built without optimisation.
const STEPS: u64 = 40;

/// Fresh seeds with every run of the tests.
const SEEDS: u64 = 300;

/// Plays them on all cores; fails with every seed that fails.
fn play(seeds: &[(Family, u64, u64)]) {
    let simulator = Simulator::new().expect("the machine has room for a simulated server");
    let next = AtomicUsize::new(0);
    let jobs = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let failures: Vec<String> = std::thread::scope(|scope| {
        let players: Vec<_> = (0..jobs).map(|_| scope.spawn(|| play_on(&simulator, &next, seeds))).collect();
        players.into_iter().flat_map(|player| player.join().expect("no run panics")).collect()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn play_on(simulator: &Simulator, next: &AtomicUsize, seeds: &[(Family, u64, u64)]) -> Vec<String> {
    let mut failures = Vec::new();
    while let Some((family, seed, steps)) = seeds.get(next.fetch_add(1, Ordering::SeqCst)) {
        let outcome = simulator.play(*family, *seed, *steps).expect("the machine holds out");
        if !outcome.failures.is_empty() {
            let what = outcome.failures.join("\n  ");
            let again = format!("cargo xtask simulate --family {family} --seed {seed} --steps {steps}");
            failures.push(format!("seed {seed} of the family {family}:\n  {what}\nagain: {again}"));
        }
    }
    failures
}

#[test]
fn in_any_weather_every_command_ends_once_and_every_phone_shows_what_the_server_has() {
    let seeds: Vec<_> = (1..=SEEDS).map(|seed| (Family::of(seed), seed, STEPS)).collect();
    play(&seeds);
}

#[test]
fn no_fault_that_was_found_comes_back() {
    let kept = kept_seeds().expect("the seeds can be read");
    let seeds: Vec<_> = kept.into_iter().map(|kept| (kept.family, kept.seed, kept.steps)).collect();
    play(&seeds);
}

#[test]
fn two_runs_of_a_seed_do_the_same() {
    let simulator = Simulator::new().expect("the machine has room for a simulated server");
    for (seed, family) in (1..).zip(Family::ALL) {
        let [one, two] = [1, 2].map(|_| simulator.play(*family, seed, STEPS).expect("the machine holds out").hash);
        assert_eq!(one, two, "seed {seed} of the family {family}");
    }
}
