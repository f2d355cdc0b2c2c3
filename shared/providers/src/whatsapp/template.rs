//! Templates: what is registered, and how Meta describes what is there.

use numo_app::port::whatsapp::FoundTemplate;
use numo_domain::reminder::TemplateRef;
use numo_domain::template::{AccountTemplate, PackTemplate, TIME_TO_LIVE, TemplateStatus, WhyUnusable};
use serde_json::{Value, json};

/// The request that registers a text of the pack (Meta: message templates, utility).
///
/// A pay button opens `{public_url}/pay/{token}`; a template may vary the end of an address and nothing else.
/// `example` is Meta's handle of a PDF, for a text that has one above it.
pub(crate) fn creation(template: &PackTemplate, public_url: &str, example: Option<&str>) -> Value {
    let used = template.variables();
    let examples: Vec<Value> = used.map(|(name, text)| json!({ "param_name": name, "example": text })).collect();
    let header = example
        .filter(|_| template.variant.has_pdf())
        .map(|handle| json!({ "type": "HEADER", "format": "DOCUMENT", "example": { "header_handle": [handle] } }));
    let mut components: Vec<Value> = header.into_iter().collect();
    components.extend([
        json!({ "type": "BODY", "text": template.body(), "example": { "body_text_named_params": examples } }),
        json!({ "type": "FOOTER", "text": template.footer }),
    ]);
    if !template.buttons.is_empty() {
        let button = |label: &&str| match template.variant.has_pay_button() {
            true => {
                let example = format!("{public_url}/pay/0123456789abcdef0123456789abcdef");
                json!({ "type": "URL", "text": label, "url": format!("{public_url}/pay/{{{{1}}}}"), "example": [example] })
            }
            false => json!({ "type": "QUICK_REPLY", "text": label }),
        };
        let buttons: Vec<Value> = template.buttons.iter().map(button).collect();
        components.push(json!({ "type": "BUTTONS", "buttons": buttons }));
    }
    json!({
        "name": template.name(),
        "language": template.language.code(),
        "category": "UTILITY",
        "parameter_format": "NAMED",
        "message_send_ttl_seconds": TIME_TO_LIVE.as_secs(),
        "components": components,
    })
}

/// A template of an account; rows without a name or language cannot be sent and are left out.
pub(crate) fn found(row: &Value) -> Option<FoundTemplate> {
    let text = |name: &str| Some(row.get(name)?.as_str()?.to_owned());
    let template = TemplateRef { name: text("name")?, language: text("language")? };
    Some(FoundTemplate { id: text("id").unwrap_or_default(), text: standing(template, row)? })
}

/// How a template stands, by its row or by the answer to its creation.
///
/// Meta may take a utility text for marketing: then it costs more and never arrives in the US.
pub(crate) fn standing(template: TemplateRef, row: &Value) -> Option<AccountTemplate> {
    let category = row.get("category").and_then(Value::as_str).unwrap_or_default();
    let score = row.get("quality_score").and_then(|score| score.get("score")).and_then(Value::as_str);
    let unusable = |why| AccountTemplate {
        template: template.clone(),
        status: TemplateStatus::Unusable,
        why,
        code: None,
        rests_until: None,
    };
    let Some(stands) = after(template.clone(), row.get("status")?.as_str()?) else { return Some(unusable(None)) };
    Some(match stands.status {
        TemplateStatus::Unusable => stands,
        _ if !is_utility(category) => unusable(Some(WhyUnusable::Marketing)),
        TemplateStatus::Approved if score == Some(BAD) => unusable(Some(WhyUnusable::LowQuality)),
        TemplateStatus::Approved | TemplateStatus::Pending => stands,
    })
}

/// How a template stands in a status or after an event; nothing for those after which that has to be asked.
pub(crate) fn after(template: TemplateRef, status: &str) -> Option<AccountTemplate> {
    let why = match status {
        "APPROVED" => return Some(AccountTemplate::approved(template)),
        "PENDING" | "IN_APPEAL" => return Some(AccountTemplate::pending(template)),
        "REJECTED" => WhyUnusable::Rejected,
        "PAUSED" => WhyUnusable::Paused,
        "DISABLED" => WhyUnusable::Disabled,
        "ARCHIVED" => WhyUnusable::Archived,
        "DELETED" | "PENDING_DELETION" => WhyUnusable::Deleted,
        "LIMIT_EXCEEDED" => WhyUnusable::LimitExceeded,
        "LOCKED" => WhyUnusable::Locked,
        _ => return None,
    };
    Some(AccountTemplate::unusable(template, why))
}

/// The quality score right before Meta pauses a template (Meta: template quality).
pub(crate) const BAD: &str = "RED";

/// Whether a category is the one that reminders are registered in.
pub(crate) fn is_utility(category: &str) -> bool {
    category.eq_ignore_ascii_case("UTILITY")
}

#[cfg(test)]
mod tests {
    use numo_domain::{
        language::Language,
        template::{Purpose, Variant, template_for},
    };

    use super::*;

    #[test]
    fn a_text_is_registered_with_names_examples_and_a_short_life() {
        let text = template_for(Purpose::Upcoming, Language::English, Variant::Plain);
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
        assert_eq!(creation(&text, "https://numo.example", None), expected);
    }

    #[test]
    fn the_answers_that_a_customer_may_choose_from_are_registered_with_the_text() {
        let text = template_for(Purpose::Upcoming, Language::English, Variant::Replies);
        let made = creation(&text, "https://numo.example", None);
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
        let made = creation(&text, "https://numo.example", None);
        assert_eq!(made["components"][2], json!({ "type": "BUTTONS", "buttons": [button] }));
    }

    fn offer() -> TemplateRef {
        TemplateRef { name: String::from("a"), language: String::from("en_US") }
    }

    #[test]
    fn an_invoice_stands_above_its_text_with_an_example_of_one() {
        let text = template_for(Purpose::Upcoming, Language::English, Variant::PdfPayPage);
        let made = creation(&text, "https://numo.example", Some("4::abc"));
        let header = json!({ "type": "HEADER", "format": "DOCUMENT", "example": { "header_handle": ["4::abc"] } });
        assert_eq!((&made["name"], &made["components"][0]), (&json!("numo_upcoming_pdf_pay_v1"), &header));
        let kinds: Vec<&Value> = made["components"].as_array().unwrap().iter().map(|part| &part["type"]).collect();
        assert_eq!(kinds, ["HEADER", "BODY", "FOOTER", "BUTTONS"]);
    }

    #[test]
    fn only_an_approved_utility_template_of_some_quality_may_be_sent() {
        let read = |status: &str, category: &str, score: &str| {
            let row = json!({ "status": status, "category": category, "quality_score": { "score": score } });
            let standing = standing(offer(), &row).unwrap();
            (standing.status, standing.why)
        };
        let (approved, pending) = ((TemplateStatus::Approved, None), (TemplateStatus::Pending, None));
        let unusable = |why| (TemplateStatus::Unusable, why);
        for score in ["GREEN", "YELLOW", "UNKNOWN", "NEW"] {
            assert_eq!(read("APPROVED", "UTILITY", score), approved, "{score}");
        }
        assert_eq!(read("APPROVED", "utility", "GREEN"), approved);
        assert_eq!(read("APPROVED", "UTILITY", "RED"), unusable(Some(WhyUnusable::LowQuality)));
        for status in ["APPROVED", "PENDING", "IN_APPEAL"] {
            assert_eq!(read(status, "MARKETING", "GREEN"), unusable(Some(WhyUnusable::Marketing)), "{status}");
        }
        for status in ["PENDING", "IN_APPEAL"] {
            assert_eq!(read(status, "UTILITY", "RED"), pending, "{status}");
        }
        for (status, why) in [
            ("REJECTED", Some(WhyUnusable::Rejected)),
            ("PAUSED", Some(WhyUnusable::Paused)),
            ("DISABLED", Some(WhyUnusable::Disabled)),
            ("ARCHIVED", Some(WhyUnusable::Archived)),
            ("DELETED", Some(WhyUnusable::Deleted)),
            ("PENDING_DELETION", Some(WhyUnusable::Deleted)),
            ("LIMIT_EXCEEDED", Some(WhyUnusable::LimitExceeded)),
            ("LOCKED", Some(WhyUnusable::Locked)),
            ("SOMETHING_NEW", None),
        ] {
            assert_eq!(read(status, "UTILITY", "GREEN"), unusable(why), "{status}");
            assert_eq!(read(status, "MARKETING", "RED"), unusable(why), "{status}");
        }
        assert_eq!(standing(offer(), &json!({ "category": "UTILITY" })), None);
    }

    #[test]
    fn a_row_needs_a_name_and_a_language() {
        let row = json!({ "name": "a", "language": "en_US", "status": "APPROVED", "category": "UTILITY", "id": "7" });
        let expected = FoundTemplate { id: String::from("7"), text: AccountTemplate::approved(offer()) };
        assert_eq!(found(&row), Some(expected));
        assert_eq!(found(&json!({ "name": "a", "status": "APPROVED" })), None);
    }
}
