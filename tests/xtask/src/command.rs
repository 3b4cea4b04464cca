//! The names of the commands, as they are typed.

use clap::{Parser, Subcommand};

/// Every action on this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", about = "Every action on this repository, under one name each")]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// One action each.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Runs everything that tests Storewalk and sets up what it needs.
    Test {
        /// Only these lanes, such as `lint` or `demo`; all of them unless named.
        lanes: Vec<String>,
    },
    /// The same with nothing skippable, as on a build machine.
    Ci,
    /// Formats the source.
    Fmt,
    /// Checks format and lints.
    Lint,
    /// Builds the reference pages and refuses warnings.
    Doc,
    /// Checks what may depend on what, file lengths, the top level and the documents.
    Rules,
    /// Builds what ships and prints how large it is, stripped, and what each part of the phone library takes.
    Size {
        /// How the phone library is built: by default as it ships; `figures` takes a fraction of the time and comes out
        /// larger.
        #[arg(long, default_value = "phone")]
        profile: String,
        /// Only the phone library.
        #[arg(long)]
        phone_only: bool,
    },
    /// Measures the phone core beside plain SQLite, built for release; `figures cold --rows 10000` one figure alone.
    Figures {
        /// What follows goes to the benchmark.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Measures what a call into the phone core and a call back cost in other languages, beside the same calls in Rust.
    Overhead,
    /// Checks core and facade as the compiler sees them for Android and iOS, without an NDK and without a Mac.
    Mobile,
    /// Places a wholesaler's real order lines through phone cores and compares the totals.
    Replay {
        /// What follows goes to the replay.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Plays a server and several phones in bad weather, seed by seed; `simulate --seed 42` plays one again.
    Simulate {
        /// What follows goes to the simulator.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Kills real server and phone processes on a hostile line; `torture --kills 1000 --seed 7 --minutes 20`.
    Torture {
        /// What follows goes to the torture.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Plants faults in a copy of the last commit and sees whether the simulator and the torture object to each.
    Plants {
        /// Only these faults of `tests/plants`; all of them unless named.
        names: Vec<String>,
    },
    /// Measures what the sync engine does in a second, built like a release: `load push`, `load throughput`, `load herd`.
    Load {
        /// What follows names the figure.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Writes the bindings for Kotlin, Swift and Python and the list of exports; `--check` only compares.
    Bindings {
        /// Change nothing; fail when anything kept in the repository is not what would be written.
        #[arg(long)]
        check: bool,
    },
    /// Makes the Python wheel in `.cache/python/wheels`, with the library as phones have it.
    Wheel,
    /// Plays the field day; `demo --exit` ends by itself.
    Demo {
        /// What follows goes to the demo.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
}

/// Whether this runs on a build machine, where nothing may be left out.
pub(crate) fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| matches!(value.as_str(), "true" | "1"))
}
