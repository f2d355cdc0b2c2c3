//! A WhatsApp account from Meta's window to a number that sends, and back.

use numo_e2e::product::Product;
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{SECRETS, World};

const WABA: &str = "405593452673611";
const PHONE: &str = "409871562345872";

/// What a finished window tells the page, with a code for the deployed app.
async fn finished(world: &World) -> Value {
    let app = SECRETS.iter().find(|(name, _)| *name == "meta_app_id").unwrap().1;
    let asked = json!({"app_id": app, "event": "FINISH", "waba_id": WABA, "phone_number_id": PHONE});
    let told = world.simulator.finish_signup(&asked).await.unwrap();
    json!({
        "event": told["session"]["event"], "waba_id": told["session"]["data"]["waba_id"],
        "phone_number_id": told["session"]["data"]["phone_number_id"], "code": told["code"],
        "attestation": {"version": 2, "authorised_by": ""},
    })
}

async fn sign_up(joiner: &Product, form: &Value) -> (u16, Value) {
    let answer = joiner.post("/v1/senders/signup", form).await.unwrap();
    (answer.status.as_u16(), answer.json().unwrap_or_default())
}

/// Edinburgh Joinery connects another account whose number has a PIN, and gives it up.
pub(crate) async fn an_account_is_connected_through_metas_window_and_ended_again(world: &mut World) {
    let joiner = world.joiner();
    let page = joiner.browser().await.unwrap().open("/connect/whatsapp").await.unwrap();
    assert_eq!(page.status, 200);
    let form = finished(world).await;
    let (status, told) = sign_up(&joiner, &form).await;
    assert_eq!((status, &told["status"], &told["numbers"][0]["field"]), (200, &json!("unfinished"), &json!("pin")));
    // The code is spent, and the access is kept.
    assert_eq!(joiner.post("/v1/senders/signup", &form).await.unwrap().status, 400);
    let again = json!({"event": "FINISH", "waba_id": WABA, "phone_number_id": PHONE, "pin": "246810"});
    let (status, told) = sign_up(&joiner, &again).await;
    assert_eq!(
        (status, &told["status"], &told["numbers"][0]["outcome"]),
        (200, &json!("connected"), &json!("connected"))
    );
    let registered = world.simulator.registration(PHONE).await.unwrap();
    assert_eq!((&registered["registrations"], &registered["subscribed"]), (&json!(1), &json!(true)));
    // Nobody else can have it.
    assert_eq!(world.gulf().post("/v1/senders/signup", &finished(world).await).await.unwrap().status, 409);
    let ended = joiner.call(Method::DELETE, &format!("/v1/senders/{PHONE}"), None).await.unwrap();
    assert_eq!(ended.json::<Value>().unwrap(), json!({"status": "disconnected", "account": "disconnected"}));
    let registered = world.simulator.registration(PHONE).await.unwrap();
    assert_eq!(registered["subscribed"], json!(false));
}

/// Whose the tokens of sign-ups are, as the simulated Meta tells.
const META_USER: &str = "122100000000000001";

/// Edinburgh Joinery connects the account once more, and whoever did it removes the app at Facebook.
pub(crate) async fn a_person_who_removes_the_app_ends_the_access_that_they_gave(world: &mut World) {
    let joiner = world.joiner();
    let (status, told) = sign_up(&joiner, &finished(world).await).await;
    assert_eq!((status, &told["status"]), (200, &json!("connected")));
    let standing = async || {
        let senders: Value = joiner.get("/v1/senders").await.unwrap().json().unwrap();
        senders["senders"][0]["status"].clone()
    };
    let url = format!("{}/meta/deauthorise", world.stack.state.loopback_url);
    // A moment ahead of the sign-up, since Meta counts in whole seconds.
    let mut asked = json!({"url": url, "user_id": META_USER, "issued_at": seconds_now() + 2, "secret": "guessed"});
    assert_eq!(world.simulator.ask_for_user(&asked).await.unwrap()["status"], 400);
    assert_eq!(standing().await, "ready");
    asked.as_object_mut().unwrap().remove("secret");
    let answer = world.simulator.ask_for_user(&asked).await.unwrap();
    assert_eq!(answer["status"], 200, "{answer}");
    assert_eq!(standing().await, "reauth_required");
    let told: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    let page = format!("/data-deletion/{}", told["confirmation_code"].as_str().unwrap());
    assert!(told["url"].as_str().unwrap().ends_with(&page));
    let page = joiner.foreign_browser().open(&page).await.unwrap();
    assert!(page.status == 200 && page.body.contains("have no access"), "{}", page.body);
    let ended = joiner.call(Method::DELETE, &format!("/v1/senders/{PHONE}"), None).await.unwrap();
    assert_eq!(ended.json::<Value>().unwrap()["status"], "disconnected");
    assert_eq!(joiner.tasks().await.unwrap().len(), 0, "nobody is asked to connect again what was given up");
}

#[expect(clippy::disallowed_methods, reason = "a request about a user tells when it was made")]
fn seconds_now() -> i64 {
    jiff::Timestamp::now().as_second()
}
