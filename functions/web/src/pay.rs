//! The pay button of a message: to the page of the ledger, or a word about why there is none.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use numo_app::{
    error::AppError,
    pay_page::{PayPage, pay_page},
};
use numo_domain::id::PayToken;
use numo_runtime::telemetry::chain;

use crate::{path_of::PathOf, public_page::public_page, state::AppState};

/// Sends a customer on to where the invoice can be paid; nobody has to sign in.
pub(crate) async fn open(State(state): State<AppState>, PathOf(token): PathOf<PayToken>) -> Response {
    let (status, title, text) = match pay_page(&state.documents, &token).await {
        // Only a page of the web; the ledger's answer is nothing to be trusted with a script.
        Ok(PayPage::At(url)) if url.starts_with("https://") => {
            let headers = [
                (header::LOCATION, url.as_str()),
                (header::CACHE_CONTROL, "no-store"),
                (header::REFERRER_POLICY, "no-referrer"),
            ];
            return (StatusCode::FOUND, headers).into_response();
        }
        Ok(PayPage::Settled) => (StatusCode::OK, "This invoice is paid", "Nothing is left to pay here. Thank you."),
        Ok(PayPage::At(_) | PayPage::NotOnline) => (
            StatusCode::OK,
            "This invoice cannot be paid online",
            "Please answer the message that brought you here, and the business will help you.",
        ),
        Err(AppError::NotFound(_)) => (
            StatusCode::NOT_FOUND,
            "There is no such page",
            "The address is not complete, or the message is too old. Please answer the message that brought you here.",
        ),
        Err(error) => {
            tracing::warn!(error.class = error.class(), error.chain = chain(&error), "no pay page");
            let text = "Please try again in a few minutes.";
            (StatusCode::SERVICE_UNAVAILABLE, "This page cannot be shown at the moment", text)
        }
    };
    public_page(&state, status, title, &[text])
}
