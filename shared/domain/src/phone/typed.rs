//! A number as an admin typed it, or as a spreadsheet left it.
//!
//! What a spreadsheet did to it is undone where that is certain; which number it is, is read later with the numbering
//! plans, which make a function larger by a sixth.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{CountryCode, PhoneError, PhoneNumber, spelling::Spelling};

/// The text of a number that may be one: its shape was checked, not its country's numbering plan.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TypedPhone(String);

/// Longest text that is kept: a number with all the marks that people put into one.
const MAX_CHARS: usize = 40;

/// Shortest number with its country's code that is believed to have lost its plus.
const WHOLE_DIGITS: usize = 11;

impl TypedPhone {
    /// The number that was meant, by the numbering plan of its country or of the organisation's.
    ///
    /// A spreadsheet drops the plus. Digits that are no number of the organisation's country are read as if it were
    /// there, if they are too many for most countries' own numbers; not those of +1, which as many Chinese mobiles begin
    /// with as there are.
    pub fn read(&self, home: Option<CountryCode>) -> Result<PhoneNumber, PhoneError> {
        match PhoneNumber::parse(&self.0, home) {
            Err(PhoneError::NotANumber) if self.may_lack_plus() => PhoneNumber::parse(&format!("+{}", self.0), None),
            read => read,
        }
    }

    /// Whether it means a number: with the country's code or without.
    pub fn means(&self, number: &PhoneNumber) -> bool {
        self.0.parse::<Spelling>().is_ok_and(|spelling| spelling.means(number))
    }

    /// As it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn may_lack_plus(&self) -> bool {
        let is_whole = self.0.len() >= WHOLE_DIGITS && self.0.bytes().all(|byte| byte.is_ascii_digit());
        is_whole && !self.0.starts_with(['0', '1'])
    }
}

impl FromStr for TypedPhone {
    type Err = TypedPhoneError;

    fn from_str(text: &str) -> Result<Self, TypedPhoneError> {
        let text: String = text.chars().filter(|c| !is_invisible(*c)).map(ascii_digit).collect();
        let text = text.trim().trim_start_matches('\'').trim();
        let text = match scientific(text) {
            Some(whole) => whole?,
            None => without_fraction(text).to_owned(),
        };
        if text.chars().count() > MAX_CHARS {
            return Err(PhoneError::NotANumber.into());
        }
        text.parse::<Spelling>()?;
        Ok(Self(text))
    }
}

/// Marks that tell the direction of writing: they come along when a number is copied.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Arabic and Persian digits as those that everybody reads.
fn ascii_digit(c: char) -> char {
    let value = match c {
        '\u{660}'..='\u{669}' => u32::from(c).checked_sub(0x660),
        '\u{6f0}'..='\u{6f9}' => u32::from(c).checked_sub(0x6f0),
        _ => None,
    };
    value.and_then(|value| char::from_digit(value, 10)).unwrap_or(c)
}

/// The digits of `4.47700900123E+11`, if all of them are there; nothing for another text.
fn scientific(text: &str) -> Option<Result<String, TypedPhoneError>> {
    let (mantissa, exponent) = text.split_once(['E', 'e'])?;
    let exponent: usize = exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?;
    let (first, rest) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let first = first.strip_prefix('+').unwrap_or(first);
    let is_number = first.len() == 1 && first.bytes().chain(rest.bytes()).all(|byte| byte.is_ascii_digit());
    is_number.then(|| match rest.len().cmp(&exponent) {
        std::cmp::Ordering::Less => Err(TypedPhoneError::Shortened),
        std::cmp::Ordering::Equal => Ok(format!("{first}{rest}")),
        std::cmp::Ordering::Greater => Err(PhoneError::NotANumber.into()),
    })
}

/// `971501234567.0`, as programs write whole numbers that they calculated with, without what is behind the point.
fn without_fraction(text: &str) -> &str {
    let Some((whole, fraction)) = text.split_once('.') else { return text };
    let is_whole = whole.len() >= 7 && whole.bytes().all(|byte| byte.is_ascii_digit());
    if is_whole && matches!(fraction, "0" | "00") { whole } else { text }
}

/// Why a text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TypedPhoneError {
    /// It has not the shape of one.
    #[error(transparent)]
    NoNumber(#[from] PhoneError),
    /// Digits are missing.
    #[error("a spreadsheet has rounded it: format the column as text and enter the number again")]
    Shortened,
}

impl TryFrom<String> for TypedPhone {
    type Error = TypedPhoneError;

    fn try_from(text: String) -> Result<Self, TypedPhoneError> {
        text.parse()
    }
}

impl From<TypedPhone> for String {
    fn from(typed: TypedPhone) -> Self {
        typed.0
    }
}

impl fmt::Debug for TypedPhone {
    /// Without the digits, so that no log line can carry them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TypedPhone")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str, home: &str) -> Result<String, String> {
        let typed = text.parse::<TypedPhone>().map_err(|error| error.to_string())?;
        let read = typed.read(home.parse().ok()).map_err(|error| error.to_string())?;
        Ok(read.as_e164().to_owned())
    }

    #[test]
    fn a_number_is_read_whatever_a_spreadsheet_did_to_it() {
        for (text, home, number) in [
            ("+971 50 123 4567", "AE", "+971501234567"),
            ("'+971501234567", "AE", "+971501234567"),
            ("'0501234567", "AE", "+971501234567"),
            ("501234567", "AE", "+971501234567"),
            ("971501234567", "AE", "+971501234567"),
            ("971501234567.0", "AE", "+971501234567"),
            ("9.71501234567E+11", "AE", "+971501234567"),
            ("9,71501234567e11", "AE", "+971501234567"),
            ("4.47400123456E+11", "AE", "+447400123456"),
            ("447400123456", "AE", "+447400123456"),
            ("447400123456", "", "+447400123456"),
            ("7400123456", "GB", "+447400123456"),
            ("\u{202a}+971 50 123 4567\u{202c}", "GB", "+971501234567"),
            ("٠٥٠١٢٣٤٥٦٧", "AE", "+971501234567"),
            ("16265551234", "US", "+16265551234"),
        ] {
            assert_eq!(read(text, home), Ok(number.to_owned()), "{text} in {home}");
        }
    }

    #[test]
    fn what_cannot_be_told_for_certain_is_no_number() {
        let rounded = "a spreadsheet has rounded it: format the column as text and enter the number again";
        let (none, invalid) = ("there are no digits in it", "it is not a valid number of its country");
        for (text, home, wrong) in [
            ("4.47701E+11", "AE", rounded),
            ("1E+11", "AE", rounded),
            ("4.477009001234E+11", "AE", invalid),
            ("", "AE", none),
            ("'", "AE", none),
            ("n/a", "AE", none),
            ("0501234567 home", "AE", invalid),
            ("971501234567.5678", "AE", invalid),
            // A Chinese mobile without its code is no American number.
            ("15012345678", "AE", invalid),
            // Too short for a number that lost its plus.
            ("6265551234", "AE", invalid),
            ("04 331 1111", "AE", "it is not a mobile number"),
        ] {
            assert_eq!(read(text, home), Err(wrong.to_owned()), "{text} in {home}");
        }
        let long = format!("{}0501234567", " -".repeat(20));
        assert_eq!(read(&long, "AE"), Err(invalid.to_owned()));
    }

    #[test]
    fn a_typed_number_never_shows_itself_in_debug() {
        assert_eq!(format!("{:?}", "0501234567".parse::<TypedPhone>().unwrap()), "TypedPhone");
    }

    proptest! {
        #[test]
        fn what_is_kept_is_read_back_as_it_was(text in r"[+0-9 ().E,'-]{0,30}") {
            if let Ok(typed) = text.parse::<TypedPhone>() {
                prop_assert_eq!(typed.as_str().parse::<TypedPhone>(), Ok(typed));
            }
        }

        #[test]
        fn no_text_makes_reading_panic(text in ".{0,40}") {
            let _number = text.parse::<TypedPhone>().map(|typed| typed.read("AE".parse().ok()));
        }
    }
}
