mod recorded;

use std::collections::BTreeSet;

use numo_app::delivery::{NumberOwner, Skipped, StatusUpdate};
use numo_app::port::whatsapp::SendAction;
use numo_domain::{
    delivery_report::{DeliveryReport, pricing::Pricing},
    reminder::DeliveryStatus,
    template::WhyUnusable,
};
use serde_json::json;

use super::*;
use crate::{samples, whatsapp::split::split};

const ATTEMPT: &str = "018f0000-0000-7000-8000-000000000001";

fn of_value(value: Value) -> Delivery {
    parse("w".parse().unwrap(), &json!([{ "field": "messages", "value": value }]).to_string())
}

fn reasons(delivery: &Delivery) -> Vec<String> {
    delivery.skipped.iter().map(|skipped| skipped.reason.clone()).collect()
}

fn with_metadata(name: &str, row: Value) -> Delivery {
    of_value(json!({ "metadata": { "phone_number_id": "106" }, name: [row] }))
}

fn message(row: Value) -> InboundMessage {
    let mut delivery = with_metadata("messages", row);
    match (delivery.updates.pop(), reasons(&delivery)) {
        (Some(Update::Inbound(message)), skipped) if skipped.is_empty() => message,
        other => panic!("{other:?}"),
    }
}

fn statuses(row: Value) -> (Vec<DeliveryStatus>, Vec<String>) {
    let delivery = with_metadata("statuses", row);
    let statuses = delivery.updates.iter().map(|update| {
        let Update::Status(update) = update else { panic!("{update:?}") };
        update.status
    });
    (statuses.collect(), reasons(&delivery))
}

#[test]
fn a_status_names_its_attempt() {
    let row = json!({
        "id": "wamid.1", "status": "sent", "timestamp": "1750030073", "recipient_id": "16505551234",
        "biz_opaque_callback_data": ATTEMPT, "conversation": { "id": "c" }, "pricing": { "billable": true },
    });
    let expected = Update::Status(StatusUpdate {
        phone_number_id: "106".parse().unwrap(),
        message: "wamid.1".parse().unwrap(),
        attempt: ATTEMPT.parse().ok(),
        status: DeliveryStatus::Sent,
        report: DeliveryReport::new(BTreeSet::new(), Pricing::try_from("regular other".to_owned()).ok()),
        asks_for: None,
        recipient: None,
        at: Timestamp::from_second(1_750_030_073).unwrap(),
    });
    let delivery = Delivery { waba: "w".parse().unwrap(), updates: vec![expected], skipped: Vec::new() };
    assert_eq!(with_metadata("statuses", row), delivery);
}

#[test]
fn a_failure_asks_for_what_its_code_asks_for_when_it_comes_at_once() {
    let asks_for = |errors: Value| {
        let row = json!({ "id": "m", "status": "failed", "timestamp": 1, "errors": errors });
        let Update::Status(status) = with_metadata("statuses", row).updates.remove(0) else { panic!("no status") };
        status.asks_for
    };
    let code = |code: u32| asks_for(json!([{ "code": code }]));
    assert_eq!([131_042, 131_031, 368].map(code), [Some(SendAction::StopSender); 3]);
    let stopped = |why| Some(SendAction::StopTemplate(why));
    assert_eq!([132_015, 132_016].map(code), [WhyUnusable::Paused, WhyUnusable::Disabled].map(stopped));
    assert_eq!([code(190), code(131_026)], [Some(SendAction::Reconnect), Some(SendAction::SkipRecipient)]);
    // Nobody knows what these say of the number.
    assert_eq!([code(131_000), code(999_999), asks_for(json!([]))], [None; 3]);
    assert_eq!(code(0), Some(SendAction::Reconnect));
}

#[test]
fn every_documented_status_is_known_and_failures_carry_their_code() {
    let row = |status: &str, errors: Value| json!({ "id": "m", "status": status, "timestamp": 1, "errors": errors });
    for (status, errors, expected) in [
        ("sent", Value::Null, DeliveryStatus::Sent),
        ("delivered", Value::Null, DeliveryStatus::Delivered),
        ("read", Value::Null, DeliveryStatus::Read),
        ("played", Value::Null, DeliveryStatus::Read),
        ("failed", json!([{ "code": 131_026 }]), DeliveryStatus::Failed { code: 131_026 }),
        ("failed", json!([{ "code": "131049" }]), DeliveryStatus::Failed { code: 131_049 }),
        ("failed", json!([]), DeliveryStatus::Failed { code: 0 }),
        ("failed", json!("?"), DeliveryStatus::Failed { code: 0 }),
    ] {
        assert_eq!(statuses(row(status, errors)), (vec![expected], vec![]), "{status}");
    }
}

#[test]
fn a_broken_status_is_skipped_without_its_content() {
    for (row, reason) in [
        (json!({ "id": "m", "status": "deleted", "timestamp": 1 }), "status deleted"),
        (json!({ "id": "m", "status": "Call +971", "timestamp": 1 }), "status unknown"),
        (json!({ "id": "m", "timestamp": 1 }), "status missing"),
        (json!({ "status": "sent", "timestamp": 1 }), "id missing"),
        (json!({ "id": "a b", "status": "sent", "timestamp": 1 }), "id unreadable"),
        (json!({ "id": "m", "status": "sent" }), "timestamp missing"),
        (json!({ "id": "m", "status": "sent", "timestamp": "soon" }), "timestamp unreadable"),
        (json!("+971501234567"), "status missing"),
    ] {
        assert_eq!(statuses(row), (vec![], vec![format!("changes[0].statuses[0]: {reason}")]));
    }
}

#[test]
fn another_apps_callback_data_is_no_attempt() {
    let row = json!({ "id": "m", "status": "sent", "timestamp": 1, "biz_opaque_callback_data": "theirs" });
    let Some(Update::Status(update)) = with_metadata("statuses", row).updates.pop() else { panic!() };
    assert_eq!(update.attempt, None);
}

#[test]
fn a_text_says_who_wrote_what_in_answer_to_what() {
    let row = json!({
        "from": "971501234567", "id": "wamid.2", "timestamp": "10", "type": "text",
        "text": { "body": "STOP" }, "context": { "from": "x", "id": "wamid.1" },
    });
    let expected = InboundMessage {
        edits: None,
        row: None,
        phone_number_id: "106".parse().unwrap(),
        message: "wamid.2".parse().unwrap(),
        from: "+971501234567".parse().ok(),
        user: None,
        becomes: None,
        answers: "wamid.1".parse().ok(),
        content: Content::Text,
        text: Some(String::from("STOP")),
        at: Timestamp::from_second(10).unwrap(),
    };
    assert_eq!(message(row), expected);
}

#[test]
fn a_row_of_a_list_is_known_by_its_id_and_a_button_has_none() {
    let chosen = |interactive: Value| {
        let row = json!({ "from": "971501234567", "id": "m", "timestamp": "1", "type": "interactive", "interactive": interactive });
        let message = message(row);
        (message.row, message.text)
    };
    let reply = json!({ "id": "pay_on:x:2026-12-03", "title": "3 Dec 2026" });
    let title = Some("3 Dec 2026".to_owned());
    let listed = json!({ "type": "list_reply", "list_reply": reply });
    assert_eq!(chosen(listed), (Some("pay_on:x:2026-12-03".to_owned()), title.clone()));
    assert_eq!(chosen(json!({ "type": "button_reply", "button_reply": reply })), (None, title));
}

#[test]
fn buttons_say_their_title_media_what_stands_below_them_and_an_edit_its_new_text() {
    let text = |content: Value| {
        let mut row = content;
        row["from"] = json!(971_501_234_567_u64);
        row["id"] = json!(7);
        row["timestamp"] = json!(10);
        let read = message(row);
        (read.content, read.text)
    };
    let some = |text: &str| Some(text.to_owned());
    let button = json!({ "type": "button", "button": { "text": "I paid", "payload": "P" } });
    assert_eq!(text(button), (Content::Choice, some("I paid")));
    let chosen = |kind: &str| json!({ "type": "interactive", "interactive": { "type": kind, kind: { "id": "1", "title": "Yes" } } });
    assert_eq!(text(chosen("button_reply")), (Content::Choice, some("Yes")));
    assert_eq!(text(chosen("list_reply")), (Content::Choice, some("Yes")));
    assert_eq!(text(chosen("nfm_reply")), (Content::Choice, None));
    for (kind, content, caption) in [
        ("image", Content::Image, some("proof")),
        ("document", Content::Document, some("proof")),
        ("video", Content::Video, some("proof")),
        ("audio", Content::Audio, None),
        ("sticker", Content::Sticker, None),
        ("location", Content::Location, None),
        ("contacts", Content::Contacts, None),
        ("order", Content::Order, None),
        ("unsupported", Content::Unsupported, None),
    ] {
        assert_eq!(text(json!({ "type": kind, kind: { "caption": "proof" } })), (content, caption), "{kind}");
    }
    let edit = json!({ "type": "edit", "edit": { "message": { "type": "text", "text": { "body": "STOP" } } } });
    assert_eq!(text(edit), (Content::Text, some("STOP")));
}

#[test]
fn a_reaction_answers_the_message_it_sits_on() {
    let row = json!({
        "from": "1", "id": "wamid.2", "timestamp": "10", "type": "reaction",
        "reaction": { "message_id": "wamid.1", "emoji": "\u{1f44d}" },
    });
    let read = message(row);
    assert_eq!((read.answers, read.text.as_deref()), ("wamid.1".parse().ok(), Some("\u{1f44d}")));
}

#[test]
fn a_user_without_a_number_still_writes() {
    let row = json!({ "from_user_id": "US.1", "id": "m", "timestamp": 1, "type": "text", "text": { "body": "hi" } });
    let read = message(row);
    assert_eq!((read.from, read.user), (None, "US.1".parse().ok()));
}

#[test]
fn a_status_names_its_recipient_where_number_and_user_are_told_and_it_went_to_one_person() {
    let recipient = |mut row: Value| {
        (row["id"], row["status"], row["timestamp"]) = (json!("m"), json!("sent"), json!(1));
        let Update::Status(status) = with_metadata("statuses", row).updates.remove(0) else { panic!("no status") };
        status.recipient
    };
    let both = json!({ "recipient_id": "971501234567", "recipient_user_id": "AE.1" });
    let (number, user) = ("+971501234567".parse().unwrap(), "AE.1".parse().unwrap());
    assert_eq!(recipient(both.clone()), Some(NumberOwner { number, user }));
    for (name, value) in
        [("recipient_id", Value::Null), ("recipient_user_id", json!("")), ("recipient_type", json!("group"))]
    {
        let mut row = both.clone();
        row[name] = value;
        assert_eq!(recipient(row), None, "{name}");
    }
}

#[test]
fn whoever_got_another_user_id_is_looked_for_by_the_one_before() {
    let row = json!({
        "from_user_id": "AE.2", "id": "m", "timestamp": 1, "type": "system",
        "system": { "type": "user_changed_user_id", "user_id": "AE.2", "previous_user_id": "AE.1" },
    });
    let read = message(row);
    assert_eq!((read.user, read.becomes), ("AE.1".parse().ok(), "AE.2".parse().ok()));
}

#[test]
fn system_messages_and_unknown_types_and_fields_are_skipped() {
    let row = |kind: &str| json!({ "from": "1", "id": "m", "timestamp": 1, "type": kind });
    assert_eq!(reasons(&with_metadata("messages", row("system"))), ["changes[0].messages[0]: type system"]);
    let other = parse("w".parse().unwrap(), r#"[{"field":"flows","value":{}},{"field":"f","too_large_bytes":9}, {}]"#);
    assert_eq!(reasons(&other), ["changes[0]: field flows", "changes[1]: too large", "changes[2]: field unknown"]);
    assert_eq!(reasons(&parse("w".parse().unwrap(), "{}")), ["changes: not a JSON list"]);
}

#[test]
fn what_nobody_here_reads_is_counted_and_a_field_is_named_only_where_meta_documents_it() {
    let unknown = |delivery: Delivery| {
        let [skipped] = &delivery.skipped[..] else { panic!("{:?}", delivery.skipped) };
        skipped.unknown
    };
    let field = |name: &str| unknown(parse("w".parse().unwrap(), &json!([{ "field": name, "value": {} }]).to_string()));
    for name in UNREAD_FIELDS {
        assert_eq!(field(name), Some(Unknown::Field(name)));
        // None of them is read.
        assert!(!account_news::FIELDS.contains(&name), "{name}");
    }
    for name in ["brand_new", "Call +971 50 123 4567", ""] {
        assert_eq!(field(name), Some(Unknown::Field("other")), "{name}");
    }
    let row = |kind: &str| json!({ "from": "1", "id": "m", "timestamp": 1, "type": kind, "status": "gone" });
    assert_eq!(unknown(with_metadata("messages", row("hologram"))), Some(Unknown::MessageType));
    assert_eq!(unknown(with_metadata("messages", row("system"))), Some(Unknown::MessageType));
    assert_eq!(unknown(with_metadata("statuses", row(""))), Some(Unknown::Status));
    let preferences = json!({ "metadata": { "phone_number_id": "1" }, "user_preferences": [{ "value": "perhaps" }] });
    let event = json!({ "event": "SOMETHING_NEW" });
    for (field, value, expected) in
        [("user_preferences", preferences, Unknown::Preference), ("account_update", event, Unknown::AccountEvent)]
    {
        let change = json!([{ "field": field, "value": value }]).to_string();
        assert_eq!(unknown(parse("w".parse().unwrap(), &change)), Some(expected), "{field}");
    }
    // What is known and broken is told, but it is nothing new.
    assert_eq!(unknown(with_metadata("messages", json!({ "type": "text", "timestamp": 1 }))), None);
    assert_eq!(unknown(with_metadata("errors", json!({ "code": 5 }))), None);
}

#[test]
fn an_error_without_a_message_is_told_by_its_code_and_stops_the_number_where_it_asks_for_that() {
    let told = |code: u32| {
        let delivery = with_metadata("errors", json!({ "code": code, "title": "x" }));
        assert_eq!(reasons(&delivery), [format!("changes[0].errors[0]: code {code}")]);
        delivery.updates
    };
    let waba: WabaId = "w".parse().unwrap();
    let news = |code, asks_for| {
        let number = Some(NumberRef::Id("106".parse().unwrap()));
        let news = AccountNews { waba: waba.clone(), number: number.clone(), news: News::Trouble { code, asks_for } };
        vec![Update::News(news), Update::Account(AccountChange { waba: waba.clone(), number })]
    };
    assert_eq!(told(131_031), news(131_031, SendAction::StopSender));
    assert_eq!(told(190), news(190, SendAction::Reconnect));
    assert_eq!(told(130_429), news(130_429, SendAction::SlowDown { retry_after: None }));
    assert_eq!(told(999_999), vec![]);
    let nameless = of_value(json!({ "errors": [{ "code": 131_031 }, { "title": "x" }] }));
    let codes = ["changes[0].errors[0]: code 131031", "changes[0].errors[1]: code unknown"];
    assert_eq!((&nameless.updates[..], reasons(&nameless)), (&[][..], codes.map(str::to_owned).to_vec()));
}

#[test]
fn a_choice_about_marketing_names_the_customer_and_what_was_chosen() {
    let choice = |mut row: Value| {
        (row["category"], row["timestamp"]) = (json!("marketing_messages"), json!(9));
        let value = json!({ "metadata": { "phone_number_id": "106" }, "user_preferences": [row] });
        let change = json!([{ "field": "user_preferences", "value": value }]);
        let delivery = parse("w".parse().unwrap(), &change.to_string());
        (delivery.updates.clone(), reasons(&delivery))
    };
    let chosen = |number: Option<&str>, user: Option<&str>, is_wanted| {
        let (number, user) = (number.map(|text| text.parse().unwrap()), user.map(|text| text.parse().unwrap()));
        let choice = MarketingChoice { at: Timestamp::from_second(9).unwrap(), is_wanted };
        (
            vec![Update::Marketing(MarketingUpdate { phone_number_id: "106".parse().unwrap(), number, user, choice })],
            vec![],
        )
    };
    let number = Some("+16505551234");
    assert_eq!(choice(json!({ "wa_id": "16505551234", "value": "stop" })), chosen(number, None, false));
    assert_eq!(choice(json!({ "wa_id": "16505551234", "value": "resume" })), chosen(number, None, true));
    assert_eq!(choice(json!({ "user_id": "US.1", "value": "signup" })), chosen(None, Some("US.1"), true));
    let skipped = vec!["changes[0].user_preferences[0]: value unknown".to_owned()];
    assert_eq!(choice(json!({ "wa_id": "16505551234", "value": "perhaps" })), (vec![], skipped));
}

#[test]
fn a_message_that_is_taken_back_or_written_anew_names_the_one_that_it_is_about() {
    let row = |kind: &str, inside: Value| json!({ "from": "971501234567", "from_user_id": "AE.1", "id": "m", "timestamp": 1, "type": kind, kind: inside });
    let revoked = with_metadata("messages", row("revoke", json!({ "original_message_id": "o" })));
    let expected = Update::Revoked(Revocation {
        phone_number_id: "106".parse().unwrap(),
        message: "m".parse().unwrap(),
        from: "+971501234567".parse().ok(),
        user: "AE.1".parse().ok(),
        original: "o".parse().unwrap(),
        at: Timestamp::from_second(1).unwrap(),
    });
    assert_eq!((revoked.updates, revoked.skipped), (vec![expected], vec![]));
    for (inside, reason) in [
        (json!({}), "original_message_id missing"),
        (json!({ "original_message_id": "a b" }), "original_message_id unreadable"),
        (json!({ "original_message_id": "m" }), "original_message_id is its own"),
    ] {
        let told = with_metadata("messages", row("revoke", inside));
        assert_eq!((told.updates.len(), reasons(&told)), (0, vec![format!("changes[0].messages[0]: {reason}")]));
    }
    let edited = |inside: Value| {
        let read = message(row("edit", inside));
        (read.content, read.text, read.edits.map(|id| id.to_string()))
    };
    let image = json!({ "type": "image", "image": { "id": "1", "caption": "STOP" }, "context": { "id": "x" } });
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        edited(json!({ "original_message_id": "o", "message": image })),
        (Content::Image, some("STOP"), some("o"))
    );
    // What is written anew in a way that is not known stays something to read.
    assert_eq!(edited(json!({ "original_message_id": "o" })), (Content::Unsupported, None, some("o")));
    assert_eq!(edited(json!({ "message": image })), (Content::Image, some("STOP"), None));
}

#[test]
fn a_reaction_says_its_sign_and_nothing_that_is_none() {
    let sign = |emoji: Value| {
        message(json!({ "from": "1", "id": "m", "timestamp": 1, "type": "reaction",
        "reaction": { "message_id": "o", "emoji": emoji } }))
        .text
    };
    for emoji in ["\u{1f44d}", "\u{2764}\u{fe0f}", "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}"] {
        assert_eq!(sign(json!(emoji)), Some(emoji.to_owned()));
    }
    for none in [json!("call me"), json!("STOP"), json!(""), Value::Null, json!("!".repeat(17))] {
        assert_eq!(sign(none.clone()), None, "{none}");
    }
}

#[test]
fn one_broken_row_costs_nothing_but_itself() {
    let row = |id: &str| json!({ "id": id, "status": "sent", "timestamp": 1 });
    let delivery = of_value(json!({
        "metadata": { "phone_number_id": 106 }, "contacts": [{ "wa_id": "1" }],
        "statuses": [row("a"), 3, row("b")], "messages": "?",
    }));
    assert_eq!((delivery.updates.len(), delivery.skipped.len()), (2, 1));
    let lost = of_value(json!({ "statuses": [row("a")] }));
    assert_eq!(reasons(&lost), ["changes[0].statuses[0]: phone_number_id missing"]);
}

#[test]
fn what_the_business_writes_from_the_phone_app_names_the_customer_and_no_word_of_it() {
    let echoes = |rows: Value| {
        let value = json!({ "metadata": { "phone_number_id": "106" }, "message_echoes": rows });
        parse("w".parse().unwrap(), &json!([{ "field": "smb_message_echoes", "value": value }]).to_string())
    };
    let row = json!({ "from": "97145550100", "to": "971501234567", "id": "m", "timestamp": "9", "type": "text",
        "text": { "body": "a word between us" } });
    let at = Timestamp::from_second(9).unwrap();
    let to = |to: Option<&str>, user: Option<&str>| {
        let (to, user) = (to.map(|to| to.parse().unwrap()), user.map(|user| user.parse().unwrap()));
        Update::Echo(Echo { phone_number_id: "106".parse().unwrap(), to, user, at })
    };
    let named = json!({ "to_user_id": "AE.1", "id": "m", "timestamp": 9, "type": "image" });
    let delivery = echoes(json!([row, named, { "to": "971501234567" }]));
    assert_eq!(delivery.updates, [to(Some("+971501234567"), None), to(None, Some("AE.1"))]);
    assert_eq!(reasons(&delivery), ["changes[0].message_echoes[2]: timestamp missing"]);
    assert!(!format!("{delivery:?}").contains("between us"));
}

#[test]
fn a_customer_who_changed_the_number_is_one_who_wrote_something_to_be_read() {
    let row = |what: &str| {
        json!({ "from": "16505551234", "id": "m", "timestamp": "1", "type": "system",
            "system": { "body": "User A changed from B to C", "wa_id": "12195555358", "type": what } })
    };
    for what in CHANGES_OF_USERS {
        let read = message(row(what));
        assert_eq!((read.from, read.text), ("+16505551234".parse().ok(), None), "{what}");
    }
    let other = with_metadata("messages", row("something_new"));
    assert_eq!(reasons(&other), ["changes[0].messages[0]: type system"]);
}
