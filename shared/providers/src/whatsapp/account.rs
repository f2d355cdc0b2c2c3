//! A business's account: its numbers, its webhooks, its templates.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;
use numo_app::port::{
    template_library::TemplateLibrary,
    whatsapp::{AccountError, FoundTemplate, NumberInfo, SenderAccess, WhatsappAccount},
};
use numo_domain::{
    account_bill::Sums,
    id::{PhoneNumberId, WabaId},
    phone::PhoneNumber,
    sender::Throughput,
    template::{AccountTemplate, PackTemplate},
    whatsapp_account::AccountTrouble,
};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::{
    http::call::{Answer, Broken, CallError},
    whatsapp::{
        bill,
        errors::{self, AccountCall},
        graph::GraphClient,
        template,
    },
};

/// What [`number`] reads.
pub(crate) const NUMBER_FIELDS: &str = "display_phone_number,verified_name,status,health_status,\
    whatsapp_business_manager_messaging_limit,is_on_biz_app,throughput";

/// Rows of a page of numbers or templates.
const PAGE_SIZE: &str = "100";

/// Ids in one call (Meta: template archival).
const UNARCHIVED_AT_ONCE: usize = 100;

/// An account has at most 6,000 templates (Meta: template limits).
const MAX_PAGES: usize = 100;

#[async_trait]
impl WhatsappAccount for GraphClient {
    fn library(&self) -> &dyn TemplateLibrary {
        self
    }

    async fn number(&self, access: &SenderAccess) -> Result<NumberInfo, AccountError> {
        let query = [("fields", NUMBER_FIELDS)];
        let answer = self.get("number", &[access.phone_number_id.as_str()], &access.token, &query).await;
        number(&good(answer, AccountCall::ByIdAlone)?)
    }

    async fn numbers_of(&self, waba: &WabaId, token: &SecretString) -> Result<Vec<PhoneNumberId>, AccountError> {
        let rows = self.rows("numbers", &[waba.as_str(), "phone_numbers"], token, &[("fields", "id")]).await?;
        Ok(rows.iter().filter_map(|row| id(row.get("id")?)?.parse().ok()).collect())
    }

    async fn subscribe(&self, waba: &WabaId, token: &SecretString) -> Result<(), AccountError> {
        // Without a body the app's own address is used, and one that overrode it is forgotten.
        let answer = self.post("subscribe", &[waba.as_str(), "subscribed_apps"], token, &json!({})).await;
        let body = good(answer, AccountCall::ByIdAlone)?;
        let done = body.get("success").and_then(Value::as_bool) == Some(true);
        if done { Ok(()) } else { Err(broken("a subscription without success")) }
    }

    async fn templates(&self, waba: &WabaId, token: &SecretString) -> Result<Vec<FoundTemplate>, AccountError> {
        let path = [waba.as_str(), "message_templates"];
        let query = [("fields", "id,name,language,status,category,quality_score")];
        let rows = self.rows("templates", &path, token, &query).await?;
        Ok(rows.iter().filter_map(template::found).collect())
    }

    async fn unarchive(&self, waba: &WabaId, token: &SecretString, ids: &[String]) -> Result<(), AccountError> {
        let path = [waba.as_str(), "message_templates", "unarchive"];
        for ids in ids.chunks(UNARCHIVED_AT_ONCE) {
            let answer = self.post("unarchive", &path, token, &json!({ "hsm_ids": ids })).await;
            good(answer, AccountCall::WithBody)?;
        }
        Ok(())
    }

    async fn billed(
        &self,
        waba: &WabaId,
        token: &SecretString,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Sums, AccountError> {
        let fields = bill::fields(from, until);
        let answer = self.get("billed", &[waba.as_str()], token, &[("fields", fields.as_str())]).await;
        bill::sums(&good(answer, AccountCall::WithBody)?)
    }

    async fn create_template(
        &self,
        waba: &WabaId,
        token: &SecretString,
        template: &PackTemplate,
    ) -> Result<AccountTemplate, AccountError> {
        let path = [waba.as_str(), "message_templates"];
        let example = match template.variant.has_pdf() {
            true => Some(self.example_handle(token).await?),
            false => None,
        };
        let creation = template::creation(template, self.public_url(), example.as_deref());
        let answer = self.post("create_template", &path, token, &creation).await;
        let body = good(answer, AccountCall::WithBody)?;
        template::standing(template.reference(), &body).ok_or_else(|| broken("a template without a status"))
    }
}

impl GraphClient {
    /// Every row of a list, page by page; addresses in answers are never followed, they hold tokens.
    pub(crate) async fn rows(
        &self,
        name: &'static str,
        path: &[&str],
        token: &SecretString,
        asked: &[(&str, &str)],
    ) -> Result<Vec<Value>, AccountError> {
        let mut rows = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let paging = [("limit", PAGE_SIZE)].into_iter().chain(after.as_deref().map(|cursor| ("after", cursor)));
            let query: Vec<(&str, &str)> = asked.iter().copied().chain(paging).collect();
            let body = good(self.get(name, path, token, &query).await, AccountCall::ByIdAlone)?;
            let data = body.get("data").and_then(Value::as_array).ok_or_else(|| broken("a list without data"))?;
            rows.extend(data.iter().cloned());
            match next(&body) {
                Some(cursor) if after.as_deref() != Some(cursor) => after = Some(cursor.to_owned()),
                Some(_) | None => return Ok(rows),
            }
        }
        Err(broken("a list without end"))
    }
}

/// The cursor of the next page, if there is one.
fn next(body: &Value) -> Option<&str> {
    let paging = body.get("paging")?;
    paging.get("next")?;
    paging.get("cursors")?.get("after")?.as_str()
}

/// What Meta knows of a number (Meta: business phone numbers, health status).
pub(crate) fn number(body: &Value) -> Result<NumberInfo, AccountError> {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let digits: String =
        text("display_phone_number").unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    let number: PhoneNumber = format!("+{digits}").parse().or(Err(broken("a number without digits")))?;
    let health = body.get("health_status").and_then(|health| health.get("can_send_message")).and_then(Value::as_str);
    Ok(NumberInfo {
        number,
        verified_name: text("verified_name").unwrap_or_default().to_owned(),
        can_send: text("status") == Some("CONNECTED") && health != Some("BLOCKED"),
        daily_limit: text("whatsapp_business_manager_messaging_limit").and_then(messaging_limit),
        is_on_biz_app: body.get("is_on_biz_app").and_then(Value::as_bool) == Some(true),
        throughput: match body.get("throughput").and_then(|throughput| throughput.get("level")).and_then(Value::as_str)
        {
            Some("HIGH") => Throughput::High,
            Some(_) | None => Throughput::Standard,
        },
        troubles: troubles(body.get("health_status")),
    })
}

/// What the entities of a health status complain of (Meta: health status): an account or business may be limited while
/// its number is not.
fn troubles(health: Option<&Value>) -> BTreeSet<AccountTrouble> {
    let list = |row: Option<&Value>, name: &str| {
        row.and_then(|row| row.get(name)).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let entities = list(health, "entities");
    let errors = entities.iter().flat_map(|entity| list(Some(entity), "errors"));
    errors.filter_map(|error| trouble(error.get("error_code")?.as_u64()?)).collect()
}

/// The troubles that a person of the business can do something about.
const fn trouble(code: u64) -> Option<AccountTrouble> {
    match code {
        141_006 => Some(AccountTrouble::Payment),
        141_010 => Some(AccountTrouble::Verification),
        141_014 => Some(AccountTrouble::Banned),
        _ => None,
    }
}

/// People per 24 hours in a tier such as `TIER_250` or `TIER_2K` (Meta: messaging limits); none for an unlimited one.
pub(crate) fn messaging_limit(tier: &str) -> Option<u32> {
    let size = tier.strip_prefix("TIER_")?;
    match size.strip_suffix('K') {
        Some(thousands) => thousands.parse::<u32>().ok()?.checked_mul(1_000),
        None => size.parse().ok(),
    }
}

/// An id, which Meta writes as a string in most places and as a number in some.
pub(crate) fn id(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned).or_else(|| value.as_u64().map(|number| number.to_string()))
}

/// The body of a success.
pub(crate) fn good(answer: Result<Answer, CallError>, call: AccountCall) -> Result<Value, AccountError> {
    let answer = answer.map_err(|error| AccountError::Unavailable(error.boxed()))?;
    let body = answer.json().filter(|body| answer.is_success() && body.get("error").is_none());
    body.ok_or_else(|| errors::of_account(&answer, call))
}

pub(crate) fn broken(what: &'static str) -> AccountError {
    AccountError::Unavailable(Broken::Body(what).boxed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn row(status: &str, health: &str) -> Value {
        json!({
            "display_phone_number": "+1 631-555-5555", "verified_name": "Jasper's Market", "status": status,
            "health_status": { "can_send_message": health }, "id": "1",
        })
    }

    #[test]
    fn a_number_can_send_when_it_is_connected_and_not_blocked() {
        let info = |status, health| number(&row(status, health)).unwrap().can_send;
        assert!(info("CONNECTED", "AVAILABLE"));
        assert!(info("CONNECTED", "LIMITED"));
        assert!(!info("CONNECTED", "BLOCKED"));
        assert!(!info("BANNED", "AVAILABLE"));
    }

    #[test]
    fn a_number_is_read_from_how_it_is_shown() {
        let expected = NumberInfo {
            number: "+16315555555".parse().unwrap(),
            verified_name: String::from("Jasper's Market"),
            can_send: true,
            daily_limit: None,
            is_on_biz_app: false,
            throughput: Throughput::Standard,
            troubles: BTreeSet::new(),
        };
        assert_eq!(number(&row("CONNECTED", "AVAILABLE")).unwrap(), expected);
        let bare = json!({ "display_phone_number": "15555555555" });
        assert_eq!(number(&bare).unwrap().number.as_e164(), "+15555555555");
        assert!(matches!(number(&json!({})), Err(AccountError::Unavailable(_))));
    }

    #[test]
    fn a_number_tells_how_fast_it_is_and_whether_the_phone_app_has_it_too() {
        for (told, expected) in [
            (json!({ "throughput": { "level": "STANDARD" } }), (Throughput::Standard, false)),
            (json!({ "throughput": { "level": "HIGH" }, "is_on_biz_app": false }), (Throughput::High, false)),
            (json!({ "throughput": { "level": "STANDARD" }, "is_on_biz_app": true }), (Throughput::Standard, true)),
            (json!({ "throughput": { "level": "NOT_APPLICABLE" } }), (Throughput::Standard, false)),
            (json!({ "throughput": "HIGH", "is_on_biz_app": "true" }), (Throughput::Standard, false)),
        ] {
            let mut row = row("CONNECTED", "AVAILABLE");
            row.as_object_mut().unwrap().extend(told.as_object().unwrap().clone());
            let info = number(&row).unwrap();
            assert_eq!((info.throughput, info.is_on_biz_app), expected, "{told}");
        }
    }

    #[test]
    fn what_account_and_business_complain_of_is_known_by_its_code() {
        let error = |code: u32| json!({ "error_code": code, "error_description": "d", "possible_solution": "s" });
        let mut row = row("CONNECTED", "BLOCKED");
        row["health_status"]["entities"] = json!([
            { "entity_type": "PHONE_NUMBER", "can_send_message": "AVAILABLE", "errors": [error(138_024)] },
            { "entity_type": "WABA", "can_send_message": "BLOCKED", "errors": [error(141_006), error(141_014)] },
            { "entity_type": "BUSINESS", "can_send_message": "LIMITED", "errors": [error(141_010)] },
            { "entity_type": "APP", "can_send_message": "AVAILABLE" },
        ]);
        assert_eq!(number(&row).unwrap().troubles, AccountTrouble::ALL.into());
        row["health_status"]["entities"] = json!("none");
        assert_eq!(number(&row).unwrap().troubles, BTreeSet::new());
    }

    #[test]
    fn a_tier_says_how_many_people_may_be_written_to_in_a_day() {
        for (tier, limit) in [
            ("TIER_50", Some(50)),
            ("TIER_250", Some(250)),
            ("TIER_2K", Some(2_000)),
            ("TIER_100K", Some(100_000)),
            ("TIER_UNLIMITED", None),
            ("TIER_NOT_SET", None),
            ("TIER_9999999K", None),
            ("2K", None),
        ] {
            assert_eq!(messaging_limit(tier), limit, "{tier}");
        }
    }

    #[test]
    fn a_next_page_needs_an_address_and_a_cursor() {
        let paging = |next: Value| json!({ "paging": { "cursors": { "after": "c" }, "next": next } });
        assert_eq!(next(&paging(json!("https://x"))), Some("c"));
        assert_eq!(next(&json!({ "paging": { "cursors": { "after": "c" } } })), None);
        assert_eq!(next(&json!({})), None);
    }

    #[test]
    fn metas_documented_health_decides() {
        for (name, mut payload) in samples::cases("meta/responses/docs_health_status.json") {
            let blocked = payload["health_status"]["can_send_message"] == "BLOCKED";
            payload["display_phone_number"] = json!("+1 631-555-5555");
            payload["status"] = json!("CONNECTED");
            assert_eq!(number(&payload).unwrap().can_send, !blocked, "{name}");
        }
    }
}
