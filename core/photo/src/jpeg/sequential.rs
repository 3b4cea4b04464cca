//! One block of a sequential scan.
//!
//! A picture that is made smaller while it is read needs only the lowest frequencies of each block. The others' bits have
//! to be passed over all the same, but not their values: several codes at a time, by their lengths alone.

use super::{
    bits::Bits,
    huffman::Huffman,
    looks::{Looks, TO_THE_END},
    transform::{Size, ZIGZAG},
};

/// The coefficients of a block, in rows of 8.
pub(super) type Block = [i16; 64];

/// The last coefficient, in the order of a scan, that a size is made from.
pub(super) fn last_needed(size: Size) -> usize {
    let is_needed = |place: &usize| place % 8 < size.samples() && place / 8 < size.samples();
    ZIGZAG.iter().rposition(is_needed).unwrap_or(63)
}

/// Reads a block that is all zeros until now; of its coefficients those up to `needed`.
#[inline]
pub(super) fn read(
    source: &mut Bits<'_>,
    tables: (&Huffman, &Looks<'_>),
    last: &mut i16,
    needed: usize,
    block: &mut Block,
) -> Result<(), &'static str> {
    // A copy of its own stays in registers.
    let mut bits = *source;
    let done = read_from(&mut bits, tables, last, needed, block);
    *source = bits;
    done
}

#[inline]
fn read_from(
    bits: &mut Bits<'_>,
    (dc, ac): (&Huffman, &Looks<'_>),
    last: &mut i16,
    needed: usize,
    block: &mut Block,
) -> Result<(), &'static str> {
    bits.fill();
    let length = dc.symbol(bits).filter(|length| *length <= 15).ok_or("bits that are no code")?;
    *last = last.saturating_add(bits.signed(u32::from(length)));
    block[0] = *last;
    let mut k = 1;
    while k <= needed {
        bits.fill();
        // Two looks take no more than there is after filling.
        if looked(bits, ac, &mut k, block) && (k > needed || looked(bits, ac, &mut k, block)) {
            continue;
        }
        bits.fill();
        match one(bits, ac.codes)? {
            (TO_THE_END, _) => return Ok(()),
            (run, Some(value)) => {
                k += run;
                let place = ZIGZAG.get(k).ok_or("a coefficient beyond its block")?;
                block[*place & 63] = value;
                k += 1;
            }
            (run, None) => k += run,
        }
    }
    pass_over(bits, ac, k)
}

/// Reads what one look tells, where it tells anything.
#[inline]
fn looked(bits: &mut Bits<'_>, ac: &Looks<'_>, k: &mut usize, block: &mut Block) -> bool {
    let near = ac.near(bits);
    if near.taken == 0 || *k + usize::from(near.further) % TO_THE_END >= 64 {
        return false;
    }
    bits.take(u32::from(near.taken));
    for (place, value) in near.places.into_iter().zip(near.values) {
        block[ZIGZAG[(*k + usize::from(place)) & 63] & 63] = value;
    }
    *k += usize::from(near.further);
    true
}

/// Passes over the rest of a block.
#[inline]
fn pass_over(bits: &mut Bits<'_>, ac: &Looks<'_>, mut k: usize) -> Result<(), &'static str> {
    while k < 64 {
        bits.fill();
        if leapt(bits, ac, &mut k) && (k >= 64 || leapt(bits, ac, &mut k)) {
            continue;
        }
        bits.fill();
        match one(bits, ac.codes)? {
            (TO_THE_END, _) => return Ok(()),
            (run, Some(_)) if k + run > 63 => return Err("a coefficient beyond its block"),
            (run, value) => k += run + usize::from(value.is_some()),
        }
    }
    Ok(())
}

/// Passes over what one look tells, where it tells anything.
#[inline]
fn leapt(bits: &mut Bits<'_>, ac: &Looks<'_>, k: &mut usize) -> bool {
    let far = ac.far(bits);
    let is_told = far.taken > 0 && *k + far.further % TO_THE_END <= 64;
    if is_told {
        bits.take(far.taken);
        *k += far.further;
    }
    is_told
}

/// The next coefficient: zeros before it, and its value; or sixteen zeros, or the block's end. Bits were filled in before.
#[inline]
fn one(bits: &mut Bits<'_>, ac: &Huffman) -> Result<(usize, Option<i16>), &'static str> {
    let symbol = ac.symbol(bits).ok_or("bits that are no code")?;
    let (run, length) = (usize::from(symbol >> 4), u32::from(symbol & 15));
    if length > 0 {
        return Ok((run, Some(bits.signed(length))));
    }
    Ok((if run < 15 { TO_THE_END } else { 16 }, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_needs_no_coefficient_behind_its_last() {
        assert_eq!(Size::ALL.map(last_needed), [0, 4, 24, 63]);
    }

    /// Codes of all lengths: an end, sixteen zeros, and numbers after many or no zeros.
    fn table() -> Huffman {
        let symbols = [0x01, 0x02, 0x11, 0x00, 0xF0, 0x31, 0x05, 0x72, 0xE1, 0x0A, 0x43, 0xF5];
        let counts = [0, 2, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0, 0];
        Huffman::new(&counts, &symbols).expect("a code")
    }

    /// The same, code by code.
    fn by_definition(bits: &mut Bits<'_>, codes: &Huffman) -> Result<Block, &'static str> {
        let mut block = [0; 64];
        bits.fill();
        let length = codes.symbol(bits).filter(|length| *length <= 15).ok_or("bits that are no code")?;
        block[0] = bits.signed(u32::from(length));
        let mut k = 1;
        while k < 64 {
            bits.fill();
            match one(bits, codes)? {
                (TO_THE_END, _) => break,
                (run, value) => {
                    k += run;
                    if let Some(value) = value {
                        block[*ZIGZAG.get(k).ok_or("a coefficient beyond its block")?] = value;
                        k += 1;
                    }
                }
            }
        }
        Ok(block)
    }

    #[test]
    fn passing_over_takes_the_same_bits_as_reading_and_refuses_the_same() {
        let (table, mut state, mut kinds) = (table(), 3_u32, [0; 2]);
        let looks = Looks::new(&table);
        for _ in 0..4_000 {
            let bytes: Vec<u8> = (0..120)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let [.., a, b] = state.to_le_bytes();
                    // Most codes are short, so that blocks come to their ends in every way.
                    if b % 3 == 0 { a & 0x5F } else { a & 0x7F & !(b >> 1) }
                })
                .collect();
            let read_for = |size| {
                let (mut bits, mut last, mut block) = (Bits::new(&bytes), 0, [0; 64]);
                let done = read(&mut bits, (&table, &looks), &mut last, last_needed(size), &mut block);
                bits.fill();
                (done.map(|()| block), bits.left(), bits.peek(32))
            };
            let (whole, left, next) = read_for(Size::Eight);
            let mut bits = Bits::new(&bytes);
            assert_eq!(by_definition(&mut bits, &table), whole);
            bits.fill();
            assert!(whole.is_err() || (bits.left(), bits.peek(32)) == (left, next));
            for size in Size::ALL {
                let (part, part_left, part_next) = read_for(size);
                assert_eq!(part.is_ok(), whole.is_ok(), "{size:?}");
                let (Ok(part), Ok(whole)) = (part, whole) else { continue };
                assert_eq!((part_left, part_next), (left, next), "{size:?}");
                for place in ZIGZAG.into_iter().take(last_needed(size) + 1) {
                    assert_eq!(part[place], whole[place], "{size:?} {place}");
                }
            }
            kinds[usize::from(whole.is_ok())] += 1;
        }
        assert!(kinds[0] > 100 && kinds[1] > 100, "{kinds:?}");
    }
}
