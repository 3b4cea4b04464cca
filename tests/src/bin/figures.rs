//! `cargo xtask figures`: what the phone core costs, each figure beside the least that SQLite itself would cost.
//!
//! Without a name all figures are measured. Everything runs in this process over a real loopback socket, phone, server
//! and floor in turn; the ratios are what travels between machines.

use clap::{Parser, Subcommand};
use storewalk_tests::figures::{cold, encryption, heal, noop, opening, reads, start, wall};

/// Rows where a figure speaks of many.
const ROWS: usize = 100_000;

/// Photos on the wall.
const WALL: usize = 10_000;

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
    /// Opens the core with many rows, plain and, in a build with the feature `encryption`, under a key.
    Opening {
        /// How many rows.
        #[arg(long, default_value_t = ROWS)]
        rows: usize,
    },
    /// Brings rows to a new phone (M1, M2, M3).
    Cold {
        /// How many rows.
        #[arg(long, default_value_t = ROWS)]
        rows: usize,
    },
    /// Syncs without news (M4).
    Noop {
        /// The scope of the second phone, in territories.
        #[arg(long, default_value_t = 200)]
        territories: usize,
    },
    /// Reads a screen's rows while others are being written (M6).
    Reads {
        /// How many others.
        #[arg(long, default_value_t = ROWS)]
        rows: usize,
    },
    /// Plays one phone's first sync; `cold` starts it.
    #[command(hide = true)]
    AsPhone {
        /// The server.
        url: String,
        /// Its folder.
        dir: std::path::PathBuf,
    },
    /// Writes and reads a plain and an encrypted database; needs the feature `encryption`.
    Encryption {
        /// How many rows.
        #[arg(long, default_value_t = ROWS)]
        rows: usize,
    },
    /// Makes the console's photo pages.
    Wall {
        /// How many photos there are.
        #[arg(long, default_value_t = WALL)]
        photos: usize,
    },
    /// Finds and mends one damaged row (M11).
    Heal {
        /// Among how many.
        #[arg(long, default_value_t = ROWS)]
        rows: usize,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Args::parse().figure {
        Some(Figure::Start) => start::measure().await,
        Some(Figure::Opening { rows }) => opening::measure(rows).await,
        Some(Figure::Cold { rows }) => cold::measure(rows).await,
        Some(Figure::Noop { territories }) => noop::measure(territories).await,
        Some(Figure::Reads { rows }) => reads::measure(rows).await,
        Some(Figure::AsPhone { url, dir }) => cold::play_phone(&url, &dir).await,
        Some(Figure::Encryption { rows }) => encryption::measure(rows),
        Some(Figure::Heal { rows }) => heal::measure(rows).await,
        Some(Figure::Wall { photos }) => wall::measure(photos).await,
        None => {
            start::measure().await?;
            cold::measure(ROWS).await?;
            cold::measure(10_000).await?;
            noop::measure(200).await?;
            reads::measure(ROWS).await?;
            heal::measure(ROWS).await?;
            wall::measure(WALL).await
        }
    }
}
