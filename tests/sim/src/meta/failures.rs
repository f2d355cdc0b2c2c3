use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer::{self, Refusal};
use crate::app::App;
use crate::meta::{codes, errors};

/// A message that fails with a code of Meta's, at once or later.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Failure {
    code: i64,
    how: How,
    /// To this number alone; to any if absent.
    #[serde(default)]
    to: Option<String>,
    /// Messages that still fail.
    #[serde(default = "once")]
    times: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum How {
    /// The call is refused.
    AtOnce,
    /// The call is accepted, and a status says `failed`.
    AsStatus,
}

const fn once() -> u64 {
    1
}

/// The code with which a message to a number fails in a way, if one is due; it is spent then.
pub(crate) fn take(failures: &mut [Failure], to: &str, how: How) -> Option<i64> {
    let fits = |failure: &&mut Failure| {
        failure.times > 0 && failure.how == how && failure.to.as_deref().is_none_or(|number| number == to)
    };
    let failure = failures.iter_mut().find(fits)?;
    failure.times -= 1;
    Some(failure.code)
}

/// The answer of a call that is refused with a code.
pub(crate) fn refusal(code: i64) -> Refusal {
    errors::graph(codes::status(code), code, codes::title(code), "Refused on demand, as Meta documents it.")
}

/// `GET /_control/meta/codes`: every code that can be asked for.
pub(crate) async fn codes() -> Json<Value> {
    Json(codes::all().map(|(code, status, title)| json!({ "code": code, "status": status, "title": title })).collect())
}

/// `POST /_control/meta/failures [{"code","how","to"?,"times"?}]`: what fails from now on, instead of what did before.
pub(crate) async fn set(State(app): State<App>, Json(asked): Json<Vec<Failure>>) -> Response {
    app.meta().failures = asked;
    answer::empty(204)
}

/// `GET /_control/meta/failures`: what is left of it.
pub(crate) async fn show(State(app): State<App>) -> Json<Vec<Failure>> {
    Json(app.meta().failures.iter().filter(|failure| failure.times > 0).cloned().collect())
}
