//! The languages that customers are written to in.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A language of the template pack, by Meta's code.
///
/// English is one text for all countries: what differs between them, the order of a date or a
/// grouping, is a matter of the values and not of the text, and one text needs one review.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Language {
    /// `en`
    #[default]
    English,
    /// `ar`
    Arabic,
    /// `es`
    Spanish,
    /// `pt_BR`
    Portuguese,
    /// `fr`
    French,
    /// `de`
    German,
    /// `hi`
    Hindi,
}

impl Language {
    /// Every language, English first.
    pub const ALL: [Self; 7] =
        [Self::English, Self::Arabic, Self::Spanish, Self::Portuguese, Self::French, Self::German, Self::Hindi];

    /// Meta's code, which has to match an approved template to the letter.
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Arabic => "ar",
            Self::Spanish => "es",
            Self::Portuguese => "pt_BR",
            Self::French => "fr",
            Self::German => "de",
            Self::Hindi => "hi",
        }
    }

    /// Whether it is written from right to left.
    pub const fn is_right_to_left(self) -> bool {
        match self {
            Self::Arabic => true,
            Self::English | Self::Spanish | Self::Portuguese | Self::French | Self::German | Self::Hindi => false,
        }
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Language {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let codes = utoipa::openapi::ObjectBuilder::new().enum_values(Some(Self::ALL.map(Self::code)));
        codes.schema_type(utoipa::openapi::Type::String).into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Language {}

/// One of the pack's language codes was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a language of the template pack")]
pub struct UnknownLanguage;

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        Self::ALL.into_iter().find(|language| language.code() == text).ok_or(UnknownLanguage)
    }
}

impl TryFrom<String> for Language {
    type Error = UnknownLanguage;

    fn try_from(text: String) -> Result<Self, UnknownLanguage> {
        text.parse()
    }
}

impl From<Language> for String {
    fn from(language: Language) -> String {
        language.code().to_owned()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_stored_and_read_as_metas_code() {
        for language in Language::ALL {
            let json = serde_json::to_string(&language).unwrap();
            assert_eq!(json, format!("\"{}\"", language.code()));
            assert_eq!(serde_json::from_str::<Language>(&json).unwrap(), language);
        }
    }

    #[test]
    fn a_code_that_only_resembles_one_of_ours_is_refused() {
        for code in ["", "EN", "en_US", "en-GB", "pt", "pt-BR", "ar_AE", "it"] {
            assert_eq!(code.parse::<Language>(), Err(UnknownLanguage), "{code}");
        }
    }
}
