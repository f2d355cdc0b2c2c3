//! The page behind a set-up link: a client connects WhatsApp for a business, and nobody signs in.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use numo_app::{
    error::AppError,
    setup_link::{connect_by_link, open_link},
};
use numo_domain::id::OrgId;

use crate::{
    api::signup::{EndingView, SignupForm},
    console::{Problem, nonce, whatsapp::page_of_link},
    failure::Failure,
    json_body::JsonBody,
    path_of::PathOf,
    public_page::public_page,
    state::AppState,
};

/// Whose, and what the address ends with.
type Link = PathOf<(OrgId, String)>;

/// Shows it; looking at it changes nothing, as programs open every link in a mail.
pub(crate) async fn show(State(state): State<AppState>, PathOf((org, token)): Link) -> Response {
    let nonce = nonce(&state);
    let opened = open_link((state.waker(), state.people.as_ref()), &org, &token, state.now()).await;
    let mut page = match (opened, &state.site.meta_signup) {
        (Ok((_, organisation)), Some(meta)) => page_of_link(&state, &organisation, meta, &nonce)
            .unwrap_or_else(|error| Problem::from(error).into_response()),
        (Ok(_), None) | (Err(AppError::NotFound(_)), _) => {
            let text = "It was used, taken back, or is older than a week. Ask whoever sent it to you for a new one.";
            public_page(&state, StatusCode::NOT_FOUND, "This link does not work any more", &[text])
        }
        (Err(error), _) => Problem::from(error).into_response(),
    };
    // The address is what lets somebody in: it must not reach Meta's script, a cache or a search engine.
    let headers = page.headers_mut();
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    page
}

/// What Meta's window reported to the page.
pub(crate) async fn connect(
    State(state): State<AppState>,
    PathOf((org, token)): Link,
    JsonBody(form): JsonBody<SignupForm>,
) -> Result<Response, Failure> {
    let Some(entry) = form.check()? else { return Ok(Json(EndingView::CANCELLED).into_response()) };
    let (ports, people) = (state.signup_ports(), state.people.as_ref());
    let signed_up = Box::pin(connect_by_link((&ports, people), &org, &token, entry, state.now())).await?;
    Ok(Json(EndingView::SignedUp(signed_up.into())).into_response())
}
