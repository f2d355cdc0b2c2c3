//! Pay pages and PDFs that were fetched once, kept for as long as they are good.

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::{ConnectionId, ExternalId, OrgId};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    store::{Entity, Store, keys},
};

/// The pay page of an invoice as it was fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptPayLink {
    /// Its address; nothing when the business has no such page for it.
    pub url: Option<String>,
    /// To be asked for again from here on.
    pub good_until: Timestamp,
}

impl Entity for KeptPayLink {
    const ENTITY: &'static str = "pay_link";
}

/// The PDF of an invoice as it was fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptPdf {
    /// The state of the invoice that it shows.
    pub invoice_updated_at: Timestamp,
    /// The file, base64.
    pub file: String,
    /// To be fetched again from here on.
    pub good_until: Timestamp,
}

impl Entity for KeptPdf {
    const ENTITY: &'static str = "invoice_pdf";
}

/// The table drops a document this long after it was good.
const LINGERS: SignedDuration = SignedDuration::from_hours(24);

impl Store {
    pub(crate) async fn pay_link(
        &self,
        org: &OrgId,
        connection: ConnectionId,
        invoice: &ExternalId,
    ) -> Result<Option<KeptPayLink>, AppError> {
        Ok(self.read(&keys::pay_link(org, connection, invoice)).await?.map(|stored| stored.value))
    }

    pub(crate) async fn keep_pay_link(
        &self,
        org: &OrgId,
        connection: ConnectionId,
        invoice: &ExternalId,
        link: &KeptPayLink,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let expires_at = link.good_until.saturating_add(LINGERS).ok();
        self.put_until(keys::pay_link(org, connection, invoice), link, expires_at, now).await
    }

    pub(crate) async fn pdf(
        &self,
        org: &OrgId,
        connection: ConnectionId,
        invoice: &ExternalId,
    ) -> Result<Option<KeptPdf>, AppError> {
        Ok(self.read(&keys::invoice_pdf(org, connection, invoice)).await?.map(|stored| stored.value))
    }

    pub(crate) async fn keep_pdf(
        &self,
        org: &OrgId,
        connection: ConnectionId,
        invoice: &ExternalId,
        pdf: &KeptPdf,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let expires_at = pdf.good_until.saturating_add(LINGERS).ok();
        self.put_until(keys::invoice_pdf(org, connection, invoice), pdf, expires_at, now).await
    }
}
