//! Planes to another size, and upright. Turning comes last: a small picture is turned in a tenth of the time.

use crate::{
    exif::Orientation,
    plane::{Picture, Plane},
};

mod columns;

use columns::lowered;

/// How a plane is filtered when it becomes smaller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Filter {
    /// Sharp: for what people look at.
    Sharp,
    /// Soft and quick: for colours, and for what is only measured.
    Soft,
}

/// The measures that fit a longer side, keeping the shape; a picture that is smaller stays as it is.
pub(crate) fn fitted(width: usize, height: usize, long_edge: usize) -> (usize, usize) {
    let longest = width.max(height).max(1);
    if longest <= long_edge {
        return (width, height);
    }
    let scaled = |length: usize| ((length * long_edge + longest / 2) / longest).max(1);
    (scaled(width), scaled(height))
}

/// The plane in other measures.
///
/// Both directions are filtered down the columns, with the plane turned over its diagonal in between: along a row, eight
/// neighbours have to be added up for each sample, down the columns many samples are made at once.
pub(crate) fn resized(plane: &Plane, width: usize, height: usize, filter: Filter) -> Plane {
    if plane.width == width {
        return lowered(plane, height, filter, false);
    }
    put_upright(plane, (width, height), filter, Orientation::default())
}

/// The plane in other measures, given as it is stored, and upright.
///
/// Turning costs nothing here: it is one turn over the diagonal less. Nor does flipping: rows are written from the other
/// end.
fn put_upright(plane: &Plane, (width, height): (usize, usize), filter: Filter, orientation: Orientation) -> Plane {
    let (from_right, from_below) = orientation.flips();
    let lower = transposed(&lowered(plane, height, filter, from_below));
    let turned = lowered(&lower, width, filter, from_right);
    if orientation.is_turned() { turned } else { transposed(&turned) }
}

/// The plane turned over its diagonal: rows become columns.
fn transposed(plane: &Plane) -> Plane {
    let (width, height) = (plane.height, plane.width);
    let mut out = Plane::filled(width, height, 0);
    let (whole_across, whole_down) = (plane.width / 8 * 8, plane.height / 8 * 8);
    for top in (0..whole_down).step_by(8) {
        for left in (0..whole_across).step_by(8) {
            let mut block = [0; 8];
            for (row, eight) in block.iter_mut().enumerate() {
                let samples = plane.samples.get((top + row) * plane.stride + left..).unwrap_or_default();
                *eight = samples.first_chunk().map_or(0, |samples| u64::from_le_bytes(*samples));
            }
            for (row, eight) in turned_block(block).into_iter().enumerate() {
                let at = (left + row) * width + top;
                if let Some(target) = out.samples.get_mut(at..at + 8) {
                    target.copy_from_slice(&eight.to_le_bytes());
                }
            }
        }
    }
    // What is left at the right and below, sample by sample.
    for y in 0..plane.height {
        let from = if y < whole_down { whole_across } else { 0 };
        for (x, sample) in plane.row(y).iter().enumerate().skip(from) {
            out.samples[x * width + y] = *sample;
        }
    }
    out
}

/// Eight rows of eight samples turned over their diagonal, by swapping ever larger halves.
#[inline]
fn turned_block(mut rows: [u64; 8]) -> [u64; 8] {
    const STEPS: [(usize, u32, u64); 3] =
        [(1, 8, 0x00FF_00FF_00FF_00FF), (2, 16, 0x0000_FFFF_0000_FFFF), (4, 32, 0x0000_0000_FFFF_FFFF)];
    for (apart, shift, mask) in STEPS {
        for first in (0..8).filter(|row| row & apart == 0) {
            let swapped = (rows[first] >> shift ^ rows[first + apart]) & mask;
            rows[first] ^= swapped << shift;
            rows[first + apart] ^= swapped;
        }
    }
    rows
}

/// A picture fitted to measures, its colours at half of them.
pub(crate) fn resized_picture(picture: &Picture, (width, height): (usize, usize)) -> Picture {
    let luma = resized(&picture.luma, width, height, Filter::Sharp);
    let half = |plane: &Plane| resized(plane, width.div_ceil(2), height.div_ceil(2), Filter::Soft);
    Picture { luma, chroma: picture.chroma.as_ref().map(|[blue, red]| [half(blue), half(red)]) }
}

/// A picture fitted to measures, given as it is stored, and upright.
///
/// Each plane goes as soon as it is fitted, and the colours come first: where they are as large as the brightness, most is
/// held while there are all three, and less is needed to fit a colour.
pub(crate) fn upright_picture(picture: Picture, (width, height): (usize, usize), orientation: Orientation) -> Picture {
    let fit = |plane: Plane, (width, height), filter| {
        if orientation == Orientation::default() {
            return resized(&plane, width, height, filter);
        }
        put_upright(&plane, (width, height), filter, orientation)
    };
    let half = (width.div_ceil(2), height.div_ceil(2));
    let chroma = picture.chroma.map(|[blue, red]| {
        let blue = fit(blue, half, Filter::Soft);
        [blue, fit(red, half, Filter::Soft)]
    });
    Picture { luma: fit(picture.luma, (width, height), Filter::Sharp), chroma }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_orientation_puts_the_first_sample_where_exif_says() {
        // Where the stored first row and first column are in the upright picture (EXIF 2.3, 4.6.4).
        let stored = Plane { width: 3, height: 2, stride: 3, samples: vec![1, 2, 3, 4, 5, 6] };
        let upright: [(u8, &[&[u8]]); 8] = [
            (1, &[&[1, 2, 3], &[4, 5, 6]]),
            (2, &[&[3, 2, 1], &[6, 5, 4]]),
            (3, &[&[6, 5, 4], &[3, 2, 1]]),
            (4, &[&[4, 5, 6], &[1, 2, 3]]),
            (5, &[&[1, 4], &[2, 5], &[3, 6]]),
            (6, &[&[4, 1], &[5, 2], &[6, 3]]),
            (7, &[&[6, 3], &[5, 2], &[4, 1]]),
            (8, &[&[3, 6], &[2, 5], &[1, 4]]),
        ];
        for (number, rows) in upright {
            let orientation = Orientation::new(number).expect("an orientation");
            let picture = Picture { luma: stored.clone(), chroma: None };
            let made = upright_picture(picture, (3, 2), orientation).luma;
            assert_eq!(made.rows().collect::<Vec<_>>(), rows, "{number}");
        }
    }

    #[test]
    fn rows_become_columns_whatever_the_measures() {
        for (width, height, stride) in [(1, 1, 1), (8, 8, 8), (17, 9, 20), (7, 30, 7), (64, 40, 70)] {
            let samples: Vec<u8> =
                (0..stride * height).map(|place| u8::try_from(place * 37 % 251).expect("small")).collect();
            let plane = Plane { width, height, stride, samples };
            let turned = transposed(&plane);
            assert_eq!((turned.width, turned.height), (height, width));
            for y in 0..height {
                for x in 0..width {
                    assert_eq!(turned.row(x)[y], plane.row(y)[x], "{width}×{height} at {x}, {y}");
                }
            }
        }
    }

    #[test]
    fn a_shape_is_kept_and_a_small_picture_stays_small() {
        assert_eq!(fitted(4_032, 3_024, 1_600), (1_600, 1_200));
        assert_eq!(fitted(3_024, 4_032, 1_600), (1_200, 1_600));
        assert_eq!(fitted(800, 600, 1_600), (800, 600));
        assert_eq!(fitted(12_000, 1, 1_600), (1_600, 1));
    }

    #[test]
    fn what_lies_beyond_a_row_is_no_part_of_the_picture() {
        let mut plane = Plane { width: 100, height: 80, stride: 104, samples: vec![90; 104 * 88] };
        for row in plane.samples.chunks_exact_mut(104) {
            row[100..].fill(255);
        }
        let small = resized(&plane, 50, 40, Filter::Soft);
        let off = small.samples.iter().filter(|level| level.abs_diff(90) > 40).count();
        assert!(off == 0, "{off}");
    }
}
