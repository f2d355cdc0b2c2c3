//! Opt-ins that customers gave elsewhere, from a spreadsheet.

use jiff::civil::date;
use numo_domain::consent::{ConsentSource, ConsentState};

use crate::{
    client::Answer,
    page::shows,
    seed::{CONNECTION_A, CONNECTION_B, contact_ref, org},
    world::World,
};

const PATH: &str = "/customers/opt-ins";

const KEEP: &str = "/customers/opt-ins/keep";

/// A paste with one line of everything that may happen to one.
const PASTED: &str = "Customer,Number,Date,Source\r\n\
    acme trading,050 123 4567,2026-03-01,\"Webform, terms v2\"\r\n\
    Acme,0501234567,2026-03-01,Webform\r\n\
    \r\n\
    Acme Trading,050 765 4321,2026-03-01,Webform\r\n\
    No Number Ltd,0501234567,2026-03-01,Webform\r\n\
    Borealis,0501234567,2026-03-01,Webform\r\n\
    Landline LLC,0501234567,1.3.2026,<b>\r\n";

async fn look(world: &World, rows: &str) -> Answer {
    world.form("admin-a", PATH, &[("rows", rows)]).await
}

/// When and where `c-1` of organisation A opted in, as it is recorded.
async fn recorded(world: &World) -> Vec<(ConsentState, ConsentSource, String)> {
    let said = world.store.said_about_writing(&org("org_a"), (None, &contact_ref(CONNECTION_A, "c-1"))).await.unwrap();
    let history = said.of_contact().map(|consent| consent.history.clone()).unwrap_or_default();
    history.into_iter().map(|change| (change.state, change.by, change.note)).collect()
}

#[tokio::test]
async fn what_each_line_would_do_is_shown_and_nothing_is_kept_until_somebody_says_so() {
    let world = World::with_two_organisations().await;
    let before = world.table.items();
    let page = look(&world, PASTED).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let other = "another number now, and an opt-in counts for its own number alone";
    shows(
        &page,
        &[
            "<span class=\"soft\">3.</span> Acme <strong>0501234567</strong>",
            "<option value=\"018f0000-0000-7000-8000-0000000000a1 c-1\">Acme Trading (has +971•••••67)</option>",
            "Left out: the customer has no number that can be written to.",
            "Left out: no customer has this name.",
            "Left out: a day is written as 2026-03-01.",
            "Record these opt-ins",
        ],
    );
    // Two lines about one customer that differ are neither recorded.
    let differ = "rows about this customer differ in number, source or day, and none of them is recorded";
    assert_eq!((page.text.matches(differ).count(), page.text.matches(other).count()), (2, 0), "{}", page.text);
    assert_eq!((world.table.items(), world.queue.jobs().len()), (before, 0));
}

#[tokio::test]
async fn what_was_shown_is_recorded_with_its_proof_and_pasting_it_again_changes_nothing() {
    let world = World::with_two_organisations().await;
    let line = "acme trading\t050 123 4567\t2026-03-01\tWebform, terms v2";
    let page = look(&world, line).await;
    shows(&page, &["<p class=\"good\">Acme Trading</p><p class=\"small\">Agreed on 2026-03-01: Webform, terms v2</p>"]);
    let customer = format!("{CONNECTION_A} c-1");
    let fields = [
        ("customer1", customer.as_str()),
        ("number1", "050 123 4567"),
        ("given_on1", "2026-03-01"),
        ("source1", "Webform, terms v2"),
        ("customer2", ""),
    ];
    let page = world.form("admin-a", KEEP, &fields).await;
    shows(&page, &["<strong>Acme Trading</strong>: recorded."]);
    let given_on = ConsentSource::Import { given_on: date(2026, 3, 1) };
    let expected = [(ConsentState::OptedIn, given_on, "Webform, terms v2".to_owned())];
    assert_eq!(recorded(&world).await, expected);
    shows(&world.form("admin-a", KEEP, &fields).await, &["<strong>Acme Trading</strong>: this was recorded already."]);
    let again = look(&world, line).await;
    shows(&again, &["Left out: Acme Trading has this opt-in already."]);
    assert!(!again.text.contains("Record these opt-ins"), "{}", again.text);
    assert_eq!(recorded(&world).await, expected);
}

#[tokio::test]
async fn an_exported_file_of_customers_is_understood_with_one_proof_for_all() {
    let world = World::with_two_organisations().await;
    let exported = world.get("admin-a", "/v1/customers.csv").await;
    let fields = [("rows", exported.text.as_str()), ("source", "Contract of 2025"), ("given_on", "2025-05-01")];
    let page = world.form("admin-a", PATH, &fields).await;
    shows(
        &page,
        &[
            "<p class=\"good\">Acme Trading</p><p class=\"small\">Agreed on 2025-05-01: Contract of 2025</p>",
            "Left out: there is no number: an opt-in counts for one number alone.",
        ],
    );
}

#[tokio::test]
async fn a_number_that_stands_twice_is_recorded_once_and_a_stop_stays() {
    let world = World::with_two_organisations().await;
    let twice = "Acme Trading,0501234567,2026-03-01,Form\nAcme Trading,+971501234567,2026-03-01,Form";
    let page = look(&world, twice).await;
    assert_eq!(page.text.matches("Agreed on 2026-03-01: Form").count(), 1, "{}", page.text);
    shows(&page, &["Left out: Acme Trading has this opt-in already."]);
    let stop = serde_json::json!({"state": "opted_out", "reason": "by phone"});
    world.post("admin-a", &format!("/v1/customers/{CONNECTION_A}/c-1/consent"), &stop).await;
    let page = look(&world, "Acme Trading,0501234567,2026-03-01,Form").await;
    shows(&page, &["Left out: the customer opted out, and no import lifts that."]);
    assert!(!page.text.contains("Record these opt-ins"), "{}", page.text);
}

#[tokio::test]
async fn a_customer_of_another_organisation_is_nobody_and_members_import_nothing() {
    let world = World::with_two_organisations().await;
    let before = world.table.items();
    let foreign = format!("connection,contact,number,given_on,source\n{CONNECTION_B},c-1,0501234567,2026-03-01,Form");
    shows(&look(&world, &foreign).await, &["Left out: no customer has this id."]);
    let customer = format!("{CONNECTION_B} c-1");
    let fields =
        [("customer1", customer.as_str()), ("number1", "0501234567"), ("given_on1", "2026-03-01"), ("source1", "Form")];
    let page = world.form("admin-a", KEEP, &fields).await;
    shows(&page, &["<strong>Unknown customer</strong>: not recorded: there is no customer c-1 in this connection."]);
    for path in [PATH, KEEP] {
        assert_eq!(world.form("member-a", path, &fields).await.status, 403, "{path}");
    }
    let page = world.page_at(PATH, Some("member-a")).await;
    assert!(page.text.contains("An admin can import opt-ins here.") && !page.text.contains("<textarea"));
    assert_eq!(world.table.items(), before);
}

/// The fields of a form, and the sentence of the answer.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

#[tokio::test]
async fn a_list_that_cannot_be_read_says_why() {
    let world = World::with_two_organisations().await;
    let (many, customer) = ("Acme,1\n".repeat(201), format!("{CONNECTION_A} c-1"));
    let cases: [Case<'_>; 9] = [
        (PATH, &[], "<strong>rows</strong>: it has to be filled in."),
        (PATH, &[("rows", &many)], "<strong>rows</strong>: at most 200 lines are read at once, and there are 201."),
        (
            PATH,
            &[("rows", "name,date\nAcme,x")],
            "<strong>rows</strong>: the first line names no column for the number.",
        ),
        (PATH, &[("rows", "PK\u{fffd}\0")], "<strong>rows</strong>: this is no text in UTF-8; save the spreadsheet as"),
        (
            PATH,
            &[("rows", "Acme,1"), ("given_on", "1.3.")],
            "<strong>given on</strong>: a day is written as 2026-03-01.",
        ),
        (KEEP, &[], "no line says whose opt-in it is; go back and choose."),
        (KEEP, &[("customer1", "x")], "<strong>customer</strong>: open the page again."),
        (KEEP, &[("customer1", &customer)], "<strong>number1</strong>: it has to be filled in."),
        (
            KEEP,
            &[("customer1", &customer), ("number1", "1"), ("source1", "x"), ("given_on1", "x")],
            "<strong>given on1</strong>: a day is written as 2026-03-01.",
        ),
    ];
    for (path, fields, told) in cases {
        let page = world.form("admin-a", path, fields).await;
        assert_eq!(page.status, 400, "{path}: {}", page.text);
        shows(&page, &[told]);
    }
    let large = "x".repeat(513 * 1024);
    let page = world.form("admin-a", PATH, &[("rows", &large)]).await;
    assert_eq!(page.status, 413);
    shows(&page, &["the body is too large or was cut off"]);
}

#[tokio::test]
async fn the_pages_about_consent_and_customers_lead_to_the_import() {
    let (world, link) = (World::with_two_organisations().await, "href=\"/customers/opt-ins\"");
    for path in ["/settings/consent", "/customers"] {
        shows(&world.page_at(path, Some("admin-a")).await, &[link]);
        assert!(!world.page_at(path, Some("member-a")).await.text.contains(link), "{path}");
    }
    shows(&World::empty().page_at("/", Some("admin-a")).await, &[link]);
}
