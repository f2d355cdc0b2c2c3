use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::answer::Refusal;
use crate::app::App;
use crate::xero::errors;
use crate::xero::state::Access;

const DAY_LIMIT: u64 = 5_000;
const MINUTE_LIMIT: u64 = 60;
const APP_MINUTE_LIMIT: u64 = 10_000;

/// The valid access token of a call.
pub(crate) fn bearer(app: &App, headers: &HeaderMap) -> Result<Access, Refusal> {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = sent.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let held = app.xero().access.get(token).cloned();
    let Some(access) = held else { return Err(errors::unauthorized(app, "AuthenticationUnsuccessful")) };
    if access.expires_ms <= app.clock.now_ms() {
        return Err(errors::expired_at(app, access.expires_ms));
    }
    Ok(access)
}

/// Checks token, scope, tenant and limits of an accounting call; gives the tenant's key.
pub(crate) fn tenant(app: &App, headers: &HeaderMap, scope: &str) -> Result<&'static str, Box<Response>> {
    let boxed = |refusal: Refusal| Box::new(refusal.into_response());
    let access = bearer(app, headers).map_err(boxed)?;
    let read = format!("{scope}.read");
    if !access.grant.scopes.iter().any(|held| held == scope || *held == read) {
        return Err(boxed(errors::unauthorized(app, "AuthorizationUnsuccessful")));
    }
    let id = headers.get("xero-tenant-id").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let key = connected(app, access.grant.user, id).ok_or_else(|| boxed(errors::forbidden(app)))?;
    over_limit(app, key).map_or(Ok(key), |limited| Err(Box::new(limited)))
}

/// JSON if it was asked for, otherwise XML as Xero's default is; both with the limit headers.
pub(crate) fn rendered(app: &App, headers: &HeaderMap, key: &str, answer: Response) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut response = if accept.contains("application/json") {
        answer
    } else {
        let text = "<Response xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><Status>OK</Status>\
                    <ProviderName>Numo</ProviderName></Response>";
        ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], text).into_response()
    };
    let (minute, day) = used(app, key);
    let limits = response.headers_mut();
    let left = |limit: u64, used: u64| HeaderValue::from(limit.saturating_sub(used));
    limits.insert(HeaderName::from_static("x-daylimit-remaining"), left(DAY_LIMIT, day));
    limits.insert(HeaderName::from_static("x-minlimit-remaining"), left(MINUTE_LIMIT, minute));
    limits.insert(HeaderName::from_static("x-appminlimit-remaining"), left(APP_MINUTE_LIMIT, minute));
    response
}

fn connected(app: &App, user: &str, tenant_id: &str) -> Option<&'static str> {
    let xero = app.xero();
    let key = xero.tenants.iter().find(|tenant| tenant.id == tenant_id)?.key;
    xero.connections.iter().any(|held| held.user == user && held.tenant == key).then_some(key)
}

fn windows(app: &App) -> (i64, i64) {
    let now_s = app.clock.now_s();
    (now_s.div_euclid(60), now_s.div_euclid(86_400))
}

fn used(app: &App, key: &str) -> (u64, u64) {
    let (minute, day) = windows(app);
    let xero = app.xero();
    let of = |held: Option<&u64>| held.copied().unwrap_or_default();
    (of(xero.minutes.get(&(key.to_owned(), minute))), of(xero.days.get(&(key.to_owned(), day))))
}

fn over_limit(app: &App, key: &str) -> Option<Response> {
    let (minute, day) = windows(app);
    let now_s = app.clock.now_s();
    let mut xero = app.xero();
    let (minute_limit, day_limit) = (xero.minute_limit, xero.day_limit);
    let in_minute = *xero.minutes.entry((key.to_owned(), minute)).and_modify(|count| *count += 1).or_insert(1);
    let in_day = *xero.days.entry((key.to_owned(), day)).and_modify(|count| *count += 1).or_insert(1);
    if day_limit.is_some_and(|limit| in_day > limit) {
        return Some(errors::rate_limited("day", 86_400 - now_s.rem_euclid(86_400)));
    }
    if minute_limit.is_some_and(|limit| in_minute > limit) {
        return Some(errors::rate_limited("minute", 60 - now_s.rem_euclid(60)));
    }
    None
}
