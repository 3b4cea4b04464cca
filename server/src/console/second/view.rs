//! The second look and the agreement as their pages show them.

use askama::Template;
use rust_decimal::{Decimal, RoundingStrategy};
use storewalk_domain::{
    handbook::HandbookList,
    ids::PhotoId,
    photo::{Photo, VerdictDecision},
    review::{Agreement, Drawn},
    sync::StateError,
};

use crate::console::{
    format,
    frame::{Frame, Part, Pill, Tone},
    lookup::{Names, OutletTag},
    photo::{ReasonView, reasons},
    words::Words,
};

/// Most disagreements that are listed.
const LISTED: usize = 50;

/// How many second looks wait.
#[derive(Template)]
#[template(path = "second.html")]
pub(crate) struct SecondPage {
    f: Frame,
    section: &'static str,
    second: usize,
    first: String,
    intro: String,
}

/// One photo without its verdict.
#[derive(Template)]
#[template(path = "second_look.html")]
pub(crate) struct LookPage {
    f: Frame,
    action: String,
    photo: String,
    zone: String,
    outlet: OutletTag,
    picture: Option<String>,
    next_picture: Option<String>,
    alt: String,
    width: u32,
    height: u32,
    taken: String,
    reasons: Vec<ReasonView>,
    left: String,
}

/// How far reviewers agree.
#[derive(Template)]
#[template(path = "agreement.html")]
pub(crate) struct AgreementPage {
    f: Frame,
    section: &'static str,
    second: usize,
    intro: String,
    pairs: u64,
    observed: String,
    kappa: String,
    reading: &'static str,
    table: Agreement,
    differences: Vec<DifferenceView>,
}

struct DifferenceView {
    photo: String,
    name: String,
    first: Pill,
    first_by: String,
    second: Pill,
    second_by: String,
    reason: String,
}

/// Builds the page that leads to the looks.
pub(crate) fn second_page(mut f: Frame, first: Option<&Drawn>, count: usize, share: u8) -> SecondPage {
    f.part = Part::Photos;
    f.words.t("second.title").clone_into(&mut f.title);
    SecondPage {
        section: "second",
        second: count,
        first: first.map(|drawn| format!("/console/second/{}", drawn.verdict_id)).unwrap_or_default(),
        intro: f.words.fill("second.intro", &[("percent", &share.to_string())]),
        f,
    }
}

/// Builds the page of one look.
pub(crate) fn look_page(
    mut f: Frame,
    names: &mut Names<'_>,
    (drawn, photo): (&Drawn, &Photo),
    next: Option<PhotoId>,
    left: usize,
) -> Result<LookPage, StateError> {
    let words = f.words;
    let zone = names.label(HandbookList::PhotoZone, &photo.zone);
    let outlet = names.outlet_tag(photo.outlet_id)?;
    f.part = Part::Photos;
    f.title = format!("{} · {zone} · {}", words.t("second.title"), outlet.name);
    Ok(LookPage {
        action: format!("/console/second/{}", drawn.verdict_id),
        photo: photo.id.to_string(),
        picture: names.picture(photo.id).best(photo.id),
        next_picture: next.and_then(|id| names.picture(id).best(id)),
        alt: words.fill("photo.alt", &[("zone", &zone), ("outlet", &outlet.name)]),
        width: photo.width.max(1),
        height: photo.height.max(1),
        taken: format::moment(photo.taken_at, f.zone),
        reasons: reasons(names, &f),
        left: words.count("second.left", left),
        zone,
        outlet,
        f,
    })
}

/// Builds the page of the agreement.
pub(crate) fn agreement_page(
    mut f: Frame,
    names: &mut Names<'_>,
    drawn: &[Drawn],
    (share, seed): (u8, u64),
    second: usize,
) -> Result<AgreementPage, StateError> {
    let words = f.words;
    f.part = Part::Photos;
    words.t("agreement.title").clone_into(&mut f.title);
    let pairs = drawn.iter().filter_map(|drawn| Some((drawn.first, drawn.second.as_ref()?.decision)));
    let table = Agreement::of(pairs);
    let mut differences = Vec::new();
    for drawn in drawn {
        let Some(look) = drawn.second.as_ref().filter(|look| look.decision != drawn.first) else { continue };
        if differences.len() == LISTED {
            break;
        }
        let photo: Option<Photo> = names.photo(drawn.photo_id)?;
        let Some(photo) = photo else { continue };
        let outlet = names.outlet_tag(photo.outlet_id)?;
        let reason = look.reason.as_ref().map(|reason| names.label(HandbookList::RejectReason, reason));
        differences.push(DifferenceView {
            photo: photo.id.to_string(),
            name: format!("{} · {}", names.label(HandbookList::PhotoZone, &photo.zone), outlet.name),
            first: decision_pill(drawn.first, words),
            first_by: names.person(drawn.first_by)?,
            second: decision_pill(look.decision, words),
            second_by: format!("{} · {}", names.person(look.by)?, format::moment(look.at, f.zone)),
            reason: [reason.unwrap_or_default(), look.note.clone()].join(" ").trim().to_owned(),
        });
    }
    let none = || "–".to_owned();
    let (percent, seed) = (share.to_string(), seed.to_string());
    Ok(AgreementPage {
        section: "agreement",
        second,
        intro: words.fill("agreement.intro", &[("percent", &percent), ("seed", &seed)]),
        pairs: table.pairs(),
        observed: table.observed().map_or_else(none, |share| format!("{} %", rounded(share * Decimal::ONE_HUNDRED, 1))),
        kappa: table.kappa().map_or_else(none, |kappa| rounded(kappa, 2)),
        reading: words.t(reading(&table)),
        table,
        differences,
        f,
    })
}

/// A figure with so many places, rounded half away from zero; formatting alone would cut it off.
fn rounded(figure: Decimal, places: u32) -> String {
    let figure = figure.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    format!("{figure:.0$}", places as usize)
}

/// What a kappa is commonly taken to say, after J. R. Landis and G. G. Koch, Biometrics 33 (1977), 159–174.
fn reading(table: &Agreement) -> &'static str {
    let Some(kappa) = table.kappa() else { return "agreement.no_kappa" };
    let above = |hundredths: i64| kappa > Decimal::new(hundredths, 2);
    match () {
        () if above(80) => "agreement.almost_perfect",
        () if above(60) => "agreement.substantial",
        () if above(40) => "agreement.moderate",
        () if above(20) => "agreement.fair",
        () => "agreement.slight",
    }
}

fn decision_pill(decision: VerdictDecision, words: &Words) -> Pill {
    match decision {
        VerdictDecision::Approved => Pill::new(Tone::Good, "check", words.t("verdict.approved")),
        VerdictDecision::Rejected => Pill::new(Tone::Bad, "cross", words.t("verdict.rejected")),
        VerdictDecision::Withdrawn => Pill::new(Tone::Plain, "undo", words.t("verdict.withdrawn")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_of_three_is_66_7_percent_and_not_66_6() {
        let share = Decimal::TWO / Decimal::from(3) * Decimal::ONE_HUNDRED;
        assert_eq!((rounded(share, 1), rounded(Decimal::new(-5, 1), 2)), ("66.7".into(), "-0.50".into()));
    }
}
