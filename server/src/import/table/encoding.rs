//! Which characters the bytes of a text file stand for.
//!
//! `auto` believes a byte order mark, then strict UTF-8, then strict GB18030 if the result is plausible. Western
//! accented text often happens to be valid GB18030 and would be imported as rare hanzi; it is told apart by its second
//! bytes (see [`is_plausible_gb`]) and refused until the user names the encoding.

use encoding_rs::{DecoderResult, GB18030, UTF_8, WINDOWS_1252};

use super::line_ends;
use crate::import::fault::{Fault, ImportCode};

/// The encoding of a text file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub enum Encoding {
    /// Byte order mark, then UTF-8, then GB18030.
    #[default]
    Auto,
    /// UTF-8, with or without a byte order mark.
    #[value(name = "utf-8")]
    Utf8,
    /// GB18030, which contains GBK and GB2312.
    #[value(name = "gb18030")]
    Gb18030,
    /// Windows-1252 (Western European).
    #[value(name = "windows-1252")]
    Windows1252,
}

/// A decoded file.
#[derive(Debug)]
pub(super) struct Decoded {
    /// Its text, without a byte order mark.
    pub text: String,
    /// The encoding's name.
    pub encoding: &'static str,
}

/// Decodes a whole file; nothing is replaced by a question mark.
pub(super) fn decode(bytes: &[u8], encoding: Encoding) -> Result<Decoded, Fault> {
    let named = match encoding {
        Encoding::Auto => return detect(bytes),
        Encoding::Utf8 => UTF_8,
        Encoding::Gb18030 => GB18030,
        Encoding::Windows1252 => WINDOWS_1252,
    };
    let body = if encoding == Encoding::Utf8 { without_utf8_mark(bytes) } else { bytes };
    strict(named, body).map_err(|line| Fault::new(ImportCode::EncodingMismatch).at(line).with("encoding", named.name()))
}

fn detect(bytes: &[u8]) -> Result<Decoded, Fault> {
    if let Some((marked, length)) = encoding_rs::Encoding::for_bom(bytes) {
        return strict(marked, &bytes[length..])
            .map_err(|line| Fault::new(ImportCode::EncodingMismatch).at(line).with("encoding", marked.name()));
    }
    strict(UTF_8, bytes).or_else(|bad_utf8_line| {
        let unclear = |line| Fault::new(ImportCode::EncodingUnclear).at(line);
        match strict(GB18030, bytes) {
            Ok(decoded) if is_plausible_gb(bytes) => Ok(decoded),
            Ok(_) | Err(_) => Err(unclear(bad_utf8_line)),
        }
    })
}

fn without_utf8_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)
}

/// Decodes, or says on which line the first byte stands that cannot be.
fn strict(encoding: &'static encoding_rs::Encoding, bytes: &[u8]) -> Result<Decoded, u32> {
    if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        return Ok(Decoded { text: text.into_owned(), encoding: encoding.name() });
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(bytes.len());
    let mut text = String::with_capacity(room);
    let (result, read) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    let good = match result {
        DecoderResult::Malformed(bad, after) => read.saturating_sub(usize::from(bad) + usize::from(after)),
        DecoderResult::InputEmpty | DecoderResult::OutputFull => read,
    };
    Err(line_ends(bytes.get(..good).unwrap_or(bytes)).saturating_add(1))
}

/// Whether two-byte characters mostly lie in GB2312, whose second bytes are A1 and above. Chinese text nearly always
/// does; an accented Western letter followed by a plain one never does.
fn is_plausible_gb(bytes: &[u8]) -> bool {
    let (mut common, mut rare) = (0_u32, 0_u32);
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        rest = after;
        if !first.is_ascii()
            && let [second, after @ ..] = rest
        {
            if *second >= 0xA1 {
                common += 1;
            } else if *second >= 0x40 {
                rare += 1;
            }
            rest = after;
        }
    }
    common >= rare
}
