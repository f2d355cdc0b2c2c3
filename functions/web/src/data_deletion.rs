//! What Facebook users ask for through Meta, and the pages on which they look after it.
//!
//! Meta: data deletion request callback, and deauthorise callback. Nobody is signed in here: Meta's signature is what
//! counts, and the code of a request shows nothing but what became of it.

use axum::{
    Form, Json, Router,
    extract::{DefaultBodyLimit, State, rejection::FormRejection},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use numo_app::{
    forget_meta_user::forget_meta_user,
    store::{
        erasure::certificate::Certificate,
        meta_user::{ForgetRequest, ForgetWish},
    },
};
use numo_domain::id::ConfirmationCode;
use numo_providers::whatsapp::signed_request::{MAX_BYTES, verify};
use numo_runtime::metric;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{failure::Failure, path_of::PathOf, public_page::public_page, state::AppState};

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/meta/data-deletion", post(delete))
        .route("/meta/deauthorise", post(deauthorise))
        // Escapes in a form may triple what is sent.
        .layer(DefaultBodyLimit::max(4 * MAX_BYTES))
        .route("/data-deletion", get(how))
        .route("/data-deletion/{code}", get(status))
}

/// What Meta posts.
#[derive(Deserialize)]
struct Posted {
    signed_request: String,
}

/// A form that may be none.
type PostedForm = Result<Form<Posted>, FormRejection>;

async fn delete(State(state): State<AppState>, posted: PostedForm) -> Result<Json<Value>, Failure> {
    answer(&state, posted, ForgetWish::Delete).await
}

async fn deauthorise(State(state): State<AppState>, posted: PostedForm) -> Result<Json<Value>, Failure> {
    answer(&state, posted, ForgetWish::Deauthorise).await
}

async fn answer(state: &AppState, posted: PostedForm, wish: ForgetWish) -> Result<Json<Value>, Failure> {
    let now = state.now();
    let told = posted.ok().and_then(|Form(posted)| verify(&posted.signed_request, &state.forget.app_secrets, now));
    let Some(told) = told else {
        metric::webhook_rejected("signed_request");
        return Err(Failure::invalid("signed_request", "this was not signed by Meta for this app"));
    };
    let asked = (&told.user, wish, told.issued_at);
    let code = forget_meta_user(state.waker(), &state.forget.number_keys, asked, now).await?;
    let url = format!("{}/data-deletion/{code}", state.site.base());
    Ok(Json(json!({"url": url, "confirmation_code": code})))
}

const KEPT: &str = "What a business keeps in Numo is the business's own: the reminders it sent, with their texts and \
    states, and its customers' wishes not to be written to, which have to be known for as long as the business \
    might write. Ask the business, which decides about them.";

async fn how(State(state): State<AppState>) -> Response {
    let texts = [
        "If you connected a WhatsApp account to Numo with your Facebook login: open Settings and privacy, Settings, \
         Apps and websites at Facebook, choose Numo, remove it, and ask there for the deletion of your data. Facebook \
         tells us, and you get a code with which you can look at what was deleted.",
        "Of your Facebook login Numo stores a keyed hash, from which nobody can be found, and the access to the \
         WhatsApp accounts that you connected. Both are deleted at once.",
        "If a business wrote to you through Numo: answer STOP, and it does not write again.",
        KEPT,
    ];
    public_page(&state, StatusCode::OK, "How to have your data deleted", &texts)
}

async fn status(State(state): State<AppState>, PathOf(code): PathOf<ConfirmationCode>) -> Result<Response, Failure> {
    let Some(request) = state.store().forget_request(&code).await? else {
        if let Some(certificate) = state.store().certificate(&code).await? {
            return Ok(certified(&state, &certificate));
        }
        let texts = [
            "There is no request with this code, or it is older than 13 months, or what was asked for is not done yet.",
        ];
        return Ok(public_page(&state, StatusCode::NOT_FOUND, "No such request", &texts));
    };
    let ForgetRequest { wish, asked_at, done_at, accounts } = request;
    let asked = match wish {
        ForgetWish::Delete => "that your data be deleted",
        ForgetWish::Deauthorise => "that Numo have no access through your Facebook login any more",
    };
    let done = match accounts {
        0 => "Nothing is stored under the id that Facebook gave us for you: no WhatsApp account is known to be connected \
              with it. An admin of the business can end a connected account in Numo at any time."
            .to_owned(),
        n => format!(
            "Deleted: the access to the WhatsApp accounts that you connected ({n}), and the hash of your login."
        ),
    };
    let asked = format!("You asked through Facebook {asked}, at {asked_at}.");
    let done_at = format!("It was done at {done_at}.");
    Ok(public_page(&state, StatusCode::OK, "Your request", &[&asked, &done_at, &done, KEPT]))
}

/// That an organisation was erased, for whoever has the code.
fn certified(state: &AppState, certificate: &Certificate) -> Response {
    let Certificate { organisation, asked_at, done_at, counts, untold } = certificate;
    let when = format!(
        "Everything that Numo had stored for an organisation was deleted. It was asked for at {asked_at}, and everything was gone at {done_at}."
    );
    let counted: Vec<String> =
        counts.iter().map(|(entity, count)| format!("{} ({count})", entity.replace('_', " "))).collect();
    let counted = format!("Deleted: {}.", counted.join(", "));
    let untold: Vec<String> = untold.iter().map(|(provider, count)| format!("{provider} ({count})")).collect();
    let told = match untold.as_slice() {
        [] => "Every provider was told that the access ends.".to_owned(),
        _ => format!(
            "Not every provider could be told that the access ends: {}. The tokens are deleted all the same.",
            untold.join(", ")
        ),
    };
    let whose = format!("The organisation is known here by a keyed hash alone: {organisation}.");
    public_page(state, StatusCode::OK, "An organisation was erased", &[&when, &counted, &told, &whose])
}
