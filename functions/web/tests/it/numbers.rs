//! Another number for a customer than the ledger's, one at a time and as a file that was exported.

use numo_app::job::Work;
use numo_domain::contact::{Contact, ContactNumber};
use serde_json::{Value, json};

use crate::{
    client::{send, signed},
    seed::{CONNECTION_A, contact, contact_ref, org},
    world::{World, now},
};

const PATH: &str = "/v1/customers/numbers";

/// A row for a customer of organisation A.
pub(crate) fn row(contact: &str, number: &str) -> Value {
    json!({"connection": CONNECTION_A, "contact": contact, "number": number})
}

fn number_path(contact: &str) -> String {
    format!("/v1/customers/{CONNECTION_A}/{contact}/number")
}

impl World {
    async fn contact(&self, id: &str) -> Contact {
        let found = self.store.contact(&org("org_a"), &contact_ref(CONNECTION_A, id)).await.unwrap();
        found.unwrap().value
    }

    /// What was typed is read, as the woken sync does it; the ledger tells nothing.
    async fn read_numbers(&self) {
        self.sync(|held| held.contacts.clear()).await;
    }
}

fn view(contact: &str, number: Value) -> Value {
    let mut view = json!({"connection": CONNECTION_A, "contact": contact});
    view.as_object_mut().unwrap().extend(number.as_object().unwrap().clone());
    view
}

#[tokio::test]
async fn a_number_is_corrected_and_says_where_it_comes_from_and_the_ledgers_counts_again_when_it_is_taken_back() {
    let world = World::with_two_organisations().await;
    let (path, ledger) = (number_path("c-1"), json!({"number": "usable", "number_masked": "+971•••••67"}));
    let of_ledger = view("c-1", ledger.clone()).as_object().unwrap().clone();
    let mut of_ledger = Value::Object(of_ledger);
    of_ledger["number_source"] = json!("ledger");
    assert_eq!(world.get("member-a", &path).await.json(), of_ledger);
    let typed = json!({"by": "user_ann", "at": now().to_string(), "ledger_masked": "+971•••••67"});
    let being_read = json!({
        "number": "being_read", "number_problem": "it was typed a moment ago and is read with the next sync",
        "number_source": "typed", "number_typed": typed,
    });
    let answer = world.put("admin-a", &path, &json!({"number": "050 765 4321"})).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, view("c-1", being_read.clone())));
    let work: Vec<Work> = world.queue.take().into_iter().map(|job| job.work).collect();
    assert_eq!(work, [Work::SyncConnection { connection: CONNECTION_A.parse().unwrap() }]);
    world.read_numbers().await;
    let read = json!({
        "number": "usable", "number_masked": "+971•••••21", "number_source": "typed", "number_typed": typed,
    });
    assert_eq!(world.get("member-a", &path).await.json(), view("c-1", read.clone()));
    let listed = world.get("member-a", "/v1/customers").await.json()["customers"][0].take();
    for (field, value) in read.as_object().unwrap() {
        assert_eq!(&listed[field], value, "{field}");
    }
    let file = world.get("admin-a", "/v1/customers.csv").await.text;
    assert!(file.contains("c-1,Acme Trading,active,+971507654321,typed,user_ann,,none"), "{file}");
    assert_eq!(world.delete("admin-a", &path).await.json(), of_ledger);
    assert_eq!(world.get("member-a", &path).await.json(), of_ledger);
    let activity = world.get("admin-a", "/v1/activity").await.json();
    let detail = json!({"connection": CONNECTION_A, "contact": "c-1"});
    let lines: Vec<(&Value, &Value)> =
        activity["activity"].as_array().unwrap().iter().map(|line| (&line["action"], &line["detail"])).collect();
    let [back, made] = ["customer.typed_number_taken_back", "customer.number_typed"].map(|action| json!(action));
    assert!(lines.contains(&(&back, &detail)) && lines.contains(&(&made, &detail)), "{activity}");
}

#[tokio::test]
async fn a_number_that_is_none_is_refused_by_its_field_and_changes_nothing() {
    let world = World::with_two_organisations().await;
    let before = world.table.items();
    let rounded = "a spreadsheet has rounded it: format the column as text and enter the number again";
    for (number, message) in [
        (json!(""), "there are no digits in it"),
        (json!("n/a"), "there are no digits in it"),
        (json!("050 123"), "it is not a valid number of its country"),
        (json!("4.47701E+11"), rounded),
        (json!(501_234_567), "invalid type: integer `501234567`, expected a string"),
    ] {
        let answer = world.put("admin-a", &number_path("c-1"), &json!({"number": number})).await;
        let refused = json!({"code": "invalid", "field": "number", "message": message});
        assert_eq!(answer.error(), (400, refused), "{number}");
    }
    let answer = world.put("admin-a", &number_path("c-99"), &json!({"number": "050 765 4321"})).await;
    assert_eq!(answer.error(), (404, json!({"code": "not_found", "message": "customer not found"})));
    assert!(world.table.items() == before && world.queue.take().is_empty());
}

#[tokio::test]
async fn whom_somebody_else_pays_for_gets_no_number_of_their_own() {
    let world = World::with_two_organisations().await;
    let job = Contact { payer: "c-1".parse().ok(), ..contact(CONNECTION_A, "c-7", "Job") };
    world.store.upsert_contact(&org("org_a"), None, &job, now()).await.unwrap();
    let answer = world.put("admin-a", &number_path("c-7"), &json!({"number": "050 765 4321"})).await;
    let message = "another customer owes the invoices of this one: reminders go to the number of that one";
    assert_eq!(answer.error(), (409, json!({"code": "conflict", "message": message})));
}

#[tokio::test]
async fn a_file_that_was_exported_comes_back_with_what_was_changed_in_it_alone() {
    let world = World::with_two_organisations().await;
    let exported = world.get("admin-a", "/v1/customers.csv").await.text;
    let counts = |accepted: usize, unchanged: usize, taken_back: usize, rows: &[&str]| {
        let row = |(row, outcome): (usize, &&str)| json!({"row": row, "outcome": outcome});
        json!({
            "accepted": accepted, "unchanged": unchanged, "taken_back": taken_back, "refused": 0, "failed": 0,
            "rows": rows.iter().enumerate().map(row).collect::<Vec<Value>>(),
        })
    };
    let before = world.table.items();
    let answer = world.post_csv("admin-a", PATH, &exported).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, counts(0, 3, 0, &["unchanged"; 3])));
    // As half of the world's spreadsheets save it, with what they do to numbers.
    let saved = |filled: &str| {
        let lines: Vec<String> = filled.lines().map(|line| line.replace(',', ";")).collect();
        format!("\u{feff}{}\r\n", lines.join("\r\n")).replace("+9715", "9715")
    };
    assert_eq!(world.post_csv("admin-a", PATH, &saved(&exported)).await.json()["unchanged"], 3);
    assert!(world.table.items() == before && world.queue.take().is_empty());
    let filled = exported
        .replace("No Number Ltd,active,", "No Number Ltd,active,507654321")
        .replace("Landline LLC,active,", "Landline LLC,active,9.71507654322E+11");
    let answer = world.post_csv("admin-a", PATH, &saved(&filled)).await;
    assert_eq!(answer.json(), counts(2, 1, 0, &["unchanged", "accepted", "accepted"]));
    world.read_numbers().await;
    for (contact, number) in [("c-2", "+971507654321"), ("c-3", "+971507654322")] {
        let known = world.contact(contact).await.number;
        assert!(matches!(known, ContactNumber::Usable { number: read, .. } if read.as_e164() == number), "{contact}");
    }
    let before = world.table.items();
    assert_eq!(world.post_csv("admin-a", PATH, &saved(&filled)).await.json(), counts(0, 3, 0, &["unchanged"; 3]));
    assert!(world.table.items() == before && world.queue.take().is_empty());
    // A cell that is emptied takes back what was typed there, and nothing else.
    let answer = world.post_csv("admin-a", PATH, &exported).await;
    assert_eq!(answer.json(), counts(0, 1, 2, &["unchanged", "taken_back", "taken_back"]));
    assert_eq!(world.contact("c-2").await.number, ContactNumber::Missing);
}

#[tokio::test]
async fn a_number_that_could_not_be_read_is_exported_as_it_was_typed() {
    let world = World::with_two_organisations().await;
    world.put("admin-a", &number_path("c-1"), &json!({"number": "+971 4 331 1111"})).await;
    let exported = async || world.get("admin-a", "/v1/customers.csv").await.text;
    let unread = "active,'+971 4 331 1111,typed,user_ann,it was typed a moment ago and is read with the next sync,none";
    assert!(exported().await.contains(unread), "{}", exported().await);
    world.read_numbers().await;
    let file = exported().await;
    assert!(file.contains("active,'+971 4 331 1111,typed,user_ann,it is not a mobile number,none"), "{file}");
    let answer = world.post_csv("admin-a", PATH, &file).await.json();
    assert_eq!((&answer["unchanged"], &answer["taken_back"]), (&json!(3), &json!(0)));
}

#[tokio::test]
async fn a_line_that_is_wrong_is_told_by_its_column_and_stops_no_other_one() {
    let world = World::with_two_organisations().await;
    let file = format!(
        "contact,connection,number\n\
         c-1,{CONNECTION_A},n/a\n\
         c-1,{CONNECTION_A},050 765 4321\n\
         c-2,{CONNECTION_A},4.47701E+11\n\
         c-3,{CONNECTION_A},\"+971 50 765 4322\"\n\
         c-99,{CONNECTION_A},050 765 4321\n\
         c-1,x,050 765 4321\n\
         c-1,{CONNECTION_A}\n"
    );
    let answer = world.post_csv("admin-a", PATH, &file).await.json();
    let rows: Vec<[Value; 2]> = answer["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| [row["outcome"].clone(), row.get("field").cloned().unwrap_or_default()])
        .collect();
    let refused = |field: &str| [json!("refused"), json!(field)];
    let expected = [
        refused("number"),
        refused("contact"),
        refused("number"),
        [json!("accepted"), Value::Null],
        refused("contact"),
        refused("connection"),
        [json!("refused"), Value::Null],
    ];
    assert_eq!(rows, expected);
}

#[tokio::test]
async fn an_import_has_one_to_a_thousand_rows_in_a_megabyte_and_is_done_once() {
    let world = World::with_two_organisations().await;
    let rows: Vec<Value> = (0..1_001).map(|n| row(&format!("c-{}", n + 100), "")).collect();
    assert_eq!(world.post("admin-a", PATH, &json!({"numbers": rows[1..]})).await.json()["refused"], 1_000);
    for (rows, n) in [(&rows[..0], 0), (&rows[..], 1_001)] {
        let answer = world.post("admin-a", PATH, &json!({"numbers": rows})).await;
        let message = format!("1 to 1000 rows are needed, not {n}");
        assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": "numbers", "message": message})));
    }
    let heads = "connection,contact,number\n";
    for (file, status, field) in [
        (String::new(), 400, json!("connection")),
        ("connection,contact\n".to_owned(), 400, json!("number")),
        (format!("{heads}{}", "x".repeat(1024 * 1024)), 413, Value::Null),
    ] {
        let answer = world.post_csv("admin-a", PATH, &file).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]["field"]), (status, &field));
    }
    let body = json!({"numbers": [row("c-1", "050 765 4321")]});
    let mut answers = Vec::new();
    for _ in 0..2 {
        let mut request = signed("admin-a", "POST", PATH, Some(&body));
        request.headers_mut().insert("idempotency-key", "import-1".parse().unwrap());
        answers.push(send(&world.router, request).await.json());
    }
    assert_eq!((&answers[0]["accepted"], &answers[0]), (&json!(1), &answers[1]));
}
