//! What could be better about a photo, as the rep reads it.

use serde::Serialize;
use storewalk_domain::{
    photo::{Remark, Seen},
    text::{Language, Localized},
};
use storewalk_photo::Advice;

/// One piece of advice. It is never a wall: the photo is taken as it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AdviceView {
    /// What it is about, for ever the same.
    pub code: String,
    /// What was seen.
    pub sentence: Localized,
    /// What the rep can do.
    pub next_step: Localized,
    /// What was measured, in thousandths.
    pub value_milli: i64,
    /// What would be better, in thousandths.
    pub limit_milli: i64,
}

/// What a photo's advice says; nothing for one of an older release.
pub(super) fn views(seen: Option<&Seen>) -> Vec<AdviceView> {
    seen.into_iter().flat_map(|seen| &seen.advice).map(view).collect()
}

fn view(remark: &Remark) -> AdviceView {
    let advice =
        Advice { code: remark.code.clone(), value: whole(remark.value_milli), limit: whole(remark.limit_milli) };
    let both = |of: &dyn Fn(Language) -> String| Localized::new(of(Language::ZhHans), of(Language::En));
    AdviceView {
        sentence: both(&|language| advice.sentence(language)),
        next_step: both(&|language| advice.next_step(language)),
        code: remark.code.clone(),
        value_milli: remark.value_milli,
        limit_milli: remark.limit_milli,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a figure for people to read")]
fn whole(milli: i64) -> f32 {
    (milli as f64 / 1_000.0) as f32
}
