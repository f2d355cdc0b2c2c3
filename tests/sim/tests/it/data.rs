use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use numo_sim::Options;
use rlibphonenumber::{PhoneNumber, Region};
use serde_json::{Value, json};

use crate::client::{Bench, answer};

const TODAY_MS: i64 = 1_795_392_000_000;
const DAY_MS: i64 = 86_400_000;

fn due_in_days(row: &Value) -> Option<i64> {
    let text = row["DueDate"].as_str()?.strip_prefix("/Date(")?.strip_suffix("+0000)/")?;
    Some((text.parse::<i64>().unwrap() - TODAY_MS) / DAY_MS)
}

fn is_open_sale(row: &Value) -> bool {
    row["Type"] == "ACCREC" && row["Status"] == "AUTHORISED" && row["AmountDue"].as_f64().is_some_and(|due| due > 0.0)
}

fn is_valid(number: &str) -> bool {
    PhoneNumber::parse(number, None).is_ok_and(|parsed| parsed.is_valid())
}

#[tokio::test]
async fn the_seeded_ledger_has_the_promised_variety() {
    let bench = Bench::start().await;
    let documents = bench.look("xero/documents?tenant=demo").await;
    let rows = documents.as_array().unwrap();
    let count = |of: &dyn Fn(&Value) -> bool| rows.iter().filter(|row| of(row)).count();
    let with_status = |status: &str| count(&|row| row["Type"] == "ACCREC" && row["Status"] == *status);
    assert!(rows.len() >= 540, "{}", rows.len());
    assert_eq!(bench.look("xero/contacts?tenant=demo").await.as_array().unwrap().len(), 220);
    let due = |low: i64, high: i64| {
        count(&|row| is_open_sale(row) && due_in_days(row).is_some_and(|days| (low..=high).contains(&days)))
    };
    assert!(due(-25, -5) >= 100 && due(-999, -31) >= 20 && due(0, 0) >= 5 && due(1, 999) >= 20);
    for (status, least) in [("DRAFT", 20), ("SUBMITTED", 10), ("VOIDED", 10), ("DELETED", 8), ("PAID", 150)] {
        assert!(with_status(status) >= least, "{status}: {}", with_status(status));
    }
    assert!(count(&|row| row["Type"] == "ACCPAY") >= 80);
    assert!(count(&|row| row["Status"] == "PAID" && row["AmountPaid"] == json!(0.0)) >= 10);
    assert!(count(&|row| is_open_sale(row) && row["AmountPaid"] != json!(0.0)) >= 10);
    assert!(count(&|row| is_open_sale(row) && row.get("DueDate").is_none()) >= 3);
    assert!(count(&|row| row.get("SimUnknownField").is_some()) >= 10);
    let currencies: BTreeSet<&str> = rows.iter().filter_map(|row| row["CurrencyCode"].as_str()).collect();
    assert_eq!(currencies, BTreeSet::from(["AED", "EUR", "GBP", "JPY", "KWD", "USD"]));
}

#[tokio::test]
async fn promised_days_planned_days_and_discounts_are_there() {
    let bench = Bench::start().await;
    let documents = bench.look("xero/documents?tenant=demo").await;
    let rows = documents.as_array().unwrap();
    let count = |kind: &str, field: &str| {
        rows.iter().filter(|row| row["Type"] == kind && row.get(field).is_some_and(|value| *value != false)).count()
    };
    let counted = [("ACCREC", "ExpectedPaymentDate"), ("ACCPAY", "PlannedPaymentDate"), ("ACCREC", "IsDiscounted")]
        .map(|(kind, field)| count(kind, field));
    assert_eq!(counted, [5, 10, 4]);
}

#[tokio::test]
async fn what_is_owed_to_a_customer_is_less_or_more_than_the_customer_owes() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    let body = ledger.get("Contacts", &[("page", "1"), ("pageSize", "1000"), ("where", "IsSupplier==true")]).await;
    let both = body["Contacts"].as_array().unwrap().iter().filter(|row| row["IsCustomer"] == true);
    let outstanding = |row: &Value, side: &str| row["Balances"][side]["Outstanding"].as_f64().unwrap();
    let owes_more = |row: &&Value| outstanding(row, "AccountsReceivable") > outstanding(row, "AccountsPayable");
    assert_eq!(both.partition::<Vec<&Value>, _>(owes_more).0.len(), 5);
}

#[tokio::test]
async fn totals_always_equal_due_plus_paid_plus_credited() {
    let bench = Bench::start().await;
    bench.control("xero/settings", json!({ "malformed_rows": false })).await;
    let ledger = bench.connected("demo").await;
    for row in ledger.get("Invoices", &[]).await["Invoices"].as_array().unwrap() {
        let amount = |name: &str| row[name].as_f64().unwrap();
        let settled = amount("AmountDue") + amount("AmountPaid") + amount("AmountCredited");
        let cancelled = row["Status"] == "VOIDED" || row["Status"] == "DELETED";
        assert!(cancelled || (settled - amount("Total")).abs() < 0.000_05, "{row}");
    }
}

#[tokio::test]
async fn at_least_ninety_customers_can_be_reminded_today() {
    let bench = Bench::start().await;
    let mobiles: BTreeMap<String, String> =
        serde_json::from_value(bench.look("xero/mobiles?tenant=demo").await).unwrap();
    let invalid: Vec<&String> = mobiles.values().filter(|number| !is_valid(number)).collect();
    assert_eq!(invalid, Vec::<&String>::new());
    assert_eq!(mobiles.values().collect::<BTreeSet<_>>().len(), mobiles.len());
    let documents = bench.look("xero/documents?tenant=demo").await;
    let owing: BTreeSet<&str> = documents
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| is_open_sale(row) && due_in_days(row).is_some_and(|days| (-25..=-5).contains(&days)))
        .filter_map(|row| row["Contact"]["ContactID"].as_str())
        .filter(|id| mobiles.contains_key(*id))
        .collect();
    assert!(owing.len() >= 90, "{}", owing.len());
}

#[tokio::test]
async fn every_way_of_writing_a_number_leads_back_to_it() {
    let bench = Bench::start().await;
    let mobiles = bench.look("xero/mobiles?tenant=demo").await;
    let contacts = bench.look("xero/contacts?tenant=demo").await;
    for contact in contacts.as_array().unwrap() {
        let Some(expected) = mobiles[contact["ContactID"].as_str().unwrap()].as_str() else { continue };
        let found = contact["Phones"].as_array().unwrap().iter().any(|entry| read(entry).as_deref() == Some(expected));
        assert!(found, "{expected} is not in {}", contact["Phones"]);
    }
}

/// Joins country, area and number as a careful importer would.
fn read(entry: &Value) -> Option<String> {
    let text = |name: &str| entry[name].as_str().unwrap_or_default();
    let country: String = text("PhoneCountryCode").chars().filter(char::is_ascii_digit).collect();
    let rest = format!("{}{}", text("PhoneAreaCode"), text("PhoneNumber"));
    let joined = match country.trim_start_matches('0') {
        "" => rest,
        code => format!("+{code}{rest}"),
    };
    let parsed = PhoneNumber::parse(&joined, Some(Region::AE)).ok()?;
    parsed.is_valid().then(|| parsed.to_string())
}

#[tokio::test]
async fn shared_missing_and_useless_numbers_are_there_too() {
    let bench = Bench::start().await;
    let contacts = bench.look("xero/contacts?tenant=demo").await;
    let mut holders: BTreeMap<String, usize> = BTreeMap::new();
    let (mut n_without, mut n_bare) = (0, 0);
    for contact in contacts.as_array().unwrap() {
        let entries = contact["Phones"].as_array().unwrap();
        assert_eq!(entries.len(), 4);
        n_bare += entries.iter().filter(|entry| entry.get("PhoneNumber").is_none()).count();
        let numbers: BTreeSet<String> = entries.iter().filter_map(read).collect();
        n_without += usize::from(numbers.is_empty());
        for number in numbers.into_iter().filter(|number| number.starts_with("+9715")) {
            *holders.entry(number).or_default() += 1;
        }
    }
    let shared: Vec<usize> = holders.into_values().filter(|n_holders| *n_holders > 1).collect();
    assert!(n_without >= 10 && n_bare >= 100);
    assert_eq!(BTreeSet::from_iter(shared), BTreeSet::from([2, 4]));
    let statuses: BTreeSet<&str> =
        contacts.as_array().unwrap().iter().filter_map(|contact| contact["ContactStatus"].as_str()).collect();
    assert_eq!(statuses, BTreeSet::from(["ACTIVE", "ARCHIVED", "GDPRREQUEST"]));
}

#[tokio::test]
async fn names_are_unique_and_speak_many_languages() {
    let bench = Bench::start().await;
    let contacts = bench.look("xero/contacts?tenant=demo").await;
    let names: BTreeSet<&str> =
        contacts.as_array().unwrap().iter().filter_map(|contact| contact["Name"].as_str()).collect();
    assert_eq!(names.len(), 220);
    for part in ["شركة", "<script>", "\"Sons\"", "株式会社", "Müller"] {
        assert!(names.iter().any(|name| name.contains(part)), "{part}");
    }
}

#[tokio::test]
async fn two_broken_rows_are_served_until_switched_off() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    let broken = async || {
        let body = ledger
            .get("Invoices", &[("page", "1"), ("pageSize", "1000"), ("where", "Type==\"ACCREC\" AND AmountDue>0")])
            .await;
        let rows = body["Invoices"].as_array().unwrap().clone();
        assert!(rows.iter().all(|row| row.get("_sim_malformed").is_none()));
        rows.iter().filter(|row| row["AmountDue"].is_string() || row.get("InvoiceID").is_none()).count()
    };
    assert_eq!(broken().await, 2);
    bench.control("xero/settings", json!({ "malformed_rows": false })).await;
    assert_eq!(broken().await, 0);
}

#[tokio::test]
async fn a_seed_always_gives_the_same_ledger() {
    let (first, second) = (Bench::start().await, Bench::start().await);
    let other =
        Bench::with(Options { seed: 2, today: Some("2026-11-23".parse().unwrap()), ..Options::default() }).await;
    let path = "xero/documents?tenant=demo";
    let rows = first.look(path).await;
    assert!(rows == second.look(path).await && rows != other.look(path).await);
}

#[tokio::test]
async fn each_organisation_states_its_country_zone_and_currency() {
    let bench = Bench::start().await;
    for (key, country, zone, currency, is_demo) in [
        ("demo", "AE", "ARABIANSTANDARDTIME", "AED", false),
        ("other", "GB", "GMTSTANDARDTIME", "GBP", false),
        ("demo_company", "GB", "GMTSTANDARDTIME", "GBP", true),
    ] {
        let ledger = bench.connected(key).await;
        let row = answer(ledger.request("Organisation")).await.1["Organisations"][0].clone();
        let told = json!([row["CountryCode"], row["Timezone"], row["BaseCurrency"], row["IsDemoCompany"]]);
        assert_eq!((told, &row["OrganisationID"]), (json!([country, zone, currency, is_demo]), &json!(ledger.tenant)));
    }
}

/// The folder of the real ledger, or nothing (said in one line) where it is not there.
#[expect(clippy::print_stdout, reason = "a test that passes over says so")]
fn ledger_folder() -> Option<PathBuf> {
    let data = std::env::var_os("NUMO_REFERENCE_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")), PathBuf::from);
    let folder = data.join("xero/ledger");
    if folder.is_dir() {
        return Some(folder);
    }
    let required = std::env::var_os("NUMO_REQUIRE_REFERENCE").is_some_and(|value| value == "1");
    assert!(!required, "the reference ledger is required and missing: {}", folder.display());
    println!("passed over: no reference ledger in {}", folder.display());
    None
}

#[tokio::test]
async fn the_reference_ledger_is_served_whole() {
    let Some(folder) = ledger_folder() else { return };
    let bench = Bench::with(Options { ledger: Some(folder), ..Options::default() }).await;
    let ledger = bench.connected("ledger").await;
    let body = ledger.get("Invoices", &[("page", "1"), ("pageSize", "1000")]).await;
    let rows = body["Invoices"].as_array().unwrap();
    let count = |of: &dyn Fn(&Value) -> bool| rows.iter().filter(|row| of(row)).count();
    assert_eq!(rows.len(), 601);
    assert_eq!(count(&|row| row["Type"] == "ACCREC"), 117);
    assert_eq!(count(&|row| is_open_sale(row)), 13);
    assert!(rows.iter().all(|row| row["Contact"]["Name"].is_string() && row["DueDate"].is_string()));
    let mobiles: BTreeMap<String, String> =
        serde_json::from_value(bench.look("xero/mobiles?tenant=ledger").await).unwrap();
    assert_eq!(mobiles.values().collect::<BTreeSet<_>>().len(), 152);
    assert!(mobiles.values().all(|number| is_valid(number)));
    let organisation = answer(ledger.request("Organisation")).await.1["Organisations"][0].clone();
    assert_eq!((&organisation["CountryCode"], &organisation["BaseCurrency"]), (&json!("CA"), &json!("CAD")));
}
