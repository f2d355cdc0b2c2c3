//! From what a browser brings back to numbers that send.

use jiff::SignedDuration;
use numo_app::{
    connect_whatsapp::{NumberOutcome, SignedUp, SignedUpNumber, SignupEnding, SignupEntry},
    error::AppError,
    port::signup::{Registration, RegistrationTrouble},
    store::activity::Actor,
};
use numo_domain::sender::SenderStatus;

use crate::{
    meta::days_after,
    world::{PHONE, World, finished, phone, resumed, waba},
};

fn outcomes(signed_up: &SignedUp) -> Vec<(&str, NumberOutcome)> {
    signed_up.numbers.iter().map(|number| (number.phone_number_id.as_str(), number.outcome)).collect()
}

/// The field that is wrong.
fn field(result: Result<SignedUp, AppError>) -> &'static str {
    match result {
        Err(AppError::Invalid { field, .. }) => field,
        other => panic!("no field is wrong: {other:?}"),
    }
}

#[tokio::test]
async fn a_code_becomes_an_account_with_a_registered_number_and_everything_is_kept_sealed() {
    let world = World::open();
    let ends_at = days_after(world.now(), 60);
    world.meta.change(|meta| meta.facts.ends_at = Some(ends_at));
    let signed_up = world.connect(finished("code-1")).await.unwrap();
    let number = SignedUpNumber {
        phone_number_id: phone(PHONE),
        number: "+97145550300".parse().unwrap(),
        verified_name: "Souk Trading".to_owned(),
        outcome: NumberOutcome::Connected,
    };
    assert_eq!(signed_up, SignedUp { waba: waba(), access_ends_at: Some(ends_at), numbers: vec![number] });
    let sender = world.store().senders(&world.org).await.unwrap().remove(0);
    assert_eq!((sender.phone_number_id, sender.status), (phone(PHONE), SenderStatus::Ready));
    let meta = world.meta.look();
    let (registered, pin) = meta.registered.first().unwrap();
    assert_eq!((registered, pin.len(), meta.is_subscribed), (&phone(PHONE), 6, true));
    assert_eq!(world.secrets(), ["GRANT#whatsapp#100", "PIN#200"]);
    assert_eq!(world.token().await.as_deref(), Some("token-of-code-1"));
    let stored = format!("{:?}", world.table.items());
    assert!(!stored.contains("token-of-code-1") && !stored.contains(&format!("\"{pin}\"")));
    let activity = world.store().activity(&world.org, 10).await.unwrap();
    let actions: Vec<&str> = activity.iter().map(|line| line.activity.action.as_str()).collect();
    assert_eq!(actions, ["whatsapp.connected", "consent.attested"]);
    assert_eq!(activity.first().unwrap().activity.actor, Actor::User("user_ann".parse().unwrap()));
    let attestation = world.store().organisation(&world.org).await.unwrap().attestation.unwrap();
    assert_eq!((attestation.version, attestation.at), (2, world.now()));
}

#[tokio::test]
async fn without_the_statement_in_force_nothing_is_asked_of_meta_and_the_code_is_not_spent() {
    let world = World::open();
    let silent = SignupEntry { attestation: None, ..finished("code-1") };
    assert_eq!(field(world.connect(silent).await), "attestation");
    let mut outdated = finished("code-1");
    outdated.attestation.as_mut().unwrap().version = 1;
    assert_eq!(field(world.connect(outdated).await), "attestation.version");
    assert!(world.meta.look().spent.is_empty() && world.table.items().is_empty());
    world.connect(finished("code-1")).await.unwrap();
    // It is stated once: the next sign-up need not repeat it.
    let next = SignupEntry { attestation: None, ..finished("code-2") };
    world.connect(next).await.unwrap();
}

#[tokio::test]
async fn what_the_token_does_not_prove_is_refused_and_its_token_is_forgotten() {
    type Spoil = fn(&mut crate::meta::State);
    let cases: [(&str, Spoil); 9] = [
        ("code", |meta| meta.facts.is_valid = false),
        ("code", |meta| meta.facts.is_ours = false),
        ("code", |meta| meta.facts.scopes = ["whatsapp_business_management".to_owned()].into()),
        ("code", |meta| meta.facts.ends_at = Some("2026-11-27T06:00:00Z".parse().unwrap())),
        ("waba_id", |meta| meta.facts.accounts = Some(["999".parse().unwrap()].into())),
        // Neither does Meta name what looks after the account, nor does the account answer.
        ("code", |meta| {
            meta.facts.scopes = ["whatsapp_business_messaging".to_owned()].into();
            (meta.facts.accounts, meta.waba) = (None, "999".parse().unwrap());
        }),
        // Meta named no accounts, and the account itself says no.
        ("waba_id", |meta| (meta.facts.accounts, meta.waba) = (None, "999".parse().unwrap())),
        ("phone_number_id", |meta| meta.numbers.clear()),
        ("code", |meta| {
            meta.spent.insert("code-1".to_owned());
        }),
    ];
    for (place, (expected, spoil)) in cases.into_iter().enumerate() {
        let world = World::open();
        world.meta.change(spoil);
        assert_eq!(field(world.connect(finished("code-1")).await), expected, "case {place}");
        let is_number = expected == "phone_number_id";
        assert_eq!(world.secrets().is_empty(), !is_number, "case {place}");
        assert!(world.keys("ROUTE#").is_empty() && world.meta.look().registered.is_empty(), "case {place}");
    }
}

#[tokio::test]
async fn a_token_without_named_accounts_is_proved_by_the_account_itself() {
    let world = World::open();
    world.meta.change(|meta| meta.facts.accounts = None);
    let signed_up = world.connect(finished("code-1")).await.unwrap();
    assert_eq!(outcomes(&signed_up), [(PHONE, NumberOutcome::Connected)]);
}

#[tokio::test]
async fn a_token_that_looks_after_the_account_without_naming_that_permission_connects_it() {
    let world = World::open();
    let named = ["whatsapp_business_messaging", "whatsapp_business_manage_events"];
    world.meta.change(|meta| {
        (meta.facts.accounts, meta.facts.scopes) = (None, named.map(str::to_owned).into());
    });
    let signed_up = world.connect(finished("code-1")).await.unwrap();
    assert_eq!(outcomes(&signed_up), [(PHONE, NumberOutcome::Connected)]);
}

#[tokio::test]
async fn an_account_of_another_organisation_is_refused_before_its_code_is_spent() {
    let world = World::open();
    world.connect_as("org_b", finished("code-1")).await.unwrap();
    let before = world.table.items();
    let refused = world.connect(finished("code-2")).await;
    assert!(matches!(refused, Err(AppError::Conflict(_))), "{refused:?}");
    assert_eq!((world.table.items(), world.meta.look().spent.contains("code-2")), (before, false));
}

#[tokio::test]
async fn a_number_of_another_organisation_in_an_account_of_nobody_is_refused() {
    let world = World::open();
    world.connect_as("org_b", finished("code-1")).await.unwrap();
    world.meta.change(|meta| {
        meta.waba = "101".parse().unwrap();
        meta.facts.accounts = None;
    });
    for (code, named) in [("code-2", Some(phone(PHONE))), ("code-3", None)] {
        let entry = SignupEntry { waba: "101".parse().unwrap(), named, ..finished(code) };
        assert!(matches!(world.connect(entry).await, Err(AppError::Conflict(_))));
    }
    assert!(!world.keys("ROUTE#WABA#101").contains(&"ROUTE".to_owned()));
    assert!(world.store().senders(&world.org).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_number_of_the_phone_app_is_connected_and_never_registered() {
    let world = World::with(&[("201", Registration::OnPhoneApp), ("202", Registration::Open)]);
    let entry = SignupEntry { ending: SignupEnding::OnPhoneApp, named: None, ..finished("code-1") };
    let signed_up = world.connect(entry).await.unwrap();
    assert_eq!(outcomes(&signed_up), [("201", NumberOutcome::Connected), ("202", NumberOutcome::NotChosen)]);
    assert!(world.meta.look().tried.is_empty());
    // Not even where the browser calls it an ordinary number.
    let entry = SignupEntry { named: Some(phone("201")), ..finished("code-2") };
    world.connect(entry).await.unwrap();
    assert!(world.meta.look().tried.is_empty());
}

#[tokio::test]
async fn of_several_numbers_all_are_connected_or_those_that_the_owner_picks() {
    let numbers = [("201", Registration::Open), ("202", Registration::Open), ("203", Registration::Done)];
    let world = World::with(&numbers);
    let picked = ["201", "203"].map(phone).into();
    let signed_up = world.connect(SignupEntry { named: None, picked, ..finished("code-1") }).await.unwrap();
    let (yes, no) = (NumberOutcome::Connected, NumberOutcome::NotChosen);
    assert_eq!(outcomes(&signed_up), [("201", yes), ("203", yes), ("202", no)]);
    let all = world.connect(SignupEntry { named: None, ..resumed() }).await.unwrap();
    assert_eq!(outcomes(&all), [("201", yes), ("202", yes), ("203", yes)]);
    assert_eq!(world.meta.look().registered.len(), 2);
    let foreign = SignupEntry { picked: ["999"].map(phone).into(), ..resumed() };
    assert_eq!(field(world.connect(foreign).await), "phone_number_ids");
}

#[tokio::test]
async fn a_number_with_a_pin_of_its_own_is_registered_once_the_pin_is_entered_without_a_new_code() {
    let world = World::open();
    world.meta.change(|meta| meta.trouble = Some(RegistrationTrouble::WrongPin));
    let refused = world.connect(finished("code-1")).await.unwrap();
    let expected = NumberOutcome::Refused { trouble: RegistrationTrouble::WrongPin, again_at: None };
    assert_eq!(outcomes(&refused), [(PHONE, expected)]);
    assert!(world.store().senders(&world.org).await.unwrap().is_empty());
    assert_eq!(world.secrets(), ["GRANT#whatsapp#100"], "a PIN that is not the number's is not kept");
    world.meta.change(|meta| meta.trouble = None);
    let with_pin = SignupEntry { pin: Some("246810".parse().unwrap()), ..resumed() };
    let connected = world.connect(with_pin).await.unwrap();
    assert_eq!(outcomes(&connected), [(PHONE, NumberOutcome::Connected)]);
    assert_eq!(world.meta.look().registered, [(phone(PHONE), "246810".to_owned())]);
}

#[tokio::test]
async fn every_trouble_of_a_registration_says_when_to_come_back_as_far_as_it_is_known() {
    let minutes = |minutes| Some(SignedDuration::from_mins(minutes));
    for (trouble, wait) in [
        (RegistrationTrouble::TooManyPins, None),
        (RegistrationTrouble::PinsTooFast, None),
        (RegistrationTrouble::Unverified, None),
        (RegistrationTrouble::GivenUpLately, minutes(5)),
        (RegistrationTrouble::TooOften, minutes(72 * 60)),
    ] {
        let world = World::open();
        world.meta.change(|meta| meta.trouble = Some(trouble));
        let refused = world.connect(finished("code-1")).await.unwrap();
        let again_at = wait.map(|wait| world.now() + wait);
        assert_eq!(outcomes(&refused), [(PHONE, NumberOutcome::Refused { trouble, again_at })]);
        world.meta.change(|meta| meta.trouble = None);
        let connected = world.connect(resumed()).await.unwrap();
        assert_eq!(outcomes(&connected), [(PHONE, NumberOutcome::Connected)], "{trouble:?}");
        let tried = world.meta.look().tried;
        assert_eq!(tried.first(), tried.last(), "the PIN that was kept is used again");
    }
}

#[tokio::test]
async fn a_registration_whose_answer_is_lost_is_not_repeated() {
    let world = World::open();
    world.meta.change(|meta| meta.loses_answer = true);
    let again_at = world.now() + SignedDuration::from_secs(60);
    let lost = world.connect(finished("code-1")).await.unwrap();
    assert_eq!(outcomes(&lost), [(PHONE, NumberOutcome::Underway { again_at })]);
    let resumed = world.connect(resumed()).await.unwrap();
    assert_eq!(outcomes(&resumed), [(PHONE, NumberOutcome::Connected)], "Meta says itself that it is registered");
    assert_eq!(world.meta.look().registered.len(), 1);
}

#[tokio::test]
async fn while_one_window_waits_for_an_answer_another_does_not_ask() {
    let world = World::open();
    world.connect(finished("code-1")).await.unwrap();
    // The request went out and nobody knows yet; Meta does not show the number as registered.
    world.meta.change(|meta| {
        meta.numbers = vec![(phone("201"), Registration::Open)];
        meta.loses_answer = true;
    });
    let entry = || SignupEntry { named: Some(phone("201")), ..resumed() };
    world.connect(entry()).await.unwrap();
    world.meta.change(|meta| meta.numbers = vec![(phone("201"), Registration::Open)]);
    let again_at = world.now() + SignedDuration::from_secs(60);
    let other = world.connect(entry()).await.unwrap();
    assert_eq!(outcomes(&other), [("201", NumberOutcome::Underway { again_at })]);
    world.pass(SignedDuration::from_secs(60));
    let later = world.connect(entry()).await.unwrap();
    assert_eq!(outcomes(&later), [("201", NumberOutcome::Connected)]);
}

#[tokio::test]
async fn a_reconnect_keeps_the_rows_and_takes_the_new_token() {
    let world = World::open();
    world.connect(finished("code-1")).await.unwrap();
    let rows = |world: &World| -> Vec<String> {
        let items = world.table.items().into_iter().filter(|item| item.entity != "activity");
        items.map(|item| format!("{} {}", item.key.pk, item.key.sk)).collect()
    };
    let before = rows(&world);
    world.pass(SignedDuration::from_hours(24 * 59));
    world.connect(finished("code-2")).await.unwrap();
    assert_eq!(rows(&world), before);
    assert_eq!(world.token().await.as_deref(), Some("token-of-code-2"));
    assert_eq!(world.meta.look().registered.len(), 1);
}

#[tokio::test]
async fn when_meta_stumbles_after_the_code_was_spent_the_sign_up_goes_on_without_a_new_one() {
    let world = World::open();
    world.meta.change(|meta| meta.is_down = true);
    assert!(matches!(world.connect(finished("code-1")).await, Err(AppError::Unavailable(_))));
    assert_eq!(world.secrets(), ["SIGNUP#100"]);
    world.meta.change(|meta| meta.is_down = false);
    let signed_up = world.connect(resumed()).await.unwrap();
    assert_eq!(outcomes(&signed_up), [(PHONE, NumberOutcome::Connected)]);
    assert_eq!(world.secrets(), ["GRANT#whatsapp#100", "PIN#200"]);
}

#[tokio::test]
async fn a_token_that_was_kept_for_a_day_is_not_used_any_more() {
    let world = World::open();
    world.meta.change(|meta| meta.is_down = true);
    world.connect(finished("code-1")).await.unwrap_err();
    world.meta.change(|meta| meta.is_down = false);
    world.pass(SignedDuration::from_hours(24));
    assert_eq!(field(world.connect(resumed()).await), "code");
}

#[tokio::test]
async fn a_sign_up_that_was_never_begun_cannot_be_resumed() {
    let world = World::open();
    let entry = SignupEntry { attestation: finished("").attestation, ..resumed() };
    assert_eq!(field(world.connect(entry).await), "code");
}
