use axum::extract::State;
use axum::response::Response;

use crate::answer;
use crate::app::App;

/// The stand-in for the ClerkJS bundle.
pub(crate) async fn clerk(State(app): State<App>) -> Response {
    answer::script(CLERK.replace("__BASE__", &format!("{}/clerk", app.base_url)))
}

/// The stand-in for Clerk's component bundle.
pub(crate) async fn ui() -> Response {
    answer::script(String::from("window.__internal_ClerkUICtor = class ClerkUI {};\n"))
}

const CLERK: &str = include_str!("clerk.browser.js");
