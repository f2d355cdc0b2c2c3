use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use numo_sim::Options;
use rlibphonenumber::{PhoneNumber, Region};
use serde_json::{Value, json};

use crate::client::Bench;
use crate::intuit::books::{Books, TODAY, realm};

const PHONES: [&str; 4] = ["PrimaryPhone", "AlternatePhone", "Mobile", "Fax"];

async fn rows(bench: &Bench, entity: &str) -> Vec<Value> {
    let path = format!("intuit/documents?realm=demo&entity={entity}");
    bench.look(&path).await.as_array().unwrap().clone()
}

fn open(row: &Value) -> bool {
    row["Balance"].as_f64().is_some_and(|balance| balance > 0.0)
}

#[tokio::test]
async fn the_seeded_company_has_the_promised_variety() {
    let bench = Bench::start().await;
    let (invoices, customers) = (rows(&bench, "Invoice").await, rows(&bench, "Customer").await);
    let count = |of: &dyn Fn(&Value) -> bool| invoices.iter().filter(|row| of(row)).count();
    assert_eq!((invoices.len(), customers.len()), (294, 120));
    assert!(count(&|row| open(row) && row["DueDate"].as_str().unwrap() < TODAY) >= 120);
    assert!(count(&|row| open(row) && row["DueDate"] == TODAY) >= 5);
    assert!(count(&|row| open(row) && row["Balance"] != row["TotalAmt"]) >= 10);
    assert!(count(&|row| row["Balance"] == 0 && row["TotalAmt"] != 0) >= 90);
    assert_eq!(count(&|row| row["PrivateNote"] == "Voided" && row["TotalAmt"] == 0 && row["Balance"] == 0), 10);
    assert!(count(&|row| row.get("DocNumber").is_none()) >= 10);
    let statuses: BTreeSet<&str> = invoices.iter().map(|row| row["EmailStatus"].as_str().unwrap()).collect();
    assert_eq!(statuses, BTreeSet::from(["EmailSent", "NeedToSend", "NotSet"]));
    assert!(rows(&bench, "Payment").await.iter().any(|row| row["UnappliedAmt"] != 0));
    assert!(rows(&bench, "CreditMemo").await.iter().all(|row| row["RemainingCredit"] != 0));
    let bills = rows(&bench, "Bill").await;
    assert!(bills.iter().any(open) && bills.iter().any(|bill| !open(bill)));
    let names: BTreeSet<&str> = customers.iter().map(|row| row["DisplayName"].as_str().unwrap()).collect();
    assert!(rows(&bench, "Vendor").await.iter().any(|row| names.contains(row["DisplayName"].as_str().unwrap())));
    assert!(customers.iter().any(|row| row["Balance"].as_f64().unwrap() < 0.0));
}

#[tokio::test]
async fn jobs_have_a_parent_its_phones_and_its_currency() {
    let bench = Bench::start().await;
    let customers = rows(&bench, "Customer").await;
    let jobs: Vec<&Value> = customers.iter().filter(|row| row["Job"] == true).collect();
    assert_eq!(jobs.len(), 8);
    for job in &jobs {
        let parent = customers.iter().find(|row| row["Id"] == job["ParentRef"]["value"]).unwrap();
        for field in ["PrimaryPhone", "Mobile", "CurrencyRef"] {
            assert_eq!(job.get(field), parent.get(field));
        }
        let balance = |row: &Value, name: &str| row[name].as_f64().unwrap();
        let with_jobs = balance(parent, "Balance") + balance(job, "Balance");
        assert!((balance(parent, "BalanceWithJobs") - with_jobs).abs() < 0.001);
    }
    assert_eq!(jobs.iter().filter(|job| job["BillWithParent"] == true).count(), 4);
}

#[tokio::test]
async fn a_customer_has_one_currency_and_its_invoices_have_the_same() {
    let bench = Bench::start().await;
    let currencies: BTreeMap<String, Value> = rows(&bench, "Customer")
        .await
        .into_iter()
        .map(|row| (row["Id"].as_str().unwrap().to_owned(), row["CurrencyRef"].clone()))
        .collect();
    let invoices = rows(&bench, "Invoice").await;
    for row in &invoices {
        assert_eq!(row["CurrencyRef"], currencies[row["CustomerRef"]["value"].as_str().unwrap()]);
        assert!(row["ExchangeRate"].is_number() && row["HomeBalance"].is_number());
    }
    let used: BTreeSet<&str> = invoices.iter().map(|row| row["CurrencyRef"]["value"].as_str().unwrap()).collect();
    assert_eq!(used, BTreeSet::from(["AED", "EUR", "GBP", "KWD", "SAR", "USD"]));
}

#[tokio::test]
async fn inactive_customers_owe_something_still() {
    let bench = Bench::start().await;
    let invoices = rows(&bench, "Invoice").await;
    let inactive: Vec<Value> =
        rows(&bench, "Customer").await.into_iter().filter(|row| row["Active"] == false).collect();
    assert_eq!(inactive.len(), 4);
    for row in inactive {
        assert!(row["DisplayName"].as_str().unwrap().ends_with(" (deleted)"));
        assert!(invoices.iter().any(|invoice| invoice["CustomerRef"]["value"] == row["Id"] && open(invoice)));
    }
}

#[tokio::test]
async fn every_way_of_writing_a_number_leads_back_to_it() {
    let bench = Bench::start().await;
    for (key, region, least) in [("demo", Region::AE, 80), ("other", Region::US, 12), ("sandbox", Region::US, 5)] {
        let mobiles = bench.look(&format!("intuit/mobiles?realm={key}")).await;
        let mobiles: BTreeMap<String, String> = serde_json::from_value(mobiles).unwrap();
        assert!(mobiles.len() >= least, "{key}");
        assert_eq!(mobiles.values().collect::<BTreeSet<_>>().len(), mobiles.len());
        for row in bench.look(&format!("intuit/customers?realm={key}")).await.as_array().unwrap() {
            let Some(expected) = mobiles.get(row["Id"].as_str().unwrap()) else { continue };
            let read = |field: &&str| {
                let parsed = PhoneNumber::parse(row[*field]["FreeFormNumber"].as_str()?, Some(region)).ok()?;
                parsed.is_valid().then(|| parsed.to_string())
            };
            let found: Vec<String> = PHONES.iter().filter_map(read).collect();
            assert!(found.contains(expected), "{expected} is not in {row}");
        }
    }
}

#[tokio::test]
async fn times_are_pacific_with_and_without_daylight_saving() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    let all = books.query("SELECT * FROM Invoice MAXRESULTS 1000").await["Invoice"].clone();
    let offsets: BTreeSet<String> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["MetaData"]["LastUpdatedTime"].as_str().unwrap())
        .inspect(|text| assert_eq!(text.len(), "2026-05-05T03:13:29-07:00".len()))
        .map(|text| text[19..].to_owned())
        .collect();
    assert_eq!(offsets, BTreeSet::from([String::from("-07:00"), String::from("-08:00")]));
}

#[tokio::test]
async fn two_rows_are_broken_until_switched_off() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    let all = books.query("SELECT * FROM Invoice MAXRESULTS 1000").await["Invoice"].clone();
    let broken = |row: &&Value| row["Balance"].is_string() || row.get("Id").is_none();
    assert_eq!(all.as_array().unwrap().iter().filter(broken).count(), 2);
    assert!(!all.to_string().contains("_sim"));
    bench.control("intuit/settings", json!({ "malformed_rows": false })).await;
    let whole = books.query("SELECT * FROM Invoice MAXRESULTS 1000").await["Invoice"].clone();
    assert_eq!(whole.as_array().unwrap().iter().filter(broken).count(), 0);
}

#[tokio::test]
async fn a_seed_and_a_day_always_give_the_same_books() {
    let of_seed = |seed| async move {
        let options = Options { seed, today: Some(TODAY.parse().unwrap()), ..Options::default() };
        let bench = Bench::with(options).await;
        (realm(&bench, "demo").await, rows(&bench, "Invoice").await)
    };
    let (first, second, other) = (of_seed(1).await, of_seed(1).await, of_seed(2).await);
    assert_eq!(first, second);
    assert_ne!(first.0, other.0);
}

#[tokio::test]
async fn companies_use_the_same_small_numbers_as_ids() {
    let bench = Bench::start().await;
    for key in ["demo", "other", "sandbox"] {
        let customers = bench.look(&format!("intuit/customers?realm={key}")).await;
        assert_eq!(customers[0]["Id"], "1");
        let id = realm(&bench, key).await;
        assert!(id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_digit()), "{id}");
    }
}

#[tokio::test]
async fn a_large_company_is_there_within_three_seconds() {
    let bench = Bench::start().await;
    let size = json!({
        "key": "large", "invoices": 10_000, "customers": 2_000, "credit_memos": 200, "payments": 1_000, "bills": 300,
    });
    let make = || async {
        let began = Instant::now();
        let made = bench.control("intuit/large", size.clone()).await;
        (began.elapsed(), made)
    };
    // Of two, since a busy machine slows one down.
    let (first, made) = make().await;
    let (second, again) = make().await;
    assert_eq!(made, again);
    let books = Books::of(&bench, "large").await;
    assert_eq!(made["realm"], books.realm.as_str());
    for (entity, n_rows) in
        [("Invoice", 10_000), ("Customer", 2_000), ("CreditMemo", 200), ("Payment", 1_000), ("Bill", 300)]
    {
        let found = books.query(&format!("SELECT count(*) FROM {entity}")).await;
        assert_eq!(found["totalCount"], n_rows, "{entity}");
    }
    assert!(first.min(second) < Duration::from_secs(3), "{first:?} {second:?}");
}
