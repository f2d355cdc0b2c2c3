//! Settings on their pages: what is shown, what forms change, and what is refused.

use numo_domain::money::Money;
use serde_json::json;

use crate::{
    client::Answer,
    organisation_erasure::work,
    seed::{ATTEMPT_A, at, org},
    world::World,
};

const PAGES: [&str; 6] =
    ["/settings", "/settings/consent", "/settings/mails", "/settings/cost", "/settings/exports", "/settings/ending"];

fn shows(page: &Answer, texts: &[&str]) {
    for text in texts {
        assert!(page.text.contains(text), "{text:?} is not in {}", page.text);
    }
}

/// What a hidden field of a page says.
fn hidden(page: &Answer, name: &str) -> String {
    let field = format!("name=\"{name}\" value=\"");
    page.text.split(&field).nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn change(world: &World, path: &str, fields: &[(&str, &str)]) {
    let answer = world.form("admin-a", path, fields).await;
    assert_eq!(answer.status, 303, "{path} {fields:?}: {}", answer.text);
}

#[tokio::test]
async fn members_see_every_setting_and_change_none_but_their_digest() {
    let world = World::with_two_organisations().await;
    for path in PAGES {
        let page = world.page_at(path, Some("member-a")).await;
        assert_eq!(page.status, 200, "{path}");
        let (_, content) = page.text.split_once("<main").unwrap();
        let buttons = content.matches("<button").count();
        assert_eq!(buttons, usize::from(path == "/settings/mails"), "{path}: {content}");
        shows(&page, &[&format!("<a href=\"{path}\" aria-current=\"page\">")]);
    }
    let answer = world.form("member-a", "/settings/mails/digest", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/settings/mails?done=setting_saved"));
    assert_eq!(world.get("member-a", "/v1/mails").await.json()["digest"], json!(false));
    assert_eq!(world.get("admin-a", "/v1/mails").await.json()["digest"], json!(true));
}

#[tokio::test]
async fn a_form_over_what_somebody_else_changed_since_changes_nothing() {
    let world = World::with_two_organisations().await;
    let rates = [("setting", "rates"), ("currency", "USD"), ("rate_elsewhere", "0.08")];
    change(&world, "/settings/cost", &rates).await;
    for (path, fields) in [
        ("/settings", vec![("setting", "ramp"), ("per_day", "50")]),
        ("/settings", vec![("setting", "language"), ("language", "ar")]),
        ("/settings/consent", vec![("setting", "attestation"), ("version", "2")]),
        ("/settings/consent", vec![("setting", "explicit_opt_in_only"), ("explicit_opt_in_only", "yes")]),
        ("/settings/cost", vec![("setting", "cap"), ("per_month", "25")]),
        ("/settings/cost", rates.to_vec()),
        ("/settings/mails", vec![("recipients", "admins"), ("names", "yes")]),
        ("/settings/mails/digest", vec![]),
    ] {
        let revision = hidden(&world.page_at(path.trim_end_matches("/digest"), Some("admin-a")).await, "revision");
        let seen = [fields.clone(), vec![("revision", revision.as_str())]].concat();
        // Somebody else is faster.
        world.put("admin-a", "/v1/organisation/pace", &json!({"per_ten_minutes": 50})).await;
        world.put("admin-a", "/v1/mails", &json!({"recipients": "admins", "names": true})).await;
        world.put("admin-a", "/v1/mails", &json!({"recipients": "admins", "names": false})).await;
        world.put("admin-a", "/v1/organisation/pace", &json!({"per_ten_minutes": 60})).await;
        world.table.take_counts();
        let answer = world.form("admin-a", path, &seen).await;
        assert_eq!(answer.status, 412, "{path} {fields:?}: {}", answer.text);
        shows(&answer, &["Something changed in between", "Nothing was changed."]);
        assert_eq!(world.table.counts().items_written, 0, "{path}");
        let revision = hidden(&world.page_at(path.trim_end_matches("/digest"), Some("admin-a")).await, "revision");
        change(&world, path, &[fields, vec![("revision", revision.as_str())]].concat()).await;
    }
}

#[tokio::test]
async fn the_statement_is_shown_with_who_confirmed_it_when_and_for_whom() {
    let world = World::with_two_organisations().await;
    let page = world.page_at("/settings/consent", Some("admin-a")).await;
    shows(&page, &["An earlier text was confirmed on <time datetime=\"2026-11-01T08:00:00Z\"", "We confirm this"]);
    let named = [("setting", "attestation"), ("version", "2"), ("authorised_by", "<b>Mrs Lane</b>")];
    change(&world, "/settings/consent", &named).await;
    let page = world.page_at("/settings/consent", Some("member-a")).await;
    shows(
        &page,
        &[
            "<span class=\"good\">Confirmed</span> on <time datetime=\"2026-11-24T06:00:00Z\"",
            "by user_ann@people.example, authorised by &#60;b&#62;Mrs Lane&#60;/b&#62; <span class=\"soft\">(text 2)",
            "have not bought these debts",
        ],
    );
    assert!(!page.text.contains("We confirm this"));
    world.people.set_down(true);
    let page = world.page_at("/settings/consent", Some("member-a")).await;
    shows(&page, &["by user_ann, authorised by"]);
}

#[tokio::test]
async fn whoever_is_mailed_is_chosen_among_the_members() {
    let world = World::with_two_organisations().await;
    let box_of = |id: &str, checked: &str| format!("name=\"member\" value=\"{id}\"{checked}> {id}@people.example");
    let page = world.page_at("/settings/mails", Some("admin-a")).await;
    shows(&page, &["value=\"admins\" checked", &box_of("user_ann", ""), &box_of("user_max", "")]);
    assert!(!page.text.contains("user_bea"), "who is of another organisation is on the page");
    let both = [("recipients", "chosen"), ("member", "user_ann"), ("member", "user_max"), ("names", "yes")];
    change(&world, "/settings/mails", &both).await;
    let page = world.page_at("/settings/mails", Some("admin-a")).await;
    shows(&page, &["value=\"chosen\" checked", &box_of("user_ann", " checked"), &box_of("user_max", " checked")]);
    let stored = world.get("admin-a", "/v1/mails").await.json();
    assert_eq!(stored["recipients"], json!({"chosen": ["user_ann", "user_max"]}));
    assert_eq!(stored["names"], json!(true));
    for (fields, sentence) in [
        (vec![], "<strong>recipients</strong>: it has to be filled in."),
        (vec![("recipients", "all")], "<strong>recipients</strong>: admins or chosen is needed."),
        (vec![("recipients", "chosen")], "<strong>recipients</strong>: between 1 and 20 members"),
        (vec![("recipients", "chosen"), ("member", "")], "<strong>member</strong>: open the page again."),
    ] {
        let answer = world.form("admin-a", "/settings/mails", &fields).await;
        assert_eq!(answer.status, 400, "{fields:?}");
        shows(&answer, &[sentence]);
    }
    world.people.set_down(true);
    let page = world.page_at("/settings/mails", Some("admin-a")).await;
    shows(&page, &["Whom you chose stays chosen", "I want the digest"]);
    assert_eq!(world.get("admin-a", "/v1/mails").await.json(), stored);
}

#[tokio::test]
async fn rates_and_a_cap_are_entered_as_decimals_and_the_month_is_counted_by_them() {
    let world = World::with_two_organisations().await;
    shows(
        &world.page_at("/settings/cost", Some("admin-a")).await,
        &["<p class=\"big\">0 messages</p>", "November 2026"],
    );
    let refused = world.form("admin-a", "/settings/cost", &[("setting", "cap"), ("per_month", "25")]).await;
    shows(&refused, &["<strong>per month</strong>: enter first what messages cost."]);
    let rates = [
        ("setting", "rates"),
        ("currency", "usd"),
        ("rate_elsewhere", "0.08"),
        ("rates", " ae 0.0576\r\n\r\nGB: 0.03\r\n"),
        ("valid_from", "2026-10-01"),
        ("read_on", "2026-11-24"),
    ];
    change(&world, "/settings/cost", &rates).await;
    change(&world, "/settings/cost", &[("setting", "cap"), ("per_month", "0.10")]).await;
    world.claim(ATTEMPT_A, 2, "2026-11-24T05:00:00Z").await;
    let cost = world.get("admin-a", "/v1/cost").await.json();
    assert_eq!(cost["rates"]["rates"], json!({"AE": 57_600, "GB": 30_000}));
    assert_eq!(cost["cap"]["per_month"], json!(Money::new(10, "USD".parse().unwrap())));
    let page = world.page_at("/settings/cost", Some("admin-a")).await;
    shows(
        &page,
        &[
            "<p class=\"big\">USD 0.08</p>",
            "USD 0.08 of USD 0.10 count towards the cap: <span class=\"warn\">there is no room for another message",
            "<rect class=\"bar-0\" x=\"0\" y=\"0\" width=\"800\"",
            "not told yet, counted as billed</td><td class=\"amount\">1</td>",
            "rows=\"4\" placeholder=\"AE 0.0384\">AE 0.0576\nGB 0.03\n</textarea>",
            "name=\"read_on\" max=\"2026-11-24\" value=\"2026-11-24\"",
        ],
    );
    change(&world, "/settings/cost", &[("setting", "no_cap")]).await;
    assert_eq!(world.get("admin-a", "/v1/cost").await.json()["cap"], json!(null));
    shows(&world.page_at("/settings/cost", Some("member-a")).await, &["There is no cap.", "0.08 USD a message"]);
}

#[tokio::test]
async fn rates_that_cannot_be_read_say_which_and_why() {
    let world = World::with_two_organisations().await;
    let good = [("setting", "rates"), ("currency", "USD"), ("rate_elsewhere", "0.08")];
    let with = |name: &'static str, value: &'static str| {
        let mut fields = vec![(name, value)];
        fields.extend(good.into_iter().filter(|(field, _)| *field != name));
        fields
    };
    for (fields, sentence) in [
        (with("currency", "dollars"), "<strong>currency</strong>: a code such as USD is needed."),
        (with("currency", "XXQ"), "<strong>rates.currency</strong>: no currency in use has the code XXQ"),
        (with("rate_elsewhere", "0,08"), "<strong>rate elsewhere</strong>: an amount such as 0.0576 is needed"),
        (with("rate_elsewhere", "0"), "<strong>rates.rate elsewhere</strong>: what a message costs"),
        (with("rates", "AE"), "<strong>rates</strong>: “AE” is no country and amount such as AE 0.0576."),
        (with("rates", "AE <b>"), "“AE &#60;b&#62;” is no country"),
        (with("rates", "AE 0"), "<strong>rates.rates.AE</strong>: above 0 millionths."),
        (with("read_on", "2026-11-25"), "<strong>rates.read on</strong>: a day from 2025-07-01 to today."),
        (with("valid_from", "soon"), "<strong>valid from</strong>: choose a day."),
        (with("setting", "all"), "<strong>setting</strong>: this page has no such button"),
    ] {
        let answer = world.form("admin-a", "/settings/cost", &fields).await;
        assert_eq!(answer.status, 400, "{fields:?}: {}", answer.text);
        shows(&answer, &[sentence]);
    }
    change(&world, "/settings/cost", &good).await;
    for (amount, sentence) in [
        ("0", "an amount above nothing is needed"),
        ("-5", "an amount above nothing is needed"),
        ("5.001", "amount has more than 2 decimals"),
        ("ten", "amount is not a plain decimal number"),
        ("99999999999", "<strong>cost cap.per month.minor</strong>: between 1 and"),
    ] {
        let answer = world.form("admin-a", "/settings/cost", &[("setting", "cap"), ("per_month", amount)]).await;
        assert_eq!(answer.status, 400, "{amount}");
        shows(&answer, &[sentence]);
    }
}

#[tokio::test]
async fn an_archive_is_asked_for_once_and_fetched_by_admins_alone() {
    let world = World::with_two_organisations().await;
    let member = world.page_at("/settings/exports", Some("member-a")).await;
    assert!(!member.text.contains("Make an archive") && member.text.contains("An admin can make one"));
    let id = hidden(&world.page_at("/settings/exports", Some("admin-a")).await, "id");
    for _ in 0..2 {
        change(&world, "/settings/exports", &[("id", &id)]).await;
    }
    assert_eq!(world.get("admin-a", "/v1/exports").await.json()["exports"].as_array().unwrap().len(), 1);
    let page = world.page_at("/settings/exports", Some("admin-a")).await;
    assert!(page.text.contains("it is being made") && !page.text.contains("Make an archive"), "{}", page.text);
    for cookie in ["member-a", "admin-a", "admin-b"] {
        let early = world.page_at(&format!("/settings/exports/{id}/0"), Some(cookie)).await;
        assert_eq!(early.status.as_u16(), if cookie == "member-a" { 403 } else { 404 }, "{cookie}");
    }
}

#[tokio::test]
async fn the_account_is_ended_by_whoever_types_its_name_and_is_an_admin_at_that_moment() {
    let world = World::with_two_organisations().await;
    let page = world.page_at("/settings/ending", Some("admin-a")).await;
    shows(
        &page,
        &[
            "Type <strong>Harbour Lane</strong> to end the account",
            "the whole activity log",
            "backups of the last 30 days",
        ],
    );
    for typed in ["harbour lane", "Harbour", "org_b"] {
        let answer = world.form("admin-a", "/settings/ending", &[("confirm", typed)]).await;
        assert_eq!(answer.status, 400, "{typed}");
        shows(&answer, &["<strong>confirm</strong>: type the organisation&#39;s name as it is shown, or its id."]);
    }
    let user = "user_ann".parse().unwrap();
    world.people.join(&org("org_a"), &user, numo_app::port::session::Role::Member);
    let demoted = world.form("admin-a", "/settings/ending", &[("confirm", "Harbour Lane")]).await;
    assert_eq!(demoted.status, 403, "a session of a minute ago is not enough");
    world.people.join(&org("org_a"), &user, numo_app::port::session::Role::Admin);
    change(&world, "/settings/ending", &[("confirm", " Harbour Lane ")]).await;
    let page = world.page_at("/settings/ending", Some("member-a")).await;
    shows(
        &page,
        &[
            "everything begins to be deleted on <time datetime=\"2026-12-01T06:00:00Z\"",
            "by user_ann@people.example",
            "An admin can withdraw it until then.",
            "https://numo.example/data-deletion/",
        ],
    );
    let home = world.page(Some("admin-a")).await;
    shows(&home, &["This account is to end: nothing is sent. <a href=\"/settings/ending\">"]);
    assert!(!home.text.contains("value=\"resume\"") && !home.text.contains("value=\"pause\""));
    change(&world, "/settings/ending/withdrawal", &[]).await;
    let page = world.page_at("/settings/ending?done=kept", Some("admin-a")).await;
    shows(
        &page,
        &["The account stays. Everything is still paused", "Everything is paused since", "to end the account"],
    );
}

#[tokio::test]
async fn once_the_deletion_has_begun_pages_say_so_and_no_form_writes_anything() {
    let world = World::with_two_organisations().await;
    change(&world, "/settings/ending", &[("confirm", "Harbour Lane")]).await;
    world.clock.set(at("2026-12-01T06:00:00Z"));
    let late = world.form("admin-a", "/settings/ending/withdrawal", &[]).await;
    assert_eq!(late.status, 409, "{}", late.text);
    work(&world, 7 * 24 * 60).await;
    let page = world.page_at("/settings/ending", Some("admin-a")).await;
    shows(&page, &["Everything is being deleted, and it cannot be withdrawn any more.", "Look again"]);
    world.table.take_counts();
    for (path, fields) in [
        ("/settings", [("setting", "ramp"), ("per_day", "50")]),
        ("/settings/consent", [("setting", "attestation"), ("version", "2")]),
        ("/settings/mails", [("recipients", "admins"), ("names", "yes")]),
        ("/pause", [("everything", "pause"), ("back", "/")]),
    ] {
        let answer = world.form("admin-a", path, &fields).await;
        assert_eq!(answer.status, 409, "{path}");
        shows(&answer, &["this organisation is being erased"]);
    }
    assert_eq!(world.table.counts().items_written, 0);
}
