//! Connections on their pages: what is shown of each, and how they are changed and ended.

use jiff::SignedDuration;
use numo_app::{
    job::Work,
    port::session::Role,
    store::{
        sync::{SyncKind, SyncRun},
        task::TaskAbout,
    },
};
use numo_domain::{
    connection::{ConnectionStatus, LedgerProvider},
    restriction::{Restriction, RestrictionKind},
    sender::{Sender, SenderStatus},
    whatsapp_account::AccountTrouble,
};
use serde_json::json;

use crate::{
    client::{Answer, request, send},
    ledger::skipped,
    seed::{CONNECTION_A, at, org},
    world::{World, now},
};

const PROBE: &str = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>";

fn shows(page: &Answer, texts: &[&str]) {
    for text in texts {
        assert!(page.text.contains(text), "{text:?} is not in {}", page.text);
    }
}

fn path(end: &str) -> String {
    format!("/connections/{CONNECTION_A}{end}")
}

/// What a hidden field of a page says.
fn hidden(page: &Answer, name: &str) -> String {
    let field = format!("name=\"{name}\" value=\"");
    page.text.split(&field).nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn demote_ann(world: &World, role: Role) {
    world.people.join(&org("org_a"), &"user_ann".parse().unwrap(), role);
}

/// A second number of organisation A's account 100, as `change` has it.
async fn second_number(world: &World, change: impl Fn(&mut Sender)) {
    let mut sender = world.store.senders(&org("org_a")).await.unwrap().remove(0);
    sender.phone_number_id = "201".parse().unwrap();
    sender.number = "+971509990001".parse().unwrap();
    change(&mut sender);
    world.store.save_sender(&org("org_a"), &sender, now()).await.unwrap();
}

async fn status(world: &World) -> ConnectionStatus {
    world.store.connection(&org("org_a"), CONNECTION_A.parse().unwrap()).await.unwrap().unwrap().status
}

#[tokio::test]
async fn the_page_of_a_ledger_says_what_was_read_and_what_could_not_be() {
    let world = World::with_two_organisations().await;
    world.sync(|held| held.skipped = vec![skipped("i-7", Some("INV-<7>")), skipped("i-8", None)]).await;
    let run = SyncRun {
        ended_at: Some(now()),
        contacts_read: 1_234,
        invoices_read: 77,
        left_out: 3,
        skipped: 2,
        ..SyncRun::begun(
            "018f0000-0000-7000-8000-000000000001".parse().unwrap(),
            CONNECTION_A.parse().unwrap(),
            SyncKind::Sweep,
            at("2026-11-24T05:59:00Z"),
        )
    };
    world.store.save_sync_run(&org("org_a"), &run, now()).await.unwrap();
    let page = world.page_at(&path(""), Some("member-a")).await;
    shows(
        &page,
        &[
            "<h1>Accounting system</h1>",
            "<h2 class=\"plain\" id=\"name\">Palm Trading</h2>",
            "<dt>Its id there</dt><dd>tenant-1</dd>",
            "<dt>Read next</dt><dd>about <time",
            "It does not say whether it sends reminders of its own. Look in Xero",
            "everything open<br><span class=\"soft small\">whole</span>",
            "<td class=\"amount\">1234</td><td class=\"amount\">77</td>",
            "<td class=\"amount\">5<br><span class=\"soft small\">3 of erased customers</span>",
            "<td>invoice INV-&#60;7&#62;</td><td>CurrencyCode: missing</td>",
            "<td>invoice with the id i-8</td>",
            "<option value=\"\" selected>Any number that no other ledger has for itself</option>",
        ],
    );
    let (_, content) = page.text.split_once("<main").unwrap();
    assert!(!content.contains("<button") && !content.contains("Disconnect"), "members have no controls: {content}");
}

#[tokio::test]
async fn reminders_of_the_ledger_itself_are_told_with_where_they_are_switched_off() {
    let world = World::with_two_organisations().await;
    for (provider, own, words) in [
        (LedgerProvider::Xero, Some(true), "Switch them off in Xero under Invoice reminders."),
        (LedgerProvider::Quickbooks, Some(true), "Switch them off in QuickBooks under Account and settings"),
        (LedgerProvider::Quickbooks, None, "Look in QuickBooks under Account and settings"),
        (LedgerProvider::Xero, Some(false), "Its own reminders are off."),
    ] {
        let change = |ledger: &mut numo_domain::connection::Connection| {
            (ledger.provider, ledger.own_reminders) = (provider, own);
        };
        world.store.change_connection(&org("org_a"), CONNECTION_A.parse().unwrap(), now(), change).await.unwrap();
        shows(&world.page_at(&path(""), Some("admin-a")).await, &[words]);
    }
}

#[tokio::test]
async fn a_number_is_chosen_for_a_ledger_over_what_its_page_showed() {
    let world = World::with_two_organisations().await;
    second_number(&world, |_| {}).await;
    let revision = hidden(&world.page_at(&path(""), Some("admin-a")).await, "revision");
    let choose = |number: &'static str| [("phone_number_id", number), ("revision", revision.as_str())].to_vec();
    for (number, sentence) in [("x y", "choose one of the numbers"), ("999", "this number is not connected")] {
        let answer = world.form("admin-a", &path("/sender"), &choose(number)).await;
        assert_eq!(answer.status, 400, "{number}");
        shows(&answer, &[&format!("<strong>phone number id</strong>: {sentence}")]);
    }
    let answer = world.form("admin-a", &path("/sender"), &choose("201")).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, path("?done=saved").as_str()));
    shows(&world.page_at(&path(""), Some("member-a")).await, &["<option value=\"201\" selected>+971509990001"]);
    let stale = world.form("admin-a", &path("/sender"), &choose("200")).await;
    assert_eq!(stale.status, 412);
    shows(&stale, &["Something changed in between"]);
    let any = world.form("admin-a", &path("/sender"), &[("phone_number_id", "")]).await;
    assert_eq!(any.status, 303);
    assert_eq!(world.get("admin-a", &format!("/v1/connections/{CONNECTION_A}")).await.json()["sender"], json!(null));
}

#[tokio::test]
async fn a_ledger_is_ended_by_whoever_types_its_name_and_is_an_admin_at_that_moment() {
    let world = World::with_two_organisations().await;
    let page = world.page_at(&path("/end"), Some("admin-a")).await;
    shows(
        &page,
        &[
            "<h1>Disconnect an accounting system</h1>",
            "Harbour Lane Books, Xero",
            "The tokens that open it are deleted as soon as it was told, and after a day in any case.",
            "whoever connects it again goes on where it stopped",
            "Type <strong>Harbour Lane Books</strong> to disconnect it",
        ],
    );
    let member = world.page_at(&path("/end"), Some("member-a")).await;
    assert!(member.text.contains("Only an admin can disconnect it.") && !member.text.contains("name=\"confirm\""));
    let revision = hidden(&page, "revision");
    for (typed, status) in [("", 400), ("Harbour Lane", 400), ("harbour lane books", 400)] {
        let answer = world.form("admin-a", &path("/end"), &[("confirm", typed)]).await;
        assert_eq!(answer.status, status, "{typed}");
        shows(&answer, &["<strong>confirm</strong>: "]);
    }
    let typed = [("confirm", "Harbour Lane  Books "), ("revision", revision.as_str())];
    demote_ann(&world, Role::Member).await;
    assert_eq!(world.form("admin-a", &path("/end"), &typed).await.status, 403);
    demote_ann(&world, Role::Admin).await;
    world.people.set_down(true);
    assert_eq!(world.form("admin-a", &path("/end"), &typed).await.status, 503, "nobody else says who is an admin");
    world.people.set_down(false);
    world.put("admin-a", &format!("/v1/connections/{CONNECTION_A}/sender"), &json!({"phone_number_id": "200"})).await;
    assert_eq!(world.form("admin-a", &path("/end"), &typed).await.status, 412);
    assert_eq!(status(&world).await, ConnectionStatus::Active);
    let answer = world.form("admin-a", &path("/end"), &[("confirm", "Harbour Lane Books")]).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/connections?done=ledger_ended"));
    assert_eq!(status(&world).await, ConnectionStatus::Disconnected);
    let unlink = Work::UnlinkConnection { connection: CONNECTION_A.parse().unwrap() };
    assert!(world.queue.jobs().iter().any(|job| job.work == unlink));
    let page = world.page_at("/connections?done=ledger_ended", Some("admin-a")).await;
    shows(&page, &["The accounting system is disconnected.", ">Connect it again</a>"]);
    assert!(!page.text.contains("Read now"));
    assert_eq!(world.page_at(&path("/end"), Some("admin-a")).await.status, 409);
    let ended = world.page_at(&path(""), Some("admin-a")).await;
    assert!(!ended.text.contains("/end\">Disconnect") && !ended.text.contains("Read next"), "{}", ended.text);
}

#[tokio::test]
async fn a_whatsapp_account_is_shown_with_all_that_meta_says_of_it() {
    let world = World::with_two_organisations().await;
    let until = at("2026-11-27T06:00:00Z");
    second_number(&world, |sender| {
        sender.status = SenderStatus::Blocked;
        sender.daily_limit = Some(250);
        sender.is_on_biz_app = true;
        sender.looked_at = Some(now());
        sender.restriction = Some(Restriction { kind: RestrictionKind::BusinessInitiated, until: Some(until) });
    })
    .await;
    let about = TaskAbout::WhatsappTrouble { waba: "100".parse().unwrap(), trouble: AccountTrouble::Payment };
    world.store.open_task(&org("org_a"), about, now()).await.unwrap();
    let page = world.page_at("/connections", Some("admin-a")).await;
    shows(
        &page,
        &[
            "<p>+971509990000</p>",
            "<span class=\"tag\">ready to send</span>",
            "Meta told no limit of people in 24 hours, and handle 80 messages a second.",
            "<span class=\"tag warn\">blocked by WhatsApp</span>",
            "<p>+971509990001 · also in the WhatsApp Business app</p>",
            "WhatsApp restricted the account for a while.",
            "WhatsApp lets it write first to nobody until <time datetime=\"2026-11-27T06:00:00Z\"",
            "It may begin to write to 250 people in 24 hours, and handle 20 messages a second. Meta was asked <time",
            "Meta has no working way to be paid",
            "href=\"/connections/numbers/201/end\">Disconnect</a>",
            "href=\"/connections/accounts/100/end\">Disconnect the account</a>",
            "Make a link</button>",
        ],
    );
    let member = world.page_at("/connections", Some("member-a")).await;
    let (_, content) = member.text.split_once("<main").unwrap();
    assert!(!content.contains("<button") && !content.contains("Disconnect"), "{content}");
}

#[tokio::test]
async fn numbers_and_accounts_are_ended_by_what_is_typed_and_say_what_came_of_it() {
    let world = World::with_two_organisations().await;
    second_number(&world, |_| {}).await;
    let number = "/connections/numbers/201/end";
    shows(
        &world.page_at(number, Some("admin-a")).await,
        &["The account with its other numbers, its access and its texts.", "Type <strong>+971509990001</strong>"],
    );
    let wrong = world.form("admin-a", number, &[("confirm", "+971509990000")]).await;
    shows(&wrong, &["<strong>confirm</strong>: type it as the page shows it."]);
    demote_ann(&world, Role::Member).await;
    assert_eq!(world.form("admin-a", number, &[("confirm", "+971509990001")]).await.status, 403);
    demote_ann(&world, Role::Admin).await;
    let ended = world.form("admin-a", number, &[("confirm", "+971 50 999 0001")]).await;
    assert_eq!((ended.status.as_u16(), ended.header("location")), (303, "/connections?done=number_ended"));
    let last = world.page_at("/connections/numbers/200/end", Some("admin-a")).await;
    shows(&last, &["without another number no reminder goes out at all"]);
    let account = "/connections/accounts/100/end";
    shows(&world.page_at(account, Some("admin-a")).await, &["account 100, with all of its numbers"]);
    assert_eq!(world.form("admin-a", account, &[("confirm", "200")]).await.status, 400);
    // There is no token, so that nobody can be told.
    let ended = world.form("admin-a", account, &[("confirm", "100")]).await;
    assert_eq!((ended.status.as_u16(), ended.header("location")), (303, "/connections?done=meta_not_told"));
    let page = world.page_at("/connections?done=meta_not_told", Some("admin-a")).await;
    shows(
        &page,
        &["Meta could not be told: remove Numo in Meta&#39;s business", "No WhatsApp number is connected yet."],
    );
    assert_eq!(world.page_at(account, Some("admin-a")).await.status, 404);
    assert!(world.store.senders(&org("org_b")).await.unwrap().len() == 1, "another organisation's number stays");
}

#[tokio::test]
async fn whatever_is_of_another_organisation_does_not_exist() {
    let world = World::with_two_organisations().await;
    second_number(&world, |sender| sender.waba = "101".parse().unwrap()).await;
    world.make_setup_link().await;
    world.table.take_counts();
    for foreign in
        [path(""), path("/end"), "/connections/numbers/201/end".into(), "/connections/accounts/101/end".into()]
    {
        let page = world.page_at(&foreign, Some("admin-b")).await;
        assert_eq!(page.status, 404, "{foreign}");
    }
    for (foreign, fields) in [
        (path("/sender"), [("phone_number_id", "200")]),
        (path("/read"), [("confirm", "")]),
        (path("/end"), [("confirm", "Harbour Lane Books")]),
        ("/connections/numbers/201/end".into(), [("confirm", "+971509990001")]),
        ("/connections/accounts/101/end".into(), [("confirm", "101")]),
        ("/connections/links/withdrawal".into(), [("id", crate::setup_links::SETUP_A)]),
    ] {
        let answer = world.form("admin-b", &foreign, &fields).await;
        assert_eq!(answer.status, 404, "{foreign}: {}", answer.text);
    }
    assert_eq!(world.table.counts().items_written, 0);
    for path in [path("x"), "/connections/x/end".to_owned(), "/connections/x".to_owned()] {
        assert_eq!(world.page_at(&path, Some("admin-a")).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_link_for_a_client_is_shown_once_and_taken_back() {
    let world = World::with_two_organisations().await;
    let made = world.form("admin-a", "/connections/links", &[]).await;
    assert_eq!((made.status.as_u16(), made.header("cache-control")), (200, "no-store"));
    let url = made.text.split("aria-label=\"The address\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let opened = send(&world.router, request("GET", url.strip_prefix("https://numo.example").unwrap(), None)).await;
    shows(&opened, &["You were asked to connect the WhatsApp account of <strong>Harbour Lane</strong>"]);
    let page = world.page_at("/connections", Some("admin-a")).await;
    shows(&page, &["by user_ann@people.example, works until <time datetime=\"2026-12-01T06:00:00Z\""]);
    assert!(!page.text.contains(url), "the address is shown once");
    shows(&world.page_at("/connections", Some("member-a")).await, &["1 link for a client waits to be used."]);
    let id = hidden(&page, "id");
    let taken = world.form("admin-a", "/connections/links/withdrawal", &[("id", &id)]).await;
    assert_eq!(taken.header("location"), "/connections?done=link_taken_back");
    assert_eq!(world.form("admin-a", "/connections/links/withdrawal", &[("id", &id)]).await.status, 404);
    let gone = send(&world.router, request("GET", url.strip_prefix("https://numo.example").unwrap(), None)).await;
    assert_eq!(gone.status, 404);
    let without = World::empty();
    assert_eq!(without.form("admin-a", "/connections/links", &[]).await.status, 404);
    assert!(!without.page_at("/connections", Some("admin-a")).await.text.contains("Make a link"));
}

#[tokio::test]
async fn names_from_a_ledger_and_from_meta_cannot_become_markup_where_they_are_connected() {
    let world = World::with_two_organisations().await;
    world.sync(|held| held.skipped = vec![skipped(PROBE, None), skipped("i-7", Some(PROBE))]).await;
    let change = |ledger: &mut numo_domain::connection::Connection| ledger.name = PROBE.to_owned();
    world.store.change_connection(&org("org_a"), CONNECTION_A.parse().unwrap(), now(), change).await.unwrap();
    second_number(&world, |sender| sender.verified_name = PROBE.to_owned()).await;
    let pages = ["/connections".to_owned(), path(""), path("/end"), "/connections/numbers/201/end".to_owned()];
    for page in pages {
        let shown = world.page_at(&page, Some("admin-a")).await;
        assert_eq!(shown.status, 200, "{page}");
        assert!(!shown.text.contains("<script>") && !shown.text.contains("<img src=x"), "{page}: {}", shown.text);
        assert!(shown.text.contains("alert(&#39;x&#39;)"), "{page}: {}", shown.text);
    }
    let typed = world.form("admin-a", &path("/end"), &[("confirm", PROBE)]).await;
    assert_eq!(typed.status, 303, "{}", typed.text);
}

#[tokio::test]
async fn a_first_read_is_watched_from_the_connection_to_its_end_and_not_for_ever() {
    let world = World::with_two_organisations().await;
    let change = |ledger: &mut numo_domain::connection::Connection| {
        (ledger.connected_at, ledger.last_synced_at) = (now(), None);
    };
    world.store.change_connection(&org("org_a"), CONNECTION_A.parse().unwrap(), now(), change).await.unwrap();
    let watched = "hx-trigger=\"every 3s\"";
    let page = world.page_at("/connections", Some("member-a")).await;
    shows(&page, &[watched, "It is being read for the first time.", "<noscript><p><a href=\"/connections\">"]);
    let id = "018f0000-0000-7000-8000-000000000001".parse().unwrap();
    let run = SyncRun::begun(id, CONNECTION_A.parse().unwrap(), SyncKind::First, now());
    for (invoices_read, ended_at, is_watched) in [(0, None, true), (500, None, true), (900, Some(now()), false)] {
        let run = SyncRun { invoices_read, ended_at, ..run.clone() };
        world.store.save_sync_run(&org("org_a"), &run, now()).await.unwrap();
        let page = world.page_at("/connections", Some("member-a")).await;
        shows(&page, &[&format!("{invoices_read} invoices and")]);
        assert_eq!(page.text.contains(watched), is_watched, "{invoices_read}");
    }
    world.store.save_sync_run(&org("org_a"), &run, now()).await.unwrap();
    world.clock.set(now() + SignedDuration::from_hours(3));
    assert!(!world.page_at("/connections", Some("member-a")).await.text.contains(watched));
}
