//! A rep's day report, line by line.

use storewalk_domain::{
    ids::UserId,
    order::Order,
    outlet::PlannedCall,
    visit::{DayReport, Visit, day_report},
};

use crate::{
    console::{format, words::Words},
    store::Day,
};

/// The report of a rep who had these calls to make, as names and figures.
pub(crate) fn of_rep(
    rep: UserId,
    day: &Day,
    planned: &[PlannedCall],
    date: storewalk_domain::time::BusinessDate,
    words: &Words,
) -> Vec<(String, String)> {
    let visits: Vec<Visit> = day.visits.iter().filter(|visit| visit.credited_to() == rep).cloned().collect();
    let orders: Vec<Order> = day.orders.iter().filter(|order| order.credited_to() == rep).cloned().collect();
    lines(&day_report(date, &visits, planned, &day.tasks, &orders), words)
}

fn lines(report: &DayReport, words: &Words) -> Vec<(String, String)> {
    let of = |n: u32, of: u32| words.fill("figure.of", &[("n", &n.to_string()), ("of", &of.to_string())]);
    let share = report.hit_pct.map_or_else(|| "–".to_owned(), |pct| format!("{pct:.1} %"));
    let score = report.mean_score.map_or_else(|| "–".to_owned(), format::figure);
    let sums: Vec<String> = report.ordered.iter().map(|sum| format::money(*sum)).collect();
    let orders = match report.orders {
        0 => "0".to_owned(),
        n => words.fill("report.ordered", &[("n", &n.to_string()), ("sum", &sums.join(words.t("list.comma")))]),
    };
    let line = |key: &str, value: String| (words.t(key).to_owned(), value);
    vec![
        line("report.planned", of(report.planned_visited, report.planned)),
        line("report.unplanned", report.unplanned.to_string()),
        line("report.skipped", report.skipped.to_string()),
        line("report.minutes", format::minutes(report.minutes, words)),
        line("report.on_shelf", share),
        line("report.score", score),
        line("report.goals", of(report.goals_attained, report.goals)),
        line("report.photos", report.photos.to_string()),
        line("report.tasks", report.tasks_raised.to_string()),
        line("report.orders", orders),
    ]
}
