//! What a part of a list and pages of the console cost `web`: its process in release form on the local stack, warm, with
//! all that the ledger has.

use numo_e2e::product::Product;
use serde_json::Value;

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
const PAGES: [(&str, &str); 11] = [
    ("home", "/"),
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
    for (name, path) in PAGES {
        open(product, path, OF_ONE_SESSION).await?;
        let before = usage::of_function("web")?.cpu_ms;
        open(product, path, PAGE_TIMES).await?;
        let used = usage::of_function("web")?.cpu_ms - before;
        rows.push(Row::new(format!("page_cpu_us.{name}"), used * 1_000 / PAGE_TIMES, "us", 15_000));
    }
    Ok(rows)
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
