//! Costs as people write and read them: decimal numbers of the currency's unit.

use crate::{
    cost::{Cost, millionths},
    money::Money,
};

/// Digits behind the point of what is counted in millionths.
const PLACES: usize = 6;

impl Cost {
    /// To the nearest minor unit, half of one upwards.
    pub fn rounded(self) -> Money {
        let exponent = u32::try_from(self.currency.exponent()).unwrap_or_default();
        let per_minor = 10_u64.pow(6_u32.saturating_sub(exponent));
        let minor = self.millionths.saturating_add(per_minor / 2) / per_minor;
        Money::new(i64::try_from(minor).unwrap_or(i64::MAX), self.currency)
    }

    /// How much of an amount in the same currency it is.
    pub fn thousandths_of(self, whole: Money) -> u64 {
        let share = u128::from(self.millionths).saturating_mul(1_000);
        let share = share.checked_div(u128::from(millionths(whole))).unwrap_or(1_000);
        u64::try_from(share).unwrap_or(u64::MAX)
    }
}

/// Reads what one message costs, such as `0.0576`, in millionths; none for what is no such number, or too large.
pub fn parse_rate(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) || fraction.len() > PLACES {
        return None;
    }
    format!("{whole}{fraction:0<PLACES$}").parse().ok()
}

/// Writes what one message costs, without zeros that say nothing.
pub fn rate_text(millionths: u32) -> String {
    let digits = format!("{millionths:0>width$}", width = PLACES + 1);
    let (whole, fraction) = digits.split_at(digits.len() - PLACES);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_and_written_as_the_same_decimal() {
        for (text, millionths) in
            [("0.0576", 57_600), ("0.08", 80_000), ("1", 1_000_000), ("0.000001", 1), ("12.5", 12_500_000), ("0", 0)]
        {
            assert_eq!(parse_rate(text), Some(millionths), "{text}");
            assert_eq!(rate_text(millionths), text);
        }
        assert_eq!(parse_rate("0.0500"), Some(50_000));
        for wrong in ["", ".5", "0,05", "-1", "1e3", "0.0000001", "5000", "٠.٠٥", "0.5 USD", "+1"] {
            assert_eq!(parse_rate(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_share_is_told_in_thousandths() {
        let usd = "USD".parse().unwrap();
        let share = |millionths, minor| Cost { millionths, currency: usd }.thousandths_of(Money::new(minor, usd));
        assert_eq!([share(0, 100), share(500_000, 100), share(2_000_000, 100), share(1, 0)], [0, 500, 2_000, 1_000]);
    }

    #[test]
    fn a_sum_is_shown_to_the_nearest_minor_unit() {
        let shown = |millionths, code: &str| Cost { millionths, currency: code.parse().unwrap() }.rounded().to_string();
        assert_eq!(shown(57_600, "USD"), "USD 0.06");
        assert_eq!(shown(4_999, "USD"), "USD 0.00");
        assert_eq!(shown(5_000, "USD"), "USD 0.01");
        assert_eq!(shown(1_500_000, "JPY"), "JPY 2");
        assert_eq!(shown(1_234_567, "KWD"), "KWD 1.235");
    }
}
