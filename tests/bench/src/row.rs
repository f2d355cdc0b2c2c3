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
    /// What is allowed.
    limit: Limit,
}

#[derive(Debug, Clone, Copy)]
enum Limit {
    AtMost(u64),
    AtLeast(u64),
}

impl Row {
    /// A value that may be so high at most.
    pub(crate) fn new(name: impl Into<String>, value: u64, unit: &'static str, limit: u64) -> Self {
        Self { name: name.into(), value, unit, limit: Limit::AtMost(limit) }
    }

    /// A value that has to be so high at least; the unit says so.
    pub(crate) fn at_least(name: impl Into<String>, value: u64, unit: &'static str, limit: u64) -> Self {
        Self { name: name.into(), value, unit, limit: Limit::AtLeast(limit) }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value;
        let (limit, ok) = match self.limit {
            Limit::AtMost(limit) => (limit, value <= limit),
            Limit::AtLeast(limit) => (limit, value >= limit),
        };
        let row = json!({"name": self.name, "value": value, "unit": self.unit, "limit": limit, "ok": ok});
        row.fmt(f)
    }
}
