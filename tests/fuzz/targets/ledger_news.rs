//! A webhook body that Xero or Intuit signed, whatever it holds.

use numo_providers::{quickbooks, xero};

/// Reads it: nothing panics, and what names nobody is counted.
pub(crate) fn run(bytes: &[u8]) {
    for news in [xero::webhook::news(bytes), quickbooks::webhook::news(bytes)] {
        // Ids become parts of keys, whose parts are kept apart by this.
        assert!(news.tenants.iter().all(|tenant| !tenant.as_str().is_empty()), "{:?}", news.tenants);
        assert!(serde_json::from_slice::<serde_json::Value>(bytes).is_ok() || news.n_ignored == 1);
    }
}
