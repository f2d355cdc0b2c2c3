use super::fixture::fixture;

#[tokio::test]
async fn an_admin_is_sent_to_the_provider_with_a_cookie_that_binds_the_consent() {
    for (provider, step) in
        [("xero", "start"), ("quickbooks", "start"), ("xero", "reconnect"), ("quickbooks", "reconnect")]
    {
        let answer = fixture().get(&format!("/oauth/{provider}/{step}"), "", &["other=1", "__session=admin-a"]).await;
        let location = answer.location.unwrap();
        let expected = format!("https://login.example/?redirect_uri=https://numo.example/oauth/{provider}/callback&");
        assert!(location.starts_with(&expected), "{location}");
        let cookie = answer.set_cookie.unwrap();
        let (binding, attributes) = cookie.split_once("; ").unwrap();
        assert_eq!((answer.status, attributes), (302, "HttpOnly; SameSite=Lax; Path=/; Max-Age=600; Secure"));
        assert_eq!(binding.strip_prefix("__Host-numo_oauth=").unwrap().len(), 43);
        assert!(!location.contains(&binding["__Host-numo_oauth=".len()..]));
    }
}

#[tokio::test]
async fn whoever_is_no_admin_gets_a_page_and_begins_nothing() {
    let fixture = fixture();
    let cases = [
        ("other=1", (401, "Sign in first")),
        ("__session=expired", (401, "Sign in first")),
        ("__session=no-organisation", (403, "Choose an organisation first")),
        ("__session=member-a", (403, "Only admins connect ledgers")),
        ("__session=down", (503, "Not now")),
    ];
    for path in ["/oauth/xero/start", "/oauth/quickbooks/start", "/oauth/quickbooks/reconnect"] {
        for (cookie, page) in cases {
            let answer = fixture.get(path, "", &[cookie]).await;
            assert_eq!((answer.page(), answer.set_cookie.as_deref()), (page, None), "{path} {cookie}");
        }
    }
    assert_eq!(fixture.table.items(), []);
}

#[tokio::test]
async fn a_launch_from_an_app_store_leads_to_the_console_and_begins_nothing() {
    let fixture = fixture();
    for provider in ["xero", "quickbooks"] {
        for cookie in ["other=1", "__session=expired", "__session=admin-a"] {
            let answer = fixture.get(&format!("/oauth/{provider}/launch"), "realmId=9130", &[cookie]).await;
            assert_eq!((answer.status, answer.location.as_deref()), (302, Some("/")));
            assert_eq!(answer.set_cookie, None);
        }
    }
    assert_eq!((fixture.table.items().len(), fixture.ledger.asked().len()), (0, 0));
}
