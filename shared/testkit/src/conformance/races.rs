//! Many at once: one wins.

use futures_util::future::join_all;
use numo_app::port::table::{Item, TableError, Write, Written};

use super::fixture::{Fixture, next};

const RUNNERS: usize = 20;

pub(super) async fn all(f: &Fixture<'_>) -> Result<(), TableError> {
    one_of_many_creates_wins(f).await?;
    one_of_many_replacements_wins(f).await?;
    one_of_many_transactions_wins(f).await
}

async fn one_of_many_creates_wins(f: &Fixture<'_>) -> Result<(), TableError> {
    let item = f.item("race", "CREATE");
    let outcomes = join_all((0..RUNNERS).map(|n| f.table.write(Write::Create(signed(&item, n)))));
    one_wins(f, &item, outcomes.await).await
}

async fn one_of_many_replacements_wins(f: &Fixture<'_>) -> Result<(), TableError> {
    let item = f.item("race", "REPLACE");
    f.create(std::slice::from_ref(&item)).await?;
    let outcomes = join_all((0..RUNNERS).map(|n| f.table.write(Write::Replace(signed(&next(&item), n)))));
    one_wins(f, &next(&item), outcomes.await).await
}

async fn one_of_many_transactions_wins(f: &Fixture<'_>) -> Result<(), TableError> {
    let [item, beside] = ["TRANSACT", "BESIDE"].map(|sk| f.item("race", sk));
    let tokens: Vec<String> = (0..RUNNERS).map(|n| f.token(&format!("race{n}"))).collect();
    let outcomes = tokens.iter().enumerate().map(|(n, token)| {
        let writes = vec![Write::Create(signed(&item, n)), Write::Create(signed(&beside, n))];
        f.table.transact(token, writes)
    });
    one_wins(f, &item, join_all(outcomes).await).await?;
    let both = [f.table.get(&item.key).await?, f.table.get(&beside.key).await?];
    let winners: Vec<_> = both.iter().flatten().map(|item| item.body.get("by").cloned()).collect();
    assert_eq!((winners.len(), winners.first()), (2, winners.last()), "two winners of one transaction");
    Ok(())
}

/// The item as this runner writes it.
fn signed(item: &Item, runner: usize) -> Item {
    let mut signed = item.clone();
    signed.body.insert("by".to_owned(), runner.into());
    signed
}

/// Exactly one runner is told that it won, and its item is the one that is kept.
async fn one_wins(f: &Fixture<'_>, item: &Item, outcomes: Vec<Result<Written, TableError>>) -> Result<(), TableError> {
    let mut winners = Vec::new();
    for (runner, outcome) in outcomes.into_iter().enumerate() {
        if outcome? == Written::Done {
            winners.push(runner);
        }
    }
    assert_eq!(winners.len(), 1, "winners of one item: {winners:?}");
    let kept = f.table.get(&item.key).await?;
    assert_eq!(kept, winners.first().map(|winner| signed(item, *winner)));
    Ok(())
}
