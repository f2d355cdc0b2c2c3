//! Pages for everybody.

use axum::http::StatusCode;

use crate::{
    client::{Answer, request, send},
    world::World,
};

async fn ask(world: &World, path: &str, headers: &[(&'static str, &str)]) -> Answer {
    let mut request = request("GET", path, None);
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    send(&world.router, request).await
}

/// Every page that needs no session.
pub(crate) const PAGES: [&str; 6] = ["/", "/privacy", "/terms", "/processors", "/data-deletion", "/acknowledgements"];

#[tokio::test]
async fn every_public_page_is_shown_to_anybody_sets_no_cookie_loads_no_script_and_touches_no_data() {
    let world = World::with_two_organisations().await;
    world.table.take_counts();
    for path in PAGES {
        let page = ask(&world, path, &[]).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.headers.get("set-cookie").is_none() && !page.text.contains("<script"), "{path}");
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("script-src"), "{path}: {policy}");
        assert!(page.text.len() < 60_000, "{path} has {} bytes", page.text.len());
        for link in ["/privacy", "/terms", "/data-deletion", "/processors"] {
            assert!(page.text.contains(&format!("href=\"{link}\"")), "{path} leads to {link}");
        }
    }
    assert_eq!(world.table.counts().calls(), 0);
}

#[tokio::test]
async fn whoever_runs_the_deployment_is_named_by_its_parameters() {
    let world = World::empty();
    for path in ["/", "/privacy", "/terms"] {
        let page = ask(&world, path, &[]).await;
        for told in ["Numo Example LLC, 1 Example Street, Dubai", "mailto:privacy@numo.example"] {
            assert!(page.text.contains(told), "{path}: {told}");
        }
    }
    let page = ask(&world, "/privacy", &[]).await;
    for told in ["it was known as Old Numo before", "in the region eu-west-1", "This text is of 28 November 2026."] {
        assert!(page.text.contains(told), "{told}");
    }
}

#[tokio::test]
async fn the_privacy_page_names_every_processor_of_the_list_and_how_long_each_thing_is_kept() {
    let page = ask(&World::empty(), "/privacy", &[]).await;
    let list: serde_json::Value = serde_json::from_str(include_str!("../../../../infra/processors.json")).unwrap();
    for processor in list["processors"].as_array().unwrap() {
        let named = format!("<h3>{}</h3>", processor["name"].as_str().unwrap());
        assert!(page.text.contains(&named), "{named}");
    }
    for kept in ["24 months (731 days)", "13 months (396 days) after the last word", "30 days at most", "10 minutes"] {
        assert!(page.text.contains(kept), "{kept}");
    }
}

#[tokio::test]
async fn a_public_page_is_kept_by_caches_and_sent_again_only_when_it_has_changed() {
    let world = World::empty();
    for (path, control, vary) in [
        ("/privacy", "public, max-age=3600", "accept-encoding"),
        ("/terms", "public, max-age=3600", "accept-encoding"),
        ("/processors", "public, max-age=3600", "accept-encoding"),
        ("/", "private, no-cache", "cookie, accept-encoding"),
    ] {
        let page = ask(&world, path, &[("accept-encoding", "identity")]).await;
        let tag = page.header("etag").to_owned();
        assert_eq!((page.header("cache-control"), page.header("vary")), (control, vary), "{path}");
        let again = ask(&world, path, &[("if-none-match", &tag)]).await;
        let told = (again.status.as_u16(), again.text.as_str(), again.header("cache-control"), again.header("etag"));
        assert_eq!(told, (304, "", control, tag.as_str()), "{path}");
        let other = ask(&world, path, &[("if-none-match", "W/\"0000000000000000\"")]).await;
        assert_eq!(other.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn the_first_page_is_home_for_whoever_signed_in_and_a_session_that_ended_comes_back_by_the_shell() {
    let world = World::with_two_organisations().await;
    let first = "Your invoices chased from your own WhatsApp number";
    for stranger in ["", "theme=dark", "__client_uat=0", "__session="] {
        assert!(ask(&world, "/", &[("cookie", stranger)]).await.text.contains(first), "{stranger}");
    }
    for known in ["__session=expired", "__client_uat=1795000000", "__client_uat_x1=1795000000; theme=dark"] {
        let shell = ask(&world, "/", &[("cookie", known)]).await;
        assert!(shell.text.contains("Signing in …") && !shell.text.contains(first), "{known}");
        assert_eq!(shell.header("cache-control"), "no-store");
    }
    let home = ask(&world, "/", &[("cookie", "__client_uat=1795000000; __session=admin-a")]).await;
    assert!(home.text.contains("<h1>Home</h1>"), "{}", home.text);
}

#[tokio::test]
async fn signing_in_and_signing_up_open_clerk_and_lead_home() {
    let world = World::with_two_organisations().await;
    for path in ["/sign-in", "/sign-up"] {
        let shell = ask(&world, path, &[]).await;
        assert!(shell.text.contains("redirectToSignUp") && shell.text.contains("redirectToSignIn"), "{path}");
        let signed = ask(&world, path, &[("cookie", "__session=member-a")]).await;
        assert_eq!((signed.status.as_u16(), signed.header("location")), (303, "/"), "{path}");
    }
}
