//! What goes out on a day, and why everybody else gets nothing.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_app::{
    approve_plan::approve_plan,
    error::AppError,
    job::{Cause, Work},
    situation::situation,
    store::{
        part::{Part, Parted},
        plan::{CancelEvidence, Cancelled, PlanApproval, PlanHeader},
    },
};
use numo_domain::{
    contact::ContactRef,
    id::ConnectionId,
    plan::{brakes::Brake, decision::Decision},
};
use serde::{Deserialize, Serialize};

use crate::{
    api::{asked::QueuedView, invoices::names},
    auth::{Admin, Signed},
    failure::Failure,
    json_body::JsonBody,
    paging::Paged,
    path_of::PathOf,
    state::AppState,
    view::{
        decision::{DecisionView, ReasonView, reasons},
        names::UnitView,
    },
};

/// How far from now a plan may be looked at.
const HORIZON: SignedDuration = SignedDuration::from_hours(24 * 400);

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/plan", get(preview).post(plan_anew))
        .route("/plans/{date}", get(show))
        .route("/plans/{date}/approve", post(approve))
}

/// The plan that would be made at an instant.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct PreviewView {
    date: Date,
    sends: usize,
    skips: usize,
    decisions: Vec<DecisionView>,
    /// Where the next part of the decisions begins; none at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// The plan of a day, and what the dispatch took back of it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct PlanView {
    header: HeaderView,
    decisions: Vec<DecisionView>,
    /// Where the next part of the decisions begins; none at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    cancelled: Vec<CancelledView>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct HeaderView {
    date: Date,
    generation: u32,
    planned_at: Timestamp,
    sends: usize,
    skips: usize,
    first_at: Option<Timestamp>,
    ledgers_read_at: BTreeMap<ConnectionId, Timestamp>,
    approval: PlanApproval,
    /// Why a person has to look at it, whatever its policy says.
    questions: Vec<QuestionView>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct QuestionView {
    code: Brake,
    question: &'static str,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct CancelledView {
    unit: UnitView,
    at: Timestamp,
    reasons: Vec<ReasonView>,
    evidence: Option<CancelEvidence>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct ApprovalForm {
    generation: u32,
}

/// The plan that would be made at an instant; nothing is written.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        get, path = "/plan",
        params(crate::paging::PartQuery, ("at" = Option<Timestamp>, Query)),
        responses((status = 200, body = PreviewView)),
    )
)]
async fn preview(
    Signed(session): Signed,
    State(state): State<AppState>,
    paged: Paged,
) -> Result<Json<PreviewView>, Failure> {
    let at = instant(paged.rest(), state.now())?;
    let filter = format!("{:?}", paged.rest());
    let part = paged.part_of(&session.org, &filter)?;
    let situation = situation(state.store(), &session.org, state.now()).await?;
    let plan = situation.plan(at);
    let (sends, all) = (plan.sends(), plan.decisions.len());
    let shown = in_order(&part, plan.decisions)
        .map(|decision| DecisionView::new(&decision, plan.date, &situation.organisation, &situation.ledger.contacts));
    Ok(Json(PreviewView {
        date: plan.date,
        sends,
        skips: all - sends,
        decisions: shown.values,
        next_cursor: paged.next(&session.org, &filter, shown.next),
    }))
}

/// Plans the present day anew.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(post, path = "/plan", responses((status = 202, body = QueuedView)), security(("session" = ["admin"])))
)]
async fn plan_anew(
    Admin(session): Admin,
    State(state): State<AppState>,
) -> Result<(StatusCode, Json<QueuedView>), Failure> {
    state.waker().wake(&session.org, &Work::PlanDay {}, Cause::Person, state.now()).await?;
    Ok((StatusCode::ACCEPTED, Json(QueuedView::QUEUED)))
}

/// The plan of a day: messages that go out first.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(get, path = "/plans/{date}", params(crate::paging::PartQuery, ("date" = Date, Path)), responses((status = 200, body = PlanView)))
)]
async fn show(
    Signed(session): Signed,
    State(state): State<AppState>,
    PathOf(date): PathOf<String>,
    paged: Paged,
) -> Result<Json<PlanView>, Failure> {
    let (store, org, date) = (state.store(), &session.org, day(&date)?);
    let header = store.plan_header(org, date).await?.ok_or(AppError::NotFound("plan"))?.value;
    let version = format!("{:?}", (header.making, header.newcomers.as_ref().map(|newcomers| newcomers.making)));
    let part = paged.part_of(org, &version)?;
    let organisation = store.organisation(org).await?;
    let shown = store.plan_part(org, &header, &part).await?;
    let customers: BTreeSet<ContactRef> = shown.values.iter().map(|decision| decision.unit.contact.clone()).collect();
    let contacts = names(store, org, &customers.into_iter().collect::<Vec<_>>()).await?;
    let shown = shown.map(|decision| DecisionView::new(&decision, date, &organisation, &contacts));
    let next_cursor = paged.next(org, &version, shown.next);
    let cancelled: Vec<CancelledView> = store.cancelled_of(org, date).await?.iter().map(CancelledView::from).collect();
    Ok(Json(PlanView { header: header.into(), decisions: shown.values, next_cursor, cancelled }))
}

/// A part of decisions in the order in which they were made.
fn in_order(part: &Part, decisions: Vec<Decision>) -> Parted<Decision> {
    part.of(decisions.into_iter().enumerate().collect(), |(number, _)| format!("{number:08}"))
        .map(|(_, decision)| decision)
}

/// Approves the plan of a day, as it was looked at.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/plans/{date}/approve",
        params(("date" = Date, Path)),
        request_body = ApprovalForm,
        responses((status = 200, body = HeaderView)),
        security(("session" = ["admin"])),
    )
)]
async fn approve(
    Admin(session): Admin,
    State(state): State<AppState>,
    PathOf(date): PathOf<String>,
    JsonBody(form): JsonBody<ApprovalForm>,
) -> Result<Json<HeaderView>, Failure> {
    let date = day(&date)?;
    let header = approve_plan(state.waker(), &session.org, &session.user, date, form.generation, state.now()).await?;
    Ok(Json(header.into()))
}

/// The instant that is asked for, or now.
fn instant(asked: &[(String, String)], now: Timestamp) -> Result<Timestamp, Failure> {
    let mut at = None;
    for (name, value) in asked {
        if name != "at" || at.is_some() {
            return Err(Failure::invalid(name.as_str(), "this query takes one \"at\" beside \"limit\" and \"cursor\""));
        }
        let parsed = value.parse::<Timestamp>().ok().filter(|at| at.duration_since(now).abs() <= HORIZON);
        let Some(parsed) = parsed else {
            let message = "an instant such as 2026-11-24T06:00:00Z, at most 400 days away, is needed";
            return Err(Failure::invalid("at", message));
        };
        at = Some(parsed);
    }
    Ok(at.unwrap_or(now))
}

fn day(text: &str) -> Result<Date, Failure> {
    text.parse().map_err(|_unreadable: jiff::Error| Failure::invalid("date", "a date such as 2026-11-24 is needed"))
}

impl From<PlanHeader> for HeaderView {
    fn from(header: PlanHeader) -> Self {
        Self {
            date: header.date,
            generation: header.generation,
            planned_at: header.planned_at,
            sends: header.sends,
            skips: header.skips,
            first_at: header.first_at,
            ledgers_read_at: header.ledgers_read_at,
            approval: header.approval,
            questions: header
                .brakes
                .iter()
                .map(|brake| QuestionView { code: *brake, question: brake.question() })
                .collect(),
        }
    }
}

impl From<&Cancelled> for CancelledView {
    fn from(cancelled: &Cancelled) -> Self {
        Self {
            unit: UnitView::from(&cancelled.unit),
            at: cancelled.at,
            reasons: reasons(&cancelled.reasons),
            evidence: cancelled.evidence.clone(),
        }
    }
}
