use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use serde_json::{Value, json};

use crate::app::App;
use crate::field::Field as _;

const MS_PER_SECOND: i64 = 1000;

/// The wall clock, until a test stops it, plus what the tests have moved it by.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    ahead_ms: AtomicI64,
    /// Where it was stopped; it runs while there is none.
    stopped_ms: OnceLock<i64>,
}

impl Clock {
    pub(crate) fn now_ms(&self) -> i64 {
        let base_ms = self.stopped_ms.get().copied().unwrap_or_else(wall_ms);
        base_ms.saturating_add(self.ahead_ms.load(Ordering::SeqCst))
    }

    /// From now on only tests move it.
    pub(crate) fn stop(&self) {
        self.stopped_ms.get_or_init(wall_ms);
    }

    pub(crate) fn now_s(&self) -> i64 {
        self.now_ms() / MS_PER_SECOND
    }

    pub(crate) fn advance_seconds(&self, seconds: i64) {
        self.ahead_ms.fetch_add(seconds.saturating_mul(MS_PER_SECOND), Ordering::SeqCst);
    }

    pub(crate) fn dubai_date(&self) -> Date {
        Self::dubai_date_of(self.now_ms())
    }

    /// Dubai is four hours ahead of UTC all year.
    pub(crate) fn dubai_date_of(at_ms: i64) -> Date {
        let zone = TimeZone::fixed(Offset::constant(4));
        Timestamp::from_millisecond(at_ms).unwrap_or_default().to_zoned_datetime(zone).date()
    }
}

fn wall_ms() -> i64 {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(wall.as_millis()).unwrap_or(i64::MAX)
}

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/_control/clock", get(read)).route("/_control/clock", post(advance))
}

async fn read(State(app): State<App>) -> Json<Value> {
    Json(json!({ "now_ms": app.clock.now_ms() }))
}

async fn advance(State(app): State<App>, Json(body): Json<Value>) -> Json<Value> {
    app.clock.advance_seconds(body.at("advance_s").as_i64().unwrap_or_default());
    Json(json!({ "now_ms": app.clock.now_ms() }))
}
