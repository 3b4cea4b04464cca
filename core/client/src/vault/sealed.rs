//! Sealed files that can be read from any byte on.
//!
//! **Layout.** `SWSEAL`, version (2 bytes), nonce (19), then pieces of 64 KiB, each with a tag of 16 bytes: the STREAM
//! construction (Hoang, Reyhanitabar, Rogaway, Vizár, 2015) over XChaCha20-Poly1305. A piece is bound to its file's name,
//! its place and to being the last, so that pieces cannot be swapped, dropped, or come from another file.

use std::io::{self, Read, Seek, SeekFrom, Write};

use aead_stream::{NewStream, Nonce, StreamBE32, StreamPrimitive};
use chacha20poly1305::{
    XChaCha20Poly1305,
    aead::{Generate, Payload},
};

use super::KEY_BYTES;

const MAGIC: &[u8; 8] = b"SWSEAL\x01\x00";
const NONCE: usize = 19;
const HEAD: u64 = 27;
const PIECE: u64 = 64 * 1024;
const TAG: u64 = 16;

type Stream = StreamBE32<XChaCha20Poly1305>;
type StreamNonce = Nonce<XChaCha20Poly1305, Stream>;

fn damaged(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Whether a file begins as a sealed one; it is read from its beginning afterwards.
pub(super) fn is_sealed(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    let mut magic = Vec::with_capacity(MAGIC.len());
    file.by_ref().take(MAGIC.len() as u64).read_to_end(&mut magic)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(magic == MAGIC)
}

/// How much a sealed file of so many bytes holds.
pub(super) fn plain_length(sealed: u64) -> io::Result<u64> {
    let pieces = pieces_of(sealed)?;
    Ok(sealed - HEAD - pieces * TAG)
}

fn pieces_of(sealed: u64) -> io::Result<u64> {
    let body =
        sealed.checked_sub(HEAD).filter(|body| *body >= TAG).ok_or_else(|| damaged("a sealed file cut short"))?;
    let last = body % (PIECE + TAG);
    if last > 0 && last < TAG {
        return Err(damaged("a sealed file cut short"));
    }
    Ok(body.div_ceil(PIECE + TAG))
}

/// Seals what a reader gives.
pub(super) fn seal(
    key: &[u8; KEY_BYTES],
    name: &str,
    source: &mut impl Read,
    target: &mut impl Write,
) -> io::Result<()> {
    let nonce = StreamNonce::generate();
    let stream = Stream::new(key.into(), &nonce);
    target.write_all(MAGIC)?;
    target.write_all(&nonce)?;
    let mut piece = next_piece(source)?;
    for position in 0_u32.. {
        let next = next_piece(source)?;
        let is_last = next.is_empty();
        let payload = Payload { msg: &piece, aad: name.as_bytes() };
        let sealed =
            stream.encrypt(position, is_last, payload).map_err(|_| damaged("a piece that cannot be sealed"))?;
        target.write_all(&sealed)?;
        if is_last {
            break;
        }
        piece = next;
    }
    Ok(())
}

fn next_piece(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut piece = Vec::new();
    source.by_ref().take(PIECE).read_to_end(&mut piece)?;
    Ok(piece)
}

/// Bytes of a sealed file from an offset, at most `length`; only the pieces they lie in are read.
pub(super) fn read_part(
    key: &[u8; KEY_BYTES],
    name: &str,
    file: &mut (impl Read + Seek),
    offset: u64,
    length: u64,
) -> io::Result<Vec<u8>> {
    let sealed_length = file.seek(SeekFrom::End(0))?;
    let (pieces, plain) = (pieces_of(sealed_length)?, plain_length(sealed_length)?);
    let end = offset.saturating_add(length).min(plain);
    let mut nonce = [0; NONCE];
    file.seek(SeekFrom::Start(MAGIC.len() as u64))?;
    file.read_exact(&mut nonce)?;
    let stream = Stream::new(key.into(), &nonce.into());
    let mut bytes = Vec::new();
    let first = (offset / PIECE).min(pieces - 1);
    file.seek(SeekFrom::Start(HEAD + first * (PIECE + TAG)))?;
    for position in first..pieces {
        let start = position * PIECE;
        // An empty file has one piece to prove that it is whole.
        if start >= end && position > first {
            break;
        }
        let mut sealed = Vec::new();
        file.by_ref().take(PIECE + TAG).read_to_end(&mut sealed)?;
        let place = u32::try_from(position).map_err(|_| damaged("a sealed file of too many pieces"))?;
        let payload = Payload { msg: &sealed, aad: name.as_bytes() };
        let opened = stream.decrypt(place, position + 1 == pieces, payload);
        let opened = opened.map_err(|_| damaged("a piece that this key does not open"))?;
        let within = |at: u64| usize::try_from(at.saturating_sub(start)).unwrap_or(usize::MAX).min(opened.len());
        bytes.extend_from_slice(opened.get(within(offset)..within(end)).unwrap_or_default());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::{io::Cursor, sync::OnceLock};

    use proptest::prelude::*;

    use super::*;

    const KEY: [u8; KEY_BYTES] = [7; KEY_BYTES];

    fn sealed(bytes: &[u8]) -> Vec<u8> {
        let mut target = Vec::new();
        seal(&KEY, "a.jpg", &mut Cursor::new(bytes), &mut target).expect("memory");
        target
    }

    fn part(sealed: &[u8], offset: u64, length: u64) -> io::Result<Vec<u8>> {
        read_part(&KEY, "a.jpg", &mut Cursor::new(sealed), offset, length)
    }

    fn noise(length: usize) -> Vec<u8> {
        (0_u32..).map(|at| (at.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).take(length).collect()
    }

    #[test]
    fn any_part_of_a_file_of_any_length_reads_as_it_was() {
        let piece = usize::try_from(PIECE).expect("small");
        for length in [0, 1, 15, 16, piece - 1, piece, piece + 1, 2 * piece, 3 * piece + 17] {
            let plain = noise(length);
            let sealed = sealed(&plain);
            assert_eq!(plain_length(sealed.len() as u64).expect("whole"), length as u64);
            assert_eq!(part(&sealed, 0, u64::MAX).expect("whole"), plain);
            for offset in [0, 1, piece - 1, piece, piece + 1, length.saturating_sub(1), length, length + 5] {
                for wanted in [0, 1, 1000, piece, piece + 1, 10 * piece] {
                    let expected = &plain[offset.min(length)..(offset + wanted).min(length).max(offset.min(length))];
                    let found = part(&sealed, offset as u64, wanted as u64).expect("whole");
                    assert_eq!(found, expected, "{length} bytes, {wanted} from {offset}");
                }
            }
        }
    }

    #[test]
    fn a_file_cut_short_longer_or_under_another_name_or_key_is_refused() {
        let piece = usize::try_from(PIECE + TAG).expect("small");
        let whole = sealed(&noise(3 * piece));
        for cut in [0, 5, 27, 40, 27 + piece, 27 + 2 * piece, whole.len() - 1] {
            assert!(part(&whole[..cut], 0, u64::MAX).is_err(), "{cut} bytes");
        }
        assert!(part(&[whole.as_slice(), b"x"].concat(), 0, u64::MAX).is_err());
        let other_name = read_part(&KEY, "b.jpg", &mut Cursor::new(&whole), 0, u64::MAX);
        let other_key = read_part(&[8; KEY_BYTES], "a.jpg", &mut Cursor::new(&whole), 0, u64::MAX);
        assert!(other_name.is_err() && other_key.is_err());
    }

    #[test]
    fn pieces_that_change_places_are_refused() {
        let piece = usize::try_from(PIECE + TAG).expect("small");
        let mut swapped = sealed(&noise(3 * piece));
        let (first, second) = swapped[27..].split_at_mut(piece);
        first.swap_with_slice(&mut second[..piece]);
        assert!(part(&swapped, 0, 10).is_err());
    }

    proptest! {
        #[test]
        fn a_bit_that_turns_over_anywhere_is_found(at in 0_usize..70_059, bit in 0_u8..8) {
            static WHOLE: OnceLock<Vec<u8>> = OnceLock::new();
            let mut whole = WHOLE.get_or_init(|| sealed(&noise(70_000))).clone();
            whole[at] ^= 1 << bit;
            let is_refused = !is_sealed(&mut Cursor::new(&whole)).expect("memory") || part(&whole, 0, u64::MAX).is_err();
            prop_assert!(is_refused);
        }
    }
}
