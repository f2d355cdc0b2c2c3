//! First steps: what is true of each, where it is done, and that the list goes.

use numo_app::store::task::TaskAbout;
use numo_domain::{
    connection::Connection,
    contact::{Contact, ContactNumber},
    id::PolicyId,
    invoice::Invoice,
    language::Language,
    notice::{Notice, NoticeKind},
    policy::{Policy, PolicyState},
    reminder::TemplateRef,
    sender::{Sender, SenderStatus},
    template::{AccountTemplate, WhyUnusable, texts_in},
    whatsapp_account::AccountTrouble,
};

use crate::{
    client::Answer,
    seed::{ATTEMPT_A, CONNECTION_A, contact, invoice, org},
    world::{World, now},
};

const MANAGER: &str =
    "href=\"https://business.facebook.com/wa/manage/home/\" rel=\"noreferrer\">Open Meta’s manager</a>";

async fn home(world: &World) -> Answer {
    world.page(Some("admin-a")).await
}

/// What the list says of a step, with its mark and link.
fn step(page: &Answer, title: &str) -> String {
    let begins = page.text.find(&format!("<h3>{title}")).unwrap_or_else(|| panic!("{title} is not in {}", page.text));
    page.text[begins..].split("</li>").next().unwrap().to_owned()
}

async fn says(world: &World, title: &str, texts: &[&str]) {
    let page = home(world).await;
    let step = step(&page, title);
    for text in texts {
        assert!(step.contains(text), "{text:?} is not in {step}");
    }
}

async fn change_ledger(world: &World, change: impl Fn(&mut Connection) + Send + Sync) {
    world.store.change_connection(&org("org_a"), CONNECTION_A.parse().unwrap(), now(), change).await.unwrap();
}

async fn change_sender(world: &World, change: impl Fn(&mut Sender)) {
    let mut sender = world.store.senders(&org("org_a")).await.unwrap().remove(0);
    change(&mut sender);
    world.store.save_sender(&org("org_a"), &sender, now()).await.unwrap();
}

async fn save_text(world: &World, template: AccountTemplate) {
    world.store.save_template(&org("org_a"), &"100".parse().unwrap(), &template, now()).await.unwrap();
}

async fn task(world: &World, about: TaskAbout) {
    world.store.open_task(&org("org_a"), about, now()).await.unwrap();
}

const DONE: &str = "<span class=\"good\">done</span>";
const ADVISED: &str = "<span class=\"tag\">worth a look</span>";

#[tokio::test]
async fn the_steps_stand_in_the_order_in_which_they_are_done() {
    let page = World::empty().page(Some("admin-a")).await;
    let titles: Vec<&str> =
        page.text.split("<h3>").skip(1).map(|rest| rest.split(['<', '\n']).next().unwrap().trim()).collect();
    let expected = [
        "Connect your accounting system",
        "Connect your WhatsApp Business number",
        "Add a payment method at Meta",
        "Confirm that your customers may be written to",
        "Switch a policy on",
        "Approve your first plan",
    ];
    assert_eq!(titles, expected);
    for link in ["/connections", "/settings/consent", "/policies", "/plan/ahead"] {
        assert!(page.text.contains(&format!("class=\"button quiet end\" href=\"{link}\"")), "{link}");
    }
    assert!(page.text.contains("First steps: 0 of 5 done"), "{}", page.text);
}

#[tokio::test]
async fn the_list_goes_with_the_first_approved_plan() {
    let world = World::with_two_organisations().await;
    says(&world, "Approve your first plan", &["The first plan is made within a day.", "href=\"/plan/ahead\""]).await;
    world.save_plan("org_a").await;
    says(&world, "Approve your first plan", &["You see every message", ">Look at the plan</a>"]).await;
    let fields = [("day", "2026-11-24"), ("generation", "1")];
    assert_eq!(world.form("admin-a", "/plan/approve", &fields).await.status, 303);
    assert!(!home(&world).await.text.contains("First steps"));
    change_sender(&world, |sender| sender.status = SenderStatus::Blocked).await;
    says(&world, "Approve your first plan", &[DONE]).await;
    world.claim(ATTEMPT_A, 2, "2026-11-24T05:00:00Z").await;
    assert!(!home(&world).await.text.contains("First steps"), "after the first reminder tasks say what is wrong");
}

#[tokio::test]
async fn a_ledger_is_a_step_until_it_was_read_and_silent_itself() {
    let world = World::with_two_organisations().await;
    let title = "Connect your accounting system";
    says(&world, title, &[DONE, "Xero is connected and read."]).await;
    change_ledger(&world, |ledger| ledger.last_synced_at = None).await;
    says(&world, title, &["it is being read for the first time", ">See how far it is</a>"]).await;
    assert!(!home(&world).await.text.contains("Complete your customers’ numbers"), "nobody knows them yet");
    change_ledger(&world, |ledger| ledger.status = numo_domain::connection::ConnectionStatus::ReauthRequired).await;
    says(&world, title, &["It has to be connected again.", ">Connect again</a>"]).await;
    change_ledger(&world, |ledger| ledger.status = numo_domain::connection::ConnectionStatus::Active).await;
    let own = "Switch off your accounting system’s own reminders";
    let place = format!("href=\"/connections/{CONNECTION_A}\"");
    for (told, words) in [
        (None, vec!["Xero does not tell Numo whether it sends some.", ADVISED, &place]),
        (Some(true), vec!["Xero sends reminders of its own as well", ADVISED, &place]),
        (Some(false), vec!["They are off.", DONE]),
    ] {
        change_ledger(&world, |ledger| ledger.own_reminders = told).await;
        says(&world, own, &words).await;
    }
}

#[tokio::test]
async fn what_meta_wants_is_told_as_far_as_meta_was_asked() {
    let world = World::with_two_organisations().await;
    let (pay, named, verified) =
        ("Add a payment method at Meta", "Have your display name approved", "Have your business verified by Meta");
    says(&world, pay, &["You pay Meta for messages yourself.", ADVISED, MANAGER]).await;
    says(&world, verified, &["Numo asks Meta about it within the hour.", ADVISED]).await;
    says(&world, named, &["Customers see “Harbour Lane”.", DONE]).await;
    change_sender(&world, |sender| sender.looked_at = Some(now())).await;
    for title in [pay, verified] {
        says(&world, title, &["Meta was asked and says nothing against it.", DONE]).await;
    }
    let waba = || "100".parse().unwrap();
    task(&world, TaskAbout::WhatsappTrouble { waba: waba(), trouble: AccountTrouble::Verification }).await;
    says(&world, verified, &["Meta has not verified it", ADVISED, "https://business.facebook.com/settings/"]).await;
    task(&world, TaskAbout::WhatsappTrouble { waba: waba(), trouble: AccountTrouble::Payment }).await;
    says(&world, pay, &["Meta has no working way to be paid", MANAGER]).await;
    let notice = Notice { what: NoticeKind::NameDeclined, word: None };
    task(&world, TaskAbout::AccountNotice { waba: waba(), notice }).await;
    says(&world, named, &["WhatsApp did not approve the name", MANAGER]).await;
    change_sender(&world, |sender| {
        (sender.status, sender.stopped_for) = (SenderStatus::Blocked, Some(131_042));
    })
    .await;
    let number = "Connect your WhatsApp Business number";
    says(
        &world,
        number,
        &["It is connected and cannot send yet. Meta has no working way to be paid", "Look at the number"],
    )
    .await;
}

#[tokio::test]
async fn a_name_of_metas_is_no_markup_on_the_list() {
    let world = World::with_two_organisations().await;
    change_sender(&world, |sender| sender.verified_name = "<script>alert(1)</script>".to_owned()).await;
    says(&world, "Have your display name approved", &["“&#60;script&#62;alert(1)&#60;/script&#62;”"]).await;
    assert!(!home(&world).await.text.contains("<script>"));
}

#[tokio::test]
async fn texts_are_a_step_until_meta_has_approved_them_or_others_stand_in() {
    let world = World::with_two_organisations().await;
    let title = "Have the texts approved by Meta";
    says(&world, title, &["9 of 9 are approved.", DONE]).await;
    let mut texts = texts_in(Language::English).map(|text| text.reference());
    save_text(&world, AccountTemplate::unusable(texts.next().unwrap(), WhyUnusable::Rejected)).await;
    save_text(&world, AccountTemplate::pending(texts.next().unwrap())).await;
    let some = ["7 of 9 are approved.", "1 are looked at by Meta", "1 may not be sent", ADVISED, "href=\"/templates\""];
    says(&world, title, &some).await;
    for text in texts {
        save_text(&world, AccountTemplate::pending(text)).await;
    }
    let page = home(&world).await;
    let none = step(&page, title);
    assert!(none.contains("0 of 9 are approved. 8 are looked at") && !none.contains(ADVISED), "{none}");
    assert!(none.contains("A text of Meta’s library needs no approval, and can stand in meanwhile."), "{none}");
    let library = TemplateRef { name: "numo_library_reminder_00000001".to_owned(), language: "en".to_owned() };
    save_text(&world, AccountTemplate::approved(library)).await;
    says(&world, title, &["1 of Meta’s library stand in.", ADVISED]).await;
}

#[tokio::test]
async fn numbers_old_invoices_and_the_policy_are_told_as_they_are() {
    let world = World::with_two_organisations().await;
    says(&world, "Complete your customers’ numbers", &["Every customer who owes something has a usable number.", DONE])
        .await;
    let lost = Contact { number: ContactNumber::Missing, first_key: None, ..contact(CONNECTION_A, "c-7", "Lost Ltd") };
    world.store.upsert_contact(&org("org_a"), None, &lost, now()).await.unwrap();
    let old = Invoice { id: "i-9".parse().unwrap(), due: "2026-09-01".parse().ok(), ..invoice(&lost) };
    world.store.upsert_invoice(&org("org_a"), None, &old, now(), now()).await.unwrap();
    says(&world, "Decide about old invoices", &["The first plan says whether there are any"]).await;
    world.count_owed("org_a").await;
    world.save_plan("org_a").await;
    let words = ["1 of 2 who owe something cannot be reminded", ADVISED, "href=\"/customers?number=none\""];
    says(&world, "Complete your customers’ numbers", &words).await;
    let words = ["1 were overdue for long", ">Decide</a>"];
    says(&world, "Decide about old invoices", &words).await;
    says(&world, "Switch a policy on", &[DONE]).await;
    let (id, policy) = (PolicyId::organisation_default(), Policy::standard(now()));
    let off = Policy { state: PolicyState::Inactive, ..policy };
    world.store.save_policy(&org("org_a"), (&id, 2), off, now()).await.unwrap();
    says(&world, "Switch a policy on", &["href=\"/policies\">Look at the policies</a>"]).await;
    let consent = "Confirm that your customers may be written to";
    says(&world, consent, &["Confirmed on 1 Nov 2026", DONE]).await;
    world
        .put("admin-a", "/v1/organisation/explicit-opt-in-only", &serde_json::json!({"explicit_opt_in_only": true}))
        .await;
    says(&world, consent, &["Reminders go only to customers who opted in, as you set it.", DONE]).await;
}
