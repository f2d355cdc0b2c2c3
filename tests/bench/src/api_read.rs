//! What a part of a list and pages of the console cost `web`: its process in release form on the local stack, warm, with
//! all that the ledger has.

use std::time::Duration;

use numo_e2e::{
    product::Product,
    wait::{Look, until},
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{Failure, row::Row, usage};

const PART: &str = "/v1/customers?limit=50";

/// Parts that are read before counting starts, and those that count: below the calls that an organisation may make in a
/// minute, and enough of them, since the kernel counts processor time in hundredths of a second.
const WARM_UP: u64 = 50;
const TIMES: u64 = 400;

/// Times that a page is opened, and how often with one session: it lives for a minute.
const PAGE_TIMES: u64 = 50;
const OF_ONE_SESSION: u64 = 10;

/// Pages with the name of their row.
const PAGES: [(&str, &str); 12] = [
    ("home", "/"),
    ("plan", "/plan"),
    ("customers", "/customers"),
    ("invoices", "/invoices"),
    ("messages", "/messages"),
    ("reminders", "/reminders"),
    ("numbers", "/numbers"),
    ("policy", "/policies/default"),
    ("templates", "/templates"),
    ("connections", "/connections"),
    ("activity", "/activity"),
    ("settings", "/settings"),
];

pub(crate) async fn measure(product: &Product) -> Result<Vec<Row>, Failure> {
    read(product, WARM_UP).await?;
    let before = usage::of_function("web")?.cpu_ms;
    read(product, TIMES).await?;
    let used = usage::of_function("web")?.cpu_ms - before;
    let mut rows = vec![Row::new("api_read_cpu_us.customers", used * 1_000 / TIMES, "us", 5_000)];
    planned(product).await?;
    let customer = a_customer(product).await?;
    for (name, path) in PAGES.into_iter().chain([("customer", customer.as_str())]) {
        rows.push(page(product, (name, path), (PAGE_TIMES, 15_000)).await?);
    }
    // It decides about everybody, and is opened by those who ask for it.
    rows.push(page(product, ("plan_ahead", "/plan/ahead"), (OF_ONE_SESSION, 400_000)).await?);
    Ok(rows)
}

/// What a page costs when it is opened so often.
async fn page(product: &Product, (name, path): (&str, &str), (times, limit): (u64, u64)) -> Result<Row, Failure> {
    open(product, path, OF_ONE_SESSION).await?;
    let before = usage::of_function("web")?.cpu_ms;
    open(product, path, times).await?;
    let used = usage::of_function("web")?.cpu_ms - before;
    Ok(Row::new(format!("page_cpu_us.{name}"), used * 1_000 / times, "us", limit))
}

/// Has the day planned, and waits for it.
async fn planned(product: &Product) -> Result<(), Failure> {
    product.post("/v1/plan", &json!({})).await?.succeeded()?;
    let plan = format!("/v1/plans/{}?limit=1", product.date().await?);
    let look = async || match product.get(&plan).await?.status {
        StatusCode::OK => Ok(Look::Done(())),
        status => Ok(Look::NotYet(status.to_string())),
    };
    Ok(until("the day's plan", Duration::from_secs(120), look).await?)
}

/// The page of one of the customers.
async fn a_customer(product: &Product) -> Result<String, Failure> {
    let part: Value = product.get(PART).await?.json()?;
    let customer = &part["customers"][25];
    match (customer["connection"].as_str(), customer["contact"].as_str()) {
        (Some(connection), Some(contact)) => Ok(format!("/customers/{connection}/{contact}")),
        _ => Err("a part without customers".into()),
    }
}

async fn open(product: &Product, path: &str, times: u64) -> Result<(), Failure> {
    for _ in 0..times / OF_ONE_SESSION {
        let mut browser = product.browser().await?;
        for _ in 0..OF_ONE_SESSION {
            let page = browser.open(path).await?;
            if page.status != 200 || !page.body.contains("<main id=\"content\">") {
                return Err(format!("{path} is no page: {}", page.status).into());
            }
        }
    }
    Ok(())
}

async fn read(product: &Product, times: u64) -> Result<(), Failure> {
    for _ in 0..times {
        let part: Value = product.get(PART).await?.json()?;
        let customers = part["customers"].as_array().map_or(0, Vec::len);
        if customers != 50 {
            return Err(format!("a part of 50 customers has {customers}").into());
        }
    }
    Ok(())
}
