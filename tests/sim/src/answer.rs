use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;

/// A JSON error answer, kept small so that it can be the error of a `Result`.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        json(self.status, self.body)
    }
}

pub(crate) fn json(status: u16, body: Value) -> Response {
    (code(status), Json(body)).into_response()
}

pub(crate) fn empty(status: u16) -> Response {
    code(status).into_response()
}

pub(crate) fn page(status: u16, title: &str, body: &str) -> Response {
    let style = "body{font:16px system-ui;max-width:34rem;margin:3rem auto;padding:0 1rem}\
                 form{border:1px solid #bbb;border-radius:8px;padding:1rem;margin:1rem 0}\
                 button{font:inherit;padding:.4rem 1rem;margin-right:.5rem}";
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <style>{style}</style></head><body><h1>{title}</h1>{body}</body></html>"
    );
    (code(status), Html(page)).into_response()
}

pub(crate) fn redirect(location: &str) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, location.to_owned())]).into_response()
}

pub(crate) fn script(source: String) -> Response {
    ([(header::CONTENT_TYPE, "application/javascript; charset=utf-8")], source).into_response()
}

/// Text made safe for an HTML body or a quoted attribute.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
