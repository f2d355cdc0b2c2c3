use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::answer::{self, Refusal};
use crate::app::App;
use crate::field::Field as _;
use crate::meta::library::{self, Made};
use crate::meta::state::Review;
use crate::meta::template::{Pauses, Template};
use crate::meta::{description, errors, failures, limits, media, template_rules, upkeep};

const DEFAULT_LIMIT: usize = 25;
const DEFAULT_FIELDS: &str = "name,parameter_format,components,language,status,category,id";

/// `POST /{waba}/message_templates`: pending in the answer, reviewed at once unless told otherwise.
pub(crate) async fn create(
    State(app): State<App>,
    headers: HeaderMap,
    Path((_version, waba_id)): Path<(String, String)>,
    Json(asked): Json<Value>,
) -> Response {
    if let Err(refusal) = errors::opened(&app, &headers, &waba_id) {
        return refusal.into_response();
    }
    if asked.get("library_template_name").is_some() {
        return create_of_library(&app, &waba_id, &asked).unwrap_or_else(IntoResponse::into_response);
    }
    if let Err(refusal) = description::check(&app, "new_template", &asked) {
        return refusal.into_response();
    }
    let named = asked.at("parameter_format").as_str().is_some_and(|format| format.eq_ignore_ascii_case("NAMED"));
    if let Err(refusal) = template_rules::check(&asked, named) {
        return refusal.into_response();
    }
    if !asked.list("components").iter().all(|component| shows_its_media(&app, component)) {
        let details = "component of type HEADER is missing expected field(s) (example)";
        return errors::template("Missing example", details).into_response();
    }
    let made = Made {
        components: upper_cased(asked.at("components")),
        types: Vec::new(),
        ttl_seconds: asked.at("message_send_ttl_seconds").as_i64(),
    };
    match add(&app, &waba_id, &asked, named, made) {
        Ok(template) => {
            answer::json(200, json!({ "id": template.id, "status": "PENDING", "category": template.category }))
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// A template of the library is approved in the answer, whatever becomes of others (Meta: template library).
fn create_of_library(app: &App, waba_id: &str, asked: &Value) -> Result<Response, Refusal> {
    description::check(app, "new_library_template", asked)?;
    let made = library::read(app, asked)?;
    let template = add(app, waba_id, asked, false, made)?;
    Ok(answer::json(200, json!({ "id": template.id, "status": template.status, "category": template.category })))
}

/// `GET /{waba}/message_templates` with fields and cursors.
pub(crate) async fn list(
    State(app): State<App>,
    headers: HeaderMap,
    Path((_version, waba_id)): Path<(String, String)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    if let Err(refusal) = errors::opened(&app, &headers, &waba_id) {
        return refusal.into_response();
    }
    let fields = asked.get("fields").map_or(DEFAULT_FIELDS, String::as_str);
    if let Err(refusal) = description::check_fields(&app, "fields_of_a_template", fields) {
        return refusal.into_response();
    }
    let matches = |name: &str, value: &str| asked.get(name).is_none_or(|wanted| wanted.eq_ignore_ascii_case(value));
    let mut meta = app.meta();
    upkeep::age(&app, &mut meta);
    let rows: Vec<&Template> = meta
        .templates
        .iter()
        .filter(|held| held.waba_id == waba_id && matches("name", &held.name))
        .filter(|held| matches("status", &held.status) && matches("language", &held.language))
        .collect();
    let limit = asked.get("limit").and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_LIMIT).max(1);
    let start: usize = asked.get("after").and_then(|cursor| cursor.strip_prefix("c")?.parse().ok()).unwrap_or(0);
    let end = (start + limit).min(rows.len());
    let data: Vec<Value> = rows.iter().skip(start).take(limit).map(|held| shown(held, fields)).collect();
    let mut body = json!({ "data": data });
    if !rows.is_empty() {
        body.put("paging", json!({ "cursors": { "before": format!("c{start}"), "after": format!("c{end}") } }));
    }
    if end < rows.len() {
        let next = format!(
            "{}/meta/v25.0/{waba_id}/message_templates?fields={fields}&limit={limit}&after=c{end}",
            app.base_url
        );
        if let Some(paging) = body.get_mut("paging") {
            paging.put("next", json!(next));
        }
    }
    answer::json(200, body)
}

/// A header that is no text needs an uploaded example.
fn shows_its_media(app: &App, component: &Value) -> bool {
    let format = component.at("format").as_str().unwrap_or("TEXT").to_uppercase();
    let is_text = template_rules::kind(component) != "HEADER" || format == "TEXT";
    is_text || media::has_example(&app.meta().media, component)
}

fn add(app: &App, waba_id: &str, asked: &Value, named: bool, made: Made) -> Result<Template, Refusal> {
    let text = |name: &str| asked.at(name).as_str().unwrap_or_default().to_owned();
    let mut meta = app.meta();
    let (name, language) = (text("name"), text("language"));
    let same = |held: &Template| held.waba_id == waba_id && held.name == name && held.language == language;
    if meta.templates.iter().any(same) {
        let details = "there is already content in this language for this template";
        return Err(errors::template("Content in this language already exists", details));
    }
    if let Some(code) = limits::met_by_template(&mut meta, waba_id, app.clock.now_ms()) {
        return Err(failures::refusal(code));
    }
    meta.n_templates += 1;
    let mut template = Template {
        waba_id: waba_id.to_owned(),
        id: (546_151_681_000_000 + meta.n_templates).to_string(),
        name,
        language,
        category: text("category").to_uppercase(),
        status: String::from("PENDING"),
        rejected_reason: String::from("NONE"),
        named,
        ttl_seconds: made.ttl_seconds,
        components: made.components,
        library_name: asked.at("library_template_name").as_str().map(str::to_owned),
        types: made.types,
        quality: String::from("UNKNOWN"),
        pauses: Pauses::default(),
        touched_ms: app.clock.now_ms(),
    };
    let update = match meta.review {
        _ if template.library_name.is_some() => Some(template.decide(app, "APPROVED")),
        Review::Approve => Some(template.decide(app, "APPROVED")),
        Review::Reject => Some(template.decide(app, "REJECTED")),
        Review::Hold => None,
    };
    meta.templates.push(template.clone());
    if let Some(update) = update.filter(|_| meta.delivery.template_updates) {
        meta.updates.push(update);
        app.wake.notify_one();
    }
    Ok(template)
}

/// Types and formats come back in capitals whatever was sent.
fn upper_cased(components: &Value) -> Value {
    let mut components = components.clone();
    let rows = components.as_array_mut().map(Vec::as_mut_slice).unwrap_or_default();
    for component in rows {
        for name in ["type", "format"] {
            if let Some(text) = component.at(name).as_str().map(str::to_uppercase) {
                component.put(name, json!(text));
            }
        }
    }
    components
}

fn shown(template: &Template, fields: &str) -> Value {
    let whole = json!({
        "id": template.id, "name": template.name, "language": template.language, "status": template.status,
        "category": template.category, "components": template.components,
        "parameter_format": if template.named { "NAMED" } else { "POSITIONAL" },
        "quality_score": { "score": template.quality }, "rejected_reason": template.rejected_reason,
        "message_send_ttl_seconds": template.ttl_seconds, "library_template_name": template.library_name,
    });
    picked(&whole, fields)
}

/// Only the fields asked for, and always the id.
pub(crate) fn picked(whole: &Value, fields: &str) -> Value {
    let mut kept = Map::new();
    for name in fields.split(',').map(str::trim).chain(["id"]) {
        if let Some(value) = whole.get(name).filter(|value| !value.is_null()) {
            kept.insert(name.to_owned(), value.clone());
        }
    }
    Value::Object(kept)
}
