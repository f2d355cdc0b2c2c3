use axum::extract::{MatchedPath, Path, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::answer;
use crate::app::App;

/// Counts every call by method and path template, faulty answers included.
pub(crate) async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    if let Some(template) = request.extensions().get::<MatchedPath>() {
        let template = template.as_str();
        if !template.starts_with("/_control") {
            *app.calls().entry(format!("{} {template}", request.method())).or_default() += 1;
        }
    }
    next.run(request).await
}

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/_control/{service}/calls", get(read)).route("/_control/{service}/calls/reset", post(reset))
}

/// Keys leave out the part of the path that stands for the provider's host.
pub(crate) fn of(app: &App, service: &str) -> Value {
    let mut counted = serde_json::Map::new();
    for (key, count) in app.calls().iter() {
        let Some((method, path)) = key.split_once(' ') else { continue };
        let Some(rest) = path.strip_prefix('/').filter(|rest| belongs(rest, service)) else { continue };
        let path = rest.split_once('/').map_or(rest, |(_, path)| path);
        counted.insert(format!("{method} /{path}"), json!(count));
    }
    Value::Object(counted)
}

/// Intuit's accounting API has a host of its own.
fn belongs(path: &str, service: &str) -> bool {
    path.starts_with(service) || (service == "intuit" && path.starts_with("quickbooks-api"))
}

async fn read(State(app): State<App>, Path(service): Path<String>) -> Json<Value> {
    Json(of(&app, &service))
}

async fn reset(State(app): State<App>, Path(service): Path<String>) -> Response {
    app.calls().retain(|key, _| !key.split_once(" /").is_some_and(|(_, path)| belongs(path, &service)));
    answer::empty(204)
}
