use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::answer::{self, Refusal};
use crate::app::App;
use crate::field::Field as _;
use crate::meta::sender::Sender;
use crate::meta::state::MetaState;
use crate::meta::{description, errors};

/// What time did to the templates of all accounts, told by webhook as Meta would have done it.
pub(crate) fn age(app: &App, meta: &mut MetaState) {
    let updates: Vec<_> = meta.templates.iter_mut().filter_map(|held| held.age(app)).collect();
    meta.templates.retain(|held| held.status != "DELETED");
    if meta.delivery.template_updates && !updates.is_empty() {
        meta.updates.extend(updates);
        app.wake.notify_one();
    }
}

/// A text that is sent does not rest.
pub(crate) fn touch(meta: &mut MetaState, sender: &Sender, sent: &Value, now_ms: i64) {
    let used = meta.templates.iter_mut().find(|held| {
        held.waba_id == sender.waba_id
            && *sent.at("name") == *held.name
            && *sent.at("language").at("code") == *held.language
    });
    if let Some(held) = used.filter(|held| held.touched_ms != i64::MAX) {
        held.touched_ms = now_ms;
    }
}

/// `POST /{waba}/message_templates/archive` (Meta: template archival).
pub(crate) async fn archive(
    State(app): State<App>,
    headers: HeaderMap,
    Path((_version, waba_id)): Path<(String, String)>,
    Json(asked): Json<Value>,
) -> Response {
    rest(&app, &headers, &waba_id, &asked, true).unwrap_or_else(IntoResponse::into_response)
}

/// `POST /{waba}/message_templates/unarchive`; its answer is shaped like the one of `archive`, the only one published.
pub(crate) async fn unarchive(
    State(app): State<App>,
    headers: HeaderMap,
    Path((_version, waba_id)): Path<(String, String)>,
    Json(asked): Json<Value>,
) -> Response {
    rest(&app, &headers, &waba_id, &asked, false).unwrap_or_else(IntoResponse::into_response)
}

fn rest(app: &App, headers: &HeaderMap, waba_id: &str, asked: &Value, rests: bool) -> Result<Response, Refusal> {
    errors::opened(app, headers, waba_id)?;
    description::check(app, "template_ids", asked)?;
    let (mut done, mut failed, mut updates) = (Vec::new(), Map::new(), Vec::new());
    let mut meta = app.meta();
    age(app, &mut meta);
    for id in asked.list("hsm_ids").iter().filter_map(Value::as_str) {
        let held = meta.templates.iter_mut().find(|held| held.id == id && held.waba_id == waba_id);
        match held.map_or(Err("Template does not exist"), |held| held.rest(app, rests)) {
            Ok(update) => {
                done.push(id);
                updates.push(update);
            }
            Err(why) => drop(failed.insert(id.to_owned(), json!(why))),
        }
    }
    if meta.delivery.template_updates {
        meta.updates.extend(updates);
    }
    app.wake.notify_one();
    let name = if rests { "archived_templates" } else { "unarchived_templates" };
    Ok(answer::json(200, json!({ name: done, "failed_templates": failed })))
}

/// `POST /{template_id}/unpause`: the only end of a pause by pacing (Meta: template pausing).
pub(crate) async fn unpause(
    State(app): State<App>,
    headers: HeaderMap,
    Path((_version, id)): Path<(String, String)>,
) -> Response {
    let waba_id = match errors::account(&app, &headers) {
        Ok(waba_id) => waba_id,
        Err(refusal) => return refusal.into_response(),
    };
    let mut meta = app.meta();
    let held = meta.templates.iter_mut().find(|held| held.id == id && held.waba_id == waba_id);
    let Some(held) = held else { return errors::unknown_object(&id).into_response() };
    let Some(update) = held.unpause(&app) else {
        return answer::json(200, json!({ "success": false, "reason": "The template is not paused" }));
    };
    if meta.delivery.template_updates {
        meta.updates.push(update);
        app.wake.notify_one();
    }
    answer::json(200, json!({ "success": true }))
}
