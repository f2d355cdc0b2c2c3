//! Pages of a partition.

use numo_app::port::table::{Key, Order, Query, Range, Source, TableError, Write, Written};

use super::fixture::{Fixture, everything, sort_keys};

pub(super) async fn all(f: &Fixture<'_>) -> Result<(), TableError> {
    pages_follow_each_other_in_both_directions(f).await?;
    a_range_is_a_prefix_or_lies_between_keys(f).await?;
    keys_are_ordered_by_their_bytes(f).await?;
    an_organisation_never_sees_another_whose_id_starts_alike(f).await?;
    a_page_goes_on_where_it_ended_although_its_last_item_is_gone(f).await
}

async fn pages_follow_each_other_in_both_directions(f: &Fixture<'_>) -> Result<(), TableError> {
    let items: Vec<_> = (0..7).map(|n| f.item("pages", &format!("K{n}"))).collect();
    f.create(&items).await?;
    let source = Source::Table(f.partition("pages"));
    let backwards: Vec<_> = items.iter().rev().cloned().collect();
    for limit in [1, 3, 7, 1_000] {
        assert_eq!(f.pages(&source, &everything(), Order::Ascending, limit).await?, items);
        assert_eq!(f.pages(&source, &everything(), Order::Descending, limit).await?, backwards);
        let up_to = Range::UpTo("K4".to_owned());
        assert_eq!(Some(f.pages(&source, &up_to, Order::Ascending, limit).await?.as_slice()), items.get(..5));
        assert_eq!(Some(f.pages(&source, &up_to, Order::Descending, limit).await?.as_slice()), backwards.get(2..));
    }
    Ok(())
}

async fn a_range_is_a_prefix_or_lies_between_keys(f: &Fixture<'_>) -> Result<(), TableError> {
    let keys = ["CONN#1", "INV", "INV#a", "INV#a#1", "INV#b", "INV$", "PLAN#2026-11-23"];
    f.create(&keys.map(|sk| f.item("range", sk))).await?;
    let prefix = |text: &str| Range::Prefix(text.to_owned());
    let up_to = |text: &str| Range::UpTo(text.to_owned());
    let between = |from: &str, to: &str| Range::Between(from.to_owned(), to.to_owned());
    let cases: [(Range, &[&str]); 9] = [
        (prefix("INV#"), &["INV#a", "INV#a#1", "INV#b"]),
        (prefix("INV#a"), &["INV#a", "INV#a#1"]),
        (prefix("X"), &[]),
        (up_to("INV#a"), &["CONN#1", "INV", "INV#a"]),
        (up_to("INV#Z"), &["CONN#1", "INV"]),
        (up_to("A"), &[]),
        (between("INV#a", "INV#b"), &["INV#a", "INV#a#1", "INV#b"]),
        (between("INV", "INV"), &["INV"]),
        (between("INV#c", "INV#d"), &[]),
    ];
    for (range, expected) in cases {
        let found = f.query(Source::Table(f.partition("range")), range.clone()).await?;
        assert_eq!(sort_keys(&found), expected, "{range:?}");
        let mut found = f.pages(&Source::Table(f.partition("range")), &range, Order::Descending, 2).await?;
        found.reverse();
        assert_eq!(sort_keys(&found), expected, "{range:?} backwards");
    }
    Ok(())
}

async fn keys_are_ordered_by_their_bytes(f: &Fixture<'_>) -> Result<(), TableError> {
    let ordered = [" ", "#", "0", "00", "1", "10", "2", "Z", "_", "a", "aa", "é", "€", "\u{ffee}", "😀"];
    let mut shuffled = ordered.map(|sk| f.item("order", sk));
    shuffled.reverse();
    f.create(&shuffled).await?;
    assert_eq!(sort_keys(&f.query(Source::Table(f.partition("order")), everything()).await?), ordered);
    Ok(())
}

async fn an_organisation_never_sees_another_whose_id_starts_alike(f: &Fixture<'_>) -> Result<(), TableError> {
    let mut items = ["org_1", "org_12", "org_"].map(|org| f.item(org, "INV#a"));
    for item in &mut items {
        let pk = item.key.pk.clone();
        item.open = Some(index_key(&pk, "open"));
        item.due = Some(index_key(&pk, "due"));
    }
    f.create(&items).await?;
    for item in items {
        let pk = item.key.pk.clone();
        let of_table = f.query(Source::Table(pk.clone()), everything()).await?;
        let of_open = f.query(Source::Open(pk.clone()), everything()).await?;
        let of_due = f.query(Source::Due(pk), everything()).await?;
        assert_eq!((of_table, of_open), (vec![item.clone()], vec![item.clone()]));
        assert_eq!(of_due.into_iter().map(|found| found.key).collect::<Vec<_>>(), [item.key]);
    }
    Ok(())
}

async fn a_page_goes_on_where_it_ended_although_its_last_item_is_gone(f: &Fixture<'_>) -> Result<(), TableError> {
    let items = ["A", "B", "C"].map(|sk| f.item("gone", sk));
    f.create(&items).await?;
    let source = Source::Table(f.partition("gone"));
    let first = Query { source, range: everything(), limit: 2, after: None, order: Order::Ascending };
    let page = f.table.query(&first).await?;
    assert_eq!(sort_keys(&page.items), ["A", "B"]);
    assert!(page.next.is_some(), "a full page has a next one");
    let deleted = f.table.write(Write::Delete { key: f.key("gone", "B"), rev: 1 }).await?;
    assert_eq!(deleted, Written::Done);
    let rest = f.table.query(&Query { after: page.next, ..first }).await?;
    assert_eq!((sort_keys(&rest.items), rest.next), (vec!["C"], None));
    Ok(())
}

fn index_key(pk: &str, sk: &str) -> Key {
    Key { pk: pk.to_owned(), sk: sk.to_owned() }
}
