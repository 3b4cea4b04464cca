//! Money, exactly.
//!
//! **Invariants.** An amount is a whole number of minor units (fen, pence, yen) of one ISO 4217 currency; a unit price
//! or a rate is a decimal. There is one rounding function, [`round`], and no float. Amounts of two currencies never
//! add up.

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use serde::{Deserialize, Serialize};

/// The currencies Storewalk bills in, with their ISO 4217 codes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// Chinese yuan.
    Cny,
    /// Euro.
    Eur,
    /// Pound sterling.
    Gbp,
    /// Japanese yen, which has no minor unit.
    Jpy,
    /// United States dollar.
    Usd,
}

impl Currency {
    /// Every currency.
    pub const ALL: [Self; 5] = [Self::Cny, Self::Eur, Self::Gbp, Self::Jpy, Self::Usd];

    /// The ISO 4217 alphabetic code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Cny => "CNY",
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
            Self::Jpy => "JPY",
            Self::Usd => "USD",
        }
    }

    /// The currency of an ISO 4217 alphabetic code, in any case.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|currency| currency.code().eq_ignore_ascii_case(code.trim()))
    }

    /// Decimal places of the minor unit (ISO 4217).
    pub fn decimals(self) -> u32 {
        match self {
            Self::Jpy => 0,
            Self::Cny | Self::Eur | Self::Gbp | Self::Usd => 2,
        }
    }
}

/// Why a calculation with money has no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MoneyError {
    /// Two currencies met in one sum.
    #[error("add {left:?} to {right:?}")]
    CurrencyMismatch {
        /// The currency of the first amount.
        left: Currency,
        /// The currency of the second amount.
        right: Currency,
    },
    /// The amount does not fit 64 bits of minor units.
    #[error("hold an amount this large")]
    Overflow,
}

/// An exact amount in one currency.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Record))]
pub struct Money {
    /// The amount in minor units (1/100 yuan for CNY).
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// An amount of minor units.
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing.
    pub fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// The sum of two amounts.
    ///
    /// # Errors
    /// [`MoneyError`] when the currencies differ or the sum does not fit.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// This amount less another.
    ///
    /// # Errors
    /// [`MoneyError`] when the currencies differ or the difference does not fit.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    fn combine(self, other: Self, operation: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency });
        }
        let minor = operation(self.minor, other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, currency: self.currency })
    }

    /// The sum of many amounts of one currency; zero of `currency` when there are none.
    ///
    /// # Errors
    /// [`MoneyError`] when a currency differs or the sum does not fit.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::plus)
    }

    /// The amount in major units (yuan), with exactly the currency's decimal places.
    pub fn major(self) -> Decimal {
        Decimal::new(self.minor, self.currency.decimals())
    }
}

impl std::fmt::Display for Money {
    /// The plain figure with the currency's decimals and comma groups: `31,418.80`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let figure = self.major().abs().to_string();
        let (whole, fraction) = figure.split_once('.').map_or((figure.as_str(), None), |(w, d)| (w, Some(d)));
        if self.minor < 0 {
            f.write_str("-")?;
        }
        for (position, digit) in whole.chars().enumerate() {
            if position > 0 && (whole.len() - position).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        fraction.map_or(Ok(()), |fraction| write!(f, ".{fraction}"))
    }
}

/// The only rounding in Storewalk: to the minor unit, half away from zero (commercial rounding, DIN 1333 and the rule
/// Chinese invoices use, 四舍五入).
///
/// # Errors
/// [`MoneyError::Overflow`] when the amount does not fit 64 bits of minor units.
pub fn round(amount: Decimal, currency: Currency) -> Result<Money, MoneyError> {
    let rounded = amount.round_dp_with_strategy(currency.decimals(), RoundingStrategy::MidpointAwayFromZero);
    let scale = Decimal::from(10_u32.pow(currency.decimals()));
    let minor = rounded.checked_mul(scale).and_then(|value| value.to_i64()).ok_or(MoneyError::Overflow)?;
    Ok(Money { minor, currency })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_fen_rounds_away_from_zero() {
        let price = Decimal::new(12_345, 3);
        assert_eq!(round(price, Currency::Cny), Ok(Money::new(1235, Currency::Cny)));
        assert_eq!(round(-price, Currency::Cny), Ok(Money::new(-1235, Currency::Cny)));
    }

    #[test]
    fn yen_has_no_minor_unit() {
        assert_eq!(round(Decimal::new(1005, 1), Currency::Jpy), Ok(Money::new(101, Currency::Jpy)));
    }

    #[test]
    fn two_currencies_never_add_up() {
        let sum = Money::new(1, Currency::Cny).plus(Money::new(1, Currency::Usd));
        assert_eq!(sum, Err(MoneyError::CurrencyMismatch { left: Currency::Cny, right: Currency::Usd }));
    }

    #[test]
    fn an_amount_reads_with_its_groups_and_decimals() {
        assert_eq!(Money::new(3_141_880, Currency::Cny).to_string(), "31,418.80");
        assert_eq!(Money::new(-58_800, Currency::Cny).to_string(), "-588.00");
        assert_eq!(Money::new(1_234_567, Currency::Jpy).to_string(), "1,234,567");
    }

    #[test]
    fn an_amount_too_large_is_an_error_not_a_wrap() {
        assert_eq!(Money::new(i64::MAX, Currency::Cny).plus(Money::new(1, Currency::Cny)), Err(MoneyError::Overflow));
        assert_eq!(round(Decimal::MAX, Currency::Cny), Err(MoneyError::Overflow));
    }
}
