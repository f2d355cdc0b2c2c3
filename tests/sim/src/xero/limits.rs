use std::collections::{BTreeMap, HashMap};

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use serde_json::{Value, json};

use crate::app::App;
use crate::xero::errors;

const DAY_S: i64 = 86_400;
const MINUTE_S: i64 = 60;

/// Calls under way and done, and the limits that are enforced (Xero: FAQ, limits).
#[derive(Debug, Default)]
pub(crate) struct Limits {
    pub(crate) enforced: Enforced,
    tenants: BTreeMap<String, Counted>,
    /// Calls by (client, minute since 1970), over all tenants.
    apps: HashMap<(String, i64), u64>,
}

/// Limits in force; one that is absent is told in the headers only.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Enforced {
    pub(crate) minute: Option<u64>,
    pub(crate) day: Option<u64>,
    pub(crate) concurrent: Option<u64>,
    pub(crate) app_minute: Option<u64>,
}

#[derive(Debug, Default)]
struct Counted {
    n_calls: u64,
    n_refused: u64,
    n_under_way: u64,
    most_under_way: u64,
    minutes: HashMap<i64, u64>,
    days: HashMap<i64, u64>,
}

/// Whom a call is counted for.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) client_id: String,
    /// Absent for calls that are not about one organisation.
    pub(crate) tenant: Option<String>,
}

const DAY_LIMIT: u64 = 5_000;
const MINUTE_LIMIT: u64 = 60;
const APP_MINUTE_LIMIT: u64 = 10_000;

/// A call that is under way; it ends when dropped, also when the client hangs up.
pub(crate) struct Seat {
    app: App,
    tenant: Option<String>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some(tenant) = &self.tenant else { return };
        if let Some(counted) = self.app.xero().limits.tenants.get_mut(tenant) {
            counted.n_under_way -= 1;
        }
    }
}

/// Counts a call in; the second part is the refusal if it is one too many.
pub(crate) fn admit(app: &App, caller: &Caller) -> (Seat, Option<Response>) {
    let now_s = app.clock.now_s();
    let refused = app.xero().limits.count(caller, now_s);
    let seat = Seat { app: app.clone(), tenant: caller.tenant.clone() };
    (seat, refused.map(|(problem, retry_after_s)| errors::rate_limited(problem, retry_after_s)))
}

impl Limits {
    fn count(&mut self, caller: &Caller, now_s: i64) -> Option<(&'static str, i64)> {
        let (minute, day) = (now_s.div_euclid(MINUTE_S), now_s.div_euclid(DAY_S));
        let enforced = self.enforced;
        let over = |limit: Option<u64>, used: u64| limit.is_some_and(|limit| used > limit);
        let in_app = one_more(&mut self.apps, (caller.client_id.clone(), minute));
        let left_of_minute_s = MINUTE_S - now_s.rem_euclid(MINUTE_S);
        if let Some(tenant) = &caller.tenant {
            let counted = self.tenants.entry(tenant.clone()).or_default();
            counted.n_calls += 1;
            counted.n_under_way += 1;
            counted.most_under_way = counted.most_under_way.max(counted.n_under_way);
            let (in_minute, in_day) = (one_more(&mut counted.minutes, minute), one_more(&mut counted.days, day));
            let problem = if over(enforced.concurrent, counted.n_under_way) {
                Some(("concurrent", 1))
            } else if over(enforced.day, in_day) {
                Some(("day", DAY_S - now_s.rem_euclid(DAY_S)))
            } else if over(enforced.minute, in_minute) {
                Some(("minute", left_of_minute_s))
            } else {
                None
            };
            counted.n_refused += u64::from(problem.is_some());
            if problem.is_some() {
                return problem;
            }
        }
        over(enforced.app_minute, in_app).then_some(("appminute", left_of_minute_s))
    }

    /// What is left, as the headers tell it; `/connections` has only that of the app.
    pub(crate) fn tell(&self, caller: &Caller, now_s: i64, headers: &mut HeaderMap) {
        let (minute, day) = (now_s.div_euclid(MINUTE_S), now_s.div_euclid(DAY_S));
        let mut tell = |name: &'static str, limit: u64, used: Option<&u64>| {
            let left = limit.saturating_sub(used.copied().unwrap_or_default());
            headers.insert(HeaderName::from_static(name), HeaderValue::from(left));
        };
        if let Some(counted) = caller.tenant.as_ref().and_then(|tenant| self.tenants.get(tenant)) {
            tell("x-daylimit-remaining", self.enforced.day.unwrap_or(DAY_LIMIT), counted.days.get(&day));
            tell("x-minlimit-remaining", self.enforced.minute.unwrap_or(MINUTE_LIMIT), counted.minutes.get(&minute));
        }
        let in_app = self.apps.get(&(caller.client_id.clone(), minute));
        tell("x-appminlimit-remaining", self.enforced.app_minute.unwrap_or(APP_MINUTE_LIMIT), in_app);
    }
}

/// `GET /_control/xero/limits`: the most that was ever under way and asked within a minute.
pub(crate) async fn observed(State(app): State<App>) -> Json<Value> {
    let xero = app.xero();
    let tenants: BTreeMap<&String, Value> = xero
        .limits
        .tenants
        .iter()
        .map(|(key, counted)| {
            let told = json!({
                "calls": counted.n_calls, "refused": counted.n_refused, "max_concurrent": counted.most_under_way,
                "max_per_minute": counted.minutes.values().max(), "max_per_day": counted.days.values().max(),
            });
            (key, told)
        })
        .collect();
    Json(json!({ "tenants": tenants, "max_app_per_minute": xero.limits.apps.values().max() }))
}

fn one_more<K: Eq + std::hash::Hash>(counts: &mut HashMap<K, u64>, key: K) -> u64 {
    let count = counts.entry(key).or_default();
    *count += 1;
    *count
}
