//! An entry of Meta's template library.

use serde::{Deserialize, Serialize};

use crate::{language::Language, reminder::TemplateRef};

/// What the names of the templates begin with that an account has of the library.
pub const LIBRARY_PREFIX: &str = "numo_library_";

/// A text that Meta offers, as it tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LibraryEntry {
    /// Its name in the library.
    pub name: String,
    /// Meta's code of its language, such as `en_US`.
    pub language: String,
    /// Whether its category is the one that reminders are sent in.
    pub is_utility: bool,
    /// What stands above the body.
    pub header: Header,
    /// What it says, with parameters `{{1}}`, `{{2}}` and so on.
    pub body: String,
    /// Line below the body.
    pub footer: Option<String>,
    /// Its parameters, in their order.
    pub parameters: Vec<Parameter>,
    /// What stands below.
    pub buttons: Vec<Button>,
}

/// What stands above a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Header {
    /// Nothing.
    None,
    /// A line of text.
    Text(String),
    /// A picture, film or document.
    Media,
}

/// A place of an entry that every message fills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// What Meta lets through.
    pub kind: ParameterKind,
    /// Meta's example.
    pub example: String,
}

/// What Meta lets through in a parameter (Meta: template library, list of parameters).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ParameterKind {
    /// Words.
    Text,
    /// A quantity, with a currency or without.
    Amount,
    /// A day of the calendar.
    Date,
    /// Digits.
    Number,
    /// An address, a telephone number, an e-mail address, or what Meta does not tell.
    Other,
}

/// What stands below a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Button {
    /// Opens a page: with us, the pay page of the invoice.
    Link {
        /// What it says.
        label: String,
    },
    /// An answer that is sent back.
    Answer {
        /// What it says.
        label: String,
    },
    /// Calls a telephone number.
    Call {
        /// What it says.
        label: String,
    },
    /// Anything else.
    Other {
        /// What it says.
        label: String,
    },
}

impl Button {
    /// What it says.
    pub fn label(&self) -> &str {
        match self {
            Self::Link { label } | Self::Answer { label } | Self::Call { label } | Self::Other { label } => label,
        }
    }
}

impl LibraryEntry {
    /// Which of our languages it is written in: a country's variety is one of them, Portuguese of Brazil alone.
    pub fn language(&self) -> Option<Language> {
        let of = |code: &str| Language::ALL.into_iter().find(|language| language.code() == code);
        of(&self.language).or_else(|| of(self.language.split_once('_')?.0))
    }

    /// Everything that a customer reads of it, parameters left open.
    pub fn words(&self) -> String {
        let header = match &self.header {
            Header::Text(text) => Some(text.as_str()),
            Header::None | Header::Media => None,
        };
        let lines = header.into_iter().chain([self.body.as_str()]).chain(self.footer.as_deref());
        lines.chain(self.buttons.iter().map(Button::label)).collect::<Vec<_>>().join("\n")
    }

    /// Name and language of the template that is made of it on an account: the same for the same words, so that a second
    /// try finds what the first one made, and another one once Meta words it anew.
    pub fn template(&self) -> TemplateRef {
        let name = format!("{LIBRARY_PREFIX}{}_{:08x}", self.name, fnv(&self.words()));
        TemplateRef { name, language: self.language.clone() }
    }

    /// The numbers of the parameters in the body, in the order of the text; none where one is no number.
    pub(super) fn places(&self) -> Option<Vec<usize>> {
        let pieces = self.body.split("{{").skip(1);
        pieces.map(|piece| piece.split_once("}}")?.0.trim().parse().ok()).collect()
    }
}

/// FNV-1a of 32 bits: the words of a text in a name.
fn fnv(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A text of ours in the shape of the library's.
    pub(crate) fn entry(body: &str, parameters: &[(ParameterKind, &str)]) -> LibraryEntry {
        let parameter = |(kind, example): &(ParameterKind, &str)| Parameter { kind: *kind, example: (*example).into() };
        LibraryEntry {
            name: String::from("payment_due_1"),
            language: String::from("en_US"),
            is_utility: true,
            header: Header::None,
            body: body.to_owned(),
            footer: None,
            parameters: parameters.iter().map(parameter).collect(),
            buttons: Vec::new(),
        }
    }

    #[test]
    fn a_countrys_variety_is_one_of_our_languages_except_for_portuguese() {
        for (code, language) in [
            ("en", Some(Language::English)),
            ("en_US", Some(Language::English)),
            ("es_MX", Some(Language::Spanish)),
            ("pt_BR", Some(Language::Portuguese)),
            ("pt_PT", None),
            ("it", None),
            ("", None),
        ] {
            let entry = LibraryEntry { language: code.to_owned(), ..entry("", &[]) };
            assert_eq!(entry.language(), language, "{code}");
        }
    }

    #[test]
    fn the_template_of_an_account_has_the_same_name_for_the_same_words_and_another_one_for_others() {
        let name = |entry: &LibraryEntry| entry.template().name;
        let one = entry("Pay {{1}} now.", &[(ParameterKind::Amount, "$1")]);
        assert_eq!(name(&one), "numo_library_payment_due_1_f2ee80ac");
        assert_eq!(name(&one), name(&one.clone()));
        for other in [
            LibraryEntry { body: String::from("Pay {{1}} soon."), ..one.clone() },
            LibraryEntry { header: Header::Text(String::from("Pay")), ..one.clone() },
            LibraryEntry { footer: Some(String::from("Thanks")), ..one.clone() },
            LibraryEntry { buttons: vec![Button::Link { label: String::from("Pay") }], ..one.clone() },
        ] {
            assert_ne!(name(&other), name(&one), "{other:?}");
        }
    }
}
