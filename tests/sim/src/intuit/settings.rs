use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What control may change about the simulated Intuit.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Whether the demo company serves its two broken rows.
    pub(crate) malformed_rows: bool,
    /// Calls per realm and minute; counted but not enforced while absent.
    pub(crate) minute_limit: Option<u64>,
    pub(crate) second_limit: Option<u64>,
    /// Batches per realm and minute.
    pub(crate) batch_limit: Option<u64>,
    /// The month's free reads are used up: every read is throttled until this is lifted.
    pub(crate) month_blocked: bool,
    /// How long every call of the accounting API takes at least.
    pub(crate) latency_ms: u64,
    /// How long a refresh takes, so that two at a time can be seen.
    pub(crate) refresh_hold_ms: u64,
    /// Whether two refreshes at a time with one token end it.
    pub(crate) concurrent_refresh_revokes: bool,
    pub(crate) access_life_s: i64,
    pub(crate) refresh_life_s: i64,
    pub(crate) hard_life_s: i64,
    /// How old the value of a refresh token grows before a refresh changes it.
    pub(crate) rotate_after_s: i64,
    /// The form of authentication and authorisation errors; the usual one of each if absent.
    pub(crate) auth_errors: Option<Form>,
}

/// The forms in which a fault has been seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Form {
    /// `{"Fault":{"Error":[..]}}`
    Upper,
    /// `{"fault":{"error":[..]}}`
    Lower,
    Xml,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            malformed_rows: true,
            minute_limit: None,
            second_limit: None,
            batch_limit: None,
            month_blocked: false,
            latency_ms: 0,
            refresh_hold_ms: 20,
            concurrent_refresh_revokes: false,
            access_life_s: 3600,
            refresh_life_s: 8_726_400,
            hard_life_s: 5 * 365 * 24 * 3600,
            rotate_after_s: 24 * 3600,
            auth_errors: None,
        }
    }
}

impl Settings {
    /// These settings with some changed; an unknown name or a value of another type is refused.
    pub(crate) fn with(&self, changed: &Map<String, Value>) -> Result<Self, serde_json::Error> {
        let mut fields = serde_json::to_value(self)?;
        if let Some(fields) = fields.as_object_mut() {
            fields.extend(changed.clone());
        }
        serde_json::from_value(fields)
    }
}
