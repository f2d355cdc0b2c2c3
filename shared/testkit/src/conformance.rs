//! What every table must do; run on memory and on DynamoDB.

mod bodies;
mod fixture;
mod indexes;
mod queries;
mod races;
mod refusals;
mod transactions;
mod writes;

use numo_app::port::table::{Table, TableError};

use fixture::Fixture;

/// Checks that a table keeps the contract of the port; panics at the first case that fails.
///
/// Every key starts with `prefix`, and tokens contain it (at most 20 characters), so that one
/// table can be checked again under another prefix.
pub async fn table_conformance(table: &dyn Table, prefix: &str) {
    let f = Fixture::new(table, prefix);
    passes("writes", writes::all(&f).await);
    passes("transactions", transactions::all(&f).await);
    passes("queries", queries::all(&f).await);
    passes("indexes", indexes::all(&f).await);
    passes("bodies", bodies::all(&f).await);
    passes("refusals", refusals::all(&f).await);
    passes("races", races::all(&f).await);
}

/// A table that fails to answer does not conform either.
fn passes(cases: &str, outcome: Result<(), TableError>) {
    let failure = outcome.err().map(|error| match error {
        TableError::Unavailable(source) => source.to_string(),
        TableError::Corrupt(what) => what,
    });
    assert_eq!(failure, None, "the table failed in {cases}");
}
