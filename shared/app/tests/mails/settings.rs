//! Who is mailed, and who has had enough.

use numo_app::{
    error::AppError,
    mail_settings::{set_digest, set_mails, unsubscribe},
    number_key::NumberKeys,
    store::mail::{MailSettings, Recipients},
};
use numo_domain::id::OrgId;

use crate::world::{World, org, user};

#[tokio::test]
async fn settings_begin_with_the_admins_and_without_names_and_a_change_is_in_the_activity_log() {
    let world = World::new().await;
    assert_eq!(world.store.mail_settings(&org()).await.unwrap(), MailSettings::default());
    let chosen = Recipients::Chosen([user("max")].into());
    let (waker, now) = (&world.ports.waker, world.now());
    for _ in 0..2 {
        set_mails(waker, &org(), &user("ann"), (chosen.clone(), true), now).await.unwrap();
    }
    let expected = MailSettings { recipients: chosen, names: true, ..MailSettings::default() };
    assert_eq!(world.store.mail_settings(&org()).await.unwrap(), expected);
    let lines = world.store.activity(&org(), 10).await.unwrap();
    let actions: Vec<(String, String)> =
        lines.into_iter().map(|line| (line.activity.action, line.activity.detail.to_string())).collect();
    let before = r#"{"names":false,"recipients":"admins"}"#;
    let after = r#"{"names":true,"recipients":{"chosen":["user_max"]}}"#;
    let detail = format!(r#"{{"after":{after},"before":{before}}}"#);
    assert_eq!(actions, [("mails.changed".to_owned(), detail)]);
}

#[tokio::test]
async fn nobody_and_too_many_are_refused() {
    let world = World::new().await;
    for n in [0, 21] {
        let chosen = Recipients::Chosen((0..n).map(|n| user(&n.to_string())).collect());
        let refused = set_mails(&world.ports.waker, &org(), &user("ann"), (chosen, false), world.now()).await;
        assert_eq!(refused.unwrap_err().to_string(), "recipients: between 1 and 20 members, or `admins`");
    }
}

#[tokio::test]
async fn a_link_ends_the_digests_of_its_person_alone_and_only_in_its_organisation() {
    let world = World::new().await;
    let keys = NumberKeys::new(vec![7; 32]).unwrap();
    let (waker, now, other) = (&world.ports.waker, world.now(), "org_b".parse::<OrgId>().unwrap());
    let token = keys.unsubscribe_token(&org(), &user("ann")).unwrap();
    for (of, who) in [(&other, user("ann")), (&org(), user("max"))] {
        let refused = unsubscribe(waker, &keys, (of, &who, &token), now).await;
        assert!(matches!(refused, Err(AppError::NotFound(_))));
    }
    for _ in 0..2 {
        unsubscribe(waker, &keys, (&org(), &user("ann"), &token), now).await.unwrap();
    }
    let settings = async |of: &OrgId| world.store.mail_settings(of).await.unwrap().without_digest;
    assert_eq!((settings(&org()).await, settings(&other).await), ([user("ann")].into(), [].into()));
    set_digest(waker, &org(), &user("ann"), true, now).await.unwrap();
    assert_eq!(settings(&org()).await, [].into());
    let lines = world.store.activity(&org(), 10).await.unwrap();
    let actions: Vec<String> =
        lines.into_iter().map(|line| format!("{} {}", line.activity.action, line.activity.detail)).collect();
    assert_eq!(actions, [r#"digest.changed {"wanted":true}"#, r#"digest.changed {"wanted":false}"#]);
}
