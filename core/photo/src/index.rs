//! Which of very many photos look like one: all 64-bit hashes within a distance of at most 7, without looking at each.
//!
//! **How.** A hash is cut into four pieces of 16 bits. Two hashes that differ in at most 7 bits differ in at most one bit
//! in one of the pieces; so for each piece the photos are kept in order of it, and only those with the same piece, or
//! one a single bit away, are looked at (multi-index hashing, Norouzi, Punjani and Fleet, 2012).
//!
//! **Invariants.** The answer is exact, always: where so many photos share a piece that looking them up would take longer
//! than looking at all (thousands of photos of blank walls), all are looked at. A photo takes 24 bytes.
//!
//! **Non-goals.** The 256-bit hashes that confirm a match stay where the photos are described; see [`confirmed`].

use crate::hash::{PDQ_MATCH, Pdq};

/// The largest distance that is searched for.
pub const MOST_DISTANCE: u32 = 7;

/// Values of a piece.
const PIECES: usize = 1 << 16;

/// Photos that are only listed so far, at least; beyond, and beyond a 32nd of all, they are put in order.
const LOOSE: usize = 4_096;

/// A photo that looks alike.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Near {
    /// How many of the 64 bits differ.
    pub distance: u32,
    /// Which photo: its number in the order in which they were added.
    pub number: u32,
}

/// The photos in order of one piece.
#[derive(Clone, Debug)]
struct Table {
    /// Where the photos of each value begin.
    starts: Vec<u32>,
    numbers: Vec<u32>,
}

/// An index of 64-bit hashes.
#[derive(Clone, Debug, Default)]
pub struct Index {
    hashes: Vec<u64>,
    /// How many of the hashes are in the tables; the others are few, and looked at each time.
    ordered: usize,
    tables: Vec<Table>,
}

fn piece(hash: u64, table: usize) -> usize {
    crate::num::small(hash >> (16 * table) & 0xFFFF)
}

impl Index {
    /// An index of so many hashes; a photo's number is its place among them.
    pub fn new(hashes: Vec<u64>) -> Self {
        let mut index = Self { hashes, ordered: 0, tables: Vec::new() };
        index.put_in_order();
        index
    }

    /// How many photos are in it.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Bytes it takes, for all its photos together.
    pub fn bytes(&self) -> usize {
        let of = |table: &Table| 4 * (table.starts.capacity() + table.numbers.capacity());
        8 * self.hashes.capacity() + self.tables.iter().map(of).sum::<usize>()
    }

    /// Adds a photo and answers its number; `None` when there are four thousand million.
    pub fn add(&mut self, hash: u64) -> Option<u32> {
        let number = u32::try_from(self.hashes.len()).ok().filter(|number| *number < u32::MAX)?;
        self.hashes.push(hash);
        if self.hashes.len() - self.ordered > LOOSE.max(self.ordered / 32) {
            self.put_in_order();
        }
        Some(number)
    }

    fn put_in_order(&mut self) {
        // Never reached by `add`; an index made from more keeps what is beyond loose.
        self.ordered = self.hashes.len().min(u32::MAX as usize);
        self.tables = (0..4).map(|table| Table::new(&self.hashes[..self.ordered], table)).collect();
    }

    /// All photos within a distance of at most [`MOST_DISTANCE`], the nearest first.
    pub fn search(&self, hash: u64, distance: u32) -> Vec<Near> {
        let distance = distance.min(MOST_DISTANCE);
        let mut found = Vec::new();
        let probed: usize =
            self.tables.iter().enumerate().map(|(number, table)| table.probed(piece(hash, number))).sum();
        let from = if probed > self.ordered / 8 {
            0
        } else {
            for (number, table) in self.tables.iter().enumerate() {
                self.look_up(hash, distance, number, table, &mut found);
            }
            self.ordered
        };
        for (place, other) in self.hashes.iter().enumerate().skip(from) {
            note(&mut found, hash, *other, place, distance);
        }
        found.sort_unstable();
        found
    }

    fn look_up(&self, hash: u64, distance: u32, number: usize, table: &Table, found: &mut Vec<Near>) {
        for value in probes(piece(hash, number)) {
            for place in table.numbers_of(value) {
                let Some(other) = self.hashes.get(*place as usize) else { continue };
                let differing = hash ^ other;
                // A photo that an earlier piece finds too is left to that one.
                let is_found_before = (0..number).any(|earlier| piece(differing, earlier).count_ones() <= 1);
                if differing.count_ones() <= distance && !is_found_before {
                    found.push(Near { distance: differing.count_ones(), number: *place });
                }
            }
        }
    }
}

fn note(found: &mut Vec<Near>, hash: u64, other: u64, place: usize, most: u32) {
    let distance = (hash ^ other).count_ones();
    if distance <= most {
        found.extend(u32::try_from(place).map(|number| Near { distance, number }));
    }
}

/// A piece and all that are one bit away.
fn probes(piece: usize) -> impl Iterator<Item = usize> {
    std::iter::once(piece).chain((0..16).map(move |bit| piece ^ 1 << bit))
}

impl Table {
    fn new(hashes: &[u64], table: usize) -> Self {
        let mut starts = vec![0_u32; PIECES + 1];
        for hash in hashes {
            starts[piece(*hash, table) + 1] += 1;
        }
        for value in 0..PIECES {
            starts[value + 1] += starts[value];
        }
        let mut next = starts.clone();
        let mut numbers = vec![0; hashes.len()];
        for (number, hash) in (0_u32..).zip(hashes) {
            let place = &mut next[piece(*hash, table)];
            numbers[*place as usize] = number;
            *place += 1;
        }
        Self { starts, numbers }
    }

    fn numbers_of(&self, value: usize) -> &[u32] {
        let (from, to) = (self.starts[value] as usize, self.starts[value + 1] as usize);
        self.numbers.get(from..to).unwrap_or_default()
    }

    /// How many photos a piece leads to.
    fn probed(&self, piece: usize) -> usize {
        probes(piece).map(|value| self.numbers_of(value).len()).sum()
    }
}

/// Of the photos that look alike by 64 bits, those that do by 256 as well, the nearest first, with that distance. `known`
/// answers a photo's hash by its number; one it does not know is left out.
pub fn confirmed(found: &[Near], hash: &Pdq, known: impl Fn(u32) -> Option<Pdq>) -> Vec<Near> {
    let mut confirmed: Vec<Near> = found
        .iter()
        .filter_map(|near| Some(Near { distance: known(near.number)?.distance(hash), number: near.number }))
        .filter(|near| near.distance <= PDQ_MATCH)
        .collect();
    confirmed.sort_unstable();
    confirmed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn by_looking_at_all(hashes: &[u64], hash: u64, distance: u32) -> Vec<Near> {
        let mut found = Vec::new();
        for (place, other) in hashes.iter().enumerate() {
            note(&mut found, hash, *other, place, distance);
        }
        found.sort_unstable();
        found
    }

    /// Hashes that cluster as those of real photos do: some far apart, some a few bits from an earlier one.
    fn clustered() -> impl Strategy<Value = Vec<u64>> {
        let one = (any::<u64>(), any::<prop::sample::Index>(), prop::collection::vec(0..64_u32, 0..12), any::<bool>());
        prop::collection::vec(one, 1..200).prop_map(|plan| {
            let mut hashes: Vec<u64> = Vec::new();
            for (fresh, which, bits, is_near) in plan {
                let from = if is_near && !hashes.is_empty() { hashes[which.index(hashes.len())] } else { fresh };
                hashes.push(bits.iter().fold(from, |hash, bit| hash ^ 1 << bit));
            }
            hashes
        })
    }

    proptest! {
        #[test]
        fn the_index_finds_exactly_what_looking_at_all_finds(
            hashes in clustered(), which in any::<prop::sample::Index>(), bits in prop::collection::vec(0..64_u32, 0..9),
            distance in 0..9_u32, later in 0..100_usize,
        ) {
            let hash = bits.iter().fold(hashes[which.index(hashes.len())], |hash, bit| hash ^ 1 << bit);
            let (first, rest) = hashes.split_at(later.min(hashes.len()));
            let mut index = Index::new(first.to_vec());
            for hash in rest {
                index.add(*hash);
            }
            let right = by_looking_at_all(&hashes, hash, distance.min(MOST_DISTANCE));
            prop_assert_eq!(index.search(hash, distance), right);
        }
    }

    #[test]
    fn a_large_index_is_exact_small_and_keeps_up_with_what_is_added() {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state ^ state >> 29).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        };
        let mut hashes: Vec<u64> = (0..300_000).map(|_| next()).collect();
        let mut index = Index::new(hashes.clone());
        assert!(index.bytes() <= 32 * hashes.len(), "{}", index.bytes());
        for _ in 0..20_000 {
            let hash = next();
            hashes.push(hash);
            index.add(hash);
        }
        for which in [0, 299_999, 300_000, 319_999] {
            let hash = hashes[which] ^ 0x0101_0100_0001_0011;
            let found = index.search(hash, 7);
            assert_eq!(found, by_looking_at_all(&hashes, hash, 7));
            assert!(found.iter().any(|near| near.number as usize == which));
        }
    }

    #[test]
    fn photos_that_all_look_alike_are_all_found() {
        let hashes: Vec<u64> = (0..20_000_u64).map(|number| 1 << (number % 64)).collect();
        let index = Index::new(hashes.clone());
        assert_eq!(index.search(0, 7).len(), 20_000);
        assert_eq!(index.search(1, 1), by_looking_at_all(&hashes, 1, 1));
        assert!(Index::default().search(0, 7).is_empty());
    }

    #[test]
    fn a_match_by_64_bits_is_confirmed_by_256() {
        let known = |number: u32| {
            (number < 2).then(|| {
                let mut bytes = [0; 32];
                bytes[..5].fill(if number == 0 { 0x11 } else { 0xFF });
                Pdq::from_bytes(bytes)
            })
        };
        let found: Vec<Near> = (0..3).map(|number| Near { distance: number, number }).collect();
        assert_eq!(confirmed(&found, &Pdq::default(), known), [Near { distance: 10, number: 0 }]);
    }
}
