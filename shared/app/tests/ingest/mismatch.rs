//! Updates that name an account of one organisation and a number of another.

use std::collections::BTreeSet;

use numo_app::{
    delivery::{AccountChange, AccountNews, MarketingUpdate, News, NumberRef, StatusUpdate},
    port::{table::Item, whatsapp::SendAction},
};
use numo_domain::{
    customer_file::MarketingChoice, delivery_report::DeliveryReport, id::PhoneNumberId, reminder::DeliveryStatus,
};

use super::*;

fn other() -> OrgId {
    "org_b".parse().unwrap()
}

fn their_phone() -> PhoneNumberId {
    "phone-b".parse().unwrap()
}

/// Two organisations that both know the same customer's number, each with its account and its number.
async fn two() -> Scene {
    let scene = scene().await;
    scene.remind("+971501234567").await;
    let (store, route) = (&scene.ports.store, Route { org: other(), connection: None });
    store.claim_waba(&"waba-b".parse().unwrap(), &route, now()).await.unwrap();
    store.claim_phone(&their_phone(), &route, now()).await.unwrap();
    let sender = Sender {
        phone_number_id: their_phone(),
        waba: "waba-b".parse().unwrap(),
        number: number("+97145550200"),
        ..store.senders(&org()).await.unwrap().remove(0)
    };
    store.save_sender(&other(), &sender, now()).await.unwrap();
    let key = scene.ports.number_keys.key(&other(), &number("+971501234567")).unwrap();
    let contact = Contact {
        at: customer(),
        name: "Acme".to_owned(),
        status: ContactStatus::Active,
        number: ContactNumber::usable(number("+971501234567"), key),
        first_key: None,
        typed: None,
        typed_before: None,
        payer: None,
        groups: Vec::new(),
        updated_at: now(),
    };
    store.upsert_contact(&other(), None, &contact, now()).await.unwrap();
    scene
}

/// Updates of an entry of `waba`, about the number of the other organisation.
fn updates() -> Vec<Update> {
    let phone_number_id = their_phone();
    let status = |attempt: u128, status| {
        Update::Status(StatusUpdate {
            phone_number_id: phone_number_id.clone(),
            message: "wamid.1".parse().unwrap(),
            attempt: Some(AttemptId::new(Uuid::from_u128(attempt))),
            status,
            report: DeliveryReport::default(),
            asks_for: Some(SendAction::StopSender),
            recipient: None,
            at: now(),
        })
    };
    let written = |text: &str, answers| {
        let Update::Inbound(message) = inbound(Some("+971501234567"), answers, text) else { unreachable!() };
        Update::Inbound(InboundMessage { phone_number_id: phone_number_id.clone(), ..message })
    };
    let to = number("+971501234567");
    let of_number = Some(NumberRef::Id(phone_number_id.clone()));
    let trouble = News::Trouble { code: 131_031, asks_for: SendAction::StopSender };
    vec![
        status(1, DeliveryStatus::Read),
        status(2, DeliveryStatus::Failed { code: 131_031 }),
        written("STOP", None),
        written("I paid already", Some("wamid.1")),
        Update::Echo(Echo { phone_number_id: phone_number_id.clone(), to: Some(to.clone()), user: None, at: now() }),
        Update::Marketing(MarketingUpdate {
            phone_number_id: phone_number_id.clone(),
            number: Some(to),
            user: None,
            choice: MarketingChoice { at: now(), is_wanted: false },
        }),
        Update::News(AccountNews { waba: waba(), number: of_number.clone(), news: trouble }),
        Update::Account(AccountChange { waba: waba(), number: of_number }),
    ]
}

/// What the partitions of organisations hold; the third value is all else.
fn partitions(scene: &Scene) -> (Vec<Item>, Vec<Item>, Vec<Item>) {
    let (of_a, rest): (Vec<Item>, Vec<Item>) =
        scene.table.items().into_iter().partition(|item| item.key.pk.contains("#org_a#"));
    let (of_b, rest) = rest.into_iter().partition(|item| item.key.pk.contains("#org_b#"));
    (of_a, of_b, rest)
}

#[tokio::test]
async fn an_update_of_two_organisations_changes_nothing_for_either_and_is_noted_without_its_content() {
    let scene = two().await;
    let before = partitions(&scene);
    for update in updates() {
        let report = scene.ingest(update.clone()).await;
        assert_eq!(report, IngestReport { mismatched: 1, ..IngestReport::default() }, "{update:?}");
        let after = partitions(&scene);
        assert_eq!((&after.0, &after.1), (&before.0, &before.1), "{update:?}");
    }
    let noted: Vec<Item> = partitions(&scene).2.into_iter().filter(|item| !before.2.contains(item)).collect();
    assert_eq!(noted.len(), 1);
    assert_eq!((noted[0].key.pk.as_str(), noted[0].key.sk.as_str()), ("ROUTE#MISMATCH#", "waba#phone-b"));
    let expected = serde_json::json!({
        "waba": "waba", "phone_number_id": "phone-b", "account_of": "org_a", "number_of": "org_b",
        "kinds": ["status", "message", "echo", "marketing", "account"],
        "since": now().to_string(), "last_at": now().to_string(),
    });
    assert_eq!(noted[0].body, *expected.as_object().unwrap());
}

#[tokio::test]
async fn the_same_delivery_again_changes_nothing_and_the_rest_of_it_is_taken_in() {
    let scene = two().await;
    let mut all = updates();
    let n_foreign = all.len();
    all.push(inbound(Some("+971501234567"), None, "STOP"));
    let delivery = Delivery { waba: waba(), updates: all, skipped: Vec::new() };
    let report = ingest_delivery(&scene.ports, &delivery).await.unwrap();
    assert_eq!(report, IngestReport { mismatched: n_foreign, inbound: 1, ..IngestReport::default() });
    let stopped = scene.ports.store.consents(&org()).await.unwrap().opted_out_numbers;
    assert_eq!(stopped, BTreeSet::from([scene.key("+971501234567")]));
    assert_eq!(scene.ports.store.consents(&other()).await.unwrap(), numo_domain::consent::Consents::default());
    let before = scene.table.items();
    ingest_delivery(&scene.ports, &delivery).await.unwrap();
    assert_eq!(scene.table.items(), before);
}

#[tokio::test]
async fn an_hour_later_it_is_noted_again_with_when_it_began() {
    let scene = two().await;
    let note = async |minutes: i64, update: Update| {
        let clock = FixedClock::at(now() + SignedDuration::from_mins(minutes));
        let ports = IngestPorts { clock: Arc::new(clock), ..scene.ports.clone() };
        let delivery = Delivery { waba: waba(), updates: vec![update], skipped: Vec::new() };
        ingest_delivery(&ports, &delivery).await.unwrap();
        let noted = scene.table.items().into_iter().find(|item| item.key.pk == "ROUTE#MISMATCH#").unwrap();
        let time = |name: &str| noted.body[name].as_str().unwrap().parse::<Timestamp>().unwrap();
        ["since", "last_at"].map(|name| time(name).duration_since(now()).as_mins())
    };
    let [status, other_status, ..] = &updates()[..] else { unreachable!() };
    assert_eq!(note(0, status.clone()).await, [0, 0]);
    assert_eq!(note(59, other_status.clone()).await, [0, 0]);
    assert_eq!(note(60, status.clone()).await, [0, 60]);
}

#[tokio::test]
async fn a_number_that_is_displayed_and_none_of_the_accounts_here_concerns_nobody() {
    let scene = two().await;
    let before = scene.table.items();
    let number = Some(NumberRef::Displayed(number("+97145550200")));
    for news in [
        News::Limit { per_day: Some(1) },
        News::Notice(numo_domain::notice::Notice::of(numo_domain::notice::NoticeKind::QualityLow)),
    ] {
        let of_number = AccountNews { waba: waba(), number: number.clone(), news };
        let updates =
            vec![Update::News(of_number), Update::Account(AccountChange { waba: waba(), number: number.clone() })];
        let delivery = Delivery { waba: waba(), updates, skipped: Vec::new() };
        assert_eq!(ingest_delivery(&scene.ports, &delivery).await.unwrap(), IngestReport::default());
        assert_eq!(scene.table.items(), before);
    }
}
