use numo_app::{
    job::Work,
    port::table::{Table, Write, Written},
};
use numo_domain::{
    organisation::{Pause, PausedBy},
    reminder::ReminderState,
    sender::SenderStatus,
    template::{AccountTemplate, Purpose, Variant, WhyUnusable, template_for},
    test_message::{TestState, WhyNoTest},
};
use serde_json::{Value, json};

use crate::{
    client::Answer,
    seed::org,
    world::{World, now},
};

/// What was asked for in organisation A.
pub(crate) const TEST_A: &str = "018f0000-0000-7000-8000-0000000000e5";

/// An id that nobody has used yet.
pub(crate) const TEST_B: &str = "018f0000-0000-7000-8000-0000000000e6";

const PATH: &str = "/v1/test-messages";

pub(crate) fn wanted(id: &str) -> Value {
    json!({"id": id, "purpose": "overdue_gentle", "language": "en"})
}

impl World {
    /// The admin of organisation A tests on themselves.
    pub(crate) async fn ask_for_a_test(&self, id: &str) {
        self.prove_number("admin-a").await;
        assert_eq!(self.post("admin-a", PATH, &wanted(id)).await.status, 202);
        self.queue.take();
    }

    async fn is_refused(&self, why: WhyNoTest) {
        self.table.take_counts();
        let refused: Answer = self.post("member-a", PATH, &wanted(TEST_B)).await;
        assert_eq!(refused.error(), (409, json!({"code": "conflict", "message": why.sentence()})));
        assert_eq!(self.table.take_counts().items_written, 0);
    }
}

/// Sets the test message of organisation A to a state.
async fn set_state(world: &World, state: &TestState) {
    let mut item = world.table.items().into_iter().find(|item| item.entity == "test_message").unwrap();
    item.rev += 1;
    item.body.insert("state".to_owned(), serde_json::to_value(state).unwrap());
    assert_eq!(world.table.write(Write::Replace(item)).await.unwrap(), Written::Done);
}

#[tokio::test]
async fn what_a_member_asks_for_is_stored_logged_and_handed_on_once() {
    let world = World::with_two_organisations().await;
    world.prove_number("member-a").await;
    for _ in 0..2 {
        let accepted = world.post("member-a", PATH, &wanted(TEST_A)).await;
        assert_eq!((accepted.status.as_u16(), accepted.json()), (202, json!({"id": TEST_A})));
    }
    let jobs: Vec<Work> = world.queue.jobs().iter().map(|job| job.work.clone()).collect();
    assert_eq!(jobs, [Work::TestMessage { id: TEST_A.parse().unwrap() }]);
    let log = world.get("admin-a", "/v1/activity").await.json();
    let lines = log["activity"].as_array().unwrap();
    let line = lines.iter().find(|line| line["action"] == "test_message.sent").unwrap();
    let detail = json!({"id": TEST_A, "purpose": "overdue_gentle", "language": "en"});
    let expected = json!({
        "at": "2026-11-24T06:00:00Z", "actor": {"user": "user_max"}, "action": "test_message.sent", "detail": detail,
    });
    assert_eq!(*line, expected);
    let shown = world.get("admin-a", &format!("{PATH}/{TEST_A}")).await.json();
    let expected = json!({
        "id": TEST_A, "by": "user_max", "purpose": "overdue_gentle", "language": "en",
        "asked_at": "2026-11-24T06:00:00Z", "state": "waiting", "why": null, "code": null,
    });
    assert_eq!(shown, expected);
    let other = json!({"id": TEST_A, "purpose": "thank_you", "language": "en"});
    let message = "this id was used for another test message";
    let refused = world.post("member-a", PATH, &other).await;
    assert_eq!(refused.error(), (409, json!({"code": "conflict", "message": message})));
    // Nor is it another member's.
    let refused = world.post("admin-a", PATH, &wanted(TEST_A)).await;
    assert_eq!(refused.error(), (409, json!({"code": "conflict", "message": message})));
}

#[tokio::test]
async fn where_it_stands_is_shown_with_the_code_or_the_reason() {
    let world = World::with_two_organisations().await;
    world.ask_for_a_test(TEST_A).await;
    let paused = json!({"code": "paused", "sentence": "everything is paused: resume first"});
    for (state, name, why, code) in [
        (TestState::Called(ReminderState::Sending), "sending", Value::Null, Value::Null),
        (TestState::Called(ReminderState::Accepted), "accepted", Value::Null, Value::Null),
        (TestState::Called(ReminderState::Sent), "sent", Value::Null, Value::Null),
        (TestState::Called(ReminderState::Delivered), "delivered", Value::Null, Value::Null),
        (TestState::Called(ReminderState::Read), "read", Value::Null, Value::Null),
        (TestState::Called(ReminderState::Unknown), "unknown", Value::Null, Value::Null),
        (TestState::Called(ReminderState::Failed { code: 131_026 }), "failed", Value::Null, json!(131_026)),
        (TestState::Called(ReminderState::NotSent { code: 132_001 }), "not_sent", Value::Null, json!(132_001)),
        (TestState::Dropped(WhyNoTest::Paused), "dropped", paused, Value::Null),
    ] {
        set_state(&world, &state).await;
        let shown = world.get("member-a", &format!("{PATH}/{TEST_A}")).await.json();
        assert_eq!((&shown["state"], &shown["why"], &shown["code"]), (&json!(name), &why, &code));
    }
    let absent = world.get("member-a", &format!("{PATH}/{TEST_B}")).await;
    assert_eq!(absent.error(), (404, json!({"code": "not_found", "message": "test message not found"})));
}

#[tokio::test]
async fn whatever_speaks_against_a_test_is_told_and_nothing_is_kept() {
    let world = World::with_two_organisations().await;
    world.is_refused(WhyNoTest::NoNumber).await;
    world.prove_number("member-a").await;
    let (org, waba) = (org("org_a"), "100".parse().unwrap());
    let template = template_for(Purpose::OverdueGentle, "en".parse().unwrap(), Variant::Plain).reference();
    let paused = AccountTemplate::unusable(template.clone(), WhyUnusable::Paused);
    for text in [AccountTemplate::pending(template.clone()), paused] {
        world.store.save_template(&org, &waba, &text, now()).await.unwrap();
        world.is_refused(WhyNoTest::TemplateUnusable).await;
    }
    let approved = AccountTemplate::approved(template);
    world.store.save_template(&org, &waba, &approved, now()).await.unwrap();
    let set_status = async |status: SenderStatus| {
        let change = |sender: &mut numo_domain::sender::Sender| sender.status = status;
        world.store.change_sender(&org, &"200".parse().unwrap(), now(), change).await.unwrap();
    };
    for status in [SenderStatus::Blocked, SenderStatus::ReauthRequired] {
        set_status(status).await;
        world.is_refused(WhyNoTest::SenderBlocked).await;
    }
    set_status(SenderStatus::Ready).await;
    let pause = async |pause: Option<Pause>| {
        world.store.change_organisation(&org, now(), |profile| profile.pause.clone_from(&pause)).await.unwrap();
    };
    for by in [PausedBy::Operator, PausedBy::Member("user_ann".parse().unwrap())] {
        pause(Some(Pause { since: now(), by, until: None })).await;
        world.is_refused(WhyNoTest::Paused).await;
    }
    pause(None).await;
    world.write_to_business("STOP").await;
    world.is_refused(WhyNoTest::OptedOut).await;
    assert!(world.queue.jobs().is_empty());
}

#[tokio::test]
async fn a_text_that_nobody_registered_in_a_language_is_not_tested() {
    let world = World::with_two_organisations().await;
    world.prove_number("member-a").await;
    let arabic = json!({"id": TEST_B, "purpose": "overdue_gentle", "language": "ar"});
    let refused = world.post("member-a", PATH, &arabic).await;
    let message = "WhatsApp has not approved this text in this language";
    assert_eq!(refused.error(), (409, json!({"code": "conflict", "message": message})));
}

#[tokio::test]
async fn the_eleventh_test_of_a_day_is_refused_with_the_next_allowed_time() {
    let world = World::with_two_organisations().await;
    world.prove_number("member-a").await;
    let id = |n: u32| format!("018f0000-0000-7000-8000-0000000001{n:02}");
    for n in 0..10 {
        assert_eq!(world.post("member-a", PATH, &wanted(&id(n))).await.status, 202, "{n}");
    }
    world.table.take_counts();
    let refused = world.post("member-a", PATH, &wanted(&id(10))).await;
    // Midnight in Dubai.
    let message = "There were enough test messages today. The next allowed time is 2026-11-24T20:00:00Z.";
    assert_eq!(refused.error(), (409, json!({"code": "not_now", "message": message})));
    assert_eq!(world.table.take_counts().items_written, 0);
    // One that was asked for before is still the same one.
    assert_eq!(world.post("member-a", PATH, &wanted(&id(9))).await.status, 202);
}

#[tokio::test]
async fn a_form_that_says_less_than_is_needed_names_the_field() {
    let world = World::with_two_organisations().await;
    world.prove_number("member-a").await;
    world.table.take_counts();
    for (form, field) in [
        (json!({"id": "mine", "purpose": "thank_you", "language": "en"}), Some("id")),
        (json!({"id": TEST_B, "purpose": "threat", "language": "en"}), Some("purpose")),
        (json!({"id": TEST_B, "purpose": "thank_you", "language": "it"}), Some("language")),
        (json!({"id": TEST_B, "purpose": "thank_you", "language": "en", "to": "+971501234567"}), None),
        (json!({"id": TEST_B, "purpose": "thank_you"}), None),
    ] {
        let (status, error) = world.post("member-a", PATH, &form).await.error();
        assert_eq!((status, &error["code"]), (400, &json!("invalid")), "{form}");
        assert!(field.is_none_or(|field| error["field"] == field), "{error}");
    }
    assert_eq!(world.get("member-a", &format!("{PATH}/mine")).await.status, 404);
    assert_eq!(world.table.take_counts().items_written, 0);
}
