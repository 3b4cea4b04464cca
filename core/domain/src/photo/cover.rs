//! What people said about people in a photo: which parts of it are to be covered before it is handed on.
//!
//! States: nobody has looked → version 1 → version 2 … Each version says all there is to say: the areas, or that nobody can
//! be recognised.
//!
//! **Invariants.** An area lies within the picture, whatever was asked for. A version is followed by another, never changed:
//! whoever was handed a copy was handed it under one of them. **Non-goals.** To say who somebody is.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{PhotoId, UserId},
    problem::{Problem, ProblemCode},
    time::Timestamp,
};

/// The sides of a picture are counted in so many parts.
pub const COVER_PARTS: u16 = 10_000;

/// Least width and height of an area, in ten-thousandths of the picture's: half a percent.
pub const LEAST_COVER: u16 = 50;

/// Most areas of a photo.
pub const MOST_COVERS: usize = 40;

/// A rectangle on an upright picture, in ten-thousandths of its width and height.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "[u16; 4]", into = "[u16; 4]")]
pub struct CoverArea {
    left: u16,
    top: u16,
    width: u16,
    height: u16,
}

/// Measures that are no area of a picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the area reaches beyond the picture or is too small")]
pub struct NotAnArea;

impl TryFrom<[u16; 4]> for CoverArea {
    type Error = NotAnArea;

    /// From left, top, width and height.
    fn try_from([left, top, width, height]: [u16; 4]) -> Result<Self, NotAnArea> {
        let fits = |from: u16, length: u16| {
            length >= LEAST_COVER && from.checked_add(length).is_some_and(|end| end <= COVER_PARTS)
        };
        if fits(left, width) && fits(top, height) { Ok(Self { left, top, width, height }) } else { Err(NotAnArea) }
    }
}

impl From<CoverArea> for [u16; 4] {
    fn from(area: CoverArea) -> Self {
        area.parts()
    }
}

impl CoverArea {
    /// Left, top, width and height.
    pub fn parts(self) -> [u16; 4] {
        [self.left, self.top, self.width, self.height]
    }
}

/// One version of what was said about a photo.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cover {
    /// The photo.
    pub photo_id: PhotoId,
    /// 1, 2, 3 …
    pub version: u32,
    /// What is to be covered; empty: nobody can be recognised.
    pub areas: Vec<CoverArea>,
    /// Who said so.
    pub marked_by: UserId,
    /// When.
    pub marked_at: Timestamp,
}

/// What somebody wants to say about a photo.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CoverWish {
    /// The photo.
    pub photo_id: PhotoId,
    /// The version they saw; 0 when there was none.
    pub seen: u32,
    /// Left, top, width and height of each area, in ten-thousandths.
    pub areas: Vec<[u16; 4]>,
    /// Whether they say that nobody can be recognised; then there are no areas.
    pub is_nobody: bool,
}

/// Decides the next version. `standing` is the last one.
///
/// # Errors
/// When somebody else said something meanwhile, when neither areas nor the statement were given or both, or when an area
/// cannot be kept.
pub fn decide_cover(
    standing: Option<&Cover>,
    wish: &CoverWish,
    (by, now): (UserId, Timestamp),
) -> Result<Cover, Problem> {
    let version = standing.map_or(0, |cover| cover.version);
    if version != wish.seen {
        return Err(Problem::new(ProblemCode::CoverMarkedMeanwhile).at("areas"));
    }
    if wish.is_nobody != wish.areas.is_empty() {
        return Err(Problem::new(ProblemCode::CoverUnsaid).at("areas"));
    }
    let areas: Result<Vec<CoverArea>, NotAnArea> = wish.areas.iter().copied().map(CoverArea::try_from).collect();
    let areas = areas.ok().filter(|areas| areas.len() <= MOST_COVERS);
    let Some(areas) = areas else {
        return Err(Problem::new(ProblemCode::CoverAreasInvalid).at("areas").with("most", MOST_COVERS));
    };
    let version = version.saturating_add(1);
    Ok(Cover { photo_id: wish.photo_id, version, areas, marked_by: by, marked_at: now })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::visit::fixture::World;

    fn wish(seen: u32, areas: &[[u16; 4]], is_nobody: bool) -> CoverWish {
        CoverWish { photo_id: PhotoId(Uuid::nil()), seen, areas: areas.to_vec(), is_nobody }
    }

    fn decided(standing: Option<&Cover>, wish: &CoverWish) -> Result<Cover, ProblemCode> {
        decide_cover(standing, wish, (World::ZHAO_MIN, Timestamp(5))).map_err(|problem| problem.code)
    }

    const FACE: [u16; 4] = [1_000, 2_000, 500, 800];

    #[test]
    fn what_is_said_is_followed_by_the_next_version() {
        let first = decided(None, &wish(0, &[FACE], false)).expect("kept");
        assert_eq!((first.version, first.areas[0].parts(), first.marked_by), (1, FACE, World::ZHAO_MIN));
        let second = decided(Some(&first), &wish(1, &[], true)).expect("kept");
        assert_eq!((second.version, second.areas), (2, Vec::new()));
    }

    #[test]
    fn whoever_saw_an_older_version_is_told() {
        let first = decided(None, &wish(0, &[FACE], false)).expect("kept");
        for seen in [0, 2] {
            assert_eq!(decided(Some(&first), &wish(seen, &[], true)), Err(ProblemCode::CoverMarkedMeanwhile));
        }
        assert_eq!(decided(None, &wish(1, &[], true)), Err(ProblemCode::CoverMarkedMeanwhile));
    }

    #[test]
    fn silence_is_no_statement_and_areas_beside_the_statement_contradict_it() {
        assert_eq!(decided(None, &wish(0, &[], false)), Err(ProblemCode::CoverUnsaid));
        assert_eq!(decided(None, &wish(0, &[FACE], true)), Err(ProblemCode::CoverUnsaid));
    }

    #[test]
    fn areas_beyond_the_picture_too_small_or_too_many_are_refused() {
        let whole = [0, 0, 10_000, 10_000];
        assert!(decided(None, &wish(0, &[whole; MOST_COVERS], false)).is_ok());
        let odd =
            [[9_000, 0, 1_001, 900], [0, 9_951, 50, 50], [0, 0, 49, 900], [0, 0, 900, 0], [60_000, 0, 60_000, 900]];
        for area in odd {
            assert_eq!(decided(None, &wish(0, &[FACE, area], false)), Err(ProblemCode::CoverAreasInvalid), "{area:?}");
        }
        let many = [FACE; MOST_COVERS + 1];
        assert_eq!(decided(None, &wish(0, &many, false)), Err(ProblemCode::CoverAreasInvalid));
    }

    proptest! {
        /// What is kept lies within the picture, and reads back as it was written.
        #[test]
        fn an_area_lies_within_the_picture(parts: [u16; 4]) {
            if let Ok(area) = CoverArea::try_from(parts) {
                let [left, top, width, height] = area.parts();
                prop_assert!(left + width <= COVER_PARTS && top + height <= COVER_PARTS);
                prop_assert!(width >= LEAST_COVER && height >= LEAST_COVER);
                let text = serde_json::to_string(&area).expect("JSON");
                prop_assert_eq!(serde_json::from_str::<CoverArea>(&text).expect("read"), area);
            }
            let text = serde_json::to_string(&parts).expect("JSON");
            prop_assert_eq!(serde_json::from_str::<CoverArea>(&text).is_ok(), CoverArea::try_from(parts).is_ok());
        }
    }
}
