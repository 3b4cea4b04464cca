//! Planes to another size, and upright. Turning comes last: a small picture is turned in a tenth of the time.

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};

use crate::{
    PhotoFault,
    exif::Orientation,
    num::{narrow, real},
    plane::{Picture, Plane},
};

/// How a plane is filtered when it becomes smaller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Filter {
    /// Sharp: for what people look at.
    Sharp,
    /// Soft and quick: for colours, and for what is only measured.
    Soft,
}

/// Rows and columns that are turned together, so that both sides stay in the processor's cache.
const TILE: usize = 16;

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
pub(crate) fn resized(plane: &Plane, width: usize, height: usize, filter: Filter) -> Result<Plane, PhotoFault> {
    if (plane.width, plane.height) == (width, height) {
        return Ok(Plane { width, height, stride: width, samples: plane.rows().flatten().copied().collect() });
    }
    let fault = || PhotoFault::Damaged { at: 0, what: "a picture that cannot be scaled" };
    let rows = plane.samples.len() / plane.stride.max(1);
    let source =
        ImageRef::new(narrow(plane.stride), narrow(rows), &plane.samples, PixelType::U8).map_err(|_| fault())?;
    let mut target = Image::new(narrow(width), narrow(height), PixelType::U8);
    let filter = match filter {
        Filter::Sharp => FilterType::Lanczos3,
        Filter::Soft => FilterType::Bilinear,
    };
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter)).crop(
        0.0,
        0.0,
        real(plane.width),
        real(plane.height),
    );
    Resizer::new().resize(&source, &mut target, &options).map_err(|_| fault())?;
    Ok(Plane { width, height, stride: width, samples: target.into_vec() })
}

/// A picture fitted to a longer side, its colours at half of it.
pub(crate) fn resized_picture(picture: &Picture, size: (usize, usize)) -> Result<Picture, PhotoFault> {
    let (width, height) = size;
    let luma = resized(&picture.luma, width, height, Filter::Sharp)?;
    let Some([blue, red]) = &picture.chroma else { return Ok(Picture { luma, chroma: None }) };
    let half = |plane: &Plane| resized(plane, width.div_ceil(2), height.div_ceil(2), Filter::Soft);
    Ok(Picture { luma, chroma: Some([half(blue)?, half(red)?]) })
}

/// A picture put upright.
pub(crate) fn upright(picture: Picture, orientation: Orientation) -> Picture {
    if orientation == Orientation::default() {
        return picture;
    }
    let turn = |plane: &Plane| turned(plane, orientation);
    Picture { luma: turn(&picture.luma), chroma: picture.chroma.as_ref().map(|[blue, red]| [turn(blue), turn(red)]) }
}

fn turned(plane: &Plane, orientation: Orientation) -> Plane {
    let (from_right, from_below) = orientation.flips();
    if !orientation.is_turned() {
        let mut out = Plane::filled(plane.width, plane.height, 0);
        for y in 0..plane.height {
            let source = plane.row(if from_below { plane.height - 1 - y } else { y });
            let target = out.row_mut(y);
            target.copy_from_slice(source);
            if from_right {
                target.reverse();
            }
        }
        return out;
    }
    let (width, height) = (plane.height, plane.width);
    let mut out = Plane::filled(width, height, 0);
    for top in (0..height).step_by(TILE) {
        for left in (0..width).step_by(TILE) {
            for y in top..(top + TILE).min(height) {
                let column = if from_right { plane.width - 1 - y } else { y };
                let until = (left + TILE).min(width);
                let target = &mut out.row_mut(y)[left..until];
                for (sample, x) in target.iter_mut().zip(left..until) {
                    let row = if from_below { plane.height - 1 - x } else { x };
                    *sample = plane.samples[row * plane.stride + column];
                }
            }
        }
    }
    out
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
            let made = super::upright(picture, orientation).luma;
            assert_eq!(made.rows().collect::<Vec<_>>(), rows, "{number}");
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
        let small = resized(&plane, 50, 40, Filter::Soft).expect("scaled");
        let off = small.samples.iter().filter(|level| level.abs_diff(90) > 40).count();
        assert!(off == 0, "{off}");
    }
}
