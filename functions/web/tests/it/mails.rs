//! Who is mailed: set by an admin, by each person for themselves, and by the link in a digest.

use axum::{
    body::Body,
    http::{Request, header},
};
use numo_app::store::mail::{MailSettings, Recipients};
use serde_json::json;

use crate::{
    client::{Answer, request, send},
    seed::org,
    world::{World, number_keys},
};

impl World {
    async fn mail_settings(&self, of: &str) -> MailSettings {
        self.store.mail_settings(&org(of)).await.unwrap()
    }
}

#[tokio::test]
async fn an_admin_chooses_who_is_mailed_and_a_member_decides_about_their_own_digests() {
    let world = World::with_two_organisations().await;
    let view =
        |recipients, names, digest| json!({"sends": true, "recipients": recipients, "names": names, "digest": digest});
    assert_eq!(world.get("member-a", "/v1/mails").await.json(), view(json!("admins"), false, true));
    let chosen = json!({"chosen": ["user_1", "user_2"]});
    let answer = world.put("admin-a", "/v1/mails", &json!({"recipients": chosen, "names": true})).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, view(chosen.clone(), true, true)));
    let answer = world.put("member-a", "/v1/me/digest", &json!({"digest": false})).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, view(chosen.clone(), true, false)));
    // The admin's own digests are another matter, and so is another organisation.
    assert_eq!(world.get("admin-a", "/v1/mails").await.json(), view(chosen, true, true));
    assert_eq!(world.mail_settings("org_b").await, MailSettings::default());
}

#[tokio::test]
async fn a_body_that_names_nobody_or_something_else_is_refused_by_its_field() {
    let world = World::with_two_organisations().await;
    for (body, field) in [
        (json!({"recipients": {"chosen": []}, "names": false}), "recipients"),
        (json!({"recipients": {"chosen": ["a b"]}, "names": false}), "recipients.chosen[0]"),
        (json!({"recipients": "everybody", "names": false}), "recipients"),
        (json!({"recipients": "admins"}), "names"),
        (json!({"recipients": "admins", "names": false, "address": "a@b.example"}), "address"),
    ] {
        let answer = world.put("admin-a", "/v1/mails", &body).await;
        let (status, error) = answer.error();
        assert_eq!((status, error["field"].as_str().unwrap()), (400, field), "{body} {error}");
    }
    assert_eq!(world.mail_settings("org_a").await, MailSettings::default());
}

fn link(of: &str, user: &str) -> String {
    let token = number_keys().unsubscribe_token(&org(of), &user.parse().unwrap()).unwrap();
    format!("/unsubscribe/{of}/{user}/{token}")
}

async fn post(world: &World, path: &str, body: &'static str) -> Answer {
    let request = Request::builder().method("POST").uri(path);
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    send(&world.router, request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn a_link_asks_first_and_its_form_and_the_click_of_a_mail_program_end_the_digests_of_one_person() {
    let world = World::with_two_organisations().await;
    let path = link("org_a", "user_admin_a");
    let shown = send(&world.router, request("GET", &path, None)).await;
    assert_eq!(shown.status, 200);
    assert!(shown.text.contains("<form method=\"post\"><button>No more digests for me</button></form>"));
    assert!(shown.header("content-security-policy").contains("form-action 'self'"));
    assert_eq!(world.mail_settings("org_a").await, MailSettings::default());
    for body in ["", "List-Unsubscribe=One-Click"] {
        let done = post(&world, &path, body).await;
        assert!(done.status == 200 && done.text.contains("You get no more digests."), "{}", done.text);
    }
    let expected = MailSettings {
        recipients: Recipients::Admins,
        names: false,
        without_digest: ["user_admin_a".parse().unwrap()].into(),
    };
    assert_eq!(world.mail_settings("org_a").await, expected);
    assert_eq!(world.mail_settings("org_b").await, MailSettings::default());
}

#[tokio::test]
async fn a_link_that_is_not_ours_does_nothing() {
    let world = World::with_two_organisations().await;
    let token = link("org_a", "user_admin_a").rsplit('/').next().unwrap().to_owned();
    for path in [
        format!("/unsubscribe/org_b/user_admin_a/{token}"),
        format!("/unsubscribe/org_a/user_admin_b/{token}"),
        "/unsubscribe/org_a/user_admin_a/0123456789abcdef0123456789abcdef".to_owned(),
    ] {
        let answer = post(&world, &path, "").await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.text.contains("user_admin"), "{path}");
    }
    for of in ["org_a", "org_b"] {
        assert_eq!(world.mail_settings(of).await, MailSettings::default());
    }
}
