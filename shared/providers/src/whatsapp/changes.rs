//! Changes of a webhook in its own words, for a message that is still to be written.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;

/// Changes of one account; serialised, they are a JSON list.
///
/// They borrow from the body of the webhook, so that its text is copied once: into the message.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Changes<'a>(pub(crate) Vec<Change<'a>>);

/// A change, or a part of one.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum Change<'a> {
    /// As it came.
    Whole(&'a RawValue),
    /// With one of its lists, and of that some rows.
    Cut { field: Option<&'a RawValue>, value: CutValue<'a> },
    /// A note in place of what cannot be cut.
    TooLarge { field: Option<&'a RawValue>, too_large_bytes: usize },
}

/// The value of a change that is cut.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CutValue<'a> {
    /// All that is not cut.
    #[serde(flatten)]
    pub(crate) frame: BTreeMap<String, &'a RawValue>,
    /// The one list, by its name.
    #[serde(flatten)]
    pub(crate) list: BTreeMap<&'static str, Vec<&'a RawValue>>,
}
