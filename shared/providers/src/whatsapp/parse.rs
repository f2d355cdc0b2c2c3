//! Statuses and messages of a webhook, each read by itself.

use jiff::Timestamp;
use numo_app::delivery::{Delivery, Echo, InboundMessage, NumberOwner, StatusUpdate, Update};
use numo_domain::{
    conversation::Content,
    id::{MessageId, PhoneNumberId, WabaId, WhatsappUserId},
    phone::PhoneNumber,
    reminder::{DeliveryStatus, TemplateRef},
    template::{AccountTemplate, TemplateStatus},
};
use serde_json::Value;

use crate::whatsapp::errors;

/// Reads the changes of one account; what cannot be read is skipped with a reason without content.
pub(crate) fn parse(waba: WabaId, json: &str) -> Delivery {
    let mut delivery = Delivery { waba, updates: Vec::new(), skipped: Vec::new() };
    match serde_json::from_str::<Vec<Value>>(json) {
        Ok(changes) => {
            for (at, change) in changes.iter().enumerate() {
                read_change(change, &format!("changes[{at}]"), &mut delivery);
            }
        }
        Err(_) => delivery.skipped.push(String::from("changes: not a JSON list")),
    }
    delivery
}

fn read_change(change: &Value, path: &str, delivery: &mut Delivery) {
    let field = change.get("field").and_then(Value::as_str).unwrap_or_default();
    if change.get("too_large_bytes").is_some() {
        delivery.skipped.push(format!("{path}: too large"));
        return;
    }
    let decided = status_after(change.get("value")).filter(|_| field == "message_template_status_update");
    if let Some(status) = decided {
        keep(template(change.get("value"), status).map(Update::Template), path, delivery);
        return;
    }
    if ABOUT_ACCOUNTS.contains(&field) {
        let update = account(change.get("value"), &delivery.waba).map(Update::Account);
        keep(update, path, delivery);
        return;
    }
    if field == "smb_message_echoes" {
        read_echoes(change.get("value"), path, delivery);
        return;
    }
    if field != "messages" {
        delivery.skipped.push(format!("{path}: field {}", word(field)));
        return;
    }
    let rows = |name: &str| {
        let list = change.get("value").and_then(|value| value.get(name)).and_then(Value::as_array);
        list.map(Vec::as_slice).unwrap_or_default()
    };
    let metadata = change.get("value").and_then(|value| value.get("metadata"));
    let number: Option<PhoneNumberId> = of(metadata, "phone_number_id").and_then(|id| id.parse().ok());
    for (at, row) in rows("statuses").iter().enumerate() {
        let update = status(row, number.as_ref()).map(Update::Status);
        keep(update, &format!("{path}.statuses[{at}]"), delivery);
    }
    for (at, row) in rows("messages").iter().enumerate() {
        let update = message(row, number.as_ref()).map(Update::Inbound);
        keep(update, &format!("{path}.messages[{at}]"), delivery);
    }
    for (at, row) in rows("errors").iter().enumerate() {
        let code = of(Some(row), "code").unwrap_or_default();
        delivery.skipped.push(format!("{path}.errors[{at}]: code {}", word(&code)));
    }
}

/// What the business wrote from the phone app (Meta: webhooks, `smb_message_echoes`); the text is left where it is.
fn read_echoes(value: Option<&Value>, path: &str, delivery: &mut Delivery) {
    let number: Option<PhoneNumberId> =
        of(value.and_then(|value| value.get("metadata")), "phone_number_id").and_then(|id| id.parse().ok());
    let rows = value.and_then(|value| value.get("message_echoes")).and_then(Value::as_array);
    for (at, row) in rows.map(Vec::as_slice).unwrap_or_default().iter().enumerate() {
        let echo = || {
            let phone_number_id = number.clone().ok_or("phone_number_id missing")?;
            let (to, user) = (phone(row, "to"), user(row, "to_user_id"));
            Ok(Update::Echo(Echo { phone_number_id, to, user, at: timestamp(row)? }))
        };
        keep(echo(), &format!("{path}.message_echoes[{at}]"), delivery);
    }
}

/// Fields after which the account, its numbers and its templates are to be asked about (Meta: webhooks, fields).
///
/// Meta writes the same fact in several ways here, and some of its own samples carry another field's name.
const ABOUT_ACCOUNTS: [&str; 10] = [
    "account_update",
    "account_alerts",
    "account_review_update",
    "business_capability_update",
    "message_template_components_update",
    "message_template_quality_update",
    "message_template_status_update",
    "phone_number_name_update",
    "phone_number_quality_update",
    "template_category_update",
];

/// The account that a change is about: where a partner is concerned, the entry names that one instead.
fn account(value: Option<&Value>, entry: &WabaId) -> Result<WabaId, String> {
    match of(value.and_then(|value| value.get("waba_info")), "waba_id") {
        Some(waba) => waba.parse().or(Err(String::from("waba_id unreadable"))),
        None => Ok(entry.clone()),
    }
}

fn keep(update: Result<Update, String>, path: &str, delivery: &mut Delivery) {
    match update {
        Ok(update) => delivery.updates.push(update),
        Err(reason) => delivery.skipped.push(format!("{path}: {reason}")),
    }
}

/// How a template stands after an event; after a warning, and after some other events, that has to be asked for.
fn status_after(value: Option<&Value>) -> Option<TemplateStatus> {
    let category = of(value, "message_template_category");
    Some(match of(value, "event")?.as_str() {
        // A reminder that became marketing is not delivered everywhere and costs more.
        "APPROVED" if category.is_some_and(|category| category != "UTILITY") => TemplateStatus::Unusable,
        "APPROVED" => TemplateStatus::Approved,
        "PENDING" | "IN_APPEAL" => TemplateStatus::Pending,
        "REJECTED" | "PAUSED" | "DISABLED" | "ARCHIVED" | "DELETED" | "PENDING_DELETION" | "LIMIT_EXCEEDED"
        | "LOCKED" => TemplateStatus::Unusable,
        _ => return None,
    })
}

/// A decision about a template (Meta: webhooks, `message_template_status_update`).
fn template(value: Option<&Value>, status: TemplateStatus) -> Result<AccountTemplate, String> {
    let name = of(value, "message_template_name").ok_or("message_template_name missing")?;
    // Meta writes the language with a hyphen here and with an underscore elsewhere.
    let language = of(value, "message_template_language").ok_or("message_template_language missing")?.replace('-', "_");
    Ok(AccountTemplate { template: TemplateRef { name, language }, status })
}

/// A status of a message (Meta: webhooks, messages, status).
fn status(row: &Value, number: Option<&PhoneNumberId>) -> Result<StatusUpdate, String> {
    let status = match of(Some(row), "status").as_deref() {
        Some("sent") => DeliveryStatus::Sent,
        Some("delivered") => DeliveryStatus::Delivered,
        Some("read" | "played") => DeliveryStatus::Read,
        Some("failed") => DeliveryStatus::Failed { code: failure(row) },
        Some(other) => return Err(format!("status {}", word(other))),
        None => return Err(String::from("status missing")),
    };
    let asks_for = match status {
        DeliveryStatus::Failed { code } => errors::of_status(code),
        DeliveryStatus::Sent | DeliveryStatus::Delivered | DeliveryStatus::Read => None,
    };
    Ok(StatusUpdate {
        phone_number_id: number.cloned().ok_or("phone_number_id missing")?,
        message: message_id(row)?,
        // Ours are uuids; other apps of the account write what they like.
        attempt: of(Some(row), "biz_opaque_callback_data").and_then(|text| text.parse().ok()),
        status,
        asks_for,
        recipient: recipient(row),
        at: timestamp(row)?,
    })
}

fn failure(row: &Value) -> u32 {
    let error = row.get("errors").and_then(|errors| errors.get(0));
    of(error, "code").and_then(|code| code.parse().ok()).unwrap_or_default()
}

/// Who got a message, where Meta tells both; never for groups, whose id stands in place of the number.
fn recipient(row: &Value) -> Option<NumberOwner> {
    let is_person = row.get("recipient_type").is_none_or(|kind| kind == "individual");
    let (number, user) = (phone(row, "recipient_id")?, user(row, "recipient_user_id")?);
    is_person.then_some(NumberOwner { number, user })
}

/// A message of a customer (Meta: webhooks, messages).
fn message(row: &Value, number: Option<&PhoneNumberId>) -> Result<InboundMessage, String> {
    let kind = of(Some(row), "type").ok_or("type missing")?;
    let inside = row.get(&kind);
    let context = row.get("context");
    let (content, answered, text) = match kind.as_str() {
        "text" => (Content::Text, context, of(inside, "body")),
        "button" => (Content::Choice, context, of(inside, "text")),
        "interactive" => (Content::Choice, context, reply_title(inside)),
        "image" => (Content::Image, context, of(inside, "caption")),
        "document" => (Content::Document, context, of(inside, "caption")),
        "video" => (Content::Video, context, of(inside, "caption")),
        "audio" => (Content::Audio, context, None),
        "sticker" => (Content::Sticker, context, None),
        "location" => (Content::Location, context, None),
        "contacts" => (Content::Contacts, context, None),
        "order" => (Content::Order, context, None),
        "unsupported" => (Content::Unsupported, context, None),
        "reaction" => (Content::Reaction, inside, None),
        // Another person may have the number now: somebody has to look, and no consent moves along.
        "system" if of(inside, "type").is_some_and(|what| CHANGES_OF_USERS.contains(&what.as_str())) => {
            (Content::System, None, None)
        }
        "edit" => edited(inside),
        // A message taken back stays read: a customer who said stop and deletes it still said it.
        other => return Err(format!("type {}", word(other))),
    };
    Ok(InboundMessage {
        phone_number_id: number.cloned().ok_or("phone_number_id missing")?,
        message: message_id(row)?,
        from: phone(row, "from"),
        // Whoever got another user id is looked for by the one that is known.
        user: user(inside.unwrap_or(row), "previous_user_id").or_else(|| user(row, "from_user_id")),
        becomes: inside.filter(|_| content == Content::System).and_then(|inside| user(inside, "user_id")),
        answers: of(answered, "id").or_else(|| of(answered, "message_id")).and_then(|id| id.parse().ok()),
        content,
        text,
        at: timestamp(row)?,
    })
}

/// System messages that say that a customer has another number or phone, or another person the number (Meta: webhooks,
/// messages, system).
const CHANGES_OF_USERS: [&str; 3] = ["user_changed_number", "customer_identity_changed", "user_changed_user_id"];

/// The title of the button or row that was chosen.
fn reply_title(content: Option<&Value>) -> Option<String> {
    let chosen = content?.get("button_reply").or_else(|| content?.get("list_reply"));
    of(chosen, "title")
}

/// A changed message says what its new content says.
fn edited(inside: Option<&Value>) -> (Content, Option<&Value>, Option<String>) {
    let message = inside.and_then(|inside| inside.get("message"));
    let text = message.and_then(|message| of(message.get("text"), "body"));
    (Content::Text, message.and_then(|message| message.get("context")), text)
}

/// A number, which Meta writes without its plus.
fn phone(row: &Value, name: &str) -> Option<PhoneNumber> {
    of(Some(row), name).and_then(|digits| format!("+{}", digits.trim_start_matches('+')).parse().ok())
}

/// A WhatsApp user id: a country, a dot, and letters and digits (Meta: business-scoped user ids).
fn user(row: &Value, name: &str) -> Option<WhatsappUserId> {
    of(Some(row), name)?.parse().ok()
}

fn message_id(row: &Value) -> Result<MessageId, String> {
    let text = of(Some(row), "id").ok_or("id missing")?;
    text.parse().or(Err(String::from("id unreadable")))
}

fn timestamp(row: &Value) -> Result<Timestamp, String> {
    let text = of(Some(row), "timestamp").ok_or("timestamp missing")?;
    let seconds: Option<i64> = text.parse().ok();
    seconds.and_then(|seconds| Timestamp::from_second(seconds).ok()).ok_or(String::from("timestamp unreadable"))
}

/// A field as text, whether Meta writes it as a string or as a number.
fn of(row: Option<&Value>, name: &str) -> Option<String> {
    id(row?.get(name)?)
}

/// A string, or a number as text.
pub(crate) fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A name of Meta's that may stand in a reason: short, and nothing that a person wrote.
fn word(text: &str) -> &str {
    let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if plain && !text.is_empty() && text.len() <= 48 { text } else { "unknown" }
}

#[cfg(test)]
mod tests;
