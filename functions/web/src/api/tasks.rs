//! What a person has to look at.

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
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    auth::{Admin, Signed},
    failure::Failure,
    json_body::{JsonBody, WrongField, read_part},
    paging::Paged,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/tasks", get(tasks)).route("/tasks/seen", post(seen))
}

/// A task with what happened and what to do.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = OpenTaskView))]
struct TaskView {
    #[serde(flatten)]
    task: Task,
    sentence: &'static str,
    /// More about it, where a code or a state of Meta's says more.
    #[serde(flatten)]
    advice: Option<Advice>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct TasksView {
    tasks: Vec<TaskView>,
    /// Where the next part begins; none at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// What a task is about, as it was told; what is kept of it may have gained fields, what is sent may not.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeenForm {
    kind: String,
    #[serde(default)]
    subject: Value,
}

impl TaskView {
    fn new(task: Task, senders: &[Sender]) -> Self {
        Self { sentence: task_sentence(&task.about), advice: advice(&task.about, senders), task }
    }
}

/// What only a person can settle.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(get, path = "/tasks", params(crate::paging::PartQuery), responses((status = 200, body = TasksView)))
)]
async fn tasks(
    Signed(session): Signed,
    paged: Paged,
    State(state): State<AppState>,
) -> Result<Json<TasksView>, Failure> {
    let (store, org) = (state.store(), &session.org);
    let (tasks, senders) = (store.tasks_part(org, &paged.part(org)?).await?, store.senders(org).await?);
    let shown = tasks.map(|task| TaskView::new(task, &senders));
    Ok(Json(TasksView { tasks: shown.values, next_cursor: paged.next(org, "", shown.next) }))
}

/// Closes a task that only tells something; the others close once what they ask for is done.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/tasks/seen",
        request_body = TaskAbout,
        responses((status = 204)),
        security(("session" = ["admin"])),
    )
)]
async fn seen(
    Admin(session): Admin,
    State(state): State<AppState>,
    JsonBody(form): JsonBody<SeenForm>,
) -> Result<StatusCode, Failure> {
    let about: TaskAbout = read_part(json!({"kind": form.kind, "subject": form.subject}))
        .map_err(|WrongField { field, message }| Failure::invalid(field, message))?;
    see_notice(state.waker(), &session.org, &session.user, &about, state.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
