//! Files with a line each: made so that no program takes a cell for a formula.

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
pub(crate) use numo_app::csv_cell::{as_text, without_sign};
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
