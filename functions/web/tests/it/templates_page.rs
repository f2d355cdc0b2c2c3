//! The pages of texts: how each stands at Meta, how it reads, and what of Meta's library stands in.

use numo_domain::{
    language::Language,
    library::entry::{Button, LibraryEntry},
    template::{AccountTemplate, Purpose, Variant, WhyUnusable, template_for},
};
use numo_testkit::memory_library::payment_overdue;

use crate::{
    seed::org,
    world::{World, now},
};

const TEXT: &str = "/templates/100/overdue_gentle/en";

async fn world() -> World {
    let world = World::with_two_organisations().await;
    world.open_account("org_a").await;
    world
}

async fn stands(world: &World, variant: Variant, standing: fn(numo_domain::reminder::TemplateRef) -> AccountTemplate) {
    let text = template_for(Purpose::OverdueGentle, Language::English, variant).reference();
    world.store.save_template(&org("org_a"), &"100".parse().unwrap(), &standing(text), now()).await.unwrap();
}

#[tokio::test]
async fn texts_are_told_by_what_they_are_for_with_what_is_wrong_and_what_to_do() {
    let world = world().await;
    stands(&world, Variant::Replies, |text| AccountTemplate::unusable(text, WhyUnusable::Marketing)).await;
    stands(&world, Variant::PayPage, AccountTemplate::pending).await;
    stands(&world, Variant::PdfReplies, |text| AccountTemplate::not_taken(text, 2_388_040)).await;
    let page = world.page_at("/templates", Some("member-a")).await;
    for words in [
        "38 of 41 are approved.",
        "<h3><a href=\"/templates/100/overdue_gentle/en\">Gentle reminder</a></h3><span class=\"tag end warn\">2 of 5 approved</span>",
        "taken for marketing: not sent, as it costs more and people can opt out of it</span>: Another text is used in its place. You can object",
        "<span class=\"warn\">Meta looks at it</span>",
        "Numo hands it in again.",
        "<a href=\"/templates/100/thank_you/en\">Thanks for a payment</a></h3><span class=\"tag end\">approved</span>",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
}

#[tokio::test]
async fn a_text_is_shown_on_a_phone_in_every_variant_with_how_each_stands() {
    let world = world().await;
    stands(&world, Variant::PdfPayPage, |text| AccountTemplate::unusable(text, WhyUnusable::Rejected)).await;
    let page = world.page_at(TEXT, Some("member-a")).await;
    for words in [
        "<h1>Gentle reminder</h1>",
        "<h3>With answers to choose from</h3><p class=\"small\"><span class=\"good\">approved</span></p>",
        "rejected by Meta&#39;s review</span>: Another text is used",
        "View and pay</p>",
        "Paid already</p>",
        "Invoice.pdf",
        "href=\"/test?text=overdue_gentle&#38;language=en\"",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert_eq!(page.text.matches("class=\"bubble\"").count(), 5);
    let thanks = world.page_at("/templates/100/thank_you/ar", Some("member-a")).await;
    assert_eq!(thanks.text.matches("class=\"bubble\"").count(), 1);
    assert!(thanks.text.contains("not handed in yet") && !thanks.text.contains("library"), "{}", thanks.text);
    for (path, cookie) in [
        ("/templates/999/overdue_gentle/en", "admin-a"),
        ("/templates/999/overdue_gentle/en/library", "admin-a"),
        ("/templates/100/shout/en", "admin-a"),
        ("/templates/100/overdue_gentle/it", "admin-a"),
    ] {
        assert_eq!(world.page_at(path, Some(cookie)).await.status, 404, "{path}");
    }
}

fn choice(words: &str) -> Vec<(&str, &str)> {
    let values =
        [("value_1", "customer_name"), ("value_2", "balance"), ("value_3", "business_name"), ("value_4", "due_date")];
    [&[("name", "payment_overdue_1"), ("locale", "en_US"), ("words", words)][..], &values].concat()
}

#[tokio::test]
async fn a_text_of_metas_library_is_looked_at_chosen_and_taken_back() {
    let world = world().await;
    let silent = LibraryEntry {
        name: "payment_overdue_<i>2".to_owned(),
        body: "Hi {{1}}, <b>pay</b> {{2}} to {{3}} for {{4}}.".to_owned(),
        buttons: vec![Button::Call { label: "Call us".to_owned() }],
        ..payment_overdue()
    };
    world.meta.library.offer(vec![silent, payment_overdue()]);
    let path = format!("{TEXT}/library");
    let offers = world.page_at(&path, Some("admin-a")).await;
    for words in [
        "Hi Acme Trading, your payment of AED 1,376.22 to Harbour Lane was due on 3 Nov 2026.",
        "<option value=\"balance\" selected>what is left to pay</option>",
        "<h3>payment_overdue_&#60;i&#62;2 ",
        "&#60;b&#62;pay&#60;/b&#62;",
        "<li>It does not say how to stop reminders.</li>",
    ] {
        assert!(offers.text.contains(words), "{words}: {}", offers.text);
    }
    assert!(
        offers.text.find("payment_overdue_1").unwrap() < offers.text.find("payment_overdue_&#60;").unwrap(),
        "the usable one first"
    );
    let entry = payment_overdue();
    let words = entry.words().replace('\n', "\r\n");
    let send = async |cookie: &'static str, button: &'static str, changes: &[(&'static str, &'static str)]| {
        let mut fields = choice(&words);
        fields.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        fields.extend([("do", button)].iter().chain(changes));
        world.form(cookie, &path, &fields).await
    };
    let swapped = send("admin-a", "look", &[("value_1", "business_name"), ("value_3", "customer_name")]).await;
    assert!(
        swapped.text.contains("Hi Harbour Lane, your payment of AED 1,376.22 to Acme Trading was due"),
        "{}",
        swapped.text
    );
    for (cookie, button, changes, status, why) in [
        ("member-a", "choose", &[][..], 403, "You may not do this"),
        ("admin-a", "explode", &[], 400, "this page has no such button"),
        ("admin-a", "choose", &[("words", "Other words")], 409, "Something changed in between"),
        (
            "admin-a",
            "choose",
            &[("value_3", "customer_name")],
            400,
            "Nothing was chosen: one of the values of an overdue text has to be business_name.",
        ),
        ("admin-a", "choose", &[("value_4", "")], 400, "Nothing was chosen: the text has 4 parameters"),
    ] {
        let answer = send(cookie, button, changes).await;
        assert_eq!(answer.status, status, "{cookie} {button} {changes:?}: {}", answer.text);
        assert!(answer.text.contains(why), "{why}: {}", answer.text);
    }
    assert_eq!(world.store.library_choices(&org("org_a")).await.unwrap(), []);
    let chosen = send("admin-a", "choose", &[]).await;
    assert_eq!(chosen.header("location"), "/templates/100/overdue_gentle/en?done=library_text_chosen");
    let page = world.page_at(TEXT, Some("admin-a")).await;
    for words in [
        "<strong>payment_overdue_1</strong> is sent where none",
        "Hi Acme Trading, your payment of",
        "Use it no more</button>",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    let list = world.page_at("/templates", Some("member-a")).await;
    assert!(list.text.contains("The text payment_overdue_1 of Meta's library stands in"), "{}", list.text);
    assert!(!world.page_at(TEXT, Some("member-a")).await.text.contains("Use it no more"));
    let back = format!("{TEXT}/take-back");
    assert_eq!(world.form("member-a", &back, &[]).await.status, 403);
    assert_eq!(world.form("admin-b", &back, &[]).await.status, 404);
    let taken = world.form("admin-a", &back, &[]).await;
    assert_eq!(taken.header("location"), "/templates/100/overdue_gentle/en?done=library_text_taken_back");
    assert_eq!(world.form("admin-a", &back, &[]).await.status, 404);
    assert!(world.page_at(TEXT, Some("admin-a")).await.text.contains("Meta offers texts that are approved at once."));
}

#[tokio::test]
async fn the_library_of_an_account_without_a_token_or_for_another_text_is_told_and_not_shown() {
    let world = World::with_two_organisations().await;
    let without = world.page_at(&format!("{TEXT}/library"), Some("admin-b")).await;
    assert!(without.status.is_client_error() && without.text.contains("<h1>"), "{}", without.text);
    world.open_account("org_a").await;
    let firm = world.page_at("/templates/100/overdue_firm/en/library", Some("admin-a")).await;
    assert_eq!(firm.status, 400);
    assert!(firm.text.contains("only upcoming, due_today and overdue_gentle can be said"), "{}", firm.text);
    world.meta.library.offer(Vec::new());
    let none = world.page_at(&format!("{TEXT}/library"), Some("member-a")).await;
    assert!(none.text.contains("Meta offers no such text in this language."));
}
