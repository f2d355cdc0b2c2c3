//! A text of the pack with the content of an example, to be looked at.

use crate::{
    message::{MAX_NAME_CHARS, Message, fill},
    organisation::Organisation,
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
    let text = fill(&template.body(), &variables);
    Message { template, variables, text, pay_token: None, document: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        language::Language,
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
    fn an_example_keeps_its_direction_in_a_text_from_right_to_left() {
        let message =
            example(&organisation("متجر النور"), template_for(Purpose::ThankYou, Language::Arabic, Variant::Plain));
        assert_eq!(message.variables[0].1, "\u{2068}Acme Trading\u{2069}");
        assert_eq!(message.variables[1].1, "متجر النور");
    }
}
