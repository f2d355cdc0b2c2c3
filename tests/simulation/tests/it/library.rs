//! Texts of Meta's library: the first day of a business whose own texts wait for their review.

use jiff::civil::date;
use numo_app::{
    choose_library_text::{Place, Wanted, choose_library_text, take_back_library_text},
    delivery::{Delivery, Update},
    port::{
        clock::Clock,
        whatsapp::{SendAction, SendError},
    },
};
use numo_domain::{
    language::Language,
    library::value::LibraryValue::{Balance, BusinessName, CustomerName, DueDate},
    message::example::library_values,
    plan::reason::SkipCode,
    reminder::Reminder,
    template::{AccountTemplate, Purpose, TemplateStatus, WhyUnusable},
};
use numo_simulation::{ledger::open_invoice, meta::waba_of, world::World};
use numo_testkit::{
    faulty_table::{Fault, Plan},
    memory_library::payment_overdue,
};

/// A business with some customers who owe two invoices each since the 10th and the 12th, of AED 500 and AED 300; none of
/// its texts is approved yet.
async fn business(customers: u32) -> World {
    let mut world = World::new(5);
    world.meta.hold_texts();
    world.set_up(1, customers).await;
    world.owed_since(0, date(2026, 11, 10));
    let business = world.businesses[0].clone();
    for customer in business.numbers.keys() {
        let (id, due) = (format!("{customer}-1"), date(2026, 11, 12));
        world.ledger.bill(&business.tenant, open_invoice(&id, customer.as_str(), due, 30_000, &*world.clock));
    }
    world.first_day().await;
    world
}

fn place(world: &World) -> Place {
    let waba = waba_of(&world.businesses[0].phone);
    Place { waba, purpose: Purpose::OverdueGentle, language: Language::English }
}

async fn choose(world: &World) {
    let (entry, business) = (payment_overdue(), &world.businesses[0]);
    let wanted = Wanted {
        name: entry.name.clone(),
        locale: entry.language.clone(),
        words: entry.words(),
        values: vec![CustomerName, Balance, BusinessName, DueDate],
    };
    let (ports, now) = (world.sender_ports(), world.clock.now());
    choose_library_text(&ports, &business.org, &business.admin, (&place(world), wanted), now).await.unwrap();
}

/// The reminders that went out, with the name of the template and what they demand.
async fn went_out(world: &World) -> Vec<(String, String, usize)> {
    let reminders: Vec<Reminder> = world.store().reminders(&world.businesses[0].org).await.unwrap();
    let mut told = Vec::new();
    for reminder in reminders {
        let said = world.said(0, &reminder).await;
        told.push((said.template.name, said.total.to_string(), said.lines.len()));
    }
    told
}

/// The reasons for silence of the day's plan.
async fn silent(world: &World) -> Vec<SkipCode> {
    let org = &world.businesses[0].org;
    let today = world.store().organisation(org).await.unwrap().zone.date(world.clock.now());
    let header = world.store().plan_header(org, today).await.unwrap().unwrap().value;
    let decisions = world.store().plan_decisions(org, &header).await.unwrap();
    let reasons = decisions.iter().flat_map(|decision| decision.reasons().iter().map(|reason| reason.code));
    reasons.collect()
}

#[tokio::test]
async fn a_business_sends_on_its_first_day_with_a_text_that_was_chosen_and_demands_the_oldest_invoice_alone() {
    let mut world = business(2).await;
    world.run_in_peace(2).await;
    assert_eq!(silent(&world).await, [SkipCode::TemplateUnusable; 2]);
    choose(&world).await;
    world.run_in_peace(1).await;
    world.approve(0).await;
    world.run_in_peace(8).await;
    let name = payment_overdue().template().name;
    assert_eq!(went_out(&world).await, vec![(name, String::from("AED 500.00"), 1); 2]);
    let organisation = world.store().organisation(&world.businesses[0].org).await.unwrap();
    let business_name = &library_values(&organisation, Language::English, world.clock.now())[&BusinessName];
    let mut texts: Vec<String> = world.meta.taken().into_iter().map(|message| message.text).collect();
    texts.sort();
    let expected = ["c0", "c1"].map(|customer| {
        format!(
            "Hi Customer {customer}, your payment of AED 500.00 to {business_name} was due on 10 Nov 2026. If you have \
             already paid, tell us. Reply STOP to end this."
        )
    });
    assert_eq!(texts, expected);
    world.come_to_rest().await;
}

#[tokio::test]
async fn the_pack_takes_its_place_once_it_is_approved_and_lists_all_that_is_owed() {
    let mut world = business(2).await;
    choose(&world).await;
    world.run_in_peace(1).await;
    world.meta.approve_texts();
    // Until the next look at the account nobody knows.
    world.run_in_peace(3).await;
    world.approve(0).await;
    world.run_in_peace(8).await;
    let sent = went_out(&world).await;
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().all(|(name, ..)| name.starts_with("numo_overdue_gentle")), "{sent:?}");
    assert!(sent.iter().all(|(_, _, lines)| *lines >= 2), "{sent:?}");
}

#[tokio::test]
async fn a_plan_that_was_approved_with_such_a_text_demands_no_more_when_the_pack_is_approved() {
    let mut world = business(2).await;
    choose(&world).await;
    world.run_in_peace(1).await;
    world.approve(0).await;
    world.meta.approve_texts();
    world.run_in_peace(12).await;
    let sent = went_out(&world).await;
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().all(|(_, total, lines)| (total.as_str(), *lines) == ("AED 500.00", 1)), "{sent:?}");
}

#[tokio::test]
async fn what_a_webhook_tells_of_such_a_text_stops_it_at_once() {
    let mut world = business(2).await;
    choose(&world).await;
    world.run_in_peace(1).await;
    world.approve(0).await;
    let template = payment_overdue().template();
    let marketing = AccountTemplate::unusable(template.clone(), WhyUnusable::Marketing);
    world.meta.library.change(|made| made.standing = marketing.clone());
    let waba = waba_of(&world.businesses[0].phone);
    world.meta.put_back(Delivery { waba, updates: vec![Update::Template(marketing.clone())], skipped: Vec::new() });
    world.all_webhooks_arrive().await;
    world.run_in_peace(12).await;
    assert_eq!(world.meta.taken().len(), 0);
    let known = world.store().templates(&world.businesses[0].org).await.unwrap();
    let known: Vec<&AccountTemplate> = known.iter().filter(|known| known.template == template).collect();
    assert_eq!(known, [&marketing]);
}

#[tokio::test]
async fn a_value_that_meta_does_not_take_costs_one_customer_a_message_and_two_stop_the_text() {
    // One of the four has a landline.
    for (n_refused, n_taken, is_stopped) in [(1, 2, false), (2, 0, true)] {
        let mut world = business(4).await;
        choose(&world).await;
        world.run_in_peace(1).await;
        world.approve(0).await;
        for _ in 0..n_refused {
            world.meta.answer_next(SendError::NotSent { code: 132_012, action: SendAction::FixMessage });
        }
        world.run_in_peace(3).await;
        let known = world.store().templates(&world.businesses[0].org).await.unwrap();
        let of_library = known.into_iter().find(|known| known.template == payment_overdue().template()).unwrap();
        assert_eq!(of_library.status != TemplateStatus::Approved, is_stopped, "{n_refused}: {of_library:?}");
        assert_eq!(world.meta.taken().len(), n_taken, "{n_refused}");
    }
}

#[tokio::test]
async fn a_choice_that_is_taken_back_between_plan_and_send_is_not_sent_with() {
    let mut world = business(2).await;
    choose(&world).await;
    world.run_in_peace(1).await;
    world.approve(0).await;
    let (business, now) = (world.businesses[0].clone(), world.clock.now());
    let place = place(&world);
    take_back_library_text(&world.sender_ports(), &business.org, &business.admin, &place, now).await.unwrap();
    world.run_in_peace(12).await;
    assert_eq!(world.meta.taken().len(), 0);
}

#[tokio::test]
async fn no_fault_in_a_run_sends_with_such_a_text_twice() {
    let ready = async || {
        let mut world = business(1).await;
        choose(&world).await;
        world.run_in_peace(1).await;
        world.approve(0).await;
        world
    };
    let calls = ready().await.work_with(Plan::Never).await;
    assert!(calls > 20, "only {calls} calls were made");
    let mut n_sent = 0;
    for call in 1..=calls {
        for fault in [Fault::Before, Fault::After] {
            let mut world = ready().await;
            world.work_with(Plan::Crash { call, fault }).await;
            world.run_in_peace(4).await;
            let taken = world.meta.taken().len();
            assert!(taken <= 1, "call {call}, {fault:?}");
            n_sent += taken;
        }
    }
    assert!(n_sent > usize::try_from(calls).unwrap(), "{n_sent} went out");
}
