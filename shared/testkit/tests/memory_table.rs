//! The table in memory, alone and under a table whose calls fail.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use numo_app::port::table::{Item, Key, Order, Query, Range, Source, Table, TableError, Write, Written};
use numo_testkit::{
    conformance::table_conformance,
    faulty_table::{Fault, FaultyTable, Plan},
    fixed_clock::FixedClock,
    memory_table::{Counts, MemoryTable},
    seed::Seed,
};
use serde_json::Map;

fn item(sk: &str, bytes: usize) -> Item {
    Item {
        key: Key { pk: "ORG#org_a#".to_owned(), sk: sk.to_owned() },
        entity: "thing".to_owned(),
        schema: 1,
        rev: 1,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
        due: None,
        open: None,
        expires_at: None,
        body: Map::from_iter([("x".to_owned(), "x".repeat(bytes).into())]),
    }
}

fn faulty(plan: Plan) -> (Arc<MemoryTable>, FaultyTable) {
    let memory = Arc::new(MemoryTable::new());
    let table = FaultyTable::new(memory.clone());
    table.reset(plan);
    (memory, table)
}

#[tokio::test]
async fn the_table_in_memory_keeps_the_contract_also_when_it_is_not_empty() {
    let table = MemoryTable::new();
    table_conformance(&table, "first#").await;
    table_conformance(&table, "second#").await;
}

#[tokio::test]
async fn a_table_without_faults_keeps_the_contract() {
    let (_, table) = faulty(Plan::Never);
    table_conformance(&table, "t#").await;
}

#[tokio::test]
async fn calls_items_and_write_units_are_counted() {
    let table = MemoryTable::new();
    table.write(Write::Create(item("A", 10))).await.unwrap();
    table.write(Write::Create(item("B", 1_500))).await.unwrap();
    table.write(Write::Create(item("A", 10))).await.unwrap();
    let check = Write::Check { key: item("A", 0).key, rev: Some(1) };
    table.transact("t", vec![Write::Create(item("C", 2_000)), check]).await.unwrap();
    table.get(&item("A", 0).key).await.unwrap();
    table.get_many(&["A", "B", "Z"].map(|sk| item(sk, 0).key)).await.unwrap();
    let source = Source::Table("ORG#org_a#".to_owned());
    let range = Range::Prefix(String::new());
    table.query(&Query { source, range, limit: 2, after: None, order: Order::Ascending }).await.unwrap();
    let counted = table.counts();
    assert!((1_500..5_000).contains(&counted.bytes_read), "two of B and three of A, in bytes: {}", counted.bytes_read);
    let expected = Counts {
        gets: 1,
        get_manys: 1,
        queries: 1,
        writes: 3,
        transacts: 1,
        items_read: 5,
        bytes_read: counted.bytes_read,
        items_written: 3,
        write_units: 1 + 2 + 1 + 2 * (3 + 1),
        index_units: 0,
    };
    assert_eq!((expected.reads(), expected.calls()), (3, 7));
    assert_eq!(table.take_counts(), expected);
    assert_eq!(table.counts(), Counts::default());
}

#[tokio::test]
async fn an_index_costs_when_an_entry_appears_moves_or_goes_and_is_not_doubled_by_a_transaction() {
    let table = MemoryTable::new();
    let at = |place: &str| Some(Key { pk: "DUE#1".to_owned(), sk: place.to_owned() });
    let due = |rev: u64, place: &str| Item { rev, due: at(place), ..item("D", 10) };
    let open = |rev: u64, place: &str| Item { rev, open: at(place), ..item("O", 1_500) };
    let steps = [
        (Write::Create(due(1, "1")), 1),
        // What the index of keys holds stays as it is.
        (Write::Replace(due(2, "1")), 0),
        (Write::Replace(due(3, "2")), 2),
        (Write::Create(due(1, "3")), 0),
        (Write::Delete { key: item("D", 0).key, rev: 3 }, 1),
        (Write::Create(open(1, "1")), 2),
        (Write::Replace(open(2, "1")), 2),
        (Write::Replace(open(3, "2")), 4),
        (Write::Replace(Item { rev: 4, ..item("O", 10) }), 2),
        (Write::Check { key: item("O", 0).key, rev: Some(4) }, 0),
    ];
    for (n, (write, units)) in steps.into_iter().enumerate() {
        table.take_counts();
        table.transact(&format!("t{n}"), vec![write]).await.unwrap();
        assert_eq!(table.take_counts().index_units, units, "step {n}");
    }
}

#[tokio::test]
async fn a_page_ends_at_1_megabyte() {
    let source = Source::Table("ORG#org_a#".to_owned());
    let range = Range::Prefix(String::new());
    let query = Query { source, range, limit: 1_000, after: None, order: Order::Ascending };
    let table = MemoryTable::new();
    for n in 0..6 {
        table.write(Write::Create(item(&format!("{n}"), 300 * 1024))).await.unwrap();
    }
    let page = table.query(&query).await.unwrap();
    assert_eq!((page.items.len(), page.next.is_some()), (4, true));
}

#[tokio::test]
async fn a_token_is_forgotten_after_ten_minutes() {
    let clock = Arc::new(FixedClock::at("2026-11-23T06:00:00Z".parse().unwrap()));
    let table = MemoryTable::with_clock(clock.clone());
    let writes = vec![Write::Create(item("A", 1))];
    assert_eq!(table.transact("t", writes.clone()).await.unwrap(), Written::Done);
    clock.advance(SignedDuration::from_secs(599));
    assert_eq!(table.transact("t", writes.clone()).await.unwrap(), Written::Done);
    clock.advance(SignedDuration::from_secs(1));
    assert!(matches!(table.transact("t", writes).await.unwrap(), Written::Refused(_)));
}

#[tokio::test]
async fn a_call_fails_before_or_after_its_effect_and_the_next_one_works() {
    for (fault, written) in [(Fault::Before, 0), (Fault::After, 1)] {
        let (memory, table) = faulty(Plan::Once { call: 2, fault });
        table.get(&item("A", 0).key).await.unwrap();
        let failed = table.write(Write::Create(item("A", 1))).await;
        assert!(matches!(failed, Err(TableError::Unavailable(_))));
        assert_eq!(memory.items().len(), written);
        table.get(&item("A", 0).key).await.unwrap();
        assert_eq!((table.calls(), table.has_crashed()), (3, false));
    }
}

#[tokio::test]
async fn nothing_works_after_a_crash_until_the_table_is_reset() {
    for (fault, written) in [(Fault::Before, 0), (Fault::After, 1)] {
        let (memory, table) = faulty(Plan::Crash { call: 1, fault });
        assert!(table.transact("t", vec![Write::Create(item("A", 1))]).await.is_err());
        assert!(table.write(Write::Create(item("B", 1))).await.is_err());
        assert!(table.get(&item("A", 0).key).await.is_err());
        assert_eq!((memory.items().len(), table.calls(), table.has_crashed()), (written, 3, true));
        table.reset(Plan::Never);
        assert_eq!(table.write(Write::Create(item("B", 1))).await.unwrap(), Written::Done);
        assert_eq!((table.calls(), table.has_crashed()), (1, false));
    }
}

#[tokio::test]
async fn random_faults_are_the_same_for_the_same_seed_and_come_before_and_after() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let (memory, table) = faulty(Plan::Randomly { seed: Seed::new(3), per_mille: 300 });
        let mut failed = 0;
        for n in 0..1_000 {
            failed += usize::from(table.write(Write::Create(item(&format!("{n}"), 1))).await.is_err());
        }
        runs.push((failed, memory.items().len()));
    }
    let (failed, written) = runs[0];
    assert_eq!(runs[0], runs[1]);
    assert!((250..350).contains(&failed), "{failed}");
    assert!((1_000 - failed + 100..1_000 - 100).contains(&written), "{written}");
}
