//! Counting the numbers that matter is nobody's obstacle.

use std::sync::Arc;

use numo_app::{job::Work, plan_day::plan_day, store::due::Claimed};
use numo_domain::policy::Approval;
use numo_testkit::{
    faulty_table::{Fault, FaultyTable, Plan},
    memory_table::MemoryTable,
};

use crate::{MONDAY, Planner, monday, org};

async fn faulty() -> (Planner, Arc<FaultyTable>) {
    let table = Arc::new(FaultyTable::new(Arc::new(MemoryTable::new())));
    let planner = Planner::new(table.clone(), 1);
    planner.seed().await;
    planner.save_policy(1, Approval::Required).await;
    (planner, table)
}

#[tokio::test]
async fn where_the_numbers_cannot_be_counted_the_day_is_planned_and_mailed_and_the_next_planning_counts_them() {
    let (planner, table) = faulty().await;
    let claim = planner.asked(monday()).await;
    table.reset(Plan::Never);
    plan_day(&planner.waker, &org(), claim, monday()).await.unwrap();
    let calls = table.calls();
    let mut failed_alone = 0;
    for call in (1..=calls).rev() {
        let (planner, table) = faulty().await;
        let claim = planner.asked(monday()).await;
        table.reset(Plan::Crash { call, fault: Fault::Before });
        let planned = plan_day(&planner.waker, &org(), claim, monday()).await;
        table.reset(Plan::Never);
        let store = &planner.waker.store;
        if planned.is_err() {
            break;
        }
        failed_alone += 1;
        assert_eq!(store.figures(&org()).await.unwrap(), None, "{call}");
        assert!(planner.header(MONDAY).await.is_some(), "{call}");
        for (work, due) in [(Work::MailOwner {}, "2026-11-24T04:00:00Z"), (Work::PlanDay {}, "2026-11-23T16:00:00Z")] {
            let claimed = store.claim_work(&org(), &work, due.parse().unwrap()).await.unwrap();
            assert!(matches!(claimed, Claimed::Claimed { .. }), "{call}, {work:?}: {claimed:?}");
        }
        planner.plan("2026-11-23T16:30:00Z".parse().unwrap()).await;
        assert_eq!(store.figures(&org()).await.unwrap().map(|figures| figures.date), Some(MONDAY), "{call}");
    }
    assert!(failed_alone >= 2, "{failed_alone} of {calls}");
}
