//! A number as somebody wrote it, only to be compared with one that is known.
//!
//! That needs no country's numbering plan, which would make a function that compares larger by a sixth.

use std::{fmt, str::FromStr};

use super::{PhoneError, PhoneNumber};

/// Digits of a whole number.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// Longest code of a country.
const COUNTRY_DIGITS: usize = 3;

/// A number as it was written.
#[derive(Clone, PartialEq, Eq)]
pub struct Spelling {
    /// Without zeros in front.
    digits: String,
    /// Whether it begins with a country's code for certain.
    is_whole: bool,
}

impl Spelling {
    /// Whether it means a number: with the country's code or without.
    pub fn means(&self, number: &PhoneNumber) -> bool {
        if self.is_whole {
            let whole = format!("+{}", self.digits).parse::<PhoneNumber>();
            return whole.is_ok_and(|whole| whole.matching_form() == number.matching_form());
        }
        is_end(&self.digits, number.as_e164().trim_start_matches('+'))
    }

    /// Whether two spellings may mean one number.
    pub fn agrees_with(&self, other: &Self) -> bool {
        let (short, long) = if self.digits.len() <= other.digits.len() { (self, other) } else { (other, self) };
        short.digits == long.digits || (!short.is_whole && is_end(&short.digits, &long.digits))
    }
}

/// Whether a number lacks nothing but the code of its country.
fn is_end(national: &str, whole: &str) -> bool {
    whole.ends_with(national) && whole.len() - national.len() <= COUNTRY_DIGITS
}

impl fmt::Debug for Spelling {
    /// Without the digits, so that no log line can carry them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Spelling")
    }
}

impl FromStr for Spelling {
    type Err = PhoneError;

    fn from_str(text: &str) -> Result<Self, PhoneError> {
        let text = text.trim();
        let is_mark = |c: char| c.is_whitespace() || "+-()./".contains(c);
        let digits: String = text.chars().filter(|c| !is_mark(*c)).collect();
        if !digits.contains(|c: char| c.is_ascii_digit()) {
            return Err(PhoneError::NoDigits);
        }
        let significant = digits.trim_start_matches('0');
        if !digits.bytes().all(|b| b.is_ascii_digit()) || !DIGITS.contains(&significant.len()) {
            return Err(PhoneError::NotANumber);
        }
        let is_whole = text.starts_with('+') || digits.starts_with("00");
        Ok(Self { digits: significant.to_owned(), is_whole })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn means(typed: &str, number: &str) -> Result<bool, PhoneError> {
        typed.parse::<Spelling>().map(|spelling| spelling.means(&number.parse().unwrap()))
    }

    #[test]
    fn a_number_is_meant_with_the_code_of_its_country_or_without() {
        for typed in
            ["+971501234567", "00971 50 123 4567", "971-50-123-4567", "050 123 4567", "(050) 123.4567", "50/1234567"]
        {
            assert_eq!(means(typed, "+971501234567"), Ok(true), "{typed}");
        }
        for typed in ["+971501234568", "+966501234567", "050 123 4568", "01234567", "1234567"] {
            assert_eq!(means(typed, "+971501234567"), Ok(false), "{typed}");
        }
        // The mobile digit of Brazil may be missing.
        assert_eq!(means("+55 11 8765 4321", "+5511987654321"), Ok(true));
    }

    #[test]
    fn what_is_no_number_is_told_from_what_has_no_digits() {
        for (typed, wrong) in [
            ("", PhoneError::NoDigits),
            (" - ", PhoneError::NoDigits),
            ("050 123", PhoneError::NotANumber),
            ("0501234567x", PhoneError::NotANumber),
            ("+9715012345670000", PhoneError::NotANumber),
        ] {
            assert_eq!(means(typed, "+971501234567"), Err(wrong), "{typed}");
        }
    }

    #[test]
    fn two_spellings_of_one_number_agree() {
        let agree = |one: &str, other: &str| {
            let [one, other] = [one, other].map(|typed| typed.parse::<Spelling>().unwrap());
            assert_eq!(one.agrees_with(&other), other.agrees_with(&one));
            one.agrees_with(&other)
        };
        assert!(agree("050 123 4567", "+971501234567") && agree("971501234567", "+971501234567"));
        assert!(!agree("050 123 4567", "+971507654321") && !agree("+971501234567", "+966501234567"));
    }
}
