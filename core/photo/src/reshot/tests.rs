//! Computed photos of screens, and everything that is none.

use std::ops::ControlFlow;

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::*;
use crate::{Settings, Watch, examine, testing};

/// How a screen is photographed.
#[derive(Clone, Copy)]
struct Shot {
    /// Samples of the camera for each pixel of the screen.
    period: f64,
    /// Degrees.
    turned: f64,
    /// Standard deviation of the lens's blur, in samples.
    blur: f32,
    /// Of the camera's file.
    quality: u8,
}

/// What is told of a screen that is photographed.
fn found(shot: Shot, size: (u32, u32)) -> Option<Grid> {
    told_of(&screen(shot, size), shot.quality)
}

/// What is told of a picture, as a camera's file.
fn told_of(picture: &image::RgbImage, quality: u8) -> Option<Grid> {
    let (width, height) = picture.dimensions();
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    let side = |length: u32| u16::try_from(length).expect("a side");
    encoder.encode(picture.as_raw(), side(width), side(height), ColorType::Rgb).expect("a JPEG");
    let mut go_on = |_| ControlFlow::Continue(());
    examine(&file, &Settings::default(), &mut Watch::new(&mut go_on)).expect("a photo").grid
}

fn shelf() -> image::RgbImage {
    image::load_from_memory(&testing::shelf_photo(3)).expect("a picture").into_rgb8()
}

/// A screen of red, green and blue stripes with black between them that shows a shelf, as a camera takes it.
fn screen(shot: Shot, (width, height): (u32, u32)) -> image::RgbImage {
    let (shown, mut state) = (shelf(), 7_u32);
    let (sine, cosine) = shot.turned.to_radians().sin_cos();
    let taken = image::RgbImage::from_fn(width, height, |x, y| {
        let mut sums = [0.0_f64; 3];
        for sub in 0..9 {
            let (x, y) = (f64::from(x) + f64::from(sub % 3) / 3.0, f64::from(y) + f64::from(sub / 3) / 3.0);
            // A screen is never quite parallel to the camera.
            let period = shot.period * (1.0 + 0.01 * x / f64::from(width));
            let (u, v) = ((x * cosine + y * sine) / period + 500.0, (y * cosine - x * sine) / period + 500.0);
            let pixel = |place: f64| u32::try_from(whole_of(place / 4.0)).expect("small") % 348;
            let stripe = whole_of(u.fract() * 3.0).min(2);
            let is_lit = (u.fract() * 3.0).fract() > 0.12 && v.fract() > 0.1;
            if is_lit {
                sums[stripe] += f64::from(shown.get_pixel(pixel(u), pixel(v)).0[stripe]) / 9.0;
            }
        }
        image::Rgb(sums.map(|sum| crate::num::level(coarse((sum * 3.2).min(255.0)))))
    });
    let mut taken = blurred(&taken, shot.blur);
    for level in taken.iter_mut() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = i16::from(state.to_be_bytes()[0] % 13) - 6;
        *level = (i16::from(*level) + noise).clamp(0, 255).to_le_bytes()[0];
    }
    taken
}

/// A lens's blur: five samples in each direction, weighed as a bell is.
fn blurred(picture: &image::RgbImage, sigma: f32) -> image::RgbImage {
    let weigh = |step: i64| (-0.5 * (real32_of(step) / sigma.max(0.1)).powi(2)).exp();
    let sum: f32 = (-2..=2).map(weigh).sum();
    let pass = |picture: &image::RgbImage, (dx, dy): (i64, i64)| {
        let (width, height) = picture.dimensions();
        image::RgbImage::from_fn(width, height, |x, y| {
            let mut sums = [0.0_f32; 3];
            for step in -2..=2 {
                let at = |place: u32, by: i64, length: u32| {
                    u32::try_from((i64::from(place) + by * step).clamp(0, i64::from(length) - 1)).expect("within")
                };
                let levels = picture.get_pixel(at(x, dx, width), at(y, dy, height)).0;
                sums.iter_mut().zip(levels).for_each(|(sum, level)| *sum += f32::from(level) * weigh(step));
            }
            image::Rgb(sums.map(|level| crate::num::level(level / sum)))
        })
    };
    if sigma > 0.0 { pass(&pass(picture, (1, 0)), (0, 1)) } else { picture.clone() }
}

fn real32_of(step: i64) -> f32 {
    real32(i32::try_from(step).expect("small"))
}

fn whole_of(number: f64) -> usize {
    crate::num::whole(number.floor())
}

/// Of the screens that a camera resolves (a pixel on 2.3 to 6 samples), how many are told, by the lens's blur. One that is
/// held askew shows all its pixels; a straight one may show an overtone instead.
#[test]
fn most_screens_whose_pixels_the_camera_resolves_are_told() {
    for (blur, least) in [(0.3, 10), (0.5, 10), (0.7, 10)] {
        let mut told = Vec::new();
        for (number, period) in [2.3, 2.7, 3.1, 3.7, 4.5, 6.0].into_iter().enumerate() {
            for turned in [0.7, 11.0] {
                let size = if number % 2 == 0 { (1_200, 900) } else { (900, 1_200) };
                let grid = found(Shot { period, turned, blur, quality: 90 }, size);
                told.extend(grid.map(|grid| (period, turned, grid.period, grid.other_period, grid.levels, grid.share)));
            }
        }
        assert!(told.len() >= least, "blur {blur}: {told:?}");
        let is_right = |told: &(f64, f64, f32, f32, f32, f32)| (coarse(told.0) / told.2 - 1.0).abs() < 0.05;
        assert!(told.iter().filter(|told| told.1 > 1.0).all(is_right), "blur {blur}: {told:?}");
    }
}

#[test]
fn a_grid_that_is_lost_when_the_photo_is_made_smaller_is_found_in_the_tiles_that_are_not() {
    let shot = Shot { period: 2.7, turned: 3.0, blur: 0.4, quality: 92 };
    let grid = found(shot, (3_400, 1_000)).expect("told");
    assert!((grid.period - 2.7).abs() < 0.15, "{grid:?}");
}

/// The level of a place in a picture.
type Pattern = Box<dyn FnMut(f64, f64) -> f64>;

/// What a shop has of even patterns, and cameras of noise.
#[test]
fn panels_with_holes_lines_and_noise_are_no_screens() {
    let wave = |place: f64, period: f64| (std::f64::consts::TAU * place / period).cos();
    let hole = |x: f64, y: f64, period: f64| {
        let from_centre = |place: f64| (place / period).fract() - 0.5;
        if from_centre(x).hypot(from_centre(y)) < 0.22 { 40.0 } else { 190.0 }
    };
    let mut state = 3_u32;
    let mut noise = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state.to_be_bytes()[0])
    };
    let mut patterns: Vec<(&str, Pattern)> = vec![
        ("a panel with holes", Box::new(move |x, y| hole(x, y, 19.3))),
        ("a panel with small holes", Box::new(move |x, y| hole(x + 0.1 * y, y - 0.1 * x, 11.7))),
        ("fine lines", Box::new(move |x, y| 128.0 + 60.0 * wave(y + 0.03 * x, 4.3))),
        ("a row of packs", Box::new(move |x, _| 128.0 + 60.0 * wave(x, 61.0) + 30.0 * wave(x, 7.6))),
        ("noise", Box::new(move |_, _| noise())),
    ];
    for (name, level) in &mut patterns {
        let mut picture = image::RgbImage::new(1_200, 900);
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            *pixel = image::Rgb([crate::num::level(coarse(level(f64::from(x), f64::from(y)))); 3]);
        }
        assert_eq!(told_of(&picture, 90), None, "{name}");
    }
}

#[test]
fn no_real_photo_has_a_grid() {
    let mut go_on = |_| ControlFlow::Continue(());
    let mut photos = testing::real_jpegs();
    photos.extend(testing::real_folder("photos/shelf"));
    for (name, bytes) in photos {
        let Ok(examined) = examine(&bytes, &Settings::default(), &mut Watch::new(&mut go_on)) else { continue };
        assert_eq!(examined.grid, None, "{name}");
    }
}
