//! The end of a number and of an account.

use jiff::SignedDuration;
use numo_app::{
    connect_whatsapp::SignupEntry,
    disconnect_whatsapp::{Ended, disconnect_account},
    error::AppError,
    port::signup::Registration,
    store::task::TaskAbout,
};
use numo_domain::{
    language::Language,
    template::{AccountTemplate, texts_in},
};
use serde_json::json;

use crate::world::{PHONE, World, finished, waba};

/// Two connected numbers of one account.
async fn two_numbers() -> World {
    let world = World::with(&[("201", Registration::Open), ("202", Registration::Open)]);
    world.connect(SignupEntry { named: None, ..finished("code-1") }).await.unwrap();
    world
}

#[tokio::test]
async fn the_first_number_goes_alone_and_the_last_takes_the_account_and_its_token_along() {
    let world = two_numbers().await;
    world.pass(SignedDuration::from_hours(1));
    world.look().await;
    assert_eq!(world.disconnect("201").await.unwrap(), Ended::Number);
    assert!(!world.store().templates(&world.org).await.unwrap().is_empty());
    assert_eq!(world.secrets(), ["GRANT#whatsapp#100", "PIN#202"]);
    assert_eq!(world.keys("ROUTE#").len(), 2);
    assert!(world.meta.look().is_subscribed);
    assert_eq!(world.disconnect("202").await.unwrap(), Ended::Account { is_meta_told: true });
    assert!(world.secrets().is_empty() && world.keys("ROUTE#").is_empty());
    assert!(!world.meta.look().is_subscribed);
    assert!(world.store().templates(&world.org).await.unwrap().is_empty());
    assert!(world.store().senders(&world.org).await.unwrap().is_empty());
    assert!(world.store().whatsapp_account(&world.org, &waba()).await.unwrap().is_none());
    let told = world.store().activity(&world.org, 2).await.unwrap();
    let lines: Vec<_> = told.into_iter().map(|line| (line.activity.action, line.activity.detail)).collect();
    let detail = |phone: &str, told| json!({"phone_number_id": phone, "waba": "100", "meta_told": told});
    let removed = "sender.removed".to_owned();
    let expected = [(removed.clone(), detail("202", json!(true))), (removed, detail("201", json!(null)))];
    assert_eq!(lines, expected);
    assert!(matches!(world.disconnect("202").await, Err(AppError::NotFound("sender"))));
}

#[tokio::test]
async fn when_meta_cannot_be_told_the_secrets_go_all_the_same_and_the_admin_hears_of_it() {
    for spoil in [
        |meta: &mut crate::meta::State| meta.is_down = true,
        |meta: &mut crate::meta::State| meta.refuses_tokens = true,
    ] {
        let world = World::open();
        world.connect(finished("code-1")).await.unwrap();
        world.meta.change(spoil);
        assert_eq!(world.disconnect(PHONE).await.unwrap(), Ended::Account { is_meta_told: false });
        assert!(world.secrets().is_empty() && world.keys("ROUTE#").is_empty());
        assert_eq!(
            world.store().activity(&world.org, 1).await.unwrap().remove(0).activity.detail["meta_told"],
            json!(false)
        );
    }
}

#[tokio::test]
async fn an_account_without_a_number_can_be_ended_and_a_foreign_one_cannot() {
    let world = World::with(&[]);
    let end = async |org: &str| {
        let by = "user_ann".parse().unwrap();
        disconnect_account(&world.ports, &org.parse().unwrap(), &by, &waba(), world.now()).await
    };
    assert!(matches!(end("org_a").await, Err(AppError::NotFound(_))));
    world.connect(SignupEntry { named: None, ..finished("code-1") }).await.unwrap();
    assert!(matches!(end("org_b").await, Err(AppError::NotFound(_))));
    assert_eq!(end("org_a").await.unwrap(), Ended::Account { is_meta_told: true });
    assert!(world.secrets().is_empty() && world.keys("ROUTE#").is_empty());
    assert!(matches!(end("org_a").await, Err(AppError::NotFound(_))));
    world.pass(SignedDuration::from_hours(1));
    world.look().await;
    assert_eq!(world.tasks().await, [], "nobody looks after it any more");
}

#[tokio::test]
async fn whoever_let_an_account_go_may_connect_it_again_and_so_may_another_organisation() {
    let world = World::open();
    world.connect(finished("code-1")).await.unwrap();
    world.disconnect(PHONE).await.unwrap();
    world.connect(finished("code-2")).await.unwrap();
    world.disconnect(PHONE).await.unwrap();
    world.connect_as("org_b", finished("code-3")).await.unwrap();
    assert_eq!(world.meta.look().registered.len(), 1, "the number stayed registered all the time");
}

#[tokio::test]
async fn what_a_look_opens_that_was_under_way_during_the_end_is_closed_by_the_one_after_it() {
    let world = two_numbers().await;
    let open = async |about: TaskAbout| world.store().open_task(&world.org, about, world.now()).await.unwrap();
    world.disconnect("201").await.unwrap();
    open(TaskAbout::SenderBlocked("201".parse().unwrap())).await;
    world.pass(SignedDuration::from_hours(1));
    world.look().await;
    assert_eq!(world.tasks().await, []);
    world.disconnect("202").await.unwrap();
    let due = format!("DUE#ACCOUNT#{}", waba());
    assert!(world.keys("ORG#").contains(&due), "the look comes once more");
    open(TaskAbout::SenderBlocked("202".parse().unwrap())).await;
    open(TaskAbout::ReconnectWhatsapp(waba())).await;
    open(TaskAbout::ReconnectWhatsapp("999".parse().unwrap())).await;
    let text = AccountTemplate::pending(texts_in(Language::English).next().unwrap().reference());
    world.store().save_template(&world.org, &waba(), &text, world.now()).await.unwrap();
    world.pass(SignedDuration::from_hours(1));
    world.look().await;
    assert_eq!(world.tasks().await, [TaskAbout::ReconnectWhatsapp("999".parse().unwrap())], "another account's stays");
    assert!(world.store().templates(&world.org).await.unwrap().is_empty());
    assert!(world.keys("ORG#").iter().all(|key| !key.starts_with("DUE#ACCOUNT#")), "nobody looks any more");
}
