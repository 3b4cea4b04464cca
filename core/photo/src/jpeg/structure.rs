//! A JPEG's skeleton: which segments it has, where, and whether it ends as it should.
//!
//! Decoding is no check of wholeness: decoders fill what is missing with grey. So the skeleton is walked first, from the
//! first marker to the last, and nothing is set aside for the picture before its claims were held against the limits.

use std::ops::Range;

use super::frame::Frame;
use crate::{Limits, PhotoFault};

/// A segment that the picture is made from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Segment {
    /// Tables of quantisation.
    Quantisation(Range<usize>),
    /// Tables of Huffman codes.
    Huffman(Range<usize>),
    /// How many units lie between two restart markers; 0 for none.
    Restart(usize),
    /// A scan: its header, and its entropy-coded bytes with restart markers in them.
    Scan(Range<usize>, Range<usize>),
}

/// A JPEG's skeleton.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Structure {
    /// The picture's measures and channels.
    pub(crate) frame: Frame,
    pub(super) segments: Vec<Segment>,
    /// The TIFF inside the first EXIF segment.
    pub(crate) exif: Option<Range<usize>>,
    /// Where the picture ends; what follows is none of its own.
    pub(crate) end: usize,
}

impl Structure {
    /// Walks a file from its first marker to its last.
    pub(crate) fn walk(bytes: &[u8], limits: &Limits) -> Result<Self, PhotoFault> {
        Walk { bytes, at: 2, limits, frame: None, adobe: None, segments: Vec::new(), exif: None, scans: 0 }.run()
    }
}

/// Bytes that are looked at together for a marker.
const TOGETHER: usize = 64;

/// The next byte FF from a place on that is not followed by a 00, and what does follow it.
pub(super) fn marker_from(bytes: &[u8], from: usize) -> Option<(usize, u8)> {
    let (here, next) = (bytes.get(from..)?, bytes.get(from + 1..)?);
    if let (Some(0xFF), Some(marker @ 1..)) = (here.first(), next.first()) {
        return Some((from, *marker));
    }
    // In the picture's data every 300th byte or so is an FF, but hardly one a marker.
    let is_without = |(here, next): &(&[u8], &[u8])| {
        // Without a branch, so that many are compared at a time.
        let marker = |(byte, next): (&u8, &u8)| u8::from(*byte == 0xFF) & u8::from(*next != 0);
        here.iter().zip(*next).map(marker).fold(0, |any, one| any | one) == 0
    };
    let without =
        here.chunks_exact(TOGETHER).zip(next.chunks_exact(TOGETHER)).take_while(is_without).count() * TOGETHER;
    let mut pairs = here.iter().zip(next).skip(without);
    let found = pairs.position(|(byte, next)| *byte == 0xFF && *next != 0)? + without;
    Some((from + found, *next.get(found)?))
}

struct Walk<'b> {
    bytes: &'b [u8],
    at: usize,
    limits: &'b Limits,
    frame: Option<Frame>,
    /// What Adobe's segment says of the colours.
    adobe: Option<u8>,
    segments: Vec<Segment>,
    exif: Option<Range<usize>>,
    scans: usize,
}

impl Walk<'_> {
    fn run(mut self) -> Result<Structure, PhotoFault> {
        loop {
            let marker = self.marker()?;
            match marker {
                0xD9 => return self.finish(),
                0xD8 | 0x00 | 0xD0..=0xD7 => return Err(self.damaged("a marker out of place")),
                0x01 => {}
                _ => {
                    let body = self.body()?;
                    self.segment(marker, body)?;
                }
            }
        }
    }

    /// The next marker; bytes FF may fill the room before it.
    fn marker(&mut self) -> Result<u8, PhotoFault> {
        if self.byte()? != 0xFF {
            return Err(self.damaged("no marker where one must be"));
        }
        loop {
            match self.byte()? {
                0xFF => {}
                marker => return Ok(marker),
            }
        }
    }

    fn byte(&mut self) -> Result<u8, PhotoFault> {
        let byte = self.bytes.get(self.at).copied().ok_or_else(|| self.cut_off())?;
        self.at += 1;
        Ok(byte)
    }

    /// The bytes of a segment behind its length.
    fn body(&mut self) -> Result<Range<usize>, PhotoFault> {
        let length = usize::from(u16::from_be_bytes([self.byte()?, self.byte()?]));
        let Some(length) = length.checked_sub(2) else { return Err(self.damaged("a segment without a length")) };
        let body = self.at..self.at + length;
        if body.end > self.bytes.len() {
            return Err(self.cut_off());
        }
        self.at = body.end;
        Ok(body)
    }

    fn segment(&mut self, marker: u8, body: Range<usize>) -> Result<(), PhotoFault> {
        let data = &self.bytes[body.clone()];
        match marker {
            0xC0..=0xC2 => self.frame(marker, data)?,
            0xC3 | 0xC5..=0xC7 | 0xC8..=0xCB | 0xCD..=0xCF | 0xDC | 0xDE | 0xDF => {
                return Err(PhotoFault::KindRefused("JPEG, lossless / arithmetic"));
            }
            0xC4 => self.segments.push(Segment::Huffman(body)),
            0xDB => self.segments.push(Segment::Quantisation(body)),
            0xDD => {
                let interval = data.first_chunk::<2>().ok_or_else(|| self.damaged("a short restart interval"))?;
                self.segments.push(Segment::Restart(usize::from(u16::from_be_bytes(*interval))));
            }
            0xE1 if self.exif.is_none() && data.starts_with(b"Exif\0\0") => {
                self.exif = Some(body.start + 6..body.end);
            }
            0xEE if data.starts_with(b"Adobe") => self.adobe = data.get(11).copied(),
            0xDA => self.scan(body)?,
            _ => {}
        }
        Ok(())
    }

    fn frame(&mut self, marker: u8, data: &[u8]) -> Result<(), PhotoFault> {
        if self.frame.is_some() {
            return Err(self.damaged("two frames"));
        }
        let frame = Frame::read(marker == 0xC2, data, self.at)?;
        let limit = if frame.is_progressive {
            self.limits.pixels.min(self.limits.progressive_pixels)
        } else {
            self.limits.pixels
        };
        self.limits.require_size(frame.width, frame.height, limit)?;
        self.frame = Some(frame);
        Ok(())
    }

    fn scan(&mut self, header: Range<usize>) -> Result<(), PhotoFault> {
        if self.frame.is_none() {
            return Err(self.damaged("a scan before the frame"));
        }
        self.scans += 1;
        if self.scans > self.limits.scans {
            return Err(PhotoFault::TooManyScans { limit: self.limits.scans });
        }
        let start = self.at;
        loop {
            let (found, marker) = marker_from(self.bytes, self.at).ok_or_else(|| self.cut_off())?;
            self.at = found;
            match marker {
                0xD0..=0xD7 => self.at += 2,
                0xFF => self.at += 1,
                _ => break,
            }
        }
        self.segments.push(Segment::Scan(header, start..self.at));
        Ok(())
    }

    fn finish(self) -> Result<Structure, PhotoFault> {
        let Some(mut frame) = self.frame.clone() else { return Err(self.damaged("an end without a picture")) };
        if self.scans == 0 {
            return Err(self.damaged("no scan"));
        }
        let coded: usize = self
            .segments
            .iter()
            .map(|segment| match segment {
                Segment::Scan(_, data) => data.len(),
                _ => 0,
            })
            .sum();
        // Every block begins with at least one bit.
        if coded.saturating_mul(8) < frame.blocks() {
            return Err(PhotoFault::CutOff { at: self.bytes.len() });
        }
        frame.choose_colours(self.adobe);
        Ok(Structure { frame, segments: self.segments, exif: self.exif, end: self.at })
    }

    fn cut_off(&self) -> PhotoFault {
        PhotoFault::CutOff { at: self.bytes.len() }
    }

    fn damaged(&self, what: &'static str) -> PhotoFault {
        PhotoFault::Damaged { at: self.at, what }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_found_wherever_it_stands_and_stuffed_bytes_are_none() {
        let mut bytes = vec![7; 3 * TOGETHER];
        bytes.splice(5..7, [0xFF, 0x00]);
        assert_eq!(marker_from(&bytes, 0), None);
        for place in 8..bytes.len() - 1 {
            let mut marked = bytes.clone();
            marked.splice(place..place + 2, [0xFF, 0xD9]);
            for from in [0, 1, 6, place - 1, place] {
                assert_eq!(marker_from(&marked, from), Some((place, 0xD9)), "{place} from {from}");
            }
            assert_eq!(marker_from(&marked, place + 1), None);
        }
        // An FF at the very end has nothing behind it.
        bytes.push(0xFF);
        assert_eq!(marker_from(&bytes, 0), None);
        assert_eq!(
            (marker_from(&bytes, bytes.len()), marker_from(&[], 0), marker_from(&bytes, 900)),
            (None, None, None)
        );
    }
}
