//! The numbers of a simulated business, against a slow recount.

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};
use numo_app::port::clock::Clock;
use numo_domain::{credit::Payment, invoice::InvoiceStatus, reminder::Reminder};
use numo_simulation::world::{Weather, World};

/// Days that go by, with what customers do on them.
const DAYS: i64 = 40;

fn is_named(reminder: &Reminder, payment: &Payment) -> bool {
    reminder.key.contact.connection == payment.contact.connection
        && payment.invoices.iter().any(|id| *id == reminder.key.anchor || reminder.listed.contains(id))
}

fn asks(reminder: &Reminder) -> bool {
    reminder.key.occasion.thanks_until().is_none()
}

/// What was collected, payment by payment, with every reminder looked at for each.
fn collected(payments: &[Payment], reminders: &[Reminder], first: Date) -> BTreeMap<Date, i64> {
    let mut sums = BTreeMap::new();
    for payment in payments.iter().filter(|payment| !payment.is_reversed) {
        let Some(on) = payment.date else { continue };
        let is_after = |reminder: &&Reminder| {
            let days = (on - reminder.date).get_days();
            asks(reminder) && reminder.state.is_delivered() && (0..=14).contains(&days) && is_named(reminder, payment)
        };
        if on >= first && reminders.iter().any(|reminder| is_after(&reminder)) {
            *sums.entry(on.first_of_month()).or_default() += payment.amount.minor;
        }
    }
    sums
}

#[tokio::test]
async fn after_weeks_of_sending_and_paying_the_numbers_are_what_a_slow_recount_gives() {
    let mut world = World::new(11);
    world.set_up(2, 12).await;
    world.first_day().await;
    world.run(24 * DAYS, Weather::CALM).await;
    world.come_to_rest().await;
    let (store, org) = (world.store(), world.businesses[0].org.clone());
    let before = store.figures(&org).await.unwrap().unwrap().date;
    // The first plan of the next day counts what is known at that moment.
    let figures = loop {
        world.run_by_the_minute(1).await;
        let figures = store.figures(&org).await.unwrap().unwrap();
        if figures.date > before {
            break figures;
        }
    };
    let today = store.organisation(&org).await.unwrap().zone.date(world.clock.now());
    assert_eq!(figures.date, today);
    let reminders = store.reminders(&org).await.unwrap();
    let mut payments = Vec::new();
    for connection in store.connections(&org).await.unwrap() {
        payments.extend(store.payments(&org, connection.id).await.unwrap());
    }
    let first = today.first_of_month().saturating_sub(11.months());
    assert_eq!(figures.currencies.len(), 1, "{figures:?}");
    let told = &figures.currencies[0];
    assert_eq!(told.collected, collected(&payments, &reminders, first));
    assert!(!told.collected.is_empty(), "nothing was collected: {payments:?}");
    let known = store.invoices_found(&org, &numo_app::store::part::Part::first(usize::MAX), |_| true).await.unwrap();
    let open = known.values.iter().filter(|known| known.invoice.is_open());
    assert_eq!(told.owed, open.map(|known| known.invoice.remaining.minor).sum::<i64>());
    let mut sales: BTreeMap<Date, i64> = BTreeMap::new();
    for known in &known.values {
        if let (InvoiceStatus::Open | InvoiceStatus::Paid, Some(on)) = (known.invoice.status, known.invoice.issued) {
            *sales.entry(on.first_of_month()).or_default() += known.invoice.total.minor;
        }
    }
    sales.retain(|month, _| *month >= first);
    assert_eq!(told.sales, sales);
    for responses in &figures.responses {
        let since = today.saturating_sub(i64::from(responses.days).days());
        let of_days: Vec<&Reminder> = reminders
            .iter()
            .filter(|sent| asks(sent) && sent.date > since && sent.date <= today && sent.state.was_taken())
            .collect();
        let is_paid = |sent: &&&Reminder| {
            payments
                .iter()
                .filter(|payment| !payment.is_reversed && is_named(sent, payment))
                .any(|payment| payment.date.is_some_and(|on| (0..=7).contains(&(on - sent.date).get_days())))
        };
        let count = |wanted: &dyn Fn(&&&Reminder) -> bool| {
            u64::try_from(of_days.iter().filter(|sent| wanted(sent)).count()).unwrap()
        };
        let counted = (
            count(&|_| true),
            count(&|sent| sent.state.is_delivered()),
            count(&|sent| sent.state.is_read()),
            count(&is_paid),
        );
        assert_eq!((responses.sent, responses.delivered, responses.read, responses.paid), counted);
    }
    assert!(figures.responses[1].sent > 0, "nothing was sent");
}
