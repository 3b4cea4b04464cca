//! One scan: its header, its way over the blocks, its restart intervals.

use std::ops::Range;

use super::{bits::Bits, frame::Frame, structure::marker_from};
use crate::{
    PhotoFault,
    watch::{Stage, Watch},
};

/// Bytes an interval may have left over: writers pad differently, but not by more.
const MOST_LEFT: usize = 32;

/// A channel in a scan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    /// Which of the frame's channels.
    pub(super) channel: usize,
    /// Its table of DC codes, 0 to 3.
    pub(super) dc: usize,
    /// Its table of AC codes, 0 to 3.
    pub(super) ac: usize,
}

/// A scan's header.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) parts: Vec<Part>,
    /// First and last coefficient, in the order of the scan.
    pub(super) band: (usize, usize),
    /// The bit that was the last one known before; 0 in a first scan.
    pub(super) high: u32,
    /// The lowest bit that this scan tells.
    pub(super) low: u32,
}

impl Header {
    /// Reads a header; the text says what is wrong with it.
    pub(super) fn read(frame: &Frame, data: &[u8]) -> Result<Self, &'static str> {
        let (count, rest) = data.split_first().ok_or("a short scan header")?;
        let count = usize::from(*count);
        let (entries, rest) = rest.split_at_checked(2 * count).ok_or("a short scan header")?;
        let mut parts: Vec<Part> = Vec::new();
        for entry in entries.chunks_exact(2) {
            let channel = frame.channels.iter().position(|channel| channel.id == entry[0]);
            let channel = channel.ok_or("a scan of a channel that is not in the frame")?;
            let (dc, ac) = (usize::from(entry[1] >> 4), usize::from(entry[1] & 15));
            if dc > 3 || ac > 3 || parts.iter().any(|part| part.channel == channel) {
                return Err("a scan header that cannot be");
            }
            parts.push(Part { channel, dc, ac });
        }
        let [first, last, bits, ..] = rest else { return Err("a short scan header") };
        let band = (usize::from(*first), usize::from(*last));
        let header = Self { parts, band, high: u32::from(bits >> 4), low: u32::from(bits & 15) };
        if header.parts.is_empty() || !header.is_possible(frame.is_progressive) {
            return Err("a scan header that cannot be");
        }
        Ok(header)
    }

    fn is_possible(&self, is_progressive: bool) -> bool {
        if !is_progressive {
            // What other writers put here says nothing in a sequential scan.
            return true;
        }
        let (first, last) = self.band;
        let is_band = if first == 0 { last == 0 } else { first <= last && last <= 63 && self.parts.len() == 1 };
        is_band && self.low <= 13 && (self.high == 0 || self.high == self.low + 1)
    }
}

/// The way of a scan over its blocks.
pub(super) struct Way<'f> {
    pub(super) frame: &'f Frame,
    /// Where the scan's bytes lie in the file, and how long the file is.
    pub(super) place: (Range<usize>, usize),
    /// Units between two restart markers; 0 for none.
    pub(super) restart: usize,
}

impl Way<'_> {
    /// Visits every block of a scan: the part's position in the header, and the block's column and row in its channel.
    ///
    /// `begin` is called before each interval.
    pub(super) fn visit<S>(
        &self,
        header: &Header,
        data: &[u8],
        state: &mut S,
        begin: impl Fn(&mut S),
        block: impl Fn(&mut S, &mut Bits<'_>, usize, (usize, usize)) -> Result<(), &'static str>,
        watch: &mut Watch<'_>,
    ) -> Result<(), PhotoFault> {
        let (across, down, cells) = self.cells(header);
        let mut intervals = Intervals { data, at: 0, end: 0, number: 0 };
        let mut bits = intervals.next().ok_or_else(|| self.damaged(0, "a scan without data"))?;
        begin(state);
        let mut until_restart = self.restart;
        for y in 0..down {
            for x in 0..across {
                if self.restart > 0 && until_restart == 0 {
                    self.require_used_up(&bits, intervals.at)?;
                    bits = intervals.next().ok_or(PhotoFault::CutOff { at: self.place.0.end })?;
                    begin(state);
                    until_restart = self.restart;
                }
                until_restart = until_restart.wrapping_sub(1);
                for (part, dx, dy, columns, rows) in &cells {
                    let place = (x * columns + dx, y * rows + dy);
                    let done = block(state, &mut bits, *part, place);
                    done.map_err(|what| self.damaged(intervals.at + bits.place(), what))?;
                }
            }
            if bits.is_beyond_the_end() {
                return Err(self.damaged(intervals.at, "a scan that ends too early"));
            }
            watch.step(Stage::Reading, self.place.0.start + intervals.at + bits.place(), self.place.1)?;
        }
        self.require_used_up(&bits, intervals.at)?;
        if intervals.is_at_the_end() { Ok(()) } else { Err(self.damaged(intervals.at, "more than the picture")) }
    }

    /// Units across and down, and the blocks of one: part, offsets in it, and how many it has in each direction.
    #[expect(clippy::type_complexity, reason = "used twice, three lines apart")]
    fn cells(&self, header: &Header) -> (usize, usize, Vec<(usize, usize, usize, usize, usize)>) {
        if let [only] = header.parts.as_slice() {
            let (width, height) = self.frame.samples(&self.frame.channels[only.channel]);
            return (width.div_ceil(8), height.div_ceil(8), vec![(0, 0, 0, 1, 1)]);
        }
        let (across, down) = self.frame.units();
        let mut cells = Vec::new();
        for (part, Part { channel, .. }) in header.parts.iter().enumerate() {
            let channel = &self.frame.channels[*channel];
            for dy in 0..channel.down {
                cells.extend((0..channel.across).map(|dx| (part, dx, dy, channel.across, channel.down)));
            }
        }
        (across, down, cells)
    }

    fn require_used_up(&self, bits: &Bits<'_>, at: usize) -> Result<(), PhotoFault> {
        if bits.is_beyond_the_end() {
            return Err(self.damaged(at, "an interval that ends too early"));
        }
        if bits.left() > MOST_LEFT {
            return Err(self.damaged(at + bits.place(), "bytes that are no part of the picture"));
        }
        Ok(())
    }

    fn damaged(&self, at: usize, what: &'static str) -> PhotoFault {
        PhotoFault::Damaged { at: self.place.0.start + at, what }
    }
}

/// The intervals of a scan, split at its restart markers, which count from 0 to 7 and again.
struct Intervals<'d> {
    data: &'d [u8],
    /// Where the present interval begins.
    at: usize,
    /// Where it ends: at a marker, or with the scan.
    end: usize,
    /// How many were given out.
    number: usize,
}

impl<'d> Intervals<'d> {
    fn next(&mut self) -> Option<Bits<'d>> {
        if self.number > 0 {
            let marker = usize::from(*self.data.get(self.end + 1)?);
            if marker != 0xD0 + (self.number - 1) % 8 {
                return None;
            }
            self.at = self.end + 2;
        }
        self.number += 1;
        self.end = self.next_end();
        Some(Bits::new(self.data.get(self.at..self.end)?))
    }

    fn next_end(&self) -> usize {
        let mut at = self.at;
        while let Some((found, marker)) = marker_from(self.data, at) {
            if (0xD0..=0xD7).contains(&marker) {
                return found;
            }
            at = found + 1;
        }
        self.data.len()
    }

    fn is_at_the_end(&self) -> bool {
        self.end == self.data.len()
    }
}
