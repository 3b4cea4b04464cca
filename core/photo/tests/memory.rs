//! What a photo takes beside its own bytes. Each file is worked through in a process of its own: what the allocator keeps
//! of one file would be there for the next already, and be counted for neither.

mod common;

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use common::{Waves, jpeg, processed};
use jpeg_encoder::{JpegColorType, SamplingFactor};

/// The bound, in KiB.
const MOST: u64 = 40 * 1024;

/// Names the file for the process that works it through.
const FILE: &str = "STOREWALK_TEST_PHOTO";

/// What stands before the figure in what that process says.
const SAYS: &str = "KiB taken: ";

/// A figure of this process in KiB; `None` where the system does not tell.
fn figure(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix(name))?.trim_matches([':', ' ', '\t', 'k', 'B']).parse().ok()
}

/// The most KiB that were taken at once while a file was worked through; code, tables and letters that are read on the
/// way are among them.
fn taken(bytes: &[u8]) -> Option<u64> {
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    let before = figure("VmRSS")?;
    let done = processed(bytes).unwrap_or_else(|fault| panic!("{fault}"));
    assert!(done.copy.width.max(done.copy.height) >= 1_450);
    Some(figure("VmHWM")?.saturating_sub(before))
}

/// The same in a process of its own.
fn taken_alone(folder: &Path, bytes: &[u8]) -> Option<u64> {
    let file = folder.join("photo");
    std::fs::write(&file, bytes).expect("a file");
    let own = std::env::current_exe().expect("this program");
    let output = Command::new(own)
        .args(["--exact", "no_photo_within_the_limits_takes_more_than_40_mib_beside_its_bytes", "--nocapture"])
        .env(FILE, &file)
        .output()
        .expect("a process");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said.lines().find_map(|line| line.split_once(SAYS))?.1.trim().parse().ok()
}

/// What the test does in the process that it starts for a file.
fn one_photo_alone(file: PathBuf) {
    let bytes = std::fs::read(file).expect("the file that is to be worked through");
    if let Some(taken) = taken(&bytes) {
        writeln!(std::io::stdout(), "{SAYS}{taken}").expect("standard output");
    }
}

/// The same file with a segment of its own before all others.
fn with_segment(file: &[u8], marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).expect("short").to_be_bytes();
    [&file[..2], &[0xFF, marker], &length, body, &file[2..]].concat()
}

/// The same JPEG, to be shown turned as EXIF counts it.
fn turned(file: &[u8], orientation: u8) -> Vec<u8> {
    let mut tiff = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    tiff.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    with_segment(file, 0xE1, &tiff)
}

/// The same JPEG, its channels meant as red, green and blue.
fn meant_as_rgb(file: &[u8]) -> Vec<u8> {
    with_segment(file, 0xEE, b"Adobe\0\x64\0\0\0\0\0")
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fastest);
    let mut head = encoder.write_header().expect("a header");
    let mut writer = head.stream_writer().expect("a stream");
    for y in 0..height {
        let row: Vec<u8> = (0..width * 3).map(|x| (x / 8 + y).to_le_bytes()[0]).collect();
        writer.write_all(&row).expect("a row");
    }
    writer.finish().expect("an end");
    drop(head);
    file
}

#[test]
fn no_photo_within_the_limits_takes_more_than_40_mib_beside_its_bytes() {
    if let Some(file) = std::env::var_os(FILE).map(PathBuf::from) {
        return one_photo_alone(file);
    }
    let folder = std::env::temp_dir().join(format!("storewalk-photo-memory-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let waves = |width, height| Waves { width, height, colours: JpegColorType::Ycbcr };
    let (usual, full) = (SamplingFactor::F_2_2, SamplingFactor::F_1_1);
    let mut told = false;
    let mut require = |name: &str, bytes: &[u8]| {
        let Some(taken) = taken_alone(&folder, bytes) else { return };
        assert!((1_024..=MOST).contains(&taken), "{name}: {taken} KiB");
        told = true;
    };
    let large = jpeg(waves(8_660, 5_773), false, usual);
    for orientation in 1..=8 {
        require(&format!("50 megapixels, orientation {orientation}"), &turned(&large, orientation));
    }
    // One sample more, and half of it would do.
    require("the most at full size", &jpeg(waves(3_198, 3_198), false, full));
    require("the most at half size", &jpeg(waves(6_396, 6_396), false, full));
    for orientation in [1, 6] {
        let file = turned(&meant_as_rgb(&jpeg(waves(3_198, 3_198), false, full)), orientation);
        require(&format!("the most, red, green and blue, orientation {orientation}"), &file);
    }
    require("progressive, 24 megapixels", &jpeg(waves(4_898, 4_898), true, full));
    require("progressive, the most at full size", &jpeg(waves(3_198, 3_198), true, full));
    let grey = Waves { colours: JpegColorType::Luma, ..waves(3_198, 3_198) };
    require("progressive, grey, the most at full size", &jpeg(grey, true, full));
    require("progressive, red, green and blue", &meant_as_rgb(&jpeg(waves(3_198, 3_198), true, full)));
    require("PNG, 50 megapixels", &png(8_660, 5_773));
    require("PNG, the most at full size", &png(3_199, 3_199));
    std::fs::remove_dir_all(&folder).expect("an empty folder");
    assert!(told || !cfg!(target_os = "linux"), "nothing was measured");
}
