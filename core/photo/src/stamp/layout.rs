//! Where the stamp's lines stand, and how large.

use super::font::Letters;
use crate::num::{coarse, real, whole};

/// Letters become no smaller than this, in pixels.
const SMALLEST: f32 = 12.0;

/// Share of the shorter side that a letter has at first.
const SHARE: f64 = 1.0 / 38.0;

/// From one baseline to the next, in sizes of a letter.
const LINE: f32 = 1.35;

/// Lines as they are drawn.
pub(super) struct Layout {
    /// Side of a letter's square in pixels.
    pub(super) size: f32,
    /// Room around the text in pixels.
    pub(super) margin: usize,
    /// The lines, wrapped.
    pub(super) lines: Vec<String>,
    /// Of all of it, in pixels.
    pub(super) height: usize,
}

impl Layout {
    /// The largest letters with which the lines fit a quarter of the picture, or else the smallest there are.
    pub(super) fn fitting(letters: &Letters, lines: &[String], width: usize, height: usize) -> Self {
        let mut size = coarse(real(width.min(height.max(width * 3 / 4))) * SHARE).max(SMALLEST);
        loop {
            let layout = Self::of(letters, lines, width, size);
            if layout.height <= height / 4 || size <= SMALLEST {
                return layout;
            }
            size = (size * 0.9).max(SMALLEST);
        }
    }

    fn of(letters: &Letters, lines: &[String], width: usize, size: f32) -> Self {
        let margin = whole(f64::from(size) * 0.6).max(4);
        let room = coarse(real(width.saturating_sub(2 * margin)));
        let lines: Vec<String> = lines.iter().flat_map(|line| wrapped(letters, line, size, room)).collect();
        let text = coarse(real(lines.len())) * size * LINE;
        Self { size, margin, height: whole(f64::from(text)) + margin, lines }
    }

    /// The baselines from the top of the band on.
    pub(super) fn baselines(&self, top: usize) -> impl Iterator<Item = usize> {
        let first = top + self.margin / 2;
        let step = f64::from(self.size * LINE);
        let size = f64::from(self.size);
        (0..self.lines.len()).map(move |line| first + whole(real(line) * step + size))
    }
}

/// Whether a line may break before this character without a space: letters that are squares stand for themselves.
fn is_square(character: char) -> bool {
    matches!(character, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..)
}

/// The line in pieces that fit; a word longer than a line is cut.
fn wrapped(letters: &Letters, line: &str, size: f32, room: f32) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let (mut used, mut last_break) = (0.0, 0);
    for character in line.chars() {
        let advance = letters.advance(character, size);
        if character == ' ' || is_square(character) {
            last_break = piece.len();
        }
        if used + advance > room && !piece.is_empty() && character != ' ' {
            let rest = piece.split_off(if last_break > 0 { last_break } else { piece.len() });
            pieces.push(piece.trim_end().to_owned());
            rest.trim_start().clone_into(&mut piece);
            used = piece.chars().map(|kept| letters.advance(kept, size)).sum();
            last_break = 0;
        }
        used += advance;
        piece.push(character);
    }
    pieces.push(piece.trim_end().to_owned());
    pieces.retain(|piece| !piece.is_empty());
    pieces
}
