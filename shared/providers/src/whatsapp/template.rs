//! Templates: what is registered, and how Meta describes what is there.

use numo_domain::reminder::TemplateRef;
use numo_domain::template::{AccountTemplate, PackTemplate, TIME_TO_LIVE, TemplateStatus, Variant};
use serde_json::{Value, json};

/// The request that registers a text of the pack (Meta: message templates, utility).
///
/// A pay button opens `{public_url}/pay/{token}`; a template may vary the end of an address and nothing else.
pub(crate) fn creation(template: &PackTemplate, public_url: &str) -> Value {
    let used = template.variables();
    let examples: Vec<Value> = used.map(|(name, text)| json!({ "param_name": name, "example": text })).collect();
    let mut components = vec![
        json!({ "type": "BODY", "text": template.body(), "example": { "body_text_named_params": examples } }),
        json!({ "type": "FOOTER", "text": template.footer }),
    ];
    if !template.buttons.is_empty() {
        let button = |label: &&str| match template.variant {
            Variant::PayPage => {
                let example = format!("{public_url}/pay/0123456789abcdef0123456789abcdef");
                json!({ "type": "URL", "text": label, "url": format!("{public_url}/pay/{{{{1}}}}"), "example": [example] })
            }
            Variant::Plain | Variant::Replies => json!({ "type": "QUICK_REPLY", "text": label }),
        };
        let buttons: Vec<Value> = template.buttons.iter().map(button).collect();
        components.push(json!({ "type": "BUTTONS", "buttons": buttons }));
    }
    json!({
        "name": template.name,
        "language": template.language.code(),
        "category": "UTILITY",
        "parameter_format": "NAMED",
        "message_send_ttl_seconds": TIME_TO_LIVE.as_secs(),
        "components": components,
    })
}

/// A template of an account; rows without a name or language cannot be sent and are left out.
pub(crate) fn account_template(row: &Value) -> Option<AccountTemplate> {
    let text = |name: &str| Some(row.get(name)?.as_str()?.to_owned());
    let template = TemplateRef { name: text("name")?, language: text("language")? };
    Some(AccountTemplate { template, status: status(row)? })
}

/// Whether a template may be sent.
///
/// Meta may take a utility text for marketing: then it costs more and never arrives in the US.
pub(crate) fn status(row: &Value) -> Option<TemplateStatus> {
    let is_utility =
        row.get("category").and_then(Value::as_str).is_some_and(|text| text.eq_ignore_ascii_case("UTILITY"));
    let status = row.get("status")?.as_str()?;
    Some(match status {
        "APPROVED" if is_utility => TemplateStatus::Approved,
        "PENDING" | "IN_APPEAL" if is_utility => TemplateStatus::Pending,
        _ => TemplateStatus::Unusable,
    })
}

#[cfg(test)]
mod tests {
    use numo_domain::{
        language::Language,
        template::{Purpose, template_for, texts_in},
    };

    use super::*;

    #[test]
    fn a_text_is_registered_with_names_examples_and_a_short_life() {
        let text = &texts_in(Language::English)[0];
        let expected = json!({
            "name": "numo_upcoming_v1", "language": "en", "category": "UTILITY", "parameter_format": "NAMED",
            "message_send_ttl_seconds": 43_200,
            "components": [
                { "type": "BODY", "text": text.says, "example": { "body_text_named_params": [
                    { "param_name": "customer_name", "example": "Acme Trading" },
                    { "param_name": "business_name", "example": "Harbour Lane" },
                    { "param_name": "invoice_list", "example": "INV-1042 AED 1,376.22 due 2 Nov 2026" },
                    { "param_name": "total", "example": "AED 1,376.22" },
                ] } },
                { "type": "FOOTER", "text": text.footer },
            ],
        });
        assert_eq!(creation(text, "https://numo.example"), expected);
    }

    #[test]
    fn the_answers_that_a_customer_may_choose_from_are_registered_with_the_text() {
        let text = template_for(Purpose::Upcoming, Language::English, Variant::Replies);
        let made = creation(text, "https://numo.example");
        assert_eq!(
            (&made["name"], &made["components"][0]["text"]),
            (&json!("numo_upcoming_reply_v1"), &json!(text.body()))
        );
        let answers = ["Paid already", "Pay on a date", "Question"];
        let buttons = answers.map(|label| json!({ "type": "QUICK_REPLY", "text": label }));
        assert_eq!(made["components"][2], json!({ "type": "BUTTONS", "buttons": buttons }));
    }

    #[test]
    fn a_pay_button_opens_an_address_of_ours_whose_end_varies() {
        let text = template_for(Purpose::Upcoming, Language::English, Variant::PayPage);
        let example = "https://numo.example/pay/0123456789abcdef0123456789abcdef";
        let button = json!({
            "type": "URL", "text": "View and pay", "url": "https://numo.example/pay/{{1}}", "example": [example],
        });
        let made = creation(text, "https://numo.example");
        assert_eq!(made["components"][2], json!({ "type": "BUTTONS", "buttons": [button] }));
    }

    #[test]
    fn only_an_approved_utility_template_may_be_sent() {
        let read = |status: &str, category: &str| super::status(&json!({ "status": status, "category": category }));
        assert_eq!(read("APPROVED", "UTILITY"), Some(TemplateStatus::Approved));
        assert_eq!(read("APPROVED", "utility"), Some(TemplateStatus::Approved));
        assert_eq!(read("APPROVED", "MARKETING"), Some(TemplateStatus::Unusable));
        assert_eq!(read("PENDING", "MARKETING"), Some(TemplateStatus::Unusable));
        for pending in ["PENDING", "IN_APPEAL"] {
            assert_eq!(read(pending, "UTILITY"), Some(TemplateStatus::Pending), "{pending}");
        }
        for dead in
            ["REJECTED", "PAUSED", "DISABLED", "ARCHIVED", "DELETED", "PENDING_DELETION", "LIMIT_EXCEEDED", "NEW"]
        {
            assert_eq!(read(dead, "UTILITY"), Some(TemplateStatus::Unusable), "{dead}");
        }
        assert_eq!(super::status(&json!({ "category": "UTILITY" })), None);
    }

    #[test]
    fn a_row_needs_a_name_and_a_language() {
        let row = json!({ "name": "a", "language": "en_US", "status": "APPROVED", "category": "UTILITY" });
        let expected = AccountTemplate {
            template: TemplateRef { name: String::from("a"), language: String::from("en_US") },
            status: TemplateStatus::Approved,
        };
        assert_eq!(account_template(&row), Some(expected));
        assert_eq!(account_template(&json!({ "name": "a", "status": "APPROVED" })), None);
    }
}
