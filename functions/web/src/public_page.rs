//! A page of a few sentences for people who have no session.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{
    console::{Loads, STYLE, nonce, render},
    state::AppState,
};

#[derive(Template)]
#[template(path = "public.html")]
struct Page<'a> {
    nonce: &'a str,
    style: &'static str,
    title: &'static str,
    texts: &'a [&'a str],
}

/// The page; it loads nothing, and no search engine lists it.
pub(crate) fn public_page(state: &AppState, status: StatusCode, title: &'static str, texts: &[&str]) -> Response {
    let nonce = nonce(state);
    let page = Page { nonce: &nonce, style: STYLE, title, texts };
    render(status, &page, &nonce, Loads::Nothing).unwrap_or_else(|_unrendered| status.into_response())
}
