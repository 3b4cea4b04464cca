//! What a photo takes beside its own bytes, measured on this process; alone in its file, so that nothing else runs in it.

mod common;

use common::{Waves, jpeg, processed};
use jpeg_encoder::{JpegColorType, SamplingFactor};

/// The bound, in KiB.
const MOST: u64 = 40 * 1024;

/// A figure of this process in KiB; `None` where the system does not tell.
fn figure(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix(name))?.trim_matches([':', ' ', '\t', 'k', 'B']).parse().ok()
}

/// The most KiB that were taken at once while a file was worked through.
fn taken(bytes: &[u8]) -> Option<u64> {
    // Letters and tables are read once; that is not the photo's.
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    let before = figure("VmRSS")?;
    let done = processed(bytes).unwrap_or_else(|fault| panic!("{fault}"));
    assert!(done.copy.width.max(done.copy.height) >= 1_450);
    Some(figure("VmHWM")?.saturating_sub(before))
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
        std::io::Write::write_all(&mut writer, &row).expect("a row");
    }
    writer.finish().expect("an end");
    drop(head);
    file
}

#[test]
fn no_photo_within_the_limits_takes_more_than_40_mib_beside_its_bytes() {
    let waves = |width, height| Waves { width, height, colours: JpegColorType::Ycbcr };
    let (usual, full) = (SamplingFactor::F_2_2, SamplingFactor::F_1_1);
    // What is read once and kept is read before anything is measured.
    processed(&jpeg(waves(640, 480), false, usual)).expect("a photo");
    let mut told = false;
    let mut require = |name: &str, bytes: &[u8]| {
        let Some(taken) = taken(bytes) else { return };
        assert!(taken <= MOST, "{name}: {taken} KiB");
        told = true;
    };
    require("50 megapixels", &jpeg(waves(8_660, 5_773), false, usual));
    require("the most at full size", &jpeg(waves(3_199, 3_199), false, full));
    require("the most at half size", &jpeg(waves(6_399, 6_399), false, full));
    require("progressive, 24 megapixels", &jpeg(waves(4_898, 4_898), true, full));
    require("progressive, the most at full size", &jpeg(waves(3_199, 3_199), true, full));
    require("PNG, 50 megapixels", &png(8_660, 5_773));
    assert!(told || !cfg!(target_os = "linux"), "nothing was measured");
}
