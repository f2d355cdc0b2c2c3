//! An organisation takes its data along.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _},
};

use aws_lc_rs::digest::{SHA256, digest};
use numo_e2e::{
    journey::SOON,
    product::Product,
    wait::{Look, until},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::World;

pub(crate) async fn an_archive_has_everything_of_its_organisation_and_nothing_else(world: &mut World) {
    let (owner, joiner) = (world.owner(), world.joiner());
    let mine = exported(&owner, "/v1/exports").await;
    let (files, listed) = (fetched(&mine).await, owner.customers().await.unwrap());
    assert_eq!(lines(&files, "customers").len(), listed.len());
    assert_eq!(files["customers.csv"].lines().count(), listed.len() + 1);
    assert_eq!(lines(&files, "organisation")[0]["id"], "org_harbour");
    let counted: BTreeMap<String, usize> = serde_json::from_value(mine["items"].clone()).unwrap();
    for (file, count) in &counted {
        assert_eq!(lines(&files, file).len(), *count, "{file}");
    }
    assert!(counted["invoices"] > 100 && counted["reminders"] > 0 && counted["messages"] > 0, "{counted:?}");
    // Tokens are in no file, and neither is the other organisation.
    for secret in ["EAAsim-", &joiner.connections().await.unwrap()[0].id] {
        assert!(files.values().all(|text| !text.contains(secret)), "{secret}");
    }
    let customer = &listed[0];
    let path = format!("/v1/customers/{}/{}/export", customer.connection, customer.contact);
    let files = fetched(&exported(&owner, &path).await).await;
    assert_eq!(lines(&files, "customers").len(), 1);
    assert!(lines(&files, "invoices").iter().all(|line| line["contact"]["contact"] == json!(customer.contact)));
    // A stranger has neither the export nor a link to it.
    let id = mine["id"].as_str().unwrap();
    let answer = joiner.call(Method::GET, &format!("/v1/exports/{id}"), None).await.unwrap();
    assert_eq!(answer.status, 404);
}

/// Asks for an export and waits until it can be fetched.
async fn exported(product: &Product, path: &str) -> Value {
    let asked: Value = product.post(path, &json!({})).await.unwrap().json().unwrap();
    let path = format!("/v1/exports/{}", asked["id"].as_str().unwrap());
    until("an export is ready", SOON, async || {
        let export: Value = product.get(&path).await?.json()?;
        Ok(if export["state"] == "ready" { Look::Done(export) } else { Look::NotYet(export["state"].to_string()) })
    })
    .await
    .unwrap()
}

/// The files of its archive, by its link.
async fn fetched(export: &Value) -> BTreeMap<String, String> {
    let archive = &export["archives"][0];
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let bytes = http.get(archive["link"].as_str().unwrap()).send().await.unwrap().bytes().await.unwrap();
    let hash: String = digest(&SHA256, &bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((archive["size"].as_u64(), &archive["sha256"]), (u64::try_from(bytes.len()).ok(), &json!(hash)));
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for place in 0..zip.len() {
        let mut file = zip.by_index(place).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        files.insert(file.name().unwrap().into_owned(), text);
    }
    files
}

fn lines(files: &BTreeMap<String, String>, file: &str) -> Vec<Value> {
    files[&format!("{file}.jsonl")].lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
