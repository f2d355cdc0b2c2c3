//! One row of the report.

use std::fmt;

use serde_json::json;

/// A measured value and its limit.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// The measure, a dot, and the case behind it.
    pub(crate) name: String,
    /// What was measured.
    pub(crate) value: u64,
    /// In what.
    pub(crate) unit: &'static str,
    /// The most that is allowed.
    pub(crate) limit: u64,
}

impl Row {
    pub(crate) fn new(name: impl Into<String>, value: u64, unit: &'static str, limit: u64) -> Self {
        Self { name: name.into(), value, unit, limit }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, limit) = (self.value, self.limit);
        let row = json!({"name": self.name, "value": value, "unit": self.unit, "limit": limit, "ok": value <= limit});
        row.fmt(f)
    }
}
