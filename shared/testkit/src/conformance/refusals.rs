//! Calls that no table takes: an error at once, and nothing is written.

use numo_app::port::table::{Cursor, Item, Key, Order, Query, Source, TableError, Write};
use serde_json::{Number, Value};

use super::fixture::{Fixture, everything};

pub(super) async fn all(f: &Fixture<'_>) -> Result<(), TableError> {
    an_item_that_cannot_be_kept_as_it_is_is_not_written(f).await?;
    a_transaction_beyond_its_limits_is_not_written(f).await?;
    more_than_100_keys_are_not_read(f).await?;
    a_cursor_of_another_partition_leads_nowhere(f).await
}

async fn an_item_that_cannot_be_kept_as_it_is_is_not_written(f: &Fixture<'_>) -> Result<(), TableError> {
    let item = |name: &str, value: Value| {
        let mut item = f.item("refused", "A");
        item.body.insert(name.to_owned(), value);
        item
    };
    let number = |text: &str| item("number", text.parse::<Number>().map_or(Value::Null, Value::Number));
    let keyed = |pk: &str, sk: &str| {
        let key = Key { pk: pk.to_owned(), sk: sk.to_owned() };
        Item { key, ..f.item("refused", "A") }
    };
    let refused = [
        number("1.0"),
        number("1e3"),
        number("123456789012345678901234567890123456789"),
        item("rev", 7.into()),
        item("gsi1pk", "x".into()),
        item("large", "x".repeat(400 * 1024).into()),
        keyed(&f.partition("refused"), ""),
        keyed("", "A"),
        keyed(&f.partition("refused"), &"x".repeat(1025)),
        Item { due: Some(Key { pk: f.partition("DUE"), sk: String::new() }), ..f.item("refused", "A") },
    ];
    for (n, item) in refused.into_iter().enumerate() {
        is_refused(&format!("item {n}"), &f.table.write(Write::Create(item.clone())).await);
        let token = f.token(&format!("r{n}"));
        is_refused(&format!("item {n} in a transaction"), &f.table.transact(&token, vec![Write::Create(item)]).await);
    }
    assert_eq!(f.query(Source::Table(f.partition("refused")), everything()).await?, []);
    Ok(())
}

async fn a_transaction_beyond_its_limits_is_not_written(f: &Fixture<'_>) -> Result<(), TableError> {
    let create = |n: usize| Write::Create(f.item("limits", &format!("{n:03}")));
    let too_many = (0..101).map(create).collect();
    is_refused("101 writes", &f.table.transact(&f.token("l1"), too_many).await);
    let check = Write::Check { key: f.key("limits", "000"), rev: None };
    is_refused("two writes on one item", &f.table.transact(&f.token("l2"), vec![create(0), check]).await);
    is_refused("a token of 37 characters", &f.table.transact(&"x".repeat(37), vec![create(0)]).await);
    assert_eq!(f.query(Source::Table(f.partition("limits")), everything()).await?, []);
    Ok(())
}

async fn more_than_100_keys_are_not_read(f: &Fixture<'_>) -> Result<(), TableError> {
    let keys: Vec<Key> = (0..101).map(|n| f.key("limits", &format!("{n:03}"))).collect();
    is_refused("101 keys", &f.table.get_many(&keys).await);
    Ok(())
}

async fn a_cursor_of_another_partition_leads_nowhere(f: &Fixture<'_>) -> Result<(), TableError> {
    let query = |source, index| Query {
        source,
        range: everything(),
        limit: 1,
        after: Some(Cursor { key: f.key("elsewhere", "A"), index }),
        order: Order::Ascending,
    };
    let of_table = query(Source::Table(f.partition("here")), None);
    let of_index = query(Source::Due(f.partition("here")), None);
    is_refused("a cursor of another partition", &f.table.query(&of_table).await);
    is_refused("a cursor without the index key", &f.table.query(&of_index).await);
    Ok(())
}

fn is_refused<T: std::fmt::Debug>(what: &str, outcome: &Result<T, TableError>) {
    assert!(matches!(outcome, Err(TableError::Unavailable(_))), "{what} was taken: {outcome:?}");
}
