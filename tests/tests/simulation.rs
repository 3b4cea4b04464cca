//! The simulator over a few fresh seeds and over every seed that once showed a fault. More of it: `cargo run --release
//! -p storewalk-tests --bin simulate -- --seeds 1000`.

use storewalk_tests::simulation::{Simulator, kept_seeds};

/// Short runs: these are built without optimisation.
const STEPS: u64 = 50;

fn play(seeds: impl IntoIterator<Item = (u64, u64)>) {
    let simulator = Simulator::new().expect("the machine has room for a simulated server");
    for (seed, steps) in seeds {
        let outcome = simulator.play(seed, steps).expect("the machine holds out");
        assert!(
            outcome.failures.is_empty(),
            "seed {seed} over {steps} steps:\n  {}\nagain: cargo run --release -p storewalk-tests --bin simulate -- \
             --seed {seed} --steps {steps}",
            outcome.failures.join("\n  ")
        );
    }
}

#[test]
fn in_any_weather_every_command_ends_once_and_every_phone_shows_what_the_server_has() {
    play((1..=6).map(|seed| (seed, STEPS)));
}

#[test]
fn no_fault_that_was_found_comes_back() {
    let kept = kept_seeds().expect("the seeds can be read");
    play(kept.into_iter().map(|kept| (kept.seed, kept.steps)));
}

#[test]
fn two_runs_of_a_seed_do_the_same() {
    let simulator = Simulator::new().expect("the machine has room for a simulated server");
    for seed in 1..=3 {
        let [one, two] = [1, 2].map(|_| simulator.play(seed, STEPS).expect("the machine holds out").hash);
        assert_eq!(one, two, "seed {seed}");
    }
}
