use numo_app::job::Work;
use serde_json::{Value, json};

use crate::world::World;

/// An edit of the standard policy of a seeded organisation.
pub(crate) fn edit() -> Value {
    let day = json!({"start": "08:00", "end": "12:30"});
    json!({
        "based_on": 2,
        "policy": {
            "name": "Shorter days", "state": "active",
            "steps": [
                {"id": 1, "offset_days": -3, "tone": "friendly"},
                {"id": 2, "offset_days": 3, "tone": "gentle"},
            ],
            "calendar": {
                "week": [day, day, day, day, null, null, null],
                "closed": ["2026-12-02"],
                "overrides": {"2026-12-03": null},
            },
            "caps": {"gap_days": 3, "per_seven_days": 2},
            "minimum_total": {"AED": 5000},
            "approval": "automatic",
        },
    })
}

#[tokio::test]
async fn before_the_first_edit_the_standard_policy_is_shown_as_a_draft() {
    let world = World::empty();
    let shown = world.get("member-a", "/v1/policy").await.json();
    let day = json!({"start": "09:00", "end": "17:00"});
    let step = |id: u8, offset: i8, tone: &str| json!({"id": id, "offset_days": offset, "tone": tone});
    let expected = json!({
        "name": "Standard", "version": 1, "state": "draft",
        "steps": [step(1, -3, "friendly"), step(2, 3, "gentle"), step(3, 10, "firm"), step(4, 21, "final")],
        "calendar": {"week": [day, day, day, day, day, null, null], "closed": [], "overrides": {}},
        "caps": {"gap_days": 2, "per_seven_days": 3}, "minimum_total": {}, "approval": "required",
        "highest_step": 4, "audience": "organisation", "repeat": null, "clock": "organisation", "catch_up_days": 3,
        "only_marked_sent": false, "hold_when_we_owe": true, "active_since": null,
        "edited_at": "1970-01-01T00:00:00Z",
    });
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn an_edit_is_saved_as_the_next_version_and_wakes_planning() {
    let world = World::with_two_organisations().await;
    let mut expected = edit()["policy"].take();
    expected["version"] = json!(3);
    expected["highest_step"] = json!(4);
    expected["edited_at"] = json!("2026-11-24T06:00:00Z");
    // What the edit leaves out is as it is for everybody; in force it is since it was switched on.
    for (field, value) in [
        ("audience", json!("organisation")),
        ("repeat", Value::Null),
        ("clock", json!("organisation")),
        ("catch_up_days", json!(3)),
        ("only_marked_sent", json!(false)),
        ("hold_when_we_owe", json!(true)),
        ("active_since", json!("2026-11-02T08:00:00Z")),
    ] {
        expected[field] = value;
    }
    let answer = world.put("admin-a", "/v1/policy", &edit()).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, expected.clone()));
    assert_eq!(world.get("admin-a", "/v1/policy").await.json(), expected);
    let work: Vec<Work> = world.queue.take().into_iter().map(|job| job.work).collect();
    assert_eq!(work, [Work::PlanDay {}]);
}

#[tokio::test]
async fn an_edit_of_an_older_version_is_a_conflict() {
    let world = World::with_two_organisations().await;
    for version in [1, u32::MAX] {
        let mut late = edit();
        late["based_on"] = json!(version);
        let (status, error) = world.put("admin-a", "/v1/policy", &late).await.error();
        assert_eq!((status, &error["code"]), (409, &json!("conflict")));
    }
    assert!(world.queue.jobs().is_empty());
}

#[tokio::test]
async fn every_fault_of_a_policy_names_its_field() {
    let world = World::with_two_organisations().await;
    let cases: Vec<(&str, Value, &str, &str)> = vec![
        ("/policy/name", json!(""), "policy.name", "1 to 60 characters are needed"),
        ("/policy/steps", json!([]), "policy.steps", "at least one step is needed"),
        ("/policy/steps/1/offset_days", json!(400), "policy.steps", "an offset lies between -60 and 365 days, not 400"),
        (
            "/policy/calendar/week",
            json!([null, null, null, null, null, null, null]),
            "policy.calendar.week",
            "at least one weekday needs hours",
        ),
        (
            "/policy/caps/per_seven_days",
            json!(0),
            "policy.caps.per_seven_days",
            "at least one message in seven days must be allowed",
        ),
        ("/policy/minimum_total/AED", json!(-1), "policy.minimum_total.AED", "an amount must not be negative"),
        (
            "/policy/calendar/week/0/end",
            json!("07:00"),
            "policy.calendar.week[0]",
            "a window must end after it starts, on the same day",
        ),
        (
            "/policy/calendar/week/0/end",
            json!("7am"),
            "policy.calendar.week[0].end",
            "a time of day is written HH:MM, from 00:00 to 24:00",
        ),
        ("/policy/caps/gap_days", json!("2"), "policy.caps.gap_days", "invalid type: string \"2\", expected u8"),
        (
            "/policy/state",
            json!("on"),
            "policy.state",
            "unknown variant `on`, expected one of `draft`, `active`, `inactive`",
        ),
    ];
    for (pointer, value, field, message) in cases {
        let mut wrong = edit();
        *wrong.pointer_mut(pointer).unwrap() = value;
        let answer = world.put("admin-a", "/v1/policy", &wrong).await;
        assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": field, "message": message})), "{pointer}");
    }
}

#[tokio::test]
async fn an_unknown_field_anywhere_in_a_policy_is_named() {
    let world = World::with_two_organisations().await;
    for (pointer, field) in [
        ("", "surprise"),
        ("/policy", "policy.surprise"),
        ("/policy/steps/1", "policy.steps[1].surprise"),
        ("/policy/calendar", "policy.calendar.surprise"),
        ("/policy/calendar/week/0", "policy.calendar.week[0].surprise"),
        ("/policy/caps", "policy.caps.surprise"),
    ] {
        let mut wrong = edit();
        wrong.pointer_mut(pointer).unwrap()["surprise"] = json!(1);
        let (status, error) = world.put("admin-a", "/v1/policy", &wrong).await.error();
        assert_eq!((status, &error["field"]), (400, &json!(field)), "{error}");
    }
}
