//! `/connect/whatsapp`: from Clerk's sign-in through Meta's window to a connected number, or to none.

use numo_browser::driver::Browser;
use numo_domain::{id::WabaId, sender::SenderStatus};
use serde_json::{Value, json};

use crate::product::Product;

/// What the account of the happy path is called in Meta's window.
const SOUK: &str = "409871562345871";
const SOUK_WITH_PIN: &str = "409871562345872";

/// The page, opened by an admin who signed in at Clerk.
async fn opened() -> Option<(Browser, Product)> {
    let browser = Browser::start().await?;
    let product = Product::start().await;
    browser.open(&format!("{}/connect/whatsapp", product.url)).await;
    browser.click("button[value=user_owner]").await;
    browser.click("#attested").await;
    Some((browser, product))
}

/// Goes to Meta's window, and there to the button that names an event and a number.
async fn finish_with(browser: &Browser, event: &str, phone: &str) {
    browser.click("#begin").await;
    let button = format!(
        "form:has(input[name=event][value={event}]):has(input[name=phone_number_id][value=\"{phone}\"]) button"
    );
    browser.in_the_other_window(async |window| window.click(&button).await).await;
}

/// A message that says it came from somewhere.
async fn told(browser: &Browser, origin: &str, data: &Value) {
    let script = format!(
        "window.dispatchEvent(new MessageEvent('message', {{ data: JSON.stringify({data}), origin: '{origin}' }}));"
    );
    browser.run(&script).await;
}

async fn notice(browser: &Browser) -> Value {
    browser.run("return document.getElementById('notice').textContent;").await
}

async fn is_untouched(product: &Product) -> bool {
    let senders = product.store.senders(&Product::harbour()).await.unwrap();
    senders.is_empty() && product.table.items().is_empty()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_window_connects_the_number() {
    let Some((browser, product)) = opened().await else { return };
    browser.click("[name=use][value=other]").await;
    finish_with(&browser, "FINISH", SOUK).await;
    browser.says("notice", "WhatsApp is connected.").await;
    browser.says("numbers", "+97145550300: connected").await;
    let senders = product.store.senders(&Product::harbour()).await.unwrap();
    let found: Vec<_> = senders.iter().map(|sender| (sender.phone_number_id.as_str(), sender.status)).collect();
    assert_eq!(found, [(SOUK, SenderStatus::Ready)]);
    let organisation = product.store.organisation(&Product::harbour()).await.unwrap();
    assert!(organisation.is_attested());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_with_a_pin_is_finished_without_another_way_through_the_window() {
    let Some((browser, product)) = opened().await else { return };
    browser.click("[name=use][value=other]").await;
    finish_with(&browser, "FINISH", SOUK_WITH_PIN).await;
    browser.says("numbers", "The number has a PIN").await;
    browser.write("#pin", "246810").await;
    browser.click("#finish").await;
    browser.says("numbers", "+97145550301: connected").await;
    let calls = product.calls_of_meta();
    assert_eq!(calls["GET /{version}/oauth/access_token"], 1, "{calls}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_window_connects_nothing_and_can_be_begun_again() {
    let Some((browser, product)) = opened().await else { return };
    finish_with(&browser, "CANCEL", "").await;
    browser.says("notice", "closed before the sign-up was finished; nothing was connected").await;
    assert!(is_untouched(&product).await);
    browser.click("#begin:enabled").await;
    browser.in_the_other_window(async |window| window.close().await).await;
    browser.says("notice", "closed before it was finished. Nothing was connected.").await;
    browser.click("#begin:enabled").await;
    browser.in_the_other_window(async |window| window.close().await).await;
    assert!(is_untouched(&product).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_the_window_is_shown_in_metas_words_with_the_session_that_its_support_asks_for() {
    let Some((browser, product)) = opened().await else { return };
    finish_with(&browser, "ERROR", "").await;
    browser.says("notice", "We could not verify this phone number.").await;
    browser.says("notice", "the session f34b51dab5e0498").await;
    assert!(is_untouched(&product).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_counts_from_metas_own_addresses_alone() {
    let Some((browser, product)) = opened().await else { return };
    let before = notice(&browser).await;
    let cancelled = json!({ "type": "WA_EMBEDDED_SIGNUP", "event": "CANCEL", "data": {} });
    for origin in [
        "https://facebook.com.evil.example",
        "https://evilfacebook.com",
        "https://facebook.com@evil.example",
        "http://www.facebook.com",
        "null",
        "",
    ] {
        told(&browser, origin, &cancelled).await;
        assert_eq!(notice(&browser).await, before, "{origin}");
    }
    // One that really comes from elsewhere: this very page.
    browser.run(&format!("window.postMessage(JSON.stringify({cancelled}), '*');")).await;
    // Another kind of message of Meta's says nothing of a sign-up.
    told(&browser, "https://www.facebook.com", &json!({ "type": "other", "event": "CANCEL" })).await;
    browser
        .run("window.dispatchEvent(new MessageEvent('message', { data: '{', origin: 'https://facebook.com' }));")
        .await;
    assert_eq!(notice(&browser).await, before);
    assert!(is_untouched(&product).await);
    told(&browser, "https://business.facebook.com", &cancelled).await;
    browser.says("notice", "nothing was connected").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_would_leave_the_phone_is_connected_only_after_a_question() {
    let Some((browser, product)) = opened().await else { return };
    // A real dialog would stop Meta's window as well, since both pages are of one host here.
    browser.run("window.confirm = (question) => { window.asked = question; return false; };").await;
    finish_with(&browser, "FINISH", SOUK).await;
    browser.says("notice", "Nothing was connected. Begin again").await;
    let question = browser.run("return window.asked;").await;
    assert!(question.as_str().unwrap().contains("leaves the WhatsApp Business app on the phone"), "{question}");
    assert!(is_untouched(&product).await);
    browser.click("#begin:enabled").await;
    let button = "form:has(input[value=FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING]) button";
    browser.in_the_other_window(async |window| window.click(button).await).await;
    browser.says("numbers", "+97145550400: connected").await;
    let dune: WabaId = "506694563784722".parse().unwrap();
    let senders = product.store.senders(&Product::harbour()).await.unwrap();
    assert!(senders.iter().all(|sender| sender.waba == dune && sender.is_on_biz_app) && senders.len() == 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_connects_the_number_by_a_link_without_signing_in_and_the_link_is_used_up() {
    let Some(browser) = Browser::start().await else { return };
    let product = Product::start().await;
    let link = product.setup_link().await;
    browser.open(&link).await;
    browser.click("[name=use][value=other]").await;
    browser.click("#attested").await;
    browser.click("#begin").await;
    browser.says("notice", "Say who you are first.").await;
    browser.write("#authorised_by", "Ali Hassan, owner").await;
    finish_with(&browser, "FINISH", SOUK).await;
    browser.says("numbers", "+97145550300: connected").await;
    let given = product.store.organisation(&Product::harbour()).await.unwrap().attestation.unwrap();
    assert_eq!((given.by.as_str(), given.authorised_by.as_str()), ("user_owner", "Ali Hassan, owner"));
    browser.open(&link).await;
    let text = browser.run("return document.body.textContent;").await;
    assert!(text.as_str().unwrap().contains("This link does not work any more"), "{text}");
}
