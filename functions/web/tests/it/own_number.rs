use std::sync::Arc;

use numo_app::{
    delivery::{Delivery, InboundMessage, Update},
    ingest_delivery::{IngestPorts, IngestReport, ingest_delivery},
    number_key::NumberKeys,
    store::route::Route,
};
use numo_domain::{conversation::Content, member::CODES_PER_HOUR, sender::SenderStatus};
use numo_testkit::{fixed_clock::FixedClock, recording_events::RecordingEvents};
use serde_json::{Value, json};

use crate::{
    seed::org,
    world::{World, now},
};

const PATH: &str = "/v1/me/number";

/// The number of whoever proves one.
pub(crate) const OWN_NUMBER: &str = "+971551112233";

impl World {
    /// A member of organisation A asks for a code and writes it to the business from a number of their own.
    pub(crate) async fn prove_number(&self, token: &str) {
        let given = self.post(token, PATH, &Value::Null).await;
        assert_eq!(given.status, 201, "{}", given.text);
        self.write_to_business(given.json()["message"].as_str().unwrap()).await;
        assert_eq!(self.get(token, PATH).await.json()["number_masked"], "+971•••••33");
    }

    /// Somebody writes to organisation A from a number that no customer has.
    pub(crate) async fn write_to_business(&self, text: &str) -> IngestReport {
        let message = InboundMessage {
            edits: None,
            row: None,
            phone_number_id: "200".parse().unwrap(),
            message: format!("wamid.{}", self.table.items().len()).parse().unwrap(),
            from: OWN_NUMBER.parse().ok(),
            user: None,
            becomes: None,
            answers: None,
            content: Content::Text,
            text: Some(text.to_owned()),
            at: now(),
        };
        self.meta_tells(Update::Inbound(message)).await
    }

    /// Meta tells organisation A something about its account `100`.
    pub(crate) async fn meta_tells(&self, update: Update) -> IngestReport {
        let route = Route { org: org("org_a"), connection: None };
        self.store.claim_waba(&"100".parse().unwrap(), &route, now()).await.unwrap();
        self.store.claim_phone(&"200".parse().unwrap(), &route, now()).await.unwrap();
        let ports = IngestPorts {
            store: self.store.clone(),
            events: Arc::new(RecordingEvents::new()),
            number_keys: NumberKeys::new(vec![7; 32]).unwrap(),
            clock: Arc::new(FixedClock::at(now())),
        };
        let delivery = Delivery { waba: "100".parse().unwrap(), updates: vec![update], skipped: Vec::new() };
        ingest_delivery(&ports, &delivery).await.unwrap()
    }
}

fn nothing() -> Value {
    json!({"number_masked": null, "verified_at": null, "code_ends_at": null})
}

#[tokio::test]
async fn a_member_proves_a_number_and_has_it_forgotten() {
    let world = World::with_two_organisations().await;
    assert_eq!(world.get("member-a", PATH).await.json(), nothing());
    let given = world.post("member-a", PATH, &Value::Null).await;
    let (status, given) = (given.status.as_u16(), given.json());
    let message = given["message"].as_str().unwrap().to_owned();
    let expected = json!({
        "message": message, "write_to": "+971509990000", "ends_at": "2026-11-24T06:15:00Z",
        "link": format!("https://wa.me/971509990000?text={}", message.replace(' ', "%20")),
    });
    assert_eq!((status, given), (201, expected));
    let waiting = json!({"number_masked": null, "verified_at": null, "code_ends_at": "2026-11-24T06:15:00Z"});
    assert_eq!(world.get("member-a", PATH).await.json(), waiting);
    assert_eq!(world.get("admin-a", PATH).await.json(), nothing());
    world.write_to_business(&message).await;
    let proved = json!({"number_masked": "+971•••••33", "verified_at": "2026-11-24T06:00:00Z", "code_ends_at": null});
    assert_eq!(world.get("member-a", PATH).await.json(), proved);
    assert_eq!(world.get("admin-a", PATH).await.json(), nothing());
    assert_eq!(world.delete("member-a", PATH).await.json(), nothing());
    assert_eq!(world.delete("member-a", PATH).await.json(), nothing());
    let log = world.get("admin-a", "/v1/activity").await.json();
    let line = |action: &str| json!({"at": "2026-11-24T06:00:00Z", "actor": {"user": "user_max"}, "action": action, "detail": {}});
    let actions: Vec<&Value> = log["activity"].as_array().unwrap().iter().collect();
    assert!(actions.contains(&&line("member.number_verified")) && actions.contains(&&line("member.number_forgotten")));
    assert_eq!(actions.len(), 2);
}

#[tokio::test]
async fn nobody_collects_codes_and_forgetting_counts_none_anew() {
    let world = World::with_two_organisations().await;
    for _ in 0..CODES_PER_HOUR {
        assert_eq!(world.post("member-a", PATH, &Value::Null).await.status, 201);
    }
    world.delete("member-a", PATH).await;
    world.table.take_counts();
    let message = "There were enough codes within an hour. The next allowed time is 2026-11-24T07:00:00Z.";
    let refused = world.post("member-a", PATH, &Value::Null).await;
    assert_eq!(refused.error(), (409, json!({"code": "not_now", "message": message})));
    assert_eq!(world.table.take_counts().items_written, 0);
    assert_eq!(world.post("admin-a", PATH, &Value::Null).await.status, 201);
}

#[tokio::test]
async fn without_a_number_of_the_business_there_is_nobody_to_write_to() {
    let world = World::with_two_organisations().await;
    let blocked = |sender: &mut numo_domain::sender::Sender| sender.status = SenderStatus::Blocked;
    world.store.change_sender(&org("org_a"), &"200".parse().unwrap(), now(), blocked).await.unwrap();
    let message = "no WhatsApp number of the organisation can be written to at the moment";
    let refused = world.post("member-a", PATH, &Value::Null).await;
    assert_eq!(refused.error(), (409, json!({"code": "conflict", "message": message})));
}

#[tokio::test]
async fn a_code_of_one_organisation_proves_nothing_in_another() {
    let world = World::with_two_organisations().await;
    let theirs = world.post("admin-b", PATH, &Value::Null).await.json();
    let report = world.write_to_business(theirs["message"].as_str().unwrap()).await;
    assert_eq!(report, IngestReport { ignored: 1, ..IngestReport::default() });
    assert_eq!(world.get("admin-b", PATH).await.json()["number_masked"], Value::Null);
}
