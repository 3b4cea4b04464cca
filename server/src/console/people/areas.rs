//! Areas of a picture as a form writes them and as a page draws them.
//!
//! A form has a line for each: left, top, width and height in percent of the picture, with up to two decimals.

use storewalk_domain::photo::CoverArea;

use crate::console::form::BadField;

/// Most lines that are read: far more than the rules keep, so that they can say how many may be.
const MOST_LINES: usize = 1_000;

/// The areas of a form, in ten-thousandths; whether they can be kept is for the rules.
pub(super) fn read(text: &str) -> Result<Vec<[u16; 4]>, BadField> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(MOST_LINES);
    lines.map(|line| line_of(line).ok_or(BadField("areas"))).collect()
}

fn line_of(line: &str) -> Option<[u16; 4]> {
    let mut parts = line.split_whitespace().map(hundredths);
    let area = [parts.next()??, parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(area)
}

/// A number with up to two decimals, times a hundred.
fn hundredths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let is_figure = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 3 || decimals.len() > 2 || !is_figure(whole) || !is_figure(decimals) {
        return None;
    }
    format!("{whole}{decimals:0<2}").parse().ok()
}

/// The areas as a form writes them.
pub(super) fn written(areas: &[CoverArea]) -> String {
    let lines = areas.iter().map(|area| area.parts().map(percent).join(" "));
    lines.collect::<Vec<_>>().join("\n")
}

/// Ten-thousandths as percent.
fn percent(parts: u16) -> String {
    let (whole, rest) = (parts / 100, parts % 100);
    let text = format!("{whole}.{rest:02}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// An area on a picture, in its pixels.
pub(crate) struct AreaView {
    pub(crate) x: String,
    pub(crate) y: String,
    pub(crate) width: String,
    pub(crate) height: String,
}

/// The areas as they are drawn on a picture of this size.
pub(crate) fn area_views(areas: &[CoverArea], (width, height): (u32, u32)) -> Vec<AreaView> {
    let place = |part: u16, side: u32| format!("{:.1}", f64::from(part) * f64::from(side) / 10_000.0);
    let view = |area: &CoverArea| {
        let [left, top, across, down] = area.parts();
        AreaView {
            x: place(left, width),
            y: place(top, height),
            width: place(across, width),
            height: place(down, height),
        }
    };
    areas.iter().map(view).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_of_percents_are_read_and_what_is_none_names_its_field() {
        let text = "10 20.5 5 8.25\r\n\n 0 0 100 100 ";
        assert_eq!(read(text), Ok(vec![[1_000, 2_050, 500, 825], [0, 0, 10_000, 10_000]]));
        assert_eq!(read(" \n"), Ok(Vec::new()));
        for odd in [
            "1 2 3",
            "1 2 3 4 5",
            "-1 2 3 4",
            "1e2 2 3 4",
            "1,5 2 3 4",
            "1.234 2 3 4",
            "NaN 0 1 1",
            "１ 2 3 4",
            ". 1 1 1",
        ] {
            assert_eq!(read(odd), Err(BadField("areas")), "{odd}");
        }
        assert_eq!(read("999.99 0 1 1"), Err(BadField("areas")), "no picture has so many parts");
    }

    #[test]
    fn an_area_is_drawn_in_the_pixels_of_its_picture() {
        let area = CoverArea::try_from([2_500, 1_000, 5_000, 333]).expect("an area");
        let views = area_views(&[area], (4_000, 3_000));
        let drawn = views.first().map(|view| [&*view.x, &*view.y, &*view.width, &*view.height].join(" "));
        assert_eq!(drawn.as_deref(), Some("1000.0 300.0 2000.0 99.9"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(left in 0_u16..=9_000, top in 0_u16..=9_000, side in 50_u16..=1_000) {
            let area = CoverArea::try_from([left, top, side, side]).expect("an area");
            prop_assert_eq!(read(&written(&[area, area])), Ok(vec![area.parts(); 2]));
        }

        #[test]
        fn no_text_makes_it_fail_otherwise(text in "\\PC{0,60}") {
            let _ = read(&text);
        }
    }
}
