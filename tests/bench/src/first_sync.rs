//! The first sync of a large ledger: calls, and memory and processor time of the function that makes it.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use numo_domain::connection::LedgerProvider;
use numo_e2e::{
    http::client,
    journey,
    product::Product,
    stack::{LocalStack, StackOptions, target_folder},
};

use crate::{
    Failure, api_read,
    counting_table::CountingTable,
    pages,
    row::Row,
    simulator::Simulator,
    usage::Function,
    world::{Books, World, large_books, service},
};

/// Records that a first sync writes, at least; a contact with a number is two.
const WRITTEN: u64 = 12_000;

/// Contacts and invoices that it reads, at least: those that are neither open nor recent stay in the ledger.
const READ: u64 = 10_000;

/// The calls, over a table in memory.
pub(crate) async fn calls(provider: LedgerProvider, simulator: &Simulator) -> Result<Row, Failure> {
    let books = large_books(provider, simulator).await?;
    let table = Arc::new(CountingTable::new(true));
    let world = World::over(table.clone(), simulator)?;
    world.connect(&"org_bench".parse()?, &books).await?;
    simulator.count_anew(service(provider)).await?;
    world.sync_to_the_end().await?;
    let calls = simulator.calls(service(provider)).await?;
    if table.records_written() < WRITTEN {
        return Err(format!("only {} records were written", table.records_written()).into());
    }
    Ok(Row::new(format!("sync_first_calls.{}", provider.as_str()), calls, "calls", 18))
}

/// Memory and processor time of `scheduled-sync` in release form on the local stack, its start included; and what a part
/// of the customers that it read and pages cost `web`.
pub(crate) async fn function(provider: LedgerProvider, binaries: &Path) -> Result<Vec<Row>, Failure> {
    let options = StackOptions {
        folder: target_folder("bench-stack"),
        variables: BTreeMap::from([("NUMO_BIN_DIR".to_owned(), binaries.display().to_string())]),
    };
    let stack = LocalStack::start(options).await?;
    let books = large_books(provider, &Simulator::at(&stack.state.sim_url)?).await?;
    let product = Product::signed_in(client()?, &stack.state, "user_owner");
    let run = synced(&product, &books).await?;
    let read = run.contacts_read + run.invoices_read;
    if read < READ {
        return Err(format!("only {read} records were read").into());
    }
    let used = Function { name: "scheduled-sync", endpoint: &stack.state.aws_endpoint }.usage()?;
    let name = provider.as_str();
    let mut rows = vec![
        Row::new(format!("sync_first_memory.{name}"), used.peak_kib, "KiB", 64 * 1024),
        Row::new(format!("sync_first_cpu_ms.{name}"), used.cpu_ms, "ms", 2_000),
    ];
    if provider == LedgerProvider::Xero {
        let web = Function { name: "web", endpoint: &stack.state.aws_endpoint };
        rows.push(api_read::measure(&product, &web).await?);
        rows.extend(pages::measure(&product, &stack.state, &web).await?);
    }
    Ok(rows)
}

/// Connects a ledger, as a browser would, and waits for its first sync.
async fn synced(product: &Product, books: &Books) -> Result<numo_e2e::product::answers::SyncRun, Failure> {
    let mut browser = product.browser().await?;
    let authorise = browser.begin_consent(books.provider.as_str()).await?;
    let back = browser.choose(authorise, &books.user, &books.tenant).await?;
    browser.open(&back).await?;
    let connection = product.connections().await?.pop().ok_or("nothing was connected")?;
    Ok(journey::synced(product, &connection.id, None, Duration::from_secs(600), |_| {}).await?)
}
