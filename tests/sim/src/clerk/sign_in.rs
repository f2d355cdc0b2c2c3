use std::collections::HashMap;

use axum::Form;
use axum::extract::{Query, State};
use axum::response::Response;
use url::Url;

use crate::answer;
use crate::app::App;
use crate::clerk::state::Session;
use crate::clerk::users;

type Parameters = HashMap<String, String>;

/// The sign-in page: one button per user, no password.
pub(crate) async fn page(Query(asked): Query<Parameters>) -> Response {
    let target = asked.get("redirect_url").map_or("", String::as_str);
    let forms: String = users::ALL
        .iter()
        .map(|user| {
            let place = user
                .membership
                .map_or(String::from("no organisation"), |held| format!("{} of {}", held.role, held.name));
            format!(
                "<form method=\"post\"><input type=\"hidden\" name=\"redirect_url\" value=\"{}\">\
                 <p>{} &middot; {} &middot; {place}</p>\
                 <button name=\"user\" value=\"{}\">Sign in as {}</button></form>",
                answer::escaped(target),
                user.name,
                user.email,
                user.id,
                user.name
            )
        })
        .collect();
    answer::page(200, "Sign in (simulated)", &forms)
}

/// Signs in and hands the client handle back in the fragment, which no server sees.
pub(crate) async fn enter(State(app): State<App>, Form(asked): Form<Parameters>) -> Response {
    let text = |name: &str| asked.get(name).map_or("", String::as_str);
    let target = Url::parse(text("redirect_url")).ok().filter(|url| url.scheme() == "http" || url.scheme() == "https");
    let (Some(user), Some(mut target)) = (users::by_id(text("user")), target) else {
        return answer::page(400, "Sign in (simulated)", "<p>Unknown user or redirect_url.</p>");
    };
    let (handle, session) = (app.new_hex(), app.new_hex());
    let session = Session { user: user.id, session_id: format!("sess_{}", session.get(..20).unwrap_or_default()) };
    app.clerk().clients.insert(handle.clone(), session);
    target.set_fragment(Some(&format!("__clerk_client={handle}")));
    answer::redirect(target.as_str())
}
