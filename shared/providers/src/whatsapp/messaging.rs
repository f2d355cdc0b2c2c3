//! Sends one template message; there is no way to ask Meta about it afterwards.

use async_trait::async_trait;
use numo_app::port::whatsapp::{AccountError, Messaging, SendError, SenderAccess, Taken};
use numo_domain::{
    conversation::{self, Recipient},
    id::{AttemptId, MediaId},
    message::{Document, Message, Naming},
    phone::PhoneNumber,
};
use serde_json::{Value, json};

use crate::{
    http::call::{Answer, Broken},
    whatsapp::{errors, free_form, graph::GraphClient},
};

#[async_trait]
impl Messaging for GraphClient {
    async fn send(
        &self,
        sender: &SenderAccess,
        to: &PhoneNumber,
        attempt: AttemptId,
        message: &Message,
    ) -> Result<Taken, SendError> {
        let body = request(to, attempt, message);
        let answer = self.send(sender.phone_number_id.as_str(), &sender.token, &body).await;
        taken(&answer.map_err(errors::of_lost_send)?)
    }

    async fn upload_pdf(&self, sender: &SenderAccess, file: &[u8]) -> Result<MediaId, AccountError> {
        self.upload(sender, file).await
    }

    async fn answer(
        &self,
        sender: &SenderAccess,
        to: &Recipient,
        answer: &conversation::Answer,
    ) -> Result<Taken, SendError> {
        let body = free_form::request(to, answer);
        let answer = self.send(sender.phone_number_id.as_str(), &sender.token, &body).await;
        taken(&answer.map_err(errors::of_lost_send)?)
    }
}

/// The request of a template (Meta: Cloud API, messages).
fn request(to: &PhoneNumber, attempt: AttemptId, message: &Message) -> Value {
    let parameter = |(name, text): &(&str, String)| match message.naming {
        Naming::Named => json!({ "type": "text", "parameter_name": name, "text": text }),
        Naming::Positional => json!({ "type": "text", "text": text }),
    };
    let parameters: Vec<Value> = message.variables.iter().map(parameter).collect();
    let header = message.document.as_ref().map(|Document { media, file_name }| {
        let document = json!({ "id": media, "filename": file_name });
        json!({ "type": "header", "parameters": [{ "type": "document", "document": document }] })
    });
    let mut components: Vec<Value> = header.into_iter().collect();
    components.push(json!({ "type": "body", "parameters": parameters }));
    // A quick reply gives its label back, and needs nothing said here.
    components.extend(message.pay_token.as_ref().map(|token| {
        let end = json!({ "type": "text", "text": token });
        json!({ "type": "button", "sub_type": "url", "index": "0", "parameters": [end] })
    }));
    json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        // Without the plus Meta would put the business's own country code in front.
        "to": to.as_e164(),
        "type": "template",
        // Every app of the account sees it in the status webhooks, so it is nothing but our own id.
        "biz_opaque_callback_data": attempt.to_string(),
        "template": {
            "name": message.template.name,
            "language": { "code": message.template.language },
            "components": components,
        },
    })
}

/// What an answer says; a success without an id is no success.
fn taken(answer: &Answer) -> Result<Taken, SendError> {
    let body = answer.json().filter(|body| answer.is_success() && body.get("error").is_none());
    let Some(body) = body else { return Err(errors::of_send(answer)) };
    let message = body.get("messages").and_then(|messages| messages.get(0));
    let text = |name: &str| message.and_then(|message| message.get(name)).and_then(Value::as_str);
    let status = text("message_status");
    match text("id").and_then(|id| id.parse().ok()) {
        // A paused message has an id, so Meta has it and may send it later: it is never sent again.
        Some(id) => Ok(Taken { message: id, held: matches!(status, Some("held_for_quality_assessment" | "paused")) }),
        None => Err(SendError::Ambiguous(Broken::Body("a success without a message id").boxed())),
    }
}

#[cfg(test)]
mod tests {
    use numo_domain::{
        language::Language,
        template::{Purpose, Variant, template_for},
    };
    use reqwest::header::HeaderMap;

    use super::*;
    use crate::samples;

    fn read(status: u16, body: &Value) -> Result<Taken, SendError> {
        taken(&Answer { status, headers: HeaderMap::new(), body: body.to_string().into_bytes() })
    }

    fn upcoming(variant: Variant) -> Message {
        Message {
            template: template_for(Purpose::Upcoming, Language::English, variant).reference(),
            variant,
            naming: Naming::Named,
            variables: Vec::new(),
            text: String::from("unused"),
            pay_token: None,
            document: None,
        }
    }

    #[test]
    fn a_text_of_the_library_is_filled_by_places_alone() {
        let message = Message {
            naming: Naming::Positional,
            variables: vec![("customer_name", String::from("Acme")), ("balance", String::from("AED 1.00"))],
            ..upcoming(Variant::Plain)
        };
        let attempt: AttemptId = "018f0000-0000-7000-8000-000000000001".parse().unwrap();
        let sent = request(&"+971501234567".parse().unwrap(), attempt, &message);
        let parameters = json!([{ "type": "text", "text": "Acme" }, { "type": "text", "text": "AED 1.00" }]);
        assert_eq!(sent["template"]["components"][0]["parameters"], parameters);
    }

    #[test]
    fn the_request_carries_the_plus_the_attempt_and_every_named_variable() {
        let message = Message {
            variables: vec![("customer_name", String::from("Acme")), ("total", String::from("AED 1.00"))],
            ..upcoming(Variant::Plain)
        };
        let attempt: AttemptId = "018f0000-0000-7000-8000-000000000001".parse().unwrap();
        let expected = json!({
            "messaging_product": "whatsapp", "recipient_type": "individual", "to": "+971501234567", "type": "template",
            "biz_opaque_callback_data": "018f0000-0000-7000-8000-000000000001",
            "template": {
                "name": "numo_upcoming_v1", "language": { "code": "en" },
                "components": [{ "type": "body", "parameters": [
                    { "type": "text", "parameter_name": "customer_name", "text": "Acme" },
                    { "type": "text", "parameter_name": "total", "text": "AED 1.00" },
                ] }],
            },
        });
        assert_eq!(request(&"+971501234567".parse().unwrap(), attempt, &message), expected);
    }

    #[test]
    fn the_address_of_a_pay_button_ends_with_the_token() {
        let message = Message { pay_token: Some("abc".parse().unwrap()), ..upcoming(Variant::PayPage) };
        let attempt: AttemptId = "018f0000-0000-7000-8000-000000000001".parse().unwrap();
        let sent = request(&"+971501234567".parse().unwrap(), attempt, &message);
        let button = json!({
            "type": "button", "sub_type": "url", "index": "0", "parameters": [{ "type": "text", "text": "abc" }],
        });
        let expected = (&json!("numo_upcoming_pay_v1"), &button);
        assert_eq!((&sent["template"]["name"], &sent["template"]["components"][1]), expected);
    }

    #[test]
    fn the_invoice_comes_first_under_the_name_that_the_customer_sees() {
        let document = Document { media: "77".parse().unwrap(), file_name: String::from("INV-1042.pdf") };
        let message = Message { document: Some(document), ..upcoming(Variant::PdfReplies) };
        let attempt: AttemptId = "018f0000-0000-7000-8000-000000000001".parse().unwrap();
        let sent = request(&"+971501234567".parse().unwrap(), attempt, &message);
        let header = json!({ "type": "header", "parameters": [
            { "type": "document", "document": { "id": "77", "filename": "INV-1042.pdf" } },
        ] });
        let expected = (&json!("numo_upcoming_pdf_v1"), &header);
        assert_eq!((&sent["template"]["name"], &sent["template"]["components"][0]), expected);
    }

    #[test]
    fn an_answer_says_whether_the_message_is_taken_held_or_paused() {
        let body = |status: Value| json!({ "messages": [{ "id": "wamid.1", "message_status": status }] });
        let taken = |held| Taken { message: "wamid.1".parse().unwrap(), held };
        assert_eq!(read(200, &body(json!("accepted"))).unwrap(), taken(false));
        assert_eq!(read(200, &body(Value::Null)).unwrap(), taken(false));
        assert_eq!(read(200, &body(json!("held_for_quality_assessment"))).unwrap(), taken(true));
        assert!(read(200, &body(json!("paused"))).unwrap().held);
    }

    #[test]
    fn a_success_that_names_no_message_is_ambiguous() {
        for body in [json!({}), json!({ "messages": [] }), json!({ "messages": [{ "id": "" }] }), json!("ok")] {
            assert!(matches!(read(200, &body), Err(SendError::Ambiguous(_))), "{body}");
        }
        let error = json!({ "error": { "code": 190 }, "messages": [{ "id": "wamid.1" }] });
        assert!(matches!(read(200, &error), Err(SendError::NotSent { code: 190, .. })));
    }

    #[test]
    fn metas_documented_answers_name_their_message() {
        for file in ["meta/responses/docs_send_responses.json", "meta/responses/openapi_messages.json"] {
            for (name, payload) in samples::cases(file) {
                assert!(read(200, &payload).is_ok_and(|taken| !taken.held), "{name}");
            }
        }
    }
}
