//! The answer to an import: what became of each row, the same for whatever is imported.

use numo_app::import_report::{RefusedRow, RowOutcome};
use serde::Serialize;

/// How many rows had each outcome, and what became of each.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) struct ImportView {
    accepted: usize,
    unchanged: usize,
    taken_back: usize,
    refused: usize,
    failed: usize,
    rows: Vec<RowView>,
}

/// What became of a row.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct RowView {
    /// Its place in the request, from 0; in a file the line below the names of the columns is 0.
    row: usize,
    /// `accepted`, `unchanged`, `taken_back`, `refused` or `failed`.
    outcome: &'static str,
    /// The column, or the field, that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl ImportView {
    pub(crate) fn new(outcomes: Vec<RowOutcome>) -> Self {
        let rows: Vec<RowView> =
            outcomes.into_iter().enumerate().map(|(row, outcome)| RowView::new(row, outcome)).collect();
        let count = |outcome: &str| rows.iter().filter(|row| row.outcome == outcome).count();
        Self {
            accepted: count("accepted"),
            unchanged: count("unchanged"),
            taken_back: count("taken_back"),
            refused: count("refused"),
            failed: count("failed"),
            rows,
        }
    }
}

impl RowView {
    fn new(row: usize, outcome: RowOutcome) -> Self {
        let (outcome, field, message) = match outcome {
            RowOutcome::Accepted => ("accepted", None, None),
            RowOutcome::Unchanged => ("unchanged", None, None),
            RowOutcome::TakenBack => ("taken_back", None, None),
            RowOutcome::Refused(RefusedRow { field, message }) => {
                ("refused", Some(field).filter(|field| !field.is_empty()), Some(message))
            }
            RowOutcome::Failed => {
                let message = "it is not known whether this row was taken; import it again";
                ("failed", None, Some(message.to_owned()))
            }
        };
        Self { row, outcome, field, message }
    }
}
