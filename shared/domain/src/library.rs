//! Texts of Meta's template library: one that the business chose stands in until a text of the pack is approved.
//!
//! Nothing is guessed of them: the wording is read from Meta when it is chosen, and a person says for each parameter
//! which of our values belongs there (decision 42).

mod already_paid;
pub mod choice;
pub mod entry;
pub mod objection;
pub mod value;

use serde::{Deserialize, Serialize};

use crate::{
    language::Language,
    library::{entry::Button, value::LibraryValue},
    reminder::TemplateRef,
    template::{Purpose, Variant},
};

/// A text of the library as it was chosen, with what of ours belongs into its parameters.
///
/// It is about one invoice: its parameters have no room for a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LibraryText {
    /// Name and language of the account's template that is made of it.
    pub template: TemplateRef,
    /// Its name in the library.
    pub library_name: String,
    /// The language that its values are written in.
    pub language: Language,
    /// Line above the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// What it says, with parameters `{{1}}`, `{{2}}` and so on.
    pub body: String,
    /// Line below the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footer: Option<String>,
    /// What stands below.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    /// What belongs into its parameters, in their order.
    pub values: Vec<LibraryValue>,
}

impl LibraryText {
    /// What stands around it: the pay page behind a button, or nothing.
    pub fn variant(&self) -> Variant {
        let has_link = self.buttons.iter().any(|button| matches!(button, Button::Link { .. }));
        if has_link { Variant::PayPage } else { Variant::Plain }
    }
}

impl Purpose {
    /// Whether a text of the library may say it: what is not due yet, and the first word about what is overdue.
    pub const fn is_in_library(self) -> bool {
        match self {
            Self::Upcoming | Self::DueToday | Self::OverdueGentle => true,
            Self::OverdueFirm
            | Self::OverdueFinal
            | Self::Statement
            | Self::PromiseMissed
            | Self::ThankYou
            | Self::PartPayment => false,
        }
    }

    /// Whether it speaks of something overdue, so that rule 5 binds its text.
    const fn is_overdue(self) -> bool {
        !matches!(self, Self::Upcoming | Self::DueToday | Self::ThankYou)
    }
}
