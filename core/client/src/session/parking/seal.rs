//! Files under a person's key, in pieces, so that a long one is never held whole.
//!
//! **Layout.** `SWPARKED`, version (2 bytes), then pieces: length of the ciphertext (4, little-endian), nonce (24),
//! ciphertext (XChaCha20-Poly1305). Each piece is bound to its parking, its file, its place and to being the last, so
//! that pieces cannot be swapped, dropped or taken from another file.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Write},
    path::Path,
};

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Generate, Payload},
};

const MAGIC: &[u8; 10] = b"SWPARKED\x01\x00";
const PIECE: usize = 1024 * 1024;
const NONCE: usize = 24;
/// What the cipher adds to a piece.
const TAG: usize = 16;

/// Binds a piece to where it belongs.
fn place(name: &str, number: u32, is_last: bool) -> Vec<u8> {
    let mut bound = number.to_le_bytes().to_vec();
    bound.push(u8::from(is_last));
    bound.extend_from_slice(name.as_bytes());
    bound
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

/// Seals a file; what is written is on the disk when this returns. `name` is what the file is bound to.
pub(super) fn seal(from: &Path, to: &Path, name: &str, key: &[u8; 32]) -> io::Result<()> {
    let cipher = XChaCha20Poly1305::new(key.into());
    let mut source = BufReader::with_capacity(PIECE, File::open(from)?);
    let mut target = BufWriter::new(File::create(to)?);
    target.write_all(MAGIC)?;
    let mut piece = read_piece(&mut source)?;
    for number in 0_u32.. {
        let next = read_piece(&mut source)?;
        let is_last = next.is_empty();
        let nonce = XNonce::generate();
        let bound = place(name, number, is_last);
        let sealed = cipher.encrypt(&nonce, Payload { msg: &piece, aad: &bound });
        let sealed = sealed.map_err(|_| damaged("a piece could not be sealed"))?;
        let length = u32::try_from(sealed.len()).map_err(|_| damaged("a piece is too long"))?;
        target.write_all(&length.to_le_bytes())?;
        target.write_all(&nonce)?;
        target.write_all(&sealed)?;
        if is_last {
            break;
        }
        piece = next;
    }
    target.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

/// Opens a file; what is written is on the disk when this returns.
pub(super) fn open(from: &Path, to: &Path, name: &str, key: &[u8; 32]) -> io::Result<()> {
    let cipher = XChaCha20Poly1305::new(key.into());
    let mut source = BufReader::new(File::open(from)?);
    let mut target = BufWriter::new(File::create(to)?);
    let mut magic = [0; MAGIC.len()];
    source.read_exact(&mut magic)?;
    if &magic != MAGIC {
        return Err(damaged("not a parked file of this release"));
    }
    for number in 0_u32.. {
        let mut length = [0; 4];
        source.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length) as usize;
        if !(TAG..=PIECE + TAG).contains(&length) {
            return Err(damaged("a piece of no possible length"));
        }
        let mut nonce = [0; NONCE];
        source.read_exact(&mut nonce)?;
        let mut sealed = vec![0; length];
        source.read_exact(&mut sealed)?;
        // Whether a piece is the last is told by what follows it, and must agree with what it was sealed as.
        let is_last = is_at_end(&mut source)?;
        let bound = place(name, number, is_last);
        let opened = cipher.decrypt(&nonce.into(), Payload { msg: &sealed, aad: &bound });
        target.write_all(&opened.map_err(|_| damaged("a piece that this key does not open"))?)?;
        if is_last {
            break;
        }
    }
    target.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

fn is_at_end(source: &mut impl io::BufRead) -> io::Result<bool> {
    Ok(source.fill_buf()?.is_empty())
}

fn read_piece(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut piece = Vec::new();
    source.take(PIECE as u64).read_to_end(&mut piece)?;
    Ok(piece)
}
