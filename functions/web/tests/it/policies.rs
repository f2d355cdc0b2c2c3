use axum::http::StatusCode;
use numo_app::job::Work;
use serde_json::{Value, json};

use crate::{
    client::{send, signed},
    seed::{CONNECTION_A, CONNECTION_B, GROUP_A},
    world::World,
};

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
    let shown = world.get("member-a", "/v1/policies/default").await.json();
    let day = json!({"start": "09:00", "end": "17:00"});
    let step = |id: u8, offset: i8, tone: &str| json!({"id": id, "offset_days": offset, "tone": tone, "text": null});
    let expected = json!({
        "id": "default", "name": "Standard", "version": 1, "state": "draft",
        "steps": [step(1, -3, "friendly"), step(2, 3, "gentle"), step(3, 10, "firm"), step(4, 21, "final")],
        "calendar": {"week": [day, day, day, day, day, null, null], "closed": [], "overrides": {}},
        "caps": {"gap_days": 2, "per_seven_days": 3}, "minimum_total": {}, "approval": "required",
        "highest_step": 4, "audience": "organisation", "repeat": null, "clock": "organisation", "catch_up_days": 3,
        "only_marked_sent": false, "hold_when_we_owe": true, "thank_you": false, "language": null, "active_since": null,
        "edited_at": "1970-01-01T00:00:00Z", "release_holds_after": null, "pay_link": false, "pdf": false,
    });
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn an_edit_is_saved_as_the_next_version_and_wakes_planning() {
    let world = World::with_two_organisations().await;
    let mut expected = edit()["policy"].take();
    for step in expected["steps"].as_array_mut().unwrap() {
        step["text"] = Value::Null;
    }
    expected["version"] = json!(3);
    expected["highest_step"] = json!(4);
    expected["edited_at"] = json!("2026-11-24T06:00:00Z");
    // What the edit leaves out is as it is for everybody; in force it is since it was switched on.
    for (field, value) in [
        ("id", json!("default")),
        ("audience", json!("organisation")),
        ("repeat", Value::Null),
        ("clock", json!("organisation")),
        ("catch_up_days", json!(3)),
        ("only_marked_sent", json!(false)),
        ("hold_when_we_owe", json!(true)),
        ("thank_you", json!(false)),
        ("pay_link", json!(false)),
        ("pdf", json!(false)),
        ("release_holds_after", Value::Null),
        ("language", Value::Null),
        ("active_since", json!("2026-11-02T08:00:00Z")),
    ] {
        expected[field] = value;
    }
    let answer = world.put("admin-a", "/v1/policies/default", &edit()).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, expected.clone()));
    assert_eq!(world.get("admin-a", "/v1/policies/default").await.json(), expected);
    let work: Vec<Work> = world.queue.take().into_iter().map(|job| job.work).collect();
    assert_eq!(work, [Work::PlanDay {}]);
}

#[tokio::test]
async fn a_step_is_given_a_text_of_the_pack_that_fits_it() {
    let world = World::with_two_organisations().await;
    let with_text = |place: usize, text: &str| {
        let mut changed = edit();
        changed["policy"]["steps"][place]["text"] = json!(text);
        changed["policy"]["pdf"] = json!(true);
        changed
    };
    let saved = world.put("admin-a", "/v1/policies/default", &with_text(1, "statement")).await.json();
    assert_eq!((&saved["steps"][1]["text"], &saved["pdf"]), (&json!("statement"), &json!(true)));
    let of_first = "the step at -3 days is not after the due date, and statement is for what is overdue";
    for (place, text, message) in [
        (0, "statement", of_first),
        (1, "overdue_final", "the text overdue_final is firmer than the step at 3 days"),
        (1, "thank_you", "the text thank_you is not for a step to choose"),
    ] {
        let mut wrong = with_text(place, text);
        wrong["based_on"] = json!(3);
        let answer = world.put("admin-a", "/v1/policies/default", &wrong).await;
        assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": "policy.steps", "message": message})));
    }
    let mut unknown = with_text(1, "shouting");
    unknown["based_on"] = json!(3);
    let (status, error) = world.put("admin-a", "/v1/policies/default", &unknown).await.error();
    assert_eq!((status, &error["field"]), (400, &json!("policy.steps[1].text")));
}

#[tokio::test]
async fn a_policy_lets_holds_end_by_themselves_and_takes_it_back() {
    let world = World::with_two_organisations().await;
    for (version, days) in [(2, json!(5)), (3, json!(30)), (4, Value::Null)] {
        let mut changed = edit();
        changed["based_on"] = json!(version);
        changed["policy"]["release_holds_after"] = days.clone();
        let answer = world.put("admin-a", "/v1/policies/default", &changed).await.json();
        assert_eq!((&answer["version"], &answer["release_holds_after"]), (&json!(version + 1), &days));
        assert_eq!(world.get("member-a", "/v1/policies/default").await.json(), answer);
    }
    for (days, message) in [
        (json!(4), "between 5 and 30 business days, or none, not 4"),
        (json!(31), "between 5 and 30 business days, or none, not 31"),
        (json!(256), "invalid value: integer `256`, expected u8"),
        (json!(-1), "invalid value: integer `-1`, expected u8"),
        (json!("5"), "invalid type: string \"5\", expected u8"),
    ] {
        let mut wrong = edit();
        wrong["based_on"] = json!(5);
        wrong["policy"]["release_holds_after"] = days;
        let answer = world.put("admin-a", "/v1/policies/default", &wrong).await;
        let field = "policy.release_holds_after";
        assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": field, "message": message})));
    }
    assert_eq!(world.get("member-a", "/v1/policies/default").await.json()["version"], 5);
}

#[tokio::test]
async fn an_edit_of_an_older_version_is_a_conflict() {
    let world = World::with_two_organisations().await;
    for version in [1, u32::MAX] {
        let mut late = edit();
        late["based_on"] = json!(version);
        let (status, error) = world.put("admin-a", "/v1/policies/default", &late).await.error();
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
        let answer = world.put("admin-a", "/v1/policies/default", &wrong).await;
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
        let (status, error) = world.put("admin-a", "/v1/policies/default", &wrong).await.error();
        assert_eq!((status, &error["field"]), (400, &json!(field)), "{error}");
    }
}

/// A new policy of the customer c-1 and whoever owes much; its steps take the next numbers.
pub(crate) fn new_group(priority: u16) -> Value {
    let mut policy = edit()["policy"].take();
    policy["name"] = json!("Key accounts");
    policy["steps"] = json!([{"offset_days": 7, "tone": "gentle"}]);
    let chosen = json!({"chosen": [{"connection": CONNECTION_A, "contact": "c-1"}]});
    let rich = json!({"owes_at_least": {"currency": "AED", "minor": 10_000_000}});
    policy["audience"] = json!({"group": {"priority": priority, "members": [chosen, rich]}});
    json!({"policy": policy})
}

/// The policies by which today's decisions would be made.
async fn applied(world: &World) -> Vec<Value> {
    let plan = world.get("member-a", "/v1/plan").await.json();
    plan["decisions"].as_array().unwrap().iter().map(|decision| decision["policy"].clone()).collect()
}

async fn ids(world: &World) -> Vec<Value> {
    let listed = world.get("member-a", "/v1/policies").await.json();
    listed["policies"].as_array().unwrap().iter().map(|policy| policy["id"].clone()).collect()
}

#[tokio::test]
async fn a_groups_policy_claims_its_customers_until_it_is_deleted_and_its_versions_stay() {
    let world = World::with_two_organisations().await;
    assert_eq!(applied(&world).await, ["default"]);
    let created = world.post("admin-a", "/v1/policies", &new_group(1)).await.json();
    let id = created["id"].clone();
    let path = format!("/v1/policies/{}", id.as_str().unwrap());
    // The organisation's own steps have the numbers 1 to 4.
    assert_eq!((&created["steps"][0]["id"], &created["version"]), (&json!(5), &json!(1)));
    assert_eq!(ids(&world).await, [json!("default"), id.clone()]);
    assert_eq!(applied(&world).await, std::slice::from_ref(&id));
    let mut changed = new_group(1);
    changed["based_on"] = json!(1);
    changed["policy"]["name"] = json!("Friends");
    let changed = world.put("admin-a", &path, &changed).await.json();
    // Its day is known, so the step keeps its number.
    assert_eq!((&changed["steps"][0]["id"], &changed["version"]), (&json!(5), &json!(2)));
    assert_eq!(world.get("member-a", &path).await.json(), changed);
    let delete = |version: u8| signed("admin-a", "DELETE", &path, Some(&json!({"based_on": version})));
    assert_eq!(send(&world.router, delete(1)).await.status, StatusCode::CONFLICT);
    assert_eq!(send(&world.router, delete(2)).await.json(), json!({"deleted": id}));
    assert_eq!((ids(&world).await, applied(&world).await), (vec![json!("default")], vec![json!("default")]));
    assert_eq!(send(&world.router, delete(2)).await.status, StatusCode::NOT_FOUND);
    let versions = world.get("member-a", &format!("{path}/versions")).await.json();
    let names: Vec<&Value> = versions["versions"].as_array().unwrap().iter().map(|version| &version["name"]).collect();
    assert_eq!(names, ["Key accounts", "Friends"]);
    // Numbers are not given out again.
    let next = world.post("admin-a", "/v1/policies", &new_group(1)).await.json();
    assert_eq!(next["steps"][0]["id"], json!(6));
    let work: Vec<Work> = world.queue.take().into_iter().map(|job| job.work).collect();
    assert_eq!(work, [Work::PlanDay {}, Work::PlanDay {}, Work::PlanDay {}, Work::PlanDay {}]);
}

#[tokio::test]
async fn a_policy_for_nobody_for_strangers_or_for_whom_another_one_is_made_is_refused() {
    let world = World::with_two_organisations().await;
    world.save_group("org_a", GROUP_A).await;
    let customer = |connection: &str, contact: &str| json!({"connection": connection, "contact": contact});
    let group = |members: Value| json!({"group": {"priority": 2, "members": members}});
    let single = json!({"customer": customer(CONNECTION_A, "c-1")});
    let mut first = new_group(2);
    first["policy"]["audience"] = single.clone();
    assert_eq!(world.post("admin-a", "/v1/policies", &first).await.status, StatusCode::OK);
    let strangers = "there is no customer c-9 in this connection";
    let others = "there is no customer c-1 in this connection";
    let everybody = "the organisation's own policy is for everybody, every other one for a group or a customer";
    for (audience, field, message) in [
        (json!("organisation"), "policy.audience", everybody),
        (new_group(1)["policy"]["audience"].take(), "policy.audience.group.priority", "another group has the number 1"),
        (single, "policy.audience.customer", "this customer has a policy already"),
        (group(json!([])), "policy.audience.group.members", "say who is in the group"),
        (group(json!([{"chosen": []}])), "policy.audience.group.members", "say who is in the group"),
        (group(json!([{"ledger_group": " "}])), "policy.audience.group.members", "the ledger's group needs its name"),
        (
            group(json!([{"owes_at_least": {"currency": "AED", "minor": 0}}])),
            "policy.audience.group.members",
            "the amount owed must be above zero",
        ),
        (group(json!([{"chosen": [customer(CONNECTION_A, "c-9")]}])), "policy.audience", strangers),
        (json!({"customer": customer(CONNECTION_B, "c-1")}), "policy.audience", others),
    ] {
        let mut wrong = new_group(2);
        wrong["policy"]["audience"] = audience;
        let answer = world.post("admin-a", "/v1/policies", &wrong).await;
        assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": field, "message": message})));
    }
    let mut narrow = edit();
    narrow["policy"]["audience"] = new_group(3)["policy"]["audience"].take();
    let answer = world.put("admin-a", "/v1/policies/default", &narrow).await;
    assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": "policy.audience", "message": everybody})));
    assert_eq!(ids(&world).await.len(), 3);
}

#[tokio::test]
async fn a_policy_that_is_not_there_and_one_of_another_organisation_are_not_found() {
    let world = World::with_two_organisations().await;
    world.save_group("org_a", GROUP_A).await;
    let group = format!("/v1/policies/{GROUP_A}");
    for (token, path) in [("admin-b", group.as_str()), ("admin-a", "/v1/policies/made-up")] {
        let mut edited = new_group(1);
        let deletion = json!({"based_on": 1});
        for version in [0, 1] {
            edited["based_on"] = json!(version);
            assert_eq!(world.put(token, path, &edited).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(world.get(token, path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(world.get(token, &format!("{path}/versions")).await.status, StatusCode::NOT_FOUND);
        let answer = send(&world.router, signed(token, "DELETE", path, Some(&deletion))).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(ids(&world).await, ["default", GROUP_A]);
    let own = signed("admin-a", "DELETE", "/v1/policies/default", Some(&json!({"based_on": 2})));
    assert_eq!(send(&world.router, own).await.status, StatusCode::CONFLICT);
}
