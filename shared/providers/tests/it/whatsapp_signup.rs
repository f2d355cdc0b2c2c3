//! Embedded Signup against the simulated Meta.

use numo_app::port::{
    signup::{CodeError, RegisterError, Registration, RegistrationTrouble, WhatsappSignup},
    whatsapp::{AccountError, SenderAccess, WhatsappAccount},
};
use numo_domain::{
    id::{PhoneNumberId, WabaId},
    registration_pin::RegistrationPin,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::bench::{Bench, SHORT};

const WABA: &str = "405593452673611";
const PHONE: &str = "409871562345871";
const PHONE_WITH_PIN: &str = "409871562345872";

fn waba() -> WabaId {
    WABA.parse().unwrap()
}

fn pin(digits: &str) -> RegistrationPin {
    digits.parse().unwrap()
}

async fn token(bench: &Bench, waba: &str) -> SecretString {
    let code = bench.code(waba).await;
    bench.signup("secret").exchange(&code).await.unwrap()
}

fn access(token: &SecretString, phone: &str) -> SenderAccess {
    SenderAccess { phone_number_id: phone.parse::<PhoneNumberId>().unwrap(), token: token.clone() }
}

#[tokio::test]
async fn a_code_is_traded_once_and_in_time_and_by_the_right_app_alone() {
    let bench = Bench::start().await;
    let (signup, code) = (bench.signup("secret"), bench.code(WABA).await);
    let wrong = bench.signup("wrong").exchange(&code).await;
    assert!(matches!(wrong, Err(CodeError::Rejected(1))), "{wrong:?}");
    assert!(signup.exchange(&code).await.unwrap().expose_secret().starts_with("EAAsim-"));
    assert!(matches!(signup.exchange(&code).await, Err(CodeError::Refused)));
    let late = bench.code(WABA).await;
    bench.sim.handle.advance_seconds(30);
    assert!(matches!(signup.exchange(&late).await, Err(CodeError::Refused)));
    assert!(matches!(signup.exchange(&"made-up".into()).await, Err(CodeError::Refused)));
    for fault in [json!({ "kind": "status", "status": 503 }), json!({ "kind": "truncate" })] {
        let code = bench.code(WABA).await;
        bench.fault("meta", fault.clone()).await;
        assert!(matches!(signup.exchange(&code).await, Err(CodeError::Unavailable(_))), "{fault}");
    }
}

#[tokio::test]
async fn a_token_tells_its_ends_its_scopes_and_with_luck_its_account() {
    let bench = Bench::start().await;
    let (signup, token) = (bench.signup("secret"), token(&bench, WABA).await);
    let facts = signup.inspect(&token).await.unwrap();
    let (ends_at, data_access_ends_at) = (facts.ends_at.unwrap(), facts.data_access_ends_at.unwrap());
    assert_eq!(data_access_ends_at.duration_since(ends_at).as_hours(), 30 * 24);
    assert_eq!((facts.is_valid, facts.is_ours, facts.accounts), (true, true, Some([waba()].into())));
    bench.control("meta/delivery", json!({ "granular_scopes": false })).await;
    let facts = signup.inspect(&token).await.unwrap();
    assert_eq!((facts.accounts, facts.scopes.len()), (None, 2));
    assert!(!signup.inspect(&"made-up".into()).await.unwrap().is_valid);
    // A token that was not made for the app, such as one that was pasted.
    assert!(!signup.inspect(&"EAAsim-harbour".into()).await.unwrap().is_ours);
    bench.control("meta/tokens", json!({ "token_days": 0, "without_scope": "whatsapp_business_messaging" })).await;
    let facts = signup.inspect(&self::token(&bench, WABA).await).await.unwrap();
    assert_eq!((facts.access_ends_at(), facts.scopes.len()), (None, 1));
}

#[tokio::test]
async fn the_numbers_of_an_account_tell_how_they_are_registered() {
    let bench = Bench::start().await;
    let signup = bench.signup("secret");
    let registrations = async |waba: &str| -> Vec<Registration> {
        let token = token(&bench, waba).await;
        let numbers = signup.numbers(&waba.parse().unwrap(), &token).await.unwrap();
        numbers.into_iter().map(|number| number.registration).collect()
    };
    assert_eq!(registrations(WABA).await, [Registration::Open; 2]);
    assert_eq!(registrations("506694563784722").await, [Registration::OnPhoneApp]);
    assert_eq!(registrations("607795674895833").await, []);
    assert_eq!(registrations("102290129340398").await, [Registration::Done]);
    let foreign = token(&bench, "506694563784722").await;
    assert!(matches!(signup.numbers(&waba(), &foreign).await, Err(AccountError::Unknown)));
}

#[tokio::test]
async fn a_number_is_registered_and_then_it_can_send_and_every_trouble_has_its_name() {
    let bench = Bench::start().await;
    let (signup, token) = (bench.signup("secret"), token(&bench, WABA).await);
    let trouble = async |phone: &str, digits: &str| match signup.register(&access(&token, phone), &pin(digits)).await {
        Err(RegisterError::Refused(trouble)) => Some(trouble),
        Ok(()) => None,
        Err(error) => panic!("{error:?}"),
    };
    assert_eq!(trouble(PHONE_WITH_PIN, "000000").await, Some(RegistrationTrouble::WrongPin));
    assert_eq!(trouble(PHONE_WITH_PIN, "246810").await, None);
    assert_eq!(trouble(PHONE, "123456").await, None);
    assert!(bench.graph().number(&access(&token, PHONE)).await.unwrap().can_send);
    for (code, expected) in [
        (131_031, RegistrationTrouble::WrongPin),
        (133_006, RegistrationTrouble::Unverified),
        (133_008, RegistrationTrouble::TooManyPins),
        (133_009, RegistrationTrouble::PinsTooFast),
        (133_015, RegistrationTrouble::GivenUpLately),
        (133_016, RegistrationTrouble::TooOften),
    ] {
        bench.fault("meta", json!({ "kind": "status", "status": 400, "code": code })).await;
        assert_eq!(trouble(PHONE, "123456").await, Some(expected), "{code}");
    }
}

#[tokio::test]
async fn a_registration_without_a_clear_answer_is_nobodys_refusal() {
    let bench = Bench::start().await;
    let (signup, token) = (bench.signup("secret"), token(&bench, WABA).await);
    for fault in [
        json!({ "kind": "status", "status": 500 }),
        json!({ "kind": "status", "status": 503, "code": 133_004 }),
        json!({ "kind": "truncate" }),
    ] {
        bench.fault("meta", fault.clone()).await;
        let failed = signup.register(&access(&token, PHONE), &pin("123456")).await;
        assert!(matches!(failed, Err(RegisterError::Failed(AccountError::Unavailable(_)))), "{fault}: {failed:?}");
    }
    let dead = signup.register(&access(&"dead".into(), PHONE), &pin("123456")).await;
    assert!(matches!(dead, Err(RegisterError::Failed(AccountError::Refused))), "{dead:?}");
}

#[tokio::test]
async fn a_subscription_can_be_ended_by_whoever_may_make_it() {
    let bench = Bench::start().await;
    let (signup, token) = (bench.signup("secret"), token(&bench, WABA).await);
    let is_subscribed = async || {
        let told = bench.control("meta/registration", json!({ "phone_number_id": PHONE })).await;
        told["subscribed"] == true
    };
    bench.graph().subscribe(&waba(), &token).await.unwrap();
    assert!(is_subscribed().await);
    signup.unsubscribe(&waba(), &token).await.unwrap();
    assert!(!is_subscribed().await);
    let foreign = signup.unsubscribe(&"102290129340398".parse().unwrap(), &token).await;
    assert!(matches!(foreign, Err(AccountError::Unknown)), "{foreign:?}");
    bench.control("meta/tokens", json!({ "revoke": true })).await;
    assert!(matches!(signup.unsubscribe(&waba(), &token).await, Err(AccountError::Refused)));
}

/// Nothing that opens anything shows in what is printed for a log.
#[tokio::test]
async fn what_the_client_shows_of_itself_and_of_its_failures_holds_no_secret() {
    let bench = Bench::start().await;
    let signup = bench.signup("app-secret-9d1c");
    let unreachable = numo_providers::whatsapp::signup::SignupClient::new(
        bench.graph().with_timeout(SHORT),
        numo_providers::whatsapp::signup::MetaApp { id: "1".to_owned(), secret: "app-secret-9d1c".into() },
    );
    bench.fault("meta", json!({ "kind": "slow", "hold_ms": 2_000 })).await;
    let lost = unreachable.exchange(&"code-77aa".into()).await.unwrap_err();
    let shown = format!("{signup:?} {lost:?} {:?}", pin("135790"));
    for hidden in ["app-secret-9d1c", "code-77aa", "135790"] {
        assert!(!shown.contains(hidden), "{hidden}");
    }
}
