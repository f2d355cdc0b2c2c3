//! The message of a text of Meta's library: about the one invoice that it demands.

use jiff::Timestamp;

use crate::{
    language::Language,
    library::{LibraryText, value::LibraryValue},
    message::{MAX_NAME_CHARS, Message, Naming, fill},
    organisation::Organisation,
    plan::decision::InvoiceLine,
    wording::{self, phrase, value},
};

/// What a text of the library may say of one invoice.
pub(super) struct Facts<'a> {
    pub(super) organisation: &'a Organisation,
    /// The customer's name.
    pub(super) customer: &'a str,
    /// The invoice.
    pub(super) line: &'a InvoiceLine,
    /// When the message goes out.
    pub(super) at: Timestamp,
}

/// Fills a text with what was chosen for its parameters.
pub(super) fn fill_in(text: &LibraryText, facts: &Facts<'_>) -> Message {
    let written = |value: &LibraryValue| (value.as_str(), facts.written(*value, text.language));
    let variables: Vec<(&'static str, String)> = text.values.iter().map(written).collect();
    let place = |name: &str| {
        let index = name.trim().parse::<usize>().ok()?.checked_sub(1)?;
        variables.get(index).map(|(_, value)| value.as_str())
    };
    let body = fill(&text.body, place);
    Message {
        template: text.template.clone(),
        variant: text.variant(),
        naming: Naming::Positional,
        text: text.header.iter().cloned().chain([body]).collect::<Vec<_>>().join("\n"),
        variables,
        pay_token: None,
        document: None,
    }
}

impl Facts<'_> {
    /// A value as the customer reads it: in a language, and as the organisation's country writes it.
    pub(super) fn written(&self, value: LibraryValue, language: Language) -> String {
        let Self { organisation, customer, line, at } = self;
        let region = organisation.country;
        let named = |typed: &str, fallback| value::name(typed, fallback, MAX_NAME_CHARS, language);
        match value {
            LibraryValue::CustomerName => named(customer, phrase::customer(language)),
            LibraryValue::BusinessName => named(&organisation.name, phrase::business(language)),
            LibraryValue::InvoiceNumber => wording::invoice_number(line, language),
            LibraryValue::Balance => wording::amount(line.remaining, language, region),
            LibraryValue::DueDate => wording::date(line.due, language, region),
            // Where the customer is a day ahead of the business it has been a day at least.
            LibraryValue::DaysOverdue => {
                let age = organisation.zone.date(*at).since(line.due).map_or(1, |age| age.get_days().max(1));
                age.to_string()
            }
        }
    }
}
