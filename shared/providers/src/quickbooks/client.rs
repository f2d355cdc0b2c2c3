//! Calls of QuickBooks Online's accounting interface.

use std::{fmt, sync::Arc, time::Duration};

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use numo_app::port::{
    clock::Clock,
    ledger::{LedgerAccess, LedgerError},
};
use reqwest::{Client, RequestBuilder, header};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::{
    http::{
        CALL_TIMEOUT,
        base_url::BaseUrl,
        call::{Answer, Operation, call},
    },
    quickbooks::{answer, date, entity::Entity, error, fault, query::Query},
};

/// The version of the interface; since August 2025 there is no other (QuickBooks: minor versions).
const MINOR_VERSION: (&str, &str) = ("minorversion", "75");

/// How far back a payment is looked at for money that no invoice took up.
const PAYMENT_MONTHS: i64 = 24;

/// QuickBooks Online's accounting interface: the reader, the check and the documents of it.
#[derive(Clone)]
pub struct QuickbooksClient {
    http: Client,
    api: BaseUrl,
    clock: Arc<dyn Clock>,
    timeout: Duration,
}

impl fmt::Debug for QuickbooksClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QuickbooksClient").field("api", &self.api).finish_non_exhaustive()
    }
}

impl QuickbooksClient {
    /// Reads below the address of the accounting interface, `https://quickbooks.api.intuit.com`.
    ///
    /// The clock only says how far back two years are.
    pub fn new(http: Client, api: BaseUrl, clock: Arc<dyn Clock>) -> Self {
        Self { http, api, clock, timeout: CALL_TIMEOUT }
    }

    /// The same with another timeout per call, for callers whose time is short.
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// The address of the sandbox, where every company is a sample.
    pub(crate) fn is_sandbox(&self) -> bool {
        self.api.join(&[]).host_str().is_some_and(|host| host.starts_with("sandbox-"))
    }

    /// The day since which payments may still have something unapplied.
    pub(crate) fn paid_since(&self) -> Date {
        TimeZone::UTC.to_datetime(self.clock.now()).date().saturating_sub(PAYMENT_MONTHS.months())
    }

    /// One page of a query; in the body, since lists of ids outgrow an address.
    pub(crate) async fn query(
        &self,
        access: &LedgerAccess,
        operation: &'static str,
        query: &Query,
    ) -> Result<Answer, LedgerError> {
        let request = self.http.post(self.url(access, &["query"])).header(header::CONTENT_TYPE, "application/text");
        self.send_for_json(access, operation, request.body(query.to_string())).await
    }

    /// Several queries in one call, the answer to the n-th under the n-th id (QuickBooks: batch).
    pub(crate) async fn queries(
        &self,
        access: &LedgerAccess,
        operation: &'static str,
        queries: &[String],
    ) -> Result<Answer, LedgerError> {
        let item = |(at, query): (usize, &String)| json!({ "bId": answer::batch_id(at), "Query": query });
        let items: Vec<Value> = queries.iter().enumerate().map(item).collect();
        let request = self.http.post(self.url(access, &["batch"])).json(&json!({ "BatchItemRequest": items }));
        self.send_for_json(access, operation, request).await
    }

    /// What changed since an instant, of some entities (QuickBooks: change data capture).
    pub(crate) async fn changes(
        &self,
        access: &LedgerAccess,
        entities: &[Entity],
        since: Timestamp,
    ) -> Result<Answer, LedgerError> {
        let entities = entities.iter().map(|entity| entity.as_str()).collect::<Vec<_>>().join(",");
        let query = [("entities", entities), ("changedSince", date::to_query(since))];
        let request = self.http.get(self.url(access, &["cdc"])).query(&query);
        self.send_for_json(access, "changes", request).await
    }

    /// One record, or something of it.
    pub(crate) async fn get(
        &self,
        access: &LedgerAccess,
        operation: &'static str,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Answer, LedgerError> {
        self.send_for_json(access, operation, self.http.get(self.url(access, path)).query(query)).await
    }

    /// One file.
    pub(crate) async fn file(
        &self,
        access: &LedgerAccess,
        operation: &'static str,
        path: &[&str],
        media_type: &'static str,
    ) -> Result<Answer, LedgerError> {
        let request = self.http.get(self.url(access, path)).header(header::ACCEPT, media_type);
        self.send(access, operation, request).await
    }

    fn url(&self, access: &LedgerAccess, path: &[&str]) -> reqwest::Url {
        self.api.join(&[&["v3", "company", access.tenant.as_str()], path].concat())
    }

    async fn send_for_json(
        &self,
        access: &LedgerAccess,
        operation: &'static str,
        request: RequestBuilder,
    ) -> Result<Answer, LedgerError> {
        // Throttles and refusals come as XML all the same.
        self.send(access, operation, request.header(header::ACCEPT, "application/json")).await
    }

    /// Sends a call; a success that carries a fault is none.
    async fn send(
        &self,
        access: &LedgerAccess,
        operation: &'static str,
        request: RequestBuilder,
    ) -> Result<Answer, LedgerError> {
        let request = request.query(&[MINOR_VERSION]).bearer_auth(access.token.expose_secret()).timeout(self.timeout);
        let operation = Operation { provider: "quickbooks", name: operation };
        let answer = call(operation, request).await.map_err(error::failed)?;
        let fault = fault::of_answer(&answer);
        if answer.is_success() && fault.is_none() { Ok(answer) } else { Err(error::refused(&answer, fault.as_ref())) }
    }
}
