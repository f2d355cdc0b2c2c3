//! What holds a customer's reminders: the latest word counts, in whatever order words arrive.

use std::collections::BTreeSet;

use numo_domain::{
    customer_file::HeardIn,
    invoice::{Invoice, InvoiceStatus, Marked},
};

use super::*;

impl Scene {
    /// Without when messages came, which every one of them changes.
    pub(super) async fn file(&self) -> CustomerFile {
        CustomerFile { replied_at: BTreeSet::new(), ..self.whole_file().await }
    }

    async fn whole_file(&self) -> CustomerFile {
        self.ports.store.customer_file(&org(), &customer()).await.unwrap()
    }

    /// The customer owes this invoice.
    pub(super) async fn owes(&self, id: &str) {
        let amount = Money::new(40_000, "AED".parse().unwrap());
        let invoice = Invoice {
            id: id.parse().unwrap(),
            contact: customer(),
            number: format!("INV-{id}"),
            status: InvoiceStatus::Open,
            issued: "2026-10-13".parse().ok(),
            due: "2026-11-13".parse().ok(),
            total: amount,
            remaining: amount,
            marked: Marked::Sent,
            expected_payment: None,
            paid: None,
            updated_at: now(),
        };
        self.ports.store.upsert_invoice(&org(), None, &invoice, now(), now()).await.unwrap();
    }

    /// The customer wrote something so many minutes ago.
    pub(super) async fn hears(&self, text: &str, minutes_ago: i64) {
        let Update::Inbound(message) = inbound(Some("+971501234567"), None, text) else { return };
        let (id, at) = (format!("wamid.{minutes_ago}"), ago(minutes_ago));
        let message = InboundMessage { message: id.parse().unwrap(), at, ..message };
        assert_eq!(self.ingest(Update::Inbound(message)).await.inbound, 1);
    }
}

fn ago(minutes: i64) -> Timestamp {
    now().checked_sub(SignedDuration::from_mins(minutes)).unwrap()
}

#[tokio::test]
async fn that_a_customer_replied_is_noted_once_whatever_it_says_and_in_whatever_order_it_comes() {
    let scene = scene().await;
    for (text, minutes_ago, latest) in [("is this right?", 9, 9), ("STOP", 2, 2), ("I pay on Friday", 5, 2)] {
        scene.hears(text, minutes_ago).await;
        assert_eq!(scene.whole_file().await.replied_at, BTreeSet::from([ago(latest)]), "{text}");
    }
    let Update::Inbound(message) = inbound(Some("+971501234567"), None, "STOP") else { return };
    let again = InboundMessage { message: "wamid.2".parse().unwrap(), at: ago(2), ..message };
    assert_eq!(scene.ingest(Update::Inbound(again)).await.inbound, 0);
    assert_eq!(scene.whole_file().await.replied_at, BTreeSet::from([ago(2)]));
}

#[tokio::test]
async fn of_messages_that_wait_to_be_read_the_first_and_the_latest_are_known_whichever_arrives_first() {
    let scene = scene().await;
    for minutes_ago in [5, 2, 9] {
        scene.hears("when can you come by?", minutes_ago).await;
    }
    let expected = CustomerFile { unread_since: Some(ago(9)), last_unread_at: Some(ago(2)), ..CustomerFile::default() };
    assert_eq!(scene.file().await, expected);
}

#[tokio::test]
async fn of_claims_to_have_paid_the_latest_counts_whichever_arrives_first() {
    let scene = scene().await;
    for (invoice, minutes_ago) in [("1", 5), ("2", 2), ("3", 9)] {
        scene.owes(invoice).await;
        scene.hears("I have already paid", minutes_ago).await;
    }
    let invoices: BTreeSet<_> = ["1", "2", "3"].map(|id| id.parse().unwrap()).into();
    let heard_in = Some(HeardIn { language: Language::English, messages: 2 });
    let paid_claim = Some(PaidClaim { at: ago(2), invoices });
    let expected = CustomerFile { paid_claim, heard_in, ..CustomerFile::default() };
    assert_eq!(scene.file().await, expected);
}
