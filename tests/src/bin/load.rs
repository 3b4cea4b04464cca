//! `cargo xtask load push|throughput|herd`: what the sync engine does in a second, beside plain SQLite.

use clap::{Parser, Subcommand};
use storewalk_tests::figures::{herd, push, served, throughput};

/// Measures one figure of the sync guide.
#[derive(Parser, Debug)]
struct Options {
    #[command(subcommand)]
    figure: Figure,
}

#[derive(Subcommand, Debug)]
enum Figure {
    /// M5: a thousand offline commands.
    Push,
    /// M8: commands per second.
    Throughput,
    /// M7: a thousand phones at once.
    Herd {
        /// How many phones.
        #[arg(long, default_value_t = 1_000)]
        phones: u32,
        /// Rows of each.
        #[arg(long, default_value_t = 10_000)]
        rows: u32,
    },
}

fn main() -> anyhow::Result<()> {
    if served::if_asked()? {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match Options::parse().figure {
            Figure::Push => push::measure().await,
            Figure::Throughput => throughput::measure().await,
            Figure::Herd { phones, rows } => herd::measure(phones, rows).await,
        }
    })
}
