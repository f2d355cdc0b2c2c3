//! The page that connects WhatsApp.

use serde_json::json;

use crate::world::World;

const PATH: &str = "/connect/whatsapp";

/// One directive of a content security policy.
fn directive<'a>(policy: &'a str, name: &str) -> Vec<&'a str> {
    let found = policy.split("; ").find_map(|directive| directive.strip_prefix(name)).unwrap_or_default();
    found.split_whitespace().collect()
}

#[tokio::test]
async fn without_a_configuration_there_is_no_page_and_no_link_to_it() {
    let world = World::empty();
    assert_eq!(world.page_at(PATH, Some("admin-a")).await.status, 404);
    let console = world.page_at("/connections", Some("admin-a")).await;
    assert!(!console.text.contains(PATH) && console.text.contains("An admin can add one through the API."));
}

#[tokio::test]
async fn an_admin_gets_what_metas_script_is_told_and_the_statement_to_confirm() {
    let world = World::with_signup();
    let console = world.page_at("/connections", Some("admin-a")).await;
    assert!(
        console
            .text
            .contains("<a class=\"button\" href=\"https://numo.example/connect/whatsapp\">Connect WhatsApp</a>")
    );
    assert!(!console.header("content-security-policy").contains("facebook"));
    let page = world.page_at(PATH, Some("admin-a")).await;
    assert_eq!(page.status, 200);
    for expected in [
        "<script defer src=\"https://connect.facebook.example/en_US/sdk.js\"></script>",
        "data-app=\"1000\" data-config=\"77\" data-version=\"v25.0\" data-attestation=\"2\"",
        "have not bought these debts",
        "leaves the app on the phone",
        "url.hostname.endsWith(\".facebook.com\")",
    ] {
        assert!(page.text.contains(expected), "{expected}");
    }
    world.post("admin-a", "/v1/consent/attestation", &json!({"version": 2})).await;
    let page = world.page_at(PATH, Some("admin-a")).await;
    assert!(page.text.contains("data-attestation=\"\"") && !page.text.contains("have not bought these debts"));
}

#[tokio::test]
async fn the_pages_policy_names_metas_hosts_a_nonce_and_lets_its_window_report_back() {
    let world = World::with_signup();
    let page = world.page_at(PATH, Some("admin-a")).await;
    let policy = page.header("content-security-policy");
    let nonce = page.text.split("<script nonce=\"").nth(1).unwrap().split('"').next().unwrap();
    let (clerk, sdk) = ("https://clerk.numo.example", "https://connect.facebook.example");
    let meta = ["https://www.facebook.com", "https://web.facebook.com", "https://graph.facebook.com"];
    assert_eq!(directive(policy, "script-src "), [&format!("'nonce-{nonce}'"), clerk, sdk]);
    assert_eq!(directive(policy, "connect-src "), [&["'self'", clerk][..], &meta].concat());
    assert_eq!(directive(policy, "frame-src "), meta);
    assert_eq!(directive(policy, "default-src "), ["'none'"]);
    assert_eq!(page.header("cross-origin-opener-policy"), "same-origin-allow-popups");
    assert_eq!(page.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_member_is_told_who_can_connect_and_a_stranger_signs_in_first() {
    let world = World::with_signup();
    let member = world.page_at(PATH, Some("member-a")).await;
    assert!(member.text.contains("Only an admin can connect WhatsApp.") && !member.text.contains("<script"));
    for stranger in [None, Some("expired")] {
        let page = world.page_at(PATH, stranger).await;
        assert!(page.text.contains("Signing in") && !page.text.contains("facebook"));
    }
    assert_eq!(world.page_at(PATH, Some("down")).await.status, 503);
    assert_eq!(world.page_at(PATH, Some("nobody")).await.status, 403);
}
