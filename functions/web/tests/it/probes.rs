//! An organisation whose every text from outside would break a page that shows it as it is.

use numo_app::{
    port::ledger::record::SkippedRow,
    store::{reminder::claim::SendClaim, task::TaskAbout},
};
use numo_domain::{
    attempt::Attempt,
    contact::Contact,
    conversation::{Content, Heard},
    credit::CreditKind,
    invoice::Invoice,
    library::entry::LibraryEntry,
    notice::{Notice, NoticeKind},
    policy::{
        Policy, StepId,
        audience::{Audience, Membership},
    },
    sender::Sender,
};
use numo_testkit::memory_library::payment_overdue;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    conversations::heard,
    ledger::{credit, skipped},
    seed::{ATTEMPT_A, CONNECTION_A, GROUP_A, at, contact, invoice, org, reminder, said, sender},
    world::{World, now},
};

/// Ends an attribute, an element and a text, turns what follows around, and is no text of a page.
const MARKUP: &str =
    "\"><script>document.body.dataset.broken=1</script><img src=x onerror=a>'</title></textarea>\u{202e}\u{1}";

/// As an id may be: without spaces and control characters.
pub(crate) const ID: &str = "id-\"><script>document.body.dataset.broken=1</script>/?#%2e..'\u{202e}";

/// What every probe is called, to tell which one a page shows as it is.
pub(crate) const PROBES: [&str; 25] = [
    "organisation-name",
    "ledger-name",
    "customer-name",
    "odd-customer-name",
    "invoice-number",
    "ledger-group",
    "credit-number",
    "unreadable-number",
    "unreadable-reason",
    "message-words",
    "reaction",
    "button-answer",
    "verified-name",
    "payment_overdue_name",
    "library-words",
    "notice-word",
    "reminder-text",
    "exclusion-reason",
    "dispute-reason",
    "consent-reason",
    "authorised-by",
    "policy-name",
    "policy-group",
    "own-answer",
    "query",
];

/// A text with what breaks a page, and a name.
pub(crate) fn probe(name: &str) -> String {
    assert!(PROBES.contains(&name), "{name}");
    format!("{name}{MARKUP}")
}

/// Text as a part of an address.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// An organisation whose every text from outside is a probe.
pub(crate) async fn world_of_probes() -> World {
    let world = World::with_two_organisations().await;
    let org = org("org_a");
    world
        .sync(|held| {
            held.skipped = vec![
                SkippedRow { reason: probe("unreadable-reason"), ..skipped("i-7", Some(&probe("unreadable-number"))) },
                SkippedRow { id: ID.parse().ok(), ..skipped("i-8", None) },
            ];
            let mut left = credit("p-1", CreditKind::CreditNote, 100);
            left.number = probe("credit-number");
            held.credits = vec![left];
        })
        .await;
    let named = Contact { name: probe("customer-name"), ..contact(CONNECTION_A, "c-1", "") };
    let odd = Contact { groups: vec![probe("ledger-group")], ..contact(CONNECTION_A, ID, &probe("odd-customer-name")) };
    let owed = Invoice { id: ID.parse().unwrap(), number: probe("invoice-number"), ..invoice(&odd) };
    let before = world.store.contact(&org, &named.at).await.unwrap();
    world.store.upsert_contact(&org, before.as_ref(), &named, now()).await.unwrap();
    world.store.upsert_contact(&org, None, &odd, now()).await.unwrap();
    world.store.upsert_invoice(&org, None, &owed, now(), at("2026-10-01T08:00:00Z")).await.unwrap();
    from_meta(&world).await;
    from_members(&world).await;
    world.count_owed("org_a").await;
    world.save_plan("org_a").await;
    from_customers(&world).await;
    edited(&world).await;
    world
}

async fn from_meta(world: &World) {
    let org = org("org_a");
    let named = Sender { verified_name: probe("verified-name"), ..sender() };
    world.store.save_sender(&org, &named, now()).await.unwrap();
    world.choose_library_text().await;
    let (name, body) = (probe("payment_overdue_name"), probe("library-words"));
    world.meta.library.offer(vec![LibraryEntry { name, body, ..payment_overdue() }]);
    let notice = Notice { what: NoticeKind::TextBecomesMarketing, word: Some(probe("notice-word")) };
    let about = TaskAbout::AccountNotice { waba: "100".parse().unwrap(), notice };
    world.store.open_task(&org, about, now()).await.unwrap();
}

async fn from_members(world: &World) {
    let org = org("org_a");
    let id = CONNECTION_A.parse().unwrap();
    world.store.change_connection(&org, id, now(), |ledger| ledger.name = probe("ledger-name")).await.unwrap();
    let members = vec![Membership::LedgerGroup(probe("policy-group"))];
    let audience = Audience::Group { priority: 1, members };
    let mut policy = Policy { name: probe("policy-name"), audience, ..Policy::standard(now()) };
    policy.steps.iter_mut().for_each(|step| step.id = StepId::NEW);
    world.store.save_policy(&org, (&GROUP_A.parse().unwrap(), 0), policy, now()).await.unwrap();
    world
        .store
        .change_organisation(&org, now(), |profile| {
            profile.name = probe("organisation-name");
            profile.attestation.as_mut().unwrap().authorised_by = probe("authorised-by");
        })
        .await
        .unwrap();
    world.export().await;
}

async fn from_customers(world: &World) {
    let (org, then) = (org("org_a"), at("2026-11-24T05:00:00Z"));
    let sent = reminder(ATTEMPT_A, 2, then);
    let caps = numo_domain::policy::Caps { gap_days: 0, per_seven_days: 9 };
    let basis = world.store.claim_basis(&org, &sent.key, &sent.recipient).await.unwrap();
    let attempt = Attempt { text: probe("reminder-text"), ..said(then) };
    let claimed = world.store.claim_send(&org, (sent, attempt), &basis, caps, then).await.unwrap();
    assert!(matches!(claimed, SendClaim::Claimed(_)));
    world.says("wamid.1", "2026-11-24T05:00:00Z", &probe("message-words")).await;
    for (id, content, name) in
        [("wamid.2", Content::Reaction, "reaction"), ("wamid.3", Content::Choice, "button-answer")]
    {
        world.hears("2026-11-24T05:01:00Z", Heard { content, ..heard(id, &probe(name)) }).await;
    }
}

/// What members type into forms that are carried out.
async fn edited(world: &World) {
    let of = |id: &str, form: &str| format!("/customers/{CONNECTION_A}/{}{form}", encoded(id));
    for (path, fields) in [
        (of(ID, "/edit"), vec![("edit", "exclude"), ("reason", "exclusion-reason")]),
        (of("c-1", "/edit"), vec![("edit", "open_dispute"), ("invoice", "i-1"), ("reason", "dispute-reason")]),
        (of(ID, "/consent"), vec![("state", "opted_out"), ("reason", "consent-reason")]),
        ("/messages/key-c-1/200".to_owned(), vec![("id", ATTEMPT_A), ("text", "own-answer")]),
    ] {
        let probes: Vec<(&str, String)> = fields
            .into_iter()
            .map(|(field, value)| (field, if PROBES.contains(&value) { probe(value) } else { value.to_owned() }))
            .collect();
        let fields: Vec<(&str, &str)> = probes.iter().map(|(field, value)| (*field, value.as_str())).collect();
        let answer = world.form("admin-a", &path, &fields).await;
        assert_eq!(answer.status, 303, "{path}: {}", answer.text);
    }
}
