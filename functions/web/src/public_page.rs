//! A page of a few sentences for people who have no session.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{
    console::{Loads, nonce, render},
    state::AppState,
};

#[derive(Template)]
#[template(path = "public.html")]
struct Page<'a> {
    title: &'static str,
    texts: &'a [&'a str],
    /// What the page's one button says, which posts to the page's own address.
    button: Option<&'static str>,
}

/// The page; it loads nothing, and no search engine lists it.
pub(crate) fn public_page(state: &AppState, status: StatusCode, title: &'static str, texts: &[&str]) -> Response {
    let nonce = nonce(state);
    let page = Page { title, texts, button: None };
    render(status, &page, &nonce, Loads::Nothing).unwrap_or_else(|_unrendered| status.into_response())
}

/// The same with a button.
pub(crate) fn public_form(state: &AppState, title: &'static str, texts: &[&str], button: &'static str) -> Response {
    let (nonce, status) = (nonce(state), StatusCode::OK);
    let page = Page { title, texts, button: Some(button) };
    render(status, &page, &nonce, Loads::Form).unwrap_or_else(|_unrendered| status.into_response())
}
