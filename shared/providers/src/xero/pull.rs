//! Which lists a pull goes through, and how each is asked.

use jiff::{Timestamp, civil::Date};
use numo_app::port::ledger::reader::{LedgerList, Place, Pull};

use crate::xero::{
    list::{self, List},
    payment,
};

/// Rows of a page, which is the most that Xero gives.
pub(crate) const PAGE_SIZE: u32 = 1000;

/// A row that changes while pages are read moves to the front and pushes others to later pages.
///
/// So a row may be read twice, never missed; the changed one itself is newer than the run's
/// beginning and comes with the next sync. Oldest first, it would pull an unread row to a read page.
const NEWEST_FIRST: (&str, &str) = ("order", "UpdatedDateUTC DESC");

/// The fields of an invoice without its lines and payments, which nobody here reads.
pub(crate) const SUMMARY: (&str, &str) = ("summaryOnly", "true");

/// Approved documents: those that are open, since settling one takes it out of this status.
pub(crate) const OPEN: (&str, &str) = ("Statuses", "AUTHORISED");

/// Credit that no invoice took up.
pub(crate) const OPEN_CREDIT: &str = "Status==\"AUTHORISED\" AND RemainingCredit>0";

/// Credit notes of customers; suppliers' share the list.
const CUSTOMERS_CREDIT: &str = "Type==\"ACCRECCREDIT\"";

/// A list as it is asked for.
#[derive(Debug)]
pub(crate) struct Selection {
    /// The list.
    pub(crate) list: &'static List,
    /// What narrows and orders it.
    pub(crate) query: Vec<(&'static str, String)>,
    /// Only what was created or changed since.
    pub(crate) since: Option<Timestamp>,
    /// How much of it is read.
    pub(crate) extent: Extent,
}

/// How much of a list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Every page.
    Whole,
    /// Its first row.
    First,
}

impl Extent {
    /// Rows of a page.
    pub(crate) const fn page_size(self) -> u32 {
        match self {
            Self::Whole => PAGE_SIZE,
            Self::First => 1,
        }
    }
}

impl Selection {
    /// Every row of a list, narrowed by a query.
    pub(crate) fn whole(list: &'static List, query: &[(&'static str, &str)]) -> Self {
        let query = query.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { list, query, since: None, extent: Extent::Whole }
    }
}

/// Where a pull begins.
pub(crate) const fn begin(pull: &Pull) -> Place {
    Place::first(match pull {
        Pull::Everything { .. } | Pull::Changes { .. } => LedgerList::Contacts,
        Pull::Open => LedgerList::Invoices,
    })
}

/// The list after another; contacts come before the records that name them.
pub(crate) const fn after(pull: &Pull, list: LedgerList) -> Option<LedgerList> {
    match (list, pull) {
        (LedgerList::Contacts, _) => Some(LedgerList::Invoices),
        (LedgerList::Invoices, _) => Some(LedgerList::CreditNotes),
        (LedgerList::CreditNotes, _) => Some(LedgerList::Prepayments),
        (LedgerList::Prepayments, _) => Some(LedgerList::Overpayments),
        (LedgerList::Overpayments, Pull::Everything { .. } | Pull::Changes { .. }) => Some(LedgerList::Payments),
        (LedgerList::Overpayments, Pull::Open)
        | (LedgerList::Payments | LedgerList::OldInvoices | LedgerList::Bills | LedgerList::AllChanges, _) => None,
    }
}

/// How a pull asks for a list; `None` for lists that Xero does not have.
///
/// Bills come with the sales invoices: one list fewer, and one call fewer of every pull.
pub(crate) fn selection(pull: &Pull, list: LedgerList) -> Option<Selection> {
    let open_only = !matches!(pull, Pull::Changes { .. });
    let selection = match list {
        LedgerList::Contacts => newest(&list::CONTACTS, &[("includeArchived", "true")]),
        LedgerList::Invoices => match pull {
            Pull::Everything { dated_since } => {
                newest(&list::INVOICES, &[SUMMARY, ("where", &open_or_dated_since(*dated_since))])
            }
            Pull::Changes { .. } => newest(&list::INVOICES, &[SUMMARY]),
            Pull::Open => newest(&list::INVOICES, &[SUMMARY, OPEN]),
        },
        LedgerList::CreditNotes if open_only => {
            newest(&list::CREDIT_NOTES, &[("where", &format!("{CUSTOMERS_CREDIT} AND {OPEN_CREDIT}"))])
        }
        LedgerList::CreditNotes => newest(&list::CREDIT_NOTES, &[("where", CUSTOMERS_CREDIT)]),
        LedgerList::Prepayments => newest(&list::PREPAYMENTS, open_credit(open_only)),
        LedgerList::Overpayments => newest(&list::OVERPAYMENTS, open_credit(open_only)),
        LedgerList::Payments if open_only => latest_payment(),
        LedgerList::Payments => newest(&list::PAYMENTS, &[("where", &customers_payments())]),
        LedgerList::OldInvoices | LedgerList::Bills | LedgerList::AllChanges => return None,
    };
    let since = match pull {
        Pull::Changes { since } => Some(*since),
        Pull::Everything { .. } | Pull::Open => None,
    };
    Some(Selection { since, ..selection })
}

/// Every row of a list, narrowed by a query, in an order that holds while it is read.
pub(crate) fn newest(list: &'static List, query: &[(&'static str, &str)]) -> Selection {
    Selection::whole(list, &[query, &[NEWEST_FIRST]].concat())
}

/// Bills of any age as long as they are open, sales invoices of the time as well.
fn open_or_dated_since(since: Date) -> String {
    let (year, month, day) = (since.year(), since.month(), since.day());
    format!("Status==\"AUTHORISED\" OR (Type==\"ACCREC\" AND Date>=DateTime({year},{month:02},{day:02}))")
}

const fn open_credit(open_only: bool) -> &'static [(&'static str, &'static str)] {
    if open_only { &[("where", OPEN_CREDIT)] } else { &[] }
}

fn customers_payments() -> String {
    format!("PaymentType==\"{}\"", payment::CUSTOMERS)
}

/// The payment that shows how far the books are kept.
fn latest_payment() -> Selection {
    let customers = format!("{} AND Status==\"AUTHORISED\"", customers_payments());
    let query = [("where", customers.as_str()), ("order", "Date DESC")];
    Selection { extent: Extent::First, ..Selection::whole(&list::PAYMENTS, &query) }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn everything() -> Pull {
        Pull::Everything { dated_since: date(2025, 3, 9) }
    }

    fn changes() -> Pull {
        Pull::Changes { since: "2026-11-23T06:00:00Z".parse().unwrap() }
    }

    fn lists(pull: &Pull) -> Vec<LedgerList> {
        std::iter::successors(Some(begin(pull).list), |list| after(pull, *list)).collect()
    }

    fn where_of(pull: &Pull, list: LedgerList) -> String {
        let query = selection(pull, list).unwrap().query;
        query.into_iter().find(|(name, _)| *name == "where").map(|(_, value)| value).unwrap_or_default()
    }

    #[test]
    fn a_pull_goes_through_its_lists_contacts_first() {
        let all = [
            LedgerList::Contacts,
            LedgerList::Invoices,
            LedgerList::CreditNotes,
            LedgerList::Prepayments,
            LedgerList::Overpayments,
            LedgerList::Payments,
        ];
        assert_eq!((lists(&everything()), lists(&changes())), (all.to_vec(), all.to_vec()));
        assert_eq!(lists(&Pull::Open), all[1..5]);
        for pull in [everything(), changes(), Pull::Open] {
            for list in lists(&pull) {
                assert_eq!(selection(&pull, list).unwrap().list.place, list);
            }
        }
    }

    #[test]
    fn the_first_pull_asks_for_what_matters_only() {
        let asked = |list| where_of(&everything(), list);
        assert_eq!(
            asked(LedgerList::Invoices),
            r#"Status=="AUTHORISED" OR (Type=="ACCREC" AND Date>=DateTime(2025,03,09))"#
        );
        let credit = r#"Status=="AUTHORISED" AND RemainingCredit>0"#;
        assert_eq!(asked(LedgerList::CreditNotes), format!(r#"Type=="ACCRECCREDIT" AND {credit}"#));
        assert_eq!((asked(LedgerList::Prepayments), asked(LedgerList::Overpayments)), (credit.into(), credit.into()));
        assert_eq!(asked(LedgerList::Payments), r#"PaymentType=="ACCRECPAYMENT" AND Status=="AUTHORISED""#);
        assert_eq!(selection(&everything(), LedgerList::Payments).unwrap().extent, Extent::First);
    }

    #[test]
    fn changes_are_asked_for_whatever_their_status() {
        for list in lists(&changes()) {
            let asked = selection(&changes(), list).unwrap();
            assert_eq!((asked.since.is_some(), asked.extent), (true, Extent::Whole), "{list:?}");
            assert!(!format!("{:?}", asked.query).contains("AUTHORISED"), "{list:?}");
        }
    }

    #[test]
    fn lists_that_xero_does_not_have_are_not_asked_for() {
        for list in [LedgerList::OldInvoices, LedgerList::Bills, LedgerList::AllChanges] {
            assert!(selection(&everything(), list).is_none());
        }
    }
}
