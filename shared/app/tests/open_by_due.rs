//! Open invoices stand by their due date, and are read in parts from either side.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use numo_app::{
    port::table::Order,
    store::{
        Store,
        due::DuePage,
        invoice::{KnownInvoice, place_by_due},
        part::{Part, Parted},
    },
};
use numo_domain::{
    contact::ContactRef,
    id::OrgId,
    invoice::{Invoice, InvoiceStatus, Marked},
    money::Money,
};
use numo_testkit::{meddled_table::MeddledTable, memory_table::MemoryTable};

fn org() -> OrgId {
    "org_a".parse().unwrap()
}

fn now() -> Timestamp {
    "2026-11-24T06:00:00Z".parse().unwrap()
}

fn today() -> Date {
    "2026-11-24".parse().unwrap()
}

fn invoice(id: &str, due: Option<&str>) -> Invoice {
    let connection = "018f0000-0000-7000-8000-000000000011".parse().unwrap();
    let owed = Money::new(100, "AED".parse().unwrap());
    Invoice {
        id: id.parse().unwrap(),
        contact: ContactRef { connection, contact: "c-1".parse().unwrap() },
        number: format!("INV-{id}"),
        status: InvoiceStatus::Open,
        issued: None,
        due: due.map(|due| due.parse().unwrap()),
        total: owed,
        remaining: owed,
        marked: Marked::Sent,
        expected_payment: None,
        paid: None,
        updated_at: now(),
    }
}

async fn know(store: &Store, invoice: &Invoice) {
    let seen = store.invoices_by_id(&org(), invoice.contact.connection, std::slice::from_ref(&invoice.id)).await;
    store.upsert_invoice(&org(), seen.unwrap().first(), invoice, now(), now()).await.unwrap();
}

/// In the order of due dates: seven that are overdue, one due today, one later, one at no time; and one that is paid.
async fn ten(store: &Store) -> [&'static str; 10] {
    let due = ["2025-01-31", "2026-10-01", "2026-10-01", "2026-11-01", "2026-11-02", "2026-11-22", "2026-11-23"];
    let ids = ["a%1", "b", "c#2", "d", "e", "f", "g", "h", "i", "j"];
    for (id, due) in ids.iter().zip(due.map(Some).into_iter().chain([Some("2026-11-24"), Some("2027-01-01"), None])) {
        know(store, &invoice(id, due)).await;
    }
    know(store, &Invoice { status: InvoiceStatus::Paid, ..invoice("paid", Some("2026-10-15")) }).await;
    ids
}

fn ids(part: &Parted<KnownInvoice>) -> Vec<&str> {
    part.values.iter().map(|known| known.invoice.id.as_str()).collect()
}

async fn read(store: &Store, before: Option<Date>, order: Order, part: &Part) -> Parted<KnownInvoice> {
    store.open_by_due(&org(), (before, order), part, |known| known.invoice.is_open()).await.unwrap()
}

/// Everything, part by part.
async fn all(store: &Store, before: Option<Date>, order: Order, mut part: Part) -> Vec<String> {
    let mut found = Vec::new();
    loop {
        let read = read(store, before, order, &part).await;
        found.extend(ids(&read).into_iter().map(str::to_owned));
        match read.next {
            Some(next) => part.after = Some(next),
            None => return found,
        }
    }
}

#[tokio::test]
async fn every_open_invoice_comes_once_by_due_date_in_parts_of_any_size_from_either_side() {
    let store = Store::new(Arc::new(MemoryTable::new()));
    let open = ten(&store).await;
    let upwards = |many: usize| open.iter().take(many).map(|id| (*id).to_owned()).collect::<Vec<_>>();
    for limit in 1..=11 {
        for (before, many) in [(None, 10), (Some(today()), 7)] {
            let first = Part::first(limit);
            assert_eq!(all(&store, before, Order::Ascending, first.clone()).await, upwards(many), "{limit}");
            let mut downwards = upwards(many);
            downwards.reverse();
            assert_eq!(all(&store, before, Order::Descending, first).await, downwards, "{limit}");
        }
    }
}

#[tokio::test]
async fn nothing_follows_a_part_that_ends_the_list_and_a_place_that_no_invoice_has_is_its_beginning() {
    let store = Store::new(Arc::new(MemoryTable::new()));
    let open = ten(&store).await;
    let whole = read(&store, None, Order::Ascending, &Part::first(10)).await;
    assert_eq!((ids(&whole), whole.next.as_deref()), (open.to_vec(), None));
    let d = place_by_due(&invoice("d", Some("2026-11-01")));
    let before = read(&store, None, Order::Descending, &Part { limit: 2, after: Some(d.clone()) }).await;
    assert_eq!(ids(&before), ["c#2", "b"]);
    for wrong in ["", "#", "2026-11-01", "2026-1-1#x#y", &format!("{d}#more"), &format!("none#{}", "x".repeat(900))] {
        let part = Part { limit: 1, after: Some(wrong.to_owned()) };
        assert_eq!(ids(&read(&store, None, Order::Ascending, &part).await), ["a%1"], "{wrong}");
    }
    let beyond = Part { limit: 1, after: Some(place_by_due(&invoice("h", Some("2026-11-24")))) };
    assert_eq!(ids(&read(&store, Some(today()), Order::Ascending, &beyond).await), ["a%1"], "it is not overdue");
}

#[tokio::test]
async fn an_invoice_that_is_paid_while_it_is_looked_for_is_not_shown() {
    let table = Arc::new(MemoryTable::new());
    let other = Store::new(table.clone());
    ten(&other).await;
    let meddled = Arc::new(MeddledTable::new(table));
    meddled.meddle(2, async move {
        know(&other, &Invoice { status: InvoiceStatus::Paid, ..invoice("b", Some("2026-10-01")) }).await;
    });
    let found = read(&Store::new(meddled.clone()), None, Order::Ascending, &Part::first(3)).await;
    assert!(meddled.is_meddled());
    assert_eq!(ids(&found), ["a%1", "c#2", "d"]);
}

#[tokio::test]
async fn a_search_looks_at_two_thousand_at_a_time_and_says_where_it_goes_on() {
    let store = Store::new(Arc::new(MemoryTable::new()));
    for number in 0..2_100 {
        know(&store, &invoice(&format!("{number:05}"), Some("2026-11-01"))).await;
    }
    let last = |known: &KnownInvoice| known.invoice.id.as_str() == "02099";
    let part = Part::first(50);
    let first = store.open_by_due(&org(), (None, Order::Ascending), &part, last).await.unwrap();
    assert_eq!((first.values.len(), first.next.is_some()), (0, true));
    let part = Part { after: first.next, ..part };
    let second = store.open_by_due(&org(), (None, Order::Ascending), &part, last).await.unwrap();
    assert_eq!((ids(&second), second.next.as_deref()), (vec!["02099"], None));
}

#[tokio::test]
async fn a_write_costs_more_only_where_an_invoice_opens_ends_or_is_due_at_another_time() {
    let table = Arc::new(MemoryTable::new());
    let store = Store::new(table.clone());
    let first = invoice("a", Some("2026-11-01"));
    let less = Invoice { remaining: Money::new(50, "AED".parse().unwrap()), ..first.clone() };
    let moved = Invoice { due: "2026-12-01".parse().ok(), ..less.clone() };
    let paid = Invoice { status: InvoiceStatus::Paid, ..moved.clone() };
    let noted = Invoice { number: "INV-B".to_owned(), ..paid.clone() };
    let mut units = Vec::new();
    for invoice in [&first, &less, &moved, &paid, &noted] {
        table.take_counts();
        know(&store, invoice).await;
        let counts = table.take_counts();
        units.push((counts.write_units, counts.index_units));
    }
    // In each index: one to appear or to go, two to move; and one in the index of what is open for what changed.
    assert_eq!(units, [(1, 2), (1, 1), (1, 4), (1, 2), (1, 0)]);
}

#[tokio::test]
async fn the_sweep_over_due_work_sees_no_invoice() {
    let store = Store::new(Arc::new(MemoryTable::new()));
    ten(&store).await;
    for shard in 0..16 {
        assert_eq!(store.due_now(shard, Timestamp::MAX, 10, None).await.unwrap(), DuePage::default());
    }
}
