use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use crate::app::App;
use crate::field::Field as _;
use crate::intuit::access::{self, Reader};
use crate::intuit::errors;
use crate::intuit::query;

const N_ITEMS: usize = 30;

/// `POST /batch`: several queries at once; each has its own answer or fault.
pub(crate) async fn run(
    State(app): State<App>,
    headers: HeaderMap,
    Path(realm): Path<String>,
    Json(asked): Json<Value>,
) -> Response {
    access::read(&app, &headers, &realm, |reader| {
        let items = asked.list("BatchItemRequest");
        if items.is_empty() || items.len() > N_ITEMS {
            return Err(errors::query(&format!("a batch has 1 to {N_ITEMS} items")));
        }
        Ok(reader.timed("BatchItemResponse", items.iter().map(|item| answered(reader, item)).collect()))
    })
}

fn answered(reader: &Reader<'_>, item: &Value) -> Value {
    let found = match item.at("Query").as_str() {
        Some(text) => query::run(reader, text),
        None => Err(errors::unsupported("other than Query")),
    };
    match found {
        Ok(content) => json!({ "bId": item.at("bId"), "QueryResponse": content }),
        Err(problem) => json!({ "bId": item.at("bId"), "Fault": problem.fault() }),
    }
}
