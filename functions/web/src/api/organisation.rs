//! The organisation's profile, and pausing everything.

use axum::{
    Router,
    extract::State,
    routing::{get, put},
};
use jiff::{Timestamp, civil::Date};
use numo_app::{
    configure::{self, Sending},
    messaging_gate::pause_of,
    store::expected::Subject,
};
use numo_domain::{
    calendar::Zone,
    id::OrgId,
    language::Language,
    money::Currency,
    organisation::{Organisation, PausedBy},
    phone::CountryCode,
    plan::caps::RAMP_PER_DAY,
};
use serde::{Deserialize, Serialize};

use crate::{
    auth::{Admin, Signed},
    etag::{IfMatch, Tagged},
    failure::Failure,
    json_body::JsonBody,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/organisation", get(show))
        .route("/organisation/pause", put(pause))
        .route("/organisation/ramp", put(ramp))
        .route("/organisation/pace", put(pace))
        .route("/organisation/language", put(language))
        .route("/organisation/explicit-opt-in-only", put(explicit_opt_in_only))
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct OrganisationView {
    id: OrgId,
    name: String,
    zone: Zone,
    country: Option<CountryCode>,
    base_currency: Option<Currency>,
    paused: bool,
    /// Who may end it.
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_by: Option<&'static str>,
    /// The first day on which everything goes on by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_until: Option<Date>,
    ramp_per_day: u32,
    /// Messages in ten minutes; none for as fast as the number sends.
    per_ten_minutes: Option<u32>,
    language: Language,
    attestation: Option<AttestationView>,
    explicit_opt_in_only: bool,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = AttestationSummary))]
struct AttestationView {
    version: u16,
    at: Timestamp,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct RampForm {
    per_day: u32,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct PaceForm {
    #[serde(deserialize_with = "Option::deserialize")]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    per_ten_minutes: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct LanguageForm {
    language: Language,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct ExplicitOptInOnlyForm {
    explicit_opt_in_only: bool,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct PauseForm {
    paused: bool,
    /// The first day on which everything goes on by itself.
    #[serde(default)]
    until: Option<Date>,
}

/// The organisation.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(get, path = "/organisation", responses((status = 200, body = OrganisationView)))
)]
async fn show(Signed(session): Signed, State(state): State<AppState>) -> Result<Tagged<OrganisationView>, Failure> {
    let (organisation, revision) = state.store().revised_organisation(&session.org).await?;
    Ok(Tagged::new(revision, OrganisationView::new(&state, organisation).await?))
}

/// Open to members too: whoever sees something going wrong may stop it.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        put, path = "/organisation/pause",
        request_body = PauseForm,
        responses((status = 200, body = OrganisationView)),
    )
)]
async fn pause(
    Signed(session): Signed,
    State(state): State<AppState>,
    if_match: IfMatch,
    JsonBody(form): JsonBody<PauseForm>,
) -> Result<Tagged<OrganisationView>, Failure> {
    let sending = match (form.paused, form.until) {
        (true, until) => Sending::Pause { until },
        (false, None) => Sending::Resume,
        (false, Some(_)) => return Err(Failure::invalid("until", "only a pause has an end")),
    };
    let waker = if_match.waker(&state, &session.org, Subject::Organisation);
    configure::pause(&waker, &session.org, &session.user, sending, state.now()).await?;
    show(Signed(session), State(state)).await
}

/// How many numbers may be written to for the first time on one day.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        put, path = "/organisation/ramp",
        request_body = RampForm,
        responses((status = 200, body = OrganisationView)),
        security(("session" = ["admin"])),
    )
)]
async fn ramp(
    Admin(session): Admin,
    State(state): State<AppState>,
    if_match: IfMatch,
    JsonBody(form): JsonBody<RampForm>,
) -> Result<Tagged<OrganisationView>, Failure> {
    let (waker, now) = (if_match.waker(&state, &session.org, Subject::Organisation), state.now());
    configure::set_ramp(&waker, &session.org, &session.user, form.per_day, now).await?;
    show(Signed(session), State(state)).await
}

/// How many messages go out in ten minutes.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        put, path = "/organisation/pace",
        request_body = PaceForm,
        responses((status = 200, body = OrganisationView)),
        security(("session" = ["admin"])),
    )
)]
async fn pace(
    Admin(session): Admin,
    State(state): State<AppState>,
    if_match: IfMatch,
    JsonBody(form): JsonBody<PaceForm>,
) -> Result<Tagged<OrganisationView>, Failure> {
    let (waker, now) = (if_match.waker(&state, &session.org, Subject::Organisation), state.now());
    configure::set_pace(&waker, &session.org, &session.user, form.per_ten_minutes, now).await?;
    show(Signed(session), State(state)).await
}

/// The language of messages, where neither customer nor policy has one.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        put, path = "/organisation/language",
        request_body = LanguageForm,
        responses((status = 200, body = OrganisationView)),
        security(("session" = ["admin"])),
    )
)]
async fn language(
    Admin(session): Admin,
    State(state): State<AppState>,
    if_match: IfMatch,
    JsonBody(form): JsonBody<LanguageForm>,
) -> Result<Tagged<OrganisationView>, Failure> {
    let (waker, now) = (if_match.waker(&state, &session.org, Subject::Organisation), state.now());
    configure::set_language(&waker, &session.org, &session.user, form.language, now).await?;
    show(Signed(session), State(state)).await
}

/// Whether customers are written to only after an explicit opt-in, whatever the attestation says.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        put, path = "/organisation/explicit-opt-in-only",
        request_body = ExplicitOptInOnlyForm,
        responses((status = 200, body = OrganisationView)),
        security(("session" = ["admin"])),
    )
)]
async fn explicit_opt_in_only(
    Admin(session): Admin,
    State(state): State<AppState>,
    if_match: IfMatch,
    JsonBody(form): JsonBody<ExplicitOptInOnlyForm>,
) -> Result<Tagged<OrganisationView>, Failure> {
    let (waker, now) = (if_match.waker(&state, &session.org, Subject::Organisation), state.now());
    let ExplicitOptInOnlyForm { explicit_opt_in_only: only } = form;
    configure::set_explicit_opt_in_only(&waker, &session.org, &session.user, only, now).await?;
    show(Signed(session), State(state)).await
}

impl OrganisationView {
    async fn new(state: &AppState, organisation: Organisation) -> Result<Self, Failure> {
        let today = organisation.zone.date(state.now());
        let pause = pause_of(state.store(), &organisation, today).await?;
        Ok(Self {
            id: organisation.id,
            name: organisation.name,
            zone: organisation.zone,
            country: organisation.country,
            base_currency: organisation.base_currency,
            paused: pause.is_some(),
            paused_by: pause.as_ref().map(|pause| match pause.by {
                PausedBy::Member(_) => "member",
                PausedBy::Operator => "operator",
            }),
            paused_until: pause.and_then(|pause| pause.until),
            language: organisation.language,
            ramp_per_day: organisation.ramp_per_day.unwrap_or(RAMP_PER_DAY),
            per_ten_minutes: organisation.per_ten_minutes,
            attestation: organisation.attestation.map(|given| AttestationView { version: given.version, at: given.at }),
            explicit_opt_in_only: organisation.explicit_opt_in_only,
        })
    }
}
