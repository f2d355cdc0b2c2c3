//! Days that a customer chooses from a list: those that we offered, and no others.

use std::collections::BTreeSet;

use jiff::civil::date;
use numo_app::delivery::StatusUpdate;
use numo_domain::{
    conversation::{Answer, Said, day_choice::RowId},
    customer_file::{Promise, PromisedBy},
    delivery_report::DeliveryReport,
    reminder::DeliveryStatus,
};

use super::*;

const CUSTOMER: &str = "+971501234567";

impl Scene {
    /// The customer, who owes, wants to pay later and is asked when.
    async fn asks_to_pay_later(&self) -> Answer {
        self.owes("1").await;
        self.ingest(inbound(Some(CUSTOMER), None, "Pay on a date")).await;
        let (number, sender) = (self.key(CUSTOMER), "phone".parse().unwrap());
        let lines = self.ports.store.lines(&org(), (&number, &sender), 9).await.unwrap();
        let answers = lines.into_iter().filter_map(|line| match line.said {
            Said::Business(answer) => Some(answer),
            Said::Customer(_) => None,
        });
        let [answer] = <[Answer; 1]>::try_from(answers.collect::<Vec<_>>()).unwrap();
        answer
    }

    /// Meta says that an answer went out.
    async fn went_out(&self, answer: &Answer) {
        let update = StatusUpdate {
            phone_number_id: "phone".parse().unwrap(),
            message: "wamid.list".parse().unwrap(),
            attempt: Some(answer.attempt),
            status: DeliveryStatus::Sent,
            report: DeliveryReport::default(),
            asks_for: None,
            recipient: None,
            at: now(),
        };
        assert_eq!(self.ingest(Update::Status(update)).await.statuses, 1);
    }

    /// Somebody chooses a row.
    async fn chooses(&self, from: &str, row: &str, title: &str) {
        let Update::Inbound(message) = inbound(Some(from), None, title) else { return };
        let (message_id, row) = ("wamid.row".parse().unwrap(), Some(row.to_owned()));
        let message = InboundMessage { message: message_id, content: Content::Choice, row, ..message };
        assert_eq!(self.ingest(Update::Inbound(message)).await.inbound, 1);
    }
}

fn row(answer: &Answer, day: jiff::civil::Date) -> String {
    RowId { attempt: answer.attempt, date: day }.to_string()
}

#[tokio::test]
async fn whoever_wants_to_pay_later_chooses_a_business_day_and_that_day_is_promised() {
    let scene = scene().await;
    let answer = scene.asks_to_pay_later().await;
    let choice = answer.choice.clone().unwrap();
    let days: Vec<_> = choice.days.iter().map(|row| row.date).collect();
    let november = [23, 24, 25, 26, 27, 30].map(|day| date(2026, 11, day));
    assert_eq!(days, [november.as_slice(), &[1, 2, 3, 4].map(|day| date(2026, 12, day))].concat());
    assert!(answer.text.contains("choose one below"), "{}", answer.text);
    scene.went_out(&answer).await;
    // What the row is called says nothing.
    scene.chooses(CUSTOMER, &row(&answer, date(2026, 12, 3)), "1 Jan 2027").await;
    let promise = Promise {
        number: 1,
        date: date(2026, 12, 3),
        invoices: BTreeSet::from(["1".parse().unwrap()]),
        made_at: now(),
        by: PromisedBy::Customer,
        is_withdrawn: false,
    };
    assert_eq!(scene.file().await.promises, [promise]);
    let lines = scene.ports.store.lines(&org(), (&scene.key(CUSTOMER), &"phone".parse().unwrap()), 9).await.unwrap();
    assert_eq!(lines.len(), 4, "one question, one confirmation");
}

#[tokio::test]
async fn a_row_that_is_made_up_or_not_theirs_or_has_passed_promises_nothing_and_waits_for_a_person() {
    for case in 0..7 {
        let scene = scene().await;
        let answer = scene.asks_to_pay_later().await;
        let day = date(2026, 12, 3);
        if case != 6 {
            scene.went_out(&answer).await;
        }
        let other = AttemptId::new(Uuid::from_u128(7));
        let of_another = RowId { attempt: other, date: day }.to_string();
        let (from, chosen) = match case {
            0 => (CUSTOMER, "3 Dec 2026".to_owned()),
            1 => (CUSTOMER, of_another),
            2 => (CUSTOMER, row(&answer, date(2026, 12, 5))),
            3 => (CUSTOMER, row(&answer, date(2027, 12, 3))),
            4 => (CUSTOMER, format!("{} ", row(&answer, day))),
            // The same customer by another number.
            5 => ("+971507654321", row(&answer, day)),
            // The list was never sent.
            _ => (CUSTOMER, row(&answer, day)),
        };
        if case == 5 {
            scene.give_number("+971507654321").await;
        }
        scene.chooses(from, &chosen, "3 Dec 2026").await;
        let file = scene.file().await;
        assert_eq!((file.promises, file.unread_since), (Vec::new(), Some(now())), "{case}");
    }
}

#[tokio::test]
async fn a_row_that_says_stop_stops_whoever_made_it() {
    let scene = scene().await;
    scene.owes("1").await;
    scene.chooses(CUSTOMER, "of another list", "STOP").await;
    assert!(scene.ports.store.consents(&org()).await.unwrap().opted_out_contacts.contains(&customer()));
}

#[tokio::test]
async fn whoever_may_promise_no_more_is_asked_without_a_list() {
    let scene = scene().await;
    scene.owes("1").await;
    let promise = |number| Promise {
        number,
        date: date(2026, 11, 20),
        invoices: BTreeSet::from(["1".parse().unwrap()]),
        made_at: now(),
        by: PromisedBy::Customer,
        is_withdrawn: false,
    };
    let note = |file: &mut CustomerFile| file.promises = vec![promise(1), promise(2)];
    scene.ports.store.change_customer_file(&org(), &customer(), now(), note).await.unwrap();
    let answer = scene.asks_to_pay_later().await;
    assert_eq!(answer.choice, None);
    assert!(!answer.text.contains("choose"), "{}", answer.text);
}

#[tokio::test]
async fn a_language_is_heard_in_typed_words_alone_and_of_the_words_nothing_is_kept() {
    let scene = scene().await;
    for (n, text) in
        [(9, "Hola, ya hemos pagado la factura ayer. Gracias"), (8, "Ya he pagado la factura hoy, gracias")]
    {
        scene.hears(text, n).await;
    }
    scene.hears("ok", 7).await;
    let file = scene.file().await;
    assert_eq!(file.suggested_language(Language::English), Some(Language::Spanish));
    assert!(!serde_json::to_string(&file).unwrap().contains("factura"));
}
