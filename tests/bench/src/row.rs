//! One row of the report.

use std::fmt;

use serde_json::{Value, json};

/// A measured value and its limit.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// The measure, a dot, and the case behind it.
    pub(crate) name: String,
    /// What was measured, in parts of the unit.
    pub(crate) value: u64,
    /// Parts that the unit has.
    parts: u32,
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
        Self { name: name.into(), value, parts: 1, unit, limit: Limit::AtMost(limit) }
    }

    /// A value in hundredths of the unit, that may be so high at most, in hundredths as well.
    pub(crate) fn hundredths(name: impl Into<String>, value: u64, unit: &'static str, limit: u64) -> Self {
        Self { parts: 100, ..Self::new(name, value, unit, limit) }
    }

    /// A value that has to be so high at least; the unit says so.
    pub(crate) fn at_least(name: impl Into<String>, value: u64, unit: &'static str, limit: u64) -> Self {
        Self { limit: Limit::AtLeast(limit), ..Self::new(name, value, unit, limit) }
    }
}

impl Row {
    /// Whole where the unit has no parts.
    fn in_units(&self, parts: u64) -> Value {
        match (self.parts, u32::try_from(parts)) {
            (1, _) | (_, Err(_)) => json!(parts),
            (whole, Ok(parts)) => json!(f64::from(parts) / f64::from(whole)),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value;
        let (limit, ok) = match self.limit {
            Limit::AtMost(limit) => (limit, value <= limit),
            Limit::AtLeast(limit) => (limit, value >= limit),
        };
        let (value, limit) = (self.in_units(value), self.in_units(limit));
        let row = json!({"name": self.name, "value": value, "unit": self.unit, "limit": limit, "ok": ok});
        row.fmt(f)
    }
}
