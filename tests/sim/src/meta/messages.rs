use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::answer::{self, Refusal};
use crate::app::App;
use crate::field::Field as _;
use crate::meta::sender::Sender;
use crate::meta::state::{MetaState, Update, UpdateKind};
use crate::meta::{content, description, errors, fate, interactive, people, upkeep};

/// `POST /{phone_number_id}/messages`: checked as Meta checks, recorded whatever the outcome.
pub(crate) async fn send(
    State(app): State<App>,
    headers: HeaderMap,
    Path((_version, phone_number_id)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let wamid = format!("wamid.HBgM{}", STANDARD.encode(app.new_hex()));
    let outcome = checked(&app, &headers, &phone_number_id, &asked);
    record(&app, &phone_number_id, &asked, &wamid, outcome.as_ref().err());
    match outcome {
        Ok((sender, fails)) => accept(&app, &sender, &asked, (&wamid, fails)),
        Err(refusal) => refusal.into_response(),
    }
}

/// The number that sends, with the code of the status that says that it failed, where it will.
fn checked(
    app: &App,
    headers: &HeaderMap,
    phone_number_id: &str,
    asked: &Value,
) -> Result<(Sender, Option<i64>), Refusal> {
    let sender = errors::number(app, headers, phone_number_id)?;
    if !sender.registration.is_done() {
        return Err(errors::graph(400, 133_010, "Phone number Not Registered", "Register the number first."));
    }
    if !asked.is_object() {
        return Err(errors::invalid_parameter("The body is not a JSON object."));
    }
    description::check(app, "message", asked)?;
    let to = people::recipient(asked)?;
    if people::is_itself(&sender, to) {
        return Err(errors::graph(400, 131_021, "Recipient cannot be sender", "Sender and recipient are the same."));
    }
    let (mut meta, now_ms) = (app.meta(), app.clock.now_ms());
    upkeep::age(app, &mut meta);
    match asked.at("type").as_str() {
        Some("template") => template(&meta, &sender, asked.at("template"))?,
        Some("text") => in_window(&meta, &sender, to, now_ms)?,
        Some("interactive") => {
            interactive::list(asked.at("interactive"))?;
            in_window(&meta, &sender, to, now_ms)?;
        }
        _ => return Err(errors::invalid_parameter("Message must be a template message.")),
    }
    let fails = fate::of(&mut meta, &sender, to, now_ms)?;
    upkeep::touch(&mut meta, &sender, asked.at("template"), now_ms);
    Ok((sender, fails))
}

fn template(meta: &MetaState, sender: &Sender, asked: &Value) -> Result<(), Refusal> {
    let name = asked.at("name").as_str().unwrap_or_default();
    let language = asked.at("language").at("code").as_str().unwrap_or_default();
    let found = meta
        .templates
        .iter()
        .find(|held| held.waba_id == sender.waba_id && held.name == name && held.language == language);
    let absent = || {
        let details = format!("template name ({name}) does not exist in {language}");
        errors::graph(404, 132_001, "Template name does not exist in the translation", &details)
    };
    let held = found.ok_or_else(absent)?;
    match held.status.as_str() {
        "APPROVED" => {
            content::check(held, asked.at("components"))?;
            has_its_file(meta, sender, asked.at("components"))
        }
        "PAUSED" => {
            Err(errors::graph(400, 132_015, "Template is Paused", "The template is paused due to low quality."))
        }
        "DISABLED" => Err(errors::graph(400, 132_016, "Template is Disabled", "The template was paused too often.")),
        _ => Err(absent()),
    }
}

/// A file belongs to the number for which it was uploaded.
fn has_its_file(meta: &MetaState, sender: &Sender, components: &Value) -> Result<(), Refusal> {
    let sent = components.as_array().map(Vec::as_slice).unwrap_or_default();
    let files = sent.iter().flat_map(|component| component.list("parameters")).map(|part| part.at("document").at("id"));
    let is_known = |id: &Value| {
        let owner = id.as_str().and_then(|id| meta.media.files.get(id));
        id.is_null() || owner.is_some_and(|owner| owner == sender.phone_number_id)
    };
    if files.into_iter().all(is_known) {
        return Ok(());
    }
    Err(errors::graph(400, 131_009, "Parameter value is not valid", "The media id is unknown to this number."))
}

/// What is no template goes only into the 24 hours after the customer's last message.
fn in_window(meta: &MetaState, sender: &Sender, to: &str, now_ms: i64) -> Result<(), Refusal> {
    if fate::has_window(meta, sender, to, now_ms) {
        return Ok(());
    }
    let details = "Message failed to send because more than 24 hours have passed since the customer last replied.";
    Err(errors::graph(400, 131_047, "Re-engagement message", details))
}

fn record(app: &App, phone_number_id: &str, asked: &Value, wamid: &str, refusal: Option<&Refusal>) {
    let at_ms = app.clock.now_ms();
    let components = asked.at("template").list("components");
    let of_body = components.iter().find(|component| component.at("type") == "body" || component.at("type") == "BODY");
    app.meta().received.push(json!({
        "phone_number_id": phone_number_id, "to": asked.at("to"), "recipient": asked.at("recipient"), "type": asked.at("type"),
        "template": asked.at("template").at("name"), "language": asked.at("template").at("language").at("code"),
        "parameters": of_body.map_or(Value::Null, |body| body.at("parameters").clone()),
        "components": asked.at("template").at("components"), "text": asked.at("text").at("body"),
        "interactive": asked.at("interactive"),
        "attempt": asked.at("biz_opaque_callback_data"),
        "wamid": if refusal.is_none() { json!(wamid) } else { Value::Null },
        "at_ms": at_ms, "day": app.dubai_date(at_ms).to_string(),
        "outcome": if refusal.is_none() { "accepted" } else { "rejected" },
        "code": refusal.map_or(Value::Null, |refusal| refusal.body.at("error").at("code").clone()),
        "status": refusal.map_or(200, |refusal| refusal.status),
    }));
}

fn accept(app: &App, sender: &Sender, asked: &Value, (wamid, fails): (&str, Option<i64>)) -> Response {
    let to = people::recipient(asked).unwrap_or_default();
    let statuses = statuses(app, sender, asked, (wamid, fails));
    let mut message = json!({ "id": wamid });
    let mut meta = app.meta();
    if asked.at("type") == "template" {
        let template = asked.at("template").at("name").as_str().unwrap_or_default();
        let is_held = meta.pacing.holds(sender.waba_id, template);
        message.put("message_status", json!(if is_held { "held_for_quality_assessment" } else { "accepted" }));
        if is_held {
            meta.pacing.hold(sender.waba_id, template, statuses);
        } else {
            meta.updates.extend(statuses);
        }
    } else {
        meta.updates.extend(statuses);
    }
    app.wake.notify_one();
    answer::json(
        200,
        json!({
            "messaging_product": "whatsapp",
            "contacts": [people::contact(&meta, to)],
            "messages": [message],
        }),
    )
}

/// What becomes of a message, state by state.
fn statuses(app: &App, sender: &Sender, asked: &Value, (wamid, fails): (&str, Option<i64>)) -> Vec<Update> {
    let to = people::recipient(asked).unwrap_or_default();
    let now_s = app.clock.now_s();
    let is_read = app.random().between(1, 100);
    let read_percent = i64::try_from(app.meta().delivery.read_percent).unwrap_or(100);
    let mut updates = Vec::new();
    let states: &[&str] = if fails.is_some() {
        &["failed"]
    } else if is_read <= read_percent {
        &["sent", "delivered", "read"]
    } else {
        &["sent", "delivered"]
    };
    for (rank, state) in (0_u8..).zip(states) {
        let mut status = json!({ "id": wamid, "status": state, "timestamp": (now_s + i64::from(rank)).to_string() });
        people::name_in(&mut status, &app.meta(), to);
        if let Some(opaque) = asked.at("biz_opaque_callback_data").as_str() {
            status.put("biz_opaque_callback_data", json!(opaque));
        }
        match *state {
            "failed" => status.put("errors", json!([errors::in_status(fails.unwrap_or_default())])),
            "sent" | "delivered" => {
                let category = if asked.at("type") == "template" { "utility" } else { "service" };
                status.put(
                    "pricing",
                    json!({ "billable": true, "pricing_model": "PMP", "type": "regular", "category": category }),
                );
            }
            _ => {}
        }
        updates.push(Update {
            waba_id: sender.waba_id.to_owned(),
            rank,
            kind: UpdateKind::Status { phone_number_id: sender.phone_number_id.to_owned(), display: sender.digits() },
            body: status,
        });
    }
    updates
}
