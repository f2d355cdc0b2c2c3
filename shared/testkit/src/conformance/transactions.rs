//! All or none.

use numo_app::port::table::{Refusal, TableError, Write, Written};

use super::fixture::{Fixture, next};

pub(super) async fn all(f: &Fixture<'_>) -> Result<(), TableError> {
    every_kind_of_write_happens_at_once(f).await?;
    one_condition_that_does_not_hold_prevents_all_writes(f).await?;
    a_repeated_token_has_no_second_effect(f).await?;
    a_token_is_good_for_one_set_of_writes_only(f).await?;
    a_transaction_takes_100_writes(f).await?;
    no_writes_at_all_are_done_at_once(f).await
}

async fn every_kind_of_write_happens_at_once(f: &Fixture<'_>) -> Result<(), TableError> {
    let [created, replaced, deleted, checked] = ["A", "B", "C", "D"].map(|sk| f.item("transact", sk));
    f.create(&[replaced.clone(), deleted.clone(), checked.clone()]).await?;
    let writes = vec![
        Write::Create(created.clone()),
        Write::Replace(next(&replaced)),
        Write::Delete { key: deleted.key.clone(), rev: 1 },
        Write::Check { key: checked.key.clone(), rev: Some(1) },
        Write::Check { key: f.key("transact", "E"), rev: None },
    ];
    assert_eq!(f.table.transact(&f.token("t1"), writes).await?, Written::Done);
    assert_eq!(f.table.get(&created.key).await?, Some(created));
    assert_eq!(f.table.get(&replaced.key).await?, Some(next(&replaced)));
    assert_eq!(f.table.get(&deleted.key).await?, None);
    assert_eq!(f.table.get(&checked.key).await?, Some(checked));
    Ok(())
}

async fn one_condition_that_does_not_hold_prevents_all_writes(f: &Fixture<'_>) -> Result<(), TableError> {
    let [new, there, stale, gone, checked] = ["A", "B", "C", "D", "E"].map(|sk| f.item("none", sk));
    f.create(&[there.clone(), next(&stale), checked.clone()]).await?;
    let writes = vec![
        Write::Create(new.clone()),
        Write::Create(there.clone()),
        Write::Replace(next(&stale)),
        Write::Delete { key: gone.key.clone(), rev: 1 },
        Write::Check { key: checked.key.clone(), rev: None },
    ];
    let expected = [(1, Some(there.clone())), (2, Some(next(&stale))), (3, None), (4, Some(checked.clone()))];
    let expected = expected.map(|(index, existing)| Refusal { index, existing }).to_vec();
    assert_eq!(f.table.transact(&f.token("t2"), writes).await?, Written::Refused(expected));
    assert_eq!(f.table.get(&new.key).await?, None);
    assert_eq!(f.table.get(&stale.key).await?, Some(next(&stale)));
    assert_eq!(f.table.get(&checked.key).await?, Some(checked));
    Ok(())
}

async fn a_repeated_token_has_no_second_effect(f: &Fixture<'_>) -> Result<(), TableError> {
    let item = f.item("token", "A");
    let token = f.token("t3");
    let writes = vec![Write::Create(item.clone())];
    assert_eq!(f.table.transact(&token, writes.clone()).await?, Written::Done);
    assert_eq!(f.table.transact(&token, writes.clone()).await?, Written::Done);
    // Also when the item has moved on meanwhile: the first effect stays the only one.
    let moved = next(&item);
    assert_eq!(f.table.write(Write::Replace(moved.clone())).await?, Written::Done);
    assert_eq!(f.table.transact(&token, writes).await?, Written::Done);
    assert_eq!(f.table.get(&item.key).await?, Some(moved));
    Ok(())
}

async fn a_token_is_good_for_one_set_of_writes_only(f: &Fixture<'_>) -> Result<(), TableError> {
    let token = f.token("t4");
    let [first, second] = ["A", "B"].map(|sk| f.item("tokens", sk));
    assert_eq!(f.table.transact(&token, vec![Write::Create(first)]).await?, Written::Done);
    let other = f.table.transact(&token, vec![Write::Create(second.clone())]).await;
    assert!(matches!(other, Err(TableError::Unavailable(_))), "another transaction under a used token: {other:?}");
    assert_eq!(f.table.get(&second.key).await?, None);
    Ok(())
}

async fn a_transaction_takes_100_writes(f: &Fixture<'_>) -> Result<(), TableError> {
    let items: Vec<_> = (0..100).map(|n| f.item("hundred", &format!("{n:03}"))).collect();
    let writes = items.iter().cloned().map(Write::Create).collect();
    assert_eq!(f.table.transact(&f.token("t5"), writes).await?, Written::Done);
    let keys: Vec<_> = items.iter().map(|item| item.key.clone()).collect();
    assert_eq!(f.table.get_many(&keys).await?.len(), 100);
    Ok(())
}

async fn no_writes_at_all_are_done_at_once(f: &Fixture<'_>) -> Result<(), TableError> {
    assert_eq!(f.table.transact(&f.token("t6"), Vec::new()).await?, Written::Done);
    Ok(())
}
