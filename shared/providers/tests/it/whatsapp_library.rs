//! Meta's template library: read, made into templates, sent with.

use jiff::SignedDuration;
use numo_app::port::{
    template_library::{MadeTemplate, TemplateLibrary},
    whatsapp::{AccountError, Messaging, SendAction, SendError},
};
use numo_domain::{
    id::WabaId,
    language::Language,
    library::{
        LibraryText,
        choice::choose,
        entry::LibraryEntry,
        objection::{Objection, objections},
        value::LibraryValue::{Balance, BusinessName, CustomerName, DueDate},
    },
    message::{Message, Naming},
    template::{AccountTemplate, Purpose},
};
use serde_json::json;

use crate::bench::{Bench, SHORT, harbour};

fn waba() -> WabaId {
    "102290129340398".parse().unwrap()
}

async fn offered(bench: &Bench, purpose: Purpose) -> Vec<LibraryEntry> {
    bench.graph().offered(&waba(), &harbour().token, purpose).await.unwrap()
}

async fn due(bench: &Bench) -> LibraryText {
    let entry = offered(bench, Purpose::Upcoming).await.remove(0);
    choose(&entry, Purpose::Upcoming, Language::English, vec![CustomerName, Balance, BusinessName, DueDate]).unwrap()
}

#[tokio::test]
async fn the_library_is_read_for_a_purpose_whichever_path_meta_knows() {
    let bench = Bench::start().await;
    let names = |entries: Vec<LibraryEntry>| -> Vec<String> {
        entries.into_iter().map(|entry| format!("{} {}", entry.name, entry.language)).collect()
    };
    let overdue = [
        "payment_overdue_1 en_US",
        "payment_overdue_1 es_ES",
        "payment_overdue_1 pt_PT",
        "payment_overdue_2 en_US",
        "payment_overdue_3 en_GB",
        "payment_overdue_4 en_US",
    ];
    for path in ["root", "account"] {
        bench.control("meta/library", json!({ "path": path })).await;
        assert_eq!(names(offered(&bench, Purpose::OverdueGentle).await), overdue);
        for purpose in [Purpose::Upcoming, Purpose::DueToday] {
            assert_eq!(names(offered(&bench, purpose).await), ["payment_due_reminder_1 en_US"]);
        }
        assert_eq!(names(offered(&bench, Purpose::ThankYou).await), Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_speaks_against_a_text_is_found_in_what_meta_tells() {
    use Objection::{
        AlreadyPaidUnsaid, ButtonUnknown, CallButton, HeaderParameters, LinkNotAlone, MediaHeader, NotUtility,
        OtherLanguage, ParameterUnknown, ParametersAdjacent, ParametersUnreadable, StopUnsaid, Threatens,
    };
    let bench = Bench::start().await;
    let entries = offered(&bench, Purpose::OverdueGentle).await;
    let against = |n: usize, language| -> Vec<Objection> {
        objections(&entries[n], Purpose::OverdueGentle, language).into_iter().collect()
    };
    assert_eq!(against(0, Language::English), []);
    assert_eq!(against(1, Language::Spanish), []);
    assert_eq!(against(2, Language::Portuguese), [OtherLanguage, AlreadyPaidUnsaid, StopUnsaid]);
    assert_eq!(against(3, Language::English), [CallButton, LinkNotAlone, AlreadyPaidUnsaid, StopUnsaid]);
    let expected =
        [ParameterUnknown, ParametersAdjacent, MediaHeader, ButtonUnknown, Threatens, AlreadyPaidUnsaid, StopUnsaid];
    assert_eq!(against(4, Language::English), expected);
    let expected = [NotUtility, ParametersUnreadable, HeaderParameters, AlreadyPaidUnsaid, StopUnsaid];
    assert_eq!(against(5, Language::English), expected);
}

#[tokio::test]
async fn a_template_is_made_at_once_and_read_back_with_its_words_and_its_life() {
    let bench = Bench::start().await;
    let (graph, token, text) = (bench.graph(), harbour().token, due(&bench).await);
    assert_eq!(graph.made_template(&waba(), &token, &text.template).await.unwrap(), None);
    graph.make_template(&waba(), &token, &text).await.unwrap();
    let made = |time_to_live| MadeTemplate {
        standing: AccountTemplate::approved(text.template.clone()),
        body: text.body.clone(),
        time_to_live,
    };
    let found = graph.made_template(&waba(), &token, &text.template).await.unwrap();
    assert_eq!(found, Some(made(Some(SignedDuration::from_hours(12)))));
    let again = graph.make_template(&waba(), &token, &text).await;
    assert!(matches!(again, Err(AccountError::Rejected(100))), "{again:?}");

    let other = Bench::start().await;
    other.control("meta/library", json!({ "ttl": "ignored" })).await;
    other.graph().make_template(&waba(), &token, &text).await.unwrap();
    assert_eq!(other.graph().made_template(&waba(), &token, &text.template).await.unwrap(), Some(made(None)));
    other.control("meta/library", json!({ "ttl": "refused" })).await;
    let second = LibraryText { template: offered(&other, Purpose::OverdueGentle).await[0].template(), ..text };
    let refused = other.graph().make_template(&waba(), &token, &second).await;
    assert!(matches!(refused, Err(AccountError::Rejected(100))), "{refused:?}");
}

#[tokio::test]
async fn a_message_with_such_a_text_is_taken_and_a_value_of_another_type_is_not() {
    let bench = Bench::start().await;
    let (graph, text) = (bench.graph(), due(&bench).await);
    graph.make_template(&waba(), &harbour().token, &text).await.unwrap();
    let message = |balance: &str| Message {
        template: text.template.clone(),
        variant: text.variant(),
        naming: Naming::Positional,
        variables: vec![
            ("customer_name", String::from("Acme")),
            ("balance", balance.to_owned()),
            ("business_name", String::from("Harbour Lane")),
            ("due_date", String::from("2 Nov 2026")),
        ],
        text: String::new(),
        pay_token: Some("abc".parse().unwrap()),
        document: None,
    };
    let (to, attempt) = ("+971501234567".parse().unwrap(), "018f0000-0000-7000-8000-000000000001".parse().unwrap());
    assert!(graph.send(&harbour(), &to, attempt, &message("AED 1,376.22")).await.is_ok());
    match graph.send(&harbour(), &to, attempt, &message("a lot")).await {
        Err(SendError::NotSent { code: 132_012, action: SendAction::FixMessage }) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(bench.shown("meta/undescribed").await, json!([]));
}

#[tokio::test]
async fn a_dead_token_is_refused_and_an_outage_asks_no_other_path() {
    let bench = Bench::start().await;
    let graph = bench.graph().with_timeout(SHORT);
    let dead = graph.offered(&waba(), &"dead".into(), Purpose::Upcoming).await;
    assert!(matches!(dead, Err(AccountError::Refused)), "{dead:?}");
    bench.fault("meta", json!({ "kind": "status", "status": 500 })).await;
    let failed = graph.offered(&waba(), &harbour().token, Purpose::Upcoming).await;
    assert!(matches!(failed, Err(AccountError::Unavailable(_))), "{failed:?}");
}
