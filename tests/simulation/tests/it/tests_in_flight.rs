//! Test on yourself: what is said and done while a test message is on its way.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use numo_app::{
    configure::{Sending, pause},
    error::AppError,
    own_number::{forget_number, give_code},
    port::clock::Clock,
    store::{Store, consent::ConsentOf},
    test_on_yourself::{WantedTest, test_on_yourself},
    wake::Waker,
};
use numo_domain::{
    consent::{ConsentChange, ConsentSource, ConsentState},
    id::TestMessageId,
    language::Language,
    template::Purpose,
    test_message::{TestState, WhyNoTest},
};
use numo_simulation::{business::Business, world::World};
use numo_testkit::{
    faulty_table::{Fault, Plan},
    meddled_table::MeddledTable,
};

/// What happens meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meanwhile {
    Stop,
    Forget,
    Pause,
}

fn id() -> TestMessageId {
    "00000000-0000-0000-0000-000000000001".parse().unwrap()
}

/// A business whose admin proved a number.
async fn proved() -> World {
    let mut world = World::new(4);
    let business = Business::numbered(1, 0);
    world.add_number(&business, &business.phone).await;
    // The first look at the account, which comes at once.
    world.work_with(Plan::Never).await;
    world.businesses.push(business.clone());
    let (org, admin) = (&business.org, &business.admin);
    let given = give_code(&world.waker, org, admin, world.clock.now()).await.unwrap();
    world.admin_writes(0, &given.code.to_string());
    world.all_webhooks_arrive().await;
    world
}

async fn ask(world: &World) -> Result<(), AppError> {
    let (business, purpose) = (&world.businesses[0], Purpose::Upcoming);
    let wanted = WantedTest { id: id(), purpose, language: Language::English };
    test_on_yourself(&world.waker, &business.org, &business.admin, wanted, world.clock.now()).await
}

/// The same, with a test in flight.
async fn asked() -> World {
    let world = proved().await;
    ask(&world).await.unwrap();
    world
}

async fn state(store: &Store, business: &Business) -> TestState {
    store.test_message(&business.org, id()).await.unwrap().unwrap().value.state
}

async fn happen(meanwhile: Meanwhile, waker: &Waker, business: &Business, now: Timestamp) {
    let (org, admin) = (&business.org, &business.admin);
    match meanwhile {
        Meanwhile::Forget => forget_number(waker, org, admin, now).await.unwrap(),
        Meanwhile::Pause => drop(pause(waker, org, admin, Sending::Pause { until: None }, now).await.unwrap()),
        Meanwhile::Stop => {
            let key = waker.store.member(org, admin).await.unwrap().number.unwrap().key;
            let (state, by) = (ConsentState::OptedOut, ConsentSource::Message);
            let stop = ConsentChange { state, at: now, by, note: String::new(), message: None, recorded_by: None };
            waker.store.change_consent(org, ConsentOf::Number(key), &stop, now).await.unwrap();
        }
    }
}

/// For every call of the job: whether the test was claimed when it happened, whether it went out, and how it ended.
async fn met_at_every_call(meanwhile: Meanwhile) -> Vec<(bool, usize, TestState)> {
    let mut ends = Vec::new();
    loop {
        let mut world = asked().await;
        let (business, now) = (world.businesses[0].clone(), world.clock.now());
        let other = Waker { store: world.store(), ..world.waker.clone() };
        let way = Arc::new(MeddledTable::new(world.table.clone()));
        world.waker.store = Store::new(way.clone());
        let before = Arc::new(Mutex::new(None));
        let (seen, of) = (before.clone(), business.clone());
        way.meddle(u64::try_from(ends.len()).unwrap() + 1, async move {
            let is_claimed = state(&other.store, &of).await != TestState::Waiting;
            *seen.lock().unwrap() = Some(is_claimed);
            happen(meanwhile, &other, &of, now).await;
        });
        world.work_with(Plan::Never).await;
        if !way.is_meddled() {
            return ends;
        }
        world.run_in_peace(1).await;
        let is_claimed = before.lock().unwrap().unwrap();
        ends.push((is_claimed, world.meta.taken().len(), state(&world.store(), &business).await));
    }
}

#[tokio::test]
async fn case_52_a_stop_or_a_forgotten_number_before_the_claim_stops_a_test_at_whichever_call() {
    for (meanwhile, why) in [(Meanwhile::Stop, WhyNoTest::OptedOut), (Meanwhile::Forget, WhyNoTest::NoNumber)] {
        let ends = met_at_every_call(meanwhile).await;
        assert!(ends.len() > 10, "{}", ends.len());
        for (call, (is_claimed, sent, end)) in ends.into_iter().enumerate() {
            let expected = usize::from(is_claimed);
            assert_eq!(sent, expected, "{meanwhile:?} before call {}", call + 1);
            assert_eq!(end == TestState::Dropped(why), !is_claimed, "{meanwhile:?} before call {}: {end:?}", call + 1);
        }
    }
}

#[tokio::test]
async fn case_76_nothing_but_the_claim_itself_stands_between_the_look_at_a_pause_and_the_call() {
    let ends = met_at_every_call(Meanwhile::Pause).await;
    let paused = TestState::Dropped(WhyNoTest::Paused);
    let too_late: Vec<usize> =
        (1..).zip(&ends).filter(|(_, (is_claimed, sent, _))| !is_claimed && *sent == 1).map(|(call, _)| call).collect();
    let first_claimed = ends.iter().position(|(is_claimed, ..)| *is_claimed).unwrap();
    assert_eq!(too_late, [first_claimed]);
    let stopped = ends.iter().filter(|(_, sent, end)| *sent == 0 && *end == paused).count();
    assert_eq!(stopped, first_claimed - 1);
}

#[tokio::test]
async fn asking_that_dies_at_any_call_and_is_repeated_sends_one_test_and_counts_one() {
    let mut call = 1;
    loop {
        let mut died = false;
        for fault in [Fault::Before, Fault::After] {
            let mut world = proved().await;
            world.faults.reset(Plan::Crash { call, fault });
            died |= ask(&world).await.is_err();
            world.faults.reset(Plan::Never);
            ask(&world).await.unwrap();
            world.run_in_peace(1).await;
            let business = &world.businesses[0];
            let member = world.store().member(&business.org, &business.admin).await.unwrap();
            let end = (world.meta.taken().len(), member.tests.map(|tests| tests.count));
            assert_eq!(end, (1, Some(1)), "call {call}, {fault:?}");
        }
        if !died {
            assert!(call > 8, "{call}");
            return;
        }
        call += 1;
    }
}
