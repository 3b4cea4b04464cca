//! Replays real order lines.
