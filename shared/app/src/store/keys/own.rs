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
    use crate::export::kinds::{self, Kind};

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
        ("OPENDUE", Index),
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

    /// In which file of an export a class is.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Export {
        /// In the one of this name.
        File(&'static str),
        /// In none, for this reason.
        NoFile(&'static str),
    }
    use Export::{File, NoFile};

    /// Sort keys of the organisation's own partitions, and of the others, with where they are in an export.
    const WITHIN: &[(&str, Export)] = &[
        ("ANSWER", NoFile("it leads to a line of messages")),
        ("ATT", File("attempts")),
        ("BILL", File("bills")),
        ("BSUID", NoFile("it is two keyed hashes")),
        ("CALLS", NoFile("it counts the calls of a minute")),
        ("CHOICE", NoFile("it holds sealed tokens")),
        ("CLERK", NoFile("it counts all organisations of a night")),
        ("CODE", NoFile("it is the hash of a code")),
        ("CONN", File("connections")),
        ("CONSENT", File("consents")),
        ("CONSENT#CONTACT", File("consents")),
        ("CONTACT", File("customers")),
        ("CONV", File("conversations")),
        ("CREDIT", File("credits")),
        ("CURSOR", NoFile("it says how far a sync came")),
        ("DEBTORS", NoFile("customers and invoices say it")),
        ("DUE", NoFile("it says what Numo is about to do")),
        ("ERASED", File("erased_customers")),
        ("ERASURE", NoFile("it says how far an erasure came")),
        ("EXPORT", File("exports")),
        ("EXPORTBOOK", NoFile("exports say it")),
        ("FIGURES", NoFile("invoices, payments and reminders say it")),
        ("FILE", File("customer_decisions")),
        ("FUSE", NoFile("reminders and messages say it")),
        ("GRANT", NoFile("it holds sealed tokens")),
        ("IN", NoFile("messages say it")),
        ("INCHANGE", NoFile("messages say it")),
        ("INV", File("invoices")),
        ("KEY", NoFile("it is a sealed key")),
        ("LIBRARY", File("library_texts")),
        ("LINE", File("messages")),
        ("MAIL", File("alerts")),
        ("MAILBOOK", NoFile("alerts say it")),
        ("MAILS", File("mail_settings")),
        ("MANUAL", File("manual_sends")),
        ("MEMBER", File("members")),
        ("METABILL", File("whatsapp_bills")),
        ("MISSING", NoFile("it says what Clerk did not know")),
        ("NUMBER", NoFile("customers say it")),
        ("ONCE", NoFile("it holds sealed answers")),
        ("OWED", File("owed_by_day")),
        ("PAYER", NoFile("customers say it")),
        ("PAYLINK", NoFile("it is the address of a pay page")),
        ("PAYMENT", File("payments")),
        ("PDF", NoFile("it is Meta's id of a file")),
        ("PHONE", NoFile("customers say it")),
        ("PIN", NoFile("it is a sealed PIN")),
        ("PLAN", File("plans")),
        ("PLANEDIT", File("cancellations")),
        ("POLICIES", NoFile("policies say it")),
        ("POLICY", File("policies")),
        ("POLICYV", File("policy_versions")),
        ("PROFILE", File("organisation")),
        ("RECEIPTS", File("receipts")),
        ("REM", File("reminders")),
        ("RUN", File("sync_runs")),
        ("SEATED", NoFile("it leads to a seat")),
        ("SENDER", File("senders")),
        ("SETUP", File("setup_links")),
        ("SIGNEDUP", NoFile("it is a keyed hash of a Facebook user")),
        ("SIGNUP", NoFile("it is a sealed token")),
        ("TASK", File("tasks")),
        ("TEST", File("test_messages")),
        ("TESTATT", NoFile("it leads to a test message")),
        ("TOTELL", NoFile("messages say it")),
        ("TPL", File("templates")),
        ("UNREADABLE", File("unreadable_records")),
        ("WABA", File("whatsapp_accounts")),
        ("WAMID", NoFile("it leads to a reminder")),
    ];

    #[test]
    fn of_every_class_of_keys_it_is_decided_in_which_file_of_an_export_it_is() {
        let decided: BTreeSet<(&str, &str)> = WITHIN
            .iter()
            .filter_map(|(class, export)| match export {
                File(file) => Some((*class, *file)),
                NoFile(why) => {
                    assert!(!why.is_empty(), "{class}");
                    None
                }
            })
            .collect();
        let class = |prefix: &'static str| prefix.trim_end_matches('#').trim_end_matches("#NUMBER");
        let of_kind = |kind: &'static Kind| kind.keys.iter().map(|(prefix, _)| (class(prefix), kind.file));
        // Decisions stand under the keys of their plan; the activity log is a partition of its own.
        let beside = [("PLAN", "decisions"), (activity::LINES, "activity")];
        let exported: BTreeSet<(&str, &str)> =
            kinds::all().flat_map(of_kind).filter(|entry| !beside.contains(entry)).collect();
        assert_eq!(decided, exported);
        assert_eq!(kinds::all().flat_map(of_kind).filter(|entry| beside.contains(entry)).count(), 2);
    }

    #[test]
    fn of_every_class_of_keys_it_is_decided_what_becomes_of_it_when_an_organisation_is_erased() {
        let decided: BTreeSet<String> = WITHIN
            .iter()
            .map(|(name, _)| (*name, Within))
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
