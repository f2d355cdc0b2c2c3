use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio::time::Instant;

use crate::app::App;
use crate::field::Field as _;
use crate::keys;
use crate::meta::retries::{self, Retry};
use crate::meta::state::{Delivery, Update, UpdateKind, Webhook};
use crate::meta::webhook;

const N_AT_ONCE: usize = 4;

/// Nothing waits for another try.
const IDLE: Duration = Duration::from_secs(3600);

/// Posts webhooks for as long as the simulator runs.
pub(crate) async fn run(app: App) {
    loop {
        let next = retries::next(&app.meta().retries);
        let rest = next.map_or(IDLE, |due| due.saturating_duration_since(Instant::now()));
        drop(tokio::time::timeout(rest, app.wake.notified()).await);
        try_again(&app).await;
        loop {
            let delay_ms = app.meta().delivery.delay_ms;
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
            let (updates, delivery) = taken(&app);
            if updates.is_empty() {
                break;
            }
            deliver(&app, updates, &delivery).await;
        }
    }
}

/// Deliveries whose next try is due; without a webhook they wait.
async fn try_again(app: &App) {
    let Some(webhook) = app.meta().webhook.clone() else { return };
    let due = retries::due(&mut app.meta().retries);
    stream::iter(due).for_each_concurrent(N_AT_ONCE, |retry| attempt(app, &webhook, retry)).await;
}

/// Takes all waiting updates; they count as pending until they are answered.
fn taken(app: &App) -> (Vec<Update>, Delivery) {
    let mut meta = app.meta();
    let updates = std::mem::take(&mut meta.updates);
    meta.counts.in_flight += u64::try_from(updates.len()).unwrap_or_default();
    for update in &updates {
        if !matches!(update.kind, UpdateKind::Status { .. }) {
            continue;
        }
        match update.body.at("status").as_str() {
            Some("delivered") => meta.counts.delivered += 1,
            Some("read") => meta.counts.read += 1,
            Some("failed") => meta.counts.failed += 1,
            _ => {}
        }
    }
    (updates, meta.delivery.clone())
}

async fn deliver(app: &App, mut updates: Vec<Update>, delivery: &Delivery) {
    let webhook = app.meta().webhook.clone().filter(|_| !delivery.drop);
    let Some(webhook) = webhook else {
        let n_updates = u64::try_from(updates.len()).unwrap_or_default();
        app.meta().counts.in_flight -= n_updates;
        return;
    };
    if delivery.shuffle {
        app.random().shuffle(&mut updates);
        return round(app, &webhook, updates, delivery).await;
    }
    // In order: nobody gets a `delivered` before every `sent` of the batch is answered.
    for rank in 0..=2 {
        let (now, later) = updates.into_iter().partition(|update| update.rank == rank);
        updates = later;
        round(app, &webhook, now, delivery).await;
    }
}

async fn round(app: &App, webhook: &Webhook, updates: Vec<Update>, delivery: &Delivery) {
    let batches: Vec<Vec<Update>> = updates.chunks(delivery.batch_size.max(1)).map(<[Update]>::to_vec).collect();
    stream::iter(batches)
        .for_each_concurrent(N_AT_ONCE, |batch| async move {
            let (body, now_ms) = (webhook::body(&batch), app.clock.now_ms());
            let n_updates = u64::try_from(batch.len()).unwrap_or_default();
            if delivery.duplicates {
                attempt(app, webhook, Retry::new(body.clone(), 0, now_ms)).await;
            }
            attempt(app, webhook, Retry::new(body, n_updates, now_ms)).await;
        })
        .await;
}

/// Only 200 counts as received; everything else is tried again, later and later.
async fn attempt(app: &App, webhook: &Webhook, retry: Retry) {
    let is_received = post(app, webhook, &retry.body).await;
    let (mut meta, now_ms, n_updates) = (app.meta(), app.clock.now_ms(), retry.n_updates);
    if is_received {
        meta.counts.webhooks_posted += 1;
        meta.counts.in_flight -= n_updates;
        return;
    }
    meta.counts.webhooks_refused += 1;
    match retry.again(now_ms) {
        Some(retry) => meta.retries.push(retry),
        None => {
            meta.counts.webhooks_failed += 1;
            meta.counts.in_flight -= n_updates;
        }
    }
}

async fn post(app: &App, webhook: &Webhook, body: &[u8]) -> bool {
    let mut request = app
        .client
        .post(&webhook.url)
        .header("content-type", "application/json")
        .header("x-hub-signature-256", keys::hub_signature(&webhook.secret, body))
        .body(body.to_vec());
    if let Some(host) = &webhook.host {
        request = request.header("host", host);
    }
    request.send().await.is_ok_and(|response| response.status().as_u16() == 200)
}
