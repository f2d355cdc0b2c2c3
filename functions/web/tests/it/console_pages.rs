//! Pages of the console one by one, and what they load.

use axum::http::header;
use http_body_util::BodyExt as _;
use numo_domain::{contact::Contact, contact::ContactNumber, invoice::Invoice};
use serde_json::json;
use tower::ServiceExt as _;

use crate::{
    client::request,
    seed::{ATTEMPT_A, CONNECTION_A, CONNECTION_B, contact, invoice, org},
    world::{World, now},
};

/// Every page without an id in its address.
pub(crate) const PAGES: [&str; 23] = [
    "/",
    "/plan",
    "/plan/ahead",
    "/customers",
    "/customers/numbers",
    "/customers/opt-ins",
    "/invoices",
    "/numbers",
    "/messages",
    "/reminders",
    "/policies",
    "/policies/default",
    "/test",
    "/templates",
    "/connections",
    "/activity",
    "/settings",
    "/settings/consent",
    "/settings/mails",
    "/settings/cost",
    "/settings/exports",
    "/settings/ending",
    "/clients",
];

#[tokio::test]
async fn customers_who_owe_and_have_no_number_stand_first_by_what_is_overdue() {
    let world = World::with_two_organisations().await;
    for (id, name, minor) in [("c-7", "Small Debt", 100), ("c-8", "Large Debt", 9_000_000)] {
        let lost = Contact { number: ContactNumber::Missing, first_key: None, ..contact(CONNECTION_A, id, name) };
        world.store.upsert_contact(&org("org_a"), None, &lost, now()).await.unwrap();
        let mut owed = Invoice { id: format!("i-{id}").parse().unwrap(), ..invoice(&lost) };
        owed.remaining.minor = minor;
        world.store.upsert_invoice(&org("org_a"), None, &owed, now(), now()).await.unwrap();
    }
    world.count_owed("org_a").await;
    let page = world.page_at("/customers", Some("member-a")).await;
    let names = ["Large Debt", "Small Debt", "Acme Trading"];
    let places: Vec<usize> = names.iter().map(|name| page.text.find(&format!(">{name}</a>")).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
    for words in [
        "2 customers owe something and cannot be reminded",
        "<span class=\"small warn\">no number in the ledger</span></td><td class=\"amount\"><strong>AED 90,000.00</strong><br><span class=\"warn small\">3 days overdue</span>",
        "<span class=\"small soft\">+971•••••67</span>",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(!page.text.contains("No Number Ltd"), "who owes nothing is found by name");
    let these = world.page_at("/customers?number=none", Some("member-a")).await;
    assert!(these.text.contains("Large Debt") && !these.text.contains("Acme Trading"));
}

#[tokio::test]
async fn a_number_is_typed_where_it_is_missing_and_taken_back() {
    let world = World::with_two_organisations().await;
    let path = format!("/customers/{CONNECTION_A}/c-2");
    let number = [("number", "050 123 4599"), ("back", "/customers")];
    let answer = world.form("admin-a", &format!("{path}/number"), &number).await;
    assert_eq!(answer.header("location"), "/customers?done=number_typed");
    let page = world.page_at(&path, Some("admin-a")).await;
    assert!(
        page.text.contains("a number was typed a moment ago") && page.text.contains("typed here <time"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("050 123 4599"), "whole numbers are on no page");
    world.form("admin-a", &format!("{path}/number"), &[("take_back", "yes")]).await;
    let page = world.page_at(&path, Some("admin-a")).await;
    assert!(page.text.contains("no number in the ledger") && !page.text.contains("typed here"), "{}", page.text);
}

#[tokio::test]
async fn a_customer_is_found_by_a_part_of_the_name_which_no_address_has() {
    let world = World::with_two_organisations().await;
    let found = world.form("member-a", "/customers", &[("name", "TRAD")]).await;
    assert_eq!(found.status, 200);
    assert!(found.text.contains("Acme Trading") && !found.text.contains("Landline LLC"));
    let owes_nothing = world.form("member-a", "/customers", &[("name", "number l")]).await;
    assert!(owes_nothing.text.contains("No Number Ltd"));
    let none = world.form("member-a", "/customers", &[("name", "<b>")]).await;
    assert!(none.text.contains("No customer has “&#60;b&#62;” in the name."));
}

#[tokio::test]
async fn the_page_of_a_customer_says_what_is_owed_decided_and_why_or_why_not() {
    let world = World::with_two_organisations().await;
    world.claim(ATTEMPT_A, 2, "2026-11-24T05:00:00Z").await;
    let path = format!("/v1/customers/{CONNECTION_A}/c-1/file");
    for edit in [
        json!({"edit": "promise", "date": "2026-11-30"}),
        json!({"edit": "open_dispute", "invoice": "i-1", "reason": "wrong goods"}),
        json!({"edit": "exclude", "reason": "a friend"}),
    ] {
        assert_eq!(world.post("admin-a", &path, &edit).await.status, 200);
    }
    world.save_plan("org_a").await;
    let page = world.page_at(&format!("/customers/{CONNECTION_A}/c-1"), Some("admin-a")).await;
    for words in [
        "<h1>Acme Trading</h1>",
        "<dd>+971•••••67 <a href",
        "<a href=\"/invoices/018f0000-0000-7000-8000-0000000000a1/i-1\">INV-1</a> <span class=\"tag warn\">disputed</span>",
        "21 Nov 2026</span> <span class=\"warn small\">3 days overdue</span>",
        "a friend</dd>",
        "Promised for 30 Nov 2026",
        "INV-1 is disputed: wrong goods",
        "Said nothing about being written to.",
        "<h3>AED</h3><ul><li>The customer is excluded from reminders.</li>",
        "Hello Acme Trading, please pay.",
        "Remind again</button>",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    let earlier = format!("/customers/{CONNECTION_A}/c-1?day=2026-11-01");
    let earlier = world.page_at(&earlier, Some("member-a")).await;
    assert!(earlier.text.contains("read from the accounting system on 24 Nov 2026 for the first time"));
    assert!(!earlier.text.contains("Remind again"), "members decide nothing here");
}

#[tokio::test]
async fn invoices_are_shown_by_state_and_found_by_their_number() {
    let world = World::with_two_organisations().await;
    let of = |query: &'static str| world.page_at(query, Some("member-a"));
    let open = of("/invoices").await;
    assert!(open.text.contains("<strong aria-current=\"page\">Open</strong>"));
    assert!(open.text.contains(">INV-1</a> <span class=\"tag\">open</span>") && open.text.contains("3 days overdue"));
    assert!(of("/invoices?state=paid").await.text.contains("There is no such invoice."));
    assert!(of("/invoices?state=&number=inv").await.text.contains(">INV-1</a>"));
    assert!(of("/invoices?state=open&number=99").await.text.contains("There is no such invoice."));
    assert_eq!(of("/invoices?state=late").await.status, 400);
    world.claim(ATTEMPT_A, 2, "2026-11-24T05:00:00Z").await;
    let one = world.page_at(&format!("/invoices/{CONNECTION_A}/i-1"), Some("member-a")).await;
    for words in ["<h1>Invoice INV-1</h1>", ">Acme Trading</a>", "no page is known", "Hello Acme Trading, please pay."]
    {
        assert!(one.text.contains(words), "{words}: {}", one.text);
    }
}

#[tokio::test]
async fn a_page_of_something_of_another_organisation_is_one_of_something_that_does_not_exist() {
    let world = World::with_two_organisations().await;
    for path in ["customers", "invoices"] {
        let id = if path == "customers" { "c-1" } else { "i-1" };
        let foreign = world.page_at(&format!("/{path}/{CONNECTION_A}/{id}"), Some("admin-b")).await;
        let absent =
            world.page_at(&format!("/{path}/018f0000-0000-7000-8000-00000000ffff/{id}"), Some("admin-b")).await;
        assert_eq!((foreign.status.as_u16(), &foreign.text), (404, &absent.text), "{path}");
        assert!(foreign.text.contains("There is nothing here"));
    }
    for path in PAGES {
        let page = world.page_at(path, Some("admin-b")).await;
        // The examples of the texts have a customer of this name as well.
        let has_examples = ["/policies/default", "/test"].contains(&path);
        assert!((has_examples || !page.text.contains("Acme")) && !page.text.contains(CONNECTION_A), "{path}");
    }
    assert!(world.page_at("/customers", Some("admin-b")).await.text.contains(CONNECTION_B));
}

#[tokio::test]
async fn looking_at_pages_changes_nothing() {
    let world = World::with_two_organisations().await;
    world.save_plan("org_a").await;
    world.table.take_counts();
    for path in PAGES {
        assert_eq!(world.page_at(path, Some("admin-a")).await.status, 200, "{path}");
    }
    assert_eq!(world.table.counts().items_written, 0);
    assert!(world.queue.jobs().is_empty());
}

#[tokio::test]
async fn what_a_customer_wrote_is_read_and_answered_while_the_window_is_open() {
    let world = World::with_two_organisations().await;
    world.says("wamid.1", "2026-11-24T05:00:00Z", "Is this <b>yours</b>?").await;
    let list = world.page_at("/messages", Some("member-a")).await;
    for words in [
        "<a href=\"/messages/key%2Dc%2D1/200\">Acme Trading</a>",
        "<span class=\"tag warn end\">1 unread</span>",
        "+971•••••67 · last wrote <time datetime=\"2026-11-24T05:00:00Z\"",
        "can be answered until <time datetime=\"2026-11-25T05:00:00Z\"",
    ] {
        let words = words.replace("%2D", "-");
        assert!(list.text.contains(&words), "{words}: {}", list.text);
    }
    let talk = world.page_at("/messages/key-c-1/200", Some("admin-a")).await;
    assert!(talk.text.contains("<blockquote>Is this &#60;b&#62;yours&#60;/b&#62;?</blockquote>"), "{}", talk.text);
    let id = talk.text.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let fields = [("id", id), ("text", "Yes, it is ours.")];
    for _ in 0..2 {
        assert_eq!(world.form("admin-a", "/messages/key-c-1/200", &fields).await.status, 303);
    }
    let talk = world.page_at("/messages/key-c-1/200", Some("member-a")).await;
    assert_eq!(talk.text.matches("Yes, it is ours.").count(), 1, "a form that is sent twice is one answer");
    assert!(talk.text.contains("An admin can answer until") && !talk.text.contains("<textarea"));
    world.clock.set("2026-11-26T06:00:00Z".parse().unwrap());
    let closed = world.page_at("/messages/key-c-1/200", Some("admin-a")).await;
    assert!(closed.text.contains("WhatsApp lets only a reminder through now.") && !closed.text.contains("<textarea"));
    assert!(closed.text.contains("Acme Trading (AED)</a>: "), "{}", closed.text);
}

#[tokio::test]
async fn a_policy_is_shown_around_the_due_date_and_switched_on_and_off() {
    let world = World::with_two_organisations().await;
    let page = world.page_at("/policies", Some("admin-a")).await;
    for words in [
        "<span class=\"tag\">on</span>",
        "3 days before the due date: <strong>friendly</strong>",
        "3 days after the due date: <strong>gentle</strong>",
        "An admin approves each day",
        "For everybody whom no other policy is for.",
        "Mon 09:00 to 17:00",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    let switch = |version: &'static str, state: &'static str| [("version", version), ("state", state)];
    world.form("admin-a", "/policies/default/state", &switch("2", "inactive")).await;
    assert_eq!(world.get("admin-a", "/v1/policies/default").await.json()["state"], "inactive");
    assert!(world.page_at("/policies", Some("admin-a")).await.text.contains(">off</span>"));
    let before = world.get("admin-a", "/v1/policies/default").await.json();
    world.form("admin-a", "/policies/default/state", &switch("3", "active")).await;
    let mut after = world.get("admin-a", "/v1/policies/default").await.json();
    assert_eq!((&after["state"], &after["version"]), (&json!("active"), &json!(4)));
    for field in ["state", "version", "active_since"] {
        after[field] = before[field].clone();
    }
    assert_eq!(after, before, "nothing else of it changed");
}

#[tokio::test]
async fn somebody_in_several_organisations_sees_how_each_stands_in_numbers_alone() {
    let world = World::with_two_organisations().await;
    world.save_plan("org_a").await;
    world.says("wamid.1", "2026-11-24T05:00:00Z", "hello?").await;
    world.people.join(&org("org_b"), &"user_ann".parse().unwrap(), numo_app::port::session::Role::Member);
    let page = world.page_at("/clients", Some("admin-a")).await;
    for words in [
        "<span class=\"tag\">this one</span>",
        "1 reminder today.",
        "1 reminder waits for an approval.",
        "1 unread message of customers.",
        "The day is not planned yet.",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(!page.text.contains("Acme") && !page.text.contains("Borealis"), "counts alone");
    let alone = world.page_at("/clients", Some("admin-b")).await;
    assert!(!alone.text.contains("1 reminder"), "{}", alone.text);
}

#[tokio::test]
async fn old_invoices_wait_until_somebody_says_how_to_begin() {
    let world = World::with_two_organisations().await;
    let old = Invoice {
        id: "i-9".parse().unwrap(),
        number: "INV-9".to_owned(),
        due: "2026-09-01".parse().ok(),
        ..invoice(&contact(CONNECTION_A, "c-1", "Acme Trading"))
    };
    world.store.upsert_invoice(&org("org_a"), None, &old, now(), now()).await.unwrap();
    let waits = "hx-get=\"/policies/backlog\" hx-trigger=\"load\"";
    assert!(world.page_at("/policies", Some("admin-a")).await.text.contains(waits));
    let alone = world.page_at("/policies/backlog", Some("admin-a")).await;
    assert!(alone.text.contains("<h1>Policies</h1>") && alone.text.contains("Begin gently"), "{}", alone.text);
    let page = world.part_at("/policies/backlog", "admin-a").await;
    for words in ["1 old invoice waits for your decision", ">INV-9</a></td><td>1 Sep 2026<br>", "84 days overdue"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(!world.part_at("/policies/backlog", "member-a").await.text.contains("Begin gently"));
    world.save_plan("org_a").await;
    let counted = world.page_at("/policies", Some("member-a")).await;
    let told = "When the day was planned, 1 old invoice waited for your decision. <a href=\"#old-invoices\">";
    assert!(counted.text.contains(told), "{}", counted.text);
    world.form("admin-a", "/policies/backlog", &[("start", "leave_out")]).await;
    assert_eq!(
        world.part_at("/policies/backlog", "admin-a").await.text,
        "<div id=\"old-invoices\" class=\"loaded\"></div>"
    );
    let file = world.get("admin-a", &format!("/v1/customers/{CONNECTION_A}/c-1/file")).await.json();
    assert_eq!(file["backlog"]["i-9"]["start"], "leave_out");
}

#[tokio::test]
async fn texts_are_shown_with_what_meta_says_of_each() {
    let world = World::with_two_organisations().await;
    let page = world.page_at("/templates", Some("member-a")).await;
    assert!(page.text.contains("<span class=\"tag end\">approved</span>"), "{}", page.text);
    let none = World::empty().page_at("/templates", Some("admin-a")).await;
    assert!(none.text.contains("No text was handed to WhatsApp yet."));
}

#[tokio::test]
async fn a_ledger_that_is_being_read_is_asked_for_again_until_it_is_read() {
    let world = World::with_two_organisations().await;
    let run = numo_app::store::sync::SyncRun::begun(
        "018f0000-0000-7000-8000-000000000001".parse().unwrap(),
        CONNECTION_A.parse().unwrap(),
        numo_app::store::sync::SyncKind::First,
        now(),
    );
    world.store.save_sync_run(&org("org_a"), &run, now()).await.unwrap();
    let again = "<div id=\"ledgers\" hx-get=\"/connections\" hx-trigger=\"every 3s\" hx-swap=\"outerHTML\">";
    let part = world.part_at("/connections", "member-a").await;
    assert!(part.text.starts_with(again) && !part.text.contains("<html"), "{}", part.text);
    let done = numo_app::store::sync::SyncRun { ended_at: Some(now()), ..run };
    world.store.save_sync_run(&org("org_a"), &done, now()).await.unwrap();
    assert!(!world.page_at("/connections", Some("member-a")).await.text.contains(again));
}

#[tokio::test]
async fn a_part_that_is_asked_for_after_the_session_ended_has_the_whole_page_loaded() {
    let world = World::with_two_organisations().await;
    let mut part = request("GET", "/connections", None);
    part.headers_mut().insert("hx-request", "true".parse().unwrap());
    let answer = crate::client::send(&world.router, part).await;
    assert_eq!((answer.status.as_u16(), answer.header("hx-refresh"), answer.text.as_str()), (401, "true", ""));
}

#[tokio::test]
async fn pages_and_what_they_load_travel_compressed_and_files_are_kept_for_ever() {
    let world = World::with_two_organisations().await;
    let page = world.page(Some("admin-a")).await;
    let files: Vec<&str> = page.text.split('"').filter(|text| text.starts_with("/assets/")).collect();
    assert_eq!(files.len(), 5, "{files:?}");
    let mut bytes = 0;
    for path in files.iter().copied().chain(["/"]) {
        let mut asked = request("GET", path, None);
        asked.headers_mut().insert("cookie", "__session=admin-a".parse().unwrap());
        let plain = world.router.clone().oneshot(asked).await.unwrap();
        let mut asked = request("GET", path, None);
        asked.headers_mut().insert("cookie", "__session=admin-a".parse().unwrap());
        asked.headers_mut().insert(header::ACCEPT_ENCODING, "gzip, br".parse().unwrap());
        let packed = world.router.clone().oneshot(asked).await.unwrap();
        assert_eq!(packed.headers()[header::CONTENT_ENCODING], "gzip", "{path}");
        let kept = packed.headers()[header::CACHE_CONTROL].to_str().unwrap().to_owned();
        assert_eq!(kept, if path == "/" { "no-store" } else { "public, max-age=31536000, immutable" });
        let (plain, packed) = (plain.into_body().collect().await.unwrap(), packed.into_body().collect().await.unwrap());
        let (plain, packed) = (plain.to_bytes(), packed.to_bytes());
        assert!(packed.len() < plain.len(), "{path}");
        bytes += packed.len();
    }
    assert!(bytes < 60_000, "a page loads {bytes} bytes");
    let unknown = world.page_at("/assets/0000000000000000/console.css", None).await;
    assert_eq!(unknown.error().0, 404);
}

#[tokio::test]
async fn what_others_made_is_acknowledged_with_its_licence() {
    let page = World::empty().page_at("/acknowledgements", None).await;
    assert!(page.text.contains("htmx") && page.text.contains("Permission to use, copy, modify"), "{}", page.text);
}
