use std::collections::{HashMap, HashSet};

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::answer::{self, Refusal};
use crate::app::App;
use crate::field::Field as _;
use crate::meta::{description, errors};

/// Largest file that an upload may have (Meta: media, documents).
const MOST_BYTES: usize = 100 * 1024 * 1024;

/// Files that were uploaded.
#[derive(Debug, Default)]
pub(crate) struct Media {
    /// The number that each file belongs to.
    pub(crate) files: HashMap<String, String>,
    /// Sessions that were begun, with the length that was told.
    sessions: HashMap<String, usize>,
    /// Handles of examples for templates.
    pub(crate) handles: HashSet<String>,
    n: u64,
}

impl Media {
    fn next(&mut self) -> u64 {
        self.n += 1;
        self.n
    }
}

/// `POST /{phone_number_id}/media`: a multipart form with the product, the type and the file (Meta: media).
pub(crate) async fn upload(
    State(app): State<App>,
    headers: HeaderMap,
    Path((_version, phone_number_id)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    if let Err(refusal) = errors::number(&app, &headers, &phone_number_id) {
        return refusal.into_response();
    }
    if let Err(refusal) = is_pdf(&headers, &body) {
        return refusal.into_response();
    }
    let mut meta = app.meta();
    let id = (990_000_000_000_000 + meta.media.next()).to_string();
    meta.media.files.insert(id.clone(), phone_number_id);
    answer::json(200, json!({ "id": id }))
}

fn is_pdf(headers: &HeaderMap, body: &[u8]) -> Result<(), Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap_or_default();
    let text = String::from_utf8_lossy(body);
    let parts: Vec<&str> = text.split(&format!("--{boundary}")).collect();
    let has = |name: &str, rest: &str| {
        parts.iter().any(|part| {
            part.split_once("\r\n\r\n").is_some_and(|(head, value)| {
                head.contains(&format!("name=\"{name}\"")) && value.trim_end().starts_with(rest)
            })
        })
    };
    if boundary.is_empty() || !has("messaging_product", "whatsapp") {
        return Err(errors::invalid_parameter("The parameter messaging_product is required."));
    }
    if body.len() > MOST_BYTES || !has("type", "application/pdf") || !has("file", "%PDF-") {
        return Err(errors::graph(400, 131_053, "Media upload error", "The file is no application/pdf."));
    }
    Ok(())
}

/// `POST /{app_id}/uploads`: begins an upload of an example (Meta: Resumable Upload API).
pub(crate) async fn begin(
    State(app): State<App>,
    headers: HeaderMap,
    Path((_version, _app_id)): Path<(String, String)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    if let Err(refusal) = errors::account(&app, &headers) {
        return refusal.into_response();
    }
    if let Err(refusal) = description::check(&app, "upload", &json!(asked)) {
        return refusal.into_response();
    }
    let length = asked.get("file_length").and_then(|text| text.parse().ok()).unwrap_or(0);
    if length == 0 || asked.get("file_type").map(String::as_str) != Some("application/pdf") {
        return errors::invalid_parameter("file_length and file_type are required.").into_response();
    }
    let mut meta = app.meta();
    let session = format!("upload:MTphdHRhY2htZW50{}", meta.media.next());
    meta.media.sessions.insert(session.clone(), length);
    answer::json(200, json!({ "id": format!("{session}?sig=ARZqkGCA_uQMxC8nHKI") }))
}

/// `POST /{upload session}`: takes the whole file and gives a handle back.
pub(crate) async fn finish(
    State(app): State<App>,
    headers: HeaderMap,
    Path((_version, session)): Path<(String, String)>,
    Query(asked): Query<HashMap<String, String>>,
    body: Bytes,
) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = text("authorization").strip_prefix("OAuth ").unwrap_or_default();
    let mut meta = app.meta();
    if token.is_empty() || !asked.contains_key("sig") {
        return errors::unknown_object(&session).into_response();
    }
    if meta.media.sessions.get(&session) != Some(&body.len()) || text("file_offset") != "0" {
        return errors::invalid_parameter("The file does not fit the session.").into_response();
    }
    let handle = format!("4::aW52b2ljZS5wZGY=:YXBwbGljYXRpb24vcGRm:{}", meta.media.next());
    meta.media.handles.insert(handle.clone());
    answer::json(200, json!({ "h": handle }))
}

/// The example of a media header has to be one that was uploaded.
pub(crate) fn has_example(media: &Media, component: &Value) -> bool {
    let given = component.at("example").list("header_handle");
    given.first().and_then(Value::as_str).is_some_and(|handle| media.handles.contains(handle))
}
