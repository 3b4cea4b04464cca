//! A TIFF's directories, read with distrust: offsets lie, counts lie, and links go round in circles.

use crate::num::real;

/// Most entries of a directory that are looked at.
const MOST_ENTRIES: usize = 512;

/// Bytes of one value of each kind.
const WIDTHS: [usize; 13] = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];

/// One entry of a directory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    tag: u16,
    kind: u16,
    count: usize,
    /// Where its four bytes lie.
    at: usize,
}

/// A TIFF.
pub(super) struct Tiff<'t> {
    bytes: &'t [u8],
    is_little: bool,
}

impl<'t> Tiff<'t> {
    pub(super) fn open(bytes: &'t [u8]) -> Option<Self> {
        let is_little = match bytes.get(..4)? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        Some(Self { bytes, is_little })
    }

    fn short(&self, at: usize) -> Option<u16> {
        let pair = *self.bytes.get(at..)?.first_chunk::<2>()?;
        Some(if self.is_little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
    }

    fn long(&self, at: usize) -> Option<usize> {
        let four = *self.bytes.get(at..)?.first_chunk::<4>()?;
        Some((if self.is_little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) }) as usize)
    }

    /// Where the first directory lies.
    pub(super) fn first(&self) -> usize {
        self.long(4).unwrap_or(usize::MAX)
    }

    /// The entries of a directory that can be read, and whether all could.
    pub(super) fn entries(&self, at: usize) -> (Vec<Entry>, bool) {
        let Some(count) = self.short(at) else { return (Vec::new(), false) };
        let count = usize::from(count);
        let mut entries = Vec::new();
        for place in (at + 2..).step_by(12).take(count.min(MOST_ENTRIES)) {
            let (Some(tag), Some(kind), Some(count), Some(_)) =
                (self.short(place), self.short(place + 2), self.long(place + 4), self.long(place + 8))
            else {
                break;
            };
            entries.push(Entry { tag, kind, count, at: place + 8 });
        }
        let is_whole = entries.len() == count && entries.iter().all(|entry| self.value(*entry).is_some());
        (entries, is_whole)
    }

    /// The directory that an entry points at; an empty one that is whole when there is no such entry.
    pub(super) fn linked(&self, entries: &[Entry], tag: u16) -> (Vec<Entry>, bool) {
        match find(entries, tag) {
            Some(entry) => self.long(entry.at).map_or((Vec::new(), false), |at| self.entries(at)),
            None => (Vec::new(), true),
        }
    }

    /// The bytes of a value.
    fn value(&self, entry: Entry) -> Option<&'t [u8]> {
        let width = *WIDTHS.get(usize::from(entry.kind))?;
        let length = width.checked_mul(entry.count)?;
        let at = if length <= 4 { entry.at } else { self.long(entry.at)? };
        self.bytes.get(at..at.checked_add(length)?)
    }

    /// A value as text, up to its first zero.
    pub(super) fn text(&self, entries: &[Entry], tag: u16) -> Option<String> {
        let value = self.value(find(entries, tag).filter(|entry| entry.kind == 2)?)?;
        let text = value.split(|byte| *byte == 0).next().unwrap_or_default();
        let text = String::from_utf8_lossy(text);
        let kept: String = text.chars().filter(|c| !c.is_control()).collect();
        Some(kept.trim().to_owned())
    }

    /// A value as a whole number.
    pub(super) fn number(&self, entries: &[Entry], tag: u16) -> Option<usize> {
        let entry = find(entries, tag).filter(|entry| entry.count >= 1)?;
        match entry.kind {
            3 => self.short(entry.at).map(usize::from),
            4 => self.long(entry.at),
            1 => self.bytes.get(entry.at).copied().map(usize::from),
            _ => None,
        }
    }

    /// Three fractions; a denominator of zero stands for nothing.
    pub(super) fn fractions(&self, entries: &[Entry], tag: u16) -> Option<[f64; 3]> {
        let entry = find(entries, tag).filter(|entry| entry.kind == 5 && entry.count >= 3)?;
        let at = self.long(entry.at)?;
        let mut fractions = [0.0; 3];
        for (fraction, place) in fractions.iter_mut().zip((at..).step_by(8)) {
            let (over, under) = (self.long(place)?, self.long(place.checked_add(4)?)?);
            *fraction = if under == 0 { 0.0 } else { real(over) / real(under) };
        }
        Some(fractions)
    }
}

fn find(entries: &[Entry], tag: u16) -> Option<Entry> {
    entries.iter().find(|entry| entry.tag == tag).copied()
}
