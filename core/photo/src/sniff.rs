//! What a file is, by what it begins with; names and endings are not asked.

/// What a file turned out to be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Format {
    /// JPEG: read.
    Jpeg,
    /// PNG: read.
    Png,
    /// HEIF with HEVC inside, what newer phones write by default.
    Heic,
    /// HEIF with AV1 inside.
    Avif,
    /// WebP.
    Webp,
    /// GIF.
    Gif,
    /// TIFF, and with it most raw formats of cameras.
    Tiff,
    /// A Windows bitmap.
    Bmp,
    /// JPEG XL.
    JpegXl,
    /// A film.
    Video,
    /// A document.
    Pdf,
}

impl Format {
    /// Its name as people know it, the same in every language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Heic => "HEIC",
            Self::Avif => "AVIF",
            Self::Webp => "WebP",
            Self::Gif => "GIF",
            Self::Tiff => "TIFF / RAW",
            Self::Bmp => "BMP",
            Self::JpegXl => "JPEG XL",
            Self::Video => "MP4",
            Self::Pdf => "PDF",
        }
    }

    /// How its files end; `None` for one that is not read.
    pub fn extension(self) -> Option<&'static str> {
        match self {
            Self::Jpeg => Some("jpg"),
            Self::Png => Some("png"),
            _ => None,
        }
    }
}

/// What each format begins with.
const BEGINNINGS: [(&[u8], Format); 10] = [
    (b"\xFF\xD8\xFF", Format::Jpeg),
    (b"\x89PNG\r\n\x1A\n", Format::Png),
    (b"GIF87a", Format::Gif),
    (b"GIF89a", Format::Gif),
    (b"II*\0", Format::Tiff),
    (b"MM\0*", Format::Tiff),
    (b"\xFF\x0A", Format::JpegXl),
    (b"\0\0\0\x0CJXL \r\n\x87\n", Format::JpegXl),
    (b"%PDF-", Format::Pdf),
    (b"BM", Format::Bmp),
];

/// What a file is; `None` when its beginning says nothing known.
pub fn sniff(bytes: &[u8]) -> Option<Format> {
    let begun = BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning));
    begun.map(|(_, format)| *format).or_else(|| in_a_container(bytes))
}

/// What lies in a container of ISO media or RIFF, by its brands.
fn in_a_container(bytes: &[u8]) -> Option<Format> {
    if bytes.starts_with(b"RIFF") {
        return (bytes.get(8..12)? == b"WEBP").then_some(Format::Webp);
    }
    if bytes.get(4..8)? != b"ftyp" {
        return None;
    }
    let length = u32::from_be_bytes(*bytes.first_chunk::<4>()?) as usize;
    let brands = bytes.get(8..length.clamp(12, 256).min(bytes.len()))?;
    let mut named = brands.chunks_exact(4).filter_map(|brand| match brand {
        b"avif" | b"avis" => Some(Format::Avif),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => Some(Format::Heic),
        _ => None,
    });
    // The first brand is the one the writer meant; `mif1` alone says only that it is a still picture.
    let first = named.next();
    let is_av1 = brands.chunks_exact(4).any(|brand| brand == b"avif") && brands.get(..4) != Some(b"heic");
    Some(if is_av1 { Format::Avif } else { first.unwrap_or(Format::Video) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_beginning_whatever_it_is_called() {
        let known: [(&[u8], Option<Format>); 14] = [
            (b"\xFF\xD8\xFF\xE0", Some(Format::Jpeg)),
            (b"\x89PNG\r\n\x1A\n", Some(Format::Png)),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Some(Format::Heic)),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", Some(Format::Heic)),
            (b"\0\0\0\x1Cftypavif\0\0\0\0avifmif1miaf", Some(Format::Avif)),
            (b"\0\0\0\x1Cftypmif1\0\0\0\0avifmif1miaf", Some(Format::Avif)),
            (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", Some(Format::Video)),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some(Format::Webp)),
            (b"RIFF\x10\0\0\0WAVEfmt ", None),
            (b"GIF89a not really", Some(Format::Gif)),
            (b"%PDF-1.7", Some(Format::Pdf)),
            (b"<html>Sign in to the hotel's network", None),
            (b"\0\0\0\0ftyp", Some(Format::Video)),
            (b"", None),
        ];
        for (bytes, format) in known {
            assert_eq!(sniff(bytes), format, "{}", String::from_utf8_lossy(bytes));
        }
    }
}
