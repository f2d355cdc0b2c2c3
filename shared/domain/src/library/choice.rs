//! Choosing a text of the library: what of ours belongs into each of its parameters.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    id::{UserId, WabaId},
    language::Language,
    library::{
        LibraryText,
        entry::{Header, LibraryEntry},
        objection::{Objection, objections},
        value::LibraryValue,
    },
    template::Purpose,
};

/// That an account says something with a text of the library until one of the pack is approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LibraryChoice {
    /// The account.
    pub waba: WabaId,
    /// What it says.
    pub purpose: Purpose,
    /// The text.
    pub text: LibraryText,
    /// Who chose it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// Why a choice cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WhyNot {
    /// No text of the library says this.
    #[error("only upcoming, due_today and overdue_gentle can be said with a text of the library")]
    Purpose,
    /// Something speaks against the text.
    #[error("{}", .0.sentence())]
    Objection(Objection),
    /// Every parameter needs one value.
    #[error("the text has {parameters} parameters, and each needs one value")]
    Count {
        /// How many it has.
        parameters: usize,
    },
    /// A value is not of the kind that its parameter takes.
    #[error("parameter {position} does not take {value}")]
    Kind {
        /// Which parameter, from 1.
        position: usize,
        /// What was chosen for it.
        value: LibraryValue,
    },
    /// Neither the invoice nor what is left of it is named.
    #[error("one of the values has to be invoice_number or balance")]
    NoInvoice,
    /// An overdue text names the business (rule 5).
    #[error("one of the values of an overdue text has to be business_name")]
    NoBusiness,
}

impl WhyNot {
    /// The field of a choice that it is about.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Purpose => "purpose",
            Self::Objection(_) => "name",
            Self::Count { .. } | Self::Kind { .. } | Self::NoInvoice | Self::NoBusiness => "values",
        }
    }
}

/// The text of an entry with what belongs into its parameters, if nothing speaks against it.
///
/// # Errors
/// The most important reason why not.
pub fn choose(
    entry: &LibraryEntry,
    purpose: Purpose,
    language: Language,
    values: Vec<LibraryValue>,
) -> Result<LibraryText, WhyNot> {
    if !purpose.is_in_library() {
        return Err(WhyNot::Purpose);
    }
    if let Some(objection) = objections(entry, purpose, language).first() {
        return Err(WhyNot::Objection(*objection));
    }
    if values.len() != entry.parameters.len() {
        return Err(WhyNot::Count { parameters: entry.parameters.len() });
    }
    for (position, (parameter, value)) in (1..).zip(entry.parameters.iter().zip(&values)) {
        if LibraryValue::that_fit(parameter.kind, purpose).all(|fits| fits != *value) {
            return Err(WhyNot::Kind { position, value: *value });
        }
    }
    if !values.iter().any(|value| value.is_about_the_invoice()) {
        return Err(WhyNot::NoInvoice);
    }
    if purpose.is_overdue() && !values.contains(&LibraryValue::BusinessName) {
        return Err(WhyNot::NoBusiness);
    }
    Ok(LibraryText {
        template: entry.template(),
        library_name: entry.name.clone(),
        language,
        header: match &entry.header {
            Header::Text(text) => Some(text.clone()),
            Header::None | Header::Media => None,
        },
        body: entry.body.clone(),
        footer: entry.footer.clone(),
        buttons: entry.buttons.clone(),
        values,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::entry::{Button, ParameterKind, tests::entry};

    fn offered() -> LibraryEntry {
        let body = "Hi {{1}}, {{2}} was due on {{3}}. If you have already paid {{4}}, ignore this. STOP ends this.";
        let text = |example| (ParameterKind::Text, example);
        let entry = entry(body, &[text("Jim"), text("A bill"), (ParameterKind::Date, "2 May"), text("CS Mutual")]);
        let buttons = vec![Button::Link { label: String::from("Pay") }];
        LibraryEntry { header: Header::Text(String::from("Your bill")), buttons, ..entry }
    }

    #[test]
    fn a_choice_has_the_exact_words_that_meta_offers_and_a_value_for_every_parameter() {
        use LibraryValue::{BusinessName, CustomerName, DueDate, InvoiceNumber};
        let (offered, values) = (offered(), vec![CustomerName, InvoiceNumber, DueDate, BusinessName]);
        let expected = LibraryText {
            template: offered.template(),
            library_name: String::from("payment_due_1"),
            language: Language::English,
            header: Some(String::from("Your bill")),
            body: offered.body.clone(),
            footer: None,
            buttons: vec![Button::Link { label: String::from("Pay") }],
            values: values.clone(),
        };
        assert_eq!(choose(&offered, Purpose::OverdueGentle, Language::English, values), Ok(expected));
    }

    #[test]
    fn a_choice_that_misses_something_is_refused_with_the_reason() {
        use LibraryValue::{Balance, BusinessName, CustomerName, DueDate};
        let why = |purpose, values: &[LibraryValue]| {
            choose(&offered(), purpose, Language::English, values.to_vec()).unwrap_err()
        };
        let good = [CustomerName, Balance, DueDate, BusinessName];
        for purpose in Purpose::ALL.into_iter().filter(|purpose| !purpose.is_in_library()) {
            assert_eq!(why(purpose, &good), WhyNot::Purpose, "{purpose}");
        }
        let overdue = Purpose::OverdueGentle;
        assert_eq!(why(overdue, &good[..3]), WhyNot::Count { parameters: 4 });
        assert_eq!(
            why(overdue, &[CustomerName, Balance, Balance, BusinessName]),
            WhyNot::Kind { position: 3, value: Balance }
        );
        assert_eq!(why(overdue, &[CustomerName, CustomerName, DueDate, BusinessName]), WhyNot::NoInvoice);
        assert_eq!(why(overdue, &[CustomerName, Balance, DueDate, CustomerName]), WhyNot::NoBusiness);
        assert!(
            choose(
                &offered(),
                Purpose::Upcoming,
                Language::English,
                [CustomerName, Balance, DueDate, CustomerName].to_vec()
            )
            .is_ok()
        );
        let french = choose(&offered(), overdue, Language::French, good.to_vec());
        assert_eq!(french, Err(WhyNot::Objection(Objection::OtherLanguage)));
    }
}
