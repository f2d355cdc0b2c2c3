use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde_json::{Value, json};

use crate::answer;
use crate::app::App;
use crate::intuit::company::{Company, Subscription};
use crate::intuit::errors::{self, Problem};
use crate::intuit::instants;
use crate::intuit::settings::Settings;

/// A call that may read one company.
pub(crate) struct Reader<'a> {
    pub(crate) company: &'a Company,
    pub(crate) settings: &'a Settings,
    pub(crate) now_ms: i64,
}

/// Answers a call with what is read from its company, if its token is good for that company.
pub(crate) fn read(
    app: &App,
    headers: &HeaderMap,
    realm: &str,
    read: impl FnOnce(&Reader<'_>) -> Result<Value, Problem>,
) -> Response {
    let now_ms = app.clock.now_ms();
    let found = permitted(app, headers, realm).and_then(|()| {
        let intuit = app.intuit();
        let company = intuit.company(realm).ok_or_else(errors::authorization)?;
        read(&Reader { company, settings: &intuit.settings, now_ms })
    });
    match found {
        Ok(body) => answer::json(200, body),
        Err(problem) => problem.answer(app),
    }
}

/// Checks the token, whether it is for this company, and whether the company still pays.
pub(crate) fn permitted(app: &App, headers: &HeaderMap, realm: &str) -> Result<(), Problem> {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = sent.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let now_ms = app.clock.now_ms();
    let intuit = app.intuit();
    let access = intuit.tokens.access.get(token).ok_or_else(|| errors::authentication("Malformed bearer token"))?;
    if access.expires_ms <= now_ms {
        return Err(errors::authentication("Token expired"));
    }
    let family = intuit.tokens.family(access.family).filter(|family| !family.is_over);
    let family = family.ok_or_else(|| errors::authentication("Token revoked"))?;
    let company = intuit.companies.iter().find(|company| company.realm == realm);
    let allows = family.consent.scopes.iter().any(|scope| scope == "com.intuit.quickbooks.accounting");
    match company.filter(|_| allows && family.consent.realm == realm).map(|company| company.subscription) {
        Some(Subscription::Active) => Ok(()),
        Some(Subscription::Ended) => Err(errors::subscription_ended()),
        None => Err(errors::authorization()),
    }
}

impl Reader<'_> {
    /// An answer with the time at which it was given.
    pub(crate) fn timed(&self, name: &str, content: Value) -> Value {
        json!({ name: content, "time": instants::pacific_ms(self.now_ms) })
    }
}
