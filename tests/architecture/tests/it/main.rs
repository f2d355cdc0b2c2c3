//! Rules about the source itself.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may panic like tests")]

mod acceptance;
mod claims;
mod dependencies;
mod links;
mod manifests;
mod sizes;
mod tree;
