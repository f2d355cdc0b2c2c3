//! What a person has to look at, and what was done by whom.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use numo_app::{
    see_notice::see_notice,
    store::{
        activity::Line,
        task::{Task, TaskAbout},
    },
    task_words::{advice, task_sentence},
};
use numo_domain::{meta_code::advice::Advice, sender::Sender};
use serde::Serialize;

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
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ActivityLinesView))]
struct ActivityView {
    activity: Vec<Line>,
}

impl TaskView {
    fn new(task: Task, senders: &[Sender]) -> Self {
        Self { sentence: task_sentence(&task.about), advice: advice(&task.about, senders), task }
    }
}

/// What only a person can settle.
#[cfg_attr(feature = "openapi", utoipa::path(get, path = "/tasks", responses((status = 200, body = TasksView))))]
async fn tasks(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<TasksView>, Failure> {
    let (store, org) = (state.store(), &session.org);
    let (tasks, senders) = (store.tasks(org).await?, store.senders(org).await?);
    Ok(Json(TasksView { tasks: tasks.into_iter().map(|task| TaskView::new(task, &senders)).collect() }))
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
    JsonBody(about): JsonBody<TaskAbout>,
) -> Result<StatusCode, Failure> {
    see_notice(state.waker(), &session.org, &session.user, &about, state.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was done by whom, newest first.
#[cfg_attr(feature = "openapi", utoipa::path(get, path = "/activity", responses((status = 200, body = ActivityView))))]
async fn activity(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<ActivityView>, Failure> {
    Ok(Json(ActivityView { activity: state.store().activity(&session.org, LATEST).await? }))
}
