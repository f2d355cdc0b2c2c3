//! The page on which somebody proves a number and has a text sent to it.

use serde_json::json;

use crate::{
    own_number::OWN_NUMBER,
    test_messages::{TEST_A, TEST_B},
    world::World,
};

const PATH: &str = "/test";

const WANTED: [(&str, &str); 3] = [("id", TEST_A), ("text", "overdue_firm"), ("language", "ar")];

#[tokio::test]
async fn a_member_proves_a_number_by_a_code_that_is_shown_once() {
    let world = World::with_two_organisations().await;
    let page = world.page_at(PATH, Some("member-a")).await;
    assert!(
        page.text.contains("No number is proved to be yours yet.")
            && page.text.contains("<button disabled>Send it to me")
    );
    let given = world.form("member-a", "/test/number", &[("number", "code")]).await;
    assert_eq!(given.status, 200);
    let message = given.text.split("<p class=\"big\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    for words in [
        "Send this from your phone to +971509990000",
        "href=\"https://wa.me/971509990000?text=NUMO%20",
        "hx-get=\"/test\" hx-trigger=\"every 3s\"",
    ] {
        assert!(given.text.contains(words), "{words}: {}", given.text);
    }
    let waits = world.page_at(PATH, Some("member-a")).await;
    assert!(waits.text.contains("Numo waits for your message until") && !waits.text.contains(&message));
    world.write_to_business(&message).await;
    let proved = world.page_at(PATH, Some("member-a")).await;
    assert!(
        proved.text.contains("<strong>+971•••••33</strong>, proved to be yours") && !proved.text.contains("hx-get")
    );
    assert!(!proved.text.contains(OWN_NUMBER.trim_start_matches("+971")));
    assert!(
        world.page_at(PATH, Some("admin-a")).await.text.contains("No number is proved"),
        "everybody has one of their own"
    );
    let gone = world.form("member-a", "/test/number", &[("number", "forget")]).await;
    assert_eq!(gone.header("location"), "/test?done=number_forgotten");
    assert!(world.page_at(PATH, Some("member-a")).await.text.contains("No number is proved"));
}

#[tokio::test]
async fn a_text_is_asked_for_once_and_followed_until_it_is_read() {
    let world = World::with_two_organisations().await;
    for text in numo_domain::template::texts_in(numo_domain::language::Language::Arabic) {
        let approved = numo_domain::template::AccountTemplate::approved(text.reference());
        world
            .store
            .save_template(&crate::seed::org("org_a"), &"100".parse().unwrap(), &approved, crate::world::now())
            .await
            .unwrap();
    }
    world.prove_number("member-a").await;
    world.queue.take();
    for _ in 0..2 {
        let asked = world.form("member-a", PATH, &WANTED).await;
        let back = format!("/test?text=overdue_firm&language=ar&message={TEST_A}&done=test_asked");
        assert_eq!((asked.status.as_u16(), asked.header("location")), (303, back.as_str()), "{}", asked.text);
    }
    assert_eq!(world.queue.take().len(), 1);
    let path = format!("/test?text=overdue_firm&language=ar&message={TEST_A}");
    let page = world.page_at(&path, Some("member-a")).await;
    let again = format!("hx-get=\"/test?message={TEST_A}\" hx-trigger=\"every 3s\"");
    for words in [
        "<strong>waiting</strong>",
        "Firm reminder, العربية",
        &again,
        "<option value=\"ar\" selected>",
        "lang=\"ar\" dir=\"rtl\"",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    let part = world.part_at(&format!("/test?message={TEST_A}"), "member-a").await;
    assert!(part.text.starts_with("<div id=\"test\""));
    world.clock.set("2026-11-24T06:11:00Z".parse().unwrap());
    let later = world.page_at(&path, Some("member-a")).await;
    assert!(later.text.contains("<strong>waiting</strong>") && !later.text.contains(&again), "nobody looks for ever");
    assert_eq!(world.page_at(&path, Some("admin-b")).await.status, 404);
}

#[tokio::test]
async fn what_cannot_be_done_is_told_on_the_page_and_nothing_is_sent() {
    let world = World::with_two_organisations().await;
    world.table.take_counts();
    let unproved = world.form("member-a", PATH, &WANTED).await;
    assert_eq!(unproved.status, 409);
    assert!(unproved.text.contains("Nothing was sent: no WhatsApp number is proved to be yours"), "{}", unproved.text);
    for (path, fields, status, why) in [
        (
            PATH,
            &[("id", "x"), ("text", "upcoming"), ("language", "en")][..],
            400,
            "<strong>id</strong>: open the page again.",
        ),
        (
            PATH,
            &[("id", TEST_B), ("text", "<b>"), ("language", "en")],
            400,
            "<strong>text</strong>: choose one of the texts.",
        ),
        (
            PATH,
            &[("id", TEST_B), ("text", "upcoming"), ("language", "it")],
            400,
            "<strong>language</strong>: choose a language.",
        ),
        ("/test/number", &[("number", "keep")], 400, "this page has no such button"),
    ] {
        let answer = world.form("member-a", path, fields).await;
        assert_eq!(answer.status, status, "{fields:?}");
        assert!(answer.text.contains(why), "{why}: {}", answer.text);
    }
    assert_eq!(world.table.counts().items_written, 0);
    for query in ["?text=x", "?language=x"] {
        assert_eq!(world.page_at(&format!("/test{query}"), Some("member-a")).await.status, 400);
    }
    assert_eq!(world.page_at("/test?message=x", Some("member-a")).await.status, 404);
    for _ in 0..5 {
        assert_eq!(world.form("member-a", "/test/number", &[("number", "code")]).await.status, 200);
    }
    let sixth = world.form("member-a", "/test/number", &[("number", "code")]).await;
    assert_eq!(sixth.status, 409);
    assert!(sixth.text.contains("There were enough codes within an hour."), "{}", sixth.text);
    assert_eq!(world.get("admin-a", "/v1/me/number").await.json()["code_ends_at"], json!(null));
}
