//! One status of a message (Meta: webhooks, messages, status).

use numo_app::{
    delivery::{NumberOwner, StatusUpdate, Unknown},
    port::whatsapp::SendAction,
};
use numo_domain::{
    delivery_report::{
        DeliveryReport,
        pricing::{Billed, PriceCategory, Pricing},
        status_error::StatusError,
    },
    id::PhoneNumberId,
    reminder::DeliveryStatus,
};
use serde_json::Value;

use crate::whatsapp::{
    errors,
    parse::{message_id, of, phone, timestamp, user, word},
    unread::Unread,
};

/// Reads a status, or says without its content why it cannot be read.
pub(crate) fn status(row: &Value, number: Option<&PhoneNumberId>) -> Result<StatusUpdate, Unread> {
    let failures: Vec<Failure> = rows(row, "errors").iter().filter_map(Failure::read).collect();
    // The first one counts, unless a later one asks for more.
    let failure = failures.iter().rev().max_by_key(|failure| failure.weight());
    let status = match of(Some(row), "status").as_deref() {
        Some("sent") => DeliveryStatus::Sent,
        Some("delivered") => DeliveryStatus::Delivered,
        Some("read" | "played") => DeliveryStatus::Read,
        Some("failed") => {
            DeliveryStatus::Failed { code: failure.map(|failure| failure.error.code).unwrap_or_default() }
        }
        Some(other) => return Err(Unread::unknown(Unknown::Status, format!("status {}", word(other)))),
        None => return Err(Unread::from("status missing")),
    };
    let (asks_for, errors) = match status {
        DeliveryStatus::Failed { .. } => {
            let asks_for = failure.and_then(|failure| failure.asks_for);
            (asks_for, failures.into_iter().map(|failure| failure.error).collect())
        }
        DeliveryStatus::Sent | DeliveryStatus::Delivered | DeliveryStatus::Read => Default::default(),
    };
    Ok(StatusUpdate {
        phone_number_id: number.cloned().ok_or("phone_number_id missing")?,
        message: message_id(row)?,
        // Ours are uuids; other apps of the account write what they like.
        attempt: of(Some(row), "biz_opaque_callback_data").and_then(|text| text.parse().ok()),
        status,
        report: DeliveryReport::new(errors, pricing(row)),
        asks_for,
        recipient: recipient(row),
        at: timestamp(row)?,
    })
}

fn rows<'r>(row: &'r Value, name: &str) -> &'r [Value] {
    row.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// One of the errors of a failed status.
struct Failure {
    error: StatusError,
    asks_for: Option<SendAction>,
}

impl Failure {
    /// Its code and Meta's words about this message; title and message are the same for every message of a code.
    fn read(row: &Value) -> Option<Self> {
        let code = of(Some(row), "code")?.parse().ok()?;
        let details = of(row.get("error_data"), "details").or_else(|| of(Some(row), "message"));
        Some(Self { error: StatusError::new(code, details.as_deref()), asks_for: errors::of_status(code) })
    }

    /// How much it asks for: what concerns every message goes before what concerns this one.
    const fn weight(&self) -> u8 {
        match self.asks_for {
            Some(SendAction::Reconnect) => 6,
            Some(SendAction::StopSender) => 5,
            Some(SendAction::StopTemplate(_)) => 4,
            Some(SendAction::Wait { .. } | SendAction::SlowDown { .. } | SendAction::WaitForApp { .. }) => 3,
            Some(SendAction::FixMessage) => 2,
            Some(SendAction::SkipRecipient | SendAction::WaitForRecipient) => 1,
            None => 0,
        }
    }
}

/// What Meta bills (Meta: webhooks, status; pricing): on *sent*, and on one of *delivered* and *read*.
///
/// `billable` is going away, so the type goes before it; a conversation that is named since v24 is one of a free entry
/// point.
fn pricing(row: &Value) -> Option<Pricing> {
    let pricing = row.get("pricing");
    let origin = row.get("conversation").and_then(|conversation| conversation.get("origin"));
    let from_an_advertisement = of(origin, "type").as_deref() == Some("referral_conversion");
    let kind = of(pricing, "type").or_else(|| of(pricing, "pricing_type"));
    let billable = pricing.and_then(|pricing| pricing.get("billable")).and_then(Value::as_bool);
    let billed = match (kind.as_deref().map(str::to_ascii_lowercase).as_deref(), billable) {
        (Some("free_customer_service"), _) => Billed::FreeCustomerService,
        (Some("free_entry_point"), _) => Billed::FreeEntryPoint,
        (Some("regular"), _) => Billed::Regular,
        _ if from_an_advertisement => Billed::FreeEntryPoint,
        (_, Some(false)) => Billed::Free,
        // A kind that is not known here counts as one that is paid for.
        (_, Some(true)) | (Some(_), None) => Billed::Regular,
        (None, None) => return None,
    };
    let category = of(pricing, "category").map_or(PriceCategory::Other, |category| category_of(&category));
    Some(Pricing { billed, category })
}

/// A category of the rate card, which Meta writes with underscores, with hyphens and in capitals.
pub(crate) fn category_of(category: &str) -> PriceCategory {
    let plain = category.to_ascii_lowercase().replace('-', "_");
    match plain.strip_prefix("group_").unwrap_or(&plain) {
        "utility" => PriceCategory::Utility,
        "marketing" | "marketing_lite" => PriceCategory::Marketing,
        "authentication" | "authentication_international" => PriceCategory::Authentication,
        "service" => PriceCategory::Service,
        _ => PriceCategory::Other,
    }
}

/// Who got a message, where Meta tells both; never for groups, whose id stands in place of the number.
fn recipient(row: &Value) -> Option<NumberOwner> {
    let is_person = row.get("recipient_type").is_none_or(|kind| kind == "individual");
    let (number, user) = (phone(row, "recipient_id")?, user(row, "recipient_user_id")?);
    is_person.then_some(NumberOwner { number, user })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(told: Value) -> StatusUpdate {
        let mut row = json!({ "id": "wamid.1", "status": "sent", "timestamp": "1750030073" });
        row.as_object_mut().unwrap().extend(told.as_object().unwrap().clone());
        status(&row, "106".parse().ok().as_ref()).unwrap()
    }

    fn error(code: u32, details: &str) -> Value {
        json!({ "code": code, "title": "t", "message": "m", "error_data": { "details": details }, "href": "h" })
    }

    #[test]
    fn every_error_of_a_failure_is_kept_and_the_one_that_asks_for_most_decides() {
        let failed = |errors: Value| {
            let read = read(json!({ "status": "failed", "errors": errors }));
            (read.status, read.asks_for, read.report.errors.into_iter().collect::<Vec<_>>())
        };
        let kept = [(131_026, "Message undeliverable."), (131_042, "Payment issue."), (131_049, "Not delivered.")];
        let kept = kept.map(|(code, details)| StatusError::new(code, Some(details)));
        let several = [
            error(131_026, "Message undeliverable."),
            error(131_042, "Payment issue."),
            error(131_049, "Not delivered."),
        ];
        assert_eq!(
            failed(json!(several)),
            (DeliveryStatus::Failed { code: 131_042 }, Some(SendAction::StopSender), kept.to_vec())
        );
        // Of two that ask for the same the first one is named.
        for (first, second) in [(131_026, 131_049), (131_049, 131_026)] {
            let (status, ..) = failed(json!([error(first, "a"), error(second, "b")]));
            assert_eq!(status, DeliveryStatus::Failed { code: first });
        }
        let unknown = failed(json!([{ "code": "999999", "message": "Something new" }, {}, "nonsense"]));
        let known = StatusError::new(999_999, Some("Something new"));
        assert_eq!(unknown, (DeliveryStatus::Failed { code: 999_999 }, None, vec![known]));
        assert_eq!(failed(json!("nonsense")), (DeliveryStatus::Failed { code: 0 }, None, Vec::new()));
    }

    #[test]
    fn nothing_of_the_customer_is_kept_with_an_error() {
        let errors = json!([error(131_009, "Recipient +971 50 123 4567: value \"Dear Amal\" invalid")]);
        let read = read(json!({ "status": "failed", "errors": errors }));
        assert_eq!(
            read.report.errors.into_iter().next().unwrap().details.as_deref(),
            Some("Recipient … value … invalid")
        );
    }

    #[test]
    fn errors_of_what_did_not_fail_say_nothing() {
        let read = read(json!({ "status": "delivered", "errors": [error(131_042, "x")] }));
        assert_eq!((read.asks_for, read.report), (None, DeliveryReport::default()));
    }

    #[test]
    fn a_price_is_read_as_meta_writes_it_and_wrote_it() {
        let price = |told: Value| read(told).report.pricing.map(|pricing| pricing.to_string());
        let pmp = |kind: &str, category: &str| {
            price(
                json!({ "pricing": { "billable": kind == "regular", "pricing_model": "PMP", "type": kind, "category": category } }),
            )
        };
        for (kind, category, expected) in [
            ("regular", "utility", "regular utility"),
            ("regular", "marketing", "regular marketing"),
            ("regular", "marketing_lite", "regular marketing"),
            ("free_customer_service", "utility", "free_customer_service utility"),
            ("free_customer_service", "service", "free_customer_service service"),
            ("free_entry_point", "service", "free_entry_point service"),
            ("regular", "authentication-international", "regular authentication"),
            ("regular", "authentication_international", "regular authentication"),
            ("regular", "group_utility", "regular utility"),
            ("regular", "general_purpose_ai", "regular other"),
            ("free_something_new", "service", "free service"),
        ] {
            assert_eq!(pmp(kind, category).as_deref(), Some(expected), "{kind} {category}");
        }
        for (told, expected) in [
            (
                json!({ "pricing": { "pricing_type": "free_entry_point", "category": "utility" } }),
                Some("free_entry_point utility"),
            ),
            (json!({ "pricing": { "type": "new", "category": "utility" } }), Some("regular utility")),
            (
                json!({ "pricing": { "billable": true, "pricing_model": "CBP", "category": "service" } }),
                Some("regular service"),
            ),
            (json!({ "pricing": { "billable": false } }), Some("free other")),
            (
                json!({ "conversation": { "id": "c", "origin": { "type": "referral_conversion" } } }),
                Some("free_entry_point other"),
            ),
            (json!({ "conversation": { "id": "c", "origin": { "type": "utility" } } }), None),
            (json!({ "pricing": { "category": "utility" } }), None),
            (json!({ "pricing": "nonsense" }), None),
            (json!({}), None),
        ] {
            assert_eq!(price(told.clone()).as_deref(), expected, "{told}");
        }
    }
}
