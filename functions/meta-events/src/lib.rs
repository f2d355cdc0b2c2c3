#![doc = include_str!("../README.md")]

pub mod config;

#[cfg(test)]
mod tests;

use numo_app::{
    delivery::Skipped,
    error::AppError,
    ingest_delivery::{IngestPorts, IngestReport, ingest_delivery},
};
use numo_providers::whatsapp::delivery::parse;
use numo_runtime::{
    metric,
    sqs::{Done, message::MetaDelivery},
};

/// Takes in one message of the queue.
pub async fn handle(ports: &IngestPorts, message: MetaDelivery) -> Result<Done, AppError> {
    let delivery = parse(message.waba, &message.body.to_string());
    for Skipped { reason, unknown } in &delivery.skipped {
        tracing::warn!(reason, "part of a delivery left out");
        if let Some(unknown) = unknown {
            metric::webhook_unknown(*unknown);
        }
    }
    let report = ingest_delivery(ports, &delivery).await?;
    // Nearly every delivery is a status of ours alone, of which the line about the job says enough.
    let statuses = IngestReport { statuses: report.statuses, ..IngestReport::default() };
    if report.statuses > 0 && report == statuses && delivery.skipped.is_empty() {
        return Ok(Done("statuses"));
    }
    let delay_ms = ports.clock.now().duration_since(message.received_at).as_millis();
    tracing::info!(
        statuses = report.statuses,
        inbound = report.inbound,
        ignored = report.ignored,
        mismatched = report.mismatched,
        skipped = delivery.skipped.len(),
        delay_ms = i64::try_from(delay_ms).ok(),
        "delivery taken in"
    );
    Ok(Done("taken_in"))
}
