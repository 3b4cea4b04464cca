//! The stamp on the copy that people look at: which outlet, which part of it, who, when by trusted time, and where.
//!
//! It stands on a darkened band at the lower edge, white on dark, so that it reads on a bright shelf as on a dim one.
//! **Invariants.** Nothing of it is ever clipped: a line that is too long is wrapped, then the letters become smaller, and
//! a picture too small for its stamp gets room below. A character without a glyph shows as a box. The original is never
//! touched.

mod font;
mod layout;
mod said;

use std::sync::LazyLock;

use crate::{
    num::{level, real32},
    plane::{Picture, Plane},
};

use font::Letters;
use layout::Layout;

/// What the stamp says. Texts are shown as given; empty ones are left out.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stamp {
    /// The outlet's name.
    pub outlet: String,
    /// Which part of the outlet, in words.
    pub zone: String,
    /// Who took the photo.
    pub rep: String,
    /// When, by trusted time, as people there read it.
    pub taken_at: String,
    /// Where, in words or figures.
    pub place: String,
}

/// Longest text of a part, in characters; what is longer ends with a sign that it does.
const MOST_CHARS: usize = 120;

/// Narrowest picture that is stamped without getting room at its side, in pixels.
const NARROWEST: usize = 320;

/// Levels of what is made: the band keeps this share of the picture, the room beside it is dark, letters are bright.
const KEPT: f32 = 0.30;
const ROOM: u8 = 24;
const BRIGHT: f32 = 240.0;

static LETTERS: LazyLock<Option<Letters>> = LazyLock::new(Letters::shipped);

impl Stamp {
    /// The lines, before they are wrapped.
    fn lines(&self) -> Vec<String> {
        let joined = |parts: &[&String]| {
            let parts: Vec<String> = parts.iter().map(|text| shown(text)).filter(|text| !text.is_empty()).collect();
            parts.join("  ·  ")
        };
        let lines = [joined(&[&self.outlet, &self.zone]), joined(&[&self.taken_at, &self.rep]), joined(&[&self.place])];
        lines.into_iter().filter(|line| !line.is_empty()).collect()
    }
}

/// A text without line breaks and other controls, and of bounded length.
fn shown(text: &str) -> String {
    let mut chars = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut shown: String = chars.by_ref().take(MOST_CHARS).collect();
    if chars.next().is_some() {
        shown.push('…');
    }
    shown
}

/// Draws the stamp on a picture; answers how many of its characters have no glyph.
pub(crate) fn draw(picture: &mut Picture, stamp: &Stamp) -> usize {
    let lines = stamp.lines();
    let Some(letters) = LETTERS.as_ref().filter(|_| !lines.is_empty()) else { return 0 };
    let (width, height) = (picture.luma.width, picture.luma.height);
    let layout = Layout::fitting(letters, &lines, width.max(NARROWEST), height);
    let band_top = if width < NARROWEST || layout.height > height * 2 / 5 {
        give_room(picture, width.max(NARROWEST), height + layout.height);
        height
    } else {
        height - layout.height
    };
    darken(picture, band_top);
    for (line, baseline) in layout.lines.iter().zip(layout.baselines(band_top)) {
        letters.draw(line, layout.size, layout.margin, baseline, |x, y, share| {
            if let Some(sample) = picture.luma.row_mut(y).get_mut(x) {
                let under = real32(i32::from(*sample));
                *sample = level(under + (BRIGHT - under) * share);
            }
        });
    }
    letters.missing(&lines)
}

/// Puts the picture on a larger dark ground, at its upper left.
fn give_room(picture: &mut Picture, width: usize, height: usize) {
    let grown = |plane: &Plane, width: usize, height: usize, ground: u8| {
        let mut out = Plane::filled(width, height, ground);
        for (y, row) in plane.rows().enumerate() {
            out.row_mut(y)[..row.len()].copy_from_slice(row);
        }
        out
    };
    picture.luma = grown(&picture.luma, width, height, ROOM);
    if let Some(chroma) = &mut picture.chroma {
        for plane in chroma {
            *plane = grown(plane, width.div_ceil(2), height.div_ceil(2), 128);
        }
    }
}

/// Darkens all below a row and takes most of the colour out of it, or vivid packs would shine through the letters.
fn darken(picture: &mut Picture, top: usize) {
    // What becomes of each level is worked out once.
    let becoming = |ground: f32| -> [u8; 256] {
        let mut levels = [0; 256];
        for (before, after) in (0..).zip(&mut levels) {
            *after = level(ground + (real32(before) - ground) * KEPT);
        }
        levels
    };
    let (darker, paler) = (becoming(0.0), becoming(128.0));
    let put = |plane: &mut Plane, top: usize, levels: &[u8; 256]| {
        for y in top..plane.height {
            plane.row_mut(y).iter_mut().for_each(|sample| *sample = levels[usize::from(*sample)]);
        }
    };
    put(&mut picture.luma, top, &darker);
    for plane in picture.chroma.iter_mut().flatten() {
        put(plane, top.div_ceil(2), &paler);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(width: usize, height: usize, ground: u8) -> Picture {
        Picture { luma: Plane::filled(width, height, ground), chroma: None }
    }

    fn stamp() -> Stamp {
        Stamp {
            outlet: "鑫源便利店（南京路）".into(),
            zone: "货架".into(),
            rep: "李雯".into(),
            taken_at: "2025-03-15 09:02:11 +08:00".into(),
            place: "31.23041, 121.47370 ±8 m".into(),
        }
    }

    /// Rows and columns in which something bright stands on the dark band.
    fn bright(picture: &Picture) -> (Vec<usize>, Vec<usize>) {
        let is_bright = |level: &u8| *level > 160;
        let rows = (0..picture.luma.height).filter(|y| picture.luma.row(*y).iter().any(is_bright)).collect();
        let columns = (0..picture.luma.width).filter(|x| picture.luma.rows().any(|row| is_bright(&row[*x]))).collect();
        (rows, columns)
    }

    #[test]
    fn the_stamp_stands_bright_on_dark_whatever_is_below_it() {
        for ground in [0, 90, 255] {
            let mut picture = grey(1_600, 1_200, ground);
            assert_eq!(draw(&mut picture, &stamp()), 0);
            let bottom = picture.luma.row(1_199);
            assert!(bottom.iter().all(|level| *level <= 80), "{ground}");
            assert!(picture.luma.rows().skip(900).flatten().filter(|level| **level > 200).count() > 4_000, "{ground}");
            assert!(picture.luma.rows().take(900).flatten().all(|level| *level == ground), "{ground}");
        }
    }

    #[test]
    fn nothing_is_clipped_in_a_picture_of_any_size() {
        let mut long = stamp();
        long.outlet = "上海市黄浦区南京东路步行街老字号副食品综合超级市场".repeat(3);
        long.place = "W".repeat(115);
        for stamp in [stamp(), long] {
            for (width, height) in [(1_600, 1_200), (900, 1_600), (348, 348), (34, 42), (1, 1), (1_600, 3)] {
                let mut picture = grey(width, height, 0);
                draw(&mut picture, &stamp);
                let (rows, columns) = bright(&picture);
                let (last_row, last_column) = (picture.luma.height - 1, picture.luma.width - 1);
                assert!(rows.len() > 10 && !rows.contains(&last_row) && !rows.contains(&0), "{width}×{height}");
                assert!(!columns.contains(&0) && !columns.contains(&last_column), "{width}×{height}");
            }
        }
    }

    #[test]
    fn a_character_without_a_glyph_is_a_box_and_is_counted() {
        let mut with = grey(1_600, 1_200, 0);
        let missing = Stamp { outlet: "\u{13000}".into(), ..Stamp::default() };
        assert_eq!(draw(&mut with, &missing), 1);
        assert!(bright(&with).0.len() > 5);
        // Characters of names that the smaller national set lacks.
        let names = Stamp { rep: "喆堃镕翀昇犇骉祎赟".into(), ..Stamp::default() };
        assert_eq!(draw(&mut with, &names), 0);
    }

    #[test]
    fn an_empty_stamp_leaves_the_picture_alone_and_controls_do_not_break_lines() {
        let mut picture = grey(400, 300, 77);
        draw(&mut picture, &Stamp::default());
        assert_eq!(picture, grey(400, 300, 77));
        assert_eq!(shown(" a\nb\u{7}c "), "a b c");
        assert_eq!(shown(&"店".repeat(121)).chars().count(), 121);
    }
}
