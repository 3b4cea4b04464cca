//! A progressive picture's coefficients, which stay in memory until the last scan.
//!
//! Only those are kept that the reduced picture is made from. Of the others a scan needs to know no more than whether
//! they were zero until now, which is one bit: at half size a block takes 40 bytes instead of 128.

use super::{
    bits::Bits,
    huffman::Huffman,
    scan::Header,
    sequential::Block,
    transform::{Size, ZIGZAG},
};

/// A slot of a coefficient that is not kept.
const NOT_KEPT: u8 = u8::MAX;

/// The coefficients of one channel.
pub(super) struct Coefficients {
    /// Where each coefficient of a scan is kept in its block.
    slots: [u8; 64],
    kept: usize,
    /// For each block, which coefficients are not zero.
    present: Vec<u64>,
    values: Vec<i16>,
}

/// What a scan carries from block to block.
#[derive(Default)]
pub(super) struct Carried {
    /// The last DC value of each part.
    pub(super) dc: [i16; 4],
    /// Blocks from here that have nothing more in this band.
    ends: usize,
}

impl Carried {
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }
}

impl Coefficients {
    /// Bytes that the coefficients of so many blocks take.
    pub(super) fn bytes(blocks: usize, size: Size) -> usize {
        blocks * (8 + 2 * size.samples() * size.samples())
    }

    pub(super) fn new(blocks: usize, size: Size) -> Self {
        let length = size.samples();
        let mut slots = [NOT_KEPT; 64];
        for (slot, place) in slots.iter_mut().zip(ZIGZAG) {
            let (x, y) = (place % 8, place / 8);
            if x < length && y < length {
                *slot = u8::try_from(y * length + x).unwrap_or(NOT_KEPT);
            }
        }
        let kept = length * length;
        Self { slots, kept, present: vec![0; blocks], values: vec![0; blocks * kept] }
    }

    /// The coefficients of a block.
    pub(super) fn block(&self, block: usize) -> Block {
        let mut out = [0; 64];
        let values = self.values.get(block * self.kept..).unwrap_or_default();
        for (k, slot) in self.slots.iter().enumerate() {
            if let Some(value) = values.get(usize::from(*slot)).filter(|_| *slot != NOT_KEPT) {
                out[ZIGZAG[k]] = *value;
            }
        }
        out
    }

    fn value(&mut self, block: usize, k: usize) -> Option<&mut i16> {
        let slot = self.slots[k & 63];
        if slot == NOT_KEPT { None } else { self.values.get_mut(block * self.kept + usize::from(slot)) }
    }

    fn set(&mut self, block: usize, k: usize, value: i32) {
        if let Some(present) = self.present.get_mut(block) {
            *present |= 1 << k;
        }
        if let Some(kept) = self.value(block, k) {
            *kept = i16::try_from(value).unwrap_or(i16::MAX);
        }
    }

    fn is_present(&self, block: usize, k: usize) -> bool {
        self.present.get(block).is_some_and(|present| present >> k & 1 == 1)
    }

    fn refine(&mut self, block: usize, k: usize, step: i16) {
        if let Some(kept) = self.value(block, k).filter(|kept| **kept & step == 0) {
            *kept = if *kept < 0 { kept.saturating_sub(step) } else { kept.saturating_add(step) };
        }
    }

    /// One block of a scan of DC values.
    pub(super) fn read_dc(
        &mut self,
        bits: &mut Bits<'_>,
        block: usize,
        header: &Header,
        table: Option<&Huffman>,
        last: &mut i16,
    ) -> Result<(), &'static str> {
        if header.high > 0 {
            let is_set = bits.bit();
            if let Some(kept) = self.value(block, 0).filter(|_| is_set) {
                *kept |= 1 << header.low;
            }
            return Ok(());
        }
        let table = table.ok_or("a scan without its codes")?;
        bits.fill();
        let length = table.symbol(bits).filter(|length| *length <= 15).ok_or("bits that are no code")?;
        *last = last.saturating_add(bits.signed(u32::from(length)));
        self.set(block, 0, (i32::from(*last) << header.low).clamp(-32_768, 32_767));
        Ok(())
    }

    /// One block of a scan of AC values.
    pub(super) fn read_ac(
        &mut self,
        bits: &mut Bits<'_>,
        block: usize,
        header: &Header,
        table: &Huffman,
        carried: &mut Carried,
    ) -> Result<(), &'static str> {
        if header.high > 0 {
            return self.refine_ac(bits, block, header, table, carried);
        }
        if carried.ends > 0 {
            carried.ends -= 1;
            return Ok(());
        }
        let (mut k, last) = header.band;
        while k <= last {
            bits.fill();
            let symbol = table.symbol(bits).ok_or("bits that are no code")?;
            let (run, length) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            if length == 0 {
                if run < 15 {
                    carried.ends = (1 << run) - 1 + bits.number(u32::from(symbol >> 4));
                    break;
                }
                k += 16;
                continue;
            }
            k += run;
            if k > last {
                return Err("a coefficient beyond its band");
            }
            let value = i32::from(bits.signed(length)) << header.low;
            self.set(block, k, value.clamp(-32_768, 32_767));
            k += 1;
        }
        Ok(())
    }

    fn refine_ac(
        &mut self,
        bits: &mut Bits<'_>,
        block: usize,
        header: &Header,
        table: &Huffman,
        carried: &mut Carried,
    ) -> Result<(), &'static str> {
        let (mut k, last) = header.band;
        let step = 1_i16 << header.low;
        if carried.ends == 0 {
            while k <= last {
                bits.fill();
                let symbol = table.symbol(bits).ok_or("bits that are no code")?;
                let mut run = usize::from(symbol >> 4);
                let value = match symbol & 15 {
                    0 if run < 15 => {
                        carried.ends = (1 << run) + bits.number(u32::from(symbol >> 4));
                        break;
                    }
                    0 => 0,
                    1 => {
                        if bits.bit() {
                            i32::from(step)
                        } else {
                            -i32::from(step)
                        }
                    }
                    _ => return Err("a correction of more than one bit"),
                };
                while k <= last {
                    if self.is_present(block, k) {
                        if bits.bit() {
                            self.refine(block, k, step);
                        }
                    } else if run == 0 {
                        break;
                    } else {
                        run -= 1;
                    }
                    k += 1;
                }
                if value != 0 && k <= last {
                    self.set(block, k, value);
                }
                k += 1;
            }
        }
        if carried.ends > 0 {
            while k <= last {
                if self.is_present(block, k) && bits.bit() {
                    self.refine(block, k, step);
                }
                k += 1;
            }
            carried.ends -= 1;
        }
        Ok(())
    }
}
