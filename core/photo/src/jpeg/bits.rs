//! Bits out of the entropy-coded bytes of one interval. In there a byte FF is always followed by a 00 that says nothing
//! (ITU-T T.81, F.1.2.3).

/// A reader of bits, the highest first. It reads on beyond the end, as zeros, and knows that it did.
#[derive(Clone, Copy)]
pub(super) struct Bits<'d> {
    data: &'d [u8],
    /// The next byte that is not in `held`.
    next: usize,
    /// The bits read ahead, from the highest down.
    held: u64,
    /// How many of them are counted.
    count: u32,
    /// How many of these were made up beyond the end.
    made_up: u32,
}

/// Bytes that contain an FF.
fn has_ff(eight: u64) -> bool {
    const LOW: u64 = 0x0101_0101_0101_0101;
    let inverted = !eight;
    inverted.wrapping_sub(LOW) & !inverted & (LOW << 7) != 0
}

impl<'d> Bits<'d> {
    pub(super) fn new(data: &'d [u8]) -> Self {
        Self { data, next: 0, held: 0, count: 0, made_up: 0 }
    }

    /// At least 32 bits are held afterwards, enough for a code of 16 and a number of 16.
    #[inline]
    pub(super) fn fill(&mut self) {
        if self.count >= 32 {
            return;
        }
        if let Some(chunk) = self.data.get(self.next..).and_then(<[u8]>::first_chunk::<8>) {
            let eight = u64::from_be_bytes(*chunk);
            if !has_ff(eight) {
                // Bits beyond those counted are the next byte's, and come again the same.
                self.held |= eight >> self.count;
                self.next += ((63 - self.count) >> 3) as usize;
                self.count |= 0x38;
                return;
            }
        }
        *self = self.filled_slowly();
    }

    #[cold]
    #[inline(never)]
    fn filled_slowly(mut self) -> Self {
        // What lies beyond the counted bits may be a byte's first half; here every byte is put in whole.
        self.held &= !(u64::MAX >> self.count);
        while self.count <= 56 {
            let byte = match self.data.get(self.next) {
                Some(0xFF) => {
                    self.next += 2;
                    0xFF
                }
                Some(byte) => {
                    self.next += 1;
                    *byte
                }
                None => {
                    self.made_up += 8;
                    0
                }
            };
            self.held |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
        self
    }

    /// The next `wanted` bits, 1 to 32 of them, without taking them.
    #[inline]
    pub(super) fn peek(&self, wanted: u32) -> usize {
        crate::num::small(self.held >> (64 - wanted))
    }

    /// Takes bits that were filled in before, and never more.
    #[inline]
    pub(super) fn take(&mut self, taken: u32) {
        self.held <<= taken;
        self.count = self.count.wrapping_sub(taken);
    }

    /// One bit; fills when needed.
    #[inline]
    pub(super) fn bit(&mut self) -> bool {
        self.fill();
        let is_set = self.held >> 63 == 1;
        self.take(1);
        is_set
    }

    /// A plain number of 0 to 16 bits that were filled in before.
    #[inline]
    pub(super) fn number(&mut self, bits: u32) -> usize {
        if bits == 0 {
            return 0;
        }
        let number = self.peek(bits);
        self.take(bits);
        number
    }

    /// A number of 0 to 15 bits whose first bit says whether it is positive (T.81, F.2.2.1).
    #[inline]
    pub(super) fn signed(&mut self, bits: u32) -> i16 {
        if bits == 0 {
            return 0;
        }
        let raw = crate::num::level16(self.peek(bits));
        self.take(bits);
        if raw < 1 << (bits - 1) { raw - (i16::MAX >> (15 - bits)) } else { raw }
    }

    /// Whether more was taken than there is.
    #[inline]
    pub(super) fn is_beyond_the_end(&self) -> bool {
        self.made_up > self.count
    }

    /// Whole bytes that were not taken.
    pub(super) fn left(&self) -> usize {
        let held = (self.count.saturating_sub(self.made_up) / 8) as usize;
        self.data.len().saturating_sub(self.next) + held
    }

    /// How many bytes were read, about.
    pub(super) fn place(&self) -> usize {
        self.next.min(self.data.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_in_order_without_the_stuffed_zeros() {
        let mut bits = Bits::new(&[0b1010_0101, 0xFF, 0x00, 0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0xDE, 0xF0, 0x01]);
        let mut read = Vec::new();
        for _ in 0..11 {
            bits.fill();
            read.push(bits.number(8));
        }
        assert_eq!(read, [0xA5, 0xFF, 0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0xDE, 0xF0, 0x01]);
        assert!(!bits.is_beyond_the_end());
        assert_eq!(bits.left(), 0);
        bits.fill();
        assert_eq!(bits.number(3), 0);
        assert!(bits.is_beyond_the_end());
    }

    #[test]
    fn the_longest_numbers_are_read_to_both_ends() {
        for (bytes, number) in [([0; 4], i16::MIN + 1), ([0x80, 0, 0, 0], 1 << 14), ([0x7F; 4], -16_448)] {
            let mut bits = Bits::new(&bytes);
            bits.fill();
            assert_eq!(bits.signed(15), number);
        }
    }

    #[test]
    fn numbers_keep_their_sign_and_what_is_left_is_counted() {
        let mut bits = Bits::new(&[0b0100_1110, 0x00, 0x00, 0x00]);
        bits.fill();
        let read: Vec<i16> = [1, 1, 2, 2, 2].into_iter().map(|length| bits.signed(length)).collect();
        assert_eq!(read, [-1, 1, -3, 3, 2]);
        assert_eq!(bits.left(), 3);
    }
}
