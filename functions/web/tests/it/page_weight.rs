//! What each page weighs as a browser loads it: with as many rows as it shows, whose names, numbers and texts differ.

use std::{collections::BTreeSet, io::Write as _};

use axum::{body::Body, http::Request};
use flate2::{Compression, write::GzEncoder};
use http_body_util::BodyExt as _;
use jiff::{SignedDuration, ToSpan as _};
use numo_app::{
    pasted_numbers::MOST_LINES as MOST_NUMBERS,
    pasted_opt_ins::MOST_LINES as MOST_OPT_INS,
    port::session::Role,
    store::{
        activity::{Activity, Actor},
        conversation::Talk,
        inbound::{Inbound, InboundEffect, Ingested},
        reminder::claim::SendClaim,
        task::TaskAbout,
    },
};
use numo_domain::{
    attempt::Attempt,
    contact::{Contact, ContactNumber},
    conversation::{Line, Recipient, Said},
    delivery_report::DeliveryReport,
    id::{ActivityId, OrgId, PolicyId},
    invoice::Invoice,
    language::Language,
    policy::{
        Caps, Policy, PolicyState, Step, StepId, Tone,
        audience::{Audience, Membership},
    },
    reminder::{DeliveryStatus, Occasion, Reminder, ReminderKey},
    template::{AccountTemplate, TemplateStatus, WhyUnusable, texts_in},
};
use serde_json::json;
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::{
    client::{Answer, request},
    console_pages::PAGES,
    conversations::heard,
    public,
    seed::{CONNECTION_A, aed, at, contact, invoice, org, reminder, said},
    world::{World, now},
};

/// What a browser loads for a page at most, without what Clerk serves.
const MOST_BYTES: usize = 60_000;

/// Customers, of whom a page shows fifty.
const CUSTOMERS: usize = 120;

/// Texts in which little comes twice, the same in every run.
struct Words(u64);

impl Words {
    fn number(&mut self, below: u64) -> u64 {
        // Knuth's multiplier: the upper bits are good.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn letter(&mut self, of: &str) -> char {
        let place = usize::try_from(self.number(of.len() as u64)).unwrap();
        of.chars().nth(place).unwrap()
    }

    /// Words of syllables, about as hard to compress as a language is.
    fn text(&mut self, length: usize) -> String {
        let mut text = String::new();
        while text.len() < length {
            for _ in 0..=self.number(3) {
                text.push(self.letter("bcdfghjklmnprstvwz"));
                text.push(self.letter("aeiou"));
            }
            text.push(' ');
        }
        text.truncate(length);
        format!("{}x", text.trim_end())
    }
}

/// What answers travel as, where a browser takes gzip.
async fn travels(world: &World, path: &str, token: Option<&str>) -> Vec<u8> {
    let mut asked = request("GET", path, None);
    asked.headers_mut().insert("accept-encoding", "gzip, deflate, br, zstd".parse().unwrap());
    if let Some(token) = token {
        asked.headers_mut().insert("cookie", format!("__session={token}").parse().unwrap());
    }
    of_body(world, asked, path).await
}

async fn of_body(world: &World, asked: Request<Body>, path: &str) -> Vec<u8> {
    let answer = world.router.clone().oneshot(asked).await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.into_body().collect().await.unwrap().to_bytes().to_vec()
}

/// What a browser loads for a page: itself, and each file of ours that it names.
async fn weight(world: &World, path: &str, token: Option<&str>) -> usize {
    let page = world.page_at(path, token).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    travels(world, path, token).await.len() + of_files(world, &page).await
}

/// What the files of ours weigh that a page names.
async fn of_files(world: &World, page: &Answer) -> usize {
    let files: BTreeSet<&str> = page.text.split('"').filter(|text| text.starts_with("/assets/")).collect();
    assert!(!files.is_empty(), "a page without our style: {}", page.text);
    let mut bytes = 0;
    for file in files {
        bytes += travels(world, file, None).await.len();
    }
    bytes
}

/// Pages that weigh more than they may, with what they weigh.
async fn too_heavy<'p>(world: &World, paths: impl IntoIterator<Item = &'p str>, token: Option<&str>) -> Vec<String> {
    let mut heavy = Vec::new();
    for path in paths {
        let bytes = weight(world, path, token).await;
        if bytes > MOST_BYTES {
            heavy.push(format!("{path}: {bytes}"));
        }
    }
    heavy
}

/// Organisation A with more of everything than a page shows.
async fn full() -> World {
    let (world, words) = (World::with_two_organisations().await, &mut Words(7));
    // As many as there are, in one day.
    let large = |profile: &mut numo_domain::organisation::Organisation| profile.ramp_per_day = Some(1_000);
    world.store.change_organisation(&org("org_a"), now(), large).await.unwrap();
    world.full_policies(words).await;
    let customers = world.full_ledger(words).await;
    for (place, customer) in customers.iter().enumerate() {
        world.full_customer(customer, place, words).await;
    }
    world.count_owed("org_a").await;
    world.save_plan("org_a").await;
    for place in 0..150 {
        world.says(&format!("wamid.long.{place}"), &minutes_ago(300 + place), &words.text(4_000)).await;
    }
    let all_of_one = customers.get(1).unwrap();
    for step in 100..160 {
        world.reminded(all_of_one, step, words).await;
    }
    world.full_texts().await;
    for place in 0..200 {
        let client: OrgId = format!("org_{place}").parse().unwrap();
        let name = words.text(40);
        let change = |profile: &mut numo_domain::organisation::Organisation| profile.name = name.clone();
        world.store.change_organisation(&client, now(), change).await.unwrap();
        world.people.join(&client, &"user_ann".parse().unwrap(), Role::Admin);
    }
    world
}

fn minutes_ago(minutes: usize) -> String {
    now().checked_sub(SignedDuration::from_mins(i64::try_from(minutes).unwrap())).unwrap().to_string()
}

fn id(place: usize) -> Uuid {
    Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0000 + place as u128)
}

impl World {
    /// As many policies as there may be, with as many steps.
    async fn full_policies(&self, words: &mut Words) {
        for place in 0..49 {
            let members = vec![Membership::LedgerGroup(words.text(40))];
            let tone = |step: u16| if step < 3 { Tone::Friendly } else { Tone::Firm };
            let policy = Policy {
                name: words.text(50),
                audience: Audience::Group { priority: place + 1, members },
                state: PolicyState::Active,
                steps: (0..20_u16)
                    .map(|step| Step {
                        id: StepId::NEW,
                        offset_days: i16::try_from(step).unwrap() * 7 - 10 + i16::try_from(words.number(6)).unwrap(),
                        tone: tone(step),
                        text: None,
                    })
                    .collect(),
                ..Policy::standard(now())
            };
            let place: PolicyId = id(usize::from(place)).to_string().parse().unwrap();
            self.store.save_policy(&org("org_a"), (&place, 0), policy, now()).await.unwrap();
        }
    }

    /// Customers with three open invoices each, every third without a number, and records that cannot be read.
    async fn full_ledger(&self, words: &mut Words) -> Vec<Contact> {
        let mut customers = Vec::new();
        for place in 0..CUSTOMERS {
            let id = format!("{}", id(10_000 + usize::try_from(words.number(1_000_000)).unwrap() * 1_000 + place));
            let known = contact(CONNECTION_A, &id, &words.text(45));
            let e164 = format!("+9715{:08}", 10_000_000 + words.number(89_000_000));
            let number = match place % 3 {
                0 => ContactNumber::Missing,
                _ => ContactNumber::usable(e164.parse().unwrap(), format!("key-{id}").parse().unwrap()),
            };
            let known = Contact { number, ..known };
            self.store.upsert_contact(&org("org_a"), None, &known, now()).await.unwrap();
            for nth in 0..3 {
                let first = invoice(&known);
                let owed = Invoice {
                    id: format!(
                        "{}",
                        Uuid::from_u128((u128::from(words.number(u64::MAX)) << 64) | (place as u128 * 4 + nth))
                    )
                    .parse()
                    .unwrap(),
                    number: format!("INV-{}", words.number(100_000_000)),
                    // The first one is at a step of the policy.
                    due: first.due.map(|due| match nth {
                        0 => due,
                        _ => due.saturating_add(i64::try_from(words.number(300)).unwrap().days()),
                    }),
                    remaining: aed(i64::try_from(words.number(10_000_000)).unwrap() + 1),
                    ..first
                };
                let since = at("2025-10-01T08:00:00Z");
                self.store.upsert_invoice(&org("org_a"), None, &owed, now(), since).await.unwrap();
            }
            customers.push(known);
        }
        customers
    }

    /// Every text of the pack in every language, none of which may be sent.
    async fn full_texts(&self) {
        for text in Language::ALL.into_iter().flat_map(texts_in) {
            let template = AccountTemplate {
                status: TemplateStatus::Unusable,
                why: Some(WhyUnusable::Rejected),
                ..AccountTemplate::approved(text.reference())
            };
            self.store.save_template(&org("org_a"), &"100".parse().unwrap(), &template, now()).await.unwrap();
        }
    }

    /// A reminder to a customer, a conversation with them, a task about them, and two lines of the log.
    async fn full_customer(&self, customer: &Contact, place: usize, words: &mut Words) {
        let org = org("org_a");
        if customer.number.key().is_some() {
            self.reminded(customer, u16::try_from(place).unwrap(), words).await;
        }
        let talk = Talk {
            sender: "200".parse().unwrap(),
            to: Recipient::Number(format!("+9715{:08}", 20_000_000 + words.number(79_000_000)).parse().unwrap()),
            line: Line {
                at: minutes_ago(usize::try_from(words.number(3_000)).unwrap()).parse().unwrap(),
                said: Said::Customer(heard(&format!("wamid.{place}"), &words.text(500))),
            },
            automatic: None,
        };
        let contacts = [customer.at.clone()];
        let effect = InboundEffect { contacts: &contacts, change: None, replies: &[], talk: Some(&talk) };
        let message = format!("wamid.{place}").parse().unwrap();
        let inbound = Inbound { message, at: talk.line.at, intent: "unread".to_owned() };
        let key = format!("key-talk-{place}").parse().unwrap();
        assert_eq!(self.store.ingest_inbound(&org, &key, &inbound, effect, now()).await.unwrap(), Ingested::New);
        self.store.open_task(&org, TaskAbout::SequenceFinished(customer.at.clone()), now()).await.unwrap();
        for nth in 0..2 {
            let detail =
                json!({"contact": customer.at.contact, "reason": words.text(120), "amount": words.number(1 << 40)});
            let action = format!("customer.{}", words.text(12).replace(' ', "_"));
            let activity = Activity { at: now(), actor: Actor::User("user_ann".parse().unwrap()), action, detail };
            let line = ActivityId::new(id(1_000_000 + place * 2 + nth));
            self.store.record(&org, line, &activity).await.unwrap();
        }
    }

    /// A customer is sent a long text, which is read.
    async fn reminded(&self, customer: &Contact, step: u16, words: &mut Words) {
        let org = org("org_a");
        let attempt =
            Uuid::from_u128((u128::from(words.number(u64::MAX)) << 64) | 0x8000_0000_0000_0000 | u128::from(step));
        let claimed_at =
            at("2026-03-01T08:00:00Z").checked_add(SignedDuration::from_hours(24 * i64::from(step))).unwrap();
        let reminder = reminder(&attempt.to_string(), step, claimed_at);
        let key = ReminderKey { contact: customer.at.clone(), ..reminder.key };
        let reminder = Reminder { key, recipient: format!("key-{}", customer.at.contact).parse().unwrap(), ..reminder };
        let said = Attempt { text: words.text(700), ..said(claimed_at) };
        let basis = self.store.claim_basis(&org, &reminder.key, &reminder.recipient).await.unwrap();
        let caps = Caps { gap_days: 0, per_seven_days: 9 };
        let claimed = self.store.claim_send(&org, (reminder, said), &basis, caps, claimed_at).await.unwrap();
        let SendClaim::Claimed(claimed) = claimed else { panic!("{claimed:?}") };
        for status in [DeliveryStatus::Sent, DeliveryStatus::Delivered, DeliveryStatus::Read] {
            let report = DeliveryReport::default();
            self.told(claimed.value.attempt, status, &report, claimed_at).await;
        }
    }
}

#[tokio::test]
async fn no_page_weighs_more_than_sixty_thousand_bytes_however_much_is_to_be_shown() {
    let world = full().await;
    for (path, row, rows) in [
        ("/plan", "value=\"move\"", 50),
        ("/customers", "<tr>", 51),
        ("/invoices", "<tr>", 51),
        ("/messages", "last wrote", 50),
        ("/reminders", "<blockquote>", 50),
        ("/activity", "<tr>", 101),
        ("/policies", "aria-labelledby=\"policy-", 50),
        ("/clients", "<h2 class=\"plain\">", 200),
    ] {
        let page = world.page_at(path, Some("admin-a")).await;
        let shown = page.text.matches(row).count();
        assert!(shown >= rows, "{path} shows {shown} of {rows}");
    }
    let mut heavy = too_heavy(&world, PAGES, Some("admin-a")).await;
    let more = [
        "/customers?number=none",
        "/customers?page=2",
        "/invoices?state=overdue",
        "/messages/key-c-1/200",
        "/templates/100/overdue_gentle/en",
    ];
    heavy.extend(too_heavy(&world, more, Some("admin-a")).await);
    // One customer wrote much, and one was often reminded.
    let reminded = world.store.reminders(&org("org_a")).await.unwrap();
    let often = &reminded.iter().find(|reminder| reminder.key.occasion == Occasion::Step(StepId(159))).unwrap().key;
    for customer in ["c-1", often.contact.contact.as_str()] {
        let path = format!("/customers/{CONNECTION_A}/{customer}");
        let page = world.page_at(&path, Some("admin-a")).await;
        assert_eq!(
            page.text.split("id=\"timeline\"").nth(1).unwrap().matches("<div class=\"row\"><strong>").count(),
            50,
            "{path}"
        );
        let paths = [path.clone(), format!("{path}/timeline"), format!("{path}/number")];
        heavy.extend(too_heavy(&world, paths.iter().map(String::as_str), Some("admin-a")).await);
    }
    heavy.extend(too_heavy(&world, public::PAGES, None).await);
    assert_eq!(heavy, Vec::<String>::new());
}

/// What a page weighs that answers a form.
async fn answer_weighs(world: &World, path: &str, rows: &str) -> usize {
    let page = world.form("admin-a", path, &[("rows", rows), ("given_on", "2026-03-01"), ("source", "Form")]).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(page.text.as_bytes()).unwrap();
    packed.finish().unwrap().len() + of_files(world, &page).await
}

#[tokio::test]
async fn what_a_paste_would_do_weighs_no_more_however_many_lines_it_has() {
    let (world, words) = (World::with_two_organisations().await, &mut Words(11));
    let (mut numbers, mut opt_ins) = (String::new(), String::new());
    for place in 0..MOST_NUMBERS {
        let (key, e164) = (format!("key-{place}"), format!("+9715{:08}", 10_000_000 + words.number(89_000_000)));
        let has_number = place < MOST_OPT_INS;
        let number = match has_number {
            true => ContactNumber::usable(e164.parse().unwrap(), key.parse().unwrap()),
            false => ContactNumber::Missing,
        };
        let known = contact(CONNECTION_A, &id(place * 7_919).to_string(), &words.text(40));
        let customer = Contact { number, ..known };
        world.store.upsert_contact(&org("org_a"), None, &customer, now()).await.unwrap();
        numbers.push_str(&format!("{},{e164}\n", customer.name));
        if has_number {
            let (day, source) = (place % 28 + 1, words.text(60));
            opt_ins.push_str(&format!("{},{e164},2026-02-{day:02},{source}\n", customer.name));
        }
    }
    let weights = [
        answer_weighs(&world, "/customers/numbers", &numbers).await,
        answer_weighs(&world, "/customers/opt-ins", &opt_ins).await,
    ];
    assert!(weights.iter().all(|bytes| *bytes <= MOST_BYTES), "{weights:?}");
}
