//! What a person reads instead of a page, or after a form that was not carried out.

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use numo_app::error::AppError;

use crate::{
    console::{Loads, policy, readable},
    failure::Failure,
};

/// Something that was not done, as a page.
#[derive(Debug)]
pub(crate) struct Problem(Failure);

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    title: &'static str,
    message: &'a str,
    /// The field of a form that it is about.
    field: Option<String>,
    /// Whether it is for the person to put right, and nothing was changed.
    is_refusal: bool,
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        Self(error.into())
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(failure) = self;
        failure.log();
        let status = failure.status;
        let field = failure.field().map(|field| field.replace('_', " "));
        let message = failure.message();
        let page = ProblemPage { title: title(status), message, field, is_refusal: status.is_client_error() };
        let policy = policy("", Loads::Nothing);
        match page.render() {
            Ok(html) => (status, [(header::CONTENT_SECURITY_POLICY, policy)], readable(html)).into_response(),
            Err(_unrendered) => status.into_response(),
        }
    }
}

fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "There is nothing here",
        StatusCode::FORBIDDEN => "You may not do this",
        StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED => "Something changed in between",
        StatusCode::TOO_MANY_REQUESTS => "Too much at once",
        _ if status.is_client_error() => "That was not done",
        _ => "This page cannot be shown at the moment",
    }
}
