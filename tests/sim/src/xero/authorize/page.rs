use axum::http::{HeaderValue, header};
use axum::response::Response;

use crate::answer;
use crate::app::App;
use crate::oauth::{Parameters, user_of};
use crate::xero::LOGIN;

/// The page on which a person chooses what the app may read.
pub(crate) fn show(app: &App, asked: &Parameters) -> Response {
    let signed_in = user_of(asked);
    let xero = app.xero();
    let hidden: String = asked
        .iter()
        .filter(|(name, _)| name.as_str() != "sim_user")
        .map(|(name, value)| {
            format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", answer::escaped(name), answer::escaped(value))
        })
        .collect();
    let users: String = xero
        .users
        .iter()
        .map(|user| {
            let selected = if user.email == signed_in { " selected" } else { "" };
            format!("<option{selected}>{}</option>", user.email)
        })
        .collect();
    let offered = xero.user(signed_in).map(|user| user.tenants.clone()).unwrap_or_default();
    let theirs: Vec<_> = xero.tenants.iter().filter(|tenant| offered.contains(&tenant.key)).collect();
    let mut forms: String =
        theirs.iter().map(|tenant| consent_form(&tenant.name, &tenant.id, signed_in, &hidden)).collect();
    if theirs.len() > 1 {
        let all: Vec<&str> = theirs.iter().map(|tenant| tenant.id.as_str()).collect();
        forms.push_str(&consent_form("All of them", &all.join(","), signed_in, &hidden));
    }
    let body = format!(
        "<form method=\"get\"><label>Signed in as <select name=\"sim_user\">{users}</select></label> {hidden}\
         <button>Switch</button></form><p>Choose the organisation that {} may read.</p>{forms}",
        answer::escaped(asked.get("client_id").map_or("", String::as_str))
    );
    let mut response = answer::page(200, "Xero (simulated)", &body);
    // The real page refuses to be framed as well.
    response.headers_mut().insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}

fn consent_form(name: &str, id: &str, user: &str, hidden: &str) -> String {
    format!(
        "<form method=\"post\" action=\"{LOGIN}/connect/authorize\"><h2>{}</h2>{hidden}\
         <input type=\"hidden\" name=\"sim_user\" value=\"{}\">\
         <button name=\"choice\" value=\"{id}\">Allow access</button>\
         <button name=\"choice\" value=\"cancel\">Cancel</button></form>",
        answer::escaped(name),
        answer::escaped(user)
    )
}
