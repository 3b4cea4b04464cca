//! Which of very many photos look like one: all 64-bit hashes within a distance of at most 8, without looking at each.
//!
//! **How.** A hash is cut into pieces. Two hashes that differ in at most 8 bits differ in at most 2 of them in one of three
//! pieces; so for each piece the photos are kept in order of it, and only those with the same piece, or one a bit or two
//! away, are looked at (multi-index hashing, Norouzi, Punjani and Fleet, 2012). Few photos are cut into four pieces of 16
//! bits, of which one is asked for two bits and three for one: their tables are small. Millions are cut into three, so
//! that hardly any are looked at.
//!
//! **Why 8.** Half of a hash's bits are above the median, so that two hashes differ in an even number of bits. Beyond 6
//! comes 8: of edited photos up to one in a hundred differs in just so many.
//!
//! **Invariants.** The answer is exact, always: where so many photos share a piece that looking them up would take longer
//! than looking at all (thousands of photos of blank walls), all are looked at. A photo takes 24 bytes, and where there are
//! millions up to 28.
//!
//! **Non-goals.** The 256-bit hashes that confirm a match stay where the photos are described; see [`confirmed`].

use crate::hash::{PDQ_MATCH, Pdq};

/// The largest distance that is searched for.
pub const MOST_DISTANCE: u32 = 8;

/// Bits of each piece, from the lowest, of few photos and of many.
const FEW: &[u32] = &[16, 16, 16, 16];
const MANY: &[u32] = &[22, 21, 21];

/// So many are many: the larger tables take as much as four bytes of each of them.
const MANY_FROM: usize = 4_000_000;

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

/// Where a piece lies in a hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Piece {
    from: u32,
    bits: u32,
}

impl Piece {
    #[inline]
    fn of(self, hash: u64) -> usize {
        crate::num::small(hash >> self.from & ((1 << self.bits) - 1))
    }

    /// A value, all that are one bit away, and all that are two: as far as `reach` says.
    fn probes(self, value: usize, reach: u32) -> impl Iterator<Item = usize> {
        let bits = move |least: u32| if reach >= least { self.bits } else { 0 };
        let singles = (0..bits(1)).map(move |bit| value ^ 1 << bit);
        let pairs = (0..bits(2)).flat_map(move |bit| (0..bit).map(move |other| value ^ 1 << bit ^ 1 << other));
        std::iter::once(value).chain(singles).chain(pairs)
    }
}

/// The photos in order of one piece.
#[derive(Clone, Debug)]
struct Table {
    piece: Piece,
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

/// How many bits may differ in each of so many pieces, so that no hash within a distance is missed: one bit more in every
/// piece would be more than the distance. `None` for a piece that need not be asked.
fn reaches(distance: u32, pieces: usize) -> impl Iterator<Item = Option<u32>> {
    let (bits, pieces) = (distance + 1, u32::try_from(pieces).unwrap_or(1).max(1));
    (0..pieces).map(move |piece| (bits / pieces + u32::from(piece < bits % pieces)).checked_sub(1))
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
        self.put_in_order_by(if self.hashes.len() < MANY_FROM { FEW } else { MANY });
    }

    fn put_in_order_by(&mut self, bits: &[u32]) {
        // Never reached by `add`; an index made from more keeps what is beyond loose.
        self.ordered = self.hashes.len().min(u32::MAX as usize);
        // The old ones go before the new ones come.
        self.tables = Vec::new();
        let mut from = 0;
        for bits in bits.iter().copied() {
            self.tables.push(Table::new(&self.hashes[..self.ordered], Piece { from, bits }));
            from += bits;
        }
    }

    /// All photos within a distance of at most [`MOST_DISTANCE`], the nearest first.
    pub fn search(&self, hash: u64, distance: u32) -> Vec<Near> {
        let distance = distance.min(MOST_DISTANCE);
        let mut found = Vec::new();
        let asked = || self.tables.iter().zip(reaches(distance, self.tables.len()));
        let asked = || asked().filter_map(|(table, reach)| Some((table, reach?)));
        let probed: usize = asked().map(|(table, reach)| table.probed(hash, reach)).sum();
        let from = if probed > self.ordered / 8 {
            0
        } else {
            for (number, (table, reach)) in asked().enumerate() {
                // A photo that an earlier piece finds too is left to that one.
                let is_found_before = |differing: u64| {
                    let mut earlier = asked().take(number);
                    earlier.any(|(table, reach)| table.piece.of(differing).count_ones() <= reach)
                };
                self.look_up(hash, distance, (table, reach), is_found_before, &mut found);
            }
            self.ordered
        };
        for (place, other) in self.hashes.iter().enumerate().skip(from) {
            note(&mut found, hash, *other, place, distance);
        }
        found.sort_unstable();
        found
    }

    fn look_up(
        &self,
        hash: u64,
        distance: u32,
        (table, reach): (&Table, u32),
        is_found_before: impl Fn(u64) -> bool,
        found: &mut Vec<Near>,
    ) {
        for value in table.piece.probes(table.piece.of(hash), reach) {
            for place in table.numbers_of(value) {
                let Some(other) = self.hashes.get(*place as usize) else { continue };
                let differing = hash ^ other;
                if differing.count_ones() <= distance && !is_found_before(differing) {
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

impl Table {
    fn new(hashes: &[u64], piece: Piece) -> Self {
        let values = 1 << piece.bits;
        let mut starts = vec![0_u32; values + 1];
        for hash in hashes {
            starts[piece.of(*hash) + 1] += 1;
        }
        for value in 0..values {
            starts[value + 1] += starts[value];
        }
        // Each start moves to the next one's place while the numbers are set down, and back by one value afterwards.
        let mut numbers = vec![0; hashes.len()];
        for (number, hash) in (0_u32..).zip(hashes) {
            let place = &mut starts[piece.of(*hash)];
            numbers[*place as usize] = number;
            *place += 1;
        }
        starts.rotate_right(1);
        starts[0] = 0;
        Self { piece, starts, numbers }
    }

    fn numbers_of(&self, value: usize) -> &[u32] {
        let (from, to) = (self.starts[value] as usize, self.starts[value + 1] as usize);
        self.numbers.get(from..to).unwrap_or_default()
    }

    /// How many photos a hash leads to.
    fn probed(&self, hash: u64, reach: u32) -> usize {
        self.piece.probes(self.piece.of(hash), reach).map(|value| self.numbers_of(value).len()).sum()
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
            hashes in clustered(), which in any::<prop::sample::Index>(), bits in prop::collection::vec(0..64_u32, 0..10),
            distance in 0..10_u32, later in 0..100_usize,
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
    fn whichever_bits_differ_the_photo_is_found_among_few_and_among_many() {
        let mut next = numbers();
        // Enough others that they are not all looked at.
        let others: Vec<u64> = (0..60_000).map(|_| next()).collect();
        for pieces in [FEW, MANY] {
            let mut index = Index::new(others.clone());
            index.put_in_order_by(pieces);
            for round in 0..400_usize {
                let which = round * 149 % others.len();
                let mut hash = others[which];
                while (hash ^ others[which]).count_ones() < MOST_DISTANCE {
                    hash ^= 1 << (next() % 64);
                }
                // Evenly spread, which leaves the least to each piece.
                let hash = if round == 0 { others[which] ^ 0x0003_0003_0003_0003 } else { hash };
                let right = by_looking_at_all(&others, hash, MOST_DISTANCE);
                assert!(right.iter().any(|near| near.number as usize == which));
                assert_eq!(index.search(hash, MOST_DISTANCE), right, "{pieces:?}");
                assert_eq!(index.search(hash, 6), by_looking_at_all(&others, hash, 6), "{pieces:?}");
            }
        }
    }

    /// Numbers that are the same in every run.
    fn numbers() -> impl FnMut() -> u64 {
        let mut state = 1_u64;
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state ^ state >> 29).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        }
    }

    #[test]
    fn a_large_index_is_exact_small_and_keeps_up_with_what_is_added() {
        let mut next = numbers();
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
            let found = index.search(hash, 8);
            assert_eq!(found, by_looking_at_all(&hashes, hash, 8));
            assert!(found.iter().any(|near| near.number as usize == which));
        }
    }

    #[test]
    fn photos_that_all_look_alike_are_all_found() {
        let hashes: Vec<u64> = (0..20_000_u64).map(|number| 1 << (number % 64)).collect();
        let index = Index::new(hashes.clone());
        assert_eq!(index.search(0, 8).len(), 20_000);
        assert_eq!(index.search(1, 1), by_looking_at_all(&hashes, 1, 1));
        assert!(Index::default().search(0, 8).is_empty());
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
