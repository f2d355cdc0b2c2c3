//! Many small businesses live through a year, and no message breaks a rule.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

#[path = "../../examples/year/business.rs"]
mod business;
#[path = "../../examples/year/dice.rs"]
mod dice;
#[path = "../../examples/year/events.rs"]
mod events;
#[path = "../../examples/year/habits.rs"]
mod habits;
mod owed;
mod random;
#[path = "../../examples/year/replay.rs"]
mod replay;
mod rules;
mod thanks;

use std::ops::Range;

use jiff::civil::Date;
use numo_domain::plan::{
    decision::Plan,
    reason::{Reason, SkipCode},
};

use crate::{
    random::{FROM, TO, business, time_of_day},
    replay::World,
    rules::broken,
};

#[test]
fn ten_thousand_businesses_live_through_a_year_and_no_rule_is_broken() {
    live(0..10_000);
}

fn live(seeds: Range<u64>) {
    let (mut sends, mut thanks) = (0, 0);
    let businesses = seeds.clone().count();
    for seed in seeds {
        let mut world = World::new(business(seed), seed);
        let mut found = None;
        world.live(FROM, TO, time_of_day(seed), |world, plan| {
            sends += plan.sends();
            let occasions = plan.decisions.iter().filter_map(|decision| Some(decision.send()?.occasion));
            thanks += occasions.filter(|occasion| occasion.thanks_until().is_some()).count();
            if found.is_none() {
                found = broken(world, plan);
            }
            next_look(plan)
        });
        if let Some(broken) = found {
            let told = world.notes.iter().map(|(day, who, what)| format!("{day} {} {what}\n", who.contact));
            unreachable!("business {seed}: {broken}\n{}{:#?}", told.collect::<String>(), world.business.policies);
        }
    }
    // A planner that never sends breaks no rule either.
    assert!(sends > 10 * businesses && thanks > businesses, "{sends} messages, {thanks} of them thanks");
}

/// The first day on which something may go out after a plan, if nothing happens before.
fn next_look(plan: &Plan) -> Date {
    let tomorrow = plan.date.tomorrow().unwrap();
    let wait = |reason: &Reason| match (reason.until, reason.code) {
        (Some(until), _) => Some(until),
        // These depend on who else gets a message, or on the day's hour.
        (None, SkipCode::Ramp | SkipCode::NumberDailyCap | SkipCode::MessagingLimit) => Some(tomorrow),
        (None, _) => None,
    };
    if plan.sends() > 0 {
        return tomorrow;
    }
    let waits = plan.decisions.iter().flat_map(|decision| decision.reasons().iter().filter_map(wait));
    waits.min().map_or(Date::MAX, |earliest| earliest.max(tomorrow))
}
