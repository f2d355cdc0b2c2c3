use numo_app::{
    job::Work,
    store::consent::{ConsentOf, OptInRecorded},
};
use numo_domain::{
    consent::{ConsentChange, ConsentSource, ConsentState, opt_in::OptIn},
    contact::{Contact, ContactNumber},
};
use serde_json::{Value, json};

use crate::{
    client::{Answer, send, signed},
    seed::{CONNECTION_A, at, contact, contact_ref, org},
    world::{World, now},
};

const PATH: &str = "/v1/consent/opt-ins";

/// An opt-in of `c-1` of organisation A for its number, as its business writes it.
pub(crate) fn opt_in() -> Value {
    json!({
        "connection": CONNECTION_A, "contact": "c-1", "number": "050 123 4567",
        "source": "Webform 2026-03-01, terms v2", "given_on": "2026-03-01",
    })
}

/// The same with another value in one field.
fn with(field: &str, value: impl Into<Value>) -> Value {
    let mut row = opt_in();
    row[field] = value.into();
    row
}

impl World {
    async fn import(&self, rows: impl Into<Value>) -> Answer {
        self.post("admin-a", PATH, &json!({"opt_ins": rows.into()})).await
    }

    /// Lets only explicit opt-ins count.
    async fn want_opt_ins(&self) {
        let set = |profile: &mut numo_domain::organisation::Organisation| profile.explicit_opt_in_only = true;
        self.store.change_organisation(&org("org_a"), now(), set).await.unwrap();
    }

    /// The codes that keep `c-1` silent in a plan made now.
    async fn codes(&self) -> Vec<Value> {
        let plan = self.get("admin-a", "/v1/plan").await.json();
        let reasons = plan["decisions"][0]["reasons"].as_array().unwrap();
        reasons.iter().map(|reason| reason["code"].clone()).collect()
    }

    /// `c-1` asks for silence, or for messages again.
    async fn answers(&self, state: ConsentState, at_text: &str) {
        let change = ConsentChange {
            state,
            at: at(at_text),
            by: ConsentSource::Message,
            note: String::new(),
            message: None,
            recorded_by: None,
        };
        let number = ConsentOf::Number("key-c-1".parse().unwrap());
        for of in [number, ConsentOf::Contact(contact_ref(CONNECTION_A, "c-1"))] {
            self.store.change_consent(&org("org_a"), of, &change, now()).await.unwrap();
        }
    }
}

fn accepted(row: usize) -> Value {
    json!({"row": row, "outcome": "accepted"})
}

fn unchanged(row: usize) -> Value {
    json!({"row": row, "outcome": "unchanged"})
}

fn refused(row: usize, field: &str, message: &str) -> Value {
    json!({"row": row, "outcome": "refused", "field": field, "message": message})
}

#[tokio::test]
async fn an_imported_opt_in_is_a_basis_with_its_proof_and_importing_it_again_changes_nothing() {
    let world = World::with_two_organisations().await;
    world.want_opt_ins().await;
    assert_eq!(world.codes().await, ["no_consent_basis"]);
    let answer = world.import([opt_in()]).await;
    let expected =
        json!({"accepted": 1, "unchanged": 0, "taken_back": 0, "refused": 0, "failed": 0, "rows": [accepted(0)]});
    assert_eq!((answer.status.as_u16(), answer.json()), (200, expected));
    assert_eq!(world.codes().await, Vec::<Value>::new());
    let proof = json!({
        "state": "opted_in", "changed_at": "2026-11-24T06:00:00Z",
        "history": [{
            "state": "opted_in", "at": "2026-11-24T06:00:00Z", "by": {"import": {"given_on": "2026-03-01"}},
            "note": "Webform 2026-03-01, terms v2",
            "recorded_by": "user_ann",
        }],
    });
    let items: Vec<Value> =
        world.table.items().into_iter().filter_map(|item| item.body.get("consent").cloned()).collect();
    assert_eq!(items, [proof.clone(), proof]);
    let detail = json!({"accepted": 1, "unchanged": 0, "taken_back": 0, "refused": 0, "failed": 0});
    let line = json!({
        "at": "2026-11-24T06:00:00Z", "actor": {"user": "user_ann"}, "action": "opt_ins.imported", "detail": detail,
    });
    let activity = json!({"activity": [line]});
    assert_eq!(world.get("admin-a", "/v1/activity").await.json(), activity);
    let work: Vec<Work> = world.queue.take().into_iter().map(|job| job.work).collect();
    assert_eq!(work, [Work::PlanDay {}]);
    let before = world.table.items();
    let expected =
        json!({"accepted": 0, "unchanged": 1, "taken_back": 0, "refused": 0, "failed": 0, "rows": [unchanged(0)]});
    assert_eq!(world.import([with("number", "+971 50 123 4567")]).await.json(), expected);
    assert_eq!(world.table.items(), before);
    assert!(world.queue.jobs().is_empty());
}

#[tokio::test]
async fn a_file_is_imported_as_the_same_rows_would_be() {
    let world = World::with_two_organisations().await;
    let file = format!(
        "name,connection,contact,number,given_on,source\r\n\
         \"Acme, Ltd\",{CONNECTION_A},c-1,'+971 50 123 4567,2026-03-01,\"Webform 2026-03-01, terms v2\"\r\n\
         No Number Ltd,{CONNECTION_A},c-2\r\n\
         ,{CONNECTION_A},c-99,050 123 4567,2026-03-01,Form\r\n"
    );
    let answer = world.post_csv("admin-a", PATH, &file).await;
    let rows = [
        accepted(0),
        json!({"row": 1, "outcome": "refused", "message": "the line has 3 cells, and the first one has 6"}),
        refused(2, "contact", "there is no customer c-99 in this connection"),
    ];
    let expected = json!({"accepted": 1, "unchanged": 0, "taken_back": 0, "refused": 2, "failed": 0, "rows": rows});
    assert_eq!((answer.status.as_u16(), answer.json()), (200, expected));
    let before = world.table.items();
    let again = world.import([opt_in()]).await.json();
    assert_eq!((&again["unchanged"], world.table.items()), (&json!(1), before));
}

#[tokio::test]
async fn a_file_that_is_none_or_lacks_a_column_changes_nothing() {
    let world = World::with_two_organisations().await;
    let heads = "connection,contact,number,source,given_on\n";
    let long = format!("{heads}{}", format!("{CONNECTION_A},c-1,050 123 4567,Form,2026-03-01\n").repeat(501));
    let large = format!("{heads}{}", "x".repeat(512 * 1024));
    let before = world.table.items();
    for (file, status, field) in [
        ("", 400, json!("connection")),
        ("connection,contact,number,source\n", 400, json!("given_on")),
        (heads, 400, json!("opt_ins")),
        (long.as_str(), 400, json!("opt_ins")),
        (large.as_str(), 413, Value::Null),
    ] {
        let answer = world.post_csv("admin-a", PATH, file).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]["field"]), (status, &field));
    }
    assert_eq!(world.table.items(), before);
}

#[tokio::test]
async fn a_row_that_is_wrong_is_told_by_its_place_and_stops_no_other_one() {
    let world = World::with_two_organisations().await;
    let day = "a day is written as 2026-03-01";
    let range = "a day from 2009-01-01 to 2026-11-24 is needed";
    let fields = "expected one of `connection`, `contact`, `number`, `source`, `given_on`";
    let characters = "1 to 200 characters are needed";
    let no_number = "the customer has no number that can be written to";
    let other_number = "the customer has another number now, and an opt-in counts for its own number alone";
    let mut short = opt_in();
    short.as_object_mut().unwrap().remove("source");
    let wrong = [
        (with("contact", "c-99"), "contact", "there is no customer c-99 in this connection"),
        (with("contact", "c 1"), "contact", "ExternalId must be 1 to 256 visible characters without spaces"),
        (with("connection", "x"), "connection", "UUID parsing failed: invalid character: found `x` at 0"),
        (with("contact", "c-2"), "number", no_number),
        (with("contact", "c-3"), "number", no_number),
        (with("number", "+971 50 765 4321"), "number", other_number),
        (with("number", ""), "number", "there are no digits in it"),
        (with("number", "050 123"), "number", "it is not a valid number of its country"),
        (with("number", "04 331 1111"), "number", other_number),
        (with("number", 501_234_567), "number", "invalid type: number, expected a string"),
        (with("given_on", "2026-11-25"), "given_on", range),
        (with("given_on", "2008-12-31"), "given_on", range),
        (with("given_on", "2026-02-30"), "given_on", day),
        (with("given_on", "01/03/2026"), "given_on", day),
        (with("given_on", "20260301"), "given_on", day),
        (with("given_on", "2026-03-01T10:00:00"), "given_on", day),
        (with("given_on", ""), "given_on", day),
        (with("source", " "), "source", characters),
        (with("source", "x".repeat(201)), "source", characters),
        (with("source", Value::Null), "source", "invalid type: null, expected a string"),
        (short, "source", "missing field `source`"),
        (with("more", 1), "more", &format!("unknown field `more`, {fields}")),
    ];
    // Each alone, since a customer whose rows differ is another matter.
    for (row, field, message) in &wrong {
        assert_eq!(world.import([row.clone()]).await.json()["rows"], json!([refused(0, field, message)]), "{row}");
    }
    assert_eq!(world.get("admin-a", "/v1/activity").await.json(), json!({"activity": []}));
    let no_row = "invalid type: number, expected a row with connection, contact, number, source and given_on";
    let [unknown, landline, future] = [0, 4, 10].map(|n: usize| wrong[n].clone());
    let rows = json!([unknown.0, opt_in(), landline.0, 5, future.0]);
    let expected = json!({
        "accepted": 1, "unchanged": 0, "taken_back": 0, "refused": 4, "failed": 0,
        "rows": [
            refused(0, unknown.1, unknown.2), accepted(1), refused(2, landline.1, landline.2),
            {"row": 3, "outcome": "refused", "message": no_row}, refused(4, future.1, future.2),
        ],
    });
    assert_eq!(world.import(rows).await.json(), expected);
    let activity = world.get("admin-a", "/v1/activity").await.json();
    let detail = json!({"accepted": 1, "unchanged": 0, "taken_back": 0, "refused": 4, "failed": 0});
    assert_eq!(activity["activity"][0]["detail"], detail);
}

#[tokio::test]
async fn a_customer_who_is_there_twice_is_recorded_once_if_the_rows_agree_and_not_at_all_if_they_differ() {
    let world = World::with_two_organisations().await;
    let message = "rows about this customer differ in number, source or day, and none of them is recorded";
    for other in [with("number", "+971 50 765 4321"), with("source", "Contract"), with("given_on", "2026-03-02")] {
        let rows = world.import([opt_in(), other, opt_in()]).await.json()["rows"].take();
        let expected: Vec<Value> = (0..3).map(|row| refused(row, "contact", message)).collect();
        assert_eq!(rows, json!(expected));
    }
    let rows =
        world.import([opt_in(), with("number", "+971501234567"), with("source", "")]).await.json()["rows"].take();
    let empty = refused(2, "source", "1 to 200 characters are needed");
    assert_eq!(rows, json!([accepted(0), unchanged(1), empty]));
}

#[tokio::test]
async fn no_import_lifts_an_opt_out_and_only_the_customer_or_an_admins_record_does() {
    let world = World::with_two_organisations().await;
    world.answers(ConsentState::OptedOut, "2026-11-24T05:00:00Z").await;
    let out = refused(0, "contact", "the customer opted out, and no import lifts that");
    assert_eq!(world.import([with("given_on", "2026-11-24")]).await.json()["rows"], json!([out]));
    assert_eq!(world.codes().await, ["opted_out"]);
    world.answers(ConsentState::OptedIn, "2026-11-24T05:30:00Z").await;
    assert_eq!(world.import([opt_in()]).await.json()["rows"], json!([accepted(0)]));
    // Nor one that the contact gave, or the number, alone.
    let number = ConsentOf::Number("key-c-1".parse().unwrap());
    for of in [number, ConsentOf::Contact(contact_ref(CONNECTION_A, "c-1"))] {
        let world = World::with_two_organisations().await;
        let (state, by) = (ConsentState::OptedOut, ConsentSource::Admin);
        let change =
            ConsentChange { state, at: now(), by, note: "by phone".to_owned(), message: None, recorded_by: None };
        world.store.change_consent(&org("org_a"), of, &change, now()).await.unwrap();
        let before = world.table.items();
        assert_eq!(world.import([opt_in()]).await.json()["rows"], json!([out]));
        assert_eq!(world.table.items(), before);
    }
}

#[tokio::test]
async fn an_opt_in_counts_for_the_number_it_was_given_for_and_for_no_later_one() {
    let world = World::with_two_organisations().await;
    world.want_opt_ins().await;
    assert_eq!(world.import([opt_in()]).await.json()["accepted"], 1);
    let number = ContactNumber::usable("+971507654321".parse().unwrap(), "key-new".parse().unwrap());
    let changed =
        Contact { number, updated_at: at("2026-11-24T05:00:00Z"), ..contact(CONNECTION_A, "c-1", "Acme Trading") };
    let seen = world.store.contacts_by_ref(&org("org_a"), std::slice::from_ref(&changed.at)).await.unwrap();
    world.store.upsert_contact(&org("org_a"), seen.first(), &changed, now()).await.unwrap();
    assert_eq!(world.codes().await, ["no_consent_basis"]);
    let former = "the customer has another number now, and an opt-in counts for its own number alone";
    assert_eq!(world.import([opt_in()]).await.json()["rows"], json!([refused(0, "number", former)]));
    assert_eq!(world.import([with("number", "+971507654321")]).await.json()["accepted"], 1);
    assert_eq!(world.codes().await, Vec::<Value>::new());
}

#[tokio::test]
async fn customers_who_share_a_number_are_each_recorded_and_the_number_once() {
    let world = World::with_two_organisations().await;
    let number = contact(CONNECTION_A, "c-1", "").number;
    for n in 10..20 {
        let sharer = Contact { number: number.clone(), ..contact(CONNECTION_A, &format!("c-{n}"), "Sharer") };
        world.store.upsert_contact(&org("org_a"), None, &sharer, now()).await.unwrap();
    }
    let rows: Vec<Value> = (10..20).map(|n| with("contact", format!("c-{n}"))).collect();
    let answer = world.import(rows).await.json();
    assert_eq!(answer["rows"], json!((0..10).map(accepted).collect::<Vec<Value>>()));
    let consents = world.table.items().into_iter().filter(|item| item.entity == "consent");
    let imports: Vec<usize> = consents.map(|item| item.body["consent"]["history"].as_array().unwrap().len()).collect();
    assert_eq!(imports, [1; 11]);
}

#[tokio::test]
async fn a_number_that_is_somebody_elses_gets_no_opt_in() {
    let world = World::with_two_organisations().await;
    let customer = contact_ref(CONNECTION_A, "c-1");
    let unlink = |file: &mut numo_domain::customer_file::CustomerFile| {
        file.unlinked.insert("key-c-1".parse().unwrap());
    };
    world.store.change_customer_file(&org("org_a"), &customer, now(), unlink).await.unwrap();
    let message = "somebody wrote from this number that it is not this customer's";
    assert_eq!(world.import([opt_in()]).await.json()["rows"], json!([refused(0, "number", message)]));
    assert_eq!(world.get("admin-a", "/v1/activity").await.json(), json!({"activity": []}));
}

#[tokio::test]
async fn a_customer_with_twenty_imported_opt_ins_keeps_them_and_gets_no_more() {
    let world = World::with_two_organisations().await;
    let customer = contact_ref(CONNECTION_A, "c-1");
    for n in 0..20 {
        let (day, source) = ("2026-03-01".parse().unwrap(), format!("Webform {n}"));
        let opt_in = OptIn::new(day, &source, day).unwrap();
        let whose = (&customer, &"key-c-1".parse().unwrap());
        let taken = world.store.record_opt_in(&org("org_a"), whose, &opt_in, now()).await.unwrap();
        assert_eq!(taken, OptInRecorded::Now);
    }
    let message = "20 opt-ins of this customer are recorded already, and they stay";
    let rows = [opt_in(), with("source", "Webform 7")];
    assert_eq!(world.import([rows[0].clone()]).await.json()["rows"], json!([refused(0, "contact", message)]));
    assert_eq!(world.import([rows[1].clone()]).await.json()["rows"], json!([unchanged(0)]));
}

#[tokio::test]
async fn an_import_has_one_to_five_hundred_rows_in_half_a_megabyte() {
    let world = World::with_two_organisations().await;
    let row = |n: usize| with("contact", format!("c-{}", n + 100));
    let all: Vec<Value> = (0..500).map(row).collect();
    assert_eq!(world.import(all.clone()).await.json()["refused"], 500);
    for (rows, n) in [(Vec::new(), 0), ([all, vec![row(500)]].concat(), 501)] {
        let answer = world.import(rows).await;
        let message = format!("1 to 500 rows are needed, not {n}");
        assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": "opt_ins", "message": message})));
    }
    let malformed = [
        (json!({}), "opt_ins", "missing field `opt_ins`"),
        (json!({"opt_ins": opt_in()}), "opt_ins", "invalid type: map, expected a sequence"),
        (json!({"opt_ins": [opt_in()], "dry_run": true}), "dry_run", "unknown field `dry_run`, expected `opt_ins`"),
    ];
    for (body, field, message) in malformed {
        let answer = world.post("admin-a", PATH, &body).await;
        assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": field, "message": message})));
    }
    for (bytes, status) in [(512 * 1024, 200), (512 * 1024 + 1, 413)] {
        let mut request = signed("admin-a", "POST", PATH, Some(&json!({})));
        let body = json!({"opt_ins": [opt_in()]}).to_string();
        *request.body_mut() = format!("{body}{}", " ".repeat(bytes - body.len())).into();
        assert_eq!(send(&world.router, request).await.status, status, "{bytes} bytes");
    }
}
