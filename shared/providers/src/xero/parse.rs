//! Pages and rows: one unreadable row never costs the rest of its page.

use jiff::Timestamp;
use numo_app::port::ledger::{LedgerError, LedgerPage, SkippedRow};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    http::{call::Answer, retry_after},
    xero::date,
};

/// What a list call answers: rows below `list`, each with its id below `id`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows {
    /// The key of the list, `Invoices`.
    pub(crate) list: &'static str,
    /// The key of a row's id, `InvoiceID`.
    pub(crate) id: &'static str,
    /// How many rows a full page has.
    pub(crate) page_size: usize,
}

/// The records of a page; `read` gives `None` for rows that are none of ours.
pub(crate) fn page<T>(
    answer: &Answer,
    rows: Rows,
    read: impl Fn(&Value) -> Result<Option<T>, Unreadable>,
) -> Result<LedgerPage<T>, LedgerError> {
    let body = body(answer)?;
    let read_at = read_at(answer, &body)?;
    let list = body.get(rows.list).and_then(Value::as_array);
    let list = list.ok_or_else(|| LedgerError::Malformed(format!("{} is not a list", rows.list)))?;
    let has_more = has_more(&body, list.len(), rows.page_size);
    let mut page = LedgerPage { records: Vec::new(), skipped: Vec::new(), has_more, read_at };
    for row in list {
        match read(row) {
            Ok(record) => page.records.extend(record),
            Err(Unreadable(reason)) => page.skipped.push(skipped(row, rows, reason)),
        }
    }
    Ok(page)
}

/// What is known of a row that is left out.
fn skipped(row: &Value, rows: Rows, reason: String) -> SkippedRow {
    let contact = row.get("Contact").and_then(|contact| id_of(contact, "ContactID"));
    SkippedRow { id: id_of(row, rows.id), contact, reason }
}

/// The body of a successful answer.
pub(crate) fn body(answer: &Answer) -> Result<Value, LedgerError> {
    // Without the right Accept header, or from an overloaded edge, it is XML or HTML.
    answer.json().ok_or_else(|| LedgerError::Malformed(String::from("the body is not JSON")))
}

/// Why a row is left out: a field path and a reason, never the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unreadable(String);

impl Unreadable {
    /// A field and what is wrong with it.
    pub(crate) fn field(path: &str, reason: &str) -> Self {
        Self(format!("{path}: {reason}"))
    }
}

/// The fields of a row; unknown ones are ignored, a wrong type is named by its path.
pub(crate) fn fields<T: DeserializeOwned>(row: &Value) -> Result<T, Unreadable> {
    serde_path_to_error::deserialize(row).map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { "row" } else { path.as_str() };
        Unreadable::field(path, "wrong type")
    })
}

/// A field that has to be there and to make sense.
pub(crate) fn required<T>(path: &str, text: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Result<T, Unreadable> {
    let text = text.ok_or_else(|| Unreadable::field(path, "missing"))?;
    read(text).ok_or_else(|| Unreadable::field(path, "unreadable"))
}

/// `pagination` says how many pages there are; without it a full page promises another.
fn has_more(body: &Value, n_rows: usize, page_size: usize) -> bool {
    let count = |name| body.get("pagination").and_then(|pagination| pagination.get(name)).and_then(Value::as_u64);
    match (count("page"), count("pageCount")) {
        (Some(page), Some(n_pages)) => page < n_pages,
        (Some(_), None) | (None, Some(_)) | (None, None) => n_rows >= page_size,
    }
}

/// Xero's clock at the answer: a watermark taken from our own could skip a change.
fn read_at(answer: &Answer, body: &Value) -> Result<Timestamp, LedgerError> {
    let of_body = body.get("DateTimeUTC").and_then(Value::as_str).and_then(date::instant);
    let of_headers = || retry_after::date(&answer.headers);
    of_body.or_else(of_headers).ok_or_else(|| LedgerError::Malformed(String::from("DateTimeUTC: missing")))
}

fn id_of<T: std::str::FromStr>(row: &Value, name: &str) -> Option<T> {
    row.get(name)?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::{DATE, HeaderMap, HeaderValue};
    use serde_json::json;

    use super::*;

    const THINGS: Rows = Rows { list: "Things", id: "ThingID", page_size: 2 };

    fn answer(body: &Value) -> Answer {
        Answer { status: 200, headers: HeaderMap::new(), body: body.to_string().into_bytes() }
    }

    fn texts(body: &Value) -> Result<LedgerPage<String>, LedgerError> {
        page(&answer(body), THINGS, |row| {
            let name = row.get("Name").and_then(Value::as_str);
            if name == Some("none") { Ok(None) } else { required("Name", name, |text| Some(text.to_owned())).map(Some) }
        })
    }

    #[test]
    fn a_broken_row_is_skipped_with_its_id_and_a_reason() {
        let body = json!({ "DateTimeUTC": "/Date(1000)/", "Things": [
            { "Name": "a" }, { "ThingID": "t2", "Name": 7 }, { "Name": "none" }, 3, { "Name": "b" } ] });
        let page = texts(&body).unwrap();
        let skipped = |id: Option<&str>| SkippedRow {
            id: id.map(|id| id.parse().unwrap()),
            contact: None,
            reason: String::from("Name: missing"),
        };
        assert_eq!(page.records, ["a", "b"]);
        assert_eq!(page.skipped, [skipped(Some("t2")), skipped(None)]);
        assert_eq!(page.read_at, Timestamp::from_second(1).unwrap());
    }

    #[test]
    fn pagination_decides_and_a_full_page_is_the_fallback() {
        let more = |pagination: Value, n_rows: usize| {
            let rows: Vec<Value> = (0..n_rows).map(|_| json!({ "Name": "none" })).collect();
            texts(&json!({ "DateTimeUTC": "/Date(1)/", "pagination": pagination, "Things": rows })).unwrap().has_more
        };
        assert!(more(json!({ "page": 1, "pageCount": 2 }), 0));
        assert!(!more(json!({ "page": 2, "pageCount": 2 }), 2));
        assert!(!more(json!({ "page": 3, "pageCount": 2 }), 0));
        assert!(more(Value::Null, 2));
        assert!(more(json!({ "page": "1" }), 2));
        assert!(!more(Value::Null, 1));
    }

    #[test]
    fn the_time_of_an_answer_comes_from_xero_or_the_page_is_refused() {
        let body = json!({ "Things": [] });
        let mut dated = answer(&body);
        dated.headers.insert(DATE, HeaderValue::from_static("Mon, 23 Nov 2026 06:00:00 GMT"));
        assert_eq!(read_at(&dated, &body).unwrap(), "2026-11-23T06:00:00Z".parse().unwrap());
        assert_eq!(texts(&body).unwrap_err().to_string(), "the ledger's answer cannot be read: DateTimeUTC: missing");
    }

    #[test]
    fn a_body_without_the_list_is_malformed() {
        let body = json!({ "DateTimeUTC": "/Date(1)/", "Things": {} });
        assert_eq!(texts(&body).unwrap_err().to_string(), "the ledger's answer cannot be read: Things is not a list");
        let html = Answer { status: 200, headers: HeaderMap::new(), body: b"<html>".to_vec() };
        assert!(matches!(super::body(&html), Err(LedgerError::Malformed(_))));
    }
}
