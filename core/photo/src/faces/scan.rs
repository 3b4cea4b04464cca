//! A window of every size at every place of a picture.
//!
//! The picture becomes smaller step by step and the window stays. Sums of all samples above and to the left of each place
//! give the sum of any field by four look-ups.

use super::{Cascade, Field};
use crate::{
    num,
    plane::Plane,
    redact::Area,
    scale::{Filter, resized},
};

/// From one size to the next.
const GROWTH: f64 = 1.15;

/// The smallest face that is looked for, as a part of the longer side: 32 pixels of 1,600. Below it nobody is recognised.
const SMALLEST: f64 = 1.0 / 50.0;

/// Pixels from one window to the next, in the picture as it was made smaller.
const STRIDE: usize = 2;

/// Windows that must agree. A face passes in many; one alone is chance. Three are usual where a wrong find is the worse one.
const AGREEING: usize = 2;

/// Share of two windows, of what both cover, from which on they show the same.
const SAME: f64 = 0.4;

/// A window shows a face from the brows to the chin. What is covered reaches so much further on each side, in percent.
const MARGIN: usize = 35;

/// Windows of one size that are weighed against each other at most; a cascade that passes more knows nothing about faces.
const MOST_WINDOWS: usize = 1_024;

/// The areas of a picture that pass.
pub(super) fn faces(cascade: &Cascade, picture: &Plane) -> Vec<Area> {
    let size = (picture.width, picture.height);
    let (across, down) = cascade.window;
    let longest = num::real(size.0.max(size.1));
    let mut factor = (longest * SMALLEST / num::real(across.min(down))).max(1.0);
    let mut passed = Vec::new();
    loop {
        let small = (num::whole(num::real(size.0) / factor), num::whole(num::real(size.1) / factor));
        if small.0 < across || small.1 < down {
            break;
        }
        let level = Level::of(cascade, &resized(picture, small.0, small.1, Filter::Soft));
        level.windows(cascade, |x, y| {
            let [x, y, width, height] = [x, y, across, down].map(|length| num::whole(num::real(length) * factor));
            passed.push(Area { x, y, width, height });
        });
        factor *= GROWTH;
    }
    agreed(&passed).into_iter().map(|face| face.enlarged(MARGIN, size)).collect()
}

/// A picture of one size, ready to be asked.
struct Level {
    /// One more than the picture's measures, in places.
    width: usize,
    height: usize,
    /// The sum of all samples above and to the left of a place.
    sums: Vec<u32>,
    /// Where the 16 corners of each field and its neighbours lie, from a window's first place.
    corners: Vec<[usize; 16]>,
}

impl Level {
    fn of(cascade: &Cascade, picture: &Plane) -> Self {
        let (width, height) = (picture.width + 1, picture.height + 1);
        let mut sums = vec![0_u32; width * height];
        for (y, row) in picture.rows().enumerate() {
            let (above, below) = sums.split_at_mut((y + 1) * width);
            let above = &above[y * width..];
            let mut sum = 0_u32;
            for (x, level) in row.iter().enumerate() {
                // Sums are only ever subtracted from each other: what they lose above 32 bits comes out right again.
                sum = sum.wrapping_add(u32::from(*level));
                below[x + 1] = above[x + 1].wrapping_add(sum);
            }
        }
        let corners = cascade.fields.iter().map(|field| corners(*field, width)).collect();
        Self { width, height, sums, corners }
    }

    /// Tells of each window that passes.
    fn windows(&self, cascade: &Cascade, mut tell: impl FnMut(usize, usize)) {
        let (across, down) = cascade.window;
        let mut told = 0;
        for y in (0..self.height - down).step_by(STRIDE) {
            for x in (0..self.width - across).step_by(STRIDE) {
                if self.passes(cascade, &self.sums[y * self.width + x..]) {
                    tell(x, y);
                    told += 1;
                    if told == MOST_WINDOWS {
                        return;
                    }
                }
            }
        }
    }

    /// Whether the window that begins with these sums passes every stage.
    fn passes(&self, cascade: &Cascade, sums: &[u32]) -> bool {
        cascade.stages.iter().all(|stage| {
            let questions = &cascade.questions[stage.questions.clone()];
            let votes = questions.iter().map(|question| question.vote(pattern(sums, &self.corners[question.field])));
            votes.sum::<f32>() >= stage.threshold
        })
    }
}

/// The corners of nine fields, row by row.
fn corners(field: Field, stride: usize) -> [usize; 16] {
    std::array::from_fn(|number| {
        let (column, row) = (number % 4, number / 4);
        (field.y + row * field.height) * stride + field.x + column * field.width
    })
}

/// Which of the eight fields around the middle one are at least as bright, clockwise from the upper left, the highest bit
/// first.
fn pattern(sums: &[u32], corners: &[usize; 16]) -> u8 {
    let sum = |upper_left: usize| {
        let at = |corner: usize| sums[corners[upper_left + corner]];
        at(5).wrapping_add(at(0)).wrapping_sub(at(1)).wrapping_sub(at(4))
    };
    let middle = sum(5);
    [0, 1, 2, 6, 10, 9, 8, 4].iter().fold(0, |bits, field| bits << 1 | u8::from(sum(*field) >= middle))
}

/// Windows that show the same as several others, each find once, as their mean.
fn agreed(passed: &[Area]) -> Vec<Area> {
    let mut finds: Vec<Find> = Vec::new();
    for window in passed {
        match finds.iter_mut().find(|find| overlap(find.mean(), *window) >= SAME) {
            Some(find) => find.add(*window),
            None => finds.push(Find { sums: [window.x, window.y, window.width, window.height], count: 1 }),
        }
    }
    finds.iter().filter(|find| find.count >= AGREEING).map(Find::mean).collect()
}

/// Windows that show the same.
struct Find {
    sums: [usize; 4],
    count: usize,
}

impl Find {
    fn add(&mut self, window: Area) {
        for (sum, part) in self.sums.iter_mut().zip([window.x, window.y, window.width, window.height]) {
            *sum += part;
        }
        self.count += 1;
    }

    fn mean(&self) -> Area {
        let [x, y, width, height] = self.sums.map(|sum| sum / self.count);
        Area { x, y, width, height }
    }
}

/// What two areas share, of what both cover, 0 to 1.
fn overlap(one: Area, other: Area) -> f64 {
    let shared = |from: [usize; 2], length: [usize; 2]| {
        let end = (from[0] + length[0]).min(from[1] + length[1]);
        num::real(end.saturating_sub(from[0].max(from[1])))
    };
    let common =
        shared([one.x, other.x], [one.width, other.width]) * shared([one.y, other.y], [one.height, other.height]);
    let size = |area: Area| num::real(area.width) * num::real(area.height);
    common / (size(one) + size(other) - common)
}
