use jiff::SignedDuration;
use numo_app::{
    port::ledger::{LedgerError, Limit},
    store::{
        sync::{SyncKind, SyncRun},
        task::TaskAbout,
    },
};
use numo_domain::{
    connection::{Connection, ConnectionStatus, LedgerProvider},
    plan::brakes::Brake,
    reminder::DeliveryStatus,
};
use serde_json::json;

use crate::{
    client::Answer,
    ledger::skipped,
    seed::{ATTEMPT_A, CONNECTION_A, at, org},
    world::{World, now},
};

pub(crate) fn shows(page: &Answer, texts: &[&str]) {
    for text in texts {
        assert!(page.text.contains(text), "{text:?} is not in {}", page.text);
    }
}

/// The nonce of a page's script, which its policy must name.
fn nonce(page: &Answer) -> String {
    let nonce = page.text.split("<script nonce=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(nonce.len(), 32);
    nonce.to_owned()
}

#[tokio::test]
async fn a_plan_that_waits_for_an_answer_asks_its_question_on_the_page_and_in_the_api() {
    let world = World::with_two_organisations().await;
    world.save_plan_with("org_a", vec![Brake::UnusualVolume]).await;
    let question = "This plan is more than twice as large as usual. Is that right?";
    shows(&world.page_at("/plan", Some("member-a")).await, &[question]);
    let plan = world.get("member-a", "/v1/plans/2026-11-24").await.json();
    assert_eq!(plan["header"]["questions"], json!([{"code": "unusual_volume", "question": question}]));
}

#[tokio::test]
async fn the_page_says_so_where_only_an_explicit_opt_in_counts() {
    let world = World::with_two_organisations().await;
    let sentence = "Reminders go only to customers who explicitly opted in.";
    for only in [true, false] {
        let form = json!({"explicit_opt_in_only": only});
        world.put("admin-a", "/v1/organisation/explicit-opt-in-only", &form).await;
        assert_eq!(world.page_at("/settings/consent", Some("member-a")).await.text.contains(sentence), only);
    }
}

#[tokio::test]
async fn thanks_on_the_page_name_what_arrived_and_a_part_payment_what_is_left() {
    for (paid, shown) in [(137_622, ">AED 1,376.22 received<"), (37_622, ">AED 1,000.00<")] {
        let world = World::with_two_organisations().await;
        world.thank_and_pay(paid, "2026-11-23").await;
        world.save_plan("org_a").await;
        shows(&world.page_at("/plan", Some("member-a")).await, &[shown, "has received your payment of AED"]);
    }
}

#[tokio::test]
async fn the_page_shows_organisation_plan_reminders_and_tasks() {
    let world = World::with_two_organisations().await;
    let id = "018f0000-0000-7000-8000-000000000001".parse().unwrap();
    let run = SyncRun {
        ended_at: Some(now()),
        calls: 4,
        contacts_read: 3,
        invoices_read: 5,
        money_read: 2,
        skipped: 1,
        ..SyncRun::begun(id, CONNECTION_A.parse().unwrap(), SyncKind::First, now())
    };
    world.store.save_sync_run(&org("org_a"), &run, now()).await.unwrap();
    world.save_plan("org_a").await;
    let claimed = world.claim(ATTEMPT_A, 2, "2026-11-24T05:00:00Z").await;
    let failed_at = at("2026-11-24T05:02:00Z");
    let failed = DeliveryStatus::Failed { code: 131_026 };
    world.status(claimed.attempt, failed, failed_at).await;
    world.store.open_task(&org("org_a"), TaskAbout::OutcomeUnknown(claimed.attempt), now()).await.unwrap();
    world.table.take_counts();
    let at = |path: &'static str| world.page_at(path, Some("member-a"));
    let home = at("/").await;
    assert_eq!((home.status.as_u16(), home.header("content-type")), (200, "text/html; charset=utf-8"));
    let expected = [
        "<title>Home · Harbour Lane · Numo</title>",
        "<a href=\"/\" aria-current=\"page\">Home</a>",
        "value=\"pause\">Pause everything</button>",
        "It is not known whether a message went out",
        "<p class=\"big\">1 reminder</p>",
        "The plan waits for an admin's approval.",
        "<span class=\"big\">AED 1,376.22</span> <span class=\"soft\">in 1 open invoice; AED 1,376.22 overdue</span>",
        "<rect class=\"bar-1\" x=\"0\" y=\"0\" width=\"1000\" height=\"36\"/>",
        "1 to 30 days</td><td class=\"amount\">AED 1,376.22</td>",
    ];
    shows(&home, &expected);
    let connections = at("/connections").await;
    let expected = [
        "\">Harbour Lane Books</a></h3>",
        "24 Nov 2026, 09:00</time>.",
        "<p class=\"soft\">Xero</p>",
        "The latest read, of everything: 3 customers, 5 invoices and 2 payments, credits and bills read \
         in 4 calls, rows that could not be read: 1.",
        "An admin can connect an accounting system.",
        "<span class=\"tag\">ready to send</span>",
        "<p>+971509990000</p>",
    ];
    shows(&connections, &expected);
    let plan = at("/plan").await;
    let expected = [
        "<h2>Tue 24 Nov 2026 (today)</h2>",
        "1 to send, 0 not. An admin has to approve it before anything is sent.",
        "Hello Acme Trading, this is Harbour Lane. According to our books",
    ];
    shows(&plan, &expected);
    let reminders = at("/reminders").await;
    shows(&reminders, &["<span class=\"tag\">failed (code 131026)</span>", "Hello Acme Trading, please pay."]);
    for page in [home, connections, plan, reminders] {
        assert!(!page.text.contains("+971501234567"), "the number of a customer is on the page");
    }
    assert_eq!(world.table.counts().items_written, 0);
}

#[tokio::test]
async fn a_new_organisation_is_told_what_to_do_next() {
    let world = World::empty();
    let home = world.page(Some("admin-a")).await;
    let expected = [
        "<title>Home · Your organisation · Numo</title>",
        "First steps: 0 of 5 done",
        "<h3>Connect your accounting system</h3><a class=\"button quiet end\" href=\"/connections\">Connect</a>",
        "<h3>Connect your WhatsApp Business number</h3>",
        "<h3>Confirm that your customers may be written to</h3>",
        "<h3>Switch a policy on</h3>",
        "The day is not planned yet.",
        "Not counted yet: that is done once your accounting system was read for the first time.",
    ];
    shows(&home, &expected);
    let connections = world.page_at("/connections", Some("admin-a")).await;
    let expected = [
        "No accounting system is connected yet.",
        "<a class=\"button\" href=\"https://numo.example/oauth/xero/start\">Connect Xero</a>",
        ">Connect QuickBooks</a>",
        "No WhatsApp number is connected yet.",
    ];
    shows(&connections, &expected);
    for (path, words) in [
        ("/plan", "<p>No plan was made for this day yet.</p>"),
        ("/plan", "<a href=\"/plan/ahead?day=2026-11-24\">Look ahead: what would go out as things stand</a>"),
        ("/plan?day=2026-11-25", "<a href=\"/plan/ahead?day=2026-11-25\">"),
        ("/plan?day=2026-11-23", "<p>No plan was made for this day.</p>"),
        ("/customers", "Not counted yet who owes something:"),
        ("/invoices", "There is no such invoice."),
        ("/messages", "No customer has written yet."),
        ("/reminders", "No reminder was sent yet."),
        ("/activity", "Nothing was done yet."),
        ("/settings/consent", "Not confirmed yet"),
        ("/settings/cost", "It can be set once the rates are known."),
        ("/settings/exports", "No archive was made in the last 30 days."),
    ] {
        shows(&world.page_at(path, Some("admin-a")).await, &[words]);
    }
    shows(&world.part_at("/plan/ahead", "admin-a").await, &["There is no open invoice to write about."]);
}

async fn change(world: &World, change: impl Fn(&mut Connection) + Send + Sync) {
    world.store.change_connection(&org("org_a"), CONNECTION_A.parse().unwrap(), now(), change).await.unwrap();
}

#[tokio::test]
async fn a_ledger_shows_what_the_owner_has_to_know_of_it() {
    let world = World::with_two_organisations().await;
    let limited = LedgerError::RateLimited { limit: Limit::Day, retry_after: Some(SignedDuration::from_hours(3)) };
    world.sync(|held| held.skipped = vec![skipped("i-7", Some("INV-<7>")), skipped("i-8", None)]).await;
    world.sync(|held| held.refusals.push_back(limited)).await;
    change(&world, |connection| {
        connection.provider = LedgerProvider::Quickbooks;
        connection.own_reminders = Some(true);
        connection.consent_ends_at = Some(at("2031-11-01T08:00:00Z"));
    })
    .await;
    let page = world.page_at("/connections", Some("admin-a")).await;
    shows(
        &page,
        &[
            "QuickBooks · the consent ends on <time datetime=\"2031-11-01T08:00:00Z\"",
            "It is left alone until <time datetime=\"2026-11-24T09:00:00Z\"",
            ">24 Nov 2026, 13:00</time>, because its calls of this day are used up.",
            "The ledger sends reminders of its own as well",
            "ended early: 0 customers",
            "to be put right in QuickBooks: 2</summary>",
            "<li>invoice INV-&#60;7&#62;: CurrencyCode: missing</li>",
            "<li>invoice with the id i-8: CurrencyCode: missing</li>",
            "Connect QuickBooks again, or another organisation",
        ],
    );
}

#[tokio::test]
async fn a_ledger_that_is_not_read_says_why() {
    let world = World::with_two_organisations().await;
    let cases = [
        (ConnectionStatus::ReauthRequired, "It has to be connected again."),
        (ConnectionStatus::Suspended, "Its accounting system does not serve it now"),
        (ConnectionStatus::Disconnected, "It is disconnected: nothing is read and nothing is sent for it."),
    ];
    for (status, sentence) in cases {
        change(&world, |connection| connection.status = status).await;
        shows(&world.page_at("/connections", Some("member-a")).await, &[sentence]);
    }
}

#[tokio::test]
async fn a_day_that_is_not_planned_is_looked_at_with_every_reason_in_a_sentence() {
    let world = World::with_two_organisations().await;
    world
        .store
        .change_organisation(&org("org_a"), now(), |profile| {
            profile.pause = Some(numo_domain::organisation::Pause {
                since: now(),
                by: numo_domain::organisation::PausedBy::Operator,
                until: Some(jiff::civil::date(2026, 12, 1)),
            });
        })
        .await
        .unwrap();
    let page = world.page_at("/plan/ahead", Some("admin-a")).await;
    let paused = "by Numo's operators. Nothing is sent before 1 Dec 2026.";
    shows(&page, &["Everything is paused since", paused, "Working out what would go out."]);
    shows(
        &world.part_at("/plan/ahead", "admin-a").await,
        &[
            "0 to send, 1 not. This is a look ahead: what would go out as things stand now.",
            "<li>Numo has stopped sending for a while. It may end on 1 Dec 2026.</li>",
        ],
    );
}

#[tokio::test]
async fn names_from_the_ledger_cannot_become_markup() {
    let world = World::empty();
    let probe = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>";
    world.seed("org_a", CONNECTION_A, probe).await;
    for (path, times) in [
        ("/", 0),
        ("/customers", 1),
        (&format!("/customers/{CONNECTION_A}/c-1"), 3),
        ("/invoices", 1),
        (&format!("/invoices/{CONNECTION_A}/i-1"), 1),
        ("/connections", 0),
        ("/reminders", 0),
        ("/activity", 0),
    ] {
        let page = world.page_at(path, Some("admin-a")).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.text.contains("<script>") && !page.text.contains("<img src=x"), "{path}");
        assert_eq!(page.text.matches("alert(&#39;x&#39;)").count(), times, "{path}");
    }
    let ahead = world.part_at("/plan/ahead", "admin-a").await;
    assert!(!ahead.text.contains("<script>") && !ahead.text.contains("<img src=x"));
    assert_eq!(ahead.text.matches("alert(&#39;x&#39;)").count(), 2);
}

#[tokio::test]
async fn a_look_ahead_is_loaded_after_its_page_which_waits_for_no_decision() {
    let world = World::with_two_organisations().await;
    world.table.take_counts();
    let page = world.page_at("/plan/ahead?day=2026-11-25", Some("member-a")).await;
    assert_eq!(world.table.take_counts().calls(), 1, "the organisation, and whether everybody is stopped");
    let waits = "<div id=\"ahead\" class=\"awaited\" aria-busy=\"true\" hx-get=\"/plan/ahead?day=2026-11-25\" hx-trigger=\"load\" hx-swap=\"outerHTML\"><div><p role=\"status\">Working out what would go out.";
    shows(
        &page,
        &[waits, "role=\"alert\" hidden>This did not work. <a href=\"/plan/ahead?day=2026-11-25\">Try again</a>"],
    );
    assert!(!page.text.contains("Acme"), "{}", page.text);
    let alone = "/plan/ahead?day=2026-11-25&show=alone";
    shows(&page, &[&format!("<a href=\"{}\">Show it on a page of its own</a>", alone.replace('&', "&#38;"))]);
    shows(&world.page_at(alone, Some("member-a")).await, &["<h2>Wed 25 Nov 2026</h2>", "This is a look ahead", "Acme"]);
    let part = world.part_at("/plan/ahead?day=2026-11-25", "member-a").await;
    assert!(
        part.text.starts_with("<div id=\"ahead\" class=\"loaded\"><p>") && part.text.contains("Acme"),
        "{}",
        part.text
    );
    for asked in ["?day=2026-11-23", "?day=2026-11-26"] {
        let path = format!("/plan/ahead{asked}");
        for answer in [world.page_at(&path, Some("member-a")).await, world.part_at(&path, "member-a").await] {
            assert_eq!(answer.status, 400, "{asked}");
            shows(&answer, &["a look ahead is possible for today and tomorrow"]);
        }
    }
}

#[tokio::test]
async fn a_page_may_use_our_files_and_clerks_and_nothing_else() {
    let world = World::with_two_organisations().await;
    let first = world.page(Some("admin-a")).await;
    let policy = first.header("content-security-policy");
    let own = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    let clerk = "https://clerk.numo.example";
    let guards = "https://challenges.cloudflare.com https://*.protect.clerk.com";
    let expected = format!(
        "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; \
         style-src 'self' 'unsafe-inline'; script-src 'self' 'nonce-{own}' {clerk} {guards}; \
         connect-src 'self' {clerk} https://*.protect.clerk.com:*; img-src 'self' {clerk} https://img.clerk.com; \
         worker-src 'self' blob:; frame-src {guards}"
    );
    assert_eq!(policy, expected);
    assert_ne!(world.page(Some("admin-a")).await.header("content-security-policy"), policy);
    assert_eq!(first.text.matches("<script").count(), first.text.matches("<script defer").count());
    let mut names: Vec<&str> = first.headers.keys().map(axum::http::HeaderName::as_str).collect();
    names.sort_unstable();
    let expected = [
        "cache-control",
        "content-length",
        "content-security-policy",
        "content-type",
        "cross-origin-opener-policy",
        "referrer-policy",
        "strict-transport-security",
        "x-content-type-options",
        "x-request-id",
    ];
    assert_eq!(names, expected);
    assert_eq!((first.header("cache-control"), first.header("referrer-policy")), ("no-store", "same-origin"));
}

#[tokio::test]
async fn without_a_valid_cookie_a_shell_signs_in_with_clerk_and_shows_nothing() {
    let world = World::with_two_organisations().await;
    world.table.take_counts();
    for token in [None, Some("expired"), Some("made-up"), Some("")] {
        let page = world.page_at("/plan", token).await;
        assert_eq!(page.status, 200);
        let own = nonce(&page);
        shows(
            &page,
            &[
                "<script defer crossorigin=\"anonymous\" src=\"https://clerk.numo.example/npm/@clerk/ui@1/dist/ui.browser.js\">",
                "data-clerk-publishable-key=\"pk_test_1\"",
                "src=\"https://clerk.numo.example/npm/@clerk/clerk-js@6/dist/clerk.browser.js\"",
                &format!("<script nonce=\"{own}\">"),
                "redirectToSignIn",
            ],
        );
        assert_eq!(page.text.matches("<script").count(), 3);
        assert!(
            page.header("content-security-policy").contains(&format!("script-src 'self' 'nonce-{own}' https://clerk."))
        );
    }
    assert_eq!(world.table.counts().calls(), 0);
}

#[tokio::test]
async fn somebody_without_an_organisation_gets_a_shell_that_finds_one() {
    let page = World::empty().page(Some("nobody")).await;
    assert_eq!(page.status, 403);
    shows(&page, &["data-organisation=\"none\"", "Looking for your organisation"]);
}

#[tokio::test]
async fn when_sessions_cannot_be_checked_the_page_says_so() {
    let page = World::empty().page(Some("down")).await;
    assert_eq!(page.status, 503);
    shows(&page, &["This page cannot be shown at the moment", "Nothing was lost"]);
}
