//! What pages of the console cost `web`: its process in release form on the local stack, warm, for a business with a large
//! ledger, a number, texts, reminders that went out and customers who answered.

use std::{collections::BTreeSet, time::Duration};

use numo_e2e::{
    browser::Browser,
    http::{Answer, client},
    journey::{self, HARBOUR_SENDER},
    product::Product,
    simulator::Simulator,
    stack::StackState,
};
use serde_json::Value;

use crate::{Failure, api_read::PART, row::Row, usage::Function};

/// Times that a page is opened, and how often with one session: it lives for a minute.
const TIMES: u64 = 20;
const OF_ONE_SESSION: u64 = 10;

/// Customers who are reminded and write something.
const TALKS: u32 = 60;

/// Processor time to the first byte of a page, in microseconds.
const LIMIT: u64 = 15_000;

/// Pages without an id in their address, by the name of their row.
const PAGES: [(&str, &str); 26] = [
    ("home", "/"),
    ("plan", "/plan"),
    ("plan_ahead", "/plan/ahead"),
    ("customers", "/customers"),
    ("customers_without_number", "/customers?number=none"),
    ("paste_numbers", "/customers/numbers"),
    ("import_opt_ins", "/customers/opt-ins"),
    ("invoices", "/invoices"),
    ("messages", "/messages"),
    ("messages_waiting", "/messages?show=waiting"),
    ("reminders", "/reminders"),
    ("numbers", "/numbers"),
    ("policies", "/policies"),
    ("policy", "/policies/default"),
    ("policy_new", "/policies/new?from=default"),
    ("test", "/test"),
    ("templates", "/templates"),
    ("connections", "/connections"),
    ("activity", "/activity"),
    ("settings", "/settings"),
    ("settings_consent", "/settings/consent"),
    ("settings_mails", "/settings/mails"),
    ("settings_cost", "/settings/cost"),
    ("settings_exports", "/settings/exports"),
    ("settings_ending", "/settings/ending"),
    ("clients", "/clients"),
];

pub(crate) async fn measure(product: &Product, stack: &StackState, web: &Function<'_>) -> Result<Vec<Row>, Failure> {
    talked(product, stack).await?;
    let mut rows = Vec::new();
    let of_ids = of_ids(product).await?;
    let send_now = of_ids.iter().find(|(name, _)| *name == "customer_send_now");
    let send_now = send_now.map(|(_, path)| path.clone()).ok_or("no page of a reminder by hand")?;
    for (name, path) in PAGES.into_iter().map(|(name, path)| (name, path.to_owned())).chain(of_ids) {
        let page = Page { name, path: &path, is_part: false };
        rows.push(page.row(product, web, LIMIT).await?);
    }
    // They decide about everybody, and are loaded once their page is there.
    for (name, path) in [
        ("plan_ahead_part", "/plan/ahead"),
        ("policies_part", "/policies/backlog"),
        ("customer_send_now_part", send_now.as_str()),
    ] {
        rows.push(Page { name, path, is_part: true }.row(product, web, 400_000).await?);
    }
    for form in FORMS {
        rows.push(form.row(product, web).await?);
    }
    Ok(rows)
}

/// Has reminders sent and answered.
async fn talked(product: &Product, stack: &StackState) -> Result<(), Failure> {
    product.attest().await?;
    let version = journey::allow_sending(product, HARBOUR_SENDER, &journey::policy()).await?;
    product.set_ramp(TALKS).await?;
    let date = journey::planned(product, version).await?.header.date;
    journey::approved(product, &date).await?;
    let simulator = Simulator::new(client()?, stack.sim_url.clone());
    let limit = Duration::from_secs(300);
    journey::dispatched(product, &date, limit, |_| {}).await?;
    journey::settled(product, &simulator, &date, limit, |_| {}).await?;
    let numbers: BTreeSet<String> = simulator.messages().await?.into_iter().map(|message| message.to).collect();
    for number in &numbers {
        simulator.write(HARBOUR_SENDER.phone_number_id, number, "Which bank account is it?").await?;
    }
    simulator.settle(limit).await?;
    match numbers.len() {
        50.. => Ok(()),
        few => Err(format!("only {few} customers were written to").into()),
    }
}

/// Pages with ids in their addresses: of a customer who was written to, one of the invoices, a conversation and so on.
async fn of_ids(product: &Product) -> Result<Vec<(&'static str, String)>, Failure> {
    let reminded: Value = product.get("/v1/reminders?limit=1").await?.json()?;
    let unit = &reminded["reminders"][0]["unit"];
    let customer = format!("/customers/{}/{}", text(&unit["connection"])?, text(&unit["contact"])?);
    let part: Value = product.get(PART).await?.json()?;
    let other = &part["customers"][25];
    let invoices: Value = product.get("/v1/invoices?limit=50").await?.json()?;
    let invoice = &invoices["invoices"][25];
    let talks: Value = product.get("/v1/conversations?limit=1").await?.json()?;
    let talk = &talks["conversations"][0];
    let connection = text(&other["connection"])?;
    let tomorrow: jiff::civil::Date = product.date().await?.parse()?;
    let tomorrow = tomorrow.tomorrow()?;
    let standard = format!("/templates/{}/overdue_gentle/en", HARBOUR_SENDER.waba);
    Ok(vec![
        ("customer", customer.clone()),
        ("customer_unwritten", format!("/customers/{connection}/{}", text(&other["contact"])?)),
        ("customer_ahead", format!("{customer}?day={tomorrow}")),
        ("customer_number", format!("{customer}/number")),
        ("customer_timeline", format!("{customer}/timeline")),
        ("customer_consent", format!("{customer}/consent")),
        ("customer_send_now", format!("{customer}/send-now?currency={}", text(&unit["currency"])?)),
        ("customer_erasure", format!("{customer}/erasure")),
        ("invoice", format!("/invoices/{}/{}", text(&invoice["connection"])?, text(&invoice["invoice"])?)),
        ("conversation", format!("/messages/{}/{}", text(&talk["number"])?, text(&talk["sender"])?)),
        ("template", standard.clone()),
        ("template_library", format!("{standard}/library")),
        ("connection", format!("/connections/{connection}")),
        ("connection_end", format!("/connections/{connection}/end")),
        ("number_end", format!("/connections/numbers/{}/end", HARBOUR_SENDER.phone_number_id)),
        ("account_end", format!("/connections/accounts/{}/end", HARBOUR_SENDER.waba)),
    ])
}

fn text(value: &Value) -> Result<&str, Failure> {
    value.as_str().ok_or_else(|| "an id is missing in an answer of the API".into())
}

/// What is opened.
struct Page<'a> {
    name: &'a str,
    path: &'a str,
    /// Whether htmx asks for it.
    is_part: bool,
}

impl Page<'_> {
    async fn row(&self, product: &Product, web: &Function<'_>, limit: u64) -> Result<Row, Failure> {
        self.open(product, OF_ONE_SESSION).await?;
        let before = web.usage()?.cpu_us;
        self.open(product, TIMES).await?;
        let used = web.usage()?.cpu_us - before;
        Ok(Row::new(format!("page_cpu_us.{}", self.name), used / TIMES, "us", limit))
    }

    async fn open(&self, product: &Product, times: u64) -> Result<(), Failure> {
        for _ in 0..times / OF_ONE_SESSION {
            let mut browser = product.browser().await?;
            for _ in 0..OF_ONE_SESSION {
                let answer =
                    if self.is_part { browser.load(self.path).await? } else { browser.open(self.path).await? };
                let is_whole = self.is_part || is_page(&answer);
                if answer.status != 200 || !is_whole {
                    return Err(format!("{} is no page: {}", self.path, answer.status).into());
                }
            }
        }
        Ok(())
    }
}

fn is_page(answer: &Answer) -> bool {
    answer.body.contains("<main id=\"content\">")
}

/// A form that is answered with what it found, and changes nothing.
struct Form {
    name: &'static str,
    path: &'static str,
    fields: &'static [(&'static str, &'static str)],
    limit: u64,
}

/// Each looks at every customer or every conversation.
const FORMS: [Form; 4] = [
    Form { name: "customers_found", path: "/customers", fields: &[("name", "tra")], limit: 100_000 },
    Form { name: "messages_found", path: "/messages", fields: &[("find", "tra"), ("show", "")], limit: 100_000 },
    Form {
        name: "numbers_looked_at",
        path: "/customers/numbers",
        fields: &[("rows", "Nobody of this name\t0501234567\n")],
        limit: 100_000,
    },
    Form {
        name: "opt_ins_looked_at",
        path: "/customers/opt-ins",
        fields: &[("rows", "Nobody of this name\t0501234567\n"), ("source", "order form"), ("given_on", "2026-03-01")],
        limit: 100_000,
    },
];

impl Form {
    async fn row(&self, product: &Product, web: &Function<'_>) -> Result<Row, Failure> {
        let mut used = 0;
        for _ in 0..TIMES / OF_ONE_SESSION {
            let mut browser = product.browser().await?;
            let token = self.token(&mut browser).await?;
            let fields: Vec<(&str, &str)> =
                [("form_token", token.as_str())].into_iter().chain(self.fields.iter().copied()).collect();
            let before = web.usage()?.cpu_us;
            for _ in 0..OF_ONE_SESSION {
                let answer = browser.submit(self.path, &fields).await?;
                if answer.status != 200 || !is_page(&answer) {
                    return Err(format!("{} answers {}", self.path, answer.status).into());
                }
            }
            used += web.usage()?.cpu_us - before;
        }
        Ok(Row::new(format!("form_cpu_us.{}", self.name), used / TIMES, "us", self.limit))
    }

    async fn token(&self, browser: &mut Browser) -> Result<String, Failure> {
        let page = browser.open(self.path).await?.body;
        let rest = page.split_once("name=\"form_token\" value=\"").ok_or("a page without a form")?.1;
        Ok(rest.split('"').next().unwrap_or_default().to_owned())
    }
}
