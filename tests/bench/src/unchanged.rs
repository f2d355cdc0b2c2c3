//! A further sync of a large ledger in which nothing changed.

use std::sync::Arc;

use numo_app::{job::Cause, store::due::sync_work};
use numo_domain::connection::LedgerProvider;

use crate::{
    Failure,
    counting_table::CountingTable,
    row::Row,
    simulator::Simulator,
    world::{Books, World, service},
};

pub(crate) async fn measure(provider: LedgerProvider, simulator: &Simulator) -> Result<Vec<Row>, Failure> {
    simulator.next_minute().await?;
    let key = format!("large-{}", provider.as_str());
    let books = Books { provider, user: "owner@harbour.example".to_owned(), tenant: key };
    let table = Arc::new(CountingTable::new(false));
    let world = World::over(table.clone(), simulator)?;
    let org = "org_bench".parse()?;
    let connection = world.connect(&org, &books).await?;
    world.sync_to_the_end().await?;
    let before = table.records_written();
    simulator.count_anew(service(provider)).await?;
    world.waker.wake(&org, &sync_work(connection.id), Cause::Person, world.clock.now()).await?;
    world.sync_to_the_end().await?;
    let (calls, written) = (simulator.calls(service(provider)).await?, table.records_written() - before);
    let name = provider.as_str();
    let limit = match provider {
        LedgerProvider::Xero => 7,
        LedgerProvider::Quickbooks => 2,
    };
    Ok(vec![
        Row::new(format!("sync_unchanged_calls.{name}"), calls, "calls", limit),
        Row::new(format!("sync_unchanged_writes.{name}"), written, "items", 0),
    ])
}
