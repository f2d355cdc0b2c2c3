//! Statuses and messages of a webhook, each read by itself.

use jiff::Timestamp;
use numo_app::delivery::{
    AccountChange, AccountNews, Delivery, Echo, InboundMessage, MarketingUpdate, News, NumberRef, Revocation, Unknown,
    Update,
};
use numo_domain::{
    conversation::Content,
    customer_file::MarketingChoice,
    id::{MessageId, PhoneNumberId, WabaId, WhatsappUserId},
    phone::PhoneNumber,
};
use serde_json::Value;

use crate::whatsapp::{account_news, errors, status, unread::Unread};

/// Reads the changes of one account; what cannot be read is skipped with a reason without content.
pub(crate) fn parse(waba: WabaId, json: &str) -> Delivery {
    let mut delivery = Delivery { waba, updates: Vec::new(), skipped: Vec::new() };
    match serde_json::from_str::<Vec<Value>>(json) {
        Ok(changes) => {
            for (at, change) in changes.iter().enumerate() {
                read_change(change, &format!("changes[{at}]"), &mut delivery);
            }
        }
        Err(_) => delivery.skipped.push(Unread::from("not a JSON list").at("changes")),
    }
    delivery
}

fn read_change(change: &Value, path: &str, delivery: &mut Delivery) {
    if change.get("too_large_bytes").is_some() {
        delivery.skipped.push(Unread::from("too large").at(path));
        return;
    }
    let value = change.get("value").unwrap_or(&Value::Null);
    match field_of(change, value) {
        "messages" => read_messages(value, path, delivery),
        "smb_message_echoes" => read_echoes(value, path, delivery),
        "user_preferences" => read_preferences(value, path, delivery),
        field if account_news::FIELDS.contains(&field) => {
            let (updates, reasons) = account_news::read(field, value, &delivery.waba);
            delivery.updates.extend(updates);
            delivery.skipped.extend(reasons.into_iter().map(|reason| reason.at(path)));
        }
        field => {
            let unknown = Unread::unknown(Unknown::Field(documented(field)), format!("field {}", word(field)));
            delivery.skipped.push(unknown.at(path));
        }
    }
}

/// The name of a field that Meta documents and nobody here reads; all others have one name together.
fn documented(field: &str) -> &'static str {
    UNREAD_FIELDS.into_iter().find(|known| *known == field).unwrap_or("other")
}

/// Fields of WhatsApp accounts that nobody here reads (Meta: webhooks, fields; groups; coexistence).
const UNREAD_FIELDS: [&str; 18] = [
    "account_settings_update",
    "automatic_events",
    "business_status_update",
    "business_username_update",
    "calls",
    "flows",
    "group_lifecycle_update",
    "group_participants_update",
    "group_settings_update",
    "group_status_update",
    "history",
    "messaging_handovers",
    "partner_solutions",
    "payment_configuration_update",
    "smb_app_state_sync",
    "standby",
    "template_correct_category_detection",
    "tracking_events",
];

/// The field of a change; Meta's samples of partners' apps have it in the value, or beside the changes.
fn field_of<'a>(change: &'a Value, value: &'a Value) -> &'a str {
    let named = change.get("field").or_else(|| value.get("field")).and_then(Value::as_str);
    named.unwrap_or(if value.get("waba_info").is_some() { "account_update" } else { "" })
}

fn read_messages(value: &Value, path: &str, delivery: &mut Delivery) {
    let rows = |name: &str| value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let number = business_number(value);
    for (at, row) in rows("statuses").iter().enumerate() {
        let update = status::status(row, number.as_ref()).map(Update::Status);
        keep(update, &format!("{path}.statuses[{at}]"), delivery);
    }
    for (at, row) in rows("messages").iter().enumerate() {
        let update = match row.get("revoke") {
            Some(revoke) => revocation(row, revoke, number.as_ref()).map(Update::Revoked),
            None => message(row, number.as_ref()).map(Update::Inbound),
        };
        keep(update, &format!("{path}.messages[{at}]"), delivery);
    }
    for (at, row) in rows("errors").iter().enumerate() {
        let code = of(Some(row), "code").unwrap_or_default();
        delivery.skipped.push(Unread::from(format!("code {}", word(&code))).at(&format!("{path}.errors[{at}]")));
        delivery.updates.extend(trouble(&code, number.as_ref(), &delivery.waba).into_iter().flatten());
    }
}

/// The number of the business that a change is about.
fn business_number(value: &Value) -> Option<PhoneNumberId> {
    of(value.get("metadata"), "phone_number_id")?.parse().ok()
}

/// An error without a message: what it asks for, and that the account is looked at (Meta: webhooks, messages, errors).
fn trouble(code: &str, number: Option<&PhoneNumberId>, waba: &WabaId) -> Option<[Update; 2]> {
    let code = code.parse().ok()?;
    let asks_for = errors::of_status(code)?;
    let (waba, number) = (waba.clone(), Some(NumberRef::Id(number?.clone())));
    let news = AccountNews { waba: waba.clone(), number: number.clone(), news: News::Trouble { code, asks_for } };
    Some([Update::News(news), Update::Account(AccountChange { waba, number })])
}

/// What customers chose about marketing (Meta: webhooks, `user_preferences`).
fn read_preferences(value: &Value, path: &str, delivery: &mut Delivery) {
    let number = business_number(value);
    let rows = value.get("user_preferences").and_then(Value::as_array);
    for (at, row) in rows.map(Vec::as_slice).unwrap_or_default().iter().enumerate() {
        let update = || {
            let phone_number_id = number.clone().ok_or("phone_number_id missing")?;
            let is_wanted = match of(Some(row), "value").as_deref() {
                Some("stop") => false,
                Some("resume" | "signup") => true,
                Some(_) | None => return Err(Unread::unknown(Unknown::Preference, "value unknown".to_owned())),
            };
            let choice = MarketingChoice { at: timestamp(row)?, is_wanted };
            let (number, user) = (phone(row, "wa_id"), user(row, "user_id"));
            Ok(Update::Marketing(MarketingUpdate { phone_number_id, number, user, choice }))
        };
        keep(update(), &format!("{path}.user_preferences[{at}]"), delivery);
    }
}

/// What the business wrote from the phone app (Meta: webhooks, `smb_message_echoes`); the text is left where it is.
fn read_echoes(value: &Value, path: &str, delivery: &mut Delivery) {
    let number = business_number(value);
    let rows = value.get("message_echoes").and_then(Value::as_array);
    for (at, row) in rows.map(Vec::as_slice).unwrap_or_default().iter().enumerate() {
        // A message that the business takes back is none that it writes.
        if row.get("revoke").is_some() {
            continue;
        }
        let echo = || {
            let phone_number_id = number.clone().ok_or("phone_number_id missing")?;
            let (to, user) = (phone(row, "to"), user(row, "to_user_id"));
            Ok(Update::Echo(Echo { phone_number_id, to, user, at: timestamp(row)? }))
        };
        keep(echo(), &format!("{path}.message_echoes[{at}]"), delivery);
    }
}

fn keep(update: Result<Update, Unread>, path: &str, delivery: &mut Delivery) {
    match update {
        Ok(update) => delivery.updates.push(update),
        Err(reason) => delivery.skipped.push(reason.at(path)),
    }
}

/// A message of a customer (Meta: webhooks, messages).
fn message(row: &Value, number: Option<&PhoneNumberId>) -> Result<InboundMessage, Unread> {
    let kind = of(Some(row), "type").ok_or("type missing")?;
    let inside = row.get(&kind);
    let context = row.get("context");
    let (content, answered, text) = match kind.as_str() {
        "reaction" => (Content::Reaction, inside, of(inside, "emoji").filter(|sign| is_sign(sign))),
        // Another person may have the number now: somebody has to look, and no consent moves along.
        "system" if of(inside, "type").is_some_and(|what| CHANGES_OF_USERS.contains(&what.as_str())) => {
            (Content::System, None, None)
        }
        "edit" => edited(inside),
        kind => match written(kind, inside) {
            Some((content, text)) => (content, context, text),
            None => return Err(Unread::unknown(Unknown::MessageType, format!("type {}", word(kind)))),
        },
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
        edits: original(row.get("edit"), row).ok(),
        row: chosen_row(row),
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

/// What a chosen row of a list is named.
fn chosen_row(row: &Value) -> Option<String> {
    of(row.get("interactive")?.get("list_reply"), "id")
}

/// A changed message says what its new content says.
fn edited(inside: Option<&Value>) -> (Content, Option<&Value>, Option<String>) {
    let message = inside.and_then(|inside| inside.get("message"));
    let kind = of(message, "type").unwrap_or_default();
    let (content, text) =
        written(&kind, message.and_then(|message| message.get(&kind))).unwrap_or((Content::Unsupported, None));
    (content, message.and_then(|message| message.get("context")), text)
}

/// What a message of a type consists of, and its words; nothing of a type that is not known here.
fn written(kind: &str, inside: Option<&Value>) -> Option<(Content, Option<String>)> {
    Some(match kind {
        "text" => (Content::Text, of(inside, "body")),
        "button" => (Content::Choice, of(inside, "text")),
        "interactive" => (Content::Choice, reply_title(inside)),
        "image" => (Content::Image, of(inside, "caption")),
        "document" => (Content::Document, of(inside, "caption")),
        "video" => (Content::Video, of(inside, "caption")),
        "audio" => (Content::Audio, None),
        "sticker" => (Content::Sticker, None),
        "location" => (Content::Location, None),
        "contacts" => (Content::Contacts, None),
        "order" => (Content::Order, None),
        "unsupported" => (Content::Unsupported, None),
        _ => return None,
    })
}

/// Whether a text can be the one sign of a reaction: families and flags are several characters each, and no word is.
fn is_sign(text: &str) -> bool {
    (1..=16).contains(&text.chars().count()) && !text.chars().any(|c| c.is_alphabetic() || c.is_whitespace())
}

/// A message that was taken back (Meta: webhooks, messages, revoke).
fn revocation(row: &Value, revoke: &Value, number: Option<&PhoneNumberId>) -> Result<Revocation, Unread> {
    Ok(Revocation {
        phone_number_id: number.cloned().ok_or("phone_number_id missing")?,
        message: message_id(row)?,
        from: phone(row, "from"),
        user: user(row, "from_user_id"),
        original: original(Some(revoke), row)?,
        at: timestamp(row)?,
    })
}

/// The earlier message that an edit or a revocation is about.
fn original(inside: Option<&Value>, row: &Value) -> Result<MessageId, Unread> {
    let original = of(inside, "original_message_id").ok_or("original_message_id missing")?;
    let original = original.parse().or(Err(Unread::from("original_message_id unreadable")))?;
    if message_id(row)? == original { Err("original_message_id is its own".into()) } else { Ok(original) }
}

/// A number, which Meta writes without its plus.
pub(crate) fn phone(row: &Value, name: &str) -> Option<PhoneNumber> {
    of(Some(row), name).and_then(|digits| format!("+{}", digits.trim_start_matches('+')).parse().ok())
}

/// A WhatsApp user id: a country, a dot, and letters and digits (Meta: business-scoped user ids).
pub(crate) fn user(row: &Value, name: &str) -> Option<WhatsappUserId> {
    of(Some(row), name)?.parse().ok()
}

pub(crate) fn message_id(row: &Value) -> Result<MessageId, Unread> {
    let text = of(Some(row), "id").ok_or("id missing")?;
    text.parse().or(Err(Unread::from("id unreadable")))
}

pub(crate) fn timestamp(row: &Value) -> Result<Timestamp, Unread> {
    let text = of(Some(row), "timestamp").ok_or("timestamp missing")?;
    let seconds: Option<i64> = text.parse().ok();
    seconds.and_then(|seconds| Timestamp::from_second(seconds).ok()).ok_or(Unread::from("timestamp unreadable"))
}

/// A field as text, whether Meta writes it as a string or as a number.
pub(crate) fn of(row: Option<&Value>, name: &str) -> Option<String> {
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
pub(crate) fn word(text: &str) -> &str {
    let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if plain && !text.is_empty() && text.len() <= 48 { text } else { "unknown" }
}

#[cfg(test)]
mod tests;
