//! Bits into bytes, the highest first; behind a byte FF goes a 00 that says nothing (ITU-T T.81, F.1.2.3).

use super::tables::Codes;
use crate::num::low_byte;

/// Bits that are not in a file yet. A copy of them stays in registers while a block is written.
#[derive(Clone, Copy, Default)]
pub(super) struct Bits {
    /// At the lower end.
    held: u64,
    count: u32,
}

fn put_byte(file: &mut Vec<u8>, byte: u8) {
    file.push(byte);
    if byte == 0xFF {
        file.push(0);
    }
}

impl Bits {
    /// At most 31 bits, all others of the number 0.
    #[inline]
    fn put(&mut self, file: &mut Vec<u8>, bits: u32, count: u32) {
        self.held = self.held << count | u64::from(bits);
        self.count += count;
        if self.count >= 32 {
            self.count -= 32;
            let four = crate::num::low_half(self.held >> self.count);
            // A byte FF of the number is a 00 of its opposite.
            let opposite = !four;
            if opposite.wrapping_sub(0x0101_0101) & four & 0x8080_8080 == 0 {
                file.extend_from_slice(&four.to_be_bytes());
            } else {
                four.to_be_bytes().into_iter().for_each(|byte| put_byte(file, byte));
            }
        }
    }

    /// A symbol alone.
    #[inline]
    pub(super) fn symbol(&mut self, file: &mut Vec<u8>, codes: &Codes, symbol: u8) {
        let (code, length) = codes.of(symbol);
        self.put(file, code, length);
    }

    /// A number behind so many zeros, at most 15 of them.
    #[inline]
    pub(super) fn number(&mut self, file: &mut Vec<u8>, codes: &Codes, zeros: usize, number: i16) {
        let size = 16 - number.unsigned_abs().leading_zeros();
        let (code, length) = codes.of(low_byte(zeros << 4 | size as usize));
        // A negative number counts from below: its bits are those of one less (T.81, F.1.2.1).
        let raw = u32::from(number.wrapping_sub(i16::from(number < 0)).cast_unsigned()) & ((1 << size) - 1);
        self.put(file, code << size | raw, length + size);
    }

    /// Writes what is left, the last byte filled up with ones.
    pub(super) fn finish(mut self, file: &mut Vec<u8>) {
        let spare = self.count.wrapping_neg() % 8;
        self.put(file, (1 << spare) - 1, spare);
        while self.count >= 8 {
            self.count -= 8;
            put_byte(file, low_byte(crate::num::small(self.held >> self.count)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_out_in_order_with_stuffed_zeros_and_filled_up_with_ones() {
        let (mut file, mut bits) = (vec![7], Bits::default());
        for (value, count) in [(0b101, 3), (0b1_1111, 5), (0xFF, 8), (0x12_3456, 24), (0b01, 2)] {
            bits.put(&mut file, value, count);
        }
        bits.finish(&mut file);
        assert_eq!(file, [7, 0b1011_1111, 0xFF, 0, 0x12, 0x34, 0x56, 0b0111_1111]);
        Bits::default().finish(&mut file);
        assert_eq!(file.len(), 8);
    }
}
