//! Which outlets are due today: journey plans as iCalendar recurrence rules (RFC 5545, RRULE).
//!
//! A plan counts in days: its start is a date, so by RFC 5545 (3.3.10) `UNTIL` is a date too and parts of a day
//! (`BYHOUR` and finer) say nothing. Rules that recur within a day are refused.

use chrono::TimeZone;
use rrule::{RRule, RRuleSet, Unvalidated};
use serde::{Deserialize, Serialize};

use crate::{
    ids::{CallPlanId, OutletId, TerritoryId},
    problem::{Problem, ProblemCode},
    time::BusinessDate,
};

/// A plan is reckoned for a hundred years: a rule is counted through from its first day, and a phone whose clock is
/// thousands of years off must not be kept busy with it.
const MAX_PLAN_DAYS: i64 = 36_525;

/// A recurring call at one outlet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CallPlan {
    /// Identity.
    pub id: CallPlanId,
    /// Where.
    pub outlet_id: OutletId,
    /// Whose phone holds it; the outlet's territory.
    pub territory_id: TerritoryId,
    /// An RRULE value without its name, such as `FREQ=WEEKLY;INTERVAL=1;BYDAY=FR`.
    pub rrule: String,
    /// The first day the rule counts from.
    pub starts_on: BusinessDate,
    /// Order within a day's route; lower is earlier.
    pub position: u32,
}

/// A call that is due on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PlannedCall {
    /// The plan it comes from.
    pub plan_id: CallPlanId,
    /// Where.
    pub outlet_id: OutletId,
    /// Order within the route.
    pub position: u32,
}

impl CallPlan {
    /// Whether a call is due on `date`.
    ///
    /// # Errors
    /// A problem with code `call_plan_rule_invalid` when the rule cannot be read.
    pub fn is_due(&self, date: BusinessDate) -> Result<bool, Problem> {
        if !(0..=MAX_PLAN_DAYS).contains(&date.days_since(self.starts_on)) {
            return Ok(false);
        }
        let rule = self.parsed().map_err(|reason| {
            Problem::new(ProblemCode::CallPlanRuleInvalid).with("rule", &self.rrule).with("reason", reason)
        })?;
        // Dates are reckoned at UTC noon, where no zone's daylight saving can move a day.
        let noon =
            |day: BusinessDate| rrule::Tz::UTC.from_utc_datetime(&day.0.and_hms_opt(12, 0, 0).unwrap_or_default());
        let day = noon(date);
        let hits = rule.after(day).before(day).all(1);
        Ok(!hits.dates.is_empty())
    }

    fn parsed(&self) -> Result<RRuleSet, String> {
        let start = self.starts_on.0.and_hms_opt(12, 0, 0).unwrap_or_default();
        let start = rrule::Tz::UTC.from_utc_datetime(&start);
        let rule: RRule<Unvalidated> =
            in_days(&self.rrule)?.parse().map_err(|error: rrule::RRuleError| error.to_string())?;
        rule.build(start).map_err(|error| error.to_string())
    }
}

/// The rule as it applies to whole days, which are reckoned at UTC noon.
fn in_days(rule: &str) -> Result<String, String> {
    let rule = rule.trim().to_ascii_uppercase();
    let rule = rule.strip_prefix("RRULE:").unwrap_or(&rule);
    let mut parts = Vec::new();
    for part in rule.split(';') {
        match part.split_once('=').unwrap_or((part, "")) {
            ("FREQ", "SECONDLY" | "MINUTELY" | "HOURLY") => return Err(format!("{part} recurs within a day")),
            ("INTERVAL", "0") => return Err(format!("{part} never recurs")),
            ("BYHOUR" | "BYMINUTE" | "BYSECOND", _) => {}
            ("UNTIL", until) => {
                let date = until.split('T').next().unwrap_or_default();
                parts.push(format!("UNTIL={date}T120000Z"));
            }
            _ => parts.push(part.to_owned()),
        }
    }
    Ok(parts.join(";"))
}

/// The calls due on a date, in route order. Plans whose rule cannot be read are left out and returned as problems, so
/// that one bad rule never hides a day.
pub fn calls_on(plans: &[CallPlan], date: BusinessDate) -> (Vec<PlannedCall>, Vec<Problem>) {
    let mut calls = Vec::new();
    let mut problems = Vec::new();
    for plan in plans {
        match plan.is_due(date) {
            Ok(true) => {
                calls.push(PlannedCall { plan_id: plan.id, outlet_id: plan.outlet_id, position: plan.position });
            }
            Ok(false) => {}
            Err(problem) => problems.push(problem),
        }
    }
    calls.sort_by_key(|call| (call.position, call.outlet_id));
    (calls, problems)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn plan(rrule: &str, position: u32) -> CallPlan {
        CallPlan {
            id: CallPlanId(Uuid::from_u128(u128::from(position) + 1)),
            outlet_id: OutletId(Uuid::from_u128(u128::from(position) + 100)),
            territory_id: TerritoryId(Uuid::from_u128(7)),
            rrule: rrule.into(),
            starts_on: date("2025-03-03"),
            position,
        }
    }

    fn date(text: &str) -> BusinessDate {
        BusinessDate::parse(text).expect("valid date")
    }

    #[test]
    fn a_weekly_friday_call_is_due_on_fridays_from_its_start() {
        let weekly = plan("FREQ=WEEKLY;BYDAY=FR", 1);
        assert_eq!(weekly.is_due(date("2025-03-14")), Ok(true));
        assert_eq!(weekly.is_due(date("2025-03-13")), Ok(false));
        assert_eq!(weekly.is_due(date("2025-02-28")), Ok(false));
    }

    #[test]
    fn a_fortnightly_call_skips_every_other_week() {
        let fortnightly = plan("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", 1);
        assert_eq!(fortnightly.is_due(date("2025-03-07")), Ok(true));
        assert_eq!(fortnightly.is_due(date("2025-03-14")), Ok(false));
        assert_eq!(fortnightly.is_due(date("2025-03-21")), Ok(true));
    }

    #[test]
    fn a_plan_ends_with_the_date_of_its_until() {
        for until in ["20250314", "20250314T000000Z", "20250314T235959"] {
            let ending = plan(&format!("FREQ=DAILY;UNTIL={until}"), 1);
            assert_eq!(ending.is_due(date("2025-03-14")), Ok(true), "{until}");
            assert_eq!(ending.is_due(date("2025-03-15")), Ok(false), "{until}");
        }
    }

    #[test]
    fn the_hour_of_a_call_does_not_decide_its_day() {
        assert_eq!(plan("RRULE:FREQ=WEEKLY;BYDAY=FR;BYHOUR=9", 1).is_due(date("2025-03-14")), Ok(true));
    }

    #[test]
    fn a_count_a_month_and_a_second_friday_are_understood() {
        let thrice = plan("FREQ=DAILY;COUNT=3", 1);
        assert_eq!(thrice.is_due(date("2025-03-05")), Ok(true));
        assert_eq!(thrice.is_due(date("2025-03-06")), Ok(false));
        assert_eq!(plan("FREQ=MONTHLY;BYDAY=2FR", 1).is_due(date("2025-03-14")), Ok(true));
    }

    #[test]
    fn a_plan_ends_after_a_hundred_years() {
        let daily = plan("FREQ=DAILY", 1);
        assert_eq!(daily.is_due(date("2125-03-03")), Ok(true));
        assert_eq!(daily.is_due(date("9999-12-31")), Ok(false));
    }

    #[test]
    fn a_rule_that_recurs_within_a_day_or_never_is_refused() {
        for rule in ["FREQ=SECONDLY", "freq=minutely", "FREQ=HOURLY;COUNT=2", "FREQ=DAILY;INTERVAL=0", "", "FREQ", ";"]
        {
            let refused = plan(rule, 1).is_due(date("2025-03-14")).expect_err(rule);
            assert_eq!(refused.code, ProblemCode::CallPlanRuleInvalid, "{rule}");
        }
    }

    #[test]
    fn the_day_is_in_route_order_and_one_bad_rule_hides_nothing() {
        let plans = [plan("FREQ=DAILY", 2), plan("FREQ=SOMETIMES", 0), plan("FREQ=DAILY", 1)];
        let (calls, problems) = calls_on(&plans, date("2025-03-14"));
        assert_eq!(calls.iter().map(|call| call.position).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(problems[0].code, ProblemCode::CallPlanRuleInvalid);
    }
}
