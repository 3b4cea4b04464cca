//! What one look at the next bits of a sequential scan tells: two coefficients, or how far several lead.
//!
//! In most blocks numbers are short, so that a code, its number, and the next of both fit a look. A step in a table then
//! stands for two, and what has to be waited for, where the next code begins, comes half as often.

use super::{bits::Bits, huffman::Huffman};

/// Bits that are looked up for coefficients.
const NEAR: u32 = 11;

/// Bits that are looked up where values do not matter.
const FAR: u32 = 12;

/// What leads beyond every block: its end.
pub(super) const TO_THE_END: usize = 64;

/// AC codes, with what a look tells.
pub(super) struct Looks<'t> {
    /// The codes themselves, for what a look does not tell.
    pub(super) codes: &'t Huffman,
    near: Box<[Near; 1 << NEAR]>,
    /// Bits taken in the lowest 4 bits, how far they lead above them.
    far: Box<[u16; 1 << FAR]>,
}

/// Two coefficients, or one, or one and the block's end, or that alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Near {
    /// Bits taken; 0 when not even one code fits with its number.
    pub(super) taken: u8,
    /// How many places further the numbers stand. Where there is none, a 0 is told of a place not yet come to.
    pub(super) places: [u8; 2],
    /// How many places further it leads; at the block's end a place for that, and [`TO_THE_END`].
    pub(super) further: u8,
    /// The numbers.
    pub(super) values: [i16; 2],
}

/// Coefficients that are passed over at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Far {
    /// Bits taken; 0 when not even one code fits with its number.
    pub(super) taken: u32,
    /// How many places further it leads; at the block's end a place for that, and [`TO_THE_END`].
    pub(super) further: usize,
}

/// What a code says.
enum Said {
    /// A number, behind so many zeros.
    Number(u32, i16),
    /// So many zeros.
    Zeros(u32),
    End,
}

/// The first code of the lower `count` bits, and how many it takes with its number; `None` when they do not hold it.
fn first(codes: &Huffman, bits: u32, count: u32) -> Option<(Said, u32)> {
    let (symbol, length) = codes.short_symbol(bits, count)?;
    let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
    let left = count.checked_sub(length + size)?;
    let raw = i16::try_from(bits >> left & ((1 << size) - 1)).ok()?;
    let said = match (run, size) {
        (15, 0) => Said::Zeros(16),
        (_, 0) => Said::End,
        _ if raw < 1 << (size - 1) => Said::Number(run, raw - (i16::MAX >> (15 - size))),
        _ => Said::Number(run, raw),
    };
    Some((said, length + size))
}

impl Near {
    fn of(codes: &Huffman, bits: u32) -> Option<Self> {
        let (mut entry, mut taken, mut further) = (Self::default(), 0, 0);
        for number in 0..2 {
            entry.places[number] = u8::try_from(further).ok()?;
            let left = NEAR - taken;
            let Some((said, bits)) = first(codes, bits & ((1 << left) - 1), left) else { continue };
            taken += bits;
            match said {
                Said::Number(run, value) => {
                    entry.places[number] = u8::try_from(further + run).ok()?;
                    entry.values[number] = value;
                    further += run + 1;
                }
                Said::Zeros(zeros) => further += zeros,
                Said::End => {
                    further += 1 + 64;
                    break;
                }
            }
        }
        (entry.taken, entry.further) = (u8::try_from(taken).ok()?, u8::try_from(further).ok()?);
        Some(entry)
    }
}

impl Far {
    fn of(codes: &Huffman, bits: u32) -> Self {
        let (mut taken, mut further) = (0, 0);
        while further < TO_THE_END {
            let left = FAR - taken;
            let Some((said, bits)) = first(codes, bits & ((1 << left) - 1), left) else { break };
            let places = match said {
                Said::Number(run, _) => run as usize + 1,
                Said::Zeros(zeros) => zeros as usize,
                Said::End => 1 + TO_THE_END,
            };
            if (further + places) % TO_THE_END < further {
                break;
            }
            taken += bits;
            further += places;
        }
        Self { taken, further }
    }
}

impl<'t> Looks<'t> {
    /// What a look tells, of a table of AC codes.
    pub(super) fn new(codes: &'t Huffman) -> Self {
        let mut looks = Self { codes, near: Box::new([Near::default(); 1 << NEAR]), far: Box::new([0; 1 << FAR]) };
        for (bits, entry) in (0..).zip(looks.near.iter_mut()) {
            *entry = Near::of(codes, bits).unwrap_or_default();
        }
        for (bits, entry) in (0..).zip(looks.far.iter_mut()) {
            let far = Far::of(codes, bits);
            *entry = u16::try_from(far.further << 4 | far.taken as usize).unwrap_or(0);
        }
        looks
    }

    /// The next coefficients, where one look tells them.
    #[inline]
    pub(super) fn near(&self, bits: &Bits<'_>) -> Near {
        self.near[bits.peek(NEAR) & ((1 << NEAR) - 1)]
    }

    /// As many coefficients as one look tells, without their values.
    #[inline]
    pub(super) fn far(&self, bits: &Bits<'_>) -> Far {
        let entry = self.far[bits.peek(FAR) & ((1 << FAR) - 1)];
        Far { taken: u32::from(entry & 15), further: usize::from(entry >> 4) }
    }
}
