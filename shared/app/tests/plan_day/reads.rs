//! How often a planner reads what it plans from.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use numo_app::port::table::{Item, Key, Page, Query, Table, TableError, Write, Written};
use numo_domain::policy::Approval;
use numo_testkit::memory_table::MemoryTable;

use crate::{Planner, at};

/// Notes every item that a read returns.
struct NotedTable {
    inner: MemoryTable,
    read: Mutex<BTreeMap<(String, String), u32>>,
}

impl NotedTable {
    fn note(&self, items: &[Item]) {
        let mut read = self.read.lock().unwrap();
        for item in items {
            *read.entry((item.key.pk.clone(), item.key.sk.clone())).or_default() += 1;
        }
    }
}

#[async_trait]
impl Table for NotedTable {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn get(&self, key: &Key) -> Result<Option<Item>, TableError> {
        let item = self.inner.get(key).await?;
        self.note(item.as_slice());
        Ok(item)
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, TableError> {
        let items = self.inner.get_many(keys).await?;
        self.note(&items);
        Ok(items)
    }

    async fn query(&self, query: &Query) -> Result<Page, TableError> {
        let page = self.inner.query(query).await?;
        self.note(&page.items);
        Ok(page)
    }

    async fn write(&self, write: Write) -> Result<Written, TableError> {
        self.inner.write(write).await
    }

    async fn transact(&self, token: &str, writes: Vec<Write>) -> Result<Written, TableError> {
        self.inner.transact(token, writes).await
    }
}

#[tokio::test]
async fn a_planner_reads_each_item_once_but_the_claim_of_its_work() {
    let table = Arc::new(NotedTable { inner: MemoryTable::new(), read: Mutex::default() });
    let planner = Planner::new(table.clone(), 1);
    planner.seed().await;
    // Three days that are approved, made ahead for approval, and planned again.
    planner.save_policy(1, Approval::Required).await;
    for (now, sends, twice) in [
        ("2026-11-24T06:00:00Z", 1, &["DUE#PLAN#DAY"][..]),
        ("2026-11-24T13:00:00Z", 1, &["DUE#PLAN#DAY"]),
        ("2026-11-25T06:00:00Z", 1, &["DUE#PLAN#DAY", "FIGURES"]),
    ] {
        let now = at(now);
        let claim = planner.asked(now).await;
        table.read.lock().unwrap().clear();
        let planned = numo_app::plan_day::plan_day(&planner.waker, &crate::org(), claim, now).await.unwrap();
        assert_eq!(planned.map(|plan| plan.sends), Some(sends), "{now}");
        let read = table.read.lock().unwrap().clone();
        // The numbers of a day are counted over all invoices, the open ones among them.
        let other = read.into_iter().filter(|((_, sk), times)| *times > 1 && !sk.starts_with("INV#"));
        let again: Vec<String> = other.map(|((_, sk), _)| sk).collect();
        // Nothing is planned from the claim: it is looked at again because somebody else may have taken the work over.
        assert_eq!(again, twice, "{now}");
    }
}
