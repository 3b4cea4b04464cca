//! Where a bucket's rows are cut into files.

/// The ends of the files, in numbers of rows; the last is the number of all rows.
///
/// `old` are the ends of the last cut, told in today's rows. They stay as long as what lies between two of them is of a
/// fit size, so that a change in one place changes the one file it lies in, or two: a file of more than one and a half
/// times `target` rows is split, one of less than a quarter joins its neighbour.
pub(super) fn cut(rows: usize, old: &[usize], target: usize) -> Vec<usize> {
    let target = target.max(4);
    let (least, most) = (target / 4, target + target / 2);
    let mut ends: Vec<usize> = Vec::new();
    let mut start = 0;
    for end in old.iter().copied().filter(|end| *end < rows).chain([rows]) {
        let is_last = end == rows;
        let count = end.saturating_sub(start);
        if count == 0 || (count < least && !is_last) {
            // Too few to be a file: they go into the next.
            continue;
        }
        if count < least && joins_the_last(&ends, end, most) {
            ends.pop();
        }
        let pieces = if count > most { count.div_ceil(target) } else { 1 };
        ends.extend((1..=pieces).map(|piece| start + count * piece / pieces));
        start = end;
    }
    ends
}

/// Whether the rows up to `end` fit into the file before.
fn joins_the_last(ends: &[usize], end: usize, most: usize) -> bool {
    let before = ends.len().checked_sub(2).map_or(0, |index| ends[index]);
    !ends.is_empty() && end - before <= most
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TARGET: usize = 20;

    /// Keys cut into files, as the keys of each file.
    fn files(keys: &[u32], ends: &[usize]) -> Vec<Vec<u32>> {
        let starts = std::iter::once(0).chain(ends.iter().copied());
        starts.zip(ends).map(|(start, end)| keys[start..*end].to_vec()).collect()
    }

    /// Cuts keys, with the last keys of the files before.
    fn recut(keys: &[u32], lasts: &[u32]) -> Vec<Vec<u32>> {
        let old: Vec<usize> = lasts.iter().map(|last| keys.partition_point(|key| key <= last)).collect();
        files(keys, &cut(keys.len(), &old, TARGET))
    }

    fn lasts(files: &[Vec<u32>]) -> Vec<u32> {
        files.iter().filter_map(|file| file.last().copied()).collect()
    }

    #[test]
    fn a_first_cut_is_even() {
        assert_eq!(cut(100, &[], 20), [20, 40, 60, 80, 100]);
        assert_eq!(cut(30, &[], 20), [30]);
        assert_eq!(cut(31, &[], 20), [15, 31]);
        assert_eq!(cut(0, &[], 20), Vec::<usize>::new());
        assert_eq!(cut(3, &[], 20), [3]);
    }

    #[test]
    fn a_file_that_grows_too_large_is_split_and_one_that_shrinks_joins_its_neighbour() {
        assert_eq!(cut(71, &[20, 51], 20), [20, 35, 51, 71]);
        assert_eq!(cut(44, &[20, 24], 20), [20, 44]);
        assert_eq!(cut(24, &[20], 20), [24]);
        assert_eq!(cut(33, &[30], 20), [30, 33]);
    }

    proptest! {
        #[test]
        fn every_row_lies_in_one_file_of_a_fit_size(rows in 0_usize..2_000, mut old in proptest::collection::vec(0_usize..2_500, 0..90)) {
            old.sort_unstable();
            let ends = cut(rows, &old, TARGET);
            prop_assert_eq!(ends.last().copied().unwrap_or(0), rows);
            let mut start = 0;
            for end in &ends {
                prop_assert!(*end > start && end - start <= TARGET + TARGET / 2, "{:?}", ends);
                start = *end;
            }
            let small = ends.windows(2).filter(|pair| pair[1] - pair[0] < TARGET / 4).count();
            prop_assert!(small <= 1, "{:?}", ends);
        }

        #[test]
        fn one_row_more_or_less_leaves_all_but_two_files_as_they_were(
            keys in proptest::collection::btree_set(0_u32..4_000, 1..400),
            old in proptest::collection::btree_set(0_u32..4_000, 0..20),
            touched in 0_u32..4_000,
        ) {
            let keys: Vec<u32> = keys.into_iter().collect();
            let old: Vec<u32> = old.into_iter().collect();
            // A cut that stands: cutting it again changes nothing.
            let before = recut(&keys, &old);
            prop_assert_eq!(&recut(&keys, &lasts(&before)), &before);
            let mut after = keys.clone();
            match after.binary_search(&touched) {
                Ok(place) => { after.remove(place); }
                Err(place) => after.insert(place, touched),
            }
            let after = recut(&after, &lasts(&before));
            let fresh = after.iter().filter(|file| !before.contains(file)).count();
            prop_assert!(fresh <= 2, "{} files changed", fresh);
        }
    }
}
