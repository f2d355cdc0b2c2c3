//! Links by which a client connects WhatsApp without signing in.

use std::sync::Arc;

use jiff::ToSpan;
use numo_app::{port::session::Role, setup_link::make_link, wake::Waker};
use numo_testkit::counting_ids::CountingIds;
use serde_json::{Value, json};

use crate::{
    client::{Answer, request, send},
    seed::org,
    signup::form,
    world::{World, now},
};

/// The id of the link that `make_setup_link` makes.
pub(crate) const SETUP_A: &str = "275c66c9265cb1dc4c8754d6316960fe5821a5aa44c2373243b722226df008d0";

impl World {
    /// Ann makes a link.
    pub(crate) async fn make_setup_link(&self) {
        let waker = Waker { ids: Arc::new(CountingIds::new(77)), ..self.waker.clone() };
        let made = make_link(&waker, &org("org_a"), &"user_ann".parse().unwrap(), now()).await.unwrap();
        assert_eq!(made.link.hash, SETUP_A);
    }
}

/// A new link, and the path that its address has.
async fn made(world: &World) -> (Value, String) {
    let answer = world.post("admin-a", "/v1/setup-links", &json!({})).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let made = answer.json();
    let path = made["url"].as_str().unwrap().strip_prefix("https://numo.example").unwrap().to_owned();
    (made, path)
}

async fn open(world: &World, path: &str) -> Answer {
    send(&world.router, request("GET", path, None)).await
}

async fn use_it(world: &World, path: &str, form: &Value) -> Answer {
    send(&world.router, request("POST", path, Some(form))).await
}

/// What a client's browser posts.
fn signed_by(name: &str, code: &str) -> Value {
    let mut form = form(code);
    form["attestation"]["authorised_by"] = json!(name);
    form
}

async fn links(world: &World) -> Vec<Value> {
    let mut listed = world.get("member-a", "/v1/setup-links").await.json();
    listed["links"].as_array_mut().unwrap().drain(..).collect()
}

#[tokio::test]
async fn a_client_connects_whatsapp_by_a_link_that_works_once() {
    let world = World::with_signup();
    let (made, path) = made(&world).await;
    let token = path.rsplit('/').next().unwrap();
    assert_eq!(
        links(&world).await,
        [json!({
            "id": made["id"], "made_by": "user_ann", "made_at": "2026-11-24T06:00:00Z", "ends_at": "2026-12-01T06:00:00Z",
        })]
    );
    assert!(!format!("{:?}", world.table.items()).contains(token), "the table holds what opens the link");
    let before = world.table.items();
    let page = open(&world, &path).await;
    for expected in
        ["You were asked to connect", "Your name, and what you are", "have not bought these debts", "data-link"]
    {
        assert!(page.text.contains(expected), "{expected}");
    }
    assert!(!page.text.contains("clerk.browser.js") && !page.text.contains(token));
    let headers = ["referrer-policy", "cache-control", "x-robots-tag"].map(|name| page.header(name));
    assert_eq!((headers, world.table.items()), (["no-referrer", "no-store", "noindex"], before));
    let answer = use_it(&world, &path, &signed_by("Ali Hassan, owner", "good")).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["status"]), (200, &json!("connected")));
    let given = world.get("member-a", "/v1/consent/attestation").await.json()["given"].clone();
    assert_eq!((&given["by"], &given["authorised_by"]), (&json!("user_ann"), &json!("Ali Hassan, owner")));
    assert_eq!(links(&world).await, Vec::<Value>::new());
    assert_eq!(open(&world, &path).await.status, 404);
    assert_eq!(use_it(&world, &path, &signed_by("Eve", "good")).await.status, 404);
    let activity = world.get("member-a", "/v1/activity").await.json();
    let actions: Vec<&Value> = activity["activity"].as_array().unwrap().iter().map(|line| &line["action"]).collect();
    for action in ["setup_link.made", "setup_link.used", "consent.attested"] {
        assert!(actions.contains(&&json!(action)), "{action} in {actions:?}");
    }
    assert!(!activity.to_string().contains(token));
}

#[tokio::test]
async fn what_is_not_finished_is_gone_on_with_by_the_same_link() {
    let world = World::with_signup();
    let (_, path) = made(&world).await;
    let answer = use_it(&world, &path, &signed_by("Ali Hassan", "good-pin")).await;
    assert_eq!(answer.json()["status"], json!("unfinished"));
    assert_eq!(open(&world, &path).await.status, 200);
    let cancelled = use_it(&world, &path, &json!({"event": "CANCEL"})).await;
    assert_eq!(cancelled.json()["status"], json!("cancelled"));
    let again = json!({"event": "FINISH", "waba_id": "100", "phone_number_id": "200", "pin": "246810"});
    assert_eq!(use_it(&world, &path, &again).await.json()["status"], json!("connected"));
    assert_eq!(open(&world, &path).await.status, 404);
}

#[tokio::test]
async fn nobody_states_anything_for_a_business_without_saying_who_they_are() {
    let world = World::with_signup();
    let (_, path) = made(&world).await;
    let before = world.table.items();
    for form in [signed_by(" ", "good"), json!({"event": "FINISH", "waba_id": "100", "code": "good"})] {
        let message = "your name and what you are to the business are needed";
        let refused = json!({"code": "invalid", "field": "attestation.authorised_by", "message": message});
        assert_eq!(use_it(&world, &path, &form).await.error(), (400, refused));
    }
    assert_eq!(world.table.items(), before);
}

#[tokio::test]
async fn a_link_works_in_the_name_of_an_admin_who_is_one_at_this_moment() {
    let world = World::with_signup();
    let (_, path) = made(&world).await;
    let (org, ann) = (org("org_a"), "user_ann".parse().unwrap());
    world.people.set_down(true);
    assert_eq!(open(&world, &path).await.status, 503);
    world.people.set_down(false);
    for leave in [true, false] {
        if leave {
            world.people.leave(&org, &ann);
        } else {
            world.people.join(&org, &ann, Role::Member);
        }
        assert_eq!(open(&world, &path).await.status, 404);
        assert_eq!(use_it(&world, &path, &signed_by("Ali", "good")).await.status, 404);
    }
    world.people.join(&org, &ann, Role::Admin);
    assert_eq!(open(&world, &path).await.status, 200);
}

#[tokio::test]
async fn a_link_that_is_old_taken_back_or_of_another_organisation_opens_nothing() {
    let world = World::with_signup();
    let (made_first, first) = made(&world).await;
    let (_, second) = made(&world).await;
    let id = made_first["id"].as_str().unwrap();
    assert_eq!(world.delete("admin-b", &format!("/v1/setup-links/{id}")).await.status, 404);
    assert_eq!(world.delete("admin-a", &format!("/v1/setup-links/{id}")).await.status, 204);
    assert_eq!(world.delete("admin-a", &format!("/v1/setup-links/{id}")).await.status, 404);
    assert_eq!(
        (open(&world, &first).await.status, open(&world, &second).await.status),
        (404.try_into().unwrap(), 200.try_into().unwrap())
    );
    let (start, token) = second.rsplit_once('/').unwrap();
    let shorter = &token[..token.len() - 1];
    for path in [second.replace("org_a", "org_b"), format!("{start}/{shorter}"), format!("{start}/{id}")] {
        assert_eq!(open(&world, &path).await.status, 404, "{path}");
        assert_eq!(use_it(&world, &path, &signed_by("Eve", "good")).await.status, 404, "{path}");
    }
    let (org, ann) = (org("org_a"), "user_ann".parse().unwrap());
    let old = make_link(&world.waker, &org, &ann, now().saturating_sub((7 * 24).hours()).unwrap()).await.unwrap();
    assert_eq!(open(&world, &format!("/setup/org_a/{}", old.token)).await.status, 404);
    assert_eq!(links(&world).await.len(), 1);
}

#[tokio::test]
async fn an_organisation_has_twenty_links_at_most() {
    let world = World::with_signup();
    for _ in 0..20 {
        made(&world).await;
    }
    let answer = world.post("admin-a", "/v1/setup-links", &json!({})).await;
    let message = "there are twenty links already: take one back first";
    assert_eq!(answer.error(), (409, json!({"code": "conflict", "message": message})));
}

#[tokio::test]
async fn where_the_sign_up_is_not_set_up_there_are_no_links() {
    let world = World::empty();
    assert_eq!(world.post("admin-a", "/v1/setup-links", &json!({})).await.status, 404);
}
