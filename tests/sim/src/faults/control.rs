use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::answer;
use crate::app::App;
use crate::faults::Fault;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/_control/faults", get(list).post(add).delete(clear))
}

async fn list(State(app): State<App>) -> Json<Value> {
    Json(json!({ "faults": *app.faults() }))
}

async fn add(State(app): State<App>, Json(fault): Json<Fault>) -> Response {
    if !fault.is_possible() {
        return answer::json(400, json!({ "error": "this service has no such fault" }));
    }
    app.faults().push(fault);
    answer::empty(204)
}

async fn clear(State(app): State<App>) -> Response {
    app.faults().clear();
    answer::empty(204)
}
