//! Pages of a list: one unreadable row never costs the rest of its page.

use numo_app::port::ledger::{
    LedgerError,
    reader::{Batch, Place},
    record::{RecordKind, SkippedRow},
};
use serde_json::{Value, value::RawValue};

use crate::{
    http::call::Answer,
    xero::{
        answer::{self, Parts},
        field::Unreadable,
        list::List,
    },
};

/// What one call of a list brought, and how much of the list there is.
#[derive(Debug)]
pub(crate) struct Page {
    /// The records.
    pub(crate) batch: Batch,
    n_here: u64,
    /// How many rows the whole list has.
    n_rows: Option<u64>,
    n_pages: Option<u64>,
}

/// The records of a page.
pub(crate) fn page(answer: &Answer, list: &List) -> Result<Page, LedgerError> {
    let parts = Parts::of(answer)?;
    let rows = parts.rows(list.name)?;
    let mut batch = Batch {
        request_id: parts.request_id(),
        room: answer::room(&answer.headers),
        ..Batch::empty(parts.read_at(answer)?)
    };
    for row in &rows {
        if let Err(unreadable) = (list.read)(row.get(), &mut batch) {
            batch.skipped.push(skipped(row, list, unreadable));
        }
    }
    let pagination: Option<Value> = parts.get("pagination");
    let count = |name| pagination.as_ref().and_then(|pagination| pagination.get(name)).and_then(Value::as_u64);
    let n_here = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    Ok(Page { batch, n_here, n_rows: count("itemCount"), n_pages: count("pageCount") })
}

impl Page {
    /// Where the list goes on; `None` behind its last page.
    ///
    /// Rows that left the list since the page before moved as many others to pages that were read
    /// already, so these come once more.
    pub(crate) fn following(&self, place: &Place, page_size: u32) -> Option<Place> {
        let at = |page| Some(Place { list: place.list, page, n_rows: self.n_rows });
        let n_gone = place.n_rows.zip(self.n_rows).map_or(0, |(before, now)| before.saturating_sub(now));
        let n_back = u32::try_from(n_gone.div_ceil(page_size.into())).unwrap_or(u32::MAX);
        if n_back > 0 && place.page > 1 {
            return at(place.page.saturating_sub(n_back).max(1));
        }
        if self.is_last(place.page, page_size) { None } else { at(place.page.checked_add(1)?) }
    }

    /// `pagination` says how many pages there are; without it a full page promises another.
    fn is_last(&self, page: u32, page_size: u32) -> bool {
        match self.n_pages {
            Some(n_pages) => u64::from(page) >= n_pages,
            None => self.n_here < page_size.into(),
        }
    }
}

/// What is known of a row that is left out.
fn skipped(row: &RawValue, list: &List, Unreadable(reason): Unreadable) -> SkippedRow {
    let row: Value = serde_json::from_str(row.get()).unwrap_or_default();
    let kind = match (list.kind, row.get("Type").and_then(Value::as_str)) {
        (RecordKind::Invoice, Some("ACCPAY")) => RecordKind::Bill,
        (kind, _) => kind,
    };
    let contact = match kind {
        RecordKind::Contact => Some(&row),
        RecordKind::Payment => row.get("Invoice").and_then(|invoice| invoice.get("Contact")),
        RecordKind::Invoice
        | RecordKind::Bill
        | RecordKind::CreditNote
        | RecordKind::Prepayment
        | RecordKind::Overpayment => row.get("Contact"),
    };
    let text = |name: &str| row.get(name).and_then(Value::as_str);
    SkippedRow {
        kind,
        id: text(list.id).and_then(|id| id.parse().ok()),
        number: list.number.and_then(text).filter(|number| !number.is_empty()).map(str::to_owned),
        contact: contact.and_then(|contact| contact.get("ContactID")?.as_str()?.parse().ok()),
        reason,
    }
}

#[cfg(test)]
mod tests;
