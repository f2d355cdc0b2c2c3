//! The rows of an import, as JSON or as a file of a spreadsheet: one that is wrong stops none of the others.

use std::borrow::Cow;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use csv::{ByteRecord, ReaderBuilder};
use numo_app::import_report::RefusedRow;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    csv_file::without_sign,
    failure::Failure,
    json_body::{JsonBody, WrongField, read_part},
    state::AppState,
};

/// Longest body that is read: an import's rows with a kilobyte for each.
pub(crate) const MAX_BODY_BYTES: usize = 512 * 1024;

/// The body of an import as JSON, and the row that a file has in its place.
pub(crate) trait ImportForm: DeserializeOwned + Send {
    /// A row.
    type Row: DeserializeOwned + Send;

    /// The columns of a file, which are the fields of a row; it may have others besides.
    const COLUMNS: &'static [&'static str];

    /// The rows, unread.
    fn into_rows(self) -> Vec<Value>;
}

/// The rows of a body, each read for itself.
#[derive(Debug)]
pub(crate) struct ImportRows<F: ImportForm>(pub(crate) Vec<Result<F::Row, RefusedRow>>);

impl<F: ImportForm> FromRequest<AppState> for ImportRows<F> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Failure> {
        let rows = if is_csv(request.headers()) {
            let bytes = Bytes::from_request(request, state)
                .await
                .map_err(|refused| Failure::unreadable(refused.status(), "the body is too large or was cut off"))?;
            lines(&bytes, F::COLUMNS)?
        } else {
            let JsonBody(form) = JsonBody::<F>::from_request(request, state).await?;
            form.into_rows().into_iter().map(Ok).collect()
        };
        Ok(Self(rows.into_iter().map(|row| row.and_then(read_row)).collect()))
    }
}

fn read_row<T: DeserializeOwned>(row: Value) -> Result<T, RefusedRow> {
    read_part(row).map_err(|WrongField { field, message }| RefusedRow { field, message })
}

fn is_csv(headers: &HeaderMap) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    given.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/csv")
}

/// The lines below the first, which names the columns; each as the object that JSON would have.
fn lines(bytes: &[u8], columns: &[&'static str]) -> Result<Vec<Result<Value, RefusedRow>>, Failure> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = ReaderBuilder::new().flexible(true).delimiter(delimiter(bytes)).from_reader(bytes);
    let broken = |_error: csv::Error| Failure::invalid("", "the file cannot be read as CSV");
    let heads = reader.byte_headers().map_err(broken)?.clone();
    let places = columns.iter().map(|column| Ok((*column, place(&heads, column)?)));
    let places: Vec<(&str, usize)> = places.collect::<Result<_, Failure>>()?;
    let mut rows = Vec::new();
    for record in reader.byte_records() {
        rows.push(line(&record.map_err(broken)?, heads.len(), &places));
    }
    Ok(rows)
}

/// Spreadsheets of half the world separate with semicolons.
fn delimiter(bytes: &[u8]) -> u8 {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if first.contains(&b';') && !first.contains(&b',') { b';' } else { b',' }
}

fn place(heads: &ByteRecord, column: &'static str) -> Result<usize, Failure> {
    let mut found = heads.iter().enumerate().filter(|(_, head)| head.trim_ascii() == column.as_bytes());
    match (found.next(), found.next()) {
        (Some((place, _)), None) => Ok(place),
        (Some(_), Some(_)) => Err(Failure::invalid(column, "the file has this column twice")),
        (None, _) => Err(Failure::invalid(column, "the first line of the file does not name this column")),
    }
}

fn line(record: &ByteRecord, n_heads: usize, places: &[(&'static str, usize)]) -> Result<Value, RefusedRow> {
    let refused = |field: &str, message: Cow<'_, str>| RefusedRow { field: field.to_owned(), message: message.into() };
    if record.len() != n_heads {
        let message = format!("the line has {} cells, and the first one has {n_heads}", record.len());
        return Err(refused("", message.into()));
    }
    let mut row = Map::new();
    for (column, place) in places {
        let cell = std::str::from_utf8(record.get(*place).unwrap_or_default());
        let cell = cell.map_err(|_invalid| refused(column, "the cell is not in UTF-8".into()))?;
        row.insert((*column).to_owned(), Value::String(without_sign(cell.trim()).to_owned()));
    }
    Ok(Value::Object(row))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const COLUMNS: &[&str] = &["contact", "number"];

    fn read(file: &[u8]) -> Vec<Result<Value, String>> {
        let rows = lines(file, COLUMNS).unwrap();
        rows.into_iter().map(|row| row.map_err(|refused| format!("{}: {}", refused.field, refused.message))).collect()
    }

    #[test]
    fn a_file_is_read_as_spreadsheets_write_it() {
        let expected = [Ok(json!({"contact": "c-1", "number": "+971 50"}))];
        for file in [
            "contact,number\nc-1,+971 50\n",
            "\u{feff}contact,number\r\nc-1,+971 50\r\n",
            "number;contact\n+971 50;c-1",
            "name,contact,number\n\"Acme, Ltd\",c-1,'+971 50\n",
            "contact,number\n\n\"c-1\",\" +971 50 \"\n",
        ] {
            assert_eq!(read(file.as_bytes()), expected, "{file}");
        }
        assert_eq!(read(b"contact,number\n"), []);
    }

    #[test]
    fn a_line_that_is_wrong_stops_no_other() {
        let rows = read(b"contact,number\nc-1\nc-2,\xff\nc-3,1,2\nc-4,4\n");
        let cells = |n| Err(format!(": the line has {n} cells, and the first one has 2"));
        let utf8 = Err("number: the cell is not in UTF-8".to_owned());
        assert_eq!(rows, [cells(1), utf8, cells(3), Ok(json!({"contact": "c-4", "number": "4"}))]);
    }

    #[test]
    fn a_file_without_a_column_or_with_one_twice_is_refused_by_its_name() {
        for (file, column) in
            [("", "contact"), ("contact\nc-1\n", "number"), ("number,contact,number\n1,2,3\n", "number")]
        {
            let refused = lines(file.as_bytes(), COLUMNS).unwrap_err().body("r");
            assert_eq!(refused["error"]["field"], column, "{file}");
        }
    }
}
