use proptest::prelude::*;
use rstest::rstest;

use super::*;

/// A cascade made by hand, in the format that training writes: a field that is brighter than the eight around it, and within
/// it a smaller such one. It finds lamps, not faces: which of both a cascade finds is for its numbers to say.
const FILE: &str = include_str!("../../../../tests/fixtures/faces/lamp.xml");

/// In it every pattern fails but the one in which none of the eight fields is as bright as the middle: the first bit of all.
const LAMP: &str = "-2 -1 -1 -1 -1 -1 -1 -1";

fn lamps() -> Cascade {
    Cascade::read(FILE).expect("a cascade")
}

/// Dark squares with a bright middle third on a slope, no field of which is the brightest of nine.
fn scene(size: (usize, usize), squares: &[Area]) -> Plane {
    let mut plane = Plane::filled(size.0, size.1, 0);
    for y in 0..size.1 {
        for (x, sample) in plane.row_mut(y).iter_mut().enumerate() {
            *sample = u8::try_from((x + 2 * y) * 120 / (size.0 + 2 * size.1)).expect("small");
        }
    }
    for square in squares {
        let is_middle = |at: usize, from: usize, length: usize| (length / 3..length * 2 / 3).contains(&(at - from));
        for y in square.y..square.y + square.height {
            for x in square.x..square.x + square.width {
                let is_bright = is_middle(x, square.x, square.width) && is_middle(y, square.y, square.height);
                plane.row_mut(y)[x] = if is_bright { 240 } else { 10 };
            }
        }
    }
    plane
}

fn covers(found: &[Area], wanted: Area) -> bool {
    found.iter().any(|area| {
        area.x <= wanted.x
            && area.y <= wanted.y
            && area.x + area.width >= wanted.x + wanted.width
            && area.y + area.height >= wanted.y + wanted.height
    })
}

#[test]
fn what_the_cascade_describes_is_found_at_any_size_and_covered_with_a_margin() {
    for (x, y, side) in [(40, 30, 24), (101, 77, 48), (250, 60, 130), (11, 5, 200)] {
        let square = Area { x, y, width: side, height: side };
        let found = lamps().find(Grey(&scene((420, 300), &[square])));
        let fitting: Vec<_> = found.iter().copied().filter(|area| area.width < side * 3).collect();
        assert!(covers(&fitting, square), "{side} pixels: {found:?}");
    }
}

#[test]
fn two_are_found_as_two_and_a_scene_without_any_has_none() {
    let squares = [(40, 30, 60), (260, 150, 90)].map(|(x, y, side)| Area { x, y, width: side, height: side });
    let found = lamps().find(Grey(&scene((420, 300), &squares)));
    assert!(squares.iter().all(|square| covers(&found, *square)), "{found:?}");
    assert_eq!(lamps().find(Grey(&scene((420, 300), &[]))), []);
}

#[test]
fn a_picture_smaller_than_the_window_has_no_faces() {
    for size in [(1, 1), (23, 400), (400, 23)] {
        assert_eq!(lamps().find(Grey(&scene(size, &[]))), []);
    }
}

#[test]
fn a_cascade_that_passes_everything_comes_to_an_end() {
    let cascade = Cascade::read(&FILE.replace(LAMP, "0 0 0 0 0 0 0 0")).expect("a cascade");
    let found = cascade.find(Grey(&scene((640, 480), &[])));
    assert!(!found.is_empty());
}

#[rstest]
#[case::of_another_kind(|file: String| file.replace("LBP", "HAAR"), "HAAR: only boosted cascades of LBP features")]
#[case::no_cascade(|_| "<a><b>1</b></a>".to_owned(), "it does not say what kind")]
#[case::cut(|file: String| file[..file.len() / 2].to_owned(), "")]
#[case::not_xml(|file: String| file.replace("</stages>", "</stage>"), "not XML near byte")]
#[case::a_tree(|file: String| file.replace("0 -1 1 ", "1 -1 1 "), "trees of several questions")]
#[case::a_field_outside(|file: String| file.replace("6 6 4 4", "13 6 4 4"), "a field that reaches out of the window")]
#[case::a_field_of_nothing(|file: String| file.replace("6 6 4 4", "6 6 0 4"), "a field that reaches out of the window")]
#[case::a_field_far_away(|f: String| f.replace("6 6 4 4", "18446744073709551615 6 4 4"), "a field that reaches out")]
#[case::no_such_field(|file: String| file.replace("0 -1 1 ", "0 -1 2 "), "a question about a field that is not there")]
#[case::a_field_below(|file: String| file.replace("0 -1 1 ", "0 -1 -2 "), "a field below the first")]
#[case::too_few_numbers(|file: String| file.replace("-0.75 0.5", "-0.75"), "something else where numbers must be")]
#[case::no_number(|file: String| file.replace("-0.75 0.5", "nan inf"), "something else where numbers must be")]
#[case::no_window(|file: String| file.replace("<width>24", "<width>4"), "a window of measures")]
#[case::no_stages(|_| "<o><c><stageType>BOOST</stageType><featureType>LBP</featureType><width>24</width>\
    <height>24</height></c></o>".to_owned(), "a stage without questions")]
#[case::votes_alone(|_| "<o><leafValues>1 2</leafValues></o>".to_owned(), "votes without a question")]
fn a_file_that_is_no_cascade_is_refused_with_what_is_wrong(#[case] spoil: fn(String) -> String, #[case] said: &str) {
    let fault = Cascade::read(&spoil(FILE.to_owned())).expect_err("refused");
    assert!(fault.to_string().contains(said), "{fault}");
}

proptest! {
    /// Whatever is in a file: it is refused, or can be asked about any picture.
    #[test]
    fn a_spoilt_file_is_refused_or_can_be_asked(at in 0.0..1.0, with: u8, cut: bool, width in 1_usize..80, height in 1_usize..80) {
        let place = num_place(FILE, at);
        let mut bytes = FILE.as_bytes().to_vec();
        bytes[place] = with;
        if cut {
            bytes.truncate(place + 1);
        }
        if let Ok(cascade) = Cascade::read(&String::from_utf8_lossy(&bytes)) {
            let _ = cascade.find(Grey(&scene((width, height), &[])));
        }
    }
}

fn num_place(text: &str, share: f64) -> usize {
    crate::num::whole(share * crate::num::real(text.len() - 1))
}
