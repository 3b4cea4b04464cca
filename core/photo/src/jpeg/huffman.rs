//! Huffman codes of a JPEG, looked up.

use super::bits::Bits;

/// Bits that are looked up at once.
const LOOK: u32 = 10;

/// A table of codes.
pub(super) struct Huffman {
    /// For the next `LOOK` bits: length of the code in the high byte, its symbol in the low one; 0 for a longer code.
    short: Box<[u16; 1 << LOOK]>,
    /// For the next `LOOK` bits: an AC symbol with its number, where both fit. See [`Quick`].
    quick: Box<[u32; 1 << LOOK]>,
    /// For the next `LOOK` bits: all AC symbols that fit with their numbers, of which only the lengths matter. See [`Leap`].
    leaps: Box<[u16; 1 << LOOK]>,
    /// The first code that is longer than this length, moved to the top of 16 bits.
    above: [u32; 18],
    /// What to add to a code of a length to find its symbol.
    offset: [i32; 17],
    symbols: Vec<u8>,
}

/// A run of zeros and the number after it, both read from one look.
#[derive(Clone, Copy)]
pub(super) struct Quick {
    /// Zeros before the number.
    pub(super) run: usize,
    /// The number.
    pub(super) value: i16,
    /// Bits taken.
    pub(super) taken: u32,
}

/// Coefficients that are passed over at once.
#[derive(Clone, Copy, Default)]
pub(super) struct Leap {
    /// Bits taken; 0 when not even one symbol fits with its number.
    pub(super) taken: u32,
    /// How many coefficients further it leads, up to 127.
    pub(super) places: usize,
    /// Whether the block ends behind them.
    pub(super) is_the_end: bool,
}

/// The run in an entry that ends its block: it leads beyond every block.
pub(super) const TO_THE_END: usize = 64;

impl Huffman {
    /// A table from the count of codes of each length and the symbols in order; `None` when the counts make no code.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut table = Self {
            short: Box::new([0; 1 << LOOK]),
            quick: Box::new([0; 1 << LOOK]),
            leaps: Box::new([0; 1 << LOOK]),
            above: [0; 18],
            offset: [0; 17],
            symbols: symbols.to_vec(),
        };
        let (mut code, mut at) = (0_u32, 0_usize);
        for (length, count) in (1_u32..).zip(counts) {
            let place = length as usize;
            table.offset[place] = i32::try_from(at).ok()? - i32::try_from(code).ok()?;
            for _ in 0..*count {
                let symbol = *symbols.get(at)?;
                if code >= 1 << length {
                    return None;
                }
                table.note_short(code, length, symbol);
                code += 1;
                at += 1;
            }
            table.above[place] = code << (16 - length);
            code <<= 1;
        }
        table.above[17] = u32::MAX;
        table.note_quick();
        table.note_leaps();
        Some(table)
    }

    fn note_short(&mut self, code: u32, length: u32, symbol: u8) {
        if length <= LOOK {
            let spare = LOOK - length;
            let from = (code << spare) as usize;
            let entry = u16::from(symbol) | u16::try_from(length).unwrap_or(0) << 8;
            self.short[from..from + (1 << spare)].fill(entry);
        }
    }

    fn note_quick(&mut self) {
        for look in 0..1_u32 << LOOK {
            let entry = self.short[look as usize];
            let (length, symbol) = (u32::from(entry >> 8), u32::from(entry & 0xFF));
            let (run, size) = (symbol >> 4, symbol & 15);
            if symbol == 0 && length > 0 {
                self.quick[look as usize] = 64 << 8 | length;
                continue;
            }
            if length == 0 || size == 0 || length + size > LOOK {
                continue;
            }
            let raw = (look >> (LOOK - length - size)) & ((1 << size) - 1);
            let value = if raw < 1 << (size - 1) { raw.wrapping_sub((1 << size) - 1) } else { raw };
            self.quick[look as usize] = value << 16 | run << 8 | (length + size);
        }
    }

    fn note_leaps(&mut self) {
        for look in 0..1_u32 << LOOK {
            let (mut taken, mut places, mut is_the_end) = (0, 0, false);
            while !is_the_end {
                let entry = u32::from(self.short[(look << taken & ((1 << LOOK) - 1)) as usize]);
                let (length, run, size) = (entry >> 8, entry >> 4 & 15, entry & 15);
                let further = if size > 0 || run == 15 { run + 1 } else { 0 };
                if length == 0 || taken + length + size > LOOK || places + further > 127 {
                    break;
                }
                taken += length + size;
                places += further;
                is_the_end = further == 0;
            }
            let entry = u32::from(is_the_end) << 15 | places << 8 | taken;
            self.leaps[look as usize] = u16::try_from(entry).unwrap_or(0);
        }
    }

    /// The next symbol; bits were filled in before. `None` for bits that are no code.
    #[inline]
    pub(super) fn symbol(&self, bits: &mut Bits<'_>) -> Option<u8> {
        let entry = self.short[bits.peek(LOOK) & ((1 << LOOK) - 1)];
        if entry != 0 {
            bits.take(u32::from(entry >> 8));
            return Some((entry & 0xFF) as u8);
        }
        let (symbol, length) = self.long_symbol(bits.peek(16))?;
        bits.take(length);
        Some(symbol)
    }

    /// The symbol of a code that is longer than a look, and the code's length.
    #[cold]
    #[inline(never)]
    fn long_symbol(&self, look: usize) -> Option<(u8, u32)> {
        let look = u32::try_from(look).ok()?;
        let length = (LOOK as usize + 1..=16).find(|length| look < self.above[*length])?;
        let code = i32::try_from(look >> (16 - length)).ok()?;
        let symbol = self.symbols.get(usize::try_from(code + self.offset[length]).ok()?)?;
        Some((*symbol, u32::try_from(length).ok()?))
    }

    /// A run and its number from one look, where that is enough.
    #[inline]
    pub(super) fn quick(&self, bits: &Bits<'_>) -> Option<Quick> {
        let entry = self.quick[bits.peek(LOOK) & ((1 << LOOK) - 1)];
        (entry != 0).then(|| Quick {
            run: (entry >> 8 & 127) as usize,
            value: ((entry >> 16) as u16).cast_signed(),
            taken: entry & 0xFF,
        })
    }

    /// As many coefficients as one look tells, without their values.
    #[inline]
    pub(super) fn leap(&self, bits: &Bits<'_>) -> Leap {
        let entry = u32::from(self.leaps[bits.peek(LOOK) & ((1 << LOOK) - 1)]);
        Leap { taken: entry & 0xFF, places: (entry >> 8 & 127) as usize, is_the_end: entry >> 15 == 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_codes_are_found_and_no_code_is_none() {
        // One code of each length from 1 to 16: 0, 10, 110, …
        let table = Huffman::new(&[1; 16], &(0..16).collect::<Vec<u8>>()).expect("a code");
        for length in 1..=16_u32 {
            let word = !(u32::MAX >> (length - 1));
            let bytes: Vec<u8> = word.to_be_bytes().iter().flat_map(|byte| stuffed(*byte)).collect();
            let mut bits = Bits::new(&bytes);
            bits.fill();
            assert_eq!(table.symbol(&mut bits), u8::try_from(length - 1).ok(), "{length}");
        }
        let mut bits = Bits::new(&[0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00]);
        bits.fill();
        assert_eq!(table.symbol(&mut bits), None);
    }

    fn stuffed(byte: u8) -> Vec<u8> {
        if byte == 0xFF { vec![0xFF, 0] } else { vec![byte] }
    }

    #[test]
    fn counts_that_make_no_code_make_no_table() {
        let mut counts = [0; 16];
        counts[0] = 3;
        assert!(Huffman::new(&counts, &[1, 2, 3]).is_none());
        counts[0] = 2;
        assert!(Huffman::new(&counts, &[1]).is_none());
    }
}
