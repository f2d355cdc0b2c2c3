//! Forms of the console: whose they are, what they do, and what is said where they are not carried out.

use serde_json::json;

use crate::{
    backlog::old,
    seed::{ATTEMPT_A, CONNECTION_A, GROUP_A, aed, org},
    setup_links::SETUP_A,
    world::World,
};

/// Every form, with fields that would be carried out.
fn forms() -> Vec<(String, Vec<(&'static str, &'static str)>)> {
    let edit = format!("/customers/{CONNECTION_A}/c-1/edit");
    vec![
        ("/pause".to_owned(), vec![("everything", "pause")]),
        ("/plan/approve".to_owned(), vec![("day", "2026-11-24"), ("generation", "1")]),
        ("/plan/anew".to_owned(), vec![]),
        (format!("/connections/{CONNECTION_A}/read"), vec![]),
        (format!("/connections/{CONNECTION_A}/sender"), vec![("phone_number_id", "200")]),
        (format!("/connections/{CONNECTION_A}/end"), vec![("confirm", "Harbour Lane Books")]),
        ("/connections/numbers/200/end".to_owned(), vec![("confirm", "+971509990000")]),
        ("/connections/accounts/100/end".to_owned(), vec![("confirm", "100")]),
        ("/connections/links/withdrawal".to_owned(), vec![("id", SETUP_A)]),
        (edit.clone(), vec![("edit", "exclude"), ("reason", "a friend")]),
        (edit.clone(), vec![("edit", "snooze"), ("until", "2026-12-01")]),
        (edit.clone(), vec![("edit", "hold"), ("on", "2026-11-24")]),
        (edit.clone(), vec![("edit", "move"), ("to", "2026-11-26")]),
        (edit.clone(), vec![("edit", "promise"), ("date", "2026-11-30")]),
        (edit.clone(), vec![("edit", "open_dispute"), ("invoice", "i-1"), ("reason", "wrong goods")]),
        (edit.clone(), vec![("edit", "policy"), ("policy", "default")]),
        (edit, vec![("edit", "include")]),
        (format!("/customers/{CONNECTION_A}/c-1/backlog"), vec![("start", "gently"), ("invoice", "i-70")]),
        (format!("/customers/{CONNECTION_A}/c-1/consent"), vec![("state", "opted_out"), ("reason", "by phone")]),
        (format!("/customers/{CONNECTION_A}/c-1/export"), vec![("id", ATTEMPT_A)]),
        (format!("/customers/{CONNECTION_A}/c-1/erasure"), vec![("confirm", "Acme Trading")]),
        (format!("/customers/{CONNECTION_A}/c-2/number"), vec![("number", "+971501234599")]),
        (format!("/customers/{CONNECTION_A}/c-2/number"), vec![("take_back", "yes")]),
        ("/messages/key-c-1/200".to_owned(), vec![("id", ATTEMPT_A), ("text", "Thank you.")]),
        ("/policies/default/state".to_owned(), vec![("version", "2"), ("state", "inactive")]),
        ("/policies/default/state".to_owned(), vec![("version", "2"), ("state", "active")]),
        ("/policies/backlog".to_owned(), vec![("start", "gently")]),
        ("/policies/default".to_owned(), policy(("version", "2"))),
        (
            "/policies/new".to_owned(),
            [policy(("id", ATTEMPT_A)), vec![("for", "group"), ("priority", "9"), ("countries", "GB")]].concat(),
        ),
        (format!("/policies/{GROUP_A}/delete"), vec![("version", "1"), ("confirm", "Standard")]),
        ("/settings".to_owned(), vec![("setting", "language"), ("language", "ar")]),
        ("/settings/consent".to_owned(), vec![("setting", "attestation"), ("version", "2")]),
        ("/settings/consent".to_owned(), vec![("setting", "explicit_opt_in_only"), ("explicit_opt_in_only", "yes")]),
        ("/settings/mails".to_owned(), vec![("recipients", "chosen"), ("member", "user_max")]),
        (
            "/settings/cost".to_owned(),
            vec![("setting", "rates"), ("currency", "usd"), ("rate_elsewhere", "0.08"), ("rates", "AE 0.0576")],
        ),
        ("/settings/cost".to_owned(), vec![("setting", "no_cap")]),
        ("/settings/ending".to_owned(), vec![("confirm", "Harbour Lane")]),
        ("/settings/ending/withdrawal".to_owned(), vec![]),
        ("/settings".to_owned(), vec![("setting", "ramp"), ("per_day", "50")]),
        ("/settings".to_owned(), vec![("setting", "pace"), ("per_ten_minutes", "")]),
        ("/settings/exports".to_owned(), vec![("id", ATTEMPT_A)]),
        ("/seen".to_owned(), vec![("notice", NOTICE)]),
        ("/test/number".to_owned(), vec![("number", "forget")]),
    ]
}

/// What Meta told, as the page has it.
const NOTICE: &str =
    r#"{"kind":"account_notice","subject":{"waba":"100","notice":{"what":"violation","word":"SPAM"}}}"#;

/// The form of a policy, with what it is saved over.
fn policy(over: (&'static str, &'static str)) -> Vec<(&'static str, &'static str)> {
    let step = [("days_0", "3"), ("side_0", "after"), ("tone_0", "gentle")];
    let hours = [("open_0", "yes"), ("from_0", "09:00"), ("to_0", "17:00")];
    let limits = [("gap_days", "2"), ("per_seven_days", "3"), ("catch_up_days", "3")];
    [&[over, ("do", "save"), ("name", "Short")][..], &step, &hours, &limits].concat()
}

async fn world() -> World {
    let world = World::with_two_organisations().await;
    world.save_group("org_a", GROUP_A).await;
    world.save_plan("org_a").await;
    world.says("wamid.1", "2026-11-24T05:00:00Z", "hello?").await;
    world.tell("org_a").await;
    old(&world, "i-70", "2026-09-15", aed(50_000)).await;
    world.make_setup_link().await;
    world.table.take_counts();
    world
}

#[tokio::test]
async fn a_form_is_carried_out_and_leads_to_a_page_that_says_so() {
    for (path, fields) in forms() {
        let world = world().await;
        let answer = world.form("admin-a", &path, &fields).await;
        assert_eq!(answer.status, 303, "{path} {fields:?}: {}", answer.text);
        let page = world.page_at(answer.header("location"), Some("admin-a")).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.text.contains("<p class=\"notice\" role=\"status\">"), "{path}: {}", page.text);
    }
}

#[tokio::test]
async fn members_pause_snooze_note_promises_and_disputes_test_on_themselves_and_are_refused_everything_else() {
    for (path, fields) in forms() {
        let world = world().await;
        let answer = world.form("member-a", &path, &fields).await;
        let edits = ["snooze", "promise", "open_dispute"].map(|edit| ("edit", edit));
        let is_written = path == "/pause" || fields.iter().any(|field| edits.contains(field));
        let is_open = is_written || path == "/test/number";
        assert_eq!(answer.status, if is_open { 303 } else { 403 }, "{path} {fields:?}");
        assert_eq!(world.table.counts().items_written > 0, is_written, "{path} {fields:?}");
    }
}

#[tokio::test]
async fn a_form_from_elsewhere_or_of_somebody_else_changes_nothing() {
    let world = world().await;
    let token =
        |page: &str| page.split("name=\"form_token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mine = token(&world.page(Some("admin-a")).await.text);
    let colleague = token(&world.page(Some("member-a")).await.text);
    let other = token(&world.page(Some("admin-b")).await.text);
    let changed = format!("0{}", mine.get(1..).unwrap());
    let here = "https://numo.example";
    for (path, fields) in forms() {
        for (origin, token) in [
            ("https://evil.example", mine.as_str()),
            ("null", &mine),
            ("https://numo.example.evil.example", &mine),
            (here, &colleague),
            (here, &other),
            (here, &changed),
            (here, "made-up"),
            (here, ""),
        ] {
            let answer = world.form_with("admin-a", &path, (origin, token), &fields).await;
            assert_eq!(answer.status, 403, "{path} {origin} {token}");
            assert!(answer.text.contains("You may not do this"), "{}", answer.text);
        }
        let signed_out = world.form_with("expired", &path, (here, &mine), &fields).await;
        assert!(signed_out.text.contains("Signing in"), "{path}");
    }
    assert_eq!(world.table.counts().items_written, 0);
    assert!(world.queue.jobs().is_empty());
}

/// An address, the fields that are sent to it, and the status and the sentence of the answer.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], u16, &'a str);

#[tokio::test]
async fn a_form_that_cannot_be_carried_out_says_which_field_and_why() {
    let world = world().await;
    let edit = format!("/customers/{CONNECTION_A}/c-1/edit");
    let cases: [Case<'_>; 24] = [
        ("/pause", &[], 400, "<strong>everything</strong>: it has to be filled in."),
        ("/pause", &[("everything", "stop")], 400, "<strong>everything</strong>: pause or resume is needed."),
        ("/pause", &[("everything", "pause"), ("until", "soon")], 400, "<strong>until</strong>: choose a day."),
        ("/plan/approve", &[("day", "x"), ("generation", "1")], 400, "<strong>day</strong>: a date such as 2026-11-24"),
        ("/plan/approve", &[("day", "2026-11-24"), ("generation", "7")], 409, "the plan was made anew since"),
        ("/plan/approve", &[("day", "2026-11-25"), ("generation", "1")], 404, "plan not found"),
        (
            "/settings/consent",
            &[("setting", "attestation"), ("version", "1")],
            400,
            "<strong>version</strong>: the statement in force is",
        ),
        (&edit, &[("edit", "exclude"), ("reason", " ")], 400, "<strong>reason</strong>: it has to be filled in."),
        (
            &edit,
            &[("edit", "snooze"), ("until", "2026-11-24")],
            400,
            "<strong>until</strong>: choose a later day than today.",
        ),
        (&edit, &[("edit", "promise"), ("date", "2026-11-23")], 400, "<strong>date</strong>: a promise is for today"),
        (&edit.replace("edit", "number"), &[], 400, "<strong>number</strong>: it has to be filled in."),
        (&edit.replace("edit", "number"), &[("number", "call me")], 400, "<strong>number</strong>: "),
        ("/messages/key-c-1/200", &[("id", "x"), ("text", "Hello")], 400, "<strong>id</strong>: open the conversation"),
        ("/messages/key-c-1/200", &[("id", ATTEMPT_A)], 400, "<strong>text</strong>: it has to be filled in."),
        ("/messages/key-9/200", &[("id", ATTEMPT_A), ("text", "Hello")], 404, "conversation not found"),
        ("/policies/default/state", &[("version", "1"), ("state", "active")], 409, "Something changed in between"),
        ("/policies/default/state", &[("version", "2"), ("state", "on")], 400, "<strong>state</strong>: active or"),
        (
            "/policies/backlog",
            &[("start", "hard")],
            400,
            "<strong>start</strong>: leave_out, gently or by_age is needed.",
        ),
        (
            "/settings",
            &[("setting", "language"), ("language", "tlh")],
            400,
            "<strong>language</strong>: choose a language.",
        ),
        ("/settings", &[("setting", "ramp"), ("per_day", "0")], 400, "<strong>per day</strong>: between 1 and"),
        ("/settings", &[("setting", "zone")], 400, "<strong>setting</strong>: this page has no such button"),
        ("/settings/exports", &[("id", "x")], 400, "<strong>id</strong>: open the page again."),
        (&edit, &[("edit", "forget")], 400, "this page has no such button"),
        (&edit.replace("c-1", "c-9"), &[("edit", "include")], 404, "customer not found"),
    ];
    for (path, fields, status, sentence) in cases {
        let answer = world.form("admin-a", path, fields).await;
        assert_eq!(answer.status, status, "{path} {fields:?}: {}", answer.text);
        assert!(answer.text.contains(sentence), "{sentence}: {}", answer.text);
    }
    assert_eq!(world.table.counts().items_written, 0);
}

#[tokio::test]
async fn a_form_leads_back_to_a_page_of_ours_and_nowhere_else() {
    let world = world().await;
    for (back, location) in [
        ("/plan?day=2026-11-24", "/plan?day=2026-11-24&done=paused"),
        ("/customers", "/customers?done=paused"),
        ("https://evil.example/", "/?done=paused"),
        ("//evil.example", "/?done=paused"),
        ("/\\evil.example", "/?done=paused"),
    ] {
        let answer = world.form("admin-a", "/pause", &[("everything", "pause"), ("back", back)]).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, location));
    }
}

#[tokio::test]
async fn a_pause_from_a_page_holds_everything_until_somebody_goes_on() {
    let world = world().await;
    world.form("member-a", "/pause", &[("everything", "pause")]).await;
    assert_eq!(world.get("admin-a", "/v1/organisation").await.json()["paused"], json!(true));
    assert!(world.page(Some("member-a")).await.text.contains("Everything is paused since"));
    world.form("member-a", "/pause", &[("everything", "resume")]).await;
    assert_eq!(world.get("admin-a", "/v1/organisation").await.json()["paused"], json!(false));
}

#[tokio::test]
async fn a_plan_is_approved_from_its_page_as_it_was_looked_at() {
    let world = world().await;
    let page = world.page_at("/plan", Some("admin-a")).await;
    assert!(
        page.text.contains("<input type=\"hidden\" name=\"generation\" value=\"1\"><button>Approve all 1</button>")
    );
    assert!(!world.page_at("/plan", Some("member-a")).await.text.contains("Approve all"));
    world.form("admin-a", "/plan/approve", &[("day", "2026-11-24"), ("generation", "1")]).await;
    let date = "2026-11-24".parse().unwrap();
    let header = world.store.plan_header(&org("org_a"), date).await.unwrap().unwrap().value;
    assert!(header.approval.is_given());
    assert!(!world.page_at("/plan", Some("admin-a")).await.text.contains("Approve all"));
}
