//! `cargo xtask load push|throughput|herd|photos`: what the sync engine does in a second, beside plain SQLite.

use std::time::Duration;

use clap::{Parser, Subcommand};
use storewalk_tests::figures::{herd, photos, push, served, throughput};

/// Measures one figure of the sync guide.
#[derive(Parser, Debug)]
struct Options {
    #[command(subcommand)]
    figure: Figure,
}

#[derive(Subcommand, Debug)]
enum Figure {
    /// M5: a thousand offline commands.
    Push {
        /// How many commands.
        #[arg(long, default_value_t = 1_000)]
        commands: usize,
        /// How often; the figures are medians.
        #[arg(long, default_value_t = 5)]
        runs: u64,
    },
    /// M8: commands per second.
    Throughput {
        /// How long the phones push in each case, in milliseconds.
        #[arg(long, default_value_t = 3_000)]
        pushing_ms: u64,
        /// Commands to a request: only these batch sizes.
        #[arg(long, default_values_t = [1, 10, 100, 500])]
        batch: Vec<usize>,
        /// How many phones push into one territory in the last case.
        #[arg(long, default_value_t = 300)]
        crowd: u32,
    },
    /// M7: a thousand phones at once.
    Herd {
        /// How many phones.
        #[arg(long, default_value_t = 1_000)]
        phones: u32,
        /// Rows of each.
        #[arg(long, default_value_t = 10_000)]
        rows: u32,
    },
    /// D6, M12: photo bytes.
    Photos {
        /// How many photos of 300 kB go through the line that dies.
        #[arg(long, default_value_t = 20)]
        photos: usize,
        /// How many originals of some megabytes each of the other two figures sends.
        #[arg(long, default_value_t = 12)]
        rounds: usize,
    },
}

fn main() -> anyhow::Result<()> {
    if served::if_asked()? {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match Options::parse().figure {
            Figure::Push { commands, runs } => push::measure(commands, runs).await,
            Figure::Throughput { pushing_ms, batch, crowd } => {
                throughput::measure(&batch, crowd, Duration::from_millis(pushing_ms)).await
            }
            Figure::Herd { phones, rows } => herd::measure(phones, rows).await,
            Figure::Photos { photos, rounds } => photos::measure(photos, rounds).await,
        }
    })
}
