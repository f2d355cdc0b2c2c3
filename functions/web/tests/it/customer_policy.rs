//! Which policy applies to a customer, and the choice of another one on the customer's page.

use numo_domain::{
    customer_file::CustomerFile,
    policy::{Policy, PolicyState, StepId, audience::Audience},
};
use serde_json::json;

use crate::{
    page::shows,
    seed::{CONNECTION_A, CONNECTION_B, GROUP_A, contact_ref, org},
    undo::{offer, undo},
    world::{World, now},
};

/// Another customer's own policy.
const OWN: &str = "018f0000-0000-7000-8000-0000000000f2";

fn place() -> String {
    format!("/customers/{CONNECTION_A}/c-1")
}

async fn file(world: &World) -> CustomerFile {
    world.store.customer_file(&org("org_a"), &contact_ref(CONNECTION_A, "c-1")).await.unwrap()
}

/// With a policy of a group of numbers in the Emirates, and one of another customer.
async fn with_policies(state: PolicyState) -> World {
    let (world, org) = (World::with_two_organisations().await, org("org_a"));
    world.save_group("org_a", GROUP_A).await;
    let group = world.store.policies(&org).await.unwrap().get(&GROUP_A.parse().unwrap()).cloned().unwrap();
    let group = Policy { state, name: "Emirates".to_owned(), ..group };
    world.store.save_policy(&org, (&GROUP_A.parse().unwrap(), 1), group, now()).await.unwrap();
    let audience = Audience::Customer(contact_ref(CONNECTION_A, "c-2"));
    let mut own = Policy { audience, state: PolicyState::Active, ..Policy::standard(now()) };
    own.steps.iter_mut().for_each(|step| step.id = StepId::NEW);
    world.store.save_policy(&org, (&OWN.parse().unwrap(), 0), own, now()).await.unwrap();
    world
}

#[tokio::test]
async fn the_page_says_which_policy_applies_and_why() {
    let world = with_policies(PolicyState::Draft).await;
    let page = |customer: &str| {
        let path = format!("/customers/{CONNECTION_A}/{customer}");
        let world = &world;
        async move { world.page_at(&path, Some("member-a")).await }
    };
    // A draft applies to nobody yet.
    let default = "<a href=\"/policies/default\">Standard</a> <span class=\"soft small\">No other policy is for this";
    shows(&page("c-1").await, &[default]);
    let own =
        format!("<a href=\"/policies/{OWN}\">Standard</a> <span class=\"soft small\">It is this customer&#39;s own.");
    shows(&page("c-2").await, &[&own]);
    let world = with_policies(PolicyState::Inactive).await;
    let group = format!(
        "<a href=\"/policies/{GROUP_A}\">Emirates</a> <span class=\"warn\">It is off: nothing is sent by it.</span> \
         <span class=\"soft small\">It is for a group that the customer is in (number 1 of the groups).</span>"
    );
    let member = world.page_at(&place(), Some("member-a")).await;
    shows(&member, &[&group]);
    assert!(!member.text.contains("Use this policy"), "members choose none");
    let admin = world.page_at(&place(), Some("admin-a")).await;
    shows(
        &admin,
        &["<option value=\"\">without a choice: Emirates</option>", "<option value=\"default\">Standard</option>"],
    );
    assert!(!admin.text.contains(OWN), "another customer's own policy is not offered");
}

#[tokio::test]
async fn a_policy_is_chosen_for_a_customer_and_taken_back_and_given_up() {
    let world = with_policies(PolicyState::Active).await;
    let (edit, before) = (format!("{}/edit", place()), file(&world).await);
    let chosen = offer(&world, &edit, &[("edit", "policy"), ("policy", "default")]).await.unwrap();
    assert_eq!(file(&world).await, CustomerFile { policy: "default".parse().ok(), ..before.clone() });
    let page = world.page_at(&place(), Some("admin-a")).await;
    shows(
        &page,
        &[">Standard</a> <span class=\"soft small\">It was chosen for this customer.", "value=\"default\" selected"],
    );
    // The planner goes by it as well.
    world.save_plan("org_a").await;
    let plan = world.get("member-a", "/v1/plans/2026-11-24").await.json();
    assert_eq!(plan["decisions"][0]["policy"], "default", "{plan}");
    let undone = undo(&world, "admin-a", &chosen).await;
    assert_eq!((undone.status.as_u16(), file(&world).await), (303, before.clone()), "{}", undone.text);
    for policy in [GROUP_A, ""] {
        offer(&world, &edit, &[("edit", "policy"), ("policy", policy)]).await;
    }
    assert_eq!(file(&world).await, before);
    let log = world.get("member-a", "/v1/activity").await.json();
    let actions: Vec<_> =
        log["activity"].as_array().unwrap().iter().map(|line| line["detail"]["policy"].clone()).collect();
    assert_eq!(actions[..2], [json!(null), json!(GROUP_A)], "{log}");
}

#[tokio::test]
async fn only_a_policy_that_may_apply_is_chosen_and_only_by_an_admin() {
    let world = with_policies(PolicyState::Draft).await;
    let before = file(&world).await;
    let edit = format!("{}/edit", place());
    for (policy, words) in [
        (GROUP_A, "it is a draft, or another customer's own"),
        (OWN, "it is a draft, or another customer's own"),
        ("018f0000-0000-7000-8000-0000000000ff", "there is no such policy"),
    ] {
        let refused = world.form("admin-a", &edit, &[("edit", "policy"), ("policy", policy)]).await;
        assert_eq!(refused.status, 400, "{policy}");
        assert!(refused.text.contains(&words.replace('\'', "&#39;")), "{policy}: {}", refused.text);
    }
    let member = world.form("member-a", &edit, &[("edit", "policy"), ("policy", "default")]).await;
    assert_eq!(member.status, 403);
    let foreign = format!("/v1/customers/{CONNECTION_B}/c-1/file");
    let foreign = world.post("admin-a", &foreign, &json!({"edit": "apply_policy", "policy": "default"})).await;
    assert_eq!((foreign.status.as_u16(), file(&world).await), (404, before));
}

#[tokio::test]
async fn whoever_was_silent_by_a_policy_that_is_off_is_asked_about_first() {
    let world = with_policies(PolicyState::Inactive).await;
    let before = file(&world).await;
    let edit = format!("{}/edit", place());
    let on = offer(&world, &edit, &[("edit", "policy"), ("policy", "default")]).await.unwrap();
    assert_eq!(file(&world).await.included_since, Some(now()));
    let old = world.page_at(&place(), Some("member-a")).await;
    shows(&old, &["An old invoice waits for a decision", "INV-1: AED 1,376.22"]);
    assert_eq!((undo(&world, "admin-a", &on).await.status.as_u16(), file(&world).await), (303, before));
    // From one that is on to another that is on nobody is asked anything.
    let world = with_policies(PolicyState::Active).await;
    offer(&world, &edit, &[("edit", "policy"), ("policy", "default")]).await;
    assert_eq!(file(&world).await.included_since, None);
}
