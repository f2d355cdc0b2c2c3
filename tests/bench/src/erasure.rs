//! Erasing an organisation, over the table in memory: calls, items and how both grow.

use std::{sync::Arc, time::Instant};

use jiff::{SignedDuration, Timestamp};
use numo_app::{
    erase_organisation::{
        begin,
        run::{Erasing, ErasurePorts, erase_organisation},
    },
    export::run::ExportPorts,
    job::Work,
    number_key::NumberKeys,
    port::{
        clock::Clock as _,
        table::{Item, Key, Table as _, Write},
    },
    store::{Store, due::Claimed, pay_page::PayTarget},
    vault::Vault,
    wake::Waker,
};
use numo_domain::{
    contact::ContactRef,
    id::{ConnectionId, OrgId},
    invoice::{Invoice, InvoiceStatus, Marked},
    money::Money,
};
use numo_testkit::{
    counting_ids::CountingIds,
    fixed_clock::FixedClock,
    memory_bucket::MemoryBucket,
    memory_keys::MemoryKeys,
    memory_ledger::MemoryLedger,
    memory_people::MemoryPeople,
    memory_signup::MemorySignup,
    memory_table::{Counts, MemoryTable},
    recording_queue::RecordingQueue,
};
use serde_json::json;
use uuid::Uuid;

use crate::{Failure, row::Row};

/// Invoices of the smaller organisation; the larger one has ten times as many.
const INVOICES: u32 = 1_000;

/// How long the function has (template.yaml).
const INVOCATION: SignedDuration = SignedDuration::from_secs(300);

/// What erasing came to.
struct Erased {
    counts: Counts,
    items: usize,
    us: u64,
}

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let mut erased = Vec::new();
    for invoices in [INVOICES, INVOICES * 10] {
        erased.push((invoices, erase(invoices).await?));
    }
    let mut rows = Vec::new();
    for (invoices, Erased { counts, items, us }) in &erased {
        // A page of 99 items is one query, one batch read and one transaction; the rest is what every erasure costs.
        let pages = u64::try_from(*items)?.div_ceil(99);
        let name = format!("erase_organisation_calls.{invoices}");
        rows.push(Row::new(name, counts.calls(), "calls of the table", pages * 6 + 100));
        let written = counts.items_written;
        rows.push(Row::new(
            format!("erase_organisation_items.{invoices}"),
            written,
            "items",
            u64::try_from(*items)? * 2,
        ));
        rows.push(Row::new(format!("erase_organisation_ms.{invoices}"), us / 1_000, "ms", 60_000));
    }
    let growth = |of: fn(&Erased) -> u64| match erased.as_slice() {
        [(_, small), (_, large)] => of(large) * 100 / of(small).max(1),
        _ => u64::MAX,
    };
    let unit = "% for ten times the invoices";
    rows.push(Row::new("erase_organisation_growth.calls", growth(|erased| erased.counts.calls()), unit, 1_100));
    rows.push(Row::new(
        "erase_organisation_growth.write_units",
        growth(|erased| erased.counts.all_write_units()),
        unit,
        1_100,
    ));
    Ok(rows)
}

/// Erases an organisation that Clerk has deleted, stage by stage.
async fn erase(invoices: u32) -> Result<Erased, Failure> {
    let (table, queue) = (Arc::new(MemoryTable::new()), Arc::new(RecordingQueue::new()));
    let clock = Arc::new(FixedClock::at("2026-11-28T06:00:00Z".parse()?));
    let store = Store::with_journal(table.clone(), Arc::new(MemoryTable::new()));
    let waker = Waker { store: store.clone(), queue, ids: Arc::new(CountingIds::new(1)) };
    let ports = ErasurePorts {
        vault: Vault::new(store, Arc::new(MemoryKeys::new(1)), MemoryLedger::new().auth()),
        exports: ExportPorts { waker: waker.clone(), bucket: MemoryBucket::new(), clock: clock.clone() },
        waker,
        signup: MemorySignup::new(),
        organisations: Arc::new(MemoryPeople::new()),
        number_keys: NumberKeys::new(vec![7; 32])?,
        clock: clock.clone(),
    };
    let org: OrgId = "org_bench".parse()?;
    fill(&table, &ports, &org, invoices, clock.now()).await?;
    begin(&ports.waker.store, &org, clock.now()).await?;
    let items = table.items().len();
    table.take_counts();
    let began = Instant::now();
    loop {
        let now = clock.now();
        let claimed = ports.waker.store.claim_work(&org, &Work::EraseOrganisation {}, now).await?;
        let Claimed::Claimed { claim, .. } = claimed else { return Err("the erasure is not due".into()) };
        let deadline = now.checked_add(INVOCATION)?;
        match erase_organisation(&ports, &org, claim, deadline).await? {
            Erasing::Done => break,
            Erasing::Waits => clock.advance(SignedDuration::from_mins(20)),
            Erasing::Continued | Erasing::Stale => return Err("the erasure did not come to its end".into()),
        }
    }
    let us = u64::try_from(began.elapsed().as_micros())?;
    let left = table.items();
    if left.len() != 2 {
        return Err(format!("{} items are left of {items}", left.len()).into());
    }
    Ok(Erased { counts: table.take_counts(), items, us })
}

/// Invoices with pay pages, a customer for each five, and what messages to them leave.
async fn fill(
    table: &MemoryTable,
    ports: &ErasurePorts,
    org: &OrgId,
    invoices: u32,
    now: Timestamp,
) -> Result<(), Failure> {
    let (store, connection) = (&ports.waker.store, ConnectionId::new(Uuid::from_u128(0xc1)));
    store.change_organisation(org, now, |profile| profile.name = "Harbour".to_owned()).await?;
    let owed = Money::parse_decimal("120.00", "AED".parse()?)?;
    for n in 0..invoices {
        let invoice = Invoice {
            id: format!("invoice-{n}").parse()?,
            contact: ContactRef { connection, contact: format!("contact-{}", n / 5).parse()? },
            number: format!("INV-{n}"),
            status: InvoiceStatus::Open,
            issued: None,
            due: None,
            total: owed,
            remaining: owed,
            marked: Marked::Unknown,
            expected_payment: None,
            paid: None,
            updated_at: now,
        };
        store.upsert_invoice(org, None, &invoice, now, now).await?;
        let token = ports.number_keys.pay_token(org, connection, &invoice.id)?;
        let target = PayTarget { org: org.clone(), connection, invoice: invoice.id.clone() };
        store.keep_pay_target(&token, &target, now).await?;
        let per_customer = if n % 5 == 0 { ["CONTACT", "PHONE", "CONSENT", "FILE"].as_slice() } else { &[] };
        for kind in ["REM", "ATT", "WAMID"].iter().chain(per_customer) {
            plant(table, format!("ORG#{org}#"), format!("{kind}#{n:06}"), now).await?;
        }
        plant(table, format!("AUDIT#{org}#"), format!("0{n:06}"), now).await?;
    }
    Ok(())
}

/// An item of about 300 bytes.
async fn plant(table: &MemoryTable, pk: String, sk: String, now: Timestamp) -> Result<(), Failure> {
    let body = json!({"said": "x".repeat(200)}).as_object().cloned().unwrap_or_default();
    let (key, entity) = (Key { pk, sk }, "planted".to_owned());
    let (due, open, expires_at) = (None, None, None);
    let item = Item { key, entity, schema: 1, rev: 1, created_at: now, updated_at: now, due, open, expires_at, body };
    table.write(Write::Create(item)).await?;
    Ok(())
}
