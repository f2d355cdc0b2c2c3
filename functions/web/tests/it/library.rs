//! Texts of Meta's library: looked at, chosen, and taken back.

use numo_domain::{
    credential::{GrantRef, TokenSet},
    library::entry::{Button, LibraryEntry},
    sender::Sender,
};
use numo_testkit::memory_library::{payment_due, payment_overdue};
use serde_json::{Value, json};

use crate::{
    seed::org,
    world::{World, now},
};

/// Where the text for what is overdue is chosen.
pub(crate) const PLACE: &str = "/v1/library-texts/100/overdue_gentle/en";

/// A choice that is accepted.
pub(crate) fn choice() -> Value {
    let entry = payment_overdue();
    json!({
        "name": entry.name, "locale": "en_US", "words": entry.words(),
        "values": ["customer_name", "balance", "business_name", "due_date"],
    })
}

impl World {
    /// Keeps a token for the account of an organisation.
    pub(crate) async fn open_account(&self, name: &str) {
        let grant = GrantRef::of_account(&"100".parse().unwrap());
        self.vault.keep(&org(name), &grant, &TokenSet::lasting("good".into()), now()).await.unwrap();
    }

    /// Lets an organisation's account say something with a text of the library.
    pub(crate) async fn choose_library_text(&self) {
        self.open_account("org_a").await;
        let answer = self.put("admin-a", PLACE, &choice()).await;
        assert!(answer.status.is_success(), "{}", answer.text);
    }
}

async fn world() -> World {
    let world = World::with_two_organisations().await;
    world.open_account("org_a").await;
    world
}

fn chosen() -> Value {
    json!({
        "waba_id": "100", "purpose": "overdue_gentle", "language": "en", "name": "payment_overdue_1", "locale": "en_US",
        "template": payment_overdue().template().name,
        "values": ["customer_name", "balance", "business_name", "due_date"],
        "example": "Hi Acme Trading, your payment of AED 1,376.22 to Harbour Lane was due on 3 Nov 2026. If you have already \
                    paid, tell us. Reply STOP to end this.",
        "by": "user_ann", "at": now(), "status": "approved",
    })
}

#[tokio::test]
async fn what_meta_offers_is_shown_with_what_may_stand_in_it_and_what_speaks_against_it() {
    let world = world().await;
    let silent = LibraryEntry {
        name: String::from("payment_overdue_2"),
        body: String::from("Hi {{1}}, pay {{2}} to {{3}} for {{4}}."),
        buttons: vec![Button::Call { label: String::from("Call us") }],
        ..payment_overdue()
    };
    let french = LibraryEntry { language: String::from("fr"), ..payment_overdue() };
    world.meta.library.offer(vec![payment_overdue(), silent.clone(), french, payment_due()]);
    let answer = world.get("member-a", PLACE).await.json();
    let texts = ["customer_name", "business_name", "invoice_number", "balance", "due_date", "days_overdue"];
    let parameters = json!([
        {"position": 1, "kind": "text", "example": "Jim", "choices": texts},
        {"position": 2, "kind": "amount", "example": "$75.00", "choices": ["balance"]},
        {"position": 3, "kind": "text", "example": "CS Mutual", "choices": texts},
        {"position": 4, "kind": "date", "example": "May 2nd, 2026", "choices": ["due_date"]},
    ]);
    let good = json!({
        "name": "payment_overdue_1", "locale": "en_US", "words": payment_overdue().words(), "parameters": parameters,
        "buttons": [], "objections": [],
    });
    let objections = json!([
        {"code": "call_button", "sentence": "It has a button that calls a telephone number."},
        {"code": "already_paid_unsaid", "sentence": "It does not say what to do for those who have paid already."},
        {"code": "stop_unsaid", "sentence": "It does not say how to stop reminders."},
    ]);
    let bad = json!({
        "name": "payment_overdue_2", "locale": "en_US", "words": silent.words(), "parameters": parameters,
        "buttons": [{"kind": "call", "label": "Call us"}], "objections": objections,
    });
    let values = json!({
        "customer_name": "Acme Trading", "business_name": "Harbour Lane", "invoice_number": "INV-1042",
        "balance": "AED 1,376.22", "due_date": "3 Nov 2026", "days_overdue": "21",
    });
    assert_eq!(answer, json!({"texts": [good, bad], "values": values}));
}

#[tokio::test]
async fn a_choice_is_shown_with_an_example_and_how_it_stands_until_it_is_taken_back() {
    let world = world().await;
    assert_eq!(world.get("member-a", "/v1/library-texts").await.json(), json!({"texts": []}));
    assert_eq!(world.put("admin-a", PLACE, &choice()).await.json(), chosen());
    assert_eq!(world.get("member-a", "/v1/library-texts").await.json(), json!({"texts": [chosen()]}));
    assert_eq!(world.get("admin-b", "/v1/library-texts").await.json(), json!({"texts": []}));
    let templates = world.get("member-a", "/v1/templates").await.json();
    let name = payment_overdue().template().name;
    let listed = templates["templates"].as_array().unwrap().iter().find(|row| row["name"] == json!(name)).unwrap();
    assert_eq!(*listed, json!({"name": name, "language": "en_US", "status": "approved"}));
    assert_eq!(world.delete("admin-a", PLACE).await.json(), json!({"status": "taken_back"}));
    assert_eq!(world.get("member-a", "/v1/library-texts").await.json(), json!({"texts": []}));
    assert_eq!(world.delete("admin-a", PLACE).await.status, 404);
    let activity = world.get("admin-a", "/v1/activity").await.json();
    let detail = json!({"waba": "100", "purpose": "overdue_gentle", "language": "en", "text": "payment_overdue_1"});
    let told: Vec<(&Value, &Value)> =
        activity["activity"].as_array().unwrap().iter().map(|row| (&row["action"], &row["detail"])).collect();
    assert_eq!(told, [(&json!("library_text.taken_back"), &detail), (&json!("library_text.chosen"), &detail)]);
}

#[tokio::test]
async fn what_was_looked_at_is_compared_with_what_meta_offers_now() {
    let world = world().await;
    let reworded = LibraryEntry { body: payment_overdue().body.replace("tell us", "let us know"), ..payment_overdue() };
    world.meta.library.offer(vec![reworded]);
    let refused =
        json!({"code": "conflict", "message": "Meta offers this text no more, or in other words; look at it again"});
    assert_eq!(world.put("admin-a", PLACE, &choice()).await.error(), (409, refused));
}

#[tokio::test]
async fn a_bad_choice_names_its_field() {
    let world = world().await;
    for (values, message) in [
        (json!(["balance"]), "the text has 4 parameters, and each needs one value"),
        (json!(["balance", "due_date", "business_name", "due_date"]), "parameter 2 does not take due_date"),
        (
            json!(["customer_name", "balance", "customer_name", "due_date"]),
            "one of the values of an overdue text has to be business_name",
        ),
    ] {
        let mut bad = choice();
        bad["values"] = values;
        let refused = world.put("admin-a", PLACE, &bad).await.error();
        assert_eq!(refused, (400, json!({"code": "invalid", "message": message, "field": "values"})));
    }
    let mut unknown = choice();
    unknown["values"][1] = json!("total");
    assert_eq!(world.put("admin-a", PLACE, &unknown).await.error().1["field"], json!("values[1]"));
    let firm = PLACE.replace("overdue_gentle", "overdue_firm");
    let message = "only upcoming, due_today and overdue_gentle can be said with a text of the library";
    let refused = (400, json!({"code": "invalid", "message": message, "field": "purpose"}));
    assert_eq!(world.get("admin-a", &firm).await.error(), refused);
    for address in [PLACE.replace("/en", "/it"), PLACE.replace("overdue_gentle", "late")] {
        assert_eq!(world.get("admin-a", &address).await.status, 404, "{address}");
    }
}

#[tokio::test]
async fn an_account_of_another_organisation_is_answered_like_one_that_does_not_exist() {
    let world = world().await;
    let senders = world.store.senders(&org("org_a")).await.unwrap();
    let foreign =
        Sender { phone_number_id: "300".parse().unwrap(), waba: "301".parse().unwrap(), ..senders[0].clone() };
    world.store.save_sender(&org("org_a"), &foreign, now()).await.unwrap();
    for method in ["GET", "PUT", "DELETE"] {
        let [foreign, absent] = ["301", "999"].map(|waba| PLACE.replace("100", waba));
        let body = (method == "PUT").then(choice);
        let mut answers = Vec::new();
        for address in [foreign, absent] {
            let asked = crate::client::signed("admin-b", method, &address, body.as_ref());
            answers.push(crate::client::send(&world.router, asked).await.error());
        }
        assert_eq!(answers[0].0, 404, "{method}");
        assert_eq!(answers[0], answers[1], "{method}");
    }
}

#[tokio::test]
async fn without_a_token_that_opens_the_account_nothing_is_asked() {
    let world = World::with_two_organisations().await;
    let answer = world.get("admin-a", PLACE).await;
    assert_eq!(answer.error().1["code"], json!("reauth_required"), "{}", answer.text);
    world.open_account("org_a").await;
    world.meta.library.be_down(true);
    assert_eq!(world.get("admin-a", PLACE).await.status, 503);
}
