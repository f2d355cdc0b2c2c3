//! The first sync of a large ledger: calls, memory and processor time.

use std::sync::Arc;

use numo_domain::connection::LedgerProvider;
use tokio::process::Command;

use crate::{
    Failure,
    counting_table::CountingTable,
    row::Row,
    simulator::Simulator,
    usage,
    world::{World, large_books, service},
};

/// Measures in a process of its own, so that no other measurement adds to its memory.
pub(crate) async fn in_its_own_process(provider: LedgerProvider, simulator: &Simulator) -> Result<Vec<Row>, Failure> {
    let output = Command::new(std::env::current_exe()?)
        .args(["first-sync", provider.as_str(), &simulator.base_url])
        .output()
        .await?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned().into());
    }
    String::from_utf8(output.stdout)?.lines().map(read).collect()
}

fn read(line: &str) -> Result<Row, Failure> {
    let row: serde_json::Value = serde_json::from_str(line)?;
    let number = |name: &str| row[name].as_u64().ok_or("a row without a number");
    let unit = match row["unit"].as_str() {
        Some("calls") => "calls",
        Some("KiB") => "KiB",
        _ => "ms",
    };
    let name = row["name"].as_str().ok_or("a row without a name")?;
    Ok(Row::new(name, number("value")?, unit, number("limit")?))
}

/// One first sync over a table that forgets records, so that the memory is the product's own.
pub(crate) async fn measure(provider: &str, sim: &str) -> Result<Vec<Row>, Failure> {
    let provider = LedgerProvider::named(provider).ok_or("an unknown provider")?;
    let simulator = Simulator::at(sim)?;
    let books = large_books(provider, &simulator).await?;
    let table = Arc::new(CountingTable::new(true));
    let world = World::over(table.clone(), &simulator)?;
    world.connect(&"org_bench".parse()?, &books).await?;
    simulator.count_anew(service(provider)).await?;
    let before = usage::cpu_ms()?;
    world.sync_to_the_end().await?;
    let cpu_ms = usage::cpu_ms()? - before;
    let calls = simulator.calls(service(provider)).await?;
    if table.records_written() < 12_000 {
        return Err(format!("only {} records were written", table.records_written()).into());
    }
    let name = provider.as_str();
    Ok(vec![
        Row::new(format!("sync_first_calls.{name}"), calls, "calls", 18),
        Row::new(format!("sync_first_memory.{name}"), usage::peak_kib()?, "KiB", 64 * 1024),
        Row::new(format!("sync_first_cpu_ms.{name}"), cpu_ms, "ms", 2_000),
    ])
}
