use axum::Form;
use axum::extract::Query;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;

use crate::answer;
use crate::app::App;
use crate::oauth::{Parameters, back, redirect_target, scopes, user_of};
use crate::xero::LOGIN;
use crate::xero::state::{Code, Connection, Grant};

const CODE_LIFE_MS: i64 = 5 * 60 * 1000;

const SCOPES: &[&str] = &[
    "openid",
    "profile",
    "email",
    "offline_access",
    "accounting.invoices",
    "accounting.invoices.read",
    "accounting.payments",
    "accounting.payments.read",
    "accounting.banktransactions",
    "accounting.banktransactions.read",
    "accounting.manualjournals",
    "accounting.manualjournals.read",
    "accounting.contacts",
    "accounting.contacts.read",
    "accounting.settings",
    "accounting.settings.read",
    "accounting.attachments",
    "accounting.attachments.read",
    "accounting.journals.read",
    "accounting.budgets.read",
    "accounting.reports.aged.read",
    "accounting.reports.balancesheet.read",
];

/// The consent page; `sim_choose` answers it without a person.
pub(crate) async fn show(State(app): State<App>, Query(asked): Query<Parameters>) -> Response {
    if let Some(refused) = problem(&asked) {
        return refused;
    }
    match asked.get("sim_choose") {
        Some(choice) => answer_for(&app, &asked, choice),
        None => page(&app, &asked),
    }
}

/// The posted consent page: `choice` is a tenant id or `cancel`.
pub(crate) async fn choose(State(app): State<App>, Form(asked): Form<Parameters>) -> Response {
    if let Some(refused) = problem(&asked) {
        return refused;
    }
    let choice = asked.get("choice").cloned().unwrap_or_default();
    answer_for(&app, &asked, &choice)
}

/// Errors before the redirect address is known to be good are shown, not redirected.
fn problem(asked: &Parameters) -> Option<Response> {
    let text = |name: &str| asked.get(name).map_or("", String::as_str);
    let shown = |code: &str| Some(answer::page(400, "Xero (simulated)", &format!("<p>Error: {code}</p>")));
    if text("client_id").is_empty() {
        return shown("unauthorized_client");
    }
    let Some(redirect) = redirect_target(text("redirect_uri")) else {
        return shown("invalid_request: redirect_uri");
    };
    let state = text("state");
    if text("response_type") != "code" {
        return Some(back(redirect, &[("error", "unsupported_response_type"), ("state", state)]));
    }
    let scopes = scopes(asked);
    let known = scopes.iter().all(|scope| SCOPES.contains(&scope.as_str()));
    if !known || !scopes.iter().any(|scope| scope == "offline_access") {
        return Some(back(redirect, &[("error", "invalid_scope"), ("state", state)]));
    }
    let method = text("code_challenge_method");
    if asked.contains_key("code_challenge") && method != "S256" {
        return Some(back(redirect, &[("error", "invalid_request"), ("state", state)]));
    }
    None
}

fn answer_for(app: &App, asked: &Parameters, choice: &str) -> Response {
    let text = |name: &str| asked.get(name).map_or("", String::as_str);
    let Some(redirect) = redirect_target(text("redirect_uri")) else { return answer::empty(400) };
    let denied = [("error", "access_denied"), ("state", text("state"))];
    if choice == "cancel" {
        return back(redirect, &denied);
    }
    let Some(grant) = consent(app, asked, choice) else { return back(redirect, &denied) };
    let code = app.new_hex();
    let kept = Code {
        grant,
        redirect_uri: text("redirect_uri").to_owned(),
        challenge: asked.get("code_challenge").cloned(),
        expires_ms: app.clock.now_ms() + CODE_LIFE_MS,
    };
    app.xero().codes.insert(code.clone(), kept);
    back(redirect, &[("code", &code), ("scope", text("scope")), ("state", text("state"))])
}

/// Records the consent: one connection per user and organisation, a new event each time.
fn consent(app: &App, asked: &Parameters, choice: &str) -> Option<Grant> {
    let (event, id) = (app.new_id(), app.new_id());
    let now_ms = app.clock.now_ms();
    let mut xero = app.xero();
    let tenant = xero.tenant(choice)?.key;
    let user = xero.user(user_of(asked))?.clone();
    if !user.tenants.contains(&tenant) {
        return None;
    }
    let known = xero.connections.iter_mut().find(|held| held.user == user.email && held.tenant == tenant);
    match known {
        Some(held) => {
            held.auth_event_id.clone_from(&event);
            held.updated_ms = now_ms;
        }
        None => xero.connections.push(Connection {
            id,
            auth_event_id: event.clone(),
            user: user.email,
            tenant,
            created_ms: now_ms,
            updated_ms: now_ms,
        }),
    }
    let client_id = asked.get("client_id").cloned().unwrap_or_default();
    Some(Grant { user: user.email, client_id, scopes: scopes(asked), auth_event_id: event })
}

fn page(app: &App, asked: &Parameters) -> Response {
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
    let forms: String = xero
        .tenants
        .iter()
        .filter(|tenant| offered.contains(&tenant.key))
        .map(|tenant| consent_form(tenant.name, &tenant.id, signed_in, &hidden))
        .collect();
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
