//! What a person has to look at, and what was done by whom.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use numo_app::{
    see_notice::see_notice,
    store::task::{Task, TaskAbout},
    task_words::{advice, task_sentence},
};
use numo_domain::{meta_code::advice::Advice, sender::Sender};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    auth::{Admin, Signed},
    failure::Failure,
    json_body::JsonBody,
    state::AppState,
};

/// Lines of the activity log that one answer holds.
const LATEST: usize = 100;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/tasks", get(tasks)).route("/tasks/seen", post(seen)).route("/activity", get(activity))
}

/// A task with what happened and what to do.
#[derive(Debug, Serialize)]
struct TaskView {
    #[serde(flatten)]
    task: Task,
    sentence: &'static str,
    /// More about it, where a code or a state of Meta's says more.
    #[serde(flatten)]
    advice: Option<Advice>,
}

impl TaskView {
    fn new(task: Task, senders: &[Sender]) -> Self {
        Self { sentence: task_sentence(&task.about), advice: advice(&task.about, senders), task }
    }
}

async fn tasks(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<Value>, Failure> {
    let (store, org) = (state.store(), &session.org);
    let (tasks, senders) = (store.tasks(org).await?, store.senders(org).await?);
    let tasks: Vec<TaskView> = tasks.into_iter().map(|task| TaskView::new(task, &senders)).collect();
    Ok(Json(json!({"tasks": tasks})))
}

/// Closes a task that only tells something; the others close once what they ask for is done.
async fn seen(
    Admin(session): Admin,
    State(state): State<AppState>,
    JsonBody(about): JsonBody<TaskAbout>,
) -> Result<StatusCode, Failure> {
    see_notice(state.waker(), &session.org, &session.user, &about, state.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn activity(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<Value>, Failure> {
    Ok(Json(json!({"activity": state.store().activity(&session.org, LATEST).await?})))
}
