//! What customers owe is counted once, kept in small items, and read page by page.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_app::{
    count_receivables::{count_receivables, owed_now},
    debtors::{Debtor, customers_named, debtors},
    port::table::{Item, Table},
    store::Store,
};
use numo_domain::{
    contact::{Contact, ContactNumber, ContactRef, ContactStatus},
    id::OrgId,
    invoice::{Invoice, InvoiceStatus, Marked},
    money::Money,
};
use numo_testkit::{
    faulty_table::{Fault, FaultyTable, Plan},
    meddled_table::MeddledTable,
    memory_table::MemoryTable,
};

fn org() -> OrgId {
    "org_a".parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn today() -> Date {
    "2026-11-24".parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-11-24T06:00:00Z")
}

fn later() -> Timestamp {
    now().checked_add(SignedDuration::from_mins(1)).unwrap()
}

fn aed(minor: i64) -> Money {
    Money::new(minor, "AED".parse().unwrap())
}

fn customer(id: &str) -> ContactRef {
    let connection = "018f0000-0000-7000-8000-000000000011".parse().unwrap();
    ContactRef { connection, contact: id.parse().unwrap() }
}

/// A customer who can be reminded, named like its id.
fn contact(id: &str) -> Contact {
    Contact {
        at: customer(id),
        name: format!("Customer {id}"),
        status: ContactStatus::Active,
        number: ContactNumber::usable("+971501234567".parse().unwrap(), format!("key-{id}").parse().unwrap()),
        first_key: None,
        typed: None,
        typed_before: None,
        payer: None,
        groups: Vec::new(),
        updated_at: at("2026-11-20T00:00:00Z"),
    }
}

/// An open invoice of a customer.
fn invoice(id: &str, of: &str, owed: Money, due: Option<&str>) -> Invoice {
    Invoice {
        id: id.parse().unwrap(),
        contact: customer(of),
        number: format!("INV-{id}"),
        status: InvoiceStatus::Open,
        issued: None,
        due: due.map(|due| due.parse().unwrap()),
        total: owed,
        remaining: owed,
        marked: Marked::Sent,
        expected_payment: None,
        paid: None,
        updated_at: at("2026-11-20T00:00:00Z"),
    }
}

async fn know(store: &Store, contacts: &[Contact], invoices: &[Invoice]) {
    for contact in contacts {
        store.upsert_contact(&org(), None, contact, now()).await.unwrap();
    }
    for invoice in invoices {
        let seen = store.invoices_by_id(&org(), invoice.contact.connection, std::slice::from_ref(&invoice.id)).await;
        store.upsert_invoice(&org(), seen.unwrap().first(), invoice, now(), now()).await.unwrap();
    }
}

/// Four customers: one without a number, one who was merged, one with two currencies, one who owes nothing.
async fn four(store: &Store) {
    let lost = Contact { number: ContactNumber::Missing, ..contact("lost") };
    let merged = Contact { payer: "head".parse().ok(), ..contact("merged") };
    let usd = Money::new(7_000, "USD".parse().unwrap());
    let invoices = [
        invoice("1", "lost", aed(100), Some("2026-11-23")),
        invoice("2", "merged", aed(5_000), Some("2026-08-01")),
        invoice("3", "head", aed(300), None),
        invoice("4", "two", usd, Some("2026-11-20")),
        invoice("5", "two", aed(40), Some("2026-12-20")),
    ];
    know(store, &[lost, merged, contact("head"), contact("two"), contact("nothing")], &invoices).await;
}

fn told(debtor: &Debtor) -> (String, bool, Vec<String>, Option<i32>) {
    let owes = debtor.owes.iter().map(|owes| format!("{} of {}", owes.overdue, owes.total));
    (debtor.contact.at.contact.to_string(), debtor.lacks_number(), owes.collect(), debtor.days_overdue(today()))
}

fn listed(table: &MemoryTable) -> Vec<(String, u64)> {
    let chunks = table.items().into_iter().filter(|item| item.entity == "debtors");
    chunks.map(|Item { key, rev, .. }| (key.sk, rev)).collect()
}

/// What is kept, without when it was counted and how often.
async fn kept(store: &Store) -> Vec<(String, bool, Vec<String>, Option<i32>)> {
    let page = debtors(store, &org(), (0, false)).await.unwrap().unwrap();
    page.debtors.iter().map(told).collect()
}

#[tokio::test]
async fn who_lacks_a_number_stands_first_and_what_a_merged_customer_owes_under_whoever_pays() {
    let store = Store::new(Arc::new(MemoryTable::new()));
    four(&store).await;
    assert_eq!(debtors(&store, &org(), (0, false)).await.unwrap(), None, "nothing was counted yet");
    assert_eq!(owed_now(&store, &org(), today()).await.unwrap(), None);
    count_receivables(&store, &org(), now()).await.unwrap();
    let row = |id: &str, lacks, owes: &[&str], days| {
        (id.to_owned(), lacks, owes.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>(), days)
    };
    let expected = [
        row("lost", true, &["AED 1.00 of AED 1.00"], Some(1)),
        row("two", false, &["AED 0.00 of AED 0.40", "USD 70.00 of USD 70.00"], Some(4)),
        row("head", false, &["AED 50.00 of AED 53.00"], Some(115)),
    ];
    assert_eq!(kept(&store).await, expected);
    let page = debtors(&store, &org(), (0, true)).await.unwrap().unwrap();
    assert_eq!((page.all, page.without_number, page.pages, page.unlisted), (3, 1, 1, 0));
    assert_eq!(page.debtors.iter().map(told).collect::<Vec<_>>(), expected[..1]);
    let named = customers_named(&store, &org(), ("customer", 9), today()).await.unwrap();
    let names: Vec<_> = named.iter().map(|debtor| debtor.contact.at.contact.as_str()).collect();
    assert_eq!(names, ["lost", "two", "merged", "head", "nothing"], "a search finds every one under its own name");
    let owed = owed_now(&store, &org(), today()).await.unwrap().unwrap();
    let sums: Vec<_> = owed.counted.owed.iter().map(|sum| (sum.total(), sum.overdue(), sum.invoices)).collect();
    assert_eq!(sums[0], (aed(5_440), aed(5_100), 4));
    assert_eq!((sums.len(), owed.month_ago), (2, None));
}

#[tokio::test]
async fn what_is_owed_stands_beside_the_latest_day_that_is_a_month_ago() {
    let store = Store::new(Arc::new(MemoryTable::new()));
    for (day, owed) in [("2026-10-16", 1), ("2026-10-18", 2), ("2026-10-24", 3), ("2026-10-25", 4)] {
        know(&store, &[contact("a")], &[invoice(day, "a", aed(owed), None)]).await;
        count_receivables(&store, &org(), at(&format!("{day}T09:00:00Z"))).await.unwrap();
    }
    for (today, before) in [
        ("2026-11-23", Some(("2026-10-18", 3))),
        ("2026-11-24", Some(("2026-10-24", 6))),
        ("2026-11-30", Some(("2026-10-25", 10))),
        ("2026-12-01", None),
    ] {
        let owed = owed_now(&store, &org(), today.parse().unwrap()).await.unwrap().unwrap();
        let told = owed.month_ago.map(|day| (day.date.to_string(), day.owed[0].total().minor));
        assert_eq!(told, before.map(|(day, owed)| (day.to_owned(), owed)), "{today}");
    }
}

/// So many customers, each of whom owes one more than the one before.
async fn many(store: &Store, customers: i64) {
    for number in 0..customers {
        let id = format!("{number:05}");
        let owed = invoice(&id, &id, aed(10_000 + number * 10), Some("2026-11-01"));
        know(store, &[contact(&id)], &[owed]).await;
    }
}

#[tokio::test]
async fn a_chunk_that_did_not_change_is_not_written_again_and_one_too_many_goes() {
    let table = Arc::new(MemoryTable::new());
    let store = Store::new(table.clone());
    many(&store, 120).await;
    count_receivables(&store, &org(), now()).await.unwrap();
    let first = debtors(&store, &org(), (2, false)).await.unwrap().unwrap();
    assert_eq!((first.pages, first.debtors.len(), told(&first.debtors[0]).0.as_str()), (3, 20, "00019"));
    let revs = |revs: &[u64]| -> Vec<(String, u64)> {
        revs.iter().enumerate().map(|(chunk, rev)| (format!("DEBTORS#{chunk:04}"), *rev)).collect()
    };
    assert_eq!(listed(&table), revs(&[1, 1, 1]));
    table.take_counts();
    count_receivables(&store, &org(), later()).await.unwrap();
    assert_eq!((listed(&table), table.counts().items_written), (revs(&[1, 1, 1]), 2), "sums alone");
    know(&store, &[], &[invoice("00060", "00060", aed(10_601), Some("2026-11-01"))]).await;
    count_receivables(&store, &org(), later()).await.unwrap();
    assert_eq!(listed(&table), revs(&[1, 2, 1]), "one amount changed, and no order");
    let paid = |id: &str| Invoice {
        status: InvoiceStatus::Paid,
        remaining: aed(0),
        ..invoice(id, id, aed(10_000), Some("2026-11-01"))
    };
    know(&store, &[], &(0..20).map(|number| paid(&format!("{number:05}"))).collect::<Vec<_>>()).await;
    count_receivables(&store, &org(), later()).await.unwrap();
    assert_eq!(listed(&table), revs(&[1, 2]));
    let beyond = debtors(&store, &org(), (2, false)).await.unwrap().unwrap();
    assert_eq!((beyond.pages, beyond.debtors), (2, Vec::new()));
}

#[tokio::test]
async fn of_more_than_two_thousand_customers_the_rest_is_on_no_page() {
    let store = Store::new(Arc::new(MemoryTable::new()));
    many(&store, 2_011).await;
    count_receivables(&store, &org(), now()).await.unwrap();
    let last = debtors(&store, &org(), (39, false)).await.unwrap().unwrap();
    assert_eq!((last.all, last.pages, last.debtors.len(), last.unlisted), (2_011, 40, 50, 11));
}

#[tokio::test]
async fn a_count_that_fails_anywhere_is_whole_or_nothing_and_is_made_again() {
    for call in 1.. {
        for fault in [Fault::Before, Fault::After] {
            let table = Arc::new(MemoryTable::new());
            let calm = Store::new(table.clone());
            four(&calm).await;
            count_receivables(&calm, &org(), now()).await.unwrap();
            let before = kept(&calm).await;
            know(&calm, &[], &[invoice("1", "lost", aed(900), Some("2026-11-23"))]).await;
            let faults = Arc::new(FaultyTable::new(table.clone() as Arc<dyn Table>));
            faults.reset(Plan::Once { call, fault });
            let store = Store::new(faults.clone());
            let made = count_receivables(&store, &org(), later()).await;
            if faults.calls() < call {
                return made.unwrap();
            }
            assert!(made.is_err());
            let meanwhile = kept(&calm).await;
            count_receivables(&store, &org(), later()).await.unwrap();
            let after = kept(&calm).await;
            assert!(meanwhile == before || meanwhile == after, "call {call}: {meanwhile:?}");
            assert_eq!(after[0].2, ["AED 9.00 of AED 9.00"], "call {call}");
        }
    }
}

#[tokio::test]
async fn of_two_counts_at_once_the_one_that_read_later_stays_whichever_ends_first() {
    for call in 1..=5 {
        let table = Arc::new(MemoryTable::new());
        let other = Store::new(table.clone());
        four(&other).await;
        let meddled = Arc::new(MeddledTable::new(table.clone()));
        meddled.meddle(call, {
            let other = other.clone();
            async move {
                know(&other, &[], &[invoice("1", "lost", aed(900), Some("2026-11-23"))]).await;
                count_receivables(&other, &org(), later()).await.unwrap();
            }
        });
        count_receivables(&Store::new(meddled.clone()), &org(), now()).await.unwrap();
        assert!(meddled.is_meddled(), "call {call}");
        assert_eq!(kept(&other).await[0].2, ["AED 9.00 of AED 9.00"], "call {call}");
        let page = debtors(&other, &org(), (0, false)).await.unwrap().unwrap();
        assert_eq!(page.counted_at, later(), "call {call}");
    }
}
