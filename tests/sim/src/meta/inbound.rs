use axum::Json;
use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::answer;
use crate::app::App;
use crate::field::Field as _;
use crate::meta::people;
use crate::meta::state::{Update, UpdateKind};

/// A customer writes: posts the message webhook and opens the service window.
pub(crate) async fn write(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let text = |name: &str| asked.at(name).as_str().unwrap_or_default();
    let wamid = match asked.at("wamid").as_str() {
        Some(wamid) => wamid.to_owned(),
        None => format!("wamid.HBgMIN{}", STANDARD.encode(app.new_hex())),
    };
    let (from, user, is_hidden) = (people::digits(text("from")), text("user_id"), asked.at("hidden") == true);
    let at_s = asked.at("timestamp").as_i64().unwrap_or_else(|| app.clock.now_s());
    let mut meta = app.meta();
    let Some(sender) = meta.sender(text("phone_number_id")).cloned() else {
        return answer::json(404, json!({ "error": "no such phone_number_id" }));
    };
    let mut message = json!({ "id": wamid, "timestamp": at_s.to_string() });
    let mut contact = json!({ "profile": { "name": asked.at("name").as_str().unwrap_or("Customer") } });
    if !is_hidden {
        message.put("from", json!(from));
        contact.put("wa_id", json!(from));
    }
    if !user.is_empty() {
        message.put("from_user_id", json!(user));
        contact.put("user_id", json!(user));
    }
    if let Some(payload) = asked.at("button_payload").as_str() {
        message.put("type", json!("button"));
        message.put("button", json!({ "payload": payload, "text": text("text") }));
    } else if asked.at("list_reply").is_object() {
        message.put("type", json!("interactive"));
        message.put("interactive", json!({ "type": "list_reply", "list_reply": asked.at("list_reply") }));
    } else {
        message.put("type", json!("text"));
        message.put("text", json!({ "body": text("text") }));
    }
    if let Some(context) = asked.at("context_wamid").as_str() {
        message.put("context", json!({ "from": sender.digits(), "id": context }));
    }
    // Whatever else a message may be: its fields as they are given.
    for (name, value) in asked.at("message").as_object().into_iter().flatten() {
        message.put(name, value.clone());
    }
    let change = json!({ "field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": sender.digits(), "phone_number_id": sender.phone_number_id },
        "contacts": [contact],
        "messages": [message],
    } });
    let now_ms = app.clock.now_ms();
    meta.traffic.receive(sender.phone_number_id, now_ms);
    if !user.is_empty() {
        meta.windows.insert((sender.phone_number_id.to_owned(), user.to_owned()), now_ms);
        if !is_hidden {
            meta.users.insert(from.clone(), user.to_owned());
        }
    }
    meta.windows.insert((sender.phone_number_id.to_owned(), from), now_ms);
    meta.updates.push(Update {
        waba_id: sender.waba_id.to_owned(),
        rank: 0,
        kind: UpdateKind::Change,
        body: json!({ "change": change }),
    });
    app.wake.notify_one();
    answer::json(200, json!({ "wamid": wamid }))
}

/// `POST /_control/meta/change {"entry_id","field","value"}`: any change that Meta could tell, as it is given.
pub(crate) async fn tell(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let (Some(entry_id), true, true) =
        (asked.at("entry_id").as_str(), asked.at("field").is_string(), asked.get("value").is_some())
    else {
        return answer::json(400, json!({ "error": "entry_id, field and value are required" }));
    };
    let change = json!({ "field": asked.at("field"), "value": asked.at("value") });
    let mut body = json!({ "change": change });
    // Messages come without a time, everything else with one.
    if asked.at("field") != "messages" {
        body.put("time", json!(app.clock.now_s()));
    }
    let update = Update { waba_id: entry_id.to_owned(), rank: 0, kind: UpdateKind::Change, body };
    app.meta().updates.push(update);
    app.wake.notify_one();
    answer::empty(204)
}
