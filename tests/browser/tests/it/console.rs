//! The console as people see it: on a phone and on a desk, in light and in dark, with nothing that shuts anybody out.

use std::{fs, path::Path};

use numo_app::port::clock::Clock as _;
use numo_browser::driver::Browser;
use numo_runtime::clock::SystemClock;
use serde_json::json;

use crate::{
    axe::findings,
    books::{LEDGER, fill},
    markup::Markup,
    product::Product,
};

/// Widths that people have, with the height of their screens.
const SCREENS: [(&str, u32, u32); 2] = [("phone", 390, 844), ("desk", 1_280, 800)];

const SCHEMES: [&str; 2] = ["light", "dark"];

/// Every page, with the name of its picture and its heading.
fn pages() -> [(&'static str, String, &'static str); 42] {
    [
        ("home", "/".to_owned(), "Home"),
        ("plan", "/plan".to_owned(), "Plan"),
        ("plan-ahead", "/plan/ahead".to_owned(), "Plan"),
        ("plan-of-no-day", "/plan?day=2020-01-01".to_owned(), "Plan"),
        ("customers", "/customers".to_owned(), "Customers"),
        ("paste-numbers", "/customers/numbers".to_owned(), "Paste numbers"),
        ("import-opt-ins", "/customers/opt-ins".to_owned(), "Import opt-ins"),
        ("customer", format!("/customers/{LEDGER}/c-1"), "Blue Crane Fit-out"),
        ("customer-with-choices", format!("/customers/{LEDGER}/c-6"), "Gulf Stone Works"),
        ("customer-number", format!("/customers/{LEDGER}/c-1/number"), "WhatsApp number"),
        ("customer-timeline", format!("/customers/{LEDGER}/c-1/timeline"), "Timeline"),
        ("customer-consent", format!("/customers/{LEDGER}/c-1/consent"), "Being written to"),
        ("customer-send-now", format!("/customers/{LEDGER}/c-1/send-now?currency=AED"), "Send a reminder now"),
        ("customer-erasure", format!("/customers/{LEDGER}/c-1/erasure"), "Erase a customer"),
        ("invoices", "/invoices".to_owned(), "Invoices"),
        ("invoice", format!("/invoices/{LEDGER}/i-1"), "Invoice INV-101"),
        ("messages", "/messages".to_owned(), "Messages"),
        ("conversation", "/messages/key-1/200".to_owned(), "Messages"),
        ("policies", "/policies".to_owned(), "Policies"),
        ("policy", "/policies/default".to_owned(), "Standard"),
        ("test", "/test".to_owned(), "Test on yourself"),
        ("templates", "/templates".to_owned(), "Templates"),
        ("template", "/templates/100/overdue_gentle/en".to_owned(), "Gentle reminder"),
        ("library", "/templates/100/overdue_gentle/en/library".to_owned(), "Texts of Meta's library"),
        ("reminders", "/reminders".to_owned(), "Reminders"),
        ("connections", "/connections".to_owned(), "Connections"),
        ("ledger", format!("/connections/{LEDGER}"), "Accounting system"),
        ("ledger-end", format!("/connections/{LEDGER}/end"), "Disconnect an accounting system"),
        ("numbers", "/numbers".to_owned(), "Numbers"),
        ("settings", "/settings".to_owned(), "Settings"),
        ("settings-consent", "/settings/consent".to_owned(), "Consent"),
        ("settings-mails", "/settings/mails".to_owned(), "Mails"),
        ("settings-cost", "/settings/cost".to_owned(), "Message costs"),
        ("settings-exports", "/settings/exports".to_owned(), "Your data"),
        ("settings-ending", "/settings/ending".to_owned(), "End the account"),
        ("clients", "/clients".to_owned(), "Clients"),
        ("activity", "/activity".to_owned(), "Activity"),
        ("acknowledgements", "/acknowledgements".to_owned(), "Acknowledgements"),
        ("privacy", "/privacy".to_owned(), "Privacy"),
        ("terms", "/terms".to_owned(), "Terms"),
        ("processors", "/processors".to_owned(), "Who processes data for Numo"),
        ("data-deletion", "/data-deletion".to_owned(), "How to have your data deleted"),
    ]
}

/// Pages that only an admin has.
fn pages_of_admins() -> [(&'static str, String, &'static str); 1] {
    [("new-policy", "/policies/new".to_owned(), "New policy")]
}

/// Takes the picture of the page that is shown, which has to be whole, at rest and open to everybody.
async fn look_at(browser: &Browser, place: &str) {
    browser.is_complete().await;
    let overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth;";
    assert_eq!(browser.run(overflow).await, json!(0), "{place} is wider than the screen");
    let broken = "return document.body.dataset.broken === undefined;";
    assert_eq!(browser.run(broken).await, json!(true), "a customer's name became markup: {place}");
    let moved = "const seen = new PerformanceObserver(() => {});
        seen.observe({ type: 'layout-shift', buffered: true });
        const box = (rect) => [rect.x, rect.y, rect.width, rect.height].join(' ');
        const told = ({ node, previousRect, currentRect }) =>
            `${node?.nodeName} ${node?.textContent?.slice(0, 40)}: ${box(previousRect)} to ${box(currentRect)}`;
        return seen.takeRecords().flatMap((entry) => entry.sources.map(told));";
    assert_eq!(browser.run(moved).await, json!([]), "{place} moves while it loads");
    let pictures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/screens");
    fs::create_dir_all(&pictures).unwrap();
    fs::write(pictures.join(format!("{place}.png")), browser.picture().await).unwrap();
    let found = findings(browser).await;
    assert!(found.is_empty(), "{place}: {found:#?}");
}

/// The first page, opened by somebody who signed in at Clerk, of a business that has everything.
async fn opened(user: &str) -> Option<(Browser, Product)> {
    let browser = Browser::start().await?;
    let product = Product::start().await;
    fill(&product.store, &Product::harbour(), SystemClock.now()).await;
    product.open_account("100").await;
    browser.open(&format!("{}/", product.url)).await;
    browser.reads("h1", "Your invoices chased from your own WhatsApp number").await;
    browser.click(".hero a[href='/sign-in']").await;
    browser.click(&format!("button[value={user}]")).await;
    browser.reads("h1", "Home").await;
    Some((browser, product))
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_never_here_reads_what_it_is_on_a_phone_and_on_a_desk() {
    let Some(browser) = Browser::start().await else { return };
    let product = Product::start().await;
    for (screen, width, height) in SCREENS {
        for scheme in SCHEMES {
            browser.show_as(width, height, scheme).await;
            browser.open(&format!("{}/", product.url)).await;
            browser.reads("h1", "Your invoices chased from your own WhatsApp number").await;
            look_at(&browser, &format!("landing-{screen}-{scheme}")).await;
        }
    }
    let complaints = browser.complaints(&product.url).await;
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_whole_on_a_phone_and_on_a_desk_in_light_and_in_dark() {
    let Some((browser, product)) = opened("user_owner").await else { return };
    for (screen, width, height) in SCREENS {
        for scheme in SCHEMES {
            browser.show_as(width, height, scheme).await;
            for (name, path, heading) in pages().into_iter().chain(pages_of_admins()) {
                browser.open(&format!("{}{path}", product.url)).await;
                browser.reads("h1", heading).await;
                look_at(&browser, &format!("{name}-{screen}-{scheme}")).await;
            }
        }
    }
    let complaints = browser.complaints(&product.url).await;
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_html_as_its_standard_says_for_an_admin_and_for_a_member() {
    for user in ["user_owner", "user_member"] {
        let Some((browser, product)) = opened(user).await else { return };
        let mut markup = Markup::default();
        let of_admins = pages_of_admins().into_iter().filter(|_| user == "user_owner");
        for (name, path, heading) in pages().into_iter().chain(of_admins) {
            browser.open(&format!("{}{path}", product.url)).await;
            browser.reads("h1", heading).await;
            markup.keep(&browser, name).await;
        }
        let findings = markup.findings();
        assert!(findings.is_empty(), "{user}: {findings}");
    }
}

/// Pastes, with what the page says of one of their lines.
const PASTES: [(&str, &str, &str, &str); 2] = [
    (
        "paste-numbers-read",
        "/customers/numbers",
        "Name\tNumber\nCorniche Cafe\t050 123 4777\nAcme Trading\t050 123 4778\nrose\t0501234779\nNobody Ltd\t0501234780",
        "Left out: no customer has this name.",
    ),
    (
        "import-opt-ins-read",
        "/customers/opt-ins",
        "Customer,Number,Date,Where\nAcme Trading,050 123 4501,2026-03-01,\"Order form, terms of 2026\"\ncrane,0501234502,2026-03-01,\
         Telephone\nFalcon Logistics,0501234599,2026-03-01,Contract\nCorniche Cafe,0501234777,2026-03-01,Contract",
        "Left out: the customer has no number that can be written to.",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_a_paste_would_do_is_whole_on_a_phone_and_on_a_desk_in_light_and_in_dark() {
    let Some((browser, product)) = opened("user_owner").await else { return };
    for (screen, width, height) in SCREENS {
        for scheme in SCHEMES {
            browser.show_as(width, height, scheme).await;
            for (name, path, rows, told) in PASTES {
                browser.open(&format!("{}{path}", product.url)).await;
                browser.run(&format!("document.querySelector('#rows').value = {};", json!(rows))).await;
                browser.click(&format!("form[action='{path}'] button")).await;
                browser.reads("main", told).await;
                look_at(&browser, &format!("{name}-{screen}-{scheme}")).await;
            }
        }
    }
    let complaints = browser.complaints(&product.url).await;
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_chosen_is_read_into_its_field_and_one_that_is_too_large_is_refused() {
    let Some((browser, product)) = opened("user_owner").await else { return };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (small, large) = (folder.join("opt-ins.csv"), folder.join("too-large.csv"));
    fs::write(&small, "Acme Trading,050 123 4501,2026-03-01,Order form").unwrap();
    fs::write(&large, "x".repeat(300 * 1024)).unwrap();
    browser.open(&format!("{}/customers/opt-ins", product.url)).await;
    let read = "const rows = document.querySelector('#rows');
        const look = () => rows.value ? done(rows.value) : requestAnimationFrame(look);
        look();";
    browser.write("input[type=file]", large.to_str().unwrap()).await;
    let refused =
        browser.run("return [document.querySelector('input[type=file]').validationMessage, rows.value];").await;
    assert_eq!(refused, json!(["This file is too large. Split it, and take one part after the other.", ""]));
    browser.write("input[type=file]", small.to_str().unwrap()).await;
    assert_eq!(browser.run_and_wait(read).await, json!("Acme Trading,050 123 4501,2026-03-01,Order form"));
    browser.click("form[action='/customers/opt-ins'] button").await;
    browser.click("form[action='/customers/opt-ins/keep'] button").await;
    browser.reads("main", "Acme Trading: recorded.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_holds_one_back_approves_the_rest_and_pauses_everything() {
    let Some((browser, product)) = opened("user_owner").await else { return };
    let org = Product::harbour();
    browser.open(&format!("{}/plan", product.url)).await;
    browser.click("form[action$='/c-0/edit'] button").await;
    browser.reads(".notice", "This reminder is held back for the day.").await;
    let held =
        numo_domain::contact::ContactRef { connection: LEDGER.parse().unwrap(), contact: "c-0".parse().unwrap() };
    assert!(product.store.customer_file(&org, &held).await.unwrap().held_on.is_some());
    browser.click("form[action='/plan/approve'] button").await;
    browser.reads(".notice", "The plan is approved.").await;
    let today = product.store.organisation(&org).await.unwrap().zone.date(SystemClock.now());
    assert!(product.store.plan_header(&org, today).await.unwrap().unwrap().value.approval.is_given());
    browser.click("button[value=pause]").await;
    browser.reads(".pause", "Everything is paused since").await;
    assert!(product.store.organisation(&org).await.unwrap().pause.is_some());
    browser.click("button[value=resume]").await;
    browser.reads(".notice", "Reminders go on.").await;
    assert!(product.store.organisation(&org).await.unwrap().pause.is_none());
    let complaints = browser.complaints(&product.url).await;
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_ahead_is_loaded_after_its_page_and_says_so_where_it_is_not() {
    let Some((browser, product)) = opened("user_owner").await else { return };
    browser.open(&format!("{}/plan/ahead", product.url)).await;
    browser.reads("#ahead", "This is a look ahead: what would go out as things stand now.").await;
    let complaints = browser.complaints(&product.url).await;
    assert!(complaints.is_empty(), "{complaints:#?}");
    // The same place, whose part cannot be loaded.
    let lost = "const page = await fetch('/plan/ahead').then((answer) => answer.text());
        const place = new DOMParser().parseFromString(page, 'text/html').querySelector('#ahead');
        place.setAttribute('hx-get', '/plan/ahead?day=2020-01-01');
        document.querySelector('#ahead').replaceWith(place);
        htmx.process(document.querySelector('main'));
        done();";
    browser.run_and_wait(&format!("(async () => {{ {lost} }})();")).await;
    browser.is_complete().await;
    let shown = browser.run("return document.querySelector('#ahead').innerText;").await;
    assert_eq!(shown, json!("This did not work. Try again"));
    browser.click("#ahead [role=alert] a").await;
    browser.reads("#ahead", "This is a look ahead").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phone_beside_a_policy_shows_what_is_typed_while_it_is_typed() {
    let Some((browser, product)) = opened("user_owner").await else { return };
    browser.open(&format!("{}/policies/default", product.url)).await;
    browser.reads("#preview", "3 days after the due date · gentle").await;
    browser.run("document.querySelector('input[name=days_1]').value = '';").await;
    browser.write("input[name=days_1]", "31").await;
    browser.reads("#preview", "31 days after the due date · gentle").await;
    browser.write("input[name=with_invoice]", "INV-101").await;
    browser.reads("#preview .bubble", "Hello Blue Crane Fit-out, this is Harbour Lane Trading.").await;
    let seen = browser.run("return document.querySelector('input[name=days_1]').value;").await;
    assert_eq!(seen, json!("31"), "what is typed stays");
    let org = Product::harbour();
    assert_eq!(product.store.policies(&org).await.unwrap().organisation_default.version, 2, "and nothing is saved");
    browser.click("button[value=add_step]").await;
    browser.click("input[name=days_4]").await;
    browser.write("input[name=name]", " of ours").await;
    browser.click("button[value=save]").await;
    browser.reads("#refused", "Nothing was saved").await;
    let complaints = browser.complaints(&product.url).await;
    assert!(complaints.iter().all(|line| line.contains("400 (Bad Request)")), "{complaints:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_a_moment_ago_is_undone_by_the_button_beside_it() {
    let Some((browser, product)) = opened("user_owner").await else { return };
    browser.open(&format!("{}/customers/{LEDGER}/c-1", product.url)).await;
    browser.run("document.querySelector('button[value=exclude]').form.reason.value = 'a friend';").await;
    browser.click("button[value=exclude]").await;
    browser.reads(".notice", "This customer is left out of reminders.").await;
    browser.click("form.undo button").await;
    browser.reads(".notice", "It is as it was before.").await;
    let customer =
        numo_domain::contact::ContactRef { connection: LEDGER.parse().unwrap(), contact: "c-1".parse().unwrap() };
    assert!(product.store.customer_file(&Product::harbour(), &customer).await.unwrap().exclusion.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_sees_everything_puts_off_notes_promises_and_disputes_and_has_no_other_button_but_the_pause() {
    let Some((browser, product)) = opened("user_member").await else { return };
    for (_, path, heading) in pages() {
        browser.open(&format!("{}{path}", product.url)).await;
        browser.reads("h1", heading).await;
        let buttons = browser
            .run("return [...document.querySelectorAll('main form[method=post] button')].map(one => one.textContent);")
            .await;
        let expected = match path.as_str() {
            "/customers" | "/messages" => json!(["Find"]),
            "/settings/mails" => json!(["Save"]),
            "/test" => json!(["Prove your number", "Send it to me"]),
            path if path.ends_with("/c-1") || path.ends_with("/c-6") => {
                json!(["Put off", "Note the promise", "Note the dispute"])
            }
            _ => json!([]),
        };
        assert_eq!(buttons, expected, "{path}");
    }
    browser.open(&format!("{}/", product.url)).await;
    browser.click("button[value=pause]").await;
    browser.reads(".pause", "Everything is paused since").await;
    assert!(product.store.organisation(&Product::harbour()).await.unwrap().pause.is_some());
}
