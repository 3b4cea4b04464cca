//! The letters: Noto Sans CJK SC, cut down to the characters of GBK and Western Latin (`font/README.md`).

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};

/// The shipped letters.
pub(super) struct Letters {
    font: FontRef<'static>,
}

impl Letters {
    pub(super) fn shipped() -> Option<Self> {
        FontRef::try_from_slice(include_bytes!("../../font/stamp.otf")).ok().map(|font| Self { font })
    }

    /// The scale at which a letter's square has a side of so many pixels.
    fn scale(&self, size: f32) -> PxScale {
        let units = self.font.units_per_em().unwrap_or(1_000.0);
        PxScale::from(size * self.font.height_unscaled() / units)
    }

    /// How far the pen goes for a character, in pixels.
    pub(super) fn advance(&self, character: char, size: f32) -> f32 {
        self.font.as_scaled(self.scale(size)).h_advance(self.font.glyph_id(character))
    }

    /// How many characters have no glyph.
    pub(super) fn missing(&self, lines: &[String]) -> usize {
        lines.iter().flat_map(|line| line.chars()).filter(|character| self.font.glyph_id(*character).0 == 0).count()
    }

    /// Draws a line from a column on a baseline: for each pixel the share that is covered, 0 to 1.
    pub(super) fn draw(
        &self,
        line: &str,
        size: f32,
        left: usize,
        baseline: usize,
        mut dot: impl FnMut(usize, usize, f32),
    ) {
        let scale = self.scale(size);
        let real = |length: usize| u16::try_from(length).map_or(f32::from(u16::MAX), f32::from);
        let mut pen = real(left);
        for character in line.chars() {
            let glyph = self.font.glyph_id(character).with_scale_and_position(scale, point(pen, real(baseline)));
            pen += self.advance(character, size);
            let Some(outline) = self.font.outline_glyph(glyph) else { continue };
            let bounds = outline.px_bounds();
            let place = |from: f32, step: u32| crate::num::whole(f64::from(from) + f64::from(step));
            outline.draw(|x, y, share| dot(place(bounds.min.x, x), place(bounds.min.y, y), share.clamp(0.0, 1.0)));
        }
    }
}
