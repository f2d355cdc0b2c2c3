mod changes;
mod hooks;

use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Map, Value, json};

use crate::answer;
use crate::app::App;
use crate::field::Field as _;
use crate::intuit::company::{Company, Subscription};
use crate::intuit::data::large::{self, Size};
use crate::intuit::entity::Entity;
use crate::oauth::Parameters;
use crate::xero::control::rows::merge;

/// The seed of companies that control adds.
const SEED: u64 = 0x006c_6172_6765;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/_control/intuit/companies", get(companies))
        .route("/_control/intuit/company", post(company))
        .route("/_control/intuit/documents", get(documents))
        .route("/_control/intuit/customers", get(customers))
        .route("/_control/intuit/mobiles", get(mobiles))
        .route("/_control/intuit/settings", get(show_settings).post(settings))
        .route("/_control/intuit/limits", get(limits))
        .route("/_control/intuit/limits/reset", post(reset_limits))
        .route("/_control/intuit/tokens", get(tokens))
        .route("/_control/intuit/token", post(end_token))
        .route("/_control/intuit/disconnect", post(disconnect))
        .route("/_control/intuit/large", post(large))
        .merge(changes::routes())
        .merge(hooks::routes())
}

/// What control says of a company or object that there is not.
fn missing(what: &str) -> Response {
    answer::json(404, json!({ "error": format!("no such {what}") }))
}

fn realm_of(asked: &Value) -> &str {
    asked.at("realm").as_str().unwrap_or_default()
}

async fn companies(State(app): State<App>) -> Json<Value> {
    let intuit = app.intuit();
    let shown = |company: &Company| {
        let users: Vec<&str> =
            intuit.users.iter().filter(|user| user.companies.contains(&company.key)).map(|user| user.email).collect();
        json!({
            "key": company.key, "realm": company.realm, "name": company.name, "users": users,
            "customers": company.rows(Entity::Customer).len(), "invoices": company.rows(Entity::Invoice).len(),
        })
    };
    Json(intuit.companies.iter().map(shown).collect())
}

/// Overrides the company's own objects: `{"realm","info"?,"preferences"?,"subscription_ended"?}`.
async fn company(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let mut intuit = app.intuit();
    let Some(company) = intuit.company_mut(realm_of(&asked)) else { return missing("company") };
    for (name, entity) in [("info", Entity::CompanyInfo), ("preferences", Entity::Preferences)] {
        if let (Some(fields), Some(row)) = (asked.at(name).as_object(), company.rows_mut(entity).first_mut()) {
            merge(row, fields);
        }
    }
    match asked.at("subscription_ended").as_bool() {
        Some(true) => company.subscription = Subscription::Ended,
        Some(false) => company.subscription = Subscription::Active,
        None => {}
    }
    answer::empty(204)
}

/// All rows of an entity as they are held; invoices if none is named.
async fn documents(State(app): State<App>, Query(asked): Query<Parameters>) -> Response {
    let entity = asked.get("entity").map_or(Some(Entity::Invoice), |name| Entity::named(name));
    let Some(entity) = entity else { return missing("entity") };
    shown(&app, &asked, |company| json!(company.rows(entity)))
}

async fn customers(State(app): State<App>, Query(asked): Query<Parameters>) -> Response {
    shown(&app, &asked, |company| json!(company.rows(Entity::Customer)))
}

/// The truth behind the phone texts: customers with one valid number of their own.
async fn mobiles(State(app): State<App>, Query(asked): Query<Parameters>) -> Response {
    shown(&app, &asked, |company| json!(company.mobiles))
}

fn shown(app: &App, asked: &Parameters, of: impl Fn(&Company) -> Value) -> Response {
    let name = asked.get("realm").map_or("demo", String::as_str);
    app.intuit().company(name).map_or_else(|| missing("company"), |company| answer::json(200, of(company)))
}

async fn show_settings(State(app): State<App>) -> Json<Value> {
    Json(json!(app.intuit().settings))
}

async fn settings(State(app): State<App>, Json(asked): Json<Map<String, Value>>) -> Response {
    let mut intuit = app.intuit();
    match intuit.settings.with(&asked) {
        Ok(changed) => intuit.settings = changed,
        Err(error) => return answer::json(400, json!({ "error": error.to_string() })),
    }
    answer::json(200, json!(intuit.settings))
}

/// The fullest second and minute and the most calls at a time, by realm.
async fn limits(State(app): State<App>) -> Json<Value> {
    let intuit = app.intuit();
    let shown: Map<String, Value> = intuit.meters.iter().map(|(realm, meter)| (realm.clone(), meter.shown())).collect();
    Json(Value::Object(shown))
}

async fn reset_limits(State(app): State<App>) -> Response {
    for meter in app.intuit().meters.values_mut() {
        meter.reset();
    }
    answer::empty(204)
}

async fn tokens(State(app): State<App>) -> Json<Value> {
    let intuit = app.intuit();
    let families: Vec<Value> = intuit
        .tokens
        .families
        .iter()
        .map(|family| {
            json!({
                "realm": family.consent.realm, "user": family.consent.user, "is_over": family.is_over,
                "refresh_token": family.refresh, "expires_ms": family.expires_ms,
                "hard_expires_ms": family.hard_expires_ms,
            })
        })
        .collect();
    Json(json!({
        "refreshes": intuit.tokens.n_refreshes, "families": families,
        "concurrent_refreshes": intuit.tokens.n_concurrent_refreshes,
    }))
}

/// Ends one refresh token and what descends from it: `{"refresh_token"}`.
async fn end_token(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let mut intuit = app.intuit();
    let token = asked.at("refresh_token").as_str().unwrap_or_default();
    let Some(family) = intuit.tokens.refresh.get(token).copied() else { return missing("refresh token") };
    intuit.tokens.end_family(family);
    answer::empty(204)
}

/// What a user does in QuickBooks under My apps: all tokens of the company are dead.
async fn disconnect(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let mut intuit = app.intuit();
    let Some(realm) = intuit.company(realm_of(&asked)).map(|company| company.realm.clone()) else {
        return missing("company");
    };
    intuit.tokens.end_realm(&realm);
    answer::empty(204)
}

/// Adds a company of any size for the owner of the first one, or makes it anew.
async fn large(State(app): State<App>, Json(size): Json<Size>) -> Response {
    let today = app.clock.dubai_date();
    let company = large::company(&size, SEED, today);
    let realm = company.realm.clone();
    let mut intuit = app.intuit();
    intuit.companies.retain(|held| held.key != size.key);
    intuit.companies.push(company);
    for user in intuit.users.iter_mut().filter(|user| user.email == "owner@harbour.example") {
        if !user.companies.contains(&size.key) {
            user.companies.push(size.key.clone());
        }
    }
    answer::json(200, json!({ "realm": realm }))
}
