//! Ending the account: what it means, and how far it came.

use jiff::Timestamp;
use numo_app::{
    erase_organisation::certificate_code,
    error::AppError,
    store::erasure::organisation::{ErasureBy, ErasureStage, OrganisationErasure},
};
use numo_domain::id::UserId;
use serde::Serialize;

use crate::state::AppState;

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
    "the organisation's id for 35 days after the end, so that nothing of it comes back, not even from a backup, and as long its consents and reminders by hand as keyed hashes, ids and amounts",
    "backups of the last 30 days, and logs of the last 30 days, which have ids alone",
    "everything in the accounting systems and at WhatsApp itself: it is not ours to change",
];

/// What ending the account means, and how far it came.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) struct OrganisationErasureView {
    pub(crate) state: ErasureState,
    /// Since when nothing goes out.
    pub(crate) asked_at: Option<Timestamp>,
    /// The member who asked; none where the organisation was deleted at Clerk, or operators were asked.
    pub(crate) asked_by: Option<UserId>,
    /// Until when it can be withdrawn.
    pub(crate) begins_at: Option<Timestamp>,
    /// Where the certificate is, once everything is gone.
    pub(crate) certificate: Option<String>,
    pub(crate) deletes: Vec<&'static str>,
    pub(crate) keeps: Vec<&'static str>,
}

/// How far it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum ErasureState {
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
    /// What is known of it.
    pub(crate) fn new(state: &AppState, erasure: Option<OrganisationErasure>) -> Result<Self, AppError> {
        let (deletes, keeps) = (DELETES.to_vec(), KEEPS.to_vec());
        let Some(erasure) = erasure else {
            let (asked_at, asked_by, begins_at, certificate) = (None, None, None, None);
            let state = ErasureState::None;
            return Ok(Self { state, asked_at, asked_by, begins_at, certificate, deletes, keeps });
        };
        let code = certificate_code(state.number_keys(), &erasure)?;
        Ok(Self {
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
        })
    }
}
