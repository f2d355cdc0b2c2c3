//! Files with a line each: made so that no program takes a cell for a formula.

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use numo_app::error::AppError;

/// A file that a browser saves.
#[derive(Debug)]
pub(crate) struct CsvFile {
    name: &'static str,
    bytes: Vec<u8>,
    next: Option<HeaderValue>,
}

impl CsvFile {
    /// The lines below their heads.
    pub(crate) fn new<const N: usize>(
        name: &'static str,
        heads: [&str; N],
        lines: impl Iterator<Item = [String; N]>,
    ) -> Result<Self, AppError> {
        let write = || {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(heads)?;
            for line in lines {
                writer.write_record(line)?;
            }
            writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
        };
        let bytes = write().map_err(|error| AppError::Internal(error.to_string()))?;
        Ok(Self { name, bytes, next: None })
    }

    /// Where what follows is: the header `Link` with `rel="next"` (RFC 8288).
    pub(crate) fn followed_by(mut self, address: Option<String>) -> Self {
        self.next = address.and_then(|address| HeaderValue::try_from(format!("<{address}>; rel=\"next\"")).ok());
        self
    }
}

impl IntoResponse for CsvFile {
    fn into_response(self) -> Response {
        let headers: [(HeaderName, String); 2] = [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", self.name)),
        ];
        let mut response = (headers, self.bytes).into_response();
        if let Some(next) = self.next {
            response.headers_mut().insert(header::LINK, next);
        }
        response
    }
}

/// With what a spreadsheet begins to calculate (OWASP: CSV injection).
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A text that somebody else wrote, as no formula: a spreadsheet hides the sign in front of it.
pub(crate) fn as_text(text: &str) -> String {
    if text.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}

/// The text of a cell that was written so.
pub(crate) fn without_sign(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(FORMULA)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_calculated_is_text_and_reads_back_as_it_was() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            let cell = as_text(text);
            assert_eq!((cell.as_str(), without_sign(&cell)), (format!("'{text}").as_str(), text));
        }
        for text in ["Acme", "'s Gravenmade", "", "1-1", " =1"] {
            assert_eq!((as_text(text).as_str(), without_sign(text)), (text, text));
        }
    }
}
