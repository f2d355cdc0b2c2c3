//! What is told of a day that has no plan yet.

use numo_app::plan_day::look_ahead;
use numo_domain::policy::Approval;

use crate::{MONDAY, TUESDAY, at, monday, org, planner};

#[tokio::test]
async fn a_look_at_tomorrow_says_what_the_planner_then_makes_of_it_and_writes_nothing() {
    let planner = planner(Approval::Automatic).await;
    planner.plan(monday()).await.unwrap();
    let store = &planner.waker.store;
    let (_, ahead) = look_ahead(store, &org(), TUESDAY, monday()).await.unwrap();
    assert_eq!((ahead.date, ahead.sends()), (TUESDAY, 1));
    assert_eq!(planner.header(TUESDAY).await, None);
    let header = planner.plan(at("2026-11-24T00:05:00Z")).await.unwrap();
    assert_eq!(store.plan_decisions(&org(), &header).await.unwrap(), ahead.decisions);
}

#[tokio::test]
async fn what_goes_out_today_is_not_looked_at_again_for_tomorrow_unless_it_was_taken_back() {
    let planner = planner(Approval::Automatic).await;
    let tuesday = at("2026-11-24T00:05:00Z");
    let header = planner.plan(tuesday).await.unwrap();
    assert_eq!(header.sends, 1);
    let wednesday = TUESDAY.tomorrow().unwrap();
    let store = &planner.waker.store;
    let sends = async || look_ahead(store, &org(), wednesday, tuesday).await.unwrap().1.sends();
    assert_eq!(sends().await, 0);
    let unit = store.planned_sends(&org(), &header).await.unwrap().remove(0).unit;
    let cancelled = numo_app::store::plan::Cancelled { unit, at: tuesday, reasons: Vec::new(), evidence: None };
    store.cancel_planned(&org(), TUESDAY, &cancelled).await.unwrap();
    assert_eq!(sends().await, 1);
}

#[tokio::test]
async fn no_other_day_is_looked_at_ahead() {
    let planner = planner(Approval::Automatic).await;
    for day in [MONDAY.yesterday().unwrap(), TUESDAY.tomorrow().unwrap()] {
        let refused = look_ahead(&planner.waker.store, &org(), day, monday()).await.unwrap_err();
        assert_eq!(refused.to_string(), "day: a look ahead is possible for today and tomorrow", "{day}");
    }
}
