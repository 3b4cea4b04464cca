//! Finding photos that look alike: how long it takes among ten million, and how often it is right.

use std::{
    fmt::{self, Display},
    io::Write,
};

use anyhow::Result;
use image::{Rgb, RgbImage, imageops::FilterType};
use storewalk_photo::{Hashes, Index, MOST_DISTANCE, PDQ_MATCH};

use crate::{
    measure::work,
    pictures::{Rng, jpeg},
    timed,
};

/// Photos in the index.
const PHOTOS: usize = 10_000_000;

/// Searches that are timed.
const SEARCHES: u32 = 300;

/// Distance within which the 64-bit hashes are looked for.
const NEAR: u32 = MOST_DISTANCE;

/// Pictures of different things, and those of them that are edited.
const SHELVES: u32 = 2_400;
const EDITED: usize = 600;

/// How long a search among ten million takes, and that it finds what looking at all finds.
pub(crate) fn search(out: &mut impl Write) -> Result<()> {
    let mut rng = Rng(10);
    let hashes: Vec<u64> = (0..PHOTOS).map(|_| rng.next()).collect();
    let queries: Vec<u64> =
        (0..SEARCHES).map(|_| hashes[rng.below(9_999_999) as usize] ^ 0x8000_0100_0010_0021).collect();
    let (index, build_ms) = timed(|| Index::new(hashes.clone()));
    writeln!(out, "\nsearch among {PHOTOS} photos, one core (goal 0.5 ms within 7 of 64 bits):")?;
    for near in [7, NEAR] {
        let (found, ms) = timed(|| queries.iter().map(|hash| index.search(*hash, near).len()).sum::<usize>());
        let all = |hash: &u64| hashes.iter().filter(|other| (*other ^ hash).count_ones() <= near).count();
        let (right, all_ms) = timed(|| queries.iter().take(20).map(all).sum::<usize>());
        let same: usize = queries.iter().take(20).map(|hash| index.search(*hash, near).len()).sum();
        let each = ms / f64::from(SEARCHES);
        writeln!(out, "  within {near}: {each:.3} ms, by looking at all {:.3} ms", all_ms / 20.0)?;
        writeln!(out, "    found {found}; of 20 searches {same}, by looking at all {right}")?;
    }
    let each = f64::from(u32::try_from(index.bytes() / 1_000)?) / 10_000.0;
    writeln!(out, "  {each:.1} bytes a photo (goal 32), built in {build_ms:.0} ms")?;
    Ok(())
}

/// A shelf that never was: rows of packs with bands and prices.
fn drawn_shelf(number: u32) -> RgbImage {
    let mut rng = Rng(u64::from(number) * 7_919 + 1);
    let mut picture = RgbImage::from_pixel(480, 640, Rgb([60, 55, 50]));
    let rows = 3 + rng.below(4);
    let tall = 640 / rows;
    for row in 0..rows {
        let mut x = rng.below(20);
        while x < 470 {
            let (wide, high) = (24 + rng.below(60), tall * (50 + rng.below(40)) / 100);
            let mut paint = |left: u32, top: u32, wide: u32, high: u32, rng: &mut Rng| {
                let [r, g, b, ..] = rng.next().to_le_bytes();
                for y in top..(top + high).min(640) {
                    for x in left..(left + wide).min(480) {
                        picture.put_pixel(x, y, Rgb([r, g, b]));
                    }
                }
            };
            for _ in 0..=rng.below(5) {
                paint(x, (row + 1) * tall - high, wide, high, &mut rng);
                let (left, top) = (x + rng.below(wide), (row + 1) * tall - rng.below(high) - 1);
                paint(left, top, rng.below(wide - 4) + 4, rng.below(high / 2) + 4, &mut rng);
            }
            x += wide + rng.below(6);
        }
    }
    picture
}

fn hashes(picture: &RgbImage, quality: u8) -> Result<Hashes> {
    Ok(work(&jpeg(picture, quality, None)?)?.examined.middle)
}

fn is_alike(first: &Hashes, other: &Hashes, is_turned_too: bool) -> bool {
    let turns = if is_turned_too { 8 } else { 1 };
    let is_near = (0..turns).any(|turn| (first.short[turn] ^ other.short[0]).count_ones() <= NEAR);
    is_near && (0..turns).any(|turn| first.pdq[turn].distance(&other.pdq[0]) <= PDQ_MATCH)
}

/// How often different pictures are taken for alike, and edited ones found.
pub(crate) fn accuracy(out: &mut impl Write, shelf: &[RgbImage]) -> Result<()> {
    let mut pictures: Vec<RgbImage> = shelf.to_vec();
    pictures.extend((0..SHELVES).map(drawn_shelf));
    let known: Vec<Hashes> = pictures.iter().map(|picture| hashes(picture, 90)).collect::<Result<_>>()?;
    let (mut pairs, mut near, mut plain, mut turned) = (0_u32, 0_u32, 0_u32, 0_u32);
    for (place, first) in known.iter().enumerate() {
        for other in &known[..place] {
            pairs += 1;
            near += u32::from((first.short[0] ^ other.short[0]).count_ones() <= NEAR);
            plain += u32::from(is_alike(first, other, false));
            turned += u32::from(is_alike(first, other, true));
        }
    }
    writeln!(out, "\nalike by both hashes, over {pairs} pairs of different pictures (goal 1e-6):")?;
    writeln!(out, "  by 64 bits alone {near}; by both {plain}; by both, turned and mirrored too {turned}")?;
    let drawn = &pictures[shelf.len()..];
    let chosen: Vec<usize> = (0..EDITED).map(|number| shelf.len() + number * drawn.len() / EDITED).collect();
    writeln!(out, "found of edited ones, {EDITED} drawn and all {} real (goal 99 %):", shelf.len())?;
    let real: Vec<usize> = (0..shelf.len()).collect();
    for (name, edit) in EDITS {
        let mut told = Vec::new();
        for chosen in [&chosen, &real] {
            let missed = missed(&pictures, &known, chosen, edit, name == "mirrored")?;
            let found = f64::from(u32::try_from(chosen.len() - missed.len())?);
            told.push((100.0 * found / f64::from(u32::try_from(chosen.len())?), missed));
        }
        writeln!(out, "  {name:42}  {:6.2} %  {:6.2} %", told[0].0, told[1].0)?;
        let missed: Vec<String> = told.iter().flat_map(|(_, missed)| missed).take(4).map(Miss::to_string).collect();
        if !missed.is_empty() {
            writeln!(out, "    missed by bits of 64 and of 256: {}", missed.join(", "))?;
        }
    }
    Ok(())
}

/// How far a picture that was not found is from the one it was made of.
struct Miss(u32, u32);

impl Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.0, self.1)
    }
}

fn missed(
    pictures: &[RgbImage],
    known: &[Hashes],
    chosen: &[usize],
    edit: Edit,
    is_turned_too: bool,
) -> Result<Vec<Miss>> {
    let mut missed = Vec::new();
    for place in chosen {
        let (edited, quality) = edit(&pictures[*place]);
        let (edited, first) = (hashes(&edited, quality)?, &known[*place]);
        if !is_alike(&edited, first, is_turned_too) {
            let short = (edited.short[0] ^ first.short[0]).count_ones();
            missed.push(Miss(short, edited.pdq[0].distance(&first.pdq[0])));
        }
    }
    Ok(missed)
}

type Edit = fn(&RgbImage) -> (RgbImage, u8);

const EDITS: [(&str, Edit); 7] = [
    ("compressed again, quality 50", |picture| (picture.clone(), 50)),
    ("half the size, quality 70", |picture| {
        (image::imageops::resize(picture, picture.width() / 2, picture.height() / 2, FilterType::Triangle), 70)
    }),
    ("20 % brighter", |picture| {
        let mut edited = picture.clone();
        edited.iter_mut().for_each(|level| *level = level.saturating_add(*level / 5));
        (edited, 85)
    }),
    ("20 % darker", |picture| {
        let mut edited = picture.clone();
        edited.iter_mut().for_each(|level| *level -= *level / 5);
        (edited, 85)
    }),
    ("another stamp on it", |picture| {
        let mut edited = picture.clone();
        let (width, height) = edited.dimensions();
        for y in height - height / 10..height {
            for x in 0..width {
                let letter = (x / 7 + y / 9) % 3 == 0 && x < width * 2 / 3;
                edited.put_pixel(
                    x,
                    y,
                    if letter { Rgb([240; 3]) } else { picture.get_pixel(x, y).0.map(|l| l / 3).into() },
                );
            }
        }
        (edited, 85)
    }),
    ("2 % cut off all round", |picture| {
        let (width, height) = picture.dimensions();
        let (x, y) = (width / 50, height / 50);
        (image::imageops::crop_imm(picture, x, y, width - 2 * x, height - 2 * y).to_image(), 85)
    }),
    ("mirrored", |picture| (image::imageops::flip_horizontal(picture), 85)),
];
