//! What Xero's webhook says.

use std::collections::BTreeSet;

use numo_app::ledger_news::LedgerNews;
use numo_domain::{connection::LedgerProvider, id::LedgerTenantId};
use serde::Deserialize;
use serde_json::Value;

/// The organisations of which something changed, of a verified body.
///
/// Xero: webhooks. An event carries no record, and invoices and bills look alike: it only says where
/// to look. Whatever cannot be read is passed over, since a verified body is never refused.
pub fn news(raw_body: &[u8]) -> LedgerNews {
    let mut news = LedgerNews { provider: LedgerProvider::Xero, tenants: BTreeSet::new(), n_ignored: 0 };
    let body: Option<Value> = serde_json::from_slice(raw_body).ok();
    let Some(events) = body.as_ref().and_then(|body| body.get("events")?.as_array()) else {
        return LedgerNews { n_ignored: 1, ..news };
    };
    for event in events {
        match tenant(event) {
            Some(tenant) => drop(news.tenants.insert(tenant)),
            None => news.n_ignored += 1,
        }
    }
    news
}

/// The organisation of an event, if it is of a kind that is read here.
fn tenant(event: &Value) -> Option<LedgerTenantId> {
    let event = RawEvent::deserialize(event).ok()?;
    // Events of subscriptions are about the app, not about an organisation.
    let of_organisation = event.tenant_type.is_none_or(|kind| kind == "ORGANISATION");
    let is_read = matches!(event.category.as_str(), "INVOICE" | "CONTACT" | "CREDITNOTE");
    (of_organisation && is_read).then_some(event.tenant)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawEvent {
    #[serde(rename = "eventCategory")]
    category: String,
    #[serde(rename = "tenantId")]
    tenant: LedgerTenantId,
    tenant_type: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::samples;

    fn expected(tenants: &[&str], n_ignored: usize) -> LedgerNews {
        let tenants = tenants.iter().map(|tenant| tenant.parse().unwrap()).collect();
        LedgerNews { provider: LedgerProvider::Xero, tenants, n_ignored }
    }

    fn event(category: &str, tenant: &str) -> Value {
        json!({
            "resourceUrl": "https://api.xero.com/x", "resourceId": "r", "eventDateUtc": "2026-11-23T06:00:00.123",
            "eventType": "UPDATE", "eventCategory": category, "tenantId": tenant, "tenantType": "ORGANISATION",
        })
    }

    #[test]
    fn an_organisation_is_named_once_however_many_events_it_has() {
        let events = [event("INVOICE", "t-1"), event("CONTACT", "t-2"), event("CREDITNOTE", "t-1")];
        let body = json!({ "events": events, "firstEventSequence": 1, "lastEventSequence": 3, "entropy": "X" });
        assert_eq!(news(body.to_string().as_bytes()), expected(&["t-1", "t-2"], 0));
    }

    #[test]
    fn other_kinds_and_unreadable_events_are_counted_and_the_others_kept() {
        let mut of_app = event("SUBSCRIPTION", "t-1");
        of_app["tenantType"] = json!("APPLICATION");
        let mut of_practice = event("CONTACT", "t-2");
        of_practice["tenantType"] = json!("PRACTICE");
        let without_tenant = json!({ "eventCategory": "INVOICE", "eventType": "CREATE" });
        let events = json!([
            of_app,
            of_practice,
            event("PAYROLL", "t-3"),
            without_tenant,
            event("INVOICE", "a b"),
            7,
            event("INVOICE", "t-4")
        ]);
        assert_eq!(news(json!({ "events": events }).to_string().as_bytes()), expected(&["t-4"], 6));
    }

    #[test]
    fn a_body_of_any_shape_is_no_error() {
        for body in ["", "null", "[]", "{}", r#"{"events":7}"#, "<html>", "{\"events\":["] {
            assert_eq!(news(body.as_bytes()), expected(&[], 1), "{body}");
        }
        assert_eq!(news(b"{\"events\":[],\"firstEventSequence\": 0,\"lastEventSequence\": 0}"), expected(&[], 0));
    }

    #[test]
    fn the_official_samples_name_their_organisation() {
        for (name, tenant) in [
            ("contact_update", "c2cc9b6e-9458-4c7d-93cc-f02b81b0594f"),
            ("creditnote_create", "aef86862-2015-4b6b-88bc-d89032cecc50"),
        ] {
            let Some(text) = samples::text(&format!("xero/openapi_webhook_{name}.json")) else { return };
            assert_eq!(news(text.as_bytes()), expected(&[tenant], 0), "{name}");
        }
    }
}
