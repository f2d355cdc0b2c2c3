mod page;

use axum::Form;
use axum::extract::Query;
use axum::extract::State;
use axum::response::Response;
use url::Url;

use crate::answer;
use crate::app::App;
use crate::oauth::{Parameters, back, redirect_target, scopes, user_of};
use crate::xero::state::{CapShown, Code, Connection, Grant};

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
        None => page::show(&app, &asked),
    }
}

/// The posted consent page: `choice` is a tenant id, a comma list of them or `cancel`.
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
    let grant = match consent(app, asked, choice) {
        Ok(grant) => grant,
        Err(Denied::NotTheirs) => return back(redirect, &denied),
        Err(Denied::CapReached) => return beyond_cap(app, redirect, text("state")),
    };
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

/// Why a consent is not given.
enum Denied {
    NotTheirs,
    CapReached,
}

/// Records the consent: one connection per user and organisation, a new event each time.
///
/// Several organisations in a comma list are Xero's bulk connections; they share the event.
fn consent(app: &App, asked: &Parameters, choice: &str) -> Result<Grant, Denied> {
    let event = app.new_id();
    let now_ms = app.clock.now_ms();
    let ids: Vec<String> = choice.split(',').map(|_| app.new_id()).collect();
    let mut xero = app.xero();
    let user = xero.user(user_of(asked)).ok_or(Denied::NotTheirs)?.clone();
    let theirs = |name: &str| xero.tenant(name).map(|held| held.key.clone()).filter(|key| user.tenants.contains(key));
    let chosen: Vec<String> =
        choice.split(',').map(|name| theirs(name.trim())).collect::<Option<_>>().ok_or(Denied::NotTheirs)?;
    let is_held = |key: &String| xero.connections.iter().any(|held| held.user == user.email && held.tenant == *key);
    let n_after = xero.connections.len() + chosen.iter().filter(|key| !is_held(key)).count();
    if xero.cap.most.is_some_and(|most| n_after > most) {
        return Err(Denied::CapReached);
    }
    for (tenant, id) in chosen.into_iter().zip(ids) {
        let created = Connection {
            id,
            auth_event_id: event.clone(),
            user: user.email.clone(),
            tenant,
            created_ms: now_ms,
            updated_ms: now_ms,
        };
        connect(&mut xero.connections, created);
    }
    let client_id = asked.get("client_id").cloned().unwrap_or_default();
    Ok(Grant { user: user.email, client_id, scopes: scopes(asked), auth_event_id: event })
}

/// A connection lasts: a further consent renews its event and keeps its id.
fn connect(connections: &mut Vec<Connection>, created: Connection) {
    match connections.iter_mut().find(|held| held.user == created.user && held.tenant == created.tenant) {
        Some(held) => *held = Connection { id: held.id.clone(), created_ms: held.created_ms, ..created },
        None => connections.push(created),
    }
}

fn beyond_cap(app: &App, redirect: Url, state: &str) -> Response {
    let shown = app.xero().cap.shown;
    match shown {
        CapShown::Redirect => {
            let told = "the app has reached its limit of connections";
            back(redirect, &[("error", "access_denied"), ("error_description", told), ("state", state)])
        }
        CapShown::Page => {
            answer::page(403, "Xero (simulated)", "<p>This app has reached its limit of connected organisations.</p>")
        }
    }
}
