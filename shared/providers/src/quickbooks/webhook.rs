//! What a webhook of Intuit says: which companies changed.

use std::collections::BTreeSet;

use numo_app::ledger_news::LedgerNews;
use numo_domain::{connection::LedgerProvider, id::LedgerTenantId};
use serde_json::Value;

use crate::quickbooks::entity::Entity;

/// The companies of a verified body, of the format of before 2026 or of `CloudEvents`.
///
/// Intuit: webhooks, change of the payload. One body mixes companies; whatever an event holds
/// beside its company and its kind is read from the ledger. What cannot be read is counted, never
/// refused: Intuit would send the whole body again and hold back all that follows.
pub fn news(raw_body: &[u8]) -> LedgerNews {
    let mut news = LedgerNews { provider: LedgerProvider::Quickbooks, tenants: BTreeSet::new(), n_ignored: 0 };
    match serde_json::from_slice(raw_body) {
        Ok(Value::Array(events)) => events.iter().for_each(|event| add(&mut news, cloud_event(event))),
        Ok(body) => match body.get("eventNotifications").and_then(Value::as_array) {
            Some(notifications) => notifications.iter().for_each(|company| add_legacy(&mut news, company)),
            // A single event outside a list.
            None => add(&mut news, cloud_event(&body)),
        },
        Err(_) => news.n_ignored += 1,
    }
    news
}

/// The company of an event that matters.
fn add(news: &mut LedgerNews, company: Option<LedgerTenantId>) {
    match company {
        Some(company) => {
            news.tenants.insert(company);
        }
        None => news.n_ignored += 1,
    }
}

/// `{"type":"qbo.invoice.created.v1","intuitaccountid":"310687",…}`; the company of it.
fn cloud_event(event: &Value) -> Option<LedgerTenantId> {
    let mut parts = event.get("type")?.as_str()?.split('.');
    let matters = parts.next() == Some("qbo") && parts.next().is_some_and(matters);
    if matters { company(event.get("intuitaccountid")?) } else { None }
}

/// `{"realmId":"310687","dataChangeEvent":{"entities":[{"name":"Invoice",…}]}}`.
fn add_legacy(news: &mut LedgerNews, notification: &Value) {
    let realm = notification.get("realmId").and_then(company);
    let entities = notification.pointer("/dataChangeEvent/entities").and_then(Value::as_array);
    let Some(entities) = entities else { return add(news, None) };
    for entity in entities {
        let known = entity.get("name").and_then(Value::as_str).is_some_and(matters);
        add(news, realm.clone().filter(|_| known));
    }
}

/// Whether an entity is read here, however its name is written.
fn matters(name: &str) -> bool {
    let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
    Entity::ALL.iter().any(|entity| letters.eq_ignore_ascii_case(entity.as_str()))
}

fn company(realm: &Value) -> Option<LedgerTenantId> {
    realm
        .as_str()
        .map_or_else(|| realm.as_u64().map(|number| number.to_string()), |text| Some(text.to_owned()))?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::samples;

    fn read(body: &Value) -> (Vec<String>, usize) {
        let news = news(body.to_string().as_bytes());
        assert_eq!(news.provider, LedgerProvider::Quickbooks);
        (news.tenants.iter().map(ToString::to_string).collect(), news.n_ignored)
    }

    fn event(kind: &str, company: &str) -> Value {
        json!({ "specversion": "1.0", "id": "e", "type": kind, "intuitentityid": "1", "intuitaccountid": company })
    }

    #[test]
    fn one_list_of_events_names_the_companies_of_those_that_matter() {
        let body = json!([
            event("qbo.invoice.created.v1", "1"),
            event("qbo.payment.voided.v1", "2"),
            event("qbo.creditmemo.deleted.v2", "2"),
            event("qbo.credit_memo.emailed.v1", "3"),
            event("qbo.customer.merged.v1", "4"),
            event("qbo.account.created.v1", "5"),
            event("payroll.invoice.created.v1", "6"),
            event("qbo", "7"),
            event("qbo.invoice.created.v1", ""),
            { "specversion": "1.0" },
            7,
        ]);
        assert_eq!(read(&body), (vec!["1".into(), "2".into(), "3".into(), "4".into()], 6));
    }

    #[test]
    fn the_older_object_is_read_the_same() {
        let company = |realm: Value, names: &[&str]| {
            let entities: Vec<Value> =
                names.iter().map(|name| json!({ "id": "1", "operation": "Void", "name": name })).collect();
            json!({ "realmId": realm, "dataChangeEvent": { "entities": entities } })
        };
        let body = json!({ "eventNotifications": [
            company(json!("1"), &["Invoice", "Account"]), company(json!(2), &["CreditMemo", "Customer", "Payment"]),
            company(json!("3"), &["Bill"]), company(json!(null), &["Invoice"]), { "realmId": "4" }, 7,
        ] });
        assert_eq!(read(&body), (vec!["1".into(), "2".into()], 5));
        assert_eq!(read(&json!({ "eventNotifications": [] })), (Vec::new(), 0));
    }

    #[test]
    fn nothing_is_refused() {
        assert_eq!(read(&event("qbo.invoice.created.v1", "1")), (vec!["1".into()], 0));
        for body in [json!({}), json!(null), json!("x"), json!({ "eventNotifications": {} })] {
            assert_eq!(read(&body), (Vec::new(), 1), "{body}");
        }
        for body in [b"".as_slice(), b"<html>", b"\xff", b"[{]"] {
            assert_eq!(news(body).n_ignored, 1);
        }
    }

    #[test]
    fn the_published_samples_tell_of_an_account_that_nobody_here_reads() {
        for name in ["intuit_webhook_cloudevents.json", "intuit_webhook_legacy.json"] {
            let Some(text) = samples::text(&format!("quickbooks/{name}")) else { return };
            let of_account = news(text.as_bytes());
            assert_eq!((of_account.tenants.len(), of_account.n_ignored), (0, 1), "{name}");
            let of_invoice = news(text.replace("qbo.account", "qbo.invoice").replace("Account", "Invoice").as_bytes());
            assert_eq!((of_invoice.tenants, of_invoice.n_ignored), (BTreeSet::from(["310687".parse().unwrap()]), 0));
        }
    }
}
