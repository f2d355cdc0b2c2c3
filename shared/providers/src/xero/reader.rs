//! Reads a Xero organisation: itself, its contacts, its invoices, its money.

use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use numo_app::port::ledger::{
    LedgerAccess, LedgerError,
    reader::{Batch, LedgerReader, Place, Pull},
    record::LedgerOrganisation,
};
use numo_domain::id::ExternalId;
use reqwest::{Client, header};
use secrecy::ExposeSecret;
use serde::Deserialize;

use crate::{
    http::{
        CALL_TIMEOUT,
        base_url::BaseUrl,
        call::{Answer, Operation, call},
    },
    xero::{
        answer::Parts,
        error, list, organisation,
        page::{self, Page},
        pull::{self, Extent, SUMMARY, Selection},
    },
};

/// Ids of one call: more make its address longer than servers take.
pub(crate) const IDS_PER_CALL: usize = 40;

/// Xero's accounting interface, for syncs, checks and documents.
#[derive(Debug, Clone)]
pub struct XeroReader {
    http: Client,
    api: BaseUrl,
    timeout: Duration,
}

impl XeroReader {
    /// Reads below the address of the accounting interface, `https://api.xero.com`.
    pub fn new(http: Client, api: BaseUrl) -> Self {
        Self { http, api, timeout: CALL_TIMEOUT }
    }

    /// The same with another timeout per call, for callers whose time is short.
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// One call of the accounting interface.
    pub(crate) async fn get(&self, access: &LedgerAccess, call_of: &Call<'_>) -> Result<Answer, LedgerError> {
        let path: Vec<&str> = ["api.xro", "2.0"].iter().chain(call_of.path).copied().collect();
        let mut request = self
            .http
            .get(self.api.join(&path))
            .query(call_of.query)
            .bearer_auth(access.token.expose_secret())
            .header("Xero-tenant-id", access.tenant.as_str())
            .header(header::ACCEPT, call_of.accept)
            .timeout(self.timeout);
        if let Some(since) = call_of.since {
            // Xero: requests; UTC without a zone, to the second, and not the form of RFC 9110.
            request = request.header(header::IF_MODIFIED_SINCE, since.strftime("%Y-%m-%dT%H:%M:%S").to_string());
        }
        let operation = Operation { provider: "xero", name: call_of.operation };
        let answer = call(operation, request).await.map_err(error::failed)?;
        if answer.is_success() { Ok(answer) } else { Err(error::refused(&answer)) }
    }

    /// One page of a list.
    pub(crate) async fn page(
        &self,
        access: &LedgerAccess,
        selection: &Selection,
        number: u32,
    ) -> Result<Page, LedgerError> {
        let paging = [("page", number.to_string()), ("pageSize", selection.extent.page_size().to_string())];
        let query = [&*selection.query, &paging].concat();
        let path = [selection.list.name];
        let call = Call { query: &query, since: selection.since, ..Call::of(selection.list.operation, &path) };
        page::page(&self.get(access, &call).await?, selection.list)
    }
}

/// A call of the accounting interface.
pub(crate) struct Call<'a> {
    pub(crate) operation: &'static str,
    pub(crate) path: &'a [&'a str],
    pub(crate) query: &'a [(&'static str, String)],
    pub(crate) since: Option<Timestamp>,
    pub(crate) accept: &'static str,
}

impl<'a> Call<'a> {
    /// A call for JSON; XML is Xero's default.
    pub(crate) const fn of(operation: &'static str, path: &'a [&'a str]) -> Self {
        Self { operation, path, query: &[], since: None, accept: "application/json" }
    }
}

#[async_trait]
impl LedgerReader for XeroReader {
    async fn organisation(&self, access: &LedgerAccess) -> Result<LedgerOrganisation, LedgerError> {
        organisation::organisation(&self.get(access, &Call::of("organisation", &["Organisation"])).await?)
    }

    /// Xero: accounting API, Invoice Reminders. Whoever may not ask is told nothing.
    async fn own_reminders(&self, access: &LedgerAccess) -> Result<Option<bool>, LedgerError> {
        let call = Call::of("own_reminders", &["InvoiceReminders", "Settings"]);
        match self.get(access, &call).await {
            Ok(answer) => Ok(reminders(&Parts::of(&answer)?)),
            Err(
                LedgerError::ReauthRequired
                | LedgerError::TenantRefused
                | LedgerError::NotFound
                | LedgerError::Rejected(403),
            ) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Xero knows when each record last changed, however long ago.
    fn remembers_changes_for(&self) -> Option<SignedDuration> {
        None
    }

    fn begin(&self, pull: &Pull) -> Place {
        pull::begin(pull)
    }

    async fn batch(&self, access: &LedgerAccess, pull: &Pull, place: &Place) -> Result<Batch, LedgerError> {
        let no_such_list = || LedgerError::Malformed(format!("no list of Xero's: {:?}", place.list));
        let selection = pull::selection(pull, place.list).ok_or_else(no_such_list)?;
        let page = self.page(access, &selection, place.page).await?;
        let more = match selection.extent {
            Extent::Whole => page.following(place, selection.extent.page_size()),
            Extent::First => None,
        };
        let next = more.or_else(|| pull::after(pull, place.list).map(Place::first));
        Ok(Batch { next, ..page.batch })
    }

    async fn invoices_by_id(&self, access: &LedgerAccess, ids: &[ExternalId]) -> Result<Batch, LedgerError> {
        let mut batches = Vec::new();
        for ids in ids.chunks(IDS_PER_CALL) {
            let selection = Selection::whole(&list::INVOICES, &[("IDs", &comma_list(ids)), SUMMARY]);
            batches.push(self.page(access, &selection, 1).await?.batch);
        }
        // No ids would not narrow the call at all: everybody's invoices would come back.
        batches.into_iter().reduce(merged).ok_or(LedgerError::Rejected(400))
    }
}

/// One value of several ids: a repeated key is not understood.
pub(crate) fn comma_list(ids: &[ExternalId]) -> String {
    ids.iter().map(ExternalId::as_str).collect::<Vec<_>>().join(",")
}

/// Two batches as one: read when the first was, with the room that the second left.
pub(crate) fn merged(mut first: Batch, second: Batch) -> Batch {
    first.contacts.extend(second.contacts);
    first.invoices.extend(second.invoices);
    first.credits.extend(second.credits);
    first.bills.extend(second.bills);
    first.payments.extend(second.payments);
    first.deleted.extend(second.deleted);
    first.skipped.extend(second.skipped);
    Batch { room: second.room, request_id: second.request_id, ..first }
}

fn reminders(parts: &Parts<'_>) -> Option<bool> {
    #[derive(Deserialize)]
    struct RawSettings {
        #[serde(rename = "Enabled")]
        is_enabled: bool,
    }
    let settings: Vec<RawSettings> = parts.get("InvoiceReminders")?;
    settings.first().map(|settings| settings.is_enabled)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;

    #[test]
    fn reminders_are_on_off_or_not_told() {
        let told = |body: &str| {
            let answer = Answer { status: 200, headers: HeaderMap::new(), body: body.as_bytes().to_vec() };
            reminders(&Parts::of(&answer).unwrap())
        };
        assert_eq!(told(r#"{"InvoiceReminders":[{"Enabled":true}]}"#), Some(true));
        assert_eq!(told(r#"{"InvoiceReminders":[{"Enabled":false,"New":1}]}"#), Some(false));
        for body in ["{}", r#"{"InvoiceReminders":[]}"#, r#"{"InvoiceReminders":[{"Enabled":"yes"}]}"#] {
            assert_eq!(told(body), None, "{body}");
        }
    }
}
