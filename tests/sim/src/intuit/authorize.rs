use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;

use crate::answer;
use crate::app::App;
use crate::intuit::APPCENTER;
use crate::intuit::tokens::{Code, Consent};
use crate::oauth::{Parameters, back, redirect_target, scopes, user_of};

const CODE_LIFE_MS: i64 = 5 * 60 * 1000;
const TITLE: &str = "Intuit (simulated)";

const SCOPES: &[&str] = &[
    "com.intuit.quickbooks.accounting",
    "com.intuit.quickbooks.payment",
    "openid",
    "profile",
    "email",
    "phone",
    "address",
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

/// The posted consent page: `choice` is a realm id or `cancel`.
pub(crate) async fn choose(State(app): State<App>, Form(asked): Form<Parameters>) -> Response {
    if let Some(refused) = problem(&asked) {
        return refused;
    }
    answer_for(&app, &asked, text(&asked, "choice"))
}

fn text<'a>(asked: &'a Parameters, name: &str) -> &'a str {
    asked.get(name).map_or("", String::as_str)
}

/// What is wrong is shown where the redirect address cannot be trusted, and told to the app otherwise.
fn problem(asked: &Parameters) -> Option<Response> {
    let shown = |code: &str| Some(answer::page(400, TITLE, &format!("<p>Error: {code}</p>")));
    if text(asked, "client_id").is_empty() {
        return shown("invalid_client");
    }
    // A registered address has no query, and the one sent must be the same byte for byte.
    let Some(redirect) = redirect_target(text(asked, "redirect_uri")).filter(|url| url.query().is_none()) else {
        return shown("invalid_redirect_uri");
    };
    let told = |code: &str| Some(back(redirect.clone(), &[("error", code), ("state", text(asked, "state"))]));
    if text(asked, "response_type") != "code" {
        return told("unsupported_response_type");
    }
    let scopes = scopes(asked);
    if scopes.is_empty() || !scopes.iter().all(|scope| SCOPES.contains(&scope.as_str())) {
        return told("invalid_scope");
    }
    if text(asked, "state").is_empty() {
        return told("invalid_request");
    }
    None
}

/// The redirect back; the company's id is nowhere else, and nothing signs it.
fn answer_for(app: &App, asked: &Parameters, choice: &str) -> Response {
    let Some(redirect) = redirect_target(text(asked, "redirect_uri")) else { return answer::empty(400) };
    let state = text(asked, "state");
    let Some(consent) = consent(app, asked, choice) else {
        return back(redirect, &[("error", "access_denied"), ("state", state)]);
    };
    let code = format!("XAB1{}{}", app.new_hex(), app.new_hex());
    let realm = consent.realm.clone();
    let kept = Code {
        consent,
        redirect_uri: text(asked, "redirect_uri").to_owned(),
        expires_ms: app.clock.now_ms() + CODE_LIFE_MS,
        family: None,
    };
    app.intuit().tokens.codes.insert(code.clone(), kept);
    back(redirect, &[("code", &code), ("state", state), ("realmId", &realm)])
}

fn consent(app: &App, asked: &Parameters, choice: &str) -> Option<Consent> {
    let intuit = app.intuit();
    let company = intuit.company(choice)?;
    let user = intuit.user(user_of(asked)).filter(|user| user.companies.contains(&company.key))?;
    Some(Consent {
        user: user.email,
        realm: company.realm.clone(),
        client_id: text(asked, "client_id").to_owned(),
        scopes: scopes(asked),
    })
}

fn page(app: &App, asked: &Parameters) -> Response {
    let signed_in = user_of(asked);
    let intuit = app.intuit();
    let hidden: String =
        asked.iter().filter(|(name, _)| name.as_str() != "sim_user").map(|(name, value)| hidden(name, value)).collect();
    let links: String = intuit
        .users
        .iter()
        .map(|user| format!("<button name=\"sim_user\" value=\"{0}\">{0}</button>", user.email))
        .collect();
    let offered = intuit.user(signed_in).map(|user| user.companies.clone()).unwrap_or_default();
    let choices: String = intuit
        .companies
        .iter()
        .filter(|company| offered.contains(&company.key))
        .map(|company| {
            let name = answer::escaped(&company.name);
            format!("<p><button name=\"choice\" value=\"{}\">Connect {name}</button></p>", company.realm)
        })
        .collect();
    let body = format!(
        "<p>Signed in as {}</p><form method=\"get\">{hidden}{links}</form>\
         <form method=\"post\" action=\"{APPCENTER}/connect/oauth2\">{hidden}{}{choices}\
         <button name=\"choice\" value=\"cancel\">Cancel</button></form>",
        answer::escaped(signed_in),
        self::hidden("sim_user", signed_in),
    );
    let mut response = answer::page(200, TITLE, &body);
    // The real page refuses to be framed as well.
    response.headers_mut().insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}

fn hidden(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", answer::escaped(name), answer::escaped(value))
}
