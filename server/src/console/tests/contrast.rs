//! The colours of the style sheet, measured as WCAG 2.2 does (success criteria 1.4.3 and 1.4.11).

use std::collections::BTreeMap;

const SHEET: &str = include_str!("../assets/console.css");

/// The colours of the light and of the dark theme.
fn themes() -> [BTreeMap<&'static str, [f64; 3]>; 2] {
    let mut blocks = SHEET.split(":root {").skip(1).map(|rest| rest.split('}').next().unwrap_or_default());
    let read = |block: &'static str| {
        let lines = block.lines().filter_map(|line| line.trim().strip_prefix("--")?.split_once(": "));
        lines.filter_map(|(name, value)| Some((name, colour(value.trim_end_matches(';'))?))).collect()
    };
    let light: BTreeMap<_, _> = read(blocks.next().expect("light"));
    let mut dark = light.clone();
    dark.extend::<BTreeMap<_, _>>(read(blocks.next().expect("dark")));
    [light, dark]
}

fn colour(hex: &str) -> Option<[f64; 3]> {
    let hex = hex.strip_prefix('#')?;
    let part = |at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok().map(|value| f64::from(value) / 255.0);
    Some([part(0)?, part(2)?, part(4)?])
}

/// Relative luminance, as WCAG 2.2 defines it.
fn luminance(colour: [f64; 3]) -> f64 {
    let [red, green, blue] =
        colour.map(|part| if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_stands_out_by_four_and_a_half_and_borders_by_three() {
    let grounds = ["page", "surface", "sunken"];
    for theme in themes() {
        let check = |text: &str, ground: &str, least: f64| {
            let measured = contrast(theme[text], theme[ground]);
            assert!(measured >= least, "{text} on {ground}: {measured:.2}");
        };
        for ground in grounds {
            for text in ["text", "muted", "accent", "bad", "good"] {
                check(text, ground, 4.5);
            }
            check("line-strong", ground, 3.0);
            check("focus", ground, 3.0);
        }
        for tone in ["good", "warn", "bad", "accent"] {
            for text in [tone, "text", "muted"] {
                check(text, &format!("{tone}-soft"), 4.5);
            }
        }
        check("accent-text", "accent", 4.5);
    }
}
