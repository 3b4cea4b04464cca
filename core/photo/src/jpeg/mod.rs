//! JPEG, read strictly and straight to the size that is wanted.
//!
//! **Purpose.** A phone's photo of 12 or 50 megapixels becomes a picture of 1,600 pixels. Whoever unpacks it whole first
//! needs up to 150 MB for it; here the picture is made small while it is read (`transform`), so that planes of a few
//! megabytes are all there ever is.
//!
//! **Invariants.** No input makes it panic, take more than its limits, or answer a picture that is not in the file:
//! what is cut off, contradicts itself or has bytes left over is refused, where other readers fill in grey.
//!
//! **Non-goals.** Arithmetic coding, lossless, 12 bits, CMYK: no camera writes them.

mod bits;
mod frame;
mod huffman;
mod looks;
mod progressive;
mod scan;
mod sequential;
mod structure;
#[cfg(test)]
mod tests;
mod tiles;
mod transform;

pub(crate) use frame::Colours;
pub(crate) use structure::Structure;
pub(crate) use transform::{ZIGZAG, eight_factors, transposed};

use bits::Bits;
use huffman::Huffman;
use looks::Looks;
use progressive::{Carried, Coefficients};
use scan::{Header, Way};
use structure::Segment;
use tiles::Wanted;
use transform::{Size, multipliers, write_block};

use crate::{PhotoFault, plane::Plane, reshot::Tiles, watch::Watch};

/// Reads a picture's channels, each at least as long as is wanted of it, or whole when it is shorter.
///
/// `wanted` is the longer side of the first channel in samples; the channels of colour are read for half of it.
/// `memory` is the most that may be taken; where it does not suffice, the picture comes smaller. Of a picture that comes
/// smaller than it is stored a few tiles of the brightness come beside it as they are, unless it is progressive.
pub(crate) fn read(
    bytes: &[u8],
    structure: &Structure,
    wanted: usize,
    memory: usize,
    watch: &mut Watch<'_>,
) -> Result<(Vec<Plane>, Option<Tiles>), PhotoFault> {
    let mut reader = Reader::new(bytes, structure, wanted, memory);
    for segment in &structure.segments {
        match segment {
            Segment::Quantisation(place) => reader.quantisation(&bytes[place.clone()], place.start)?,
            Segment::Huffman(place) => reader.huffman(&bytes[place.clone()], place.start)?,
            Segment::Restart(units) => reader.restart = *units,
            Segment::Scan(header, data) => {
                let header = Header::read(&structure.frame, &bytes[header.clone()])
                    .map_err(|what| PhotoFault::Damaged { at: header.start, what })?;
                reader.scan(&header, data.clone(), watch)?;
            }
        }
    }
    reader.finish()
}

/// One channel while it is read.
struct Track {
    size: Size,
    /// The last coefficient that is needed for the size, in the order of a scan.
    needed: usize,
    /// Blocks across and down, with those that only fill up a unit.
    across: usize,
    down: usize,
    /// Samples across and down of the channel as it will be.
    width: usize,
    height: usize,
    /// Its quantisation, in the form its size needs, from its first scan on.
    multipliers: Option<[f32; 64]>,
    plane: Vec<u8>,
    coefficients: Option<Coefficients>,
}

impl Track {
    fn plane_bytes(&self) -> usize {
        self.across * self.down * self.size.samples() * self.size.samples()
    }

    fn stride(&self) -> usize {
        self.across * self.size.samples()
    }

    /// Where a block's first sample lies.
    fn offset(&self, (x, y): (usize, usize)) -> usize {
        (y * self.stride() + x) * self.size.samples()
    }
}

struct Reader<'b> {
    bytes: &'b [u8],
    structure: &'b Structure,
    tracks: Vec<Track>,
    quantisation: [Option<[u16; 64]>; 4],
    dc: [Option<Huffman>; 4],
    ac: [Option<Huffman>; 4],
    restart: usize,
    wanted: Option<Wanted>,
}

impl<'b> Reader<'b> {
    fn new(bytes: &'b [u8], structure: &'b Structure, wanted: usize, memory: usize) -> Self {
        let mut tracks = tracks(structure, wanted);
        let is_progressive = structure.frame.is_progressive;
        while peak(&tracks, is_progressive) > memory {
            // Channels of one size become smaller together, or they would no longer fit each other.
            let largest = tracks.iter().map(Track::plane_bytes).max().unwrap_or(0);
            let mut is_smaller = false;
            for track in tracks.iter_mut().filter(|track| track.plane_bytes() == largest) {
                let smaller = track.size.smaller();
                is_smaller |= smaller != track.size;
                track.size = smaller;
            }
            if !is_smaller {
                break;
            }
        }
        for (track, channel) in tracks.iter_mut().zip(&structure.frame.channels) {
            let (width, height) = structure.frame.samples(channel);
            track.needed = sequential::last_needed(track.size);
            (track.width, track.height) = (track.size.of(width), track.size.of(height));
        }
        Self {
            bytes,
            structure,
            tracks,
            quantisation: [None; 4],
            dc: [const { None }; 4],
            ac: [const { None }; 4],
            restart: 0,
            wanted: None,
        }
    }

    fn quantisation(&mut self, mut data: &[u8], at: usize) -> Result<(), PhotoFault> {
        let damaged = || PhotoFault::Damaged { at, what: "a table of quantisation that cannot be" };
        while let Some((head, rest)) = data.split_first() {
            let width = if head >> 4 == 0 { 1 } else { 2 };
            let (entries, rest) = rest.split_at_checked(64 * width).ok_or_else(damaged)?;
            let mut table = [0; 64];
            for (value, entry) in table.iter_mut().zip(entries.chunks_exact(width)) {
                *value = entry.iter().fold(0, |value, byte| value << 8 | u16::from(*byte));
            }
            *self.quantisation.get_mut(usize::from(head & 15)).ok_or_else(damaged)? = Some(table);
            data = rest;
        }
        Ok(())
    }

    fn huffman(&mut self, mut data: &[u8], at: usize) -> Result<(), PhotoFault> {
        let damaged = || PhotoFault::Damaged { at, what: "a table of codes that cannot be" };
        while let Some((head, rest)) = data.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>().ok_or_else(damaged)?;
            let total = counts.iter().map(|count| usize::from(*count)).sum();
            let (symbols, rest) = rest.split_at_checked(total).ok_or_else(damaged)?;
            let table = Huffman::new(counts, symbols).ok_or_else(damaged)?;
            let tables = if head >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            *tables.get_mut(usize::from(head & 15)).ok_or_else(damaged)? = Some(table);
            data = rest;
        }
        Ok(())
    }

    fn scan(
        &mut self,
        header: &Header,
        place: std::ops::Range<usize>,
        watch: &mut Watch<'_>,
    ) -> Result<(), PhotoFault> {
        let at = place.start;
        let damaged = |what| PhotoFault::Damaged { at, what };
        for part in &header.parts {
            self.begin_channel(part.channel).map_err(damaged)?;
        }
        let data = &self.bytes[place.clone()];
        let way = Way { frame: &self.structure.frame, place: (place, self.bytes.len()), restart: self.restart };
        let Self { tracks, dc, ac, wanted, .. } = self;
        let mut sweep = Sweep { tracks, carried: Carried::default(), wanted };
        if self.structure.frame.is_progressive {
            let block = |sweep: &mut Sweep<'_>, bits: &mut Bits<'_>, part: usize, place: (usize, usize)| {
                let chosen = header.parts[part];
                let tables = (dc[chosen.dc].as_ref(), ac[chosen.ac].as_ref());
                progressive_block(sweep, bits, header, tables, part, place)
            };
            return way.visit(header, data, &mut sweep, Sweep::reset, block, watch);
        }
        if header.parts.iter().any(|part| dc[part.dc].is_none() || ac[part.ac].is_none()) {
            return Err(damaged("a scan without its codes"));
        }
        let looks: [Option<Looks<'_>>; 4] = std::array::from_fn(|number| {
            let is_used = header.parts.iter().any(|part| part.ac == number);
            ac[number].as_ref().filter(|_| is_used).map(Looks::new)
        });
        let block = |sweep: &mut Sweep<'_>, bits: &mut Bits<'_>, part: usize, place: (usize, usize)| {
            let chosen = header.parts[part];
            let track = &mut sweep.tracks[chosen.channel];
            let (Some(dc), Some(ac), Some(multipliers)) = (&dc[chosen.dc], &looks[chosen.ac], &track.multipliers)
            else {
                return Err("a scan without its codes");
            };
            let mut values = [0; 64];
            let tiles = sweep.wanted.as_mut().filter(|tiles| chosen.channel == 0 && tiles.has(place));
            let needed = if tiles.is_some() { 63 } else { track.needed };
            sequential::read(bits, (dc, ac), &mut sweep.carried.dc[part & 3], needed, &mut values)?;
            if let Some(tiles) = tiles {
                tiles.put(place, &values);
            }
            let (offset, stride) = (track.offset(place), track.stride());
            let target = track.plane.get_mut(offset..).unwrap_or_default();
            write_block(track.size, &values, multipliers, target, stride);
            Ok(())
        };
        way.visit(header, data, &mut sweep, Sweep::reset, block, watch)
    }

    /// Sets a channel up at its first scan.
    fn begin_channel(&mut self, channel: usize) -> Result<(), &'static str> {
        let track = &mut self.tracks[channel];
        if track.multipliers.is_some() {
            return Ok(());
        }
        let table = self.quantisation[self.structure.frame.channels[channel].quantisation];
        let table = table.ok_or("a scan without its quantisation")?;
        track.multipliers = Some(multipliers(&table, track.size));
        if self.structure.frame.is_progressive {
            track.coefficients = Some(Coefficients::new(track.across * track.down, track.size));
        } else {
            track.plane = vec![0; track.plane_bytes()];
            if channel == 0 && track.size != Size::Eight {
                let (width, height) = self.structure.frame.samples(&self.structure.frame.channels[0]);
                self.wanted = Wanted::new(width, height, &table);
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<(Vec<Plane>, Option<Tiles>), PhotoFault> {
        let end = self.structure.end;
        let tiles = self.wanted.map(|wanted| wanted.tiles);
        let planes = self
            .tracks
            .into_iter()
            .map(|mut track| {
                let Some(multipliers) = track.multipliers else {
                    return Err(PhotoFault::Damaged { at: end, what: "a channel without a scan" });
                };
                if let Some(coefficients) = track.coefficients.take() {
                    render(&mut track, &coefficients, &multipliers);
                }
                Ok(Plane { width: track.width, height: track.height, stride: track.stride(), samples: track.plane })
            })
            .collect::<Result<_, _>>()?;
        Ok((planes, tiles))
    }
}

/// The samples of a progressive channel.
fn render(track: &mut Track, coefficients: &Coefficients, multipliers: &[f32; 64]) {
    track.plane = vec![0; track.plane_bytes()];
    let stride = track.stride();
    for y in 0..track.down {
        for x in 0..track.across {
            let values = coefficients.block(y * track.across + x);
            let offset = track.offset((x, y));
            let target = track.plane.get_mut(offset..).unwrap_or_default();
            write_block(track.size, &values, multipliers, target, stride);
        }
    }
}

/// What a scan changes on its way.
struct Sweep<'t> {
    tracks: &'t mut [Track],
    carried: Carried,
    wanted: &'t mut Option<Wanted>,
}

impl Sweep<'_> {
    fn reset(&mut self) {
        self.carried.reset();
    }
}

/// One block of a progressive scan.
fn progressive_block(
    sweep: &mut Sweep<'_>,
    bits: &mut Bits<'_>,
    header: &Header,
    (dc, ac): (Option<&Huffman>, Option<&Huffman>),
    part: usize,
    place: (usize, usize),
) -> Result<(), &'static str> {
    let track = &mut sweep.tracks[header.parts[part].channel];
    let block = place.1 * track.across + place.0;
    let Some(coefficients) = track.coefficients.as_mut() else { return Err("a scan out of order") };
    if header.band.0 == 0 {
        return coefficients.read_dc(bits, block, header, dc, &mut sweep.carried.dc[part & 3]);
    }
    coefficients.read_ac(bits, block, header, ac.ok_or("a scan without its codes")?, &mut sweep.carried)
}

/// The channels of a frame, each at the smallest size that gives what is wanted of it.
fn tracks(structure: &Structure, wanted: usize) -> Vec<Track> {
    let frame = &structure.frame;
    let (units_across, units_down) = frame.units();
    let tracks = frame.channels.iter().enumerate().map(|(number, channel)| {
        let (width, height) = frame.samples(channel);
        let is_colour = number > 0 && frame.colours == Colours::YCbCr;
        let wanted = if is_colour { wanted.div_ceil(2) } else { wanted };
        let size = Size::ALL.into_iter().find(|size| size.of(width.max(height)) >= wanted).unwrap_or(Size::Eight);
        Track {
            size,
            needed: 63,
            across: units_across * channel.across,
            down: units_down * channel.down,
            width: 0,
            height: 0,
            multipliers: None,
            plane: Vec::new(),
            coefficients: None,
        }
    });
    tracks.collect()
}

/// The most bytes that are held at once.
fn peak(tracks: &[Track], is_progressive: bool) -> usize {
    let planes: usize = tracks.iter().map(Track::plane_bytes).sum();
    if !is_progressive {
        return planes;
    }
    let of = |track: &Track| Coefficients::bytes(track.across * track.down, track.size);
    let mut coefficients: usize = tracks.iter().map(of).sum();
    let (mut made, mut peak) = (0, coefficients);
    for track in tracks {
        made += track.plane_bytes();
        peak = peak.max(coefficients + made);
        coefficients -= of(track);
    }
    peak
}
