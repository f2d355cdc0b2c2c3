//! What Meta tells about an account, until somebody has seen it.

use numo_app::store::task::TaskAbout;
use numo_domain::notice::{Notice, NoticeKind};
use serde_json::{Value, json};

use crate::{
    seed::org,
    world::{World, now},
};

/// A notice of an account, as the console sends it back.
pub(crate) fn seen(waba: &str) -> Value {
    json!({"kind": "account_notice", "subject": {"waba": waba, "notice": {"what": "violation", "word": "SPAM"}}})
}

impl World {
    /// Lets Meta have told the organisation of something.
    pub(crate) async fn tell(&self, org_id: &str) {
        let notice = Notice::with(NoticeKind::Violation, Some("SPAM".to_owned()));
        let about = TaskAbout::AccountNotice { waba: "100".parse().unwrap(), notice };
        self.store.open_task(&org(org_id), about, now()).await.unwrap();
    }
}

#[tokio::test]
async fn a_notice_is_listed_until_somebody_has_seen_it() {
    let world = World::with_two_organisations().await;
    world.tell("org_a").await;
    let mut listed = seen("100");
    listed["since"] = json!("2026-11-24T06:00:00Z");
    listed["sentence"] = json!("WhatsApp says that your account broke one of its rules; look at Business Support.");
    assert_eq!(world.get("member-a", "/v1/tasks").await.json(), json!({"tasks": [listed]}));
    assert_eq!(world.post("admin-a", "/v1/tasks/seen", &seen("100")).await.status, 204);
    assert_eq!(world.get("member-a", "/v1/tasks").await.json(), json!({"tasks": []}));
    let activity = world.get("member-a", "/v1/activity").await.json();
    let detail = json!({"waba": "100", "what": "violation", "word": "SPAM"});
    assert_eq!(
        (&activity["activity"][0]["action"], &activity["activity"][0]["detail"]),
        (&json!("notice.seen"), &detail)
    );
    let again = world.post("admin-a", "/v1/tasks/seen", &seen("100")).await;
    assert_eq!(again.error(), (404, json!({"code": "not_found", "message": "task not found"})));
}

#[tokio::test]
async fn what_has_to_be_done_is_not_closed_by_looking_at_it() {
    let world = World::with_two_organisations().await;
    let about = TaskAbout::SenderBlocked("200".parse().unwrap());
    world.store.open_task(&org("org_a"), about, now()).await.unwrap();
    let answer = world.post("admin-a", "/v1/tasks/seen", &json!({"kind": "sender_blocked", "subject": "200"})).await;
    let message = "only a notice is closed by having seen it";
    assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": "kind", "message": message})));
    assert_eq!(world.store.tasks(&org("org_a")).await.unwrap().len(), 1);
}
