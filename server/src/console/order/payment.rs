//! The form that records a payment, read into a command.

use serde::Deserialize;
use storewalk_domain::{
    ids::{CommandId, PaymentId, derived},
    money::{Currency, Money},
    order::Order,
    problem::{Problem, ProblemCode},
    sync::RecordPayment,
};
use uuid::Uuid;

use crate::console::form::{BadField, command_id};

/// What the form sends.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PaymentForm {
    /// Proves that the form came from a page of this session.
    pub(crate) form_token: String,
    /// Minted when the page was made.
    pub(crate) command: String,
    /// In major units; comma groups may stand in it.
    pub(crate) amount: String,
    /// Number on the payment slip.
    pub(crate) slip: String,
}

impl PaymentForm {
    /// The command the form means for the dealer of an order.
    ///
    /// # Errors
    /// The outer error is a form no page of ours sends; the inner one a figure a person mistyped.
    pub(crate) fn read(&self, order: &Order) -> Result<Result<(CommandId, RecordPayment), Problem>, BadField> {
        let minted = Uuid::parse_str(&self.command).map_err(|_| BadField("command"))?;
        let Some(amount) = amount(&self.amount, order.priced.currency) else {
            return Ok(Err(Problem::new(ProblemCode::AmountInvalid).at("amount")));
        };
        let slip = self.slip.trim().to_owned();
        let command = command_id(minted, &[&order.dealer_id.to_string(), &amount.minor.to_string(), &slip]);
        let payment_id = PaymentId(derived(command.0, "payment"));
        Ok(Ok((command, RecordPayment { payment_id, dealer_id: order.dealer_id, amount, slip })))
    }
}

/// Reads an amount in major units such as `15000`, `15,000.00` or `¥15，000.5`. `None` when it is no amount, or finer
/// than the currency's minor unit: money is never rounded without being asked.
fn amount(text: &str, currency: Currency) -> Option<Money> {
    let figure: String =
        text.trim().trim_start_matches(['¥', '￥']).chars().filter(|c| !matches!(c, ',' | '，' | ' ')).collect();
    let (whole, fraction) = figure.split_once('.').unwrap_or((&figure, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let decimals = usize::try_from(currency.decimals()).ok()?;
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) || fraction.len() > decimals {
        return None;
    }
    let minor = format!("{whole}{fraction:0<decimals$}").parse().ok()?;
    Some(Money::new(minor, currency))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_as_people_write_it() {
        for text in ["15000", "15,000.00", " ¥15，000.0 ", "15 000.00"] {
            assert_eq!(amount(text, Currency::Cny), Some(Money::new(1_500_000, Currency::Cny)), "{text}");
        }
        assert_eq!(amount("1200", Currency::Jpy), Some(Money::new(1_200, Currency::Jpy)));
    }

    #[test]
    fn what_is_no_amount_is_not_guessed_at() {
        for text in ["", "-5", "1.234", "1.2.3", "fifteen", "1e5", "99999999999999999999", "."] {
            assert_eq!(amount(text, Currency::Cny), None, "{text}");
        }
        assert_eq!(amount("12.5", Currency::Jpy), None);
    }
}
