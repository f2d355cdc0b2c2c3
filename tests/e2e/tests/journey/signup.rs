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
