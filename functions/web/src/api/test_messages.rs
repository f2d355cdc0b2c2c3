//! Texts that members have sent to their own numbers.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use jiff::Timestamp;
use numo_app::{
    error::AppError,
    test_on_yourself::{WantedTest, test_on_yourself},
};
use numo_domain::{
    id::{TestMessageId, UserId},
    language::Language,
    meta_code::{advice::Advice, shown},
    template::Purpose,
    test_message::{TestMessage, TestState, WhyNoTest},
};
use serde::{Deserialize, Serialize};

use crate::{
    api::asked::AskedView, auth::Signed, failure::Failure, json_body::JsonBody, path_of::PathOf, state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/test-messages", post(ask)).route("/test-messages/{id}", get(show))
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct TestForm {
    id: TestMessageId,
    purpose: Purpose,
    language: Language,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct TestMessageView {
    id: TestMessageId,
    by: UserId,
    purpose: Purpose,
    language: Language,
    asked_at: Timestamp,
    state: &'static str,
    /// Why it was not sent.
    why: Option<WhyView>,
    /// Meta's error code.
    code: Option<u32>,
    /// What happened and what to do, where it did not arrive or nobody knows.
    #[serde(flatten)]
    advice: Option<Advice>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct WhyView {
    code: WhyNoTest,
    sentence: &'static str,
}

/// Sends a text of the pack to the own number.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/test-messages",
        request_body = TestForm,
        responses((status = 202, body = AskedView<TestMessageId>)),
    )
)]
async fn ask(
    Signed(session): Signed,
    State(state): State<AppState>,
    JsonBody(TestForm { id, purpose, language }): JsonBody<TestForm>,
) -> Result<(StatusCode, Json<AskedView<TestMessageId>>), Failure> {
    let wanted = WantedTest { id, purpose, language };
    test_on_yourself(state.waker(), &session.org, &session.user, wanted, state.now()).await?;
    Ok((StatusCode::ACCEPTED, Json(AskedView { id })))
}

/// What became of a test message.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        get, path = "/test-messages/{id}",
        params(("id" = TestMessageId, Path)),
        responses((status = 200, body = TestMessageView)),
    )
)]
async fn show(
    Signed(session): Signed,
    State(state): State<AppState>,
    PathOf(id): PathOf<TestMessageId>,
) -> Result<Json<TestMessageView>, Failure> {
    let test = state.store().test_message(&session.org, id).await?.ok_or(AppError::NotFound("test message"))?;
    Ok(Json(test.value.into()))
}

impl From<TestMessage> for TestMessageView {
    fn from(test: TestMessage) -> Self {
        let why = match &test.state {
            TestState::Dropped(why) => Some(WhyView { code: *why, sentence: why.sentence() }),
            TestState::Waiting | TestState::Called(_) => None,
        };
        let advice = match &test.state {
            TestState::Called(state) => Advice::of_state(state),
            TestState::Waiting | TestState::Dropped(_) => None,
        };
        Self {
            id: test.id,
            by: test.by,
            purpose: test.purpose,
            language: test.language,
            asked_at: test.asked_at,
            state: test.state.name(),
            why,
            code: test.state.code().and_then(shown),
            advice,
        }
    }
}
