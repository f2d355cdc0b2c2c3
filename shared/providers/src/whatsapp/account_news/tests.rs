use numo_domain::template::TemplateStatus;
use serde_json::json;

use super::*;

fn told(field: &str, value: &Value) -> (Vec<Update>, Vec<String>) {
    let (updates, unread) = read(field, value, &"1".parse().unwrap());
    (updates, unread.into_iter().map(|unread| unread.at("").reason.split_off(2)).collect())
}

/// What is new, of a change that has no decision about a template and has the account asked about.
fn news(field: &str, value: &Value) -> Vec<News> {
    let (mut updates, reasons) = told(field, value);
    assert_eq!(
        (updates.pop(), reasons),
        (Some(Update::Account(AccountChange::of("1".parse().unwrap()))), vec![]),
        "{field} {value}"
    );
    let news = |update| {
        let Update::News(AccountNews { waba, number: None, news }) = update else { panic!("{update:?}") };
        assert_eq!(waba.as_str(), "1");
        news
    };
    updates.into_iter().map(news).collect()
}

fn word(what: NoticeKind, word: &str) -> Vec<News> {
    vec![News::Notice(Notice { what, word: Some(word.to_owned()) })]
}

fn at(second: i64) -> Option<Timestamp> {
    Some(Timestamp::from_second(second).unwrap())
}

/// How a text stands after a change, with the reason; nothing where that has to be asked.
fn decided(field: &str, mut value: Value) -> Option<(TemplateStatus, Option<WhyUnusable>)> {
    value["message_template_id"] = json!(1);
    value["message_template_name"] = json!("numo_upcoming_v1");
    value["message_template_language"] = json!("en-US");
    let (updates, _) = told(field, &value);
    assert_eq!(updates.last(), Some(&Update::Account(AccountChange::of("1".parse().unwrap()))));
    match updates.into_iter().next() {
        Some(Update::Template(decided)) => {
            assert_eq!(decided.template.language, "en_US");
            Some((decided.status, decided.why))
        }
        _ => None,
    }
}

fn unusable(why: WhyUnusable) -> Option<(TemplateStatus, Option<WhyUnusable>)> {
    Some((TemplateStatus::Unusable, Some(why)))
}

#[test]
fn every_documented_event_of_a_template_decides_or_has_meta_asked() {
    let after = |event: &str, category: &str| {
        let value = json!({ "event": event, "reason": "NONE", "message_template_category": category });
        decided("message_template_status_update", value)
    };
    let (approved, pending) = (Some((TemplateStatus::Approved, None)), Some((TemplateStatus::Pending, None)));
    for (event, expected) in [
        ("APPROVED", approved),
        ("PENDING", pending),
        ("IN_APPEAL", pending),
        ("ARCHIVED", unusable(WhyUnusable::Archived)),
        ("DELETED", unusable(WhyUnusable::Deleted)),
        ("PENDING_DELETION", unusable(WhyUnusable::Deleted)),
        ("DISABLED", unusable(WhyUnusable::Disabled)),
        ("LIMIT_EXCEEDED", unusable(WhyUnusable::LimitExceeded)),
        ("LOCKED", unusable(WhyUnusable::Locked)),
        ("PAUSED", unusable(WhyUnusable::Paused)),
        ("REJECTED", unusable(WhyUnusable::Rejected)),
        ("FLAGGED", None),
        ("REINSTATED", None),
        ("UNARCHIVED", None),
        ("SOMETHING_NEW", None),
    ] {
        assert_eq!(after(event, "UTILITY"), expected, "{event}");
    }
    for event in ["APPROVED", "PENDING", "IN_APPEAL"] {
        assert_eq!(after(event, "MARKETING"), unusable(WhyUnusable::Marketing), "{event}");
    }
    // Older deliveries tell no category.
    let untold = json!({ "event": "APPROVED", "reason": "NONE" });
    assert_eq!(decided("message_template_status_update", untold), approved);
}

#[test]
fn a_text_that_became_marketing_is_not_used_and_one_that_will_is_a_notice() {
    let field = "template_category_update";
    let done =
        |before: &str, after: &str| decided(field, json!({ "previous_category": before, "new_category": after }));
    assert_eq!(done("UTILITY", "MARKETING"), unusable(WhyUnusable::Marketing));
    assert_eq!(done("MARKETING", "UTILITY"), None);
    let warning = json!({
        "message_template_id": 1, "message_template_name": "numo_upcoming_v1", "message_template_language": "en",
        "new_category": "UTILITY", "correct_category": "MARKETING", "category_update_timestamp": 1_746_169_200,
    });
    assert_eq!(decided(field, warning.clone()), None);
    assert_eq!(news(field, &warning), word(NoticeKind::TextBecomesMarketing, "numo_upcoming_v1"));
}

#[test]
fn a_text_of_bad_quality_is_not_used_also_under_the_wrong_field_name() {
    for field in ["message_template_quality_update", "message_template_status_update"] {
        let score =
            |score: &str| decided(field, json!({ "previous_quality_score": "GREEN", "new_quality_score": score }));
        assert_eq!(score("RED"), unusable(WhyUnusable::LowQuality), "{field}");
        assert_eq!([score("YELLOW"), score("GREEN"), score("UNKNOWN")], [None; 3], "{field}");
    }
}

#[test]
fn every_restriction_is_told_with_its_end_in_any_of_its_spellings() {
    let restricted =
        |rows: Value| news("account_update", &json!({ "event": "ACCOUNT_RESTRICTION", "restriction_info": rows }));
    let one = |kind, until| News::Restricted(Restriction { kind, until });
    for (name, kind) in [
        ("RESTRICTED_BIZ_INITIATED_MESSAGING", RestrictionKind::BusinessInitiated),
        ("RESTRICTED_CUSTOMER_INITIATED_MESSAGING", RestrictionKind::CustomerInitiated),
        ("RESTRICTED_ADD_PHONE_NUMBER_ACTION", RestrictionKind::AddingNumbers),
        ("RESTRICTED_UTILITY_TEMPLATES", RestrictionKind::UtilityTemplates),
        ("RESTRICTED_DIRECT_SEND_UTILITY_TEMPLATES", RestrictionKind::DirectSend),
        ("RATE_LIMITED_UTILITY_TEMPLATE_MESSAGING", RestrictionKind::UtilityRate),
        ("RESTRICTED_SOMETHING_NEW", RestrictionKind::Other),
    ] {
        let rows = json!([{ "restriction_type": name, "expiration": 1_776_607_160 }]);
        assert_eq!(restricted(rows), [one(kind, at(1_776_607_160))], "{name}");
    }
    for (expiration, until) in [
        (json!(1_776_607_160), at(1_776_607_160)),
        (json!("1776607160"), at(1_776_607_160)),
        (json!("2026-04-19T13:59:20+0000"), at(1_776_607_160)),
        (json!("2026-04-19T13:59:20Z"), at(1_776_607_160)),
        (json!("next week"), None),
        (json!(i64::MAX), None),
        (Value::Null, None),
    ] {
        let rows = json!([{ "restriction_type": "RESTRICTED_UTILITY_TEMPLATES", "expiration": expiration }]);
        assert_eq!(restricted(rows), [one(RestrictionKind::UtilityTemplates, until)], "{expiration}");
    }
    let both = json!([
        { "restriction_type": "RESTRICTED_ADD_PHONE_NUMBER_ACTION" },
        { "restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 9, "remediation": "x" },
    ]);
    let (adding, first) = (RestrictionKind::AddingNumbers, RestrictionKind::BusinessInitiated);
    assert_eq!(restricted(both), [one(adding, None), one(first, at(9))]);
    for unreadable in [json!([]), Value::Null, json!("?")] {
        assert_eq!(restricted(unreadable), [one(RestrictionKind::Other, None)]);
    }
}

#[test]
fn a_ban_stops_its_announcement_is_a_notice_and_its_end_is_asked() {
    let banned = |state: &str| {
        let ban = json!({ "waba_ban_state": state, "waba_ban_date": "April 17, 2025" });
        news("account_update", &json!({ "event": "DISABLED_UPDATE", "ban_info": ban }))
    };
    assert_eq!(banned("DISABLE"), [News::Disabled]);
    assert_eq!(banned("SOMETHING_NEW"), [News::Disabled]);
    assert_eq!(banned("SCHEDULE_FOR_DISABLE"), word(NoticeKind::DisableScheduled, "April 17, 2025"));
    assert_eq!(banned("REINSTATE"), []);
    assert_eq!(news("account_update", &json!({ "event": "ACCOUNT_DELETED" })), [News::Disabled]);
    let violation =
        json!({ "event": "ACCOUNT_VIOLATION", "violation_info": { "violation_type": "UTILITY_TEMPLATE_ABUSE" } });
    assert_eq!(news("account_update", &violation), word(NoticeKind::Violation, "UTILITY_TEMPLATE_ABUSE"));
}

#[test]
fn every_other_documented_event_of_an_account_has_it_asked_about_and_an_unknown_one_is_named() {
    for event in KNOWN_EVENTS {
        assert_eq!(news("account_update", &json!({ "event": event })), [], "{event}");
    }
    let asked = vec![Update::Account(AccountChange::of("1".parse().unwrap()))];
    let new = |event: Value| told("account_update", &json!({ "event": event }));
    assert_eq!(new(json!("SOMETHING_NEW")), (asked.clone(), vec![String::from("event SOMETHING_NEW")]));
    assert_eq!(new(json!("call +971")), (asked.clone(), vec![String::from("event unknown")]));
    assert_eq!(new(Value::Null), (asked, vec![String::from("event unknown")]));
}

#[test]
fn the_limit_is_told_in_any_of_its_spellings_of_an_account_or_of_a_number() {
    let of_account =
        |limit: Value| news("business_capability_update", &json!({ "max_daily_conversations_per_business": limit }));
    let limit = |per_day| vec![News::Limit { per_day }];
    assert_eq!(of_account(json!(2_000)), limit(Some(2_000)));
    assert_eq!(of_account(json!("2000")), limit(Some(2_000)));
    assert_eq!(of_account(json!("TIER_2K")), limit(Some(2_000)));
    assert_eq!([json!(-1), json!("TIER_UNLIMITED")].map(of_account), [limit(None), limit(None)]);
    for unreadable in [json!(0), json!(-2), json!("TIER_NOT_SET"), json!("many"), Value::Null] {
        assert_eq!(of_account(unreadable.clone()), [], "{unreadable}");
    }
    let of_number = |event: &str, name: &str| {
        let value = json!({ "display_phone_number": "15550783881", "event": event, name: "TIER_10K" });
        let (mut updates, _) = told("phone_number_quality_update", &value);
        let number = Some(NumberRef::Displayed("+15550783881".parse().unwrap()));
        let waba: WabaId = "1".parse().unwrap();
        assert_eq!(updates.pop(), Some(Update::Account(AccountChange { waba: waba.clone(), number: number.clone() })));
        let news = updates.into_iter().map(|update| {
            let Update::News(news) = update else { panic!("{update:?}") };
            assert_eq!((&news.waba, &news.number), (&waba, &number));
            news.news
        });
        news.collect::<Vec<_>>()
    };
    let told = News::Limit { per_day: Some(10_000) };
    for name in ["max_daily_conversations_per_business", "current_limit"] {
        assert_eq!(of_number("THROUGHPUT_UPGRADE", name), std::slice::from_ref(&told), "{name}");
    }
    let bad = News::Notice(Notice::of(NoticeKind::QualityLow));
    assert_eq!(of_number("FLAGGED", "current_limit"), [told, bad]);
    assert_eq!(of_number("ONBOARDING", "removed"), []);
}

#[test]
fn alerts_reviews_names_and_pins_are_notices_where_a_person_should_know() {
    let alert = |kind: &str, status: &str| {
        let info = json!({ "alert_severity": "WARNING", "alert_status": status, "alert_type": kind,
            "alert_description": "Limits of <A PORTFOLIO>" });
        news("account_alerts", &json!({ "entity_type": "BUSINESS", "entity_id": "5", "alert_info": info }))
    };
    for (kind, what) in [
        ("INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED", NoticeKind::LimitNotRaised),
        ("INCREASED_CAPABILITIES_ELIGIBILITY_FAILED", NoticeKind::LimitNotRaised),
        ("INCREASED_CAPABILITIES_ELIGIBILITY_NEED_MORE_INFO", NoticeKind::LimitNotRaised),
        ("OBA_REJECTED", NoticeKind::OfficialStatus),
        ("PROFILE_PICTURE_LOST", NoticeKind::PictureLost),
        ("SOMETHING_NEW", NoticeKind::OtherAlert),
    ] {
        assert_eq!(alert(kind, "ACTIVE"), word(what, kind), "{kind}");
        assert_eq!(alert(kind, "RESOLVED"), [], "{kind}");
    }
    let one = |field: &str, name: &str, value: &str| news(field, &json!({ name: value }));
    let told = |what| vec![News::Notice(Notice::of(what))];
    assert_eq!(one("account_review_update", "decision", "REJECTED"), told(NoticeKind::ReviewRejected));
    for decision in ["APPROVED", "PENDING", "DEFERRED"] {
        assert_eq!(one("account_review_update", "decision", decision), [], "{decision}");
    }
    assert_eq!(one("security", "event", "PIN_CHANGED"), told(NoticeKind::PinChanged));
    for event in ["PIN_RESET_REQUEST", "PIN_REQUEST_SUCCESS"] {
        assert_eq!(one("security", "event", event), told(NoticeKind::PinReset), "{event}");
    }
    let declined =
        json!({ "decision": "REJECTED", "requested_verified_name": "A", "rejection_reason": "NAME_EMPLOYEE_ISSUE" });
    assert_eq!(news("phone_number_name_update", &declined), word(NoticeKind::NameDeclined, "NAME_EMPLOYEE_ISSUE"));
    assert_eq!(one("phone_number_name_update", "decision", "APPROVED"), []);
}

#[test]
fn whatever_is_told_of_an_account_has_it_asked_about_under_the_id_that_is_its_own() {
    for field in FIELDS {
        assert_eq!(told(field, &Value::Null).0, [Update::Account(AccountChange::of("1".parse().unwrap()))], "{field}");
    }
    // The entry is the partner's own portfolio here.
    let added = json!({ "event": "PARTNER_ADDED", "waba_info": { "waba_id": 42, "owner_business_id": "7" } });
    assert_eq!(
        told("account_update", &added),
        (vec![Update::Account(AccountChange::of("42".parse().unwrap()))], vec![])
    );
    let unreadable = json!({ "waba_info": { "waba_id": "" } });
    assert_eq!(told("account_update", &unreadable), (vec![], vec!["waba_id unreadable".to_owned()]));
}

#[test]
fn an_end_of_the_access_and_a_move_of_the_phone_are_heeded_and_not_asked_about_at_once() {
    let told = |event: &str| told("account_update", &json!({ "event": event, "waba_info": { "waba_id": "42" } }));
    let waba: WabaId = "42".parse().unwrap();
    for (event, news) in [
        ("PARTNER_REMOVED", News::AccessEnded),
        ("PARTNER_APP_UNINSTALLED", News::AccessEnded),
        ("ACCOUNT_OFFBOARDED", News::Offboarded),
    ] {
        assert_eq!(
            told(event),
            (vec![Update::News(AccountNews { waba: waba.clone(), number: None, news })], vec![]),
            "{event}"
        );
    }
    assert_eq!(told("ACCOUNT_RECONNECTED"), (vec![Update::Account(AccountChange::of(waba))], vec![]));
}
