//! The decisions of a large plan: found by customer, read in parts, and written in as few items as hold them.

use std::sync::Arc;

use numo_app::{
    port::table::{Table as _, Write, Written},
    store::{
        part::{Part, Parted},
        plan::{Chunks, Made, PlanApproval, PlanHeader},
    },
};
use numo_domain::{
    contact::ContactRef,
    money::Currency,
    plan::{
        decision::{Decision, Outcome, Plan, Unit},
        reason::SkipCode,
    },
    policy::Approval,
};
use numo_testkit::memory_table::MemoryTable;
use uuid::Uuid;

use crate::{Planner, TUESDAY, connection, monday, org};

/// Customers, of whom every fifth gets a message.
const ALL: usize = 1_000;
const SENDS: usize = 200;

/// A saved plan: two hundred of a thousand customers get a message, and the first one has a decision in a second currency.
struct Large {
    planner: Planner,
    table: Arc<MemoryTable>,
    header: PlanHeader,
    /// In the order of units.
    decisions: Vec<Decision>,
}

fn customer(n: usize) -> ContactRef {
    ContactRef { connection: connection(), contact: format!("large-{n:04}").parse().unwrap() }
}

impl Large {
    async fn saved() -> Self {
        let table = Arc::new(MemoryTable::new());
        let planner = Planner::new(table.clone(), 1);
        planner.seed().await;
        planner.save_policy(1, Approval::Required).await;
        planner.plan(monday()).await.unwrap();
        let ahead = planner.header(TUESDAY).await.unwrap();
        let sent = planner.waker.store.plan_decisions(&org(), &ahead).await.unwrap().remove(0);
        let silent = Outcome::Skip { reasons: vec![SkipCode::NoStepToday.into()] };
        let mut decisions: Vec<Decision> = (0..ALL)
            .map(|n| {
                let unit = Unit { contact: customer(n), ..sent.unit.clone() };
                let outcome = if n % 5 == 0 { sent.outcome.clone() } else { silent.clone() };
                Decision { unit, outcome, ..sent.clone() }
            })
            .collect();
        let in_dollars = Unit { contact: customer(0), currency: "USD".parse::<Currency>().unwrap() };
        decisions.insert(1, Decision { unit: in_dollars, outcome: silent, ..sent });
        let plan = Plan { date: "2026-12-01".parse().unwrap(), decisions: decisions.clone() };
        let made = Made {
            making: Uuid::from_u128(77),
            plan: &plan,
            old_invoices: 0,
            ledgers_read_at: &ahead.ledgers_read_at,
            brakes: Vec::new(),
            approval: PlanApproval::Awaited,
        };
        let header = planner.waker.store.save_plan(&org(), None, made, monday()).await.unwrap().unwrap();
        Self { planner, table, header, decisions }
    }

    async fn part(&self, part: &Part) -> Parted<Decision> {
        self.planner.waker.store.plan_part(&org(), &self.header, part).await.unwrap()
    }
}

#[tokio::test]
async fn all_decisions_of_a_large_plan_are_read_back_in_the_order_of_units_and_messages_without_the_others() {
    let large = Large::saved().await;
    let store = &large.planner.waker.store;
    assert_eq!(large.header.chunks, Chunks { sends: 2, skips: 9 });
    assert_eq!(store.plan_decisions(&org(), &large.header).await.unwrap(), large.decisions);
    large.table.take_counts();
    let sends = store.planned_sends(&org(), &large.header).await.unwrap();
    let read = large.table.take_counts();
    let expected: Vec<Decision> =
        large.decisions.iter().filter(|decision| decision.send().is_some()).cloned().collect();
    assert_eq!(sends, expected);
    assert_eq!((sends.len(), read.items_read), (SENDS, 2));
}

#[tokio::test]
async fn a_part_of_a_large_plan_has_messages_first_each_decision_once_and_reads_two_chunks_at_most() {
    let large = Large::saved().await;
    let (mut shown, mut part) = (Vec::new(), Part::first(50));
    loop {
        large.table.take_counts();
        let parted = large.part(&part).await;
        let read = large.table.take_counts();
        assert!(read.items_read <= 2, "{read:?}");
        shown.push(parted.values);
        match parted.next {
            Some(next) => part.after = Some(next),
            None => break,
        }
    }
    assert_eq!(shown.iter().map(Vec::len).collect::<Vec<_>>(), [vec![50; 20], vec![1]].concat());
    let mut shown = shown.concat();
    let first_skip = shown.iter().position(|decision| decision.send().is_none());
    assert_eq!(first_skip, Some(SENDS));
    assert!(shown.iter().skip(SENDS).all(|decision| decision.send().is_none()));
    shown.sort_by(|one, other| one.unit.cmp(&other.unit));
    assert_eq!(shown, large.decisions);
}

#[tokio::test]
async fn what_a_large_plan_says_about_one_customer_is_found_without_reading_the_others() {
    let large = Large::saved().await;
    let store = &large.planner.waker.store;
    for (n, decided) in [(0, 2), (1, 1), (500, 1), (999, 1), (1_000, 0)] {
        large.table.take_counts();
        let about = store.plan_decisions_about(&org(), &large.header, &customer(n)).await.unwrap();
        let read = large.table.take_counts();
        let expected: Vec<Decision> =
            large.decisions.iter().filter(|decision| decision.unit.contact == customer(n)).cloned().collect();
        assert_eq!((about.len(), about, read.items_read), (decided, expected, 2), "{n}");
    }
}

#[tokio::test]
async fn chunks_that_were_stored_as_lists_of_the_table_are_read_as_before() {
    let large = Large::saved().await;
    for mut item in large.table.items().into_iter().filter(|item| item.entity == "plan_chunk") {
        let text = item.body["decisions"].as_str().unwrap();
        let list: serde_json::Value = serde_json::from_str(text).unwrap();
        item.body.insert("decisions".to_owned(), list);
        item.rev += 1;
        assert_eq!(large.table.write(Write::Replace(item)).await.unwrap(), Written::Done);
    }
    assert_eq!(large.planner.waker.store.plan_decisions(&org(), &large.header).await.unwrap(), large.decisions);
}

#[tokio::test]
async fn whoever_becomes_known_later_is_found_and_shown_last() {
    let mut large = Large::saved().await;
    let store = large.planner.waker.store.clone();
    let newcomer = |n: usize| {
        let silent = Outcome::Skip { reasons: vec![SkipCode::PlanNotApproved.into()] };
        Decision {
            unit: Unit { contact: customer(n), ..large.decisions[0].unit.clone() },
            outcome: silent,
            ..large.decisions[0].clone()
        }
    };
    let newcomers: Vec<Decision> = (2_000..2_003).map(newcomer).collect();
    for (making, newcomer) in newcomers.iter().enumerate() {
        let seen = store.plan_header(&org(), large.header.date).await.unwrap().unwrap();
        let making = Uuid::from_u128(100 + u128::try_from(making).unwrap());
        store.add_newcomers(&org(), &seen, (making, vec![newcomer.clone()]), monday()).await.unwrap().unwrap();
    }
    large.header = store.plan_header(&org(), large.header.date).await.unwrap().unwrap().value;
    assert_eq!(large.header.skips, ALL + 1 - SENDS + 3);
    let about = store.plan_decisions_about(&org(), &large.header, &customer(2_001)).await.unwrap();
    assert_eq!(about, [newcomers[1].clone()]);
    let shown = large.part(&Part::first(2_000)).await.values;
    assert_eq!(shown[shown.len() - 3..], newcomers);
    let all = store.plan_decisions(&org(), &large.header).await.unwrap();
    assert_eq!(all, [large.decisions, newcomers].concat());
}

#[tokio::test]
async fn long_messages_get_more_chunks_so_that_each_fits_the_table() {
    let Large { planner, table, header, mut decisions } = Large::saved().await;
    for decision in &mut decisions {
        if let Outcome::Send(send) = &mut decision.outcome {
            send.lines[0].number = "9".repeat(5_000);
        }
    }
    let seen = planner.waker.store.plan_header(&org(), header.date).await.unwrap().unwrap();
    let plan = Plan { date: header.date, decisions };
    let made = Made {
        making: Uuid::from_u128(78),
        plan: &plan,
        old_invoices: 0,
        ledgers_read_at: &header.ledgers_read_at,
        brakes: Vec::new(),
        approval: PlanApproval::Awaited,
    };
    let long = planner.waker.store.save_plan(&org(), Some(&seen), made, monday()).await.unwrap().unwrap();
    assert!(long.chunks.sends >= 6 && long.chunks.skips == 9, "{:?}", long.chunks);
    assert_eq!(planner.waker.store.plan_decisions(&org(), &long).await.unwrap(), plan.decisions);
    let chunks = table.items().into_iter().filter(|item| item.entity == "plan_chunk");
    assert!(chunks.map(|item| item.body["decisions"].as_str().unwrap().len()).max().unwrap() < 260_000);
}
