//! The two sparse indexes.

use jiff::Timestamp;
use numo_app::port::table::{Item, Key, Order, Range, Source, TableError, Write, Written};
use serde_json::Map;

use super::fixture::{Fixture, everything, next, sort_keys};

pub(super) async fn all(f: &Fixture<'_>) -> Result<(), TableError> {
    the_index_of_due_work_knows_keys_only(f).await?;
    the_index_of_open_invoices_knows_the_whole_item(f).await?;
    an_item_appears_moves_and_disappears_with_its_index_key(f).await?;
    index_pages_follow_each_other_although_their_keys_are_equal(f).await
}

async fn the_index_of_due_work_knows_keys_only(f: &Fixture<'_>) -> Result<(), TableError> {
    let mut items = ["B", "A", "C"].map(|sk| f.item("due", sk));
    for (item, sk) in items.iter_mut().zip(["0001", "0002", "0003"]) {
        item.due = Some(Key { pk: f.partition("DUE"), sk: sk.to_owned() });
        item.open = Some(Key { pk: f.partition("OPEN due"), sk: sk.to_owned() });
    }
    f.create(&items).await?;
    f.create(&[f.item("due", "NOT DUE")]).await?;
    let up_to = Range::UpTo("0002".to_owned());
    let expected: Vec<Item> = items.iter().take(2).cloned().map(keys_only).collect();
    assert_eq!(f.query(Source::Due(f.partition("DUE")), up_to).await?, expected);
    Ok(())
}

async fn the_index_of_open_invoices_knows_the_whole_item(f: &Fixture<'_>) -> Result<(), TableError> {
    let mut items = ["B", "A"].map(|sk| f.item("open", sk));
    for (item, sk) in items.iter_mut().zip(["c1#2026-11-01", "c1#2026-11-02"]) {
        item.open = Some(Key { pk: f.partition("OPEN"), sk: sk.to_owned() });
        item.due = Some(Key { pk: f.partition("DUE open"), sk: sk.to_owned() });
    }
    f.create(&items).await?;
    f.create(&[f.item("open", "PAID")]).await?;
    assert_eq!(f.query(Source::Open(f.partition("OPEN")), Range::Prefix("c1#".to_owned())).await?, items);
    assert_eq!(f.query(Source::Open(f.partition("OPEN")), Range::Prefix("c2#".to_owned())).await?, []);
    Ok(())
}

async fn an_item_appears_moves_and_disappears_with_its_index_key(f: &Fixture<'_>) -> Result<(), TableError> {
    let due = |sk: &str| Some(Key { pk: f.partition("DUE moves"), sk: sk.to_owned() });
    let found = || f.query(Source::Due(f.partition("DUE moves")), everything());
    let mut item = f.item("moves", "A");
    f.create(std::slice::from_ref(&item)).await?;
    assert_eq!(found().await?, []);
    for place in [due("0005"), due("0009"), due("0001"), None] {
        item = Item { due: place, ..next(&item) };
        assert_eq!(f.table.write(Write::Replace(item.clone())).await?, Written::Done);
        let expected: Vec<Item> = item.due.iter().map(|_| keys_only(item.clone())).collect();
        assert_eq!(found().await?, expected);
    }
    item = Item { due: due("0007"), ..next(&item) };
    assert_eq!(f.table.write(Write::Replace(item.clone())).await?, Written::Done);
    assert_eq!(f.table.write(Write::Delete { key: item.key.clone(), rev: item.rev }).await?, Written::Done);
    assert_eq!(found().await?, []);
    Ok(())
}

async fn index_pages_follow_each_other_although_their_keys_are_equal(f: &Fixture<'_>) -> Result<(), TableError> {
    let names = ["A", "B", "C", "D", "E"];
    let mut items = names.map(|sk| f.item("ties", sk));
    for (n, item) in items.iter_mut().enumerate() {
        // One before, three at the same instant, one after.
        let at = ["0001", "0002", "0002", "0002", "0003"].get(n).copied().unwrap_or_default();
        item.due = Some(Key { pk: f.partition("DUE ties"), sk: at.to_owned() });
        item.open = Some(Key { pk: f.partition("OPEN ties"), sk: at.to_owned() });
    }
    f.create(&items).await?;
    for source in [Source::Due(f.partition("DUE ties")), Source::Open(f.partition("OPEN ties"))] {
        for order in [Order::Ascending, Order::Descending] {
            for limit in [1, 2, 5] {
                let found = f.pages(&source, &everything(), order, limit).await?;
                let mut keys = sort_keys(&found);
                let ends = (keys.first().copied(), keys.last().copied());
                // The order of equal index keys is open; that each comes once is not.
                keys.sort_unstable();
                assert_eq!(keys, names);
                let expected = if order == Order::Ascending { ("A", "E") } else { ("E", "A") };
                assert_eq!(ends, (Some(expected.0), Some(expected.1)));
            }
        }
    }
    Ok(())
}

/// What the port promises of an item of the index of due work.
fn keys_only(item: Item) -> Item {
    Item {
        key: item.key,
        due: item.due,
        entity: String::new(),
        schema: 0,
        rev: 0,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
        open: None,
        expires_at: None,
        body: Map::new(),
    }
}
