//! The organisation's reminder policy.

use std::collections::{BTreeMap, BTreeSet};

use axum::{Json, Router, extract::State, routing::get};
use jiff::{Timestamp, civil::Date};
use numo_app::{configure, error::AppError};
use numo_domain::{
    calendar::{Minute, SendCalendar, Window, country::HolidayCalendar},
    money::Currency,
    policy::{
        Approval, Caps, Policy, PolicyState, Step, StepId, Tone, WhoseClock, audience::Audience, presets::Preset,
        repeat::Repeat,
    },
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    auth::{Admin, Signed},
    failure::Failure,
    json_body::JsonBody,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/policy", get(show).put(save)).route("/policy/presets", get(presets))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyEdit {
    based_on: u32,
    policy: PolicyForm,
}

/// A policy without what an edit does not choose.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyForm {
    name: String,
    state: PolicyState,
    steps: Vec<StepForm>,
    #[serde(default)]
    repeat: Option<Repeat>,
    calendar: CalendarForm,
    #[serde(default)]
    clock: WhoseClock,
    caps: CapsForm,
    #[serde(default)]
    minimum_total: BTreeMap<Currency, i64>,
    #[serde(default = "three")]
    catch_up_days: u8,
    #[serde(default)]
    only_marked_sent: bool,
    #[serde(default = "yes")]
    hold_when_we_owe: bool,
    approval: Approval,
}

const fn three() -> u8 {
    3
}

const fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepForm {
    id: StepId,
    offset_days: i16,
    tone: Tone,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarForm {
    week: [Option<WindowForm>; 7],
    #[serde(default)]
    closed: BTreeSet<Date>,
    #[serde(default)]
    holidays: Option<HolidayCalendar>,
    #[serde(default)]
    overrides: BTreeMap<Date, Option<WindowForm>>,
}

/// Hours of a day, checked where they stand so that an error names the day.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "HoursForm")]
struct WindowForm(Window);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HoursForm {
    start: Minute,
    end: Minute,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CapsForm {
    gap_days: u8,
    per_seven_days: u8,
}

async fn show(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<Policy>, Failure> {
    Ok(Json(state.store().policies(&session.org).await?.organisation_default))
}

/// Policies to start from, in the organisation's working week.
async fn presets(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<Value>, Failure> {
    let country = state.store().organisation(&session.org).await?.country;
    let presets = Preset::ALL.map(|preset| json!({"preset": preset, "policy": preset.policy(country, state.now())}));
    Ok(Json(json!({"presets": presets})))
}

async fn save(
    Admin(session): Admin,
    State(state): State<AppState>,
    JsonBody(edit): JsonBody<PolicyEdit>,
) -> Result<Json<Policy>, Failure> {
    if edit.based_on == u32::MAX {
        return Err(AppError::Conflict("no policy has this version").into());
    }
    let now = state.now();
    let policy = edit.policy.into_policy(now);
    let saved = configure::save_policy(state.waker(), &session.org, &session.user, edit.based_on, policy, now)
        .await
        .map_err(|error| Failure::from(error).within("policy"))?;
    Ok(Json(saved))
}

impl PolicyForm {
    /// The store gives it its version.
    fn into_policy(self, edited_at: Timestamp) -> Policy {
        let step = |step: StepForm| Step { id: step.id, offset_days: step.offset_days, tone: step.tone };
        let hours = |window: Option<WindowForm>| window.map(|WindowForm(hours)| hours);
        Policy {
            name: self.name,
            audience: Audience::Organisation,
            version: 0,
            state: self.state,
            steps: self.steps.into_iter().map(step).collect(),
            calendar: SendCalendar {
                week: self.calendar.week.map(hours),
                closed: self.calendar.closed,
                holidays: self.calendar.holidays,
                overrides: self.calendar.overrides.into_iter().map(|(date, window)| (date, hours(window))).collect(),
            },
            repeat: self.repeat,
            clock: self.clock,
            catch_up_days: self.catch_up_days,
            only_marked_sent: self.only_marked_sent,
            hold_when_we_owe: self.hold_when_we_owe,
            active_since: None,
            caps: Caps { gap_days: self.caps.gap_days, per_seven_days: self.caps.per_seven_days },
            minimum_total: self.minimum_total,
            approval: self.approval,
            highest_step: 0,
            edited_at,
        }
    }
}

impl TryFrom<HoursForm> for WindowForm {
    type Error = numo_domain::calendar::InvalidWindow;

    fn try_from(hours: HoursForm) -> Result<Self, Self::Error> {
        Window::new(hours.start, hours.end).map(Self)
    }
}
