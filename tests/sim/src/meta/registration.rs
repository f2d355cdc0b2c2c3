use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::answer::{self, Refusal};
use crate::app::App;
use crate::field::Field as _;
use crate::meta::{codes, description, errors};

/// Requests to register or to deregister that one number may make in 72 hours (Meta: registration).
const MOST_REQUESTS: usize = 10;
const REQUEST_WINDOW_MS: i64 = 72 * 3600 * 1000;

/// Wrong PINs before Meta takes no more of them.
const MOST_WRONG_PINS: u32 = 5;

/// A number that was given up cannot be registered for this long.
const REST_MS: i64 = 5 * 60 * 1000;

/// How a number stands at the Cloud API.
#[derive(Debug, Clone)]
pub(crate) struct Registration {
    state: Standing,
    /// The two-step PIN, if one is set.
    pin: Option<String>,
    is_verified: bool,
    wrong_pins: u32,
    registers_ms: Vec<i64>,
    deregisters_ms: Vec<i64>,
    /// Successful registrations, which a test counts.
    n_done: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Nobody registered it.
    Open,
    /// It sends by the Cloud API.
    Done,
    /// It is in the WhatsApp Business app as well, and registered from there.
    OnPhoneApp,
    /// It was given up at a time.
    GivenUp { at_ms: i64 },
}

impl Registration {
    pub(crate) fn done() -> Self {
        Self::of(Standing::Done, None)
    }

    pub(crate) fn on_phone_app() -> Self {
        Self::of(Standing::OnPhoneApp, None)
    }

    pub(crate) fn open(pin: Option<&str>) -> Self {
        Self::of(Standing::Open, pin.map(str::to_owned))
    }

    fn of(state: Standing, pin: Option<String>) -> Self {
        let (registers_ms, deregisters_ms) = (Vec::new(), Vec::new());
        Self { state, pin, is_verified: true, wrong_pins: 0, registers_ms, deregisters_ms, n_done: 0 }
    }

    pub(crate) const fn is_done(&self) -> bool {
        matches!(self.state, Standing::Done | Standing::OnPhoneApp)
    }

    /// The fields of the phone object that follow from it.
    pub(crate) fn show(&self, phone: &mut Value) {
        let (status, platform) = match self.state {
            Standing::Done | Standing::OnPhoneApp => ("CONNECTED", "CLOUD_API"),
            Standing::Open => ("PENDING", "NOT_APPLICABLE"),
            Standing::GivenUp { .. } => ("DISCONNECTED", "NOT_APPLICABLE"),
        };
        let verification = if self.is_verified { "VERIFIED" } else { "NOT_VERIFIED" };
        phone.put("status", json!(status));
        phone.put("platform_type", json!(platform));
        phone.put("code_verification_status", json!(verification));
        phone.put("is_on_biz_app", json!(self.state == Standing::OnPhoneApp));
        phone.put("is_pin_enabled", json!(self.pin.is_some() || self.state == Standing::Done));
    }

    /// What a test sets: `pin`, `is_verified`.
    pub(crate) fn set(&mut self, asked: &Value) {
        if let Some(pin) = asked.at("pin").as_str() {
            self.pin = Some(pin.to_owned());
        }
        self.is_verified = asked.at("is_verified").as_bool().unwrap_or(self.is_verified);
    }

    /// What a test may know.
    pub(crate) fn look(&self) -> Value {
        json!({ "registered": self.is_done(), "registrations": self.n_done, "has_pin": self.pin.is_some() })
    }

    fn register(&mut self, pin: &str, now_ms: i64) -> Result<(), Refusal> {
        spend(&mut self.registers_ms, now_ms)?;
        match self.state {
            Standing::OnPhoneApp => {
                return Err(errors::invalid_parameter("The number is registered by the WhatsApp Business app."));
            }
            Standing::GivenUp { at_ms } if now_ms - at_ms < REST_MS => return Err(refused(133_015)),
            Standing::Open | Standing::Done | Standing::GivenUp { .. } => {}
        }
        if !self.is_verified {
            return Err(refused(133_006));
        }
        if self.wrong_pins >= MOST_WRONG_PINS {
            return Err(refused(133_008));
        }
        if self.pin.as_deref().is_some_and(|set| set != pin) {
            self.wrong_pins += 1;
            return Err(refused(133_005));
        }
        (self.state, self.pin, self.wrong_pins) = (Standing::Done, Some(pin.to_owned()), 0);
        self.n_done += 1;
        Ok(())
    }

    fn deregister(&mut self, now_ms: i64) -> Result<(), Refusal> {
        spend(&mut self.deregisters_ms, now_ms)?;
        if self.state != Standing::Done {
            return Err(errors::invalid_parameter("The number cannot be deregistered."));
        }
        self.state = Standing::GivenUp { at_ms: now_ms };
        Ok(())
    }
}

/// `POST /{phone_number_id}/register`.
pub(crate) async fn register(
    State(app): State<App>,
    headers: HeaderMap,
    Path((_version, id)): Path<(String, String)>,
    Json(asked): Json<Value>,
) -> Response {
    let pin = asked.at("pin").as_str().unwrap_or_default();
    let is_pin = pin.len() == 6 && pin.bytes().all(|byte| byte.is_ascii_digit());
    if let Err(refusal) = description::check(&app, "registration", &asked) {
        return refusal.into_response();
    }
    if !is_pin {
        return errors::invalid_parameter("Invalid PIN format. PIN must be exactly 6 digits").into_response();
    }
    change(&app, &headers, &id, |registration, now_ms| registration.register(pin, now_ms))
}

/// `POST /{phone_number_id}/deregister`.
pub(crate) async fn deregister(
    State(app): State<App>,
    headers: HeaderMap,
    Path((_version, id)): Path<(String, String)>,
) -> Response {
    change(&app, &headers, &id, Registration::deregister)
}

fn change(
    app: &App,
    headers: &HeaderMap,
    id: &str,
    change: impl FnOnce(&mut Registration, i64) -> Result<(), Refusal>,
) -> Response {
    if let Err(refusal) = errors::number(app, headers, id) {
        return refusal.into_response();
    }
    let (mut meta, now_ms) = (app.meta(), app.clock.now_ms());
    let number = meta.senders.iter_mut().find(|sender| sender.phone_number_id == id);
    match number.map_or(Ok(()), |number| change(&mut number.registration, now_ms)) {
        Ok(()) => answer::json(200, json!({ "success": true })),
        Err(refusal) => refusal.into_response(),
    }
}

/// Counts a request, if the number may still make one.
fn spend(requests_ms: &mut Vec<i64>, now_ms: i64) -> Result<(), Refusal> {
    requests_ms.retain(|at_ms| now_ms - at_ms < REQUEST_WINDOW_MS);
    if requests_ms.len() >= MOST_REQUESTS {
        return Err(refused(133_016));
    }
    requests_ms.push(now_ms);
    Ok(())
}

fn refused(code: i64) -> Refusal {
    errors::graph(400, code, codes::title(code), "Refused by the simulator as Meta documents it.")
}
