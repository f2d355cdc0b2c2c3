//! A reminder that a person asks for outside the plan.

use axum::{
    Json, Router,
    extract::{Query, State},
    http::StatusCode,
    routing::get,
};
use jiff::{Timestamp, civil::Date};
use numo_app::{
    error::AppError,
    send_now::{Looked, Wanted, look, send_now},
    store::{
        manual_send::{ManualSend, ManualState},
        plan::CancelEvidence,
    },
};
use numo_domain::{
    contact::ContactRef,
    id::{ConnectionId, ExternalId, ManualSendId, UserId},
    money::Currency,
    plan::decision::Unit,
};
use serde::{Deserialize, Serialize};

use crate::{
    api::asked::AskedView,
    auth::{Admin, Signed},
    failure::Failure,
    json_body::JsonBody,
    path_of::PathOf,
    state::AppState,
    view::{
        decision::{DecisionView, ReasonView, reasons},
        names::{UnitView, by_ref},
        reminder::{ReminderView, newest},
    },
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/customers/{connection}/{contact}/send-now", get(preview).post(ask))
        .route("/manual-sends/{id}", get(show))
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct WantedForm {
    id: ManualSendId,
    currency: Currency,
    /// What was shown, by its digest: anything else is never sent.
    seen: String,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct ManualSendView {
    id: ManualSendId,
    unit: UnitView,
    by: UserId,
    asked_at: Timestamp,
    date: Date,
    state: &'static str,
    /// Why it was not sent.
    reasons: Vec<ReasonView>,
    evidence: Option<CancelEvidence>,
    /// What went out.
    reminder: Option<ReminderView>,
}

/// What would be sent, and whether it may.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct LookView {
    /// As in a plan; none where nothing is open.
    decision: Option<DecisionView>,
    /// The digest of what is shown, which whoever asks for it names; none where nothing is open.
    seen: Option<String>,
    is_allowed: bool,
    /// From when on it may be sent, where nothing but time stands in the way.
    next_at: Option<Timestamp>,
}

/// What a person who asks now would get; nothing is written.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        get, path = "/customers/{connection}/{contact}/send-now",
        params(("connection" = ConnectionId, Path), ("contact" = ExternalId, Path), ("currency" = Currency, Query)),
        responses((status = 200, body = LookView)),
    )
)]
async fn preview(
    Signed(session): Signed,
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Json<LookView>, Failure> {
    let unit = Unit { contact: ContactRef { connection, contact }, currency: currency(&asked)? };
    let looked = look(state.store(), &session.org, &unit, state.now()).await?;
    let seen = looked.digest();
    let Looked { situation, decision } = looked;
    let date = situation.organisation.zone.date(state.now());
    let shown = decision
        .as_ref()
        .map(|looked| DecisionView::new(&looked.decision, date, &situation.organisation, &situation.ledger.contacts));
    let (is_allowed, next_at) = decision.map_or((false, None), |looked| (looked.is_allowed(), looked.next_at));
    Ok(Json(LookView { decision: shown, seen, is_allowed, next_at }))
}

/// Sends the reminder that was looked at.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/customers/{connection}/{contact}/send-now",
        params(("connection" = ConnectionId, Path), ("contact" = ExternalId, Path)),
        request_body = WantedForm,
        responses((status = 202, body = AskedView<ManualSendId>)),
        security(("session" = ["admin"])),
    )
)]
async fn ask(
    Admin(session): Admin,
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
    JsonBody(form): JsonBody<WantedForm>,
) -> Result<(StatusCode, Json<AskedView<ManualSendId>>), Failure> {
    let WantedForm { id, currency, seen } = form;
    let unit = Unit { contact: ContactRef { connection, contact }, currency };
    let wanted = Wanted { id, unit, seen };
    send_now(state.waker(), &session.org, &session.user, &wanted, state.now()).await?;
    Ok((StatusCode::ACCEPTED, Json(AskedView { id })))
}

/// What became of a reminder that was asked for.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        get, path = "/manual-sends/{id}",
        params(("id" = ManualSendId, Path)),
        responses((status = 200, body = ManualSendView)),
    )
)]
async fn show(
    Signed(session): Signed,
    State(state): State<AppState>,
    PathOf(id): PathOf<ManualSendId>,
) -> Result<Json<ManualSendView>, Failure> {
    let (store, org) = (state.store(), &session.org);
    let asked = store.manual_send(org, id).await?.ok_or(AppError::NotFound("manual send"))?.value;
    let reminders = match asked.state {
        ManualState::Claimed => store.reminders_by_key(org, &[asked.send.reminder_key(&asked.unit)]).await?,
        ManualState::Waiting | ManualState::Refused { .. } | ManualState::Lapsed => Vec::new(),
    };
    let contacts = store.contacts_by_ref(org, std::slice::from_ref(&asked.unit.contact)).await?;
    let contacts = by_ref(contacts.into_iter().map(|stored| stored.value).collect());
    let shown = newest(store, org, (reminders, 1), &contacts).await?.pop();
    Ok(Json(ManualSendView::new(asked, shown)))
}

/// The one currency that is asked for.
fn currency(asked: &[(String, String)]) -> Result<Currency, Failure> {
    let [(name, value)] = asked else {
        return Err(Failure::invalid("currency", "this query takes one \"currency\" and nothing else"));
    };
    let parsed = if name == "currency" { value.parse().ok() } else { None };
    parsed.ok_or_else(|| Failure::invalid(name.as_str(), "a currency such as AED is needed"))
}

impl ManualSendView {
    fn new(asked: ManualSend, reminder: Option<ReminderView>) -> Self {
        let (said, evidence) = match &asked.state {
            ManualState::Refused { reasons: said, evidence } => (reasons(said), evidence.clone()),
            ManualState::Waiting | ManualState::Claimed | ManualState::Lapsed => (Vec::new(), None),
        };
        Self {
            id: asked.id,
            unit: UnitView::from(&asked.unit),
            by: asked.by,
            asked_at: asked.asked_at,
            date: asked.date,
            state: asked.state.name(),
            reasons: said,
            evidence,
            reminder,
        }
    }
}
