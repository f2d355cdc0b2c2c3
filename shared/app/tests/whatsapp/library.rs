//! Choosing a text of Meta's library, with a fault at every table call.

use jiff::SignedDuration;
use numo_app::{
    choose_library_text::{Place, Wanted, choose_library_text, offered, take_back_library_text},
    error::AppError,
    port::{signup::Registration, template_library::MadeTemplate},
    store::task::TaskAbout,
};
use numo_domain::{
    language::Language,
    library::{
        LibraryText,
        choice::LibraryChoice,
        entry::LibraryEntry,
        value::LibraryValue::{self, Balance, BusinessName, CustomerName, DueDate},
    },
    reminder::TemplateRef,
    template::{AccountTemplate, Purpose, TemplateStatus, WhyUnusable},
};
use numo_testkit::{
    faulty_table::Plan,
    memory_library::{payment_due, payment_overdue},
};

use crate::{
    faults::plans,
    world::{PHONE, World, finished, waba},
};

const VALUES: [LibraryValue; 4] = [CustomerName, Balance, BusinessName, DueDate];

/// With the account connected.
async fn connected() -> World {
    let world = World::with(&[(PHONE, Registration::Done)]);
    world.connect(finished("code-1")).await.unwrap();
    world
}

fn place(purpose: Purpose) -> Place {
    Place { waba: waba(), purpose, language: Language::English }
}

fn wanted(entry: &LibraryEntry) -> Wanted {
    Wanted { name: entry.name.clone(), locale: entry.language.clone(), words: entry.words(), values: VALUES.to_vec() }
}

type Chosen = Result<(LibraryChoice, AccountTemplate), AppError>;

impl World {
    async fn choose(&self, purpose: Purpose, wanted: Wanted) -> Chosen {
        choose_library_text(&self.ports.senders, &self.org, &self.by, (&place(purpose), wanted), self.now()).await
    }

    async fn choose_overdue(&self) -> Chosen {
        self.choose(Purpose::OverdueGentle, wanted(&payment_overdue())).await
    }

    async fn take_back(&self, purpose: Purpose) -> Result<(), AppError> {
        take_back_library_text(&self.ports.senders, &self.org, &self.by, &place(purpose), self.now()).await
    }

    /// How the template of an entry is known to stand.
    async fn standing(&self, entry: &LibraryEntry) -> Option<AccountTemplate> {
        let known = self.store().templates(&self.org).await.unwrap();
        known.into_iter().find(|known| known.template == entry.template())
    }

    async fn chosen(&self) -> Vec<LibraryChoice> {
        self.store().library_choices(&self.org).await.unwrap()
    }
}

fn unusable(template: &TemplateRef, why: WhyUnusable) -> AccountTemplate {
    AccountTemplate::unusable(template.clone(), why)
}

fn task(template: &TemplateRef, why: WhyUnusable) -> TaskAbout {
    TaskAbout::TextUnusable { waba: waba(), template: template.clone(), why }
}

#[tokio::test]
async fn a_text_that_was_chosen_is_made_approved_and_kept_with_what_belongs_into_it() {
    let world = connected().await;
    let (choice, standing) = world.choose_overdue().await.unwrap();
    let entry = payment_overdue();
    let text = LibraryText {
        template: entry.template(),
        library_name: entry.name.clone(),
        language: Language::English,
        header: None,
        body: entry.body.clone(),
        footer: None,
        buttons: Vec::new(),
        values: VALUES.to_vec(),
    };
    let (by, at) = ("user_ann".parse().unwrap(), world.now());
    let expected = LibraryChoice { waba: waba(), purpose: Purpose::OverdueGentle, text, by, at };
    assert_eq!((&choice, standing), (&expected, AccountTemplate::approved(entry.template())));
    assert_eq!((world.chosen().await, world.meta.library.n_made()), (vec![expected], 1));
    assert_eq!(world.standing(&entry).await, Some(AccountTemplate::approved(entry.template())));
}

#[tokio::test]
async fn what_meta_words_otherwise_by_now_is_not_chosen() {
    let world = connected().await;
    let seen = wanted(&payment_overdue());
    let reworded = LibraryEntry { body: payment_overdue().body.replace("tell us", "ignore this"), ..payment_overdue() };
    world.meta.library.offer(vec![reworded]);
    let refused = world.choose(Purpose::OverdueGentle, seen.clone()).await;
    assert!(matches!(refused, Err(AppError::Conflict(_))), "{refused:?}");
    world.meta.library.offer(Vec::new());
    let refused = world.choose(Purpose::OverdueGentle, seen.clone()).await;
    assert!(matches!(refused, Err(AppError::Conflict(_))), "{refused:?}");
    // The same words about something else are another text.
    world.meta.library.offer(vec![payment_overdue()]);
    let refused = world.choose(Purpose::Upcoming, seen).await;
    assert!(matches!(refused, Err(AppError::Conflict(_))), "{refused:?}");
    assert_eq!((world.chosen().await, world.meta.library.n_made()), (vec![], 0));
}

#[tokio::test]
async fn a_bad_choice_names_its_field_and_makes_nothing() {
    let world = connected().await;
    let with = |values: &[LibraryValue]| Wanted { values: values.to_vec(), ..wanted(&payment_overdue()) };
    for (values, field) in [
        (&VALUES[..3], "values"),
        (&[CustomerName, DueDate, BusinessName, DueDate][..], "values"),
        (&[CustomerName, Balance, CustomerName, DueDate][..], "values"),
    ] {
        match world.choose(Purpose::OverdueGentle, with(values)).await {
            Err(AppError::Invalid { field: named, .. }) => assert_eq!(named, field, "{values:?}"),
            other => panic!("{other:?}"),
        }
    }
    let objectionable = LibraryEntry { body: format!("{} See you in court.", payment_due().body), ..payment_due() };
    world.meta.library.offer(vec![objectionable.clone()]);
    let refused = world.choose(Purpose::Upcoming, wanted(&objectionable)).await;
    assert!(matches!(refused, Err(AppError::Invalid { field: "name", .. })), "{refused:?}");
    let refused = offered(&world.ports.senders, &world.org, &waba(), Purpose::OverdueFinal, world.now()).await;
    assert!(matches!(refused, Err(AppError::Invalid { field: "purpose", .. })), "{refused:?}");
    assert_eq!((world.chosen().await, world.meta.library.n_made()), (vec![], 0));
}

#[tokio::test]
async fn an_account_of_nobody_or_of_another_organisation_is_not_there() {
    let world = connected().await;
    let other = "org_b".parse().unwrap();
    let asked = offered(&world.ports.senders, &other, &waba(), Purpose::Upcoming, world.now()).await;
    assert!(matches!(asked, Err(AppError::NotFound(_))), "{asked:?}");
    let choice = (&place(Purpose::Upcoming), wanted(&payment_due()));
    let chosen = choose_library_text(&world.ports.senders, &other, &world.by, choice, world.now()).await;
    assert!(matches!(chosen, Err(AppError::NotFound(_))), "{chosen:?}");
    let at = place(Purpose::Upcoming);
    let taken = take_back_library_text(&world.ports.senders, &other, &world.by, &at, world.now()).await;
    assert!(matches!(taken, Err(AppError::NotFound(_))), "{taken:?}");
}

#[tokio::test]
async fn a_text_that_meta_takes_for_marketing_lives_too_long_or_says_something_else_is_not_used_and_told() {
    let template = payment_overdue().template();
    let marketing = unusable(&template, WhyUnusable::Marketing);
    let (half_a_day, longer) = (SignedDuration::from_hours(12), SignedDuration::from_secs(43_201));
    for (next, lives, why) in [
        (Some(marketing), Some(half_a_day), WhyUnusable::Marketing),
        (None, Some(longer), WhyUnusable::LivesTooLong),
        (None, None, WhyUnusable::LivesTooLong),
    ] {
        let world = connected().await;
        next.into_iter().for_each(|next| world.meta.library.decide_next(next));
        world.meta.library.live(lives);
        let (_, standing) = world.choose_overdue().await.unwrap();
        assert_eq!(standing, unusable(&template, why));
        assert_eq!(world.standing(&payment_overdue()).await, Some(standing));
        assert_eq!(world.tasks().await, [task(&template, why)]);
    }
    let world = connected().await;
    world.choose_overdue().await.unwrap();
    world.meta.library.change(|made| made.body.push_str(" Pay now."));
    world.look().await;
    assert_eq!(world.standing(&payment_overdue()).await, Some(unusable(&template, WhyUnusable::Mismatch)));
    assert_eq!(world.tasks().await, [task(&template, WhyUnusable::Mismatch)]);
    world.meta.library.change(|made| made.body = payment_overdue().body.replace(' ', "\n"));
    world.look().await;
    assert_eq!(world.standing(&payment_overdue()).await, Some(AccountTemplate::approved(template)));
    assert_eq!(world.tasks().await, []);
}

#[tokio::test]
async fn a_look_at_the_account_follows_what_becomes_of_a_text() {
    let world = connected().await;
    let template = payment_overdue().template();
    world.meta.library.decide_next(AccountTemplate::pending(template.clone()));
    let (_, standing) = world.choose_overdue().await.unwrap();
    assert_eq!(standing.status, TemplateStatus::Pending);
    for next in [
        AccountTemplate::approved(template.clone()),
        unusable(&template, WhyUnusable::Paused),
        AccountTemplate::approved(template.clone()),
    ] {
        world.meta.library.change(|made| made.standing = next.clone());
        world.look().await;
        assert_eq!(world.standing(&payment_overdue()).await, Some(next));
    }
    assert_eq!(world.tasks().await, []);
}

#[tokio::test]
async fn a_choice_that_is_taken_back_leaves_nothing_but_the_template_at_meta() {
    let world = connected().await;
    world.meta.library.live(None);
    world.choose_overdue().await.unwrap();
    world.take_back(Purpose::OverdueGentle).await.unwrap();
    assert_eq!(
        (world.chosen().await, world.standing(&payment_overdue()).await, world.tasks().await),
        (vec![], None, vec![])
    );
    let again = world.take_back(Purpose::OverdueGentle).await;
    assert!(matches!(again, Err(AppError::NotFound(_))), "{again:?}");
    world.look().await;
    assert_eq!(world.standing(&payment_overdue()).await, None);
}

#[tokio::test]
async fn one_template_serves_two_purposes_until_the_second_is_given_up() {
    let world = connected().await;
    for purpose in [Purpose::Upcoming, Purpose::DueToday] {
        world.choose(purpose, wanted(&payment_due())).await.unwrap();
    }
    assert_eq!((world.chosen().await.len(), world.meta.library.n_made()), (2, 1));
    world.take_back(Purpose::Upcoming).await.unwrap();
    assert!(world.standing(&payment_due()).await.is_some());
    let other = LibraryEntry { name: String::from("payment_due_2"), ..payment_due() };
    world.meta.library.offer(vec![other.clone()]);
    world.choose(Purpose::DueToday, wanted(&other)).await.unwrap();
    assert_eq!(world.standing(&payment_due()).await, None);
    assert_eq!(world.standing(&other).await, Some(AccountTemplate::approved(other.template())));
}

#[tokio::test]
async fn what_meta_does_not_answer_or_take_is_an_error_and_nothing_is_kept() {
    let world = connected().await;
    world.meta.library.be_down(true);
    let failed = world.choose_overdue().await;
    assert!(matches!(failed, Err(AppError::Unavailable(_))), "{failed:?}");
    assert_eq!(world.chosen().await, []);
    world.meta.library.be_down(false);
    world.choose_overdue().await.unwrap();
    assert_eq!(world.chosen().await.len(), 1);
}

#[tokio::test]
async fn an_account_that_is_ended_takes_its_choices_along() {
    let world = connected().await;
    world.choose_overdue().await.unwrap();
    world.disconnect(PHONE).await.unwrap();
    assert_eq!((world.chosen().await, world.standing(&payment_overdue()).await), (vec![], None));
}

#[tokio::test]
async fn a_choice_that_dies_at_any_call_is_made_by_the_next_try_with_one_template() {
    let calm = connected().await;
    calm.fail(Plan::Never);
    let before = calm.faulty.calls();
    calm.choose_overdue().await.unwrap();
    let calls = calm.faulty.calls() - before;
    assert!(calls > 10, "only {calls} calls were made");
    for plan in plans(calls) {
        let world = connected().await;
        world.fail(plan.clone());
        let first = world.choose_overdue().await;
        world.fail(Plan::Never);
        let (choice, standing) = match first {
            Ok(chosen) => chosen,
            Err(_) => world.choose_overdue().await.unwrap(),
        };
        let template = payment_overdue().template();
        assert_eq!((world.chosen().await, &standing), (vec![choice], &AccountTemplate::approved(template)), "{plan:?}");
        assert_eq!(
            (world.standing(&payment_overdue()).await, world.meta.library.n_made()),
            (Some(standing), 1),
            "{plan:?}"
        );
    }
}

#[tokio::test]
async fn a_choice_is_given_up_whole_whatever_call_the_first_try_dies_at() {
    let calm = connected().await;
    calm.choose_overdue().await.unwrap();
    calm.fail(Plan::Never);
    let before = calm.faulty.calls();
    calm.take_back(Purpose::OverdueGentle).await.unwrap();
    for plan in plans(calm.faulty.calls() - before) {
        let world = connected().await;
        world.choose_overdue().await.unwrap();
        world.fail(plan.clone());
        let first = world.take_back(Purpose::OverdueGentle).await;
        world.fail(Plan::Never);
        if first.is_err() {
            let second = world.take_back(Purpose::OverdueGentle).await;
            assert!(matches!(second, Ok(()) | Err(AppError::NotFound(_))), "{plan:?}: {second:?}");
        }
        assert_eq!(world.chosen().await, [], "{plan:?}");
    }
}

#[tokio::test]
async fn a_template_that_is_gone_at_meta_is_not_used() {
    let world = connected().await;
    world.choose_overdue().await.unwrap();
    let gone = |made: &mut MadeTemplate| made.standing.template.name = String::from("gone");
    world.meta.library.change(gone);
    world.look().await;
    let template = payment_overdue().template();
    assert_eq!(world.standing(&payment_overdue()).await, Some(unusable(&template, WhyUnusable::Missing)));
}
