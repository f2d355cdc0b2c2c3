//! Phone numbers: read from a ledger's messy fields, kept as E.164.

pub mod spelling;
pub mod typed;

use std::{fmt, str::FromStr};

use rlibphonenumber::{PhoneNumber as Parsed, PhoneNumberFormat, PhoneNumberType, Region};
use serde::{Deserialize, Serialize};

/// A number that can be written to, as `+` and digits (E.164).
///
/// Reading a stored number back only checks its shape; [`PhoneNumber::country`] alone looks at its parts again.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads what a person typed, with the country that a national number belongs to.
    pub fn parse(raw: &str, home: Option<CountryCode>) -> Result<Self, PhoneError> {
        if !raw.bytes().any(|b| b.is_ascii_digit()) && !raw.chars().any(char::is_numeric) {
            return Err(PhoneError::NoDigits);
        }
        let region = home.and_then(|country| country.as_str().parse::<Region>().ok());
        let parsed = Parsed::parse(raw, region).or(Err(PhoneError::NotANumber))?;
        if !parsed.is_valid() {
            return Err(PhoneError::NotANumber);
        }
        match parsed.get_type() {
            PhoneNumberType::Mobile | PhoneNumberType::FixedLineOrMobile => {}
            PhoneNumberType::FixedLine
            | PhoneNumberType::TollFree
            | PhoneNumberType::PremiumRate
            | PhoneNumberType::SharedCost
            | PhoneNumberType::VoIP
            | PhoneNumberType::PersonalNumber
            | PhoneNumberType::Pager
            | PhoneNumberType::UAN
            | PhoneNumberType::VoiceMail
            | PhoneNumberType::Unknown => return Err(PhoneError::NotMobile),
        }
        Ok(Self(parsed.format_as(PhoneNumberFormat::E164).into_owned()))
    }

    /// `+` and digits, as Meta wants it in `to`.
    pub fn as_e164(&self) -> &str {
        &self.0
    }

    /// The country whose numbering plan has the number.
    ///
    /// None if no plan has it, or only that of a worldwide network, such as satellites.
    pub fn country(&self) -> Option<CountryCode> {
        Parsed::parse(&self.0, None).ok()?.get_region_code()?.as_region_str().parse().ok()
    }

    /// The form in which two spellings of one mobile are equal.
    ///
    /// WhatsApp ids of Brazil, Mexico and Argentina may lack or carry a mobile digit that
    /// the dialled number has the other way round; the match form always lacks it.
    pub fn matching_form(&self) -> String {
        let digits = self.0.trim_start_matches('+');
        let without = |prefix: &str, keep: usize, total: usize| -> Option<String> {
            let marked = digits.starts_with(prefix) && digits.len() == total;
            let (head, tail) = (digits.get(..keep)?, digits.get(keep + 1..)?);
            marked.then(|| format!("{head}{tail}"))
        };
        let brazilian = || {
            let ninth = digits.get(4..5) == Some("9");
            ninth.then(|| without("55", 4, 13)).flatten()
        };
        brazilian()
            .or_else(|| without("521", 2, 13))
            .or_else(|| without("549", 2, 13))
            .unwrap_or_else(|| digits.to_owned())
    }
}

impl FromStr for PhoneNumber {
    type Err = PhoneError;

    /// Reads E.164 as this type writes it.
    fn from_str(text: &str) -> Result<Self, PhoneError> {
        let digits = text.strip_prefix('+').ok_or(PhoneError::NotANumber)?;
        let plausible =
            (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        if plausible { Ok(Self(text.to_owned())) } else { Err(PhoneError::NotANumber) }
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = PhoneError;

    fn try_from(text: String) -> Result<Self, PhoneError> {
        text.parse()
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> String {
        number.0
    }
}

impl fmt::Debug for PhoneNumber {
    /// Masked, so that no log line can carry a number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl PhoneNumber {
    /// `+971•••••67`: enough to recognise, too little to call.
    pub fn masked(&self) -> String {
        let head: String = self.0.chars().take(4).collect();
        let tail: String = self.0.chars().skip(self.0.len().saturating_sub(2)).collect();
        format!("{head}•••••{tail}")
    }
}

/// Why a text is not a number that can be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum PhoneError {
    /// Nothing that could be dialled.
    #[error("there are no digits in it")]
    NoDigits,
    /// No country's numbering plan has it.
    #[error("it is not a valid number of its country")]
    NotANumber,
    /// Valid, but a landline or a service number.
    #[error("it is not a mobile number")]
    NotMobile,
}

/// An ISO 3166 country, two upper-case letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(try_from = "String", into = "String")]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// The two letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Its place among all pairs of letters, from 0 for AA to 675 for ZZ.
    pub(crate) fn index(self) -> u16 {
        let place = |letter: u8| u16::from(letter.saturating_sub(b'A'));
        let [first, second] = self.0;
        place(first) * 26 + place(second)
    }
}

/// Two upper-case letters were expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a country is two upper-case letters")]
pub struct InvalidCountry;

impl FromStr for CountryCode {
    type Err = InvalidCountry;

    fn from_str(text: &str) -> Result<Self, InvalidCountry> {
        let code: [u8; 2] = text.as_bytes().try_into().or(Err(InvalidCountry))?;
        if code.iter().all(u8::is_ascii_uppercase) { Ok(Self(code)) } else { Err(InvalidCountry) }
    }
}

impl TryFrom<String> for CountryCode {
    type Error = InvalidCountry;

    fn try_from(text: String) -> Result<Self, InvalidCountry> {
        text.parse()
    }
}

impl From<CountryCode> for String {
    fn from(country: CountryCode) -> String {
        country.as_str().to_owned()
    }
}

impl fmt::Debug for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(raw: &str, home: &str) -> Result<String, PhoneError> {
        PhoneNumber::parse(raw, home.parse().ok()).map(|number| number.as_e164().to_owned())
    }

    #[test]
    fn one_mobile_written_in_many_ways_is_one_number() {
        for raw in [
            "+971 50 123 4567",
            "00971501234567",
            "050-123 4567",
            "971 50 1234567",
            "(050) 1234567",
            "+971 (0)50 123 4567",
            "٠٥٠١٢٣٤٥٦٧",
        ] {
            assert_eq!(parse(raw, "AE"), Ok("+971501234567".to_owned()), "{raw}");
        }
        assert_eq!(parse("07400 123456", "GB"), Ok("+447400123456".to_owned()));
        assert_eq!(parse("(626) 555-1234", "US"), Ok("+16265551234".to_owned()));
    }

    #[test]
    fn what_cannot_be_written_to_says_why() {
        assert_eq!(parse("n/a", "AE"), Err(PhoneError::NoDigits));
        assert_eq!(parse("", "AE"), Err(PhoneError::NoDigits));
        assert_eq!(parse("555-1234", "AE"), Err(PhoneError::NotANumber));
        assert_eq!(parse("+971 4 331 1111", "AE"), Err(PhoneError::NotMobile));
        assert_eq!(parse("0501234567", ""), Err(PhoneError::NotANumber));
    }

    #[test]
    fn a_number_never_shows_itself_in_debug() {
        let number: PhoneNumber = "+971501234567".parse().unwrap();
        assert_eq!(format!("{number:?}"), "+971•••••67");
    }

    #[test]
    fn spellings_that_whatsapp_mixes_match() {
        for (dialled, whatsapp) in [
            ("+5511987654321", "+551187654321"),
            ("+5215512345678", "+525512345678"),
            ("+5491123456789", "+541123456789"),
        ] {
            let [a, b] = [dialled, whatsapp].map(|n| n.parse::<PhoneNumber>().unwrap().matching_form());
            assert_eq!(a, b);
        }
        let german: PhoneNumber = "+491711234567".parse().unwrap();
        assert_eq!(german.matching_form(), "491711234567");
    }

    #[test]
    fn countries_that_share_a_calling_code_are_told_apart() {
        for (number, country) in [
            ("+14165550123", "CA"),
            ("+12125550123", "US"),
            ("+18765551234", "JM"),
            ("+17872345678", "PR"),
            ("+447400123456", "GB"),
            ("+447797123456", "JE"),
            ("+447781123456", "GG"),
            ("+77011234567", "KZ"),
            ("+79161234567", "RU"),
            ("+61412345678", "AU"),
            ("+262692123456", "RE"),
            ("+262639012345", "YT"),
            ("+38343201234", "XK"),
            ("+971501234567", "AE"),
        ] {
            let number: PhoneNumber = number.parse().unwrap();
            assert_eq!(number.country(), country.parse().ok(), "{country}");
        }
    }

    #[test]
    fn a_spelling_of_whatsapp_has_the_country_of_the_dialled_number() {
        for (number, country) in [("+551187654321", "BR"), ("+525512345678", "MX"), ("+541123456789", "AR")] {
            assert_eq!(number.parse::<PhoneNumber>().unwrap().country(), country.parse().ok(), "{country}");
        }
    }

    #[test]
    fn a_satellite_and_a_number_of_no_plan_have_no_country() {
        for number in ["+881612345678", "+9991234567", "+15550123"] {
            assert_eq!(number.parse::<PhoneNumber>().unwrap().country(), None, "{number}");
        }
    }

    proptest! {
        #[test]
        fn no_stored_number_makes_its_country_panic(number in r"\+[1-9][0-9]{6,14}") {
            let _country = number.parse::<PhoneNumber>().unwrap().country();
        }

        #[test]
        fn no_text_makes_parsing_panic(raw in ".{0,40}") {
            let number = PhoneNumber::parse(&raw, "AE".parse().ok());
            if let Ok(number) = number {
                prop_assert_eq!(number.as_e164().parse::<PhoneNumber>(), Ok(number));
            }
        }
    }
}
