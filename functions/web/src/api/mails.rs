//! Who is mailed, and how.

use axum::{
    Router,
    extract::State,
    routing::{get, put},
};
use numo_app::{
    mail_settings::{set_digest, set_mails},
    store::{
        expected::Subject,
        mail::{MailSettings, Recipients},
    },
};
use numo_domain::id::UserId;
use serde::{Deserialize, Serialize};

use crate::{
    auth::{Admin, Signed},
    etag::{IfMatch, Tagged},
    failure::Failure,
    json_body::JsonBody,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/mails", get(show).put(change)).route("/me/digest", put(digest))
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct MailsView {
    /// Whether this deployment sends mails at all.
    sends: bool,
    recipients: Recipients,
    names: bool,
    /// Whether whoever asks gets digests, if they are among the recipients.
    digest: bool,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct MailsForm {
    recipients: Recipients,
    names: bool,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct DigestForm {
    digest: bool,
}

/// Who is mailed, and how.
#[cfg_attr(feature = "openapi", utoipa::path(get, path = "/mails", responses((status = 200, body = MailsView))))]
async fn show(Signed(session): Signed, State(state): State<AppState>) -> Result<Tagged<MailsView>, Failure> {
    let (settings, revision) = state.store().revised_mail_settings(&session.org).await?;
    Ok(Tagged::new(revision, view(&state, &session.user, settings)))
}

/// Changes who is mailed.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        put, path = "/mails",
        request_body = MailsForm,
        responses((status = 200, body = MailsView)),
        security(("session" = ["admin"])),
    )
)]
async fn change(
    Admin(session): Admin,
    State(state): State<AppState>,
    if_match: IfMatch,
    JsonBody(form): JsonBody<MailsForm>,
) -> Result<Tagged<MailsView>, Failure> {
    let wanted = (form.recipients, form.names);
    let waker = if_match.waker(&state, &session.org, Subject::Mails);
    set_mails(&waker, &session.org, &session.user, wanted, state.now()).await?;
    show(Signed(session), State(state)).await
}

/// Open to members too: it is about their own.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(put, path = "/me/digest", request_body = DigestForm, responses((status = 200, body = MailsView)))
)]
async fn digest(
    Signed(session): Signed,
    State(state): State<AppState>,
    if_match: IfMatch,
    JsonBody(form): JsonBody<DigestForm>,
) -> Result<Tagged<MailsView>, Failure> {
    let waker = if_match.waker(&state, &session.org, Subject::Mails);
    set_digest(&waker, &session.org, &session.user, form.digest, state.now()).await?;
    show(Signed(session), State(state)).await
}

fn view(state: &AppState, user: &UserId, settings: MailSettings) -> MailsView {
    let digest = !settings.without_digest.contains(user);
    let MailSettings { recipients, names, .. } = settings;
    MailsView { sends: state.site.sends_mails, recipients, names, digest }
}
