//! Filtering down the columns: a row is made of the rows around its place, each with its weight.
//!
//! Whole numbers of 16 bits do it, which every processor multiplies eight or more at a time: a level is raised by 7 bits, a
//! weight by 14, and of their product the upper half is kept, so that a sum counts in 32nds of a level.

use std::f64::consts::PI;

use super::Filter;
use crate::{
    num::{real, shifted, upper_half},
    plane::Plane,
};

/// Columns that are worked on side by side.
const SIDE_BY_SIDE: usize = 32;

/// So many rows at most become one by their weights: of more, each weight would be too small to be exact.
const MOST: usize = 4;

/// The sum of all weights of a row.
const ONE: i16 = 1 << 14;

impl Filter {
    /// How far it reaches to each side, in rows of the result.
    fn reach(self) -> f64 {
        match self {
            Self::Sharp => 3.0,
            Self::Soft => 1.0,
        }
    }

    /// Its weight at a distance: Lanczos with three lobes, or a triangle.
    fn weight(self, distance: f64) -> f64 {
        let distance = distance.abs();
        if distance >= self.reach() {
            return 0.0;
        }
        match self {
            Self::Soft => 1.0 - distance,
            Self::Sharp if distance < 1e-9 => 1.0,
            Self::Sharp => {
                let angle = PI * distance;
                3.0 * angle.sin() * (angle / 3.0).sin() / (angle * angle)
            }
        }
    }
}

/// The rows that one row is made of: the first, and the weights from there on.
fn weights(number: usize, from: usize, to: usize, filter: Filter) -> (usize, Vec<i16>) {
    let scale = real(from) / real(to.max(1));
    // Where more rows are made than there are, the filter keeps the width it has between them.
    let wide = scale.max(1.0);
    let centre = (real(number) + 0.5) * scale;
    let reach = filter.reach() * wide;
    let first = crate::num::whole((centre - reach).floor().max(0.0)).min(from.saturating_sub(1));
    let end = crate::num::whole((centre + reach).ceil()).clamp(first + 1, from.max(first + 1));
    let shares: Vec<f64> = (first..end).map(|row| filter.weight((real(row) + 0.5 - centre) / wide)).collect();
    let sum: f64 = shares.iter().sum();
    let mut weights: Vec<i16> = shares.iter().map(|share| crate::num::weight(share / sum * f64::from(ONE))).collect();
    // What rounding has left over goes to the largest, or an even ground would change its level.
    let left = ONE.wrapping_sub(weights.iter().fold(0, |sum: i16, weight| sum.wrapping_add(*weight)));
    if let Some(largest) = weights.iter_mut().max() {
        *largest = largest.wrapping_add(left);
    }
    (first, weights)
}

/// The plane with another height, tight; with `from_below` its last row comes first.
pub(super) fn lowered(plane: &Plane, height: usize, filter: Filter, from_below: bool) -> Plane {
    if plane.height > height * MOST {
        return lowered(&halved(plane), height, filter, from_below);
    }
    let width = plane.width;
    let mut out = Plane::filled(width, height, 0);
    let mut raised = Raised::new(plane, height, filter);
    for y in 0..height {
        let target = out.row_mut(if from_below { height - 1 - y } else { y });
        if plane.height == height {
            target.copy_from_slice(plane.row(y));
            continue;
        }
        let (first, weights) = weights(y, plane.height, height, filter);
        raised.up_to(first + weights.len());
        raised.blend(first, &weights, target);
    }
    out
}

/// The plane with half as many rows, each the mean of two.
fn halved(plane: &Plane) -> Plane {
    let mut out = Plane::filled(plane.width, plane.height.div_ceil(2), 0);
    for y in 0..out.height {
        let pair = plane.row(2 * y).iter().zip(plane.row((2 * y + 1).min(plane.height - 1)));
        for (target, (above, below)) in out.row_mut(y).iter_mut().zip(pair) {
            *target = above.midpoint(*below);
        }
    }
    out
}

/// The rows around a place, each level raised by 7 bits.
struct Raised<'p> {
    plane: &'p Plane,
    /// How many rows are kept.
    kept: usize,
    /// The next row of the plane.
    next: usize,
    levels: Vec<i16>,
}

impl<'p> Raised<'p> {
    fn new(plane: &'p Plane, height: usize, filter: Filter) -> Self {
        let scale = (real(plane.height) / real(height.max(1))).max(1.0);
        let kept = crate::num::whole(2.0 * (filter.reach() * scale).ceil()) + 2;
        Self { plane, kept, next: 0, levels: vec![0; kept * plane.width] }
    }

    /// Raises all rows before `end`; an earlier one gives its place.
    fn up_to(&mut self, end: usize) {
        while self.next < end {
            let at = self.next % self.kept * self.plane.width;
            let target = self.levels.get_mut(at..).unwrap_or_default();
            for (raised, level) in target.iter_mut().zip(self.plane.row(self.next)) {
                *raised = i16::from(*level) << 7;
            }
            self.next += 1;
        }
    }

    fn row(&self, row: usize) -> &[i16] {
        let at = row % self.kept * self.plane.width;
        self.levels.get(at..at + self.plane.width).unwrap_or_default()
    }

    /// Makes one row of several.
    fn blend(&self, first: usize, weights: &[i16], target: &mut [u8]) {
        // Half a step, and half of what is cut off of each product.
        let begin = weights.iter().fold(32_i16, |sum, _| sum.saturating_add(1)) / 2;
        let rows: Vec<(&[i16], i16)> =
            weights.iter().enumerate().map(|(row, weight)| (self.row(first + row), *weight)).collect();
        let mut chunks = target.chunks_exact_mut(SIDE_BY_SIDE);
        let mut left = 0;
        for chunk in &mut chunks {
            let mut sums = [begin; SIDE_BY_SIDE];
            for (row, weight) in &rows {
                let Some(levels) = row.get(left..).and_then(<[i16]>::first_chunk::<SIDE_BY_SIDE>) else { continue };
                for (sum, level) in sums.iter_mut().zip(levels) {
                    *sum = sum.wrapping_add(upper_half(i32::from(*level) * i32::from(*weight)));
                }
            }
            for (target, sum) in chunk.iter_mut().zip(sums) {
                *target = shifted(sum);
            }
            left += SIDE_BY_SIDE;
        }
        for (x, target) in chunks.into_remainder().iter_mut().enumerate() {
            let products = rows.iter().map(|(row, weight)| upper_half(i32::from(row[left + x]) * i32::from(*weight)));
            *target = shifted(products.fold(begin, i16::wrapping_add));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_one_together_and_an_even_ground_keeps_its_level() {
        for (from, to) in [(2_016, 1_600), (3_024, 1_600), (1_600, 320), (12_000, 1), (7, 20), (2, 1), (1, 9)] {
            for filter in [Filter::Sharp, Filter::Soft] {
                for number in [0, to / 2, to - 1] {
                    let (first, weights) = weights(number, from, to, filter);
                    assert_eq!(weights.iter().map(|weight| i32::from(*weight)).sum::<i32>(), i32::from(ONE));
                    assert!(first + weights.len() <= from, "{from} to {to}");
                }
                for level in [0, 1, 127, 254, 255] {
                    let made = lowered(&Plane::filled(37, from, level), to, filter, false);
                    assert!(made.samples.iter().all(|sample| sample.abs_diff(level) <= 1), "{from} to {to}: {level}");
                }
            }
        }
    }

    #[test]
    fn each_level_is_the_weighted_mean_to_one_level() {
        let (width, from, to) = (71_usize, 101, 43);
        let samples: Vec<u8> = (0..width * from).map(|place| (place * place % 251).to_le_bytes()[0]).collect();
        let plane = Plane { width, height: from, stride: width, samples };
        for filter in [Filter::Sharp, Filter::Soft] {
            let made = lowered(&plane, to, filter, false);
            let scale = real(from) / real(to);
            for y in 0..to {
                let centre = (real(y) + 0.5) * scale;
                for x in 0..width {
                    let shares = (0..from).map(|row| (row, filter.weight((real(row) + 0.5 - centre) / scale)));
                    let (sum, all) = shares.fold((0.0, 0.0), |(sum, all), (row, share)| {
                        (sum + share * f64::from(plane.row(row)[x]), all + share)
                    });
                    let right = (sum / all).clamp(0.0, 255.0);
                    assert!((f64::from(made.row(y)[x]) - right).abs() <= 0.75, "{x}, {y}: {right}");
                }
            }
        }
    }
}
