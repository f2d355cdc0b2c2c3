//! The link in a digest by which its reader ends them; nobody has to sign in.

use axum::{extract::State, http::StatusCode, response::Response};
use numo_app::{error::AppError, mail_settings};
use numo_domain::id::{OrgId, UnsubscribeToken, UserId};

use crate::{failure::Failure, path_of::PathOf, public_page, state::AppState};

/// Whose digests, and what proves that the link is ours.
type Link = PathOf<(OrgId, UserId, UnsubscribeToken)>;

/// Asks first: mail programs open every link to look at it.
pub(crate) async fn ask(State(state): State<AppState>, PathOf(_): Link) -> Response {
    let text = "You will get no more digests in the morning. What cannot wait is still mailed to you.";
    public_page::public_form(&state, "No more digests?", &[text], "No more digests for me")
}

/// Does it, for the form and for the one click of a mail program (RFC 8058).
pub(crate) async fn confirm(
    State(state): State<AppState>,
    PathOf((org, user, token)): Link,
) -> Result<Response, Failure> {
    let keys = &state.forget.number_keys;
    match mail_settings::unsubscribe(state.waker(), keys, (&org, &user, &token), state.now()).await {
        Ok(()) => {
            let text = "You get no more digests. In Numo you can have them again.";
            Ok(public_page::public_page(&state, StatusCode::OK, "No more digests", &[text]))
        }
        Err(AppError::NotFound(_)) => {
            let text = "The address is not complete. Numo has the same setting for you when you are signed in.";
            Ok(public_page::public_page(&state, StatusCode::NOT_FOUND, "There is no such page", &[text]))
        }
        Err(error) => Err(error.into()),
    }
}
