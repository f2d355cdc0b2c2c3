//! Reads a Xero organisation: itself, its contacts, its sales invoices.

use std::time::Duration;

use async_trait::async_trait;
use numo_app::port::ledger::{
    LedgerAccess, LedgerContact, LedgerError, LedgerInvoice, LedgerOrganisation, LedgerPage, LedgerReader, PageRequest,
};
use numo_domain::id::ExternalId;
use reqwest::{Client, header};
use secrecy::ExposeSecret;

use crate::{
    http::{
        CALL_TIMEOUT,
        base_url::BaseUrl,
        call::{Answer, Operation, call},
    },
    xero::{contact, error, invoice, organisation, parse},
};

/// Rows of a page of a sync; a page has to stay well below the largest answer that is read.
const PAGE_SIZE: usize = 500;

/// Rows of a page of open invoices, which is the most that Xero gives.
const OPEN_PAGE_SIZE: usize = 1000;

/// More open invoices of forty contacts than this are an error rather than an endless loop.
const MAX_OPEN_PAGES: usize = 20;

/// A row that changes while pages are read moves to the front and pushes others to later pages.
///
/// So a row may be read twice, never missed; the changed one itself is newer than the run's
/// beginning and comes with the next sync. Oldest first, it would pull an unread row to a read page.
const NEWEST_FIRST: (&str, &str) = ("order", "UpdatedDateUTC DESC");

/// Bills share the list with sales invoices.
const SALES_ONLY: (&str, &str) = ("where", "Type==\"ACCREC\"");

/// Xero's accounting interface.
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

    async fn get(&self, access: &LedgerAccess, call_of: Call<'_>) -> Result<Answer, LedgerError> {
        let mut request = self
            .http
            .get(self.api.join(&["api.xro", "2.0", call_of.list]))
            .query(call_of.query)
            .bearer_auth(access.token.expose_secret())
            .header("Xero-tenant-id", access.tenant.as_str())
            // XML is Xero's default.
            .header(header::ACCEPT, "application/json")
            .timeout(self.timeout);
        if let Some(since) = call_of.page.and_then(|page| page.modified_since) {
            // Xero: requests; UTC without a zone, to the second, and not the form of RFC 9110.
            request = request.header(header::IF_MODIFIED_SINCE, since.strftime("%Y-%m-%dT%H:%M:%S").to_string());
        }
        let operation = Operation { provider: "xero", name: call_of.operation };
        let answer = call(operation, request).await.map_err(error::failed)?;
        if answer.is_success() { Ok(answer) } else { Err(error::refused(&answer)) }
    }
}

/// One call of the accounting interface.
#[derive(Clone, Copy)]
struct Call<'a> {
    operation: &'static str,
    list: &'static str,
    query: &'a [(&'a str, &'a str)],
    page: Option<&'a PageRequest>,
}

#[async_trait]
impl LedgerReader for XeroReader {
    async fn organisation(&self, access: &LedgerAccess) -> Result<LedgerOrganisation, LedgerError> {
        let call = Call { operation: "organisation", list: "Organisation", query: &[], page: None };
        organisation::organisation(&self.get(access, call).await?)
    }

    async fn contacts(
        &self,
        access: &LedgerAccess,
        page: &PageRequest,
    ) -> Result<LedgerPage<LedgerContact>, LedgerError> {
        let (number, size) = (page.page.to_string(), PAGE_SIZE.to_string());
        let query = [("includeArchived", "true"), NEWEST_FIRST, ("page", &number), ("pageSize", &size)];
        let call = Call { operation: "contacts", list: "Contacts", query: &query, page: Some(page) };
        let rows = parse::Rows { list: "Contacts", id: "ContactID", page_size: PAGE_SIZE };
        parse::page(&self.get(access, call).await?, rows, contact::contact)
    }

    async fn invoices(
        &self,
        access: &LedgerAccess,
        page: &PageRequest,
    ) -> Result<LedgerPage<LedgerInvoice>, LedgerError> {
        let (number, size) = (page.page.to_string(), PAGE_SIZE.to_string());
        let query = [SALES_ONLY, NEWEST_FIRST, ("page", &number), ("pageSize", &size)];
        let call = Call { operation: "invoices", list: "Invoices", query: &query, page: Some(page) };
        parse::page(&self.get(access, call).await?, invoice_rows(PAGE_SIZE), invoice::invoice)
    }

    async fn open_invoices_of(
        &self,
        access: &LedgerAccess,
        contacts: &[ExternalId],
    ) -> Result<LedgerPage<LedgerInvoice>, LedgerError> {
        if contacts.is_empty() {
            // An empty list would not narrow the call at all: everybody's invoices would come back.
            return Err(LedgerError::Rejected(400));
        }
        let mut whole = self.open_page(access, contacts, 1).await?;
        let mut n_pages = 1;
        while whole.has_more {
            if n_pages == MAX_OPEN_PAGES {
                return Err(LedgerError::Malformed(format!("more than {MAX_OPEN_PAGES} pages of open invoices")));
            }
            n_pages += 1;
            let next = self.open_page(access, contacts, n_pages).await?;
            whole.records.extend(next.records);
            whole.skipped.extend(next.skipped);
            whole.has_more = next.has_more;
        }
        Ok(whole)
    }
}

impl XeroReader {
    async fn open_page(
        &self,
        access: &LedgerAccess,
        contacts: &[ExternalId],
        page: usize,
    ) -> Result<LedgerPage<LedgerInvoice>, LedgerError> {
        // One comma list: a repeated key is not understood.
        let ids = contacts.iter().map(ExternalId::as_str).collect::<Vec<_>>().join(",");
        let (number, size) = (page.to_string(), OPEN_PAGE_SIZE.to_string());
        let query = [
            ("ContactIDs", ids.as_str()),
            ("Statuses", "AUTHORISED"),
            SALES_ONLY,
            ("page", &number),
            ("pageSize", &size),
        ];
        let call = Call { operation: "open_invoices", list: "Invoices", query: &query, page: None };
        parse::page(&self.get(access, call).await?, invoice_rows(OPEN_PAGE_SIZE), invoice::invoice)
    }
}

const fn invoice_rows(page_size: usize) -> parse::Rows {
    parse::Rows { list: "Invoices", id: "InvoiceID", page_size }
}
