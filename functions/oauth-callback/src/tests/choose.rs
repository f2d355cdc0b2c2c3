use jiff::SignedDuration;
use numo_app::job::Work;

use super::{
    fixture::{Answer, Fixture, fixture, tenant},
    *,
};

const CHOOSE: &str = "/oauth/xero/choose";

/// A consent of an admin to three organisations, one of which belongs to another business: the choice and its cookie.
async fn begun(fixture: &Fixture) -> (String, String) {
    fixture.grant(&[("t-3", "Theirs")]);
    fixture.consent("admin-b").await;
    fixture.grant(&[("t-1", "Palm & Sons"), ("t-2", "Dune Ltd"), ("t-3", "Theirs")]);
    let (answer, cookie) = fixture.consent("admin-a").await;
    let kept = format!("{cookie}; HttpOnly; SameSite=Lax; Path=/; Max-Age=600; Secure");
    assert_eq!((answer.status, answer.set_cookie), (303, Some(kept)));
    let choice = answer.location.unwrap().strip_prefix("/oauth/xero/choose?choice=").unwrap().to_owned();
    fixture.ledger.asked();
    fixture.queue.take();
    (choice, cookie)
}

async fn send(fixture: &Fixture, choice: &str, tenants: &[&str], cookie: &str) -> Answer {
    let ticked: String = tenants.iter().map(|tenant| format!("&tenant={tenant}")).collect();
    fixture.post(CHOOSE, &format!("choice={choice}{ticked}"), cookie, Some("https://numo.example")).await
}

#[tokio::test]
async fn the_page_shows_what_can_be_chosen_and_nothing_is_connected_before() {
    let fixture = fixture();
    let (choice, cookie) = begun(&fixture).await;
    for _ in 0..2 {
        let answer = fixture.get(CHOOSE, &format!("choice={choice}"), &[&cookie]).await;
        assert_eq!(answer.page(), (200, "Which organisations should Numo connect?"));
        assert!(answer.body.contains("value=\"t-1\"> Palm &amp; Sons</label>"), "{}", answer.body);
        assert!(answer.body.contains("disabled> Theirs (not available"), "{}", answer.body);
        assert!(answer.body.contains(&format!("name=\"choice\" value=\"{choice}\"")));
        assert_eq!(answer.set_cookie, None);
    }
    assert_eq!(fixture.connections("org_a").await, []);
}

#[tokio::test]
async fn what_is_ticked_is_connected_and_the_rest_is_given_up() {
    let fixture = fixture();
    let (choice, cookie) = begun(&fixture).await;
    let answer = send(&fixture, &choice, &["t-2", "no%20id"], &cookie).await;
    assert_eq!((answer.status, answer.location.as_deref()), (303, Some("/")));
    assert_eq!(answer.set_cookie.as_deref(), Some(FORGET));
    let connections = fixture.connections("org_a").await;
    let connected: Vec<_> = connections.iter().map(|connection| (&connection.tenant, &connection.name)).collect();
    assert_eq!(connected, [(&tenant("t-2"), &"Dune Ltd".to_owned())]);
    let jobs: Vec<Work> = fixture.queue.take().into_iter().map(|job| job.work).collect();
    assert_eq!(jobs, [Work::SyncConnection { connection: connections[0].id }]);
    assert_eq!(fixture.ledger.asked(), ["disconnect link-of-t-1"], "what another business holds is left alone");
}

#[tokio::test]
async fn an_organisation_that_is_ours_is_ticked_before_and_keeps_its_id() {
    let fixture = fixture();
    fixture.grant(&[("t-1", "Palm & Sons")]);
    fixture.consent("admin-a").await;
    let before = fixture.connections("org_a").await.remove(0).id;
    let (choice, cookie) = begun(&fixture).await;
    let page = fixture.get(CHOOSE, &format!("choice={choice}"), &[&cookie]).await;
    assert!(page.body.contains("value=\"t-1\" checked> Palm &amp; Sons (connected already)"), "{}", page.body);
    send(&fixture, &choice, &["t-1", "t-2"], &cookie).await;
    let ids: Vec<_> = fixture.connections("org_a").await.into_iter().map(|connection| connection.id).collect();
    assert_eq!((ids.len(), ids.contains(&before)), (2, true));
}

#[tokio::test]
async fn a_choice_of_nothing_connects_nothing_and_gives_all_up_that_is_nobodys() {
    let fixture = fixture();
    let (choice, cookie) = begun(&fixture).await;
    let answer = send(&fixture, &choice, &[], &cookie).await;
    assert_eq!((answer.page(), answer.set_cookie.as_deref()), ((400, "Xero was not connected"), Some(FORGET)));
    assert_eq!(fixture.ledger.asked(), ["disconnect link-of-t-1", "disconnect link-of-t-2"]);
    assert_eq!(fixture.connections("org_a").await, []);
}

#[tokio::test]
async fn an_organisation_of_another_business_cannot_be_chosen_by_a_forged_form() {
    let fixture = fixture();
    let (choice, cookie) = begun(&fixture).await;
    let answer = send(&fixture, &choice, &["t-1", "t-3"], &cookie).await;
    assert_eq!(answer.page(), (409, "Already connected elsewhere"));
    assert_eq!(fixture.connections("org_a").await, []);
    let route = fixture.store.route_of_tenant(LedgerProvider::Xero, &tenant("t-1")).await.unwrap();
    assert_eq!((route, fixture.queue.take()), (None, Vec::new()));
}

#[tokio::test]
async fn a_foreign_browser_neither_sees_nor_makes_the_choice() {
    let fixture = fixture();
    let (choice, cookie) = begun(&fixture).await;
    let (_, of_another) = fixture.begin("xero", "admin-b").await;
    for foreign in ["", "__Host-numo_oauth=", "__Host-numo_oauth=guessed", &of_another] {
        let seen = fixture.get(CHOOSE, &format!("choice={choice}"), &[foreign]).await;
        assert_eq!((seen.page(), seen.body.contains("Palm")), (UNKNOWN, false), "{foreign}");
        assert_eq!(send(&fixture, &choice, &["t-1"], foreign).await.page(), UNKNOWN, "{foreign}");
    }
    assert_eq!(fixture.connections("org_a").await, []);
    assert_eq!(send(&fixture, &choice, &["t-1"], &cookie).await.status, 303);
}

#[tokio::test]
async fn a_form_of_another_site_is_refused_and_does_not_use_the_choice_up() {
    let fixture = fixture();
    let (choice, cookie) = begun(&fixture).await;
    let form = format!("choice={choice}&tenant=t-1");
    for foreign in ["https://evil.example", "http://numo.example", "https://numo.example:8443", "null", ""] {
        let answer = fixture.post(CHOOSE, &form, &cookie, Some(foreign)).await;
        assert_eq!(answer.page(), (403, "This choice was not made in Numo"), "{foreign}");
        assert_eq!(answer.set_cookie, None);
    }
    assert_eq!((fixture.connections("org_a").await.len(), fixture.ledger.asked().len()), (0, 0));
    assert_eq!(fixture.post(CHOOSE, &form, &cookie, None).await.status, 303, "a browser may send no origin");
}

#[tokio::test]
async fn an_invented_replayed_or_late_choice_connects_nothing() {
    let fixture = fixture();
    let (choice, cookie) = begun(&fixture).await;
    for form in ["", "tenant=t-1", "choice=&tenant=t-1", "choice=invented&tenant=t-1"] {
        assert_eq!(fixture.post(CHOOSE, form, &cookie, None).await.page(), UNKNOWN, "{form}");
    }
    for query in ["", "choice=", "choice=invented"] {
        assert_eq!(fixture.get(CHOOSE, query, &[&cookie]).await.page(), UNKNOWN, "{query}");
    }
    assert_eq!(send(&fixture, &choice, &["t-1"], &cookie).await.status, 303);
    assert_eq!(send(&fixture, &choice, &["t-2"], &cookie).await.page(), UNKNOWN);
    let (choice, cookie) = begun(&fixture).await;
    fixture.clock.advance(SignedDuration::from_mins(10));
    assert_eq!(fixture.get(CHOOSE, &format!("choice={choice}"), &[&cookie]).await.page(), UNKNOWN);
    assert_eq!(send(&fixture, &choice, &["t-2"], &cookie).await.page(), UNKNOWN);
    assert_eq!(fixture.connections("org_a").await.len(), 1);
}
