//! The rule of a queue, as it stands in an address or a form.

use serde::Deserialize;
use storewalk_domain::review::QueueRule;

/// The rule. What cannot be read counts as the default, so that an old bookmark still opens.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RuleChoice {
    /// `all`, `sample` or `risk`.
    pub(crate) rule: String,
    /// Percent of a sample.
    pub(crate) percent: String,
    /// Seed of a sample.
    pub(crate) seed: String,
    /// Least weight of the signals.
    pub(crate) least: String,
}

impl RuleChoice {
    /// The rules offered, with the key of their name.
    pub(crate) const RULES: [(&'static str, &'static str); 3] =
        [("all", "review.rule_all"), ("sample", "review.rule_sample"), ("risk", "review.rule_risk")];

    /// The rule.
    pub(crate) fn rule(&self) -> QueueRule {
        let percent = self.percent.trim().parse::<u8>().unwrap_or(10).clamp(1, 100);
        let seed = self.seed.trim().parse().unwrap_or(1);
        let least = self.least.trim().parse::<u32>().unwrap_or(2).clamp(1, 99);
        match self.rule.as_str() {
            "sample" => QueueRule::Sample { percent, seed },
            "risk" => QueueRule::Risk { least },
            _ => QueueRule::All,
        }
    }
}

/// The rule's name in an address.
pub(crate) fn name(rule: QueueRule) -> &'static str {
    match rule {
        QueueRule::All => "all",
        QueueRule::Sample { .. } => "sample",
        QueueRule::Risk { .. } => "risk",
    }
}

/// The rule as a query.
pub(crate) fn query(rule: QueueRule) -> String {
    match rule {
        QueueRule::All => "rule=all".to_owned(),
        QueueRule::Sample { percent, seed } => format!("rule=sample&percent={percent}&seed={seed}"),
        QueueRule::Risk { least } => format!("rule=risk&least={least}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(rule: &str, percent: &str, seed: &str, least: &str) -> QueueRule {
        let [rule, percent, seed, least] = [rule, percent, seed, least].map(str::to_owned);
        RuleChoice { rule, percent, seed, least }.rule()
    }

    #[test]
    fn a_rule_is_read_and_written_alike_and_nonsense_is_the_default() {
        assert_eq!(choice("sample", "25", "7", ""), QueueRule::Sample { percent: 25, seed: 7 });
        assert_eq!(choice("sample", "900", "-1", ""), QueueRule::Sample { percent: 10, seed: 1 });
        assert_eq!(choice("risk", "", "", "0"), QueueRule::Risk { least: 1 });
        assert_eq!(choice("sideways", "", "", ""), QueueRule::All);
        assert_eq!(query(choice("sample", "25", "7", "")), "rule=sample&percent=25&seed=7");
    }
}
