//! Official sample payloads of the providers, for tests.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests find their samples and say when there are none"
)]

use std::{env, fs, path::PathBuf};

use serde_json::Value;

/// A sample's text; `None`, and a line that says so, where the folder is absent.
pub(crate) fn text(name: &str) -> Option<String> {
    let folder = env::var("NUMO_REFERENCE_DATA")
        .map_or_else(|_| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")), PathBuf::from);
    let required = env::var("NUMO_REQUIRE_REFERENCE").is_ok_and(|value| value == "1");
    match fs::read_to_string(folder.join(name)) {
        Ok(text) => Some(text),
        Err(_) if !required => {
            eprintln!("passed over: no reference data for {name}");
            None
        }
        Err(error) => panic!("{name} is required: {error}"),
    }
}

/// A sample as JSON.
pub(crate) fn json(name: &str) -> Option<Value> {
    Some(serde_json::from_str(&text(name)?).unwrap())
}

/// The named cases of a sample file.
pub(crate) fn cases(name: &str) -> Vec<(String, Value)> {
    let Some(file) = json(name) else { return Vec::new() };
    let case = |case: &Value| (case["name"].as_str().unwrap_or_default().to_owned(), case["payload"].clone());
    file["cases"].as_array().unwrap().iter().map(case).collect()
}
