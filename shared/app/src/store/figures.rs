//! The numbers that matter, as they were counted on a day.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use numo_domain::{cost::Cost, figures::Responses, id::OrgId, invoice::InvoiceStatus, money::Currency};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::{Cursor, Order, Query, Range, Source},
    store::{Entity, PAGE, Store, decode, invoice::KnownInvoice, keys},
};

/// The numbers of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Figures {
    /// The organisation's local date.
    pub date: Date,
    /// When they were counted.
    pub counted_at: Timestamp,
    /// The first month of which all sales are known; none before a ledger was read.
    pub sales_since: Option<Date>,
    /// Whether there are more invoices than are counted: then no sales are told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_too_many_invoices: bool,
    /// Per currency, in the order of codes.
    pub currencies: Vec<CurrencyFigures>,
    /// Of the last 30 and of the last 90 days.
    pub responses: Vec<Responses>,
    /// What messages of the month cost so far, by the organisation's rates or Meta's bill; none without rates.
    pub spent: Option<Cost>,
}

/// The numbers of one currency, in its minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CurrencyFigures {
    /// Which.
    pub currency: Currency,
    /// What is owed.
    pub owed: i64,
    /// By count-back; none where the months of known sales do not reach so far back.
    pub days_sales_outstanding: Option<i64>,
    /// What was invoiced, by the first day of the month of the invoice's date.
    pub sales: BTreeMap<Date, i64>,
    /// What was paid within fourteen days after a reminder, by the first day of the month of the payment.
    pub collected: BTreeMap<Date, i64>,
}

impl Entity for Figures {
    const ENTITY: &'static str = "figures";
}

/// Invoices that are counted at most: a ledger with more has no numbers of sales.
const MOST_INVOICES: usize = 60_000;

/// What was invoiced, by currency and first day of the month.
pub(crate) type Sales = BTreeMap<Currency, BTreeMap<Date, i64>>;

impl Store {
    /// The numbers that were counted last.
    pub async fn figures(&self, org: &OrgId) -> Result<Option<Figures>, AppError> {
        Ok(self.read(&keys::receivables::figures(org)).await?.map(|stored| stored.value))
    }

    /// Keeps the numbers of a day.
    pub async fn keep_figures(&self, org: &OrgId, figures: &Figures) -> Result<(), AppError> {
        self.put(keys::receivables::figures(org), figures, figures.counted_at).await
    }

    /// What was invoiced since a day, from every invoice with a date that was not cancelled, read page by page; none
    /// where there are too many.
    pub(crate) async fn sales_since(&self, org: &OrgId, since: Date) -> Result<Option<Sales>, AppError> {
        let (mut sales, mut looked_at, mut after): (Sales, usize, Option<Cursor>) = (Sales::new(), 0, None);
        loop {
            let source = Source::Table(keys::org_partition(org));
            let range = Range::Prefix(keys::INVOICES.to_owned());
            let page = self.query(&Query { source, range, limit: PAGE, after, order: Order::Ascending }).await?;
            looked_at += page.items.len();
            for item in page.items {
                let invoice = decode::<KnownInvoice>(item)?.value.invoice;
                let is_sale = matches!(invoice.status, InvoiceStatus::Open | InvoiceStatus::Paid);
                let Some(issued) = invoice.issued.filter(|issued| is_sale && *issued >= since) else { continue };
                let months = sales.entry(invoice.total.currency).or_default();
                let sum = months.entry(issued.first_of_month()).or_default();
                *sum = sum.saturating_add(invoice.total.minor);
            }
            after = page.next;
            if after.is_none() {
                return Ok(Some(sales));
            }
            if looked_at >= MOST_INVOICES {
                return Ok(None);
            }
        }
    }
}
