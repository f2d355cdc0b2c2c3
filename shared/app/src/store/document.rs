//! Pay pages and PDFs that were fetched once, kept for as long as they are good.

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::{ConnectionId, ExternalId, OrgId};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    store::{Entity, Store, Stored, keys, new_item},
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
        self.put_until(keys::pay_link(org, connection, invoice), link, link.good_until, now).await
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
        self.put_until(keys::invoice_pdf(org, connection, invoice), pdf, pdf.good_until, now).await
    }

    /// A lost race leaves the other's document, which is as good.
    async fn put_until<T: Entity>(
        &self,
        key: crate::port::table::Key,
        value: &T,
        good_until: Timestamp,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let seen: Option<Stored<T>> = self.read(&key).await?;
        let mut item = new_item(key, value, now)?;
        item.expires_at = good_until.saturating_add(LINGERS).ok();
        match seen {
            None => self.create_item(item).await.map(|_| ()),
            Some(seen) => {
                item.rev = seen.rev + 1;
                item.created_at = seen.created_at;
                self.replace_item(item).await.map(|_| ())
            }
        }
    }
}
