use axum::extract::State;
use axum::response::Response;

use crate::answer;
use crate::app::App;

/// The stand-in for Meta's JavaScript SDK.
pub(crate) async fn script(State(app): State<App>) -> Response {
    answer::script(SDK.replace("__BASE__", &app.base_url))
}

const SDK: &str = include_str!("sdk.js");
