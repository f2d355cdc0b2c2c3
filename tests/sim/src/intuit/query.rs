pub(crate) mod field;

mod grammar;
mod selection;
mod words;

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::Value;

use crate::app::App;
use crate::intuit::access::{self, Reader};
use crate::intuit::errors::{self, Problem};
use crate::oauth::Parameters;

/// `GET /query?query=`.
pub(crate) async fn by_parameter(
    State(app): State<App>,
    headers: HeaderMap,
    Path(realm): Path<String>,
    Query(asked): Query<Parameters>,
) -> Response {
    access::read(&app, &headers, &realm, |reader| {
        let text = asked.get("query").ok_or_else(|| errors::query("query is missing"))?;
        Ok(reader.timed("QueryResponse", run(reader, text)?))
    })
}

/// `POST /query` with the query as a text body.
pub(crate) async fn by_body(
    State(app): State<App>,
    headers: HeaderMap,
    Path(realm): Path<String>,
    text: String,
) -> Response {
    access::read(&app, &headers, &realm, |reader| Ok(reader.timed("QueryResponse", run(reader, &text)?)))
}

/// What a query finds, as it stands under `QueryResponse`.
pub(crate) fn run(reader: &Reader<'_>, text: &str) -> Result<Value, Problem> {
    Ok(grammar::parse(text)?.run(reader))
}
