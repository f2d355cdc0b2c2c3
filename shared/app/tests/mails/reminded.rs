//! Operators remind people of what they have to connect again.

use jiff::Timestamp;
use numo_app::{
    erase_organisation::by_operator::order_erasure,
    operator::{
        OperatorPorts,
        connections::{Lapsed, What, lapsed, remind},
    },
    store::{activity::Actor, task::TaskAbout},
};
use numo_domain::id::{OperatorId, OrgId};
use serde_json::json;

use crate::world::{World, connection, org, reconnect};

const WEEK: i64 = 7 * 24 * 60;

fn ann() -> OperatorId {
    "ann".parse().unwrap()
}

fn ledger() -> What {
    What::Ledger(connection())
}

fn other() -> OrgId {
    "org_b".parse().unwrap()
}

impl World {
    fn operator(&self) -> OperatorPorts {
        OperatorPorts { store: self.store.clone(), ids: self.ports.waker.ids.clone() }
    }

    async fn remind(&self) -> Vec<(OrgId, What)> {
        let reminded = remind(&self.operator(), (&ann(), "secret rotated"), self.now()).await.unwrap();
        reminded.into_iter().map(|lapsed| (lapsed.org, lapsed.what)).collect()
    }

    /// The times at which operators reminded somebody, as the log of an organisation has them.
    async fn reminded_at(&self, org: &OrgId) -> Vec<Timestamp> {
        let lines = self.store.activity(org, 10).await.unwrap().into_iter().map(|line| line.activity);
        let lines: Vec<_> = lines.filter(|line| line.actor == Actor::Operator(ann())).collect();
        let detail = json!({"tasks": 1, "reason": "secret rotated"});
        assert!(lines.iter().all(|line| line.action == "reconnection.reminded" && line.detail == detail), "{lines:?}");
        lines.into_iter().map(|line| line.at).collect()
    }
}

/// A ledger that stands still since the afternoon, and of which an admin was told.
async fn told() -> World {
    let world = World::new().await;
    world.pass(6 * 60 + 5);
    world.open(reconnect()).await;
    world.pass(1);
    assert_eq!(world.subjects().await.len(), 1);
    world
}

#[tokio::test]
async fn a_reminder_of_operators_is_one_mail_and_giving_it_again_is_none() {
    let world = told().await;
    let told_at = world.now();
    let since = told_at.checked_sub(jiff::SignedDuration::from_mins(1)).unwrap();
    world.pass(WEEK - 1);
    assert_eq!(world.remind().await, [], "told less than seven days ago");
    world.pass(1);
    let expected = Lapsed { org: org(), what: ledger(), since, mailed_at: Some(told_at) };
    assert_eq!(lapsed(&world.store).await.unwrap(), [expected]);
    let first = world.now();
    assert_eq!(world.remind().await, [(org(), ledger())]);
    assert!(world.is_due().await);
    world.pass(5);
    assert_eq!(world.remind().await, [], "not mailed yet, and about to be");
    let mails = world.subjects().await.into_iter().filter(|(_, subject)| subject.contains("connect your accounting"));
    assert_eq!(mails.map(|(to, _)| to).collect::<Vec<_>>(), ["user_ann@people.example"]);
    assert_eq!(world.remind().await, []);
    assert_eq!(world.reminded_at(&org()).await, [first]);
}

#[tokio::test]
async fn nobody_is_reminded_of_what_is_connected_again_or_belongs_to_an_organisation_that_ends() {
    let world = told().await;
    let name_it = |profile: &mut numo_domain::organisation::Organisation| profile.name = "Quay".to_owned();
    world.store.change_organisation(&other(), world.now(), name_it).await.unwrap();
    let account = TaskAbout::ReconnectWhatsapp("100".parse().unwrap());
    world.store.open_task(&other(), account, world.now()).await.unwrap();
    world.store.open_task(&other(), TaskAbout::SenderBlocked("200".parse().unwrap()), world.now()).await.unwrap();
    let whose = |all: Vec<Lapsed>| all.into_iter().map(|lapsed| (lapsed.org, lapsed.what)).collect::<Vec<_>>();
    let of_account = What::WhatsappAccount("100".parse().unwrap());
    let both = vec![(org(), ledger()), (other(), of_account.clone())];
    assert_eq!(whose(lapsed(&world.store).await.unwrap()), both);
    world.pass(WEEK);
    // The other one was never told, and will be by what opened its task.
    assert_eq!(world.remind().await, [(org(), ledger())]);
    assert_eq!(world.reminded_at(&other()).await, []);
    world.store.close_task(&org(), &reconnect()).await.unwrap();
    assert_eq!(whose(lapsed(&world.store).await.unwrap()), [(other(), of_account)]);
    order_erasure(&world.operator(), &other(), (&ann(), "asked in writing"), "org_b", world.now()).await.unwrap();
    assert_eq!(lapsed(&world.store).await.unwrap(), []);
}
