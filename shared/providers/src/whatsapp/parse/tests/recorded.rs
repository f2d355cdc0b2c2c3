//! Whole webhooks: the providers' published samples where they are present, and fixtures of our own.
//!
//! A snapshot has what was read of each case and nothing that somebody wrote: the samples themselves are no part of this
//! repository, and words and row names are told by their length.

use std::fmt::Write as _;

use numo_domain::delivery_report::status_error::StatusError;

use super::*;

/// Samples that Meta and users of its interface publish.
const PUBLISHED: [&str; 9] = [
    "bindambc_deserialization",
    "docs_account_misc",
    "docs_account_update",
    "docs_bsuid",
    "docs_messages_inbound",
    "docs_messages_status",
    "docs_templates",
    "docs_user_preferences",
    "openapi_webhooks",
];

#[test]
fn published_webhooks_are_read_as_they_were() {
    for file in PUBLISHED {
        let cases = samples::cases(&format!("meta/webhooks/{file}.json"));
        if !cases.is_empty() {
            insta::assert_snapshot!(file, told(&cases));
        }
    }
}

#[test]
fn a_webhook_of_every_field_type_and_status_is_read_as_it_was() {
    insta::assert_snapshot!("our_own", told(&our_own()));
}

/// The fixtures cover what is documented: a new field or type comes with a case of its own.
#[test]
fn every_field_and_every_type_of_a_message_has_a_fixture() {
    let text = include_str!("../fixtures/webhooks.json");
    let fields = account_news::FIELDS.into_iter().chain(["messages", "smb_message_echoes", "user_preferences"]);
    for field in fields {
        assert!(text.contains(&format!("\"field\": \"{field}\"")), "{field}");
    }
    let types = [
        "text",
        "button",
        "interactive",
        "reaction",
        "image",
        "document",
        "audio",
        "video",
        "sticker",
        "location",
        "contacts",
        "order",
        "system",
        "edit",
        "revoke",
        "unsupported",
    ];
    for kind in types {
        assert!(text.contains(&format!("\"type\": \"{kind}\"")), "{kind}");
    }
    for status in ["sent", "delivered", "read", "played", "failed"] {
        assert!(text.contains(&format!("\"status\": \"{status}\"")), "{status}");
    }
}

fn our_own() -> Vec<(String, Value)> {
    let file: Value = serde_json::from_str(include_str!("../fixtures/webhooks.json")).unwrap();
    let case = |case: &Value| (case["name"].as_str().unwrap().to_owned(), case["payload"].clone());
    file["cases"].as_array().unwrap().iter().map(case).collect()
}

/// What is read of each case: a line per update, and the reasons for what is left out.
fn told(cases: &[(String, Value)]) -> String {
    let mut text = String::new();
    for (name, payload) in cases {
        writeln!(text, "# {name}").unwrap();
        match split(payload.to_string().as_bytes()) {
            Err(malformed) => writeln!(text, "malformed: {malformed}").unwrap(),
            Ok(messages) => {
                for (waba, changes) in messages {
                    let delivery = parse(waba, &serde_json::to_string(&changes).unwrap());
                    assert!(delivery.updates.len() + delivery.skipped.len() > 0, "{name} says nothing at all");
                    for update in delivery.updates {
                        writeln!(text, "{} {:?}", delivery.waba, without_words(update)).unwrap();
                    }
                    for Skipped { reason, unknown } in delivery.skipped {
                        writeln!(text, "{} left out: {reason} {unknown:?}", delivery.waba).unwrap();
                    }
                }
            }
        }
    }
    text
}

/// An update without what somebody wrote and without ids of messages, which are random.
fn without_words(update: Update) -> Update {
    let length = |text: &str| format!("{} characters", text.chars().count());
    let id = |id: &MessageId| format!("id_of_{}_characters", id.as_str().len()).parse().unwrap();
    match update {
        Update::Inbound(message) => Update::Inbound(InboundMessage {
            message: id(&message.message),
            answers: message.answers.as_ref().map(id),
            edits: message.edits.as_ref().map(id),
            text: message.text.as_deref().map(length),
            row: message.row.as_deref().map(length),
            ..message
        }),
        Update::Status(status) => {
            let errors = status.report.errors.iter().map(|error| StatusError::new(error.code, None)).collect();
            let report = DeliveryReport::new(errors, status.report.pricing);
            Update::Status(StatusUpdate { message: id(&status.message), report, ..status })
        }
        Update::Revoked(revoked) => {
            Update::Revoked(Revocation { message: id(&revoked.message), original: id(&revoked.original), ..revoked })
        }
        other @ (Update::Echo(_)
        | Update::Template(_)
        | Update::Account(_)
        | Update::News(_)
        | Update::Marketing(_)) => other,
    }
}
