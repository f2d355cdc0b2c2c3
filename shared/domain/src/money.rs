//! Money: whole minor units of one currency, never a float.

mod in_use;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// An amount in minor units of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Money {
    /// Minor units: cents for EUR, yen for JPY, fils (1/1000) for KWD.
    pub minor: i64,
    /// The currency of the amount.
    pub currency: Currency,
}

impl Money {
    /// An amount from minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in a currency.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Reads a ledger's plain decimal such as `541.25`, exactly.
    pub fn parse_decimal(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(MoneyError::NotDecimal);
        }
        let exponent = currency.exponent();
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > exponent {
            return Err(MoneyError::TooPrecise { currency, exponent });
        }
        let minor: i64 = format!("{whole}{fraction:0<exponent$}").parse().or(Err(MoneyError::TooLarge))?;
        Ok(Self::new(if negative { -minor } else { minor }, currency))
    }

    /// The sum, unless it overflows or the currencies differ.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Mixed(self.currency, other.currency));
        }
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::TooLarge)?;
        Ok(Self::new(minor, self.currency))
    }

    /// Whether more than nothing is left.
    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }
}

impl fmt::Display for Money {
    /// `AED 1,376.22`: code, grouped thousands, the currency's own decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exponent = self.currency.exponent();
        let digits = format!("{:0>width$}", self.minor.unsigned_abs(), width = exponent + 1);
        let (whole, fraction) = digits.split_at(digits.len() - exponent);
        let sign = if self.minor < 0 { "-" } else { "" };
        write!(f, "{} {sign}", self.currency)?;
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place) % 3 == 0 {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        if fraction.is_empty() { Ok(()) } else { write!(f, ".{fraction}") }
    }
}

/// Why an amount could not be read or added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a plain decimal number.
    #[error("amount is not a plain decimal number")]
    NotDecimal,
    /// More decimals than the currency has.
    #[error("amount has more than {exponent} decimals, which {currency} does not have")]
    TooPrecise {
        /// The currency of the amount.
        currency: Currency,
        /// Its number of decimals.
        exponent: usize,
    },
    /// Beyond what 64 bits of minor units hold.
    #[error("amount is too large")]
    TooLarge,
    /// Currencies are never added together.
    #[error("cannot add {1} to {0}")]
    Mixed(Currency, Currency),
}

/// An ISO 4217 currency code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// Decimals of the minor unit: ISO 4217 gives most currencies two.
    pub const fn exponent(self) -> usize {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX"
            | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }

    /// The three letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Three upper-case letters were expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a currency is three upper-case letters")]
pub struct InvalidCurrency;

impl FromStr for Currency {
    type Err = InvalidCurrency;

    fn from_str(text: &str) -> Result<Self, InvalidCurrency> {
        let code: [u8; 3] = text.as_bytes().try_into().or(Err(InvalidCurrency))?;
        if code.iter().all(u8::is_ascii_uppercase) { Ok(Self(code)) } else { Err(InvalidCurrency) }
    }
}

impl TryFrom<String> for Currency {
    type Error = InvalidCurrency;

    fn try_from(text: String) -> Result<Self, InvalidCurrency> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> String {
        currency.as_str().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn a_ledger_amount_becomes_minor_units_of_its_currency() {
        for (text, code, minor) in [
            ("541.25", "AED", 54_125),
            ("0", "AED", 0),
            ("15", "CAD", 1_500),
            ("155.3", "CAD", 15_530),
            ("1200.00", "JPY", 1_200),
            ("3.125", "KWD", 3_125),
            ("-0.37", "GBP", -37),
        ] {
            let money = Money::parse_decimal(text, currency(code));
            assert_eq!(money, Ok(Money::new(minor, currency(code))), "{text} {code}");
        }
    }

    #[test]
    fn an_amount_that_is_no_exact_decimal_is_refused() {
        let usd = currency("USD");
        for text in ["", "abc", "1e3", "1.2.3", "+1", "1,000", ".5", "-"] {
            assert_eq!(Money::parse_decimal(text, usd), Err(MoneyError::NotDecimal), "{text}");
        }
        assert_eq!(Money::parse_decimal("1.005", usd), Err(MoneyError::TooPrecise { currency: usd, exponent: 2 }));
        assert_eq!(Money::parse_decimal("99999999999999999999", usd), Err(MoneyError::TooLarge));
    }

    #[test]
    fn amounts_of_two_currencies_are_never_added() {
        let sum = Money::new(1, currency("USD")).checked_add(Money::new(1, currency("EUR")));
        assert_eq!(sum, Err(MoneyError::Mixed(currency("USD"), currency("EUR"))));
    }

    #[test]
    fn money_is_shown_with_code_grouping_and_its_own_decimals() {
        let shown = [(137_622, "AED"), (1_234_567, "JPY"), (5, "KWD"), (-37, "GBP"), (10_000_000, "USD")]
            .map(|(minor, code)| Money::new(minor, currency(code)).to_string());
        assert_eq!(shown, ["AED 1,376.22", "JPY 1,234,567", "KWD 0.005", "GBP -0.37", "USD 100,000.00"]);
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back_as_the_same_amount(minor in any::<i32>(), code in "(JPY|USD|KWD)") {
            let money = Money::new(minor.into(), currency(&code));
            let digits: String = money.to_string()[4..].replace(',', "");
            prop_assert_eq!(Money::parse_decimal(&digits, money.currency), Ok(money));
        }
    }
}
