//! How often, and by whom an export is asked for.

use jiff::SignedDuration;
use numo_app::{
    error::AppError,
    export::{MOST_A_DAY, run::Exporting, take_links},
    store::export::{Export, ExportState},
};

use crate::world::{World, ann, customer, org};

#[tokio::test]
async fn one_is_made_at_a_time_and_so_many_are_asked_for_in_a_day() {
    let world = World::new().await;
    world.ask(1, None).await.unwrap();
    let refused = world.ask(2, Some(customer())).await.unwrap_err();
    assert_eq!(refused.to_string(), "an export is being made: ask for the next one when it is ready");
    let job = world.queue.take().pop().unwrap();
    world.run(1, &job, 300).await.unwrap();
    let first = world.now();
    for n in 2..=u128::try_from(MOST_A_DAY).unwrap() {
        world.clock.advance(SignedDuration::from_mins(1));
        world.made(n, None).await;
    }
    let AppError::NotNow { why, next_at } = world.ask(99, None).await.unwrap_err() else { panic!("not refused") };
    assert_eq!(
        (why, next_at),
        ("Ten exports were asked for within a day.", Some(first + SignedDuration::from_hours(24)))
    );
    world.clock.advance(SignedDuration::from_hours(24));
    world.made(99, None).await;
}

#[tokio::test]
async fn asked_again_under_the_same_id_it_is_the_same_export() {
    let world = World::new().await;
    let asked = world.ask(1, None).await.unwrap();
    assert_eq!(world.ask(1, None).await.unwrap(), asked);
    assert_eq!(world.queue.take().len(), 1);
}

#[tokio::test]
async fn a_customer_whom_nobody_knows_has_no_export() {
    let world = World::new().await;
    let unknown = numo_domain::contact::ContactRef { contact: "c-9".parse().unwrap(), ..customer() };
    assert_eq!(world.ask(1, Some(unknown)).await.unwrap_err().to_string(), "customer not found");
    assert!(world.queue.take().is_empty());
}

#[tokio::test]
async fn an_export_that_fails_again_and_again_is_given_up_with_a_sentence() {
    let world = World::new().await;
    world.ask(1, None).await.unwrap();
    let mut job = world.queue.take().pop().unwrap();
    world.bucket.crash_at(Some((1, numo_testkit::faulty_table::Fault::Before)));
    for _ in 0..5 {
        assert!(world.run(1, &job, 300).await.is_err());
        world.clock.advance(SignedDuration::from_mins(61));
        job = world.job(1).await.unwrap();
    }
    assert_eq!(world.run(1, &job, 300).await.unwrap(), Exporting::Failed);
    let why = "it could not be made after several attempts: ask for it again".to_owned();
    assert_eq!(world.export(1).await.unwrap().state, ExportState::Failed { at: world.now(), why });
    assert_eq!(world.job(1).await, None);
    world.bucket.crash_at(None);
    world.made(2, None).await;
}

#[tokio::test]
async fn a_link_lives_for_a_quarter_of_an_hour_and_taking_it_is_a_line_of_the_log() {
    let world = World::new().await;
    let export: Export = world.made(1, None).await;
    let who = (&org(), &ann());
    let links = take_links((&world.ports.waker, world.bucket.as_ref()), who, &export, world.now()).await.unwrap();
    let id = export.id;
    let expected = format!(
        "https://bucket.example/exports/org_a/{id}/1.zip?file=numo-export-{id}-1.zip&from={}&seconds=900",
        world.now()
    );
    assert_eq!(links, [expected]);
    let lines = world.store().activity(&org(), 9).await.unwrap();
    assert_eq!(lines.iter().filter(|line| line.activity.action == "export.link_taken").count(), 1);
}
