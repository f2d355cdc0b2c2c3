//! A page of a few sentences for people who have no session.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{
    console::{Loads, render},
    state::{AppState, Publisher},
};

#[derive(Template)]
#[template(path = "public.html")]
struct Page<'a> {
    publisher: &'a Publisher,
    title: &'static str,
    texts: &'a [&'a str],
    /// What the page's one button says, which posts to the page's own address.
    button: Option<&'static str>,
}

/// The page; it loads nothing, and no search engine lists it.
pub(crate) fn public_page(state: &AppState, status: StatusCode, title: &'static str, texts: &[&str]) -> Response {
    let page = Page { publisher: &state.site.publisher, title, texts, button: None };
    render(status, &page, "", Loads::Nothing).unwrap_or_else(|_unrendered| status.into_response())
}

/// The same with a button.
pub(crate) fn public_form(state: &AppState, title: &'static str, texts: &[&str], button: &'static str) -> Response {
    let (page, status) =
        (Page { publisher: &state.site.publisher, title, texts, button: Some(button) }, StatusCode::OK);
    render(status, &page, "", Loads::Form).unwrap_or_else(|_unrendered| status.into_response())
}
