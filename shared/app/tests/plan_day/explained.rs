//! What operators are told of a customer and a day, and what it leaves in the activity log.

use jiff::{Timestamp, civil::Date};
use numo_app::{
    error::AppError,
    explain_day::{Decided, Explained},
    operator::{
        OperatorPorts,
        explain::{About, Explanation, explain},
    },
    store::{activity::Actor, consent::ConsentOf},
};
use numo_domain::{
    consent::{Answer, ConsentChange, ConsentSource, ConsentState},
    contact::{Contact, ContactRef},
    id::{OperatorId, OrgId},
    policy::Approval,
};
use serde_json::{Value, json};

use crate::{Planner, TUESDAY, at, connection, customer, invoice, monday, org, planner};

fn ann() -> OperatorId {
    "ann".parse().unwrap()
}

fn other_org() -> OrgId {
    "org_b".parse().unwrap()
}

impl Planner {
    fn operator(&self) -> OperatorPorts {
        OperatorPorts { store: self.waker.store.clone(), ids: self.waker.ids.clone() }
    }

    async fn explained(&self, org: &OrgId, about: &About, on: Option<Date>) -> Result<Explanation, AppError> {
        explain(&self.operator(), org, (&ann(), "ticket 4711"), (about, on), at("2026-11-24T06:00:00Z")).await
    }

    /// Lines of an organisation's log, newest first.
    async fn lines(&self, org: &OrgId) -> Vec<(String, Value)> {
        let lines = self.waker.store.activity(org, 20).await.unwrap();
        let lines = lines.into_iter().filter(|line| line.activity.actor == Actor::Operator(ann()));
        lines.map(|line| (line.activity.action, line.activity.detail)).collect()
    }
}

fn invoice_called(text: &str) -> About {
    About::Invoice(text.to_owned())
}

async fn says_stop(planner: &Planner, at: Timestamp) {
    let change = ConsentChange {
        state: ConsentState::OptedOut,
        at,
        by: ConsentSource::Message,
        note: String::new(),
        message: None,
        recorded_by: None,
    };
    let of = ConsentOf::Number("key-1".parse().unwrap());
    planner.waker.store.change_consent(&org(), of, &change, at).await.unwrap();
}

#[tokio::test]
async fn an_operator_is_told_what_the_plan_decided_by_number_and_by_either_name_of_an_invoice() {
    let planner = planner(Approval::Automatic).await;
    planner.plan(at("2026-11-24T00:05:00Z")).await.unwrap();
    for about in [invoice_called("i-1"), invoice_called(" inv-1 "), About::Number("key-1".parse().unwrap())] {
        let told = planner.explained(&org(), &about, None).await.unwrap();
        assert_eq!((told.day, told.customers.len(), told.is_restored), (TUESDAY, 1, false), "{about:?}");
        let of_customer = &told.customers[0];
        assert_eq!(of_customer.contact, customer().at);
        let Explained::Decided(Decided { decisions, is_approved: true }) = &of_customer.explained else {
            panic!("{:?}", of_customer.explained)
        };
        assert!(decisions.len() == 1 && decisions[0].0.send().is_some() && decisions[0].1.is_none());
        assert_eq!((of_customer.answer, of_customer.said.len()), (Answer::None, 0));
        let asked: Vec<&str> = of_customer.invoices.iter().map(|known| known.invoice.id.as_str()).collect();
        assert_eq!(asked, if matches!(about, About::Number(_)) { vec![] } else { vec!["i-1"] });
    }
}

#[tokio::test]
async fn a_stop_is_told_with_its_time_and_as_the_reason_of_the_silence_that_follows() {
    let planner = planner(Approval::Automatic).await;
    says_stop(&planner, monday()).await;
    let told = planner.explained(&org(), &About::Number("key-1".parse().unwrap()), Some(TUESDAY)).await.unwrap();
    let heard = told.number.unwrap();
    assert_eq!((heard.state, heard.changed_at), (ConsentState::OptedOut, monday()));
    assert_eq!((told.customers[0].answer, told.customers[0].said.len()), (Answer::OptedOut, 1));
    let Explained::Ahead(decisions) = &told.customers[0].explained else { panic!("{:?}", told.customers) };
    let codes: Vec<&str> = decisions[0].reasons().iter().map(|reason| reason.code.code()).collect();
    assert_eq!(codes, ["opted_out"]);
}

#[tokio::test]
async fn whoever_pays_for_another_is_the_one_who_is_explained() {
    let planner = planner(Approval::Automatic).await;
    let child = ContactRef { connection: connection(), contact: "c-2".parse().unwrap() };
    let number =
        numo_domain::contact::ContactNumber::usable("+971501234568".parse().unwrap(), "key-2".parse().unwrap());
    let billed = Contact { at: child.clone(), number, payer: Some("c-1".parse().unwrap()), ..customer() };
    let owed = numo_domain::invoice::Invoice { id: "i-2".parse().unwrap(), contact: child, ..invoice() };
    let store = &planner.waker.store;
    store.upsert_contact(&org(), None, &billed, monday()).await.unwrap();
    store.upsert_invoice(&org(), None, &owed, monday(), monday()).await.unwrap();
    let told = planner.explained(&org(), &invoice_called("i-2"), None).await.unwrap();
    assert_eq!(told.customers.iter().map(|one| one.contact.clone()).collect::<Vec<_>>(), [customer().at]);
    assert_eq!(told.customers[0].invoices[0].invoice.id.as_str(), "i-2");
}

#[tokio::test]
async fn every_look_is_in_the_log_of_the_organisation_also_one_that_found_nobody() {
    let planner = planner(Approval::Automatic).await;
    planner.explained(&org(), &invoice_called("i-1"), None).await.unwrap();
    planner.explained(&org(), &invoice_called("i-9"), Some(TUESDAY)).await.unwrap();
    let looked = "reminders.explained".to_owned();
    let nobody = json!({"found": 0, "day": "2026-11-24", "reason": "ticket 4711"});
    let somebody = json!({"connection": connection(), "contact": "c-1", "day": "2026-11-24", "reason": "ticket 4711"});
    assert_eq!(planner.lines(&org()).await, [(looked.clone(), nobody), (looked, somebody)]);
}

#[tokio::test]
async fn nobody_of_another_organisation_is_found_and_a_look_without_a_reason_tells_nothing() {
    let planner = planner(Approval::Automatic).await;
    let name_it = |profile: &mut numo_domain::organisation::Organisation| profile.name = "Quay".to_owned();
    planner.waker.store.change_organisation(&other_org(), monday(), name_it).await.unwrap();
    for about in [invoice_called("i-1"), invoice_called("INV-1"), About::Number("key-1".parse().unwrap())] {
        let told = planner.explained(&other_org(), &about, None).await.unwrap();
        assert!(told.customers.is_empty() && told.connections.is_empty(), "{about:?}");
    }
    assert_eq!(planner.lines(&org()).await, [], "the other organisation is not told of a look at this one");
    assert_eq!(planner.lines(&other_org()).await.len(), 3);
    let nobody = planner.explained(&"org_typo".parse().unwrap(), &invoice_called("i-1"), None).await.unwrap_err();
    assert_eq!(nobody.to_string(), "organisation not found");
    let asked = (&invoice_called("i-1"), None);
    let silent = explain(&planner.operator(), &org(), (&ann(), " "), asked, monday()).await.unwrap_err();
    assert_eq!(silent.to_string(), "reason: 1 to 200 characters in one line");
    assert_eq!(planner.lines(&org()).await, []);
}
