//! Many numbers at once, from a spreadsheet.

use numo_domain::contact::ContactNumber;

use crate::{
    page::shows,
    seed::{CONNECTION_A, contact_ref, org},
    world::World,
};

async fn number(world: &World, id: &str) -> ContactNumber {
    let known = world.store.contact(&org("org_a"), &contact_ref(CONNECTION_A, id)).await.unwrap();
    known.unwrap().value.number
}

const PASTED: &str =
    "Name\tNumber\nno number ltd\t050 765 4321\nAcme\t050 1\nLandline\t0507654322\n<b>Nobody</b>\t0507654323";

#[tokio::test]
async fn what_was_understood_is_shown_and_nothing_is_kept_until_somebody_says_so() {
    let world = World::with_two_organisations().await;
    let before = world.table.items();
    let page = world.form("admin-a", "/customers/numbers", &[("rows", PASTED)]).await;
    shows(
        &page,
        &[
            "<p class=\"good\">No Number Ltd</p>",
            "<option value=\"018f0000-0000-7000-8000-0000000000a1 c-3\">Landline LLC</option>",
            "&#60;b&#62;Nobody&#60;/b&#62;",
            "Left out: no customer has this name.",
            "Keep these numbers",
        ],
    );
    assert_eq!((world.table.items(), world.queue.jobs().len()), (before, 0));
}

#[tokio::test]
async fn what_was_chosen_is_kept_and_each_line_says_what_became_of_it() {
    let world = World::with_two_organisations().await;
    let of = |id: &str| format!("{CONNECTION_A} {id}");
    let (second, gone) = (of("c-2"), of("c-99"));
    let fields = [
        ("lines", "4"),
        ("customer2", second.as_str()),
        ("number2", "050 765 4321"),
        ("customer3", ""),
        ("number3", "0507654322"),
        ("customer4", &gone),
        ("number4", "0507654323"),
    ];
    let page = world.form("admin-a", "/customers/numbers/keep", &fields).await;
    shows(
        &page,
        &[
            "<strong>No Number Ltd</strong>: kept; it is read in a few seconds.",
            "<strong>Unknown customer</strong>: not kept: there is no customer c-99 in this connection.",
        ],
    );
    assert_eq!(number(&world, "c-2").await, ContactNumber::Unread);
    assert!(matches!(number(&world, "c-3").await, ContactNumber::Unusable { .. }));
    let again = world.form("admin-a", "/customers/numbers/keep", &fields).await;
    shows(&again, &["<strong>No Number Ltd</strong>: this was the number already."]);
}

#[tokio::test]
async fn a_customer_of_another_organisation_is_nobody_and_members_paste_nothing() {
    let world = World::with_two_organisations().await;
    let page = world.form("admin-a", "/customers/numbers", &[("rows", "Borealis,0507654321")]).await;
    shows(&page, &["Left out: no customer has this name."]);
    let before = world.table.items();
    let foreign = format!("{} c-1", crate::seed::CONNECTION_B);
    let fields = [("lines", "1"), ("customer1", foreign.as_str()), ("number1", "0507654321")];
    shows(&world.form("admin-a", "/customers/numbers/keep", &fields).await, &["not kept: there is no customer c-1"]);
    for path in ["/customers/numbers", "/customers/numbers/keep"] {
        assert_eq!(world.form("member-a", path, &[("rows", PASTED), ("lines", "1")]).await.status, 403, "{path}");
    }
    assert_eq!(world.page_at("/customers/numbers.csv", Some("member-a")).await.status, 403);
    let page = world.page_at("/customers/numbers", Some("member-a")).await;
    assert!(
        page.text.contains("An admin can paste numbers here.") && !page.text.contains("<textarea"),
        "{}",
        page.text
    );
    assert_eq!(world.table.items(), before);
}

/// An address, the fields that are sent to it, and the sentence of the answer.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

#[tokio::test]
async fn a_paste_that_cannot_be_read_says_why() {
    let world = World::with_two_organisations().await;
    let long = "Acme,1\n".repeat(301);
    let cases: [Case<'_>; 5] = [
        ("/customers/numbers", &[], "<strong>rows</strong>: it has to be filled in."),
        ("/customers/numbers", &[("rows", &long)], "<strong>rows</strong>: at most 300 lines are read at once."),
        ("/customers/numbers/keep", &[], "<strong>lines</strong>: it has to be filled in."),
        ("/customers/numbers/keep", &[("lines", "3")], "no line says whose number it is; go back and choose."),
        (
            "/customers/numbers/keep",
            &[("lines", "1"), ("customer1", "x"), ("number1", "1")],
            "<strong>customer</strong>: open the page again.",
        ),
    ];
    for (path, fields, told) in cases {
        let page = world.form("admin-a", path, fields).await;
        assert_eq!(page.status, 400, "{path}");
        shows(&page, &[told]);
    }
}

#[tokio::test]
async fn those_who_owe_and_have_no_number_come_as_a_file_to_fill_in() {
    let world = World::with_two_organisations().await;
    let file = world.page_at("/customers/numbers.csv", Some("admin-a")).await;
    assert_eq!(file.text, "reference,name,overdue,number\n");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"numo-missing-numbers.csv\"");
}
