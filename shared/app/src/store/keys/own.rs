//! Which partitions are an organisation's own: all that goes with it.

use numo_domain::id::OrgId;

use crate::store::keys::{activity, org_partition, vault};

/// Begins the keys of due work within an organisation's partition.
pub(crate) const DUE_ITEMS: &str = "DUE#";

/// The organisation's own partitions, in the order in which they are erased: what opens its tokens first.
pub(crate) fn partitions(org: &OrgId) -> [String; 3] {
    [vault::partition(org), org_partition(org), activity::partition(org)]
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    /// What becomes of a class of keys when an organisation is erased.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Fate {
        /// A partition of the organisation's own, deleted whole.
        Erased,
        /// A sort key within such a partition, or a part of one.
        Within,
        /// Outside of them, deleted with the item of the organisation that leads to it.
        WithWhatLeadsToIt,
        /// Of an index: it goes with its item.
        Index,
        /// No organisation is told by it.
        Nobodys,
        /// It stays, for this reason.
        Kept(&'static str),
    }
    use Fate::{Erased, Index, Kept, Nobodys, WithWhatLeadsToIt, Within};

    const FATES: &[(&str, Fate)] = &[
        ("VAULT", Erased),
        ("ORG", Erased),
        ("AUDIT", Erased),
        ("ROUTE", WithWhatLeadsToIt),
        ("ROUTE#PHONE", WithWhatLeadsToIt),
        ("ROUTE#WABA", WithWhatLeadsToIt),
        ("XERO", WithWhatLeadsToIt),
        ("INTUIT", WithWhatLeadsToIt),
        ("PAY", WithWhatLeadsToIt),
        ("FORGET#USER", WithWhatLeadsToIt),
        ("SEAT", WithWhatLeadsToIt),
        ("OPEN", Index),
        ("GATE", Nobodys),
        ("HOOK", Nobodys),
        ("FORGET#CODE", Nobodys),
        ("REQUEST", Nobodys),
        ("CERTIFICATE", Nobodys),
        ("ROUTE#MISMATCH", Kept("it is about another organisation too, names ids alone, and is gone after 90 days")),
        ("NIGHT", Kept("it counts all organisations of one night, names ids alone, and is gone after 14 days")),
        ("STATE", Kept("it is gone after ten minutes, whether or not anybody comes back with it")),
        ("JOURNAL", Kept("a restored table has to be told; it is gone after 35 days")),
        ("FORGET#ORG", Kept("it keeps the organisation out until Clerk has forgotten it and no backup knows it")),
    ];

    /// Sort keys of the organisation's own partitions, and of the others.
    const WITHIN: &[&str] = &[
        "ANSWER",
        "ATT",
        "BILL",
        "BSUID",
        "CALLS",
        "CHOICE",
        "CODE",
        "CONN",
        "CONSENT",
        "CONSENT#CONTACT",
        "CONTACT",
        "CONV",
        "CREDIT",
        "CURSOR",
        "DUE",
        "ERASED",
        "ERASURE",
        "FILE",
        "FUSE",
        "GRANT",
        "IN",
        "INCHANGE",
        "INV",
        "KEY",
        "LIBRARY",
        "LINE",
        "MAIL",
        "MAILBOOK",
        "MAILS",
        "MANUAL",
        "MEMBER",
        "METABILL",
        "PAYER",
        "PAYLINK",
        "PAYMENT",
        "PDF",
        "PHONE",
        "PIN",
        "PLAN",
        "PLANEDIT",
        "POLICIES",
        "POLICY",
        "POLICYV",
        "PROFILE",
        "RECEIPTS",
        "REM",
        "RUN",
        "CLERK",
        "MISSING",
        "NUMBER",
        "ONCE",
        "SEATED",
        "SENDER",
        "SETUP",
        "SIGNEDUP",
        "SIGNUP",
        "TASK",
        "TEST",
        "TESTATT",
        "TOTELL",
        "TPL",
        "UNREADABLE",
        "WABA",
        "WAMID",
    ];

    #[test]
    fn of_every_class_of_keys_it_is_decided_what_becomes_of_it_when_an_organisation_is_erased() {
        let decided: BTreeSet<String> = WITHIN
            .iter()
            .map(|name| (*name, Within))
            .chain(FATES.iter().copied())
            .map(|(name, _)| name.to_owned())
            .collect();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
        let mut sources = vec![folder.join("keys.rs")];
        sources.extend(fs::read_dir(folder.join("keys")).unwrap().map(|entry| entry.unwrap().path()));
        let mut found = BTreeSet::new();
        for source in sources.iter().filter(|path| !path.ends_with("tests.rs")) {
            let text = fs::read_to_string(source).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            found.extend(code.split('"').skip(1).filter_map(class_of));
        }
        let undecided: Vec<&String> = found.difference(&decided).collect();
        assert_eq!(undecided, [""; 0], "decide in this file what becomes of it when an organisation is erased");
        let gone: Vec<&String> = decided.difference(&found).collect();
        assert_eq!(gone, [""; 0], "nothing has such a key any more");
    }

    /// The words in capitals with which a text begins.
    fn class_of(text: &str) -> Option<String> {
        let capitals =
            text.split('#').take_while(|word| word.len() > 1 && word.bytes().all(|c| c.is_ascii_uppercase()));
        let class: Vec<&str> = capitals.collect();
        (!class.is_empty()).then(|| class.join("#"))
    }

    #[test]
    fn what_is_erased_whole_are_the_organisations_own_partitions() {
        let own = partitions(&"org_a".parse().unwrap());
        let erased: Vec<String> =
            FATES.iter().filter(|(_, fate)| *fate == Erased).map(|(name, _)| format!("{name}#org_a#")).collect();
        assert_eq!(own.to_vec(), erased);
        assert!(FATES.iter().all(|(_, fate)| !matches!(fate, Kept(""))));
    }
}
