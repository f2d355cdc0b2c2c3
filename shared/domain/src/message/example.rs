//! A text with the content of an example, to be looked at.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan};

use crate::{
    language::Language,
    library::{LibraryText, value::LibraryValue},
    message::{
        MAX_NAME_CHARS, Message, Owed, fill_named, fill_pack,
        from_library::{Facts, fill_in},
    },
    money::Money,
    organisation::Organisation,
    plan::decision::InvoiceLine,
    template::PackTemplate,
    wording::value,
};

/// Fills a template with the organisation's own name, if it has one, and with the examples of the pack for all else.
pub fn example(organisation: &Organisation, template: PackTemplate) -> Message {
    let language = template.language;
    let filled = |(name, example)| match name {
        "business_name" => (name, value::name(&organisation.name, example, MAX_NAME_CHARS, language)),
        _ => (name, value::isolated(example, language)),
    };
    let variables: Vec<(&'static str, String)> = template.variables().map(filled).collect();
    let text = fill_named(&template.body(), &variables);
    Message::of_pack(&template, variables, text)
}

/// Fills a template about one invoice of a customer, as a reminder about nothing else would read.
pub fn about_invoice(
    organisation: &Organisation,
    customer: &str,
    line: InvoiceLine,
    template: PackTemplate,
) -> Message {
    let owed = Owed { total: line.remaining, lines: &[line], more: 0, paid: None };
    fill_pack(organisation, customer, &owed, template)
}

/// A text of Meta's library with the organisation's own name and an invoice of nobody, as it would read at a time.
pub fn library_example(organisation: &Organisation, text: &LibraryText, at: Timestamp) -> Option<Message> {
    let line = invoice_of_nobody(organisation, at)?;
    Some(fill_in(text, &Facts { organisation, customer: CUSTOMER, line: &line, at }))
}

/// What each value would be in such a message.
pub fn library_values(
    organisation: &Organisation,
    language: Language,
    at: Timestamp,
) -> BTreeMap<LibraryValue, String> {
    let Some(line) = invoice_of_nobody(organisation, at) else { return BTreeMap::new() };
    let facts = Facts { organisation, customer: CUSTOMER, line: &line, at };
    LibraryValue::ALL.into_iter().map(|value| (value, facts.written(value, language))).collect()
}

const CUSTOMER: &str = "Acme Trading";

/// The invoice of the pack's examples, three weeks late.
fn invoice_of_nobody(organisation: &Organisation, at: Timestamp) -> Option<InvoiceLine> {
    Some(InvoiceLine {
        invoice: "example".parse().ok()?,
        number: "INV-1042".to_owned(),
        remaining: Money::new(137_622, "AED".parse().ok()?),
        due: organisation.zone.date(at).saturating_sub(21.days()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        language::Language,
        reminder::TemplateRef,
        template::{Purpose, Variant, every_text, template_for},
    };

    fn organisation(name: &str) -> Organisation {
        Organisation { name: name.to_owned(), ..Organisation::new("org_a".parse().unwrap()) }
    }

    #[test]
    fn an_example_has_the_organisations_own_name_and_an_invoice_of_nobody() {
        let message = example(
            &organisation("Palm Trading"),
            template_for(Purpose::PartPayment, Language::English, Variant::Plain),
        );
        let text = "Hello Acme Trading, Palm Trading has received your payment of AED 500.00. Thank you. Still open and \
                    past its due date: INV-1042 AED 1,376.22 due 2 Nov 2026. The total is AED 1,376.22. If it is already \
                    paid, please tell us.";
        let variables = [
            ("customer_name", "Acme Trading"),
            ("business_name", "Palm Trading"),
            ("invoice_list", "INV-1042 AED 1,376.22 due 2 Nov 2026"),
            ("total", "AED 1,376.22"),
            ("paid_amount", "AED 500.00"),
        ];
        let expected = variables.map(|(name, value)| (name, value.to_owned())).to_vec();
        assert_eq!((message.text.as_str(), message.variables), (text, expected));
    }

    #[test]
    fn an_invoice_of_a_customer_stands_in_a_text_as_a_reminder_would_have_it() {
        let line = InvoiceLine {
            invoice: "i-7".parse().unwrap(),
            number: "A\n7".to_owned(),
            remaining: Money::new(12_050, "EUR".parse().unwrap()),
            due: "2026-11-20".parse().unwrap(),
        };
        let firm = template_for(Purpose::OverdueFirm, Language::English, Variant::Plain);
        assert_eq!(
            about_invoice(&organisation("Palm Trading"), "Blue Crane", line, firm).text,
            "Hello Blue Crane, Palm Trading is still waiting for payment of: A 7 EUR 120.50 due 20 Nov 2026. The total \
             is EUR 120.50. Please pay now, or reply with a date. If it is already paid, please tell us."
        );
    }

    #[test]
    fn an_organisation_without_a_name_has_that_of_an_example() {
        let message = example(&organisation(""), template_for(Purpose::ThankYou, Language::English, Variant::Plain));
        assert_eq!(
            message.text,
            "Hello Acme Trading, Harbour Lane has received your payment of AED 500.00. Thank you."
        );
    }

    #[test]
    fn every_text_of_the_pack_is_filled_whole_and_obeys_metas_rules() {
        let organisation = organisation("{{total}}\n  متجر النور");
        for template in every_text() {
            let message = example(&organisation, template);
            assert!(!message.text.contains("{{") && message.text.chars().count() <= 1024, "{}", message.text);
            let names: Vec<&str> = message.variables.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, template.variables().map(|(name, _)| name).collect::<Vec<_>>());
            for (name, value) in &message.variables {
                assert!(!value.is_empty() && !value.contains(['\n', '\t']), "{name} in {}", template.name());
            }
        }
    }

    #[test]
    fn a_text_of_the_library_is_shown_with_an_invoice_of_nobody() {
        let (organisation, at) = (organisation("Palm Trading"), "2026-11-23T06:00:00Z".parse().unwrap());
        let values = library_values(&organisation, Language::English, at);
        let expected = [
            (LibraryValue::CustomerName, "Acme Trading"),
            (LibraryValue::BusinessName, "Palm Trading"),
            (LibraryValue::InvoiceNumber, "INV-1042"),
            (LibraryValue::Balance, "AED 1,376.22"),
            (LibraryValue::DueDate, "2 Nov 2026"),
            (LibraryValue::DaysOverdue, "21"),
        ];
        assert_eq!(values, expected.map(|(value, text)| (value, text.to_owned())).into());
        let text = LibraryText {
            template: TemplateRef { name: String::from("numo_library_a"), language: String::from("en_US") },
            library_name: String::from("a"),
            language: Language::English,
            header: None,
            body: String::from("{{1}} owes {{2}}."),
            footer: None,
            buttons: Vec::new(),
            values: vec![LibraryValue::CustomerName, LibraryValue::Balance],
        };
        let message = library_example(&organisation, &text, at).unwrap();
        assert_eq!(message.text, "Acme Trading owes AED 1,376.22.");
    }

    #[test]
    fn an_example_keeps_its_direction_in_a_text_from_right_to_left() {
        let message =
            example(&organisation("متجر النور"), template_for(Purpose::ThankYou, Language::Arabic, Variant::Plain));
        assert_eq!(message.variables[0].1, "\u{2068}Acme Trading\u{2069}");
        assert_eq!(message.variables[1].1, "متجر النور");
    }
}
