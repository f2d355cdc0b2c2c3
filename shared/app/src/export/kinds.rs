//! What is in an export: one file per kind of item, with the fields that leave.
//!
//! `store/keys/own.rs` says of every class of keys in which file it is, or why it is in none.

mod customers;
mod settings;
mod work;

use numo_domain::id::OrgId;

use crate::store::keys;

/// One file of an export, as lines of JSON and as CSV.
pub(crate) struct Kind {
    /// Its name, without what it ends with.
    pub(crate) file: &'static str,
    /// What a line of it is.
    pub(super) about: &'static str,
    /// Tag of its items; others under the same keys are not read.
    pub(super) entity: &'static str,
    /// With what its sort keys begin, and which of them are of a customer.
    pub(crate) keys: &'static [(&'static str, Whose)],
    /// How an item becomes lines.
    pub(super) rows: Rows,
    /// What leaves of a line.
    pub(super) fields: &'static str,
}

/// Which items of a kind are in the export of one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// None: they are the business's own.
    Business,
    /// Those that name the customer.
    Named,
    /// Those of a number of theirs, which stands behind the text.
    Number,
}

/// How an item becomes lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// It is one.
    Item,
    /// It is one, with the date of its key.
    Dated,
    /// It is one, with the attempt of its key.
    Attempt,
    /// Each decision is one, of what was planned last for the date.
    Decisions,
    /// It is one, with whom it was said to or by.
    Message,
    /// It is one, with the number instead of its hash.
    Consent,
}

impl Kind {
    /// Where its items are.
    pub(super) fn partition(&self, org: &OrgId) -> String {
        if self.file == ACTIVITY { keys::activity::partition(org) } else { keys::org_partition(org) }
    }

    const fn new(
        (file, entity): (&'static str, &'static str),
        keys: &'static [(&'static str, Whose)],
        rows: Rows,
        about: &'static str,
        fields: &'static str,
    ) -> Self {
        Self { file, about, entity, keys, rows, fields }
    }
}

const ACTIVITY: &str = "activity";

/// The files, in the order in which they are in the archive.
pub(crate) fn all() -> impl Iterator<Item = &'static Kind> {
    settings::KINDS.iter().chain(customers::KINDS).chain(work::KINDS)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::export::fields::Fields;

    #[test]
    fn no_two_kinds_have_one_name_and_no_two_columns_of_a_kind() {
        let files: BTreeSet<&str> = all().map(|kind| kind.file).collect();
        assert_eq!(files.len(), all().count());
        for kind in all() {
            let heads = Fields::of(kind.fields).heads();
            let known: BTreeSet<&String> = heads.iter().collect();
            assert_eq!(known.len(), heads.len(), "{}", kind.file);
            let is_name = |head: &String| head.chars().all(|c| c.is_ascii_lowercase() || "._".contains(c));
            assert!(heads.iter().all(is_name), "{}: {heads:?}", kind.file);
            assert!(!heads.iter().any(|head| head.contains("key.key") || head.ends_with("hash")), "{}", kind.file);
        }
    }
}
