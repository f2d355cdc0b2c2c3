use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::app::App;
use crate::keys;

/// Where webhooks go, and what became of them.
#[derive(Debug, Default)]
pub(crate) struct Webhooks {
    pub(crate) target: Option<Target>,
    pub(crate) deliveries: Vec<Value>,
    n_events: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) url: String,
    pub(crate) signing_key: String,
    /// A Host header for gateways that route by name.
    pub(crate) host: Option<String>,
}

/// Something that happened to a row (Xero: webhooks, events).
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) tenant_id: String,
    pub(crate) category: Category,
    pub(crate) change: Change,
    pub(crate) id: String,
    /// Type and status; credit notes alone carry them.
    pub(crate) data: Option<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Category {
    Invoice,
    Contact,
    CreditNote,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Create,
    Update,
}

/// Whether a signature is sent as computed or with one character changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signature {
    Right,
    Spoiled,
}

impl Category {
    /// The name in an event, and that of the resource.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Invoice => ("INVOICE", "Invoices"),
            Self::Contact => ("CONTACT", "Contacts"),
            Self::CreditNote => ("CREDITNOTE", "CreditNotes"),
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Invoice, Self::Contact, Self::CreditNote].into_iter().find(|category| category.names().0 == name)
    }
}

impl Change {
    fn name(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Create, Self::Update].into_iter().find(|change| change.name() == name)
    }
}

/// What Xero demands of an answer (Xero: webhooks, configuring your server).
const PATIENCE: Duration = Duration::from_secs(5);

/// Posts events once, and keeps what was answered; nothing happens where no webhook is set.
pub(crate) async fn announce(app: &App, events: &[Event], signature: Signature) -> Option<Value> {
    let entropy = entropy(app);
    let now_ms = app.clock.now_ms();
    let (target, body) = {
        let mut xero = app.xero();
        let target = xero.webhooks.target.clone()?;
        let first = xero.webhooks.n_events + 1;
        xero.webhooks.n_events += u64::try_from(events.len()).unwrap_or_default();
        (target, body(events, first, now_ms, &entropy))
    };
    Some(post(app, &target, &body, signature).await)
}

/// Xero's handshake: the same empty body several times, some of them signed wrongly on purpose.
pub(crate) async fn intent_to_receive(app: &App) -> Option<Vec<Value>> {
    let target = app.xero().webhooks.target.clone()?;
    let mut answers = Vec::new();
    for signature in [Signature::Right, Signature::Spoiled, Signature::Spoiled, Signature::Right] {
        let body = body(&[], 0, 0, &entropy(app));
        answers.push(post(app, &target, &body, signature).await);
    }
    Some(answers)
}

async fn post(app: &App, target: &Target, body: &str, signature: Signature) -> Value {
    let right = keys::xero_signature(&target.signing_key, body.as_bytes());
    let (sent, expected) = match signature {
        Signature::Right => (right, 200),
        Signature::Spoiled => (spoiled(&right), 401),
    };
    let mut request = app
        .client
        .post(&target.url)
        .timeout(PATIENCE)
        .header("content-type", "application/json; charset=utf-8")
        .header("x-xero-signature", &sent)
        .body(body.to_owned());
    if let Some(host) = &target.host {
        request = request.header("host", host);
    }
    let (status, is_empty, has_cookies) = match request.send().await {
        Ok(response) => {
            let (status, has_cookies) = (response.status().as_u16(), response.headers().contains_key("set-cookie"));
            (Some(status), response.bytes().await.is_ok_and(|answer| answer.is_empty()), has_cookies)
        }
        Err(_unanswered) => (None, false, false),
    };
    let delivery = json!({
        "body": body, "signature": sent, "expected_status": expected, "status": status, "empty_body": is_empty,
        "cookies": has_cookies, "as_xero_demands": status == Some(expected) && is_empty && !has_cookies,
    });
    app.xero().webhooks.deliveries.push(delivery.clone());
    delivery
}

/// Spaces stand where Xero has them, so a body that was parsed and written again has another signature.
fn body(events: &[Event], first: u64, now_ms: i64, entropy: &str) -> String {
    let last = (first + u64::try_from(events.len()).unwrap_or_default()).saturating_sub(1);
    let events: Vec<String> = events.iter().map(|event| shown(event, now_ms)).collect();
    format!(
        "{{\"events\":[{}],\"firstEventSequence\": {first},\"lastEventSequence\": {last}, \"entropy\": \"{entropy}\"}}",
        events.join(",")
    )
}

fn shown(event: &Event, now_ms: i64) -> String {
    let (category, resource) = event.category.names();
    let at = Timestamp::from_millisecond(now_ms).unwrap_or_default();
    let Event { id, tenant_id, change, .. } = event;
    let data = event.data.as_ref().map_or_else(String::new, |(kind, status)| {
        format!(",\"data\":{{\"Type\": \"{kind}\", \"Status\": \"{status}\"}}")
    });
    format!(
        "{{\"resourceUrl\":\"https://api.xero.com/api.xro/2.0/{resource}/{id}\",\"resourceId\":\"{id}\",\
         \"tenantId\":\"{tenant_id}\",\"tenantType\":\"ORGANISATION\",\"eventCategory\":\"{category}\",\
         \"eventType\":\"{}\",\"eventDateUtc\":\"{}\"{data}}}",
        change.name(),
        at.strftime("%Y-%m-%dT%H:%M:%S.%3f"),
    )
}

/// One character is another one, as in Xero's own test posts.
fn spoiled(signature: &str) -> String {
    let first = if signature.starts_with('/') { "A" } else { "/" };
    format!("{first}{}", signature.get(1..).unwrap_or_default())
}

/// Twenty capital letters.
fn entropy(app: &App) -> String {
    let mut random = app.random();
    (0..20u8).filter_map(|_| char::from_u32(65 + u32::try_from(random.between(0, 25)).ok()?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_body_has_xeros_spaces() {
        let expected = "{\"events\":[],\"firstEventSequence\": 0,\"lastEventSequence\": 0, \
                        \"entropy\": \"LUWDSUDGSWNZVALZXBEV\"}";
        assert_eq!(body(&[], 0, 0, "LUWDSUDGSWNZVALZXBEV"), expected);
    }

    #[test]
    fn a_spoiled_signature_differs_in_its_first_character_alone() {
        assert_eq!((spoiled("BjzN"), spoiled("/jzN")), (String::from("/jzN"), String::from("AjzN")));
    }
}
