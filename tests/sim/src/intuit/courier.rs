use std::time::{Duration, Instant};

use serde_json::json;

use crate::app::App;
use crate::intuit::webhook::{Post, Signature, Webhook};
use crate::keys;

/// Intuit waits no longer than this for an answer (Intuit: webhooks, best practices).
const PATIENCE: Duration = Duration::from_secs(3);
/// Pauses between the attempts: a hundredth of Intuit's first four.
const PAUSES_MS: &[u64] = &[100, 200, 300, 3_000];

/// Posts webhooks one after the other for as long as the simulator runs.
pub(crate) async fn run(app: App) {
    loop {
        app.wake_intuit.notified().await;
        while let Some((webhook, post)) = taken(&app) {
            deliver(&app, &webhook, &post).await;
            app.intuit().hooks.n_in_flight -= 1;
        }
    }
}

fn taken(app: &App) -> Option<(Webhook, Post)> {
    let mut intuit = app.intuit();
    let hooks = &mut intuit.hooks;
    let webhook = hooks.webhook.clone()?;
    if hooks.waiting.is_empty() {
        return None;
    }
    hooks.n_in_flight += 1;
    Some((webhook, hooks.waiting.remove(0)))
}

/// Later posts wait until this one is acknowledged or given up.
async fn deliver(app: &App, webhook: &Webhook, post: &Post) {
    let body = webhook.body(&post.events, &app.intuit()).to_string().into_bytes();
    for attempt in 0..=PAUSES_MS.len() {
        let began = Instant::now();
        let status = attempted(app, webhook, post, &body).await;
        let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        app.intuit().hooks.deliveries.push(json!({
            "attempt": attempt + 1, "status": status, "duration_ms": duration_ms, "events": post.events.len(),
            "signature": if post.signature == Signature::Right { "right" } else { "spoiled" },
        }));
        // A bad signature is refused on purpose; trying it again would say nothing new.
        let is_over = status.is_some_and(|status| (200..300).contains(&status)) || post.signature == Signature::Spoiled;
        let Some(pause_ms) = PAUSES_MS.get(attempt).filter(|_| !is_over) else { return };
        tokio::time::sleep(Duration::from_millis(*pause_ms)).await;
    }
}

/// The status of the answer, or nothing where none came in time.
async fn attempted(app: &App, webhook: &Webhook, post: &Post, body: &[u8]) -> Option<u16> {
    let signed_with = match post.signature {
        Signature::Right => webhook.verifier_token.clone(),
        Signature::Spoiled => format!("not {}", webhook.verifier_token),
    };
    let mut request = app
        .client
        .post(&webhook.url)
        .timeout(PATIENCE)
        .header("content-type", webhook.content_type(post))
        .header("intuit-signature", keys::intuit_signature(&signed_with, body))
        .body(body.to_vec());
    if let Some(host) = &webhook.host {
        request = request.header("host", host);
    }
    Some(request.send().await.ok()?.status().as_u16())
}
