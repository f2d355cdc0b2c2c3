//! Bodies of successes: cut into rows where they lie, never built as a whole.

use jiff::Timestamp;
use numo_app::port::ledger::{LedgerError, reader::Batch};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, value::RawValue};

use crate::{
    http::{
        call::{Answer, Broken},
        retry_after,
    },
    quickbooks::{date, entity::Entity, error, fault},
};

/// The body of a success, read as it should be.
///
/// What is cut off or no JSON came from something on the way, so asking again may help; whole
/// JSON of another shape stays what it is.
pub(crate) fn whole<'a, T: Deserialize<'a>>(answer: &'a Answer) -> Result<T, LedgerError> {
    serde_json::from_slice(&answer.body).map_err(|error| {
        if serde_json::from_slice::<IgnoredAny>(&answer.body).is_ok() {
            LedgerError::Malformed(format!("the body has another shape at column {}", error.column()))
        } else {
            LedgerError::Unavailable(Broken::Body("the body is no whole JSON").boxed())
        }
    })
}

/// A batch without records yet, with Intuit's clock at the answer and its id of the call.
pub(crate) fn stamped(answer: &Answer, time: Option<&Value>) -> Result<Batch, LedgerError> {
    let of_body = time.and_then(Value::as_str).and_then(date::instant);
    let read_at: Option<Timestamp> = of_body.or_else(|| retry_after::date(&answer.headers));
    let read_at = read_at.ok_or_else(|| LedgerError::Malformed(String::from("time: missing")))?;
    Ok(Batch { request_id: request_id(answer), ..Batch::empty(read_at) })
}

/// Intuit's id of a call, `intuit_tid`.
pub(crate) fn request_id(answer: &Answer) -> Option<String> {
    Some(answer.headers.get("intuit_tid")?.to_str().ok()?.to_owned())
}

/// An answer to a query.
#[derive(Debug, Deserialize)]
pub(crate) struct QueryAnswer<'a> {
    /// The rows; an empty result is `{}`.
    #[serde(rename = "QueryResponse", borrow)]
    pub(crate) rows: Block<'a>,
    /// Intuit's clock.
    pub(crate) time: Option<Value>,
}

/// An answer of change data capture.
#[derive(Debug, Deserialize)]
pub(crate) struct ChangesAnswer<'a> {
    #[serde(rename = "CDCResponse", borrow)]
    responses: Vec<ChangesResponse<'a>>,
    /// Intuit's clock.
    pub(crate) time: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct ChangesResponse<'a> {
    #[serde(rename = "QueryResponse", borrow, default)]
    blocks: Vec<Block<'a>>,
    #[serde(rename = "Fault", alias = "fault", borrow)]
    fault: Option<&'a RawValue>,
}

impl<'a> ChangesAnswer<'a> {
    /// The rows of every entity; an entity without changes has an empty block.
    pub(crate) fn blocks(self, answer: &Answer) -> Result<Vec<Block<'a>>, LedgerError> {
        let blocks = self.responses.into_iter().map(|response| unless_fault(answer, response.fault, response.blocks));
        Ok(blocks.collect::<Result<Vec<Vec<Block<'a>>>, LedgerError>>()?.into_iter().flatten().collect())
    }
}

/// An answer to several queries at once.
#[derive(Debug, Deserialize)]
pub(crate) struct BatchAnswer<'a> {
    #[serde(rename = "BatchItemResponse", borrow)]
    items: Vec<BatchItem<'a>>,
    /// Intuit's clock.
    pub(crate) time: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct BatchItem<'a> {
    #[serde(rename = "bId")]
    id: Value,
    #[serde(rename = "QueryResponse", borrow)]
    rows: Option<Block<'a>>,
    #[serde(rename = "Fault", alias = "fault", borrow)]
    fault: Option<&'a RawValue>,
}

impl<'a> BatchAnswer<'a> {
    /// The rows of a number of queries in their order, whatever the order of their answers.
    ///
    /// One fault fails them all: half a check would be read as a whole one.
    pub(crate) fn blocks(self, answer: &Answer, n_queries: usize) -> Result<Vec<Block<'a>>, LedgerError> {
        let mut items = self.items;
        let mut block = |at: usize| {
            let item = items.iter().position(|item| item.id.as_str() == Some(batch_id(at).as_str()));
            let item = item.map(|at| items.swap_remove(at));
            let BatchItem { rows, fault, .. } = item.ok_or_else(|| missing("BatchItemResponse"))?;
            unless_fault(answer, fault, rows)?.ok_or_else(|| missing("BatchItemResponse.QueryResponse"))
        };
        (0..n_queries).map(&mut block).collect()
    }
}

/// The id of a query in its batch.
pub(crate) fn batch_id(at: usize) -> String {
    format!("q{at}")
}

/// The rows of one answer, each still as it was written.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Block<'a> {
    #[serde(rename = "Customer", borrow)]
    customers: Vec<&'a RawValue>,
    #[serde(rename = "Invoice", borrow)]
    invoices: Vec<&'a RawValue>,
    #[serde(rename = "CreditMemo", borrow)]
    credit_memos: Vec<&'a RawValue>,
    #[serde(rename = "Payment", borrow)]
    payments: Vec<&'a RawValue>,
    #[serde(rename = "CompanyInfo", borrow)]
    companies: Vec<&'a RawValue>,
    #[serde(rename = "Preferences", borrow)]
    preferences: Vec<&'a RawValue>,
    #[serde(rename = "totalCount", borrow)]
    n_total: Option<&'a RawValue>,
}

impl<'a> Block<'a> {
    /// The rows of an entity.
    pub(crate) fn rows(&self, entity: Entity) -> &[&'a RawValue] {
        match entity {
            Entity::Customer => &self.customers,
            Entity::Invoice => &self.invoices,
            Entity::CreditMemo => &self.credit_memos,
            Entity::Payment => &self.payments,
        }
    }

    /// How many rows it has.
    pub(crate) fn n_rows(&self) -> usize {
        Entity::ALL.iter().map(|entity| self.rows(*entity).len()).sum()
    }

    /// How many rows the whole list has, where QuickBooks counts them.
    pub(crate) fn n_total(&self) -> Option<u64> {
        self.n_total?.get().trim_matches('"').parse().ok()
    }

    /// The company.
    pub(crate) fn company(&self) -> Option<&'a RawValue> {
        self.companies.first().copied()
    }

    /// Its preferences.
    pub(crate) fn preferences(&self) -> Option<&'a RawValue> {
        self.preferences.first().copied()
    }
}

/// What was asked for, unless a fault came in its place.
fn unless_fault<T>(answer: &Answer, raw: Option<&RawValue>, rows: T) -> Result<T, LedgerError> {
    match raw.and_then(fault::of_json) {
        Some(fault) => Err(error::refused(answer, Some(&fault))),
        None => Ok(rows),
    }
}

fn missing(path: &str) -> LedgerError {
    LedgerError::Malformed(format!("{path}: missing"))
}

#[cfg(test)]
mod tests;
