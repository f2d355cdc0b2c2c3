use std::time::Duration;

use futures_util::{StreamExt as _, stream};

use crate::app::App;
use crate::field::Field as _;
use crate::keys;
use crate::meta::state::{Delivery, Update, UpdateKind, Webhook};
use crate::meta::webhook;

const N_AT_ONCE: usize = 4;
const N_TRIES: u32 = 5;

/// Posts webhooks for as long as the simulator runs.
pub(crate) async fn run(app: App) {
    loop {
        app.wake.notified().await;
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
    let copies = if delivery.duplicates { 2 } else { 1 };
    stream::iter(batches)
        .for_each_concurrent(N_AT_ONCE, |batch| async move {
            let body = webhook::body(&batch);
            for _ in 0..copies {
                let answered = post(app, webhook, &body).await;
                let mut meta = app.meta();
                match answered {
                    Answered::Yes => meta.counts.webhooks_posted += 1,
                    Answered::No => meta.counts.webhooks_failed += 1,
                }
            }
            app.meta().counts.in_flight -= u64::try_from(batch.len()).unwrap_or_default();
        })
        .await;
}

enum Answered {
    Yes,
    No,
}

/// Only 200 counts as received; everything else is tried again a few times.
async fn post(app: &App, webhook: &Webhook, body: &[u8]) -> Answered {
    let signature = keys::hub_signature(&webhook.secret, body);
    for attempt in 0..N_TRIES {
        let mut request = app
            .client
            .post(&webhook.url)
            .header("content-type", "application/json")
            .header("x-hub-signature-256", &signature)
            .body(body.to_vec());
        if let Some(host) = &webhook.host {
            request = request.header("host", host);
        }
        if request.send().await.is_ok_and(|response| response.status().as_u16() == 200) {
            return Answered::Yes;
        }
        tokio::time::sleep(Duration::from_millis(100 << attempt)).await;
    }
    Answered::No
}
