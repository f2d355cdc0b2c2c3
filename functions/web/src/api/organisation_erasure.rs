//! Ending the account: everything of the organisation is erased, after some days in which that can be withdrawn.

use axum::{Json, Router, extract::State, routing::get};
use jiff::Timestamp;
use numo_app::{
    erase_organisation::{ask, certificate_code, withdraw},
    store::erasure::organisation::{ErasureBy, ErasureStage, OrganisationErasure},
};
use numo_domain::id::UserId;
use serde::{Deserialize, Serialize};

use crate::{
    auth::{Admin, PresentAdmin, Signed},
    failure::Failure,
    json_body::JsonBody,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/organisation/erasure", get(show).post(erase).delete(take_back))
}

/// What is deleted, in words for whoever asks for it.
const DELETES: [&str; 5] = [
    "everything that the ledgers told: customers, invoices, credits, bills and payments, with pay links and PDFs",
    "every message and conversation, every plan, policy, consent and opt-out, and the whole activity log",
    "the links to Xero, QuickBooks and WhatsApp, which end at the providers too, and every token",
    "what members entered: numbers of their own, and who is mailed",
    "at last the organisation at Clerk, with its memberships",
];

/// What is kept all the same, for how long and why.
const KEEPS: [&str; 4] = [
    "a certificate with a keyed hash of the organisation, times and counts, for three years",
    "the organisation's id for 35 days after the end, so that nothing of it comes back, not even from a backup",
    "backups of the last 30 days, and logs of the last 30 days, which have ids alone",
    "everything in the accounting systems and at WhatsApp itself: it is not ours to change",
];

/// What ending the account means, and how far it came.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct OrganisationErasureView {
    state: ErasureState,
    /// Since when nothing goes out.
    asked_at: Option<Timestamp>,
    /// The member who asked; none where the organisation was deleted at Clerk, or operators were asked.
    asked_by: Option<UserId>,
    /// Until when it can be withdrawn.
    begins_at: Option<Timestamp>,
    /// Where the certificate is, once everything is gone.
    certificate: Option<String>,
    deletes: Vec<&'static str>,
    keeps: Vec<&'static str>,
}

/// How far it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
enum ErasureState {
    /// Nobody asked for it.
    None,
    /// It can be withdrawn.
    Asked,
    /// It cannot be withdrawn any more.
    UnderWay,
    /// Everything is gone.
    Done,
}

impl OrganisationErasureView {
    fn new(state: &AppState, erasure: Option<OrganisationErasure>) -> Result<Json<Self>, Failure> {
        let (deletes, keeps) = (DELETES.to_vec(), KEEPS.to_vec());
        let Some(erasure) = erasure else {
            let (asked_at, asked_by, begins_at, certificate) = (None, None, None, None);
            let state = ErasureState::None;
            return Ok(Json(Self { state, asked_at, asked_by, begins_at, certificate, deletes, keeps }));
        };
        let code = certificate_code(state.number_keys(), &erasure)?;
        Ok(Json(Self {
            state: match erasure.stage {
                ErasureStage::Asked => ErasureState::Asked,
                ErasureStage::Disconnecting { .. } | ErasureStage::Erasing { .. } | ErasureStage::Sweeping { .. } => {
                    ErasureState::UnderWay
                }
                ErasureStage::LeavingClerk { .. } | ErasureStage::Done { .. } => ErasureState::Done,
            },
            asked_at: Some(erasure.asked_at),
            asked_by: match erasure.by {
                ErasureBy::Admin(user) => Some(user),
                ErasureBy::Operator(_) | ErasureBy::Clerk => None,
            },
            begins_at: Some(erasure.begins_at),
            certificate: Some(format!("{}/data-deletion/{code}", state.site.base())),
            deletes,
            keeps,
        }))
    }
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct OrganisationErasureForm {
    /// The organisation's name as it is shown, or its id.
    confirm: String,
}

/// What ending the account deletes and keeps, and how far it came.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(get, path = "/organisation/erasure", responses((status = 200, body = OrganisationErasureView)))
)]
async fn show(
    Signed(session): Signed,
    State(state): State<AppState>,
) -> Result<Json<OrganisationErasureView>, Failure> {
    let erasure = state.store().organisation_erasure(&session.org).await?;
    OrganisationErasureView::new(&state, erasure.map(|seen| seen.value))
}

/// Ends the account: nothing goes out from now on, and after seven days everything is erased.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/organisation/erasure",
        request_body = OrganisationErasureForm,
        responses((status = 200, body = OrganisationErasureView)),
        security(("session" = ["admin"])),
    )
)]
async fn erase(
    PresentAdmin(session): PresentAdmin,
    State(state): State<AppState>,
    JsonBody(form): JsonBody<OrganisationErasureForm>,
) -> Result<Json<OrganisationErasureView>, Failure> {
    let erasure = ask(state.waker(), (&session.org, &session.user), &form.confirm, state.now()).await?;
    OrganisationErasureView::new(&state, Some(erasure))
}

/// Takes it back before it has begun; sending stays paused until somebody goes on.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        delete, path = "/organisation/erasure",
        responses((status = 200, body = OrganisationErasureView)),
        security(("session" = ["admin"])),
    )
)]
async fn take_back(
    Admin(session): Admin,
    State(state): State<AppState>,
) -> Result<Json<OrganisationErasureView>, Failure> {
    withdraw(state.waker(), (&session.org, &session.user), state.now()).await?;
    OrganisationErasureView::new(&state, None)
}
