//! Changes about an account, its numbers and its templates (Meta: webhooks, fields other than `messages`).
//!
//! Meta writes the same fact in several ways here, and some of its own samples carry another field's name: what a
//! change is about is read from its keys where the field leaves a doubt.

use jiff::{Timestamp, fmt::strtime};
use numo_app::delivery::{AccountChange, AccountNews, News, NumberRef, Unknown, Update};
use numo_domain::{
    id::WabaId,
    notice::{Notice, NoticeKind},
    reminder::TemplateRef,
    restriction::{Restriction, RestrictionKind},
    template::{AccountTemplate, WhyUnusable},
};
use serde_json::Value;

use crate::whatsapp::{
    account::messaging_limit,
    parse::{of, phone},
    template,
    unread::Unread,
};

/// Fields after which the account, its numbers and its templates are asked about.
pub(crate) const FIELDS: [&str; 11] = [
    "account_update",
    "account_alerts",
    "account_review_update",
    "business_capability_update",
    "message_template_components_update",
    "message_template_quality_update",
    "message_template_status_update",
    "phone_number_name_update",
    "phone_number_quality_update",
    "security",
    "template_category_update",
];

/// The updates of a change of one of these fields, and reasons for what could not be read.
pub(crate) fn read(field: &str, value: &Value, entry: &WabaId) -> (Vec<Update>, Vec<Unread>) {
    let waba = match account(value, entry) {
        Ok(waba) => waba,
        Err(reason) => return (Vec::new(), vec![reason]),
    };
    let (mut news, mut reasons) = (Vec::new(), Vec::new());
    match field {
        "account_update" => match account_update(value) {
            Ok(told) => news = told,
            Err(reason) => reasons.push(reason),
        },
        "account_alerts" => news.extend(alert(value)),
        "account_review_update" => news.extend(review(value)),
        "business_capability_update" | "phone_number_quality_update" => news.extend(number(value)),
        "phone_number_name_update" => news.extend(name(value)),
        "security" => news.extend(security(value)),
        "template_category_update" => news.extend(category_warning(value)),
        _ => {}
    }
    let decided = decision(value).map(Update::Template);
    // What these say is not known to be told yet when it is asked: the look that they make due comes later.
    let is_asked = !news.iter().any(|news| matches!(news, News::AccessEnded | News::Offboarded));
    // Whatever is told of a number that the account has elsewhere concerns nobody here.
    let number = phone(value, "display_phone_number").map(NumberRef::Displayed);
    let asked = is_asked.then(|| Update::Account(AccountChange { waba: waba.clone(), number: number.clone() }));
    let told =
        news.into_iter().map(|news| Update::News(AccountNews { waba: waba.clone(), number: number.clone(), news }));
    (decided.into_iter().chain(told).chain(asked).collect(), reasons)
}

/// The account that a change is about: where a partner is concerned, the entry names that one instead.
fn account(value: &Value, entry: &WabaId) -> Result<WabaId, Unread> {
    match of(value.get("waba_info"), "waba_id") {
        Some(waba) => waba.parse().or(Err(Unread::from("waba_id unreadable"))),
        None => Ok(entry.clone()),
    }
}

/// What Meta decided about a template, where that is said and need not be asked for.
fn decision(value: &Value) -> Option<AccountTemplate> {
    let text = |name: &str| of(Some(value), name);
    let name = text("message_template_name")?;
    // Meta writes the language with a hyphen here and with an underscore elsewhere.
    let language = text("message_template_language")?.replace('-', "_");
    let template = TemplateRef { name, language };
    if let Some(score) = text("new_quality_score") {
        return (score == template::BAD).then(|| AccountTemplate::unusable(template, WhyUnusable::LowQuality));
    }
    // In the warning of a day before, `new_category` is the present one.
    let is_warning = value.get("correct_category").is_some();
    let category = text("message_template_category").or_else(|| text("new_category").filter(|_| !is_warning));
    let is_marketing = category.is_some_and(|category| !template::is_utility(&category));
    match text("event") {
        None => is_marketing.then(|| AccountTemplate::unusable(template, WhyUnusable::Marketing)),
        // A reminder that became marketing is not delivered everywhere and costs more.
        Some(event) if is_marketing && matches!(event.as_str(), "APPROVED" | "PENDING" | "IN_APPEAL") => {
            Some(AccountTemplate::unusable(template, WhyUnusable::Marketing))
        }
        Some(event) => template::after(template, &event),
    }
}

/// A day before a text becomes marketing Meta says so, unless it warned of it before.
fn category_warning(value: &Value) -> Option<News> {
    let category = of(Some(value), "correct_category")?;
    let name = of(Some(value), "message_template_name");
    (!template::is_utility(&category)).then(|| notice(NoticeKind::TextBecomesMarketing, name))
}

/// Events of an account that say nothing that has to be heeded, or are settled by asking.
const KNOWN_EVENTS: [&str; 10] = [
    "ACCOUNT_RECONNECTED",
    "AD_ACCOUNT_LINKED",
    "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE",
    "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE",
    "MM_LITE_TERMS_SIGNED",
    "PARTNER_ADDED",
    "PARTNER_APP_INSTALLED",
    "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE",
    "VERIFIED_ACCOUNT",
    "VOLUME_BASED_PRICING_TIER_UPDATE",
];

fn account_update(value: &Value) -> Result<Vec<News>, Unread> {
    let event = of(Some(value), "event").unwrap_or_default();
    Ok(match event.as_str() {
        "ACCOUNT_RESTRICTION" => restrictions(value),
        "ACCOUNT_DELETED" => vec![News::Disabled],
        "ACCOUNT_VIOLATION" => {
            vec![notice(NoticeKind::Violation, of(value.get("violation_info"), "violation_type"))]
        }
        "DISABLED_UPDATE" => {
            let (ban, on) = (value.get("ban_info"), of(value.get("ban_info"), "waba_ban_date"));
            match of(ban, "waba_ban_state").as_deref() {
                Some("SCHEDULE_FOR_DISABLE") => vec![notice(NoticeKind::DisableScheduled, on)],
                // Whether it sends again is asked.
                Some("REINSTATE") => Vec::new(),
                Some(_) | None => vec![News::Disabled],
            }
        }
        // The business removed a partner or an app: most likely ours.
        "PARTNER_REMOVED" | "PARTNER_APP_UNINSTALLED" => vec![News::AccessEnded],
        // A number of the phone app moves to another phone, which takes minutes mostly.
        "ACCOUNT_OFFBOARDED" => vec![News::Offboarded],
        known if KNOWN_EVENTS.contains(&known) => Vec::new(),
        other => return Err(Unread::unknown(Unknown::AccountEvent, format!("event {}", capitals(other)))),
    })
}

/// Every restriction that is told; an account that is restricted in a way that cannot be read sends nothing.
fn restrictions(value: &Value) -> Vec<News> {
    let rows = value.get("restriction_info").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if rows.is_empty() {
        return vec![News::Restricted(Restriction { kind: RestrictionKind::Other, until: None })];
    }
    rows.iter()
        .map(|row| match of(Some(row), "restriction_type").as_deref() {
            Some("RESTRICTED_BIZ_INITIATED_MESSAGING") => RestrictionKind::BusinessInitiated,
            Some("RESTRICTED_CUSTOMER_INITIATED_MESSAGING") => RestrictionKind::CustomerInitiated,
            Some("RESTRICTED_ADD_PHONE_NUMBER_ACTION") => RestrictionKind::AddingNumbers,
            Some("RESTRICTED_UTILITY_TEMPLATES") => RestrictionKind::UtilityTemplates,
            Some("RESTRICTED_DIRECT_SEND_UTILITY_TEMPLATES") => RestrictionKind::DirectSend,
            Some("RATE_LIMITED_UTILITY_TEMPLATE_MESSAGING") => RestrictionKind::UtilityRate,
            Some(_) | None => RestrictionKind::Other,
        })
        .zip(rows)
        .map(|(kind, row)| News::Restricted(Restriction { kind, until: expiration(row) }))
        .collect()
}

/// The end of a restriction: seconds as a number or as text, or a date with a zone that has no colon.
fn expiration(row: &Value) -> Option<Timestamp> {
    let text = of(Some(row), "expiration")?;
    match text.parse() {
        Ok(seconds) => Timestamp::from_second(seconds).ok(),
        Err(_) => text.parse().ok().or_else(|| strtime::parse("%Y-%m-%dT%H:%M:%S%z", &text).ok()?.to_timestamp().ok()),
    }
}

fn alert(value: &Value) -> Option<News> {
    let info = value.get("alert_info");
    if of(info, "alert_status").is_some_and(|status| status != "ACTIVE") {
        return None;
    }
    let kind = of(info, "alert_type")?;
    let what = match kind.as_str() {
        // What the owner hears of otherwise: that they may do more.
        "INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED"
        | "INCREASED_CAPABILITIES_ELIGIBILITY_FAILED"
        | "INCREASED_CAPABILITIES_ELIGIBILITY_NEED_MORE_INFO" => NoticeKind::LimitNotRaised,
        "PROFILE_PICTURE_LOST" => NoticeKind::PictureLost,
        of_account if of_account.starts_with("OBA_") => NoticeKind::OfficialStatus,
        _ => NoticeKind::OtherAlert,
    };
    Some(notice(what, Some(kind)))
}

fn review(value: &Value) -> Option<News> {
    let is_refused = of(Some(value), "decision").is_some_and(|decision| decision == "REJECTED");
    is_refused.then(|| News::Notice(Notice::of(NoticeKind::ReviewRejected)))
}

fn name(value: &Value) -> Option<News> {
    let decision = of(Some(value), "decision")?;
    let is_refused = matches!(decision.as_str(), "REJECTED" | "DECLINED");
    is_refused.then(|| notice(NoticeKind::NameDeclined, of(Some(value), "rejection_reason")))
}

fn security(value: &Value) -> Option<News> {
    Some(News::Notice(Notice::of(match of(Some(value), "event")?.as_str() {
        "PIN_CHANGED" => NoticeKind::PinChanged,
        "PIN_RESET_REQUEST" | "PIN_REQUEST_SUCCESS" => NoticeKind::PinReset,
        _ => return None,
    })))
}

/// The limit of an account or of a number, in any of its spellings, and that customers complain about a number.
fn number(value: &Value) -> Vec<News> {
    let limit = ["max_daily_conversations_per_business", "max_daily_conversation_per_phone", "current_limit"]
        .into_iter()
        .find_map(|name| limit(&of(Some(value), name)?));
    let is_bad = of(Some(value), "event").is_some_and(|event| matches!(event.as_str(), "FLAGGED" | "DOWNGRADE"));
    let limit = limit.map(|per_day| News::Limit { per_day });
    limit.into_iter().chain(is_bad.then(|| News::Notice(Notice::of(NoticeKind::QualityLow)))).collect()
}

/// People per day: a number, -1 for no limit, or the name of a tier.
fn limit(text: &str) -> Option<Option<u32>> {
    match (text, text.parse()) {
        ("-1" | "TIER_UNLIMITED", _) => Some(None),
        (_, Ok(people)) => (people > 0).then_some(Some(people)),
        (tier, Err(_)) => messaging_limit(tier).map(Some),
    }
}

fn notice(what: NoticeKind, word: Option<String>) -> News {
    News::Notice(Notice::with(what, word))
}

/// An event that may stand in a reason: in capitals, and nothing that a person wrote.
fn capitals(text: &str) -> &str {
    let plain = text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    if plain && !text.is_empty() && text.len() <= 64 { text } else { "unknown" }
}

#[cfg(test)]
mod tests;
