//! Reminder policies: the organisation's own under the id `default`, and those of groups and single customers.

use std::collections::{BTreeMap, BTreeSet};

use axum::{Json, Router, extract::State, routing::get};
use jiff::{Timestamp, civil::Date};
use numo_app::{configure, error::AppError, port::session::Session, store::expected::Subject, wake::Waker};
use numo_domain::{
    calendar::{Minute, SendCalendar, Window, country::HolidayCalendar},
    id::PolicyId,
    language::Language,
    money::Currency,
    policy::{
        Approval, Caps, Policy, PolicyState, Step, StepId, Tone, WhoseClock, audience::Audience, presets::Preset,
        repeat::Repeat,
    },
    template::Purpose,
};
use serde::{Deserialize, Serialize};

use crate::{
    auth::{Admin, NewId, Signed},
    etag::{IfMatch, Tagged},
    failure::Failure,
    json_body::JsonBody,
    path_of::PathOf,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/policies", get(list).post(create))
        .route("/policies/presets", get(presets))
        .route("/policies/{policy}", get(show).put(save).delete(delete))
        .route("/policies/{policy}/versions", get(versions))
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct PolicyEdit {
    based_on: u32,
    policy: PolicyForm,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct NewPolicy {
    policy: PolicyForm,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct Deletion {
    based_on: u32,
}

/// A policy without what an edit does not choose.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct PolicyForm {
    name: String,
    #[serde(default)]
    audience: Audience,
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
    #[serde(default)]
    thank_you: bool,
    #[serde(default)]
    pay_link: bool,
    #[serde(default)]
    pdf: bool,
    #[serde(default)]
    release_holds_after: Option<u8>,
    #[serde(default)]
    language: Option<Language>,
    approval: Approval,
}

const fn next_number() -> StepId {
    StepId::NEW
}

const fn three() -> u8 {
    3
}

const fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct StepForm {
    /// Missing where the step is new and takes the next number.
    #[serde(default = "next_number")]
    id: StepId,
    offset_days: i16,
    tone: Tone,
    #[serde(default)]
    text: Option<Purpose>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct CalendarForm {
    week: [Option<WindowForm>; 7],
    #[serde(default)]
    closed: BTreeSet<Date>,
    #[serde(default)]
    holidays: Option<HolidayCalendar>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    overrides: BTreeMap<Date, Option<WindowForm>>,
}

/// Hours of a day, checked where they stand so that an error names the day.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "HoursForm")]
struct WindowForm(Window);

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct HoursForm {
    start: Minute,
    end: Minute,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct CapsForm {
    gap_days: u8,
    per_seven_days: u8,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct PoliciesView {
    policies: Vec<Policy>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct VersionsView {
    versions: Vec<Policy>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct PresetsView {
    presets: Vec<PresetView>,
}

/// A policy to start from.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PresetPolicyView))]
struct PresetView {
    preset: Preset,
    policy: Policy,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct DeletedView {
    deleted: PolicyId,
}

/// The organisation's policies.
#[cfg_attr(feature = "openapi", utoipa::path(get, path = "/policies", responses((status = 200, body = PoliciesView))))]
async fn list(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<PoliciesView>, Failure> {
    let policies = state.store().policies(&session.org).await?;
    Ok(Json(PoliciesView { policies: policies.all().cloned().collect() }))
}

/// One policy.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        get, path = "/policies/{policy}",
        params(("policy" = PolicyId, Path)),
        responses((status = 200, body = Policy)),
    )
)]
async fn show(
    Signed(session): Signed,
    State(state): State<AppState>,
    PathOf(id): PathOf<PolicyId>,
) -> Result<Tagged<Policy>, Failure> {
    let policies = state.store().policies(&session.org).await?;
    let policy = policies.get(&id).cloned().ok_or_else(|| Failure::not_found("policy"))?;
    Ok(tagged(policy))
}

/// Every version that was saved, the oldest first.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        get, path = "/policies/{policy}/versions",
        params(("policy" = PolicyId, Path)),
        responses((status = 200, body = VersionsView)),
    )
)]
async fn versions(
    Signed(session): Signed,
    State(state): State<AppState>,
    PathOf(id): PathOf<PolicyId>,
) -> Result<Json<VersionsView>, Failure> {
    let versions = state.store().policy_versions(&session.org, &id).await?;
    if versions.is_empty() && !id.is_organisation_default() {
        return Err(Failure::not_found("policy"));
    }
    Ok(Json(VersionsView { versions }))
}

/// Policies to start from, in the organisation's working week.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(get, path = "/policies/presets", responses((status = 200, body = PresetsView)))
)]
async fn presets(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<PresetsView>, Failure> {
    let country = state.store().organisation(&session.org).await?.country;
    let view = |preset: Preset| PresetView { preset, policy: preset.policy(country, state.now()) };
    Ok(Json(PresetsView { presets: Preset::ALL.map(view).to_vec() }))
}

/// Makes a policy for a group or for one customer.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/policies",
        request_body = NewPolicy,
        responses((status = 200, body = Policy)),
        security(("session" = ["admin"])),
    )
)]
async fn create(
    Admin(session): Admin,
    State(state): State<AppState>,
    NewId(id): NewId,
    JsonBody(new): JsonBody<NewPolicy>,
) -> Result<Json<Policy>, Failure> {
    let id: PolicyId = id.parse().map_err(|_long| Failure::not_found("policy"))?;
    keep((state.waker(), state.now()), &session, (&id, 0), new.policy).await.map(Json)
}

/// Replaces a policy by its next version.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        put, path = "/policies/{policy}",
        params(("policy" = PolicyId, Path)),
        request_body = PolicyEdit,
        responses((status = 200, body = Policy)),
        security(("session" = ["admin"])),
    )
)]
async fn save(
    Admin(session): Admin,
    State(state): State<AppState>,
    PathOf(id): PathOf<PolicyId>,
    if_match: IfMatch,
    JsonBody(edit): JsonBody<PolicyEdit>,
) -> Result<Tagged<Policy>, Failure> {
    let waker = if_match.waker(&state, &session.org, Subject::Policy(&id));
    // Version 0 is that of a new policy, whose id the product chooses.
    match edit.based_on {
        0 => Err(Failure::not_found("policy")),
        u32::MAX => Err(AppError::Conflict("no policy has this version").into()),
        based_on => keep((&waker, state.now()), &session, (&id, based_on), edit.policy).await.map(tagged),
    }
}

async fn keep(
    (waker, now): (&Waker, Timestamp),
    session: &Session,
    (id, based_on): (&PolicyId, u32),
    form: PolicyForm,
) -> Result<Policy, Failure> {
    let policy = form.into_policy(now);
    let saved = configure::save_policy(waker, &session.org, &session.user, (id, based_on), policy, now).await;
    saved.map_err(|error| Failure::from(error).within("policy"))
}

fn tagged(policy: Policy) -> Tagged<Policy> {
    Tagged::new(u64::from(policy.version), policy)
}

/// Deletes a policy of a group or of one customer.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        delete, path = "/policies/{policy}",
        params(("policy" = PolicyId, Path)),
        request_body = Deletion,
        responses((status = 200, body = DeletedView)),
        security(("session" = ["admin"])),
    )
)]
async fn delete(
    Admin(session): Admin,
    State(state): State<AppState>,
    PathOf(id): PathOf<PolicyId>,
    if_match: IfMatch,
    JsonBody(Deletion { based_on }): JsonBody<Deletion>,
) -> Result<Json<DeletedView>, Failure> {
    let policy = (&id, based_on);
    let waker = if_match.waker(&state, &session.org, Subject::Policy(&id));
    configure::delete_policy(&waker, &session.org, &session.user, policy, state.now()).await?;
    Ok(Json(DeletedView { deleted: id }))
}

impl PolicyForm {
    /// The store gives it its id and version.
    fn into_policy(self, edited_at: Timestamp) -> Policy {
        let step = |StepForm { id, offset_days, tone, text }: StepForm| Step { id, offset_days, tone, text };
        let hours = |window: Option<WindowForm>| window.map(|WindowForm(hours)| hours);
        Policy {
            id: PolicyId::organisation_default(),
            name: self.name,
            audience: self.audience,
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
            thank_you: self.thank_you,
            pay_link: self.pay_link,
            pdf: self.pdf,
            release_holds_after: self.release_holds_after,
            language: self.language,
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
