//! Single writes and reads by key.

use numo_app::port::table::{TableError, Write, Written};

use super::fixture::{Fixture, next, refused};

pub(super) async fn all(f: &Fixture<'_>) -> Result<(), TableError> {
    an_item_is_created_once_and_then_stands_in_the_way(f).await?;
    a_replacement_needs_the_rev_that_was_seen(f).await?;
    a_replacement_of_nothing_is_refused(f).await?;
    a_delete_needs_the_rev_that_was_seen(f).await?;
    a_check_holds_only_for_the_state_that_was_seen(f).await?;
    only_the_keys_that_exist_are_found_among_many(f).await
}

async fn an_item_is_created_once_and_then_stands_in_the_way(f: &Fixture<'_>) -> Result<(), TableError> {
    let first = f.item("create", "A");
    assert_eq!(f.table.get(&first.key).await?, None);
    assert_eq!(f.table.write(Write::Create(first.clone())).await?, Written::Done);
    let mut second = first.clone();
    second.entity = "other".to_owned();
    assert_eq!(f.table.write(Write::Create(second)).await?, refused(Some(first.clone())));
    assert_eq!(f.table.get(&first.key).await?, Some(first));
    Ok(())
}

async fn a_replacement_needs_the_rev_that_was_seen(f: &Fixture<'_>) -> Result<(), TableError> {
    let first = f.item("replace", "A");
    f.create(std::slice::from_ref(&first)).await?;
    let mut second = next(&first);
    second.body.remove("of");
    second.body.insert("instead".to_owned(), true.into());
    assert_eq!(f.table.write(Write::Replace(second.clone())).await?, Written::Done);
    // Stale, then from the future.
    assert_eq!(f.table.write(Write::Replace(next(&first))).await?, refused(Some(second.clone())));
    assert_eq!(f.table.write(Write::Replace(next(&next(&second)))).await?, refused(Some(second.clone())));
    assert_eq!(f.table.get(&first.key).await?, Some(second));
    Ok(())
}

async fn a_replacement_of_nothing_is_refused(f: &Fixture<'_>) -> Result<(), TableError> {
    let absent = f.item("replace", "NONE");
    assert_eq!(f.table.write(Write::Replace(next(&absent))).await?, refused(None));
    assert_eq!(f.table.write(Write::Replace(absent.clone())).await?, refused(None));
    assert_eq!(f.table.get(&absent.key).await?, None);
    Ok(())
}

async fn a_delete_needs_the_rev_that_was_seen(f: &Fixture<'_>) -> Result<(), TableError> {
    let item = f.item("delete", "A");
    let delete = |rev| Write::Delete { key: item.key.clone(), rev };
    assert_eq!(f.table.write(delete(1)).await?, refused(None));
    f.create(std::slice::from_ref(&item)).await?;
    assert_eq!(f.table.write(delete(2)).await?, refused(Some(item.clone())));
    assert_eq!(f.table.write(delete(1)).await?, Written::Done);
    assert_eq!(f.table.get(&item.key).await?, None);
    f.create(&[item]).await
}

async fn a_check_holds_only_for_the_state_that_was_seen(f: &Fixture<'_>) -> Result<(), TableError> {
    let item = f.item("check", "A");
    let check = |rev| Write::Check { key: item.key.clone(), rev };
    assert_eq!(f.table.write(check(None)).await?, Written::Done);
    assert_eq!(f.table.write(check(Some(1))).await?, refused(None));
    f.create(std::slice::from_ref(&item)).await?;
    assert_eq!(f.table.write(check(Some(1))).await?, Written::Done);
    assert_eq!(f.table.write(check(Some(2))).await?, refused(Some(item.clone())));
    assert_eq!(f.table.write(check(None)).await?, refused(Some(item.clone())));
    assert_eq!(f.table.get(&item.key).await?, Some(item));
    Ok(())
}

async fn only_the_keys_that_exist_are_found_among_many(f: &Fixture<'_>) -> Result<(), TableError> {
    let items = ["A", "B", "C"].map(|sk| f.item("many", sk));
    f.create(&items).await?;
    let mut keys: Vec<_> = (0..97).map(|n| f.key("many", &format!("NONE{n}"))).collect();
    keys.extend(items.iter().map(|item| item.key.clone()));
    let mut found = f.table.get_many(&keys).await?;
    found.sort_by(|left, right| left.key.cmp(&right.key));
    assert_eq!(found, items);
    assert_eq!(f.table.get_many(&[f.key("many", "A"), f.key("many", "A")]).await?.len(), 1);
    assert_eq!(f.table.get_many(&[f.key("many", "NONE")]).await?, []);
    assert_eq!(f.table.get_many(&[]).await?, []);
    Ok(())
}
