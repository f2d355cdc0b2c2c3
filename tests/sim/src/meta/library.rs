//! The template library: entries of ours in the shape of Meta's, and templates that are made of them.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::answer::{self, Refusal};
use crate::app::App;
use crate::field::Field as _;
use crate::meta::template::Template;
use crate::meta::{errors, placeholders};

const DEFAULT_LIMIT: usize = 25;

/// What the library offers, and how it is asked and used.
pub(crate) struct Library {
    entries: Vec<Value>,
    /// Whether it is asked below an account, and not by itself.
    below_accounts: bool,
    ttl: Ttl,
}

/// What becomes of the time to live that a template of the library is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ttl {
    Kept,
    Ignored,
    Refused,
}

impl Default for Library {
    fn default() -> Self {
        let entries = serde_json::from_str(include_str!("library.json")).unwrap_or_default();
        Self { entries, below_accounts: false, ttl: Ttl::Kept }
    }
}

impl Library {
    fn entry(&self, name: &Value, language: &Value) -> Option<&Value> {
        self.entries.iter().find(|entry| entry.at("name") == name && entry.at("language") == language)
    }
}

/// `GET /message_template_library` with filters and cursors (Meta: template library).
pub(crate) async fn list(
    State(app): State<App>,
    headers: HeaderMap,
    Path(_version): Path<String>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    if app.meta().library.below_accounts {
        let details = "Unknown path components: /message_template_library";
        return errors::graph(400, 2500, details, details).into_response();
    }
    match errors::account(&app, &headers) {
        Ok(_) => page(&app, &asked),
        Err(refusal) => refusal.into_response(),
    }
}

/// The same below an account, where it is to be asked there.
pub(crate) async fn list_below(
    State(app): State<App>,
    headers: HeaderMap,
    Path((_version, waba_id)): Path<(String, String)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    if !app.meta().library.below_accounts {
        return errors::unknown_object(&waba_id).into_response();
    }
    match errors::opened(&app, &headers, &waba_id) {
        Ok(()) => page(&app, &asked),
        Err(refusal) => refusal.into_response(),
    }
}

fn page(app: &App, asked: &HashMap<String, String>) -> Response {
    let meta = app.meta();
    let matches = |entry: &Value| {
        ["topic", "usecase", "language", "name"]
            .iter()
            .all(|name| asked.get(*name).is_none_or(|wanted| *entry.at(name) == **wanted))
    };
    let rows: Vec<&Value> = meta.library.entries.iter().filter(|entry| matches(entry)).collect();
    let limit = asked.get("limit").and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_LIMIT).max(1);
    let start: usize = asked.get("after").and_then(|cursor| cursor.strip_prefix("c")?.parse().ok()).unwrap_or(0);
    let end = (start + limit).min(rows.len());
    let data: Vec<&&Value> = rows.iter().skip(start).take(limit).collect();
    let mut body = json!({ "data": data, "paging": { "cursors": { "after": format!("c{end}") } } });
    if end < rows.len()
        && let Some(paging) = body.get_mut("paging")
    {
        paging.put("next", json!(format!("{}/meta/v25.0/message_template_library?after=c{end}", app.base_url)));
    }
    answer::json(200, body)
}

/// What a template has that is made of an entry: its components, its types, its time to live.
pub(crate) struct Made {
    pub(crate) components: Value,
    pub(crate) types: Vec<String>,
    pub(crate) ttl_seconds: Option<i64>,
}

/// Reads a request for a template of the library; refuses one of an unknown entry, or without what its buttons want.
pub(crate) fn read(app: &App, asked: &Value) -> Result<Made, Refusal> {
    let meta = app.meta();
    let entry = meta.library.entry(asked.at("library_template_name"), asked.at("language")).ok_or_else(|| {
        errors::template("Unknown library template", "no template of the library has this name in this language")
    })?;
    if !asked.at("category").as_str().unwrap_or_default().eq_ignore_ascii_case("UTILITY") {
        return Err(errors::template("Invalid category", "a template of the library is UTILITY"));
    }
    let ttl = asked.at("message_send_ttl_seconds").as_i64();
    if ttl.is_some() && meta.library.ttl == Ttl::Refused {
        return Err(errors::template("Invalid parameter", "message_send_ttl_seconds cannot be set here"));
    }
    let header = entry.at("header").as_str().map(|text| json!({ "type": "HEADER", "format": "TEXT", "text": text }));
    let buttons = buttons(entry, asked.at("library_template_button_inputs"))?;
    let mut components: Vec<Value> = header.into_iter().collect();
    components.push(json!({ "type": "BODY", "text": entry.at("body") }));
    if !buttons.is_empty() {
        components.push(json!({ "type": "BUTTONS", "buttons": buttons }));
    }
    let types = entry.list("body_param_types").iter().map(|kind| kind.as_str().unwrap_or_default().to_owned());
    Ok(Made {
        components: Value::Array(components),
        types: types.collect(),
        ttl_seconds: ttl.filter(|_| meta.library.ttl == Ttl::Kept),
    })
}

/// The buttons of an entry with what was told for them: a list, or a list within a string.
fn buttons(entry: &Value, told: &Value) -> Result<Vec<Value>, Refusal> {
    let told: Value = match told.as_str() {
        Some(text) => serde_json::from_str(text).unwrap_or_default(),
        None => told.clone(),
    };
    let told = told.as_array().map(Vec::as_slice).unwrap_or_default();
    let refused = || errors::template("Invalid buttons", "library_template_button_inputs do not fit the template");
    let wants = |button: &&Value| ["URL", "PHONE_NUMBER"].iter().any(|kind| button.at("type") == kind);
    if entry.list("buttons").iter().filter(wants).count() != told.len() {
        return Err(refused());
    }
    let of_kind = |kind: &Value| told.iter().find(|input| input.at("type") == kind);
    let filled = |button: &Value| {
        let (kind, text) = (button.at("type"), button.at("text"));
        match kind.as_str().unwrap_or_default() {
            "URL" => {
                let url = of_kind(kind).ok_or_else(refused)?.at("url");
                let (base, example) = (url.at("base_url").as_str(), url.at("url_suffix_example").as_str());
                let (base, example) = base.zip(example).ok_or_else(refused)?;
                let fixed = base.strip_suffix("{{1}}").unwrap_or(base);
                if !example.starts_with(fixed) {
                    return Err(refused());
                }
                Ok(json!({ "type": kind, "text": text, "url": base, "example": [example] }))
            }
            "PHONE_NUMBER" => {
                let number = of_kind(kind).ok_or_else(refused)?.at("phone_number");
                Ok(json!({ "type": kind, "text": text, "phone_number": number }))
            }
            _ => Ok(json!({ "type": kind, "text": text })),
        }
    };
    entry.list("buttons").iter().map(filled).collect()
}

/// Checks what stands in the parameters of a template of the library (Meta: template library, list of parameters).
pub(crate) fn check(template: &Template, body: &str, given: &[Value]) -> Result<(), Refusal> {
    let places = placeholders::names(body);
    let fits = |(place, parameter): (&String, &Value)| {
        let kind = place.parse::<usize>().ok().and_then(|n| template.types.get(n.checked_sub(1)?));
        let text = parameter.at("text").as_str().unwrap_or_default();
        kind.is_none_or(|kind| is_of(kind, text))
    };
    if places.iter().zip(given).all(fits) {
        return Ok(());
    }
    let details = "A parameter of a library template is outside of what its type takes";
    Err(errors::graph(400, 132_012, "Parameter format does not match format in the created template", details))
}

fn is_of(kind: &str, text: &str) -> bool {
    let digits = text.chars().filter(|c| c.is_numeric()).count();
    match kind {
        "AMOUNT" => digits > 0 && text.split_whitespace().count() <= 3,
        "DATE" => (5..=8).contains(&digits) && !text.contains(':'),
        "NUMBER" => digits > 0 && digits == text.chars().count(),
        _ => text.chars().count() <= 100,
    }
}

/// `{"path"?: "root|account", "ttl"?: "kept|ignored|refused", "name"?, "fields"?}`: how it is asked and used, and other
/// fields for every entry of a name.
pub(crate) async fn control(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let mut meta = app.meta();
    let library = &mut meta.library;
    if let Some(path) = asked.at("path").as_str() {
        library.below_accounts = path == "account";
    }
    library.ttl = match asked.at("ttl").as_str() {
        Some("kept") => Ttl::Kept,
        Some("ignored") => Ttl::Ignored,
        Some("refused") => Ttl::Refused,
        Some(_) => return answer::json(400, json!({ "error": "ttl is kept, ignored or refused" })),
        None => library.ttl,
    };
    let mut n_changed = 0;
    for entry in library.entries.iter_mut().filter(|entry| entry.at("name") == asked.at("name")) {
        n_changed += 1;
        for (name, value) in asked.at("fields").as_object().into_iter().flatten() {
            entry.put(name, value.clone());
        }
    }
    answer::json(200, json!({ "changed": n_changed }))
}
