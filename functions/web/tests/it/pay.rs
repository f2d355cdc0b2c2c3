use numo_app::{
    port::ledger::{LedgerError, documents::PayLink},
    store::pay_page::PayTarget,
};
use numo_domain::{
    credential::{GrantRef, TokenSet},
    id::PayToken,
    invoice::InvoiceStatus,
};

use crate::{
    client::{Answer, request, send},
    seed::{CONNECTION_A, org},
    world::{World, now},
};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// Organisation A, whose token opens the invoice of Acme Trading.
async fn world() -> World {
    let world = World::with_two_organisations().await;
    let (org, id) = (org("org_a"), CONNECTION_A.parse().unwrap());
    let connection = world.store.connection(&org, id).await.unwrap().unwrap();
    let tokens = TokenSet::lasting("hush".to_owned().into());
    world.vault.keep(&org, &GrantRef::of(&connection), &tokens, now()).await.unwrap();
    let target = PayTarget { org, connection: id, invoice: "i-1".parse().unwrap() };
    world.store.keep_pay_target(&TOKEN.parse::<PayToken>().unwrap(), &target, now()).await.unwrap();
    world
}

/// Somebody without a session opens a pay button.
async fn open(world: &World, token: &str) -> Answer {
    send(&world.router, request("GET", &format!("/pay/{token}"), None)).await
}

impl World {
    fn has_pay_page(&self, url: &str) {
        let page = PayLink { url: url.to_owned(), expires_at: None };
        self.ledger.held().pay_links.insert("i-1".parse().unwrap(), page);
    }
}

#[tokio::test]
async fn a_pay_button_leads_to_the_page_of_the_ledger_which_is_asked_once() {
    let world = world().await;
    world.has_pay_page("https://in.xero.example/abc");
    world.ledger.asked();
    for _ in 0..2 {
        let answer = open(&world, TOKEN).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (302, "https://in.xero.example/abc"));
        assert_eq!((answer.header("cache-control"), answer.header("referrer-policy")), ("no-store", "no-referrer"));
    }
    assert_eq!(world.ledger.asked(), ["pay_link i-1"]);
}

#[tokio::test]
async fn whoever_has_paid_is_told_so_and_the_ledger_is_not_asked() {
    let world = world().await;
    let (org, id) = (org("org_a"), CONNECTION_A.parse().unwrap());
    let known = world.store.invoices_by_id(&org, id, &["i-1".parse().unwrap()]).await.unwrap().remove(0);
    let mut paid = known.value.invoice.clone();
    (paid.status, paid.remaining.minor, paid.updated_at) = (InvoiceStatus::Paid, 0, now());
    world.store.upsert_invoice(&org, Some(&known), &paid, now(), now()).await.unwrap();
    world.ledger.asked();
    let answer = open(&world, TOKEN).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text.contains("This invoice is paid") && !answer.headers.contains_key("location"));
    assert_eq!(world.ledger.asked(), [""; 0]);
}

#[tokio::test]
async fn without_a_page_at_the_ledger_the_customer_is_sent_back_to_the_message() {
    let world = world().await;
    assert!(open(&world, TOKEN).await.text.contains("This invoice cannot be paid online"));
    // An address that is no page of the web is never followed.
    let world = self::world().await;
    world.has_pay_page("javascript:alert(1)");
    let answer = open(&world, TOKEN).await;
    assert!(answer.text.contains("This invoice cannot be paid online") && !answer.headers.contains_key("location"));
}

#[tokio::test]
async fn a_token_that_no_message_had_opens_nothing_and_says_nothing_of_anybody() {
    let world = world().await;
    for token in ["ffffffffffffffffffffffffffffffff", "x", &"a".repeat(256)] {
        let answer = open(&world, token).await;
        assert_eq!(answer.status, 404, "{token}");
        assert!(answer.text.contains("There is no such page") && !answer.text.contains("Harbour"), "{token}");
    }
    assert_eq!(open(&world, &"a".repeat(300)).await.status, 404);
}

#[tokio::test]
async fn while_the_ledger_does_not_answer_the_customer_may_try_again() {
    let world = world().await;
    world.has_pay_page("https://in.xero.example/abc");
    world.ledger.held().refusals.push_back(LedgerError::Unavailable("down".into()));
    let answer = open(&world, TOKEN).await;
    assert_eq!(answer.status, 503);
    assert!(answer.text.contains("try again"));
    assert_eq!(open(&world, TOKEN).await.status, 302);
}
