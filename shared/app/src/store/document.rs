//! Pay pages that were fetched once, and PDFs that Meta has, kept for as long as they are good.

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::{ConnectionId, ExternalId, MediaId, OrgId, PhoneNumberId};
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

/// The PDF of an invoice that Meta has of a number.
///
/// The file itself is not kept: it is larger than anything else in the table, and nobody reads it twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GivenPdf {
    /// The state of the invoice that it shows.
    pub invoice_updated_at: Timestamp,
    /// Meta's id of it.
    pub media: MediaId,
    /// To be given again from here on.
    pub good_until: Timestamp,
}

impl Entity for GivenPdf {
    const ENTITY: &'static str = "given_pdf";
}

/// The table drops a document this long after it was good.
pub(super) const LINGERS: SignedDuration = SignedDuration::from_hours(24);

impl Store {
    /// Where an invoice is paid online, as its ledger told when it was asked last; asked when a reminder goes out.
    pub async fn pay_address(
        &self,
        org: &OrgId,
        connection: ConnectionId,
        invoice: &ExternalId,
    ) -> Result<Option<String>, AppError> {
        Ok(self.pay_link(org, connection, invoice).await?.and_then(|kept| kept.url))
    }

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

    pub(crate) async fn given_pdf(
        &self,
        org: &OrgId,
        phone: &PhoneNumberId,
        which: (ConnectionId, &ExternalId),
    ) -> Result<Option<GivenPdf>, AppError> {
        Ok(self.read(&keys::given_pdf(org, phone, which)).await?.map(|stored| stored.value))
    }

    pub(crate) async fn keep_given_pdf(
        &self,
        org: &OrgId,
        phone: &PhoneNumberId,
        which: (ConnectionId, &ExternalId),
        given: &GivenPdf,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let expires_at = given.good_until.saturating_add(LINGERS).ok();
        self.put_until(keys::given_pdf(org, phone, which), given, expires_at, now).await
    }

    /// Forgets that Meta has the PDF of an invoice, since it refused a message with it.
    pub(crate) async fn forget_given_pdf(
        &self,
        org: &OrgId,
        phone: &PhoneNumberId,
        which: (ConnectionId, &ExternalId),
    ) -> Result<(), AppError> {
        let key = keys::given_pdf(org, phone, which);
        match self.read::<GivenPdf>(&key).await? {
            Some(seen) => self.remove(key, &seen).await.map(|_| ()),
            None => Ok(()),
        }
    }
}
