//! Huffman codes of a JPEG, looked up.

use super::bits::Bits;

/// Bits that are looked up at once.
const LOOK: u32 = 10;

/// A table of codes.
pub(super) struct Huffman {
    /// For the next `LOOK` bits: length of the code in the high byte, its symbol in the low one; 0 for a longer code.
    short: Box<[u16; 1 << LOOK]>,
    /// The first code that is longer than this length, moved to the top of 16 bits.
    above: [u32; 18],
    /// What to add to a code of a length to find its symbol.
    offset: [i32; 17],
    symbols: Vec<u8>,
}

impl Huffman {
    /// A table from the count of codes of each length and the symbols in order; `None` when the counts make no code.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut table =
            Self { short: Box::new([0; 1 << LOOK]), above: [0; 18], offset: [0; 17], symbols: symbols.to_vec() };
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

    /// The first symbol of the lower `count` bits and its code's length; `None` where they do not hold it, or where it is
    /// longer than a look.
    pub(super) fn short_symbol(&self, bits: u32, count: u32) -> Option<(u8, u32)> {
        let look = if count > LOOK { bits >> (count - LOOK) } else { bits << (LOOK - count) };
        let entry = *self.short.get(look as usize)?;
        let length = u32::from(entry >> 8);
        (1..=count).contains(&length).then_some(((entry & 0xFF) as u8, length))
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
