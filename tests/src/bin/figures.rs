//! `cargo xtask figures`: what the phone core costs, each figure beside the least that SQLite itself would cost.
//!
//! Without a name all figures are measured. Everything runs in this process over a real loopback socket, phone, server
//! and floor in turn; the ratios are what travels between machines.

use clap::{Parser, Subcommand};
use storewalk_tests::figures::{cold, heal, noop, reads, start};

#[derive(Parser)]
#[command(name = "figures", about = "Measures the phone core beside plain SQLite")]
struct Args {
    #[command(subcommand)]
    figure: Option<Figure>,
}

#[derive(Subcommand)]
enum Figure {
    /// Opens the core with 200 outlets and reads today's plan.
    Start,
    /// Brings rows to a new phone (M1, M2, M3).
    Cold {
        /// How many rows.
        #[arg(long, default_value_t = 100_000)]
        rows: usize,
    },
    /// Syncs without news (M4).
    Noop,
    /// Reads a screen's rows while 100,000 others are being written (M6).
    Reads,
    /// Finds and mends one damaged row in 100,000 (M11).
    Heal,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Args::parse().figure {
        Some(Figure::Start) => start::measure().await,
        Some(Figure::Cold { rows }) => cold::measure(rows).await,
        Some(Figure::Noop) => noop::measure().await,
        Some(Figure::Reads) => reads::measure().await,
        Some(Figure::Heal) => heal::measure().await,
        None => {
            start::measure().await?;
            cold::measure(100_000).await?;
            cold::measure(10_000).await?;
            noop::measure().await?;
            reads::measure().await?;
            heal::measure().await
        }
    }
}
