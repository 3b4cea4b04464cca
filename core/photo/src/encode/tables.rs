//! The usual tables of the standard: steps of quantisation (ITU-T T.81, K.1 and K.2) and codes (K.3 to K.6).

use crate::jpeg::ZIGZAG;

/// What a channel says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Brightness,
    Colour,
}

/// How many codes there are of each length, and their symbols in order.
pub(super) type CodeTable = (&'static [u8; 16], &'static [u8]);

/// Steps for brightness, in rows of 8.
#[rustfmt::skip]
const BRIGHTNESS: [u8; 64] = [
    16, 11, 10, 16, 24, 40, 51, 61,
    12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77,
    24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103, 99,
];

/// Steps for colour, from its first 4 rows of 4; all others are 99.
const COLOUR: [[u8; 4]; 4] = [[17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56, 99], [47, 66, 99, 99]];

const DC_SYMBOLS: [u8; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const BRIGHTNESS_DC: [u8; 16] = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const COLOUR_DC: [u8; 16] = [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0];
const BRIGHTNESS_AC: [u8; 16] = [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125];
const COLOUR_AC: [u8; 16] = [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119];

#[rustfmt::skip]
const BRIGHTNESS_AC_SYMBOLS: [u8; 162] = [
    0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07, 0x22, 0x71,
    0x14, 0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1, 0x15, 0x52, 0xD1, 0xF0, 0x24, 0x33, 0x62, 0x72,
    0x82, 0x09, 0x0A, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x34, 0x35, 0x36, 0x37,
    0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59,
    0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0x83,
    0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3,
    0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3,
    0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE1, 0xE2,
    0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
];

#[rustfmt::skip]
const COLOUR_AC_SYMBOLS: [u8; 162] = [
    0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71, 0x13, 0x22,
    0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xA1, 0xB1, 0xC1, 0x09, 0x23, 0x33, 0x52, 0xF0, 0x15, 0x62, 0x72, 0xD1,
    0x0A, 0x16, 0x24, 0x34, 0xE1, 0x25, 0xF1, 0x17, 0x18, 0x19, 0x1A, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x35, 0x36,
    0x37, 0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58,
    0x59, 0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A,
    0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A,
    0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA,
    0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA,
    0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
];

/// The steps for a quality from 1 to 100, in the order of a scan. They are halved at 75, doubled at 25, and so on, as
/// encoders have done it since the first.
pub(super) fn quantisation(kind: Kind, quality: u8) -> [u8; 64] {
    let quality = u32::from(quality.clamp(1, 100));
    let percent = if quality < 50 { 5_000 / quality } else { 200 - 2 * quality };
    ZIGZAG.map(|place| {
        let step = match kind {
            Kind::Brightness => BRIGHTNESS[place],
            Kind::Colour => COLOUR.get(place / 8).and_then(|row| row.get(place % 8)).copied().unwrap_or(99),
        };
        u8::try_from((u32::from(step) * percent + 50) / 100).unwrap_or(u8::MAX).max(1)
    })
}

/// Codes of a block's first coefficient.
pub(super) fn dc(kind: Kind) -> CodeTable {
    match kind {
        Kind::Brightness => (&BRIGHTNESS_DC, &DC_SYMBOLS),
        Kind::Colour => (&COLOUR_DC, &DC_SYMBOLS),
    }
}

/// Codes of its others.
pub(super) fn ac(kind: Kind) -> CodeTable {
    match kind {
        Kind::Brightness => (&BRIGHTNESS_AC, &BRIGHTNESS_AC_SYMBOLS),
        Kind::Colour => (&COLOUR_AC, &COLOUR_AC_SYMBOLS),
    }
}

/// Codes by their symbols.
pub(super) struct Codes(Box<[(u16, u8); 256]>);

impl Codes {
    /// Codes are counted up within a length, and go on with a 0 behind them in the next.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Self {
        let mut codes = Box::new([(0, 0); 256]);
        let (mut code, mut symbols) = (0_u16, symbols.iter());
        for (length, count) in (1..).zip(counts) {
            for symbol in symbols.by_ref().take(usize::from(*count)) {
                codes[usize::from(*symbol)] = (code, length);
                code = code.wrapping_add(1);
            }
            code <<= 1;
        }
        Self(codes)
    }

    /// A symbol's code and its length.
    #[inline]
    pub(super) fn of(&self, symbol: u8) -> (u32, u32) {
        let (code, length) = self.0[usize::from(symbol)];
        (u32::from(code), u32::from(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        let (counts, symbols) = ac(Kind::Brightness);
        let codes = Codes::new(counts, symbols);
        // T.81, table K.5.
        assert_eq!([codes.of(0), codes.of(0x01), codes.of(0x11)], [(0b1010, 4), (0b00, 2), (0b1100, 4)]);
        assert_eq!([codes.of(0xF0), codes.of(0xFA)], [(0b111_1111_1001, 11), (0xFFFE, 16)]);
        let (counts, symbols) = ac(Kind::Colour);
        let codes = Codes::new(counts, symbols);
        // Table K.6.
        assert_eq!([codes.of(0), codes.of(0xF0), codes.of(0xFA)], [(0b00, 2), (0b11_1111_1010, 10), (0xFFFE, 16)]);
        for kind in [Kind::Brightness, Kind::Colour] {
            for (counts, symbols) in [dc(kind), ac(kind)] {
                assert_eq!(counts.iter().map(|count| usize::from(*count)).sum::<usize>(), symbols.len());
            }
        }
    }

    #[test]
    fn a_quality_of_50_takes_the_steps_as_they_are() {
        assert_eq!(quantisation(Kind::Brightness, 50)[..5], [16, 11, 12, 14, 12]);
        assert_eq!(quantisation(Kind::Colour, 50)[62..], [99, 99]);
        assert_eq!(quantisation(Kind::Brightness, 100), [1; 64]);
        assert_eq!(quantisation(Kind::Colour, 1), [255; 64]);
    }
}
