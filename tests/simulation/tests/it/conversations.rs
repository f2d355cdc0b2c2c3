//! Conversations: what customers write, and what is answered within the window.

use jiff::{SignedDuration, civil::date};
use numo_app::{
    answer_customer::{Reply, answer_customer},
    configure::{Sending, pause},
    delivery::{Delivery, InboundMessage, Update},
    error::AppError,
    port::{
        clock::Clock,
        whatsapp::{SendAction, SendError},
    },
};
use numo_domain::{
    conversation::{Content, Conversation, Line, Recipient, Said, day_choice::RowId},
    phone::PhoneNumber,
};
use numo_simulation::{
    meta::{TakenAnswer, user_of, waba_of},
    world::World,
};
use numo_testkit::faulty_table::{Fault, Plan};

/// A business with two customers who owe since the 10th.
async fn business() -> World {
    let mut world = World::new(4);
    world.set_up(1, 2).await;
    world.owed_since(0, date(2026, 11, 10));
    world.first_day().await;
    world
}

/// The first customer's number.
fn customer(world: &World) -> PhoneNumber {
    world.businesses[0].numbers.values().next().unwrap().parse().unwrap()
}

/// The first customer writes.
fn say(world: &World, id: &str, content: Content, text: Option<&str>) {
    put(world, id, content, (text, None));
}

/// The first customer chooses a row of a list.
fn choose(world: &World, id: &str, row: &str, title: &str) {
    put(world, id, Content::Choice, (Some(title), Some(row)));
}

fn put(world: &World, id: &str, content: Content, (text, row): (Option<&str>, Option<&str>)) {
    let (phone, from) = (&world.businesses[0].phone, customer(world));
    let message = InboundMessage {
        edits: None,
        phone_number_id: phone.clone(),
        message: id.parse().unwrap(),
        user: Some(user_of(&from)),
        becomes: None,
        from: Some(from),
        answers: None,
        content,
        text: text.map(str::to_owned),
        row: row.map(str::to_owned),
        at: world.clock.now(),
    };
    world.meta.put_back(Delivery {
        waba: waba_of(phone),
        updates: vec![Update::Inbound(message)],
        skipped: Vec::new(),
    });
}

async fn talk(world: &World) -> Conversation {
    let mut talks = world.store().conversations(&world.businesses[0].org).await.unwrap();
    assert_eq!(talks.len(), 1);
    talks.remove(0)
}

/// Who said what, oldest first, with where it stands.
async fn lines(world: &World) -> Vec<(&'static str, String)> {
    let talk = talk(world).await;
    let lines = world.store().lines(&world.businesses[0].org, (&talk.number, &talk.sender), 50).await.unwrap();
    let shown = |line: &Line| match &line.said {
        Said::Customer(heard) => (heard.text.clone().unwrap_or_default(), heard.understood_as.clone()),
        Said::Business(answer) => (answer.text.clone(), answer.state.name().to_owned()),
    };
    let by = |line: &Line| if matches!(line.said, Said::Customer(_)) { "customer" } else { "business" };
    lines.iter().rev().map(|line| (by(line), format!("{} ({})", shown(line).0, shown(line).1))).collect()
}

fn row(by: &'static str, what: &str) -> (&'static str, String) {
    (by, what.to_owned())
}

fn reply(id: u32, text: &str) -> Reply {
    Reply { id: format!("00000000-0000-0000-0000-{id:012}").parse().unwrap(), text: text.to_owned() }
}

async fn answer(world: &World, reply: Reply) -> Result<(), AppError> {
    let (business, talk) = (&world.businesses[0], talk(world).await);
    let of = (&talk.number, &talk.sender);
    answer_customer(&world.waker, &business.org, &business.admin, of, reply, world.clock.now()).await
}

#[tokio::test]
async fn an_owner_reads_and_answers_and_the_customer_counts_as_handled() {
    let mut world = business().await;
    say(&world, "wamid.in.1", Content::Text, Some("Can I get a copy of the last one please"));
    world.run_in_peace(1).await;
    say(&world, "wamid.in.2", Content::Image, Some("proof"));
    world.run_in_peace(1).await;
    let unread = talk(&world).await;
    assert_eq!((unread.unread, unread.to), (2, Recipient::Number(customer(&world))));
    let file = async |world: &World| {
        let contact = talk(world).await.contacts.into_iter().next().unwrap();
        world.store().customer_file(&world.businesses[0].org, &contact).await.unwrap()
    };
    assert!(file(&world).await.unread_since.is_some());
    // A form that is sent twice is one answer.
    for _ in 0..2 {
        answer(&world, reply(1, " Here it is. ")).await.unwrap();
    }
    world.run_in_peace(1).await;
    assert_eq!(
        lines(&world).await,
        [
            row("customer", "Can I get a copy of the last one please (unread)"),
            row("customer", "proof (unread)"),
            row("business", "Here it is. (delivered)"),
        ]
    );
    let said = world.meta.answers().into_iter().map(|answer| (answer.attempt, answer.to, answer.text));
    let expected = (reply(1, "").id, Recipient::Number(customer(&world)), "Here it is.".to_owned());
    assert_eq!(said.collect::<Vec<_>>(), [expected]);
    let (read, file) = (talk(&world).await, file(&world).await);
    assert_eq!((read.unread, file.unread_since, file.owner_wrote_at), (0, None, read.answered_at));
    assert!(file.owner_wrote_at.is_some());
}

#[tokio::test]
async fn case_52_a_stop_is_confirmed_once_and_nothing_goes_out_afterwards() {
    let mut world = business().await;
    world.meta.block(false);
    for id in ["wamid.in.1", "wamid.in.2"] {
        say(&world, id, Content::Text, Some("STOP"));
        world.run_in_peace(1).await;
    }
    let farewell = "You will get no more payment reminders from phone-1 here. Write START if you want them again.";
    let confirmation = lines(&world).await.into_iter().filter(|(by, _)| *by == "business").collect::<Vec<_>>();
    let name = world.store().organisation(&world.businesses[0].org).await.unwrap().name;
    assert_eq!(confirmation, [row("business", &format!("{} (delivered)", farewell.replace("phone-1", &name)))]);
    let refused = answer(&world, reply(1, "Are you sure?")).await.unwrap_err();
    assert_eq!(refused.to_string(), "the customer does not want to be written to");
    say(&world, "wamid.in.3", Content::Text, Some("when will you pay? tomorrow"));
    say(&world, "wamid.in.4", Content::Text, Some("I will pay next week"));
    world.run_in_peace(1).await;
    assert_eq!(world.meta.answers().len(), 1);
    say(&world, "wamid.in.5", Content::Text, Some("START"));
    world.run_in_peace(1).await;
    assert_eq!(world.meta.answers().len(), 2);
    answer(&world, reply(2, "Welcome back")).await.unwrap();
    world.run_in_peace(1).await;
    assert_eq!(world.meta.answers().len(), 3);
}

#[tokio::test]
async fn a_day_is_repeated_to_the_customer_and_one_that_is_not_clear_is_asked_back() {
    let mut world = business().await;
    for (id, text, understood, answered) in [
        (
            "wamid.in.1",
            "will pay 03/04",
            "unread",
            "Do you mean 3 Apr 2027 or 4 Mar 2027? Please write the day with the name of the month.",
        ),
        (
            "wamid.in.2",
            "I will pay soon",
            "unread",
            "Thank you. On which day will you pay? Please choose one below, or write a date, such as 26 Nov 2026.",
        ),
        ("wamid.in.3", "on 27 November", "pay_on", "Thank you. NAME has noted that you will pay by 27 Nov 2026."),
        // Too far ahead for the customer to decide alone.
        ("wamid.in.4", "on 27 December", "pay_on", ""),
    ] {
        say(&world, id, Content::Text, Some(text));
        world.run_in_peace(1).await;
        let name = world.store().organisation(&world.businesses[0].org).await.unwrap().name;
        let mut expected = vec![row("customer", &format!("{text} ({understood})"))];
        if !answered.is_empty() {
            expected.push(row("business", &format!("{} (delivered)", answered.replace("NAME", &name))));
        }
        let lines = lines(&world).await;
        assert_eq!(lines[lines.len() - expected.len()..], expected, "{text}");
    }
}

#[tokio::test]
async fn a_day_is_chosen_from_a_list_in_the_customers_language_and_kept_as_a_promise() {
    let mut world = business().await;
    say(&world, "wamid.in.1", Content::Choice, Some("Pay on a date"));
    world.run_in_peace(1).await;
    let [list] = <[TakenAnswer; 1]>::try_from(world.meta.answers()).unwrap();
    let choice = list.choice.unwrap();
    let friday = date(2026, 11, 27);
    let row = RowId { attempt: list.attempt, date: friday }.to_string();
    let title = &choice.days.iter().find(|row| row.date == friday).unwrap().title;
    choose(&world, "wamid.in.2", &row, title);
    // Asked again within ten minutes, nobody is asked twice; and a row that nobody offered promises nothing.
    choose(&world, "wamid.in.3", &row.replace("11-27", "12-27"), title);
    world.run_in_peace(1).await;
    let org = &world.businesses[0].org;
    let talk = talk(&world).await;
    let file = world.store().customer_file(org, talk.contacts.first().unwrap()).await.unwrap();
    assert_eq!(file.promises.iter().map(|promise| promise.date).collect::<Vec<_>>(), [friday]);
    assert!(file.unread_since.is_some());
    let said: Vec<String> = world.meta.answers().into_iter().skip(1).map(|answer| answer.text).collect();
    let name = world.store().organisation(org).await.unwrap().name;
    assert_eq!(said, [format!("Thank you. {name} has noted that you will pay by 27 Nov 2026.")]);
}

#[tokio::test]
async fn case_53_after_a_day_an_answer_in_own_words_is_refused_and_one_that_waited_too_long_is_dropped() {
    let mut world = business().await;
    say(&world, "wamid.in.1", Content::Text, Some("hello there everybody"));
    world.run_in_peace(23).await;
    let wait = SendAction::Wait { retry_after: Some(SignedDuration::from_hours(3)) };
    world.meta.answer_next(SendError::NotSent { code: 130_429, action: wait });
    answer(&world, reply(1, "Hello")).await.unwrap();
    world.run_in_peace(1).await;
    assert_eq!(lines(&world).await[1], row("business", "Hello (waiting)"));
    world.run_in_peace(4).await;
    assert_eq!(lines(&world).await[1], row("business", "Hello (dropped)"));
    let refused = answer(&world, reply(2, "Hello")).await.unwrap_err();
    assert_eq!(refused.to_string(), "the customer wrote more than 24 hours ago: only a reminder may be sent now");
    assert_eq!(world.meta.answers(), []);
}

#[tokio::test]
async fn an_answer_without_words_or_with_too_many_is_refused() {
    let mut world = business().await;
    say(&world, "wamid.in.1", Content::Text, Some("hello there everybody"));
    world.run_in_peace(1).await;
    for text in ["", "  \n ", &"x".repeat(4097)] {
        let refused = answer(&world, reply(1, text)).await.unwrap_err();
        assert_eq!(refused.to_string(), "text: 1 to 4096 characters are needed");
    }
    answer(&world, reply(1, &"x".repeat(4096))).await.unwrap();
}

#[tokio::test]
async fn case_76_nothing_is_answered_while_everything_is_paused() {
    let mut world = business().await;
    say(&world, "wamid.in.1", Content::Text, Some("hello there everybody"));
    world.run_in_peace(1).await;
    answer(&world, reply(1, "Hello")).await.unwrap();
    // The job is in flight.
    let business = world.businesses[0].clone();
    pause(&world.waker, &business.org, &business.admin, Sending::Pause { until: None }, world.clock.now())
        .await
        .unwrap();
    say(&world, "wamid.in.2", Content::Text, Some("STOP"));
    world.run_in_peace(1).await;
    assert_eq!(world.meta.answers(), []);
    let refused = answer(&world, reply(2, "Hello")).await.unwrap_err();
    assert_eq!(refused.to_string(), "everything is paused: resume first");
    let states = |lines: Vec<(&str, String)>| -> Vec<String> {
        lines.into_iter().filter_map(|(_, line)| Some(line.rsplit_once('(')?.1.replace(')', ""))).collect()
    };
    assert_eq!(states(lines(&world).await), ["unread", "dropped", "stop", "waiting"]);
    // Whoever wants to hear nothing more is told so once everything goes on.
    let now = world.clock.now();
    pause(&world.waker, &business.org, &business.admin, Sending::Resume, now).await.unwrap();
    world.run_in_peace(1).await;
    assert_eq!(states(lines(&world).await), ["unread", "dropped", "stop", "delivered"]);
    assert_eq!(world.meta.answers().len(), 1);
}

#[tokio::test]
async fn an_answer_that_meta_refuses_says_so_and_stops_the_number_if_it_is_the_numbers() {
    let mut world = business().await;
    say(&world, "wamid.in.1", Content::Text, Some("hello there everybody"));
    world.run_in_peace(1).await;
    for (id, code, action) in [
        (1, 131_047, SendAction::FixMessage),
        (2, 131_026, SendAction::SkipRecipient),
        // It is never said again, whatever did not fit.
        (3, 132_000, SendAction::FixMessage),
        (4, 132_012, SendAction::FixMessage),
        (5, 132_018, SendAction::FixMessage),
        (6, 131_042, SendAction::StopSender),
    ] {
        world.meta.answer_next(SendError::NotSent { code, action });
        answer(&world, reply(id, "Hello")).await.unwrap();
        world.run_in_peace(1).await;
    }
    answer(&world, reply(7, "Hello")).await.unwrap();
    world.run_in_peace(1).await;
    let states: Vec<String> = lines(&world).await.into_iter().skip(1).map(|(_, line)| line).collect();
    assert_eq!(states, [vec!["Hello (not_sent)"; 6], vec!["Hello (dropped)"]].concat());
}

/// A customer has written, and the owner's answer is in flight.
async fn answered() -> World {
    let mut world = business().await;
    say(&world, "wamid.in.1", Content::Text, Some("hello there everybody"));
    world.run_in_peace(1).await;
    answer(&world, reply(1, "Hello")).await.unwrap();
    world
}

#[tokio::test]
async fn an_answer_that_dies_at_any_call_goes_out_once_at_most_and_ends_with_a_state() {
    let calls = answered().await.work_with(Plan::Never).await;
    assert!(calls > 12, "only {calls} calls were made");
    let mut ends = std::collections::BTreeSet::new();
    for call in 1..=calls {
        for fault in [Fault::Before, Fault::After] {
            for plan in [Plan::Crash { call, fault }, Plan::Once { call, fault }] {
                let mut world = answered().await;
                world.work_with(plan.clone()).await;
                world.run_in_peace(3).await;
                let (_, line) = lines(&world).await.remove(1);
                let sent = world.meta.answers().len();
                assert!(sent <= 1, "{plan:?} sent {sent} times");
                assert!(!line.ends_with("(sending)") && !line.ends_with("(waiting)"), "{plan:?} ends as {line}");
                assert!(sent == 1 || line.ends_with("(unknown)"), "{plan:?} sent nothing and ends as {line}");
                ends.insert(line);
            }
        }
    }
    assert_eq!(Vec::from_iter(ends), ["Hello (delivered)", "Hello (unknown)"]);
}

#[tokio::test]
async fn what_came_in_after_an_answer_was_written_is_not_read_though_the_answer_goes_out_later() {
    let mut world = business().await;
    say(&world, "wamid.in.1", Content::Text, Some("hello there everybody"));
    world.run_in_peace(1).await;
    let wait = SendAction::Wait { retry_after: Some(SignedDuration::from_hours(2)) };
    world.meta.answer_next(SendError::NotSent { code: 130_429, action: wait });
    answer(&world, reply(1, "Hello")).await.unwrap();
    world.run_in_peace(1).await;
    say(&world, "wamid.in.2", Content::Text, Some("your invoice is for somebody else's crates"));
    world.run_in_peace(4).await;
    let (talk, contact) = (talk(&world).await, talk(&world).await.contacts.into_iter().next().unwrap());
    let file = world.store().customer_file(&world.businesses[0].org, &contact).await.unwrap();
    assert_eq!((world.meta.answers().len(), talk.unread), (1, 2));
    assert!(file.unread_since.is_some() && file.owner_wrote_at.is_some());
}

#[tokio::test]
async fn whoever_said_that_the_number_is_a_wrong_one_is_a_stranger_from_then_on() {
    let mut world = business().await;
    say(&world, "wamid.in.1", Content::Text, Some("Wrong number!"));
    world.run_in_peace(1).await;
    let refused = answer(&world, reply(1, "We owe you an apology")).await.unwrap_err();
    assert_eq!(refused.to_string(), "whoever has this number said that it is not the customer's");
    let before = lines(&world).await;
    say(&world, "wamid.in.2", Content::Text, Some("tomorrow"));
    say(&world, "wamid.in.3", Content::Text, Some("my name is Bob"));
    say(&world, "wamid.in.4", Content::Text, Some("STOP"));
    world.run_in_peace(1).await;
    assert_eq!((lines(&world).await, world.meta.answers()), (before, vec![]));
    let (store, org) = (world.store(), &world.businesses[0].org);
    let contact = talk(&world).await.contacts.into_iter().next().unwrap();
    assert!(store.customer_file(org, &contact).await.unwrap().promises.is_empty());
    let consents = store.consents(org).await.unwrap();
    assert_eq!((consents.opted_out_numbers.len(), consents.opted_out_contacts.len()), (1, 0));
}

#[tokio::test]
async fn a_machine_that_answers_everything_is_asked_once_and_one_who_owes_nothing_is_asked_nothing() {
    let mut world = business().await;
    for n in 1..4 {
        say(&world, &format!("wamid.in.{n}"), Content::Text, Some("we will pay soon"));
    }
    world.run_in_peace(1).await;
    assert_eq!(world.meta.answers().len(), 1);
    for invoice in world.store().open_invoices(&world.businesses[0].org).await.unwrap() {
        world.ledger.pay(&world.businesses[0].tenant, &invoice.id);
    }
    world.run_in_peace(5).await;
    say(&world, "wamid.in.9", Content::Text, Some("we will pay soon"));
    world.run_in_peace(1).await;
    assert_eq!(world.meta.answers().len(), 1);
}

#[tokio::test]
async fn metas_word_that_a_number_changed_hands_opens_no_window() {
    let mut world = business().await;
    say(&world, "wamid.in.1", Content::System, None);
    world.run_in_peace(1).await;
    assert!(!talk(&world).await.is_open(world.clock.now()));
    let refused = answer(&world, reply(1, "Hello")).await.unwrap_err();
    assert!(refused.to_string().starts_with("the customer wrote more than 24 hours ago"), "{refused}");
}

#[tokio::test]
async fn a_start_that_dies_anywhere_is_answered_once_and_may_be_answered_before_its_webhook_comes_again() {
    let mut n_before = 0;
    for fault in [Fault::Before, Fault::After] {
        for call in 1.. {
            let mut world = business().await;
            say(&world, "wamid.in.1", Content::Text, Some("Stop!"));
            world.run_in_peace(1).await;
            say(&world, "wamid.in.2", Content::Text, Some("START"));
            let died = world.webhook_dies(Plan::Crash { call, fault }).await;
            let waiting = world.meta.all_webhooks();
            world.run_in_peace(1).await;
            n_before += usize::from(died && world.meta.answers().len() == 2);
            waiting.into_iter().for_each(|delivery| world.meta.put_back(delivery));
            world.run_in_peace(1).await;
            let said: Vec<String> = world.meta.answers().into_iter().map(|answer| answer.text).collect();
            let expected = ["You will get no more", "You will get"];
            let is_answered =
                said.len() == 2 && said.iter().zip(expected).all(|(text, begins)| text.starts_with(begins));
            assert!(is_answered && !said[1].starts_with(expected[0]), "{fault:?} at call {call}: {said:?}");
            if !died {
                break;
            }
        }
    }
    assert!(n_before > 0, "no START was stored by a webhook that died");
}
