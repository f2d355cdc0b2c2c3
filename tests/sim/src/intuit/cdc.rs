use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use crate::app::App;
use crate::field::Field as _;
use crate::intuit::access::{self, Reader};
use crate::intuit::company::{Gone, MALFORMED, served, updated_ms};
use crate::intuit::entity::Entity;
use crate::intuit::errors::{self, Problem};
use crate::intuit::instants;
use crate::oauth::Parameters;

const LOOK_BACK_MS: i64 = 30 * 24 * 3600 * 1000;
/// Objects beyond these are left out without a word.
const N_OBJECTS: usize = 1000;

/// `GET /cdc?entities=&changedSince=`: what changed, whole, and what was deleted, by its id.
pub(crate) async fn changes(
    State(app): State<App>,
    headers: HeaderMap,
    Path(realm): Path<String>,
    Query(asked): Query<Parameters>,
) -> Response {
    access::read(&app, &headers, &realm, |reader| {
        let text = |name: &str| asked.get(name).map_or("", String::as_str);
        let since_ms = since(reader, text("changedSince"))?;
        let mut left = N_OBJECTS;
        let mut blocks = Vec::new();
        for name in text("entities").split(',') {
            let entity = Entity::named(name.trim());
            let entity = entity.ok_or_else(|| errors::query(&format!("entity {name} is not supported")))?;
            let mut rows = changed(reader, entity, since_ms);
            rows.truncate(left);
            left -= rows.len();
            blocks.push(block(entity, rows));
        }
        Ok(reader.timed("CDCResponse", json!([{ "QueryResponse": blocks }])))
    })
}

fn since(reader: &Reader<'_>, text: &str) -> Result<i64, Problem> {
    let since_ms = instants::parse(text).ok_or_else(|| errors::query("changedSince is no date or time"))?;
    if since_ms < reader.now_ms - LOOK_BACK_MS {
        return Err(errors::query("changedSince is more than 30 days ago"));
    }
    Ok(since_ms)
}

/// Rows changed since then, the oldest change first.
fn changed(reader: &Reader<'_>, entity: Entity, since_ms: i64) -> Vec<Value> {
    let broken_too = reader.settings.malformed_rows;
    let held = reader.company.rows(entity).iter().filter(|row| broken_too || row.get(MALFORMED).is_none());
    let gone = reader.company.gone().iter().filter(|gone| gone.entity == entity);
    let mut found: Vec<(i64, Value)> = held
        .filter_map(|row| Some((updated_ms(row)?, row)))
        .filter(|(at_ms, _)| *at_ms >= since_ms)
        .map(|(at_ms, row)| (at_ms, served(row)))
        .chain(gone.filter(|gone| gone.at_ms >= since_ms).map(|gone| (gone.at_ms, stub(gone))))
        .collect();
    found.sort_by_key(|(at_ms, _)| *at_ms);
    found.into_iter().map(|(_, row)| row).collect()
}

fn stub(gone: &Gone) -> Value {
    json!({
        "Id": gone.id, "status": "Deleted", "domain": "QBO",
        "MetaData": { "LastUpdatedTime": instants::pacific(gone.at_ms) },
    })
}

/// An entity's block is found by its key; one without changes is empty.
fn block(entity: Entity, rows: Vec<Value>) -> Value {
    if rows.is_empty() {
        return json!({});
    }
    let mut block = json!({ "startPosition": 1, "maxResults": rows.len(), "totalCount": rows.len() });
    block.put(entity.name(), Value::Array(rows));
    block
}
