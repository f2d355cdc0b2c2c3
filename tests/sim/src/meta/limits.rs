use std::collections::{HashMap, VecDeque};

use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::App;
use crate::meta::failures::{How, refusal};
use crate::meta::sender::Sender;
use crate::meta::state::{MetaState, Update, UpdateKind};

const SECOND_MS: i64 = 1_000;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// One message to one user in 6 seconds, of which 45 may be borrowed from the time to come (Meta: pair rate limit).
const PAIR_EVERY_MS: i64 = 6_000;
const PAIR_BORROWED: i64 = 45;

/// Codes of the limits (Meta: error codes).
const APP_LIMIT: i64 = 4;
const ACCOUNT_LIMIT: i64 = 80_007;
const TEMPLATES: i64 = 2_388_019;
const NUMBER_LIMIT: i64 = 130_429;
const PAIR_LIMIT: i64 = 131_056;

/// What is enforced; nothing, unless a test asks for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// Calls of the app in an hour, over all accounts; further ones are refused with 4.
    app_per_hour: Option<usize>,
    /// Messages of a number in a second, sent and received together; 130429.
    number_per_second: Option<usize>,
    /// Templates that an account may create in an hour; 80007.
    templates_per_hour: Option<usize>,
    /// Templates that an account may have; 2388019.
    templates_per_account: Option<usize>,
    /// Whether messages of a number to one user are too fast; 131056.
    pair: bool,
    /// The tier that numbers show, of an account's portfolio.
    tier: String,
    /// Whether the tier's number of people outside their windows in 24 hours is enforced.
    portfolio: bool,
    /// The code of a message beyond it, and how it comes: Meta documents neither.
    portfolio_code: i64,
    portfolio_how: How,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            app_per_hour: None,
            number_per_second: None,
            templates_per_hour: None,
            templates_per_account: None,
            pair: false,
            tier: String::from("TIER_2K"),
            portfolio: false,
            portfolio_code: 131_049,
            portfolio_how: How::AsStatus,
        }
    }
}

/// What was counted for the limits.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    calls_ms: VecDeque<i64>,
    numbers_ms: HashMap<String, VecDeque<i64>>,
    creations_ms: HashMap<String, VecDeque<i64>>,
    /// When each pair is even again.
    pairs_ms: HashMap<(String, String), i64>,
    /// People written to outside their windows, by account, with the time.
    people_ms: HashMap<String, HashMap<String, i64>>,
}

impl Limits {
    pub(crate) fn tier(&self) -> &str {
        &self.tier
    }

    /// People in 24 hours; none where there is no limit.
    fn people(&self) -> Option<usize> {
        let size = self.tier.strip_prefix("TIER_")?;
        match size.strip_suffix('K') {
            Some(thousands) => thousands.parse::<usize>().ok().map(|thousands| thousands * 1_000),
            None => size.parse().ok(),
        }
    }
}

impl Traffic {
    /// Counts one more, if fewer than so many happened in a span.
    fn spend(seen_ms: &mut VecDeque<i64>, now_ms: i64, span_ms: i64, most: usize) -> bool {
        while seen_ms.front().is_some_and(|at_ms| now_ms - at_ms >= span_ms) {
            seen_ms.pop_front();
        }
        let fits = seen_ms.len() < most;
        if fits {
            seen_ms.push_back(now_ms);
        }
        fits
    }

    /// A message that a number got counts for its throughput as well.
    pub(crate) fn receive(&mut self, phone_number_id: &str, now_ms: i64) {
        let seen_ms = self.numbers_ms.entry(phone_number_id.to_owned()).or_default();
        Self::spend(seen_ms, now_ms, SECOND_MS, usize::MAX);
    }
}

/// A limit that a message meets: its code, and how it comes; what fits is counted.
pub(crate) fn met(
    meta: &mut MetaState,
    sender: &Sender,
    to: &str,
    is_in_window: bool,
    now_ms: i64,
) -> Option<(i64, How)> {
    let (limits, traffic) = (&meta.limits, &mut meta.traffic);
    if let Some(most) = limits.number_per_second {
        let seen_ms = traffic.numbers_ms.entry(sender.phone_number_id.to_owned()).or_default();
        if !Traffic::spend(seen_ms, now_ms, SECOND_MS, most) {
            return Some((NUMBER_LIMIT, How::AtOnce));
        }
    }
    if limits.pair {
        let pair = (sender.phone_number_id.to_owned(), to.to_owned());
        let even_ms = traffic.pairs_ms.get(&pair).copied().unwrap_or(now_ms).max(now_ms);
        if even_ms - now_ms > (PAIR_BORROWED - 1) * PAIR_EVERY_MS {
            return Some((PAIR_LIMIT, How::AtOnce));
        }
        traffic.pairs_ms.insert(pair, even_ms + PAIR_EVERY_MS);
    }
    if !limits.portfolio || is_in_window {
        return None;
    }
    let people = traffic.people_ms.entry(sender.waba_id.to_owned()).or_default();
    people.retain(|_, at_ms| now_ms - *at_ms < DAY_MS);
    if !people.contains_key(to) && limits.people().is_some_and(|most| people.len() >= most) {
        return Some((limits.portfolio_code, limits.portfolio_how));
    }
    people.insert(to.to_owned(), now_ms);
    None
}

/// A limit that a new template meets, by its code; one that fits is counted.
pub(crate) fn met_by_template(meta: &mut MetaState, waba_id: &str, now_ms: i64) -> Option<i64> {
    let n_held = meta.templates.iter().filter(|held| held.waba_id == waba_id).count();
    if meta.limits.templates_per_account.is_some_and(|most| n_held >= most) {
        return Some(TEMPLATES);
    }
    let most = meta.limits.templates_per_hour?;
    let seen_ms = meta.traffic.creations_ms.entry(waba_id.to_owned()).or_default();
    (!Traffic::spend(seen_ms, now_ms, HOUR_MS, most)).then_some(ACCOUNT_LIMIT)
}

/// Refuses calls of the app beyond its limit; every account shares it.
pub(crate) async fn watch(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_graph = request.uri().path().starts_with("/meta/v");
    let most = app.meta().limits.app_per_hour.filter(|_| is_graph);
    if let Some(most) = most {
        let now_ms = app.clock.now_ms();
        if !Traffic::spend(&mut app.meta().traffic.calls_ms, now_ms, HOUR_MS, most) {
            return refusal(APP_LIMIT).into_response();
        }
    }
    next.run(request).await
}

/// `GET /_control/meta/limits`.
pub(crate) async fn show(State(app): State<App>) -> Json<Limits> {
    Json(app.meta().limits.clone())
}

/// `POST /_control/meta/limits`: what is enforced from now on; a new tier is told by webhook.
pub(crate) async fn set(State(app): State<App>, Json(asked): Json<Limits>) -> Json<Limits> {
    let mut meta = app.meta();
    let is_new = asked.tier != meta.limits.tier;
    meta.limits = asked.clone();
    meta.traffic = Traffic::default();
    if is_new {
        let most = asked.people().map_or(json!(-1), |most| json!(most));
        let value = json!({ "max_daily_conversations_per_business": most, "max_phone_numbers_per_business": 2 });
        let mut wabas: Vec<&str> = meta.senders.iter().map(|sender| sender.waba_id).collect();
        wabas.dedup();
        let body = json!({
            "time": app.clock.now_s(), "change": { "field": "business_capability_update", "value": value },
        });
        let told = |waba_id: &str| Update {
            waba_id: waba_id.to_owned(),
            rank: 0,
            kind: UpdateKind::Change,
            body: body.clone(),
        };
        let updates: Vec<Update> = wabas.into_iter().map(told).collect();
        meta.updates.extend(updates);
        app.wake.notify_one();
    }
    Json(asked)
}
