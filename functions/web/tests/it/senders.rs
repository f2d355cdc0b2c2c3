use serde_json::{Value, json};

use crate::world::World;

fn form(token: &str) -> Value {
    json!({"waba_id": "100", "phone_number_id": "200", "access_token": token})
}

fn sender() -> Value {
    json!({
        "phone_number_id": "200", "waba_id": "100", "number": "+971509990000",
        "verified_name": "Harbour Lane", "status": "ready",
    })
}

#[tokio::test]
async fn a_sender_is_added_and_listed_and_its_token_shows_nowhere() {
    let world = World::empty();
    let answer = world.post("admin-a", "/v1/senders", &form(" good\n")).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (201, sender()));
    let listed = world.get("member-a", "/v1/senders").await;
    assert_eq!(listed.json(), json!({"senders": [sender()]}));
    assert!(!world.table.items().iter().any(|item| format!("{item:?}").contains("good")));
}

#[tokio::test]
async fn a_token_that_does_not_open_the_account_is_an_error_of_its_field() {
    let world = World::empty();
    let answer = world.post("admin-a", "/v1/senders", &form("bad")).await;
    let message = "Meta does not accept this token for the WhatsApp account";
    assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": "access_token", "message": message})));
    assert_eq!(world.table.counts().items_written, 0);
}

#[tokio::test]
async fn what_cannot_be_an_id_or_a_token_is_refused_before_meta_is_asked() {
    let world = World::empty();
    let cases = [
        ("waba_id", json!({"waba_id": "../me", "phone_number_id": "200", "access_token": "good"})),
        ("phone_number_id", json!({"waba_id": "100", "phone_number_id": "2?0", "access_token": "good"})),
        ("access_token", form("two words")),
        ("access_token", form("  ")),
        ("waba_id", json!({"waba_id": "", "phone_number_id": "200", "access_token": "good"})),
    ];
    for (field, form) in cases {
        let (status, error) = world.post("admin-a", "/v1/senders", &form).await.error();
        assert_eq!((status, &error["field"]), (400, &json!(field)), "{error}");
    }
    assert_eq!(world.table.counts().calls(), 0);
}

#[tokio::test]
async fn when_meta_does_not_answer_nothing_is_stored() {
    let world = World::empty();
    let answer = world.post("admin-a", "/v1/senders", &form("slow")).await;
    assert_eq!(answer.error(), (503, json!({"code": "unavailable", "message": "a provider is unavailable"})));
    assert_eq!(answer.header("retry-after"), "30");
    assert_eq!(world.table.counts().items_written, 0);
}

#[tokio::test]
async fn an_account_of_another_organisation_is_a_conflict() {
    let world = World::empty();
    world.post("admin-a", "/v1/senders", &form("good")).await;
    let answer = world.post("admin-b", "/v1/senders", &form("good")).await;
    let message = "this WhatsApp account is connected to another organisation";
    assert_eq!(answer.error(), (409, json!({"code": "conflict", "message": message})));
    assert_eq!(world.get("admin-b", "/v1/senders").await.json(), json!({"senders": []}));
}

#[tokio::test]
async fn the_texts_are_listed_with_what_whatsapp_says_of_them() {
    let world = World::with_two_organisations().await;
    let listed = world.get("member-a", "/v1/templates").await.json();
    let text = |name: &str| json!({"name": name, "language": "en", "status": "approved"});
    let asking = [
        "due_today",
        "overdue_final",
        "overdue_firm",
        "overdue_gentle",
        "part_payment",
        "promise_missed",
        "statement",
        "upcoming",
    ];
    let variants = ["_pay", "_pdf_pay", "_pdf", "_reply", ""];
    let names = asking.iter().flat_map(|text| variants.map(|variant| format!("numo_{text}{variant}_v1")));
    let mut texts: Vec<String> = names.chain(["numo_thank_you_v1".to_owned()]).collect();
    texts.sort();
    let texts: Vec<Value> = texts.iter().map(|name| text(name)).collect();
    assert_eq!(listed, json!({"templates": texts}));
}
