//! The page of a policy: its form, good and bad, its preview, and two people at once.

use numo_domain::contact::Contact;
use serde_json::{Value, json};

use crate::{
    client::{Answer, request, send, signed},
    seed::{CONNECTION_A, GROUP_A, contact, invoice, org},
    world::{World, now},
};

/// The fields of a page's form, as a browser would send it with one of its buttons.
fn fields(page: &str, button: &str) -> Vec<(String, String)> {
    let form = page.split("<form class=\"edit\"").nth(1).unwrap().split("</form>").next().unwrap();
    let attribute = |tag: &str, name: &str| {
        let value = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?;
        Some(unescaped(value))
    };
    let (mut found, mut is_first) = (Vec::new(), false);
    for piece in form.split('<').skip(1) {
        let (tag, inner) = piece.split_once('>').unwrap_or((piece, ""));
        match tag.split(' ').next().unwrap() {
            "input" => {
                let is_box = tag.contains("type=\"checkbox\"") || tag.contains("type=\"radio\"");
                if !is_box || tag.contains(" checked") {
                    let name = attribute(tag, "name").unwrap();
                    found.push((name, attribute(tag, "value").unwrap_or_default()));
                }
            }
            "textarea" => found.push((attribute(tag, "name").unwrap(), unescaped(inner))),
            "select" => {
                found.push((attribute(tag, "name").unwrap(), String::new()));
                is_first = true;
            }
            "option" => {
                // The first one, unless another one is selected.
                if is_first || tag.contains(" selected") {
                    let value = attribute(tag, "value").unwrap_or_else(|| unescaped(inner));
                    found.last_mut().unwrap().1 = value;
                }
                is_first = false;
            }
            _ => {}
        }
    }
    found.push(("do".to_owned(), button.to_owned()));
    found
}

fn unescaped(text: &str) -> String {
    text.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#39;", "'").replace("&#38;", "&")
}

fn with(mut fields: Vec<(String, String)>, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields
}

async fn sent(world: &World, cookie: &str, path: &str, fields: &[(String, String)]) -> Answer {
    // Each sender has a token of their own.
    let fields = fields.iter().filter(|(name, _)| name != "form_token");
    let fields: Vec<(&str, &str)> = fields.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    world.form(cookie, path, &fields).await
}

const DEFAULT: &str = "/policies/default";

async fn opened(world: &World, path: &str) -> String {
    world.page_at(path, Some("admin-a")).await.text
}

async fn stored(world: &World, id: &str) -> Value {
    world.get("admin-a", &format!("/v1/policies/{id}")).await.json()
}

#[tokio::test]
async fn a_form_that_is_sent_as_it_was_opened_changes_nothing_but_the_version() {
    let world = World::with_two_organisations().await;
    world.save_group("org_a", GROUP_A).await;
    for id in ["default", GROUP_A] {
        let path = format!("/policies/{id}");
        let before = stored(&world, id).await;
        let page = opened(&world, &path).await;
        let answer = sent(&world, "admin-a", &path, &fields(&page, "save")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (303, &*format!("{path}?done=policy_saved")),
            "{}",
            answer.text
        );
        let mut after = stored(&world, id).await;
        assert_eq!(after["version"], json!(before["version"].as_u64().unwrap() + 1));
        for field in ["version", "edited_at", "highest_step"] {
            after[field] = before[field].clone();
        }
        assert_eq!(after, before);
    }
}

#[tokio::test]
async fn what_is_typed_is_saved() {
    let world = World::with_two_organisations().await;
    let page = opened(&world, DEFAULT).await;
    let changes = [
        ("name", "  Ours  "),
        ("days_1", "4"),
        ("text_2", "statement"),
        ("repeat", "yes"),
        ("repeat_every", "7"),
        ("repeat_at_most", "2"),
        ("from_0", "08:30"),
        ("to_0", "00:00"),
        ("closed", "2026-12-02\r\n"),
        ("gap_days", "3"),
        ("minimum_total", "AED 50"),
        ("pay_link", "yes"),
        ("language", "ar"),
        ("approval", "automatic"),
    ];
    let answer = sent(&world, "admin-a", DEFAULT, &with(fields(&page, "save"), &changes)).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let policy = stored(&world, "default").await;
    for (pointer, value) in [
        ("/name", json!("Ours")),
        ("/steps/1", json!({"id": 2, "offset_days": 4, "tone": "gentle", "text": null})),
        ("/steps/2/text", json!("statement")),
        ("/repeat", json!({"every": {"days": 7}, "at_most": 2})),
        ("/calendar/week/0", json!({"start": "08:30", "end": "24:00"})),
        ("/calendar/closed", json!(["2026-12-02"])),
        ("/caps/gap_days", json!(3)),
        ("/minimum_total", json!({"AED": 5000})),
        ("/pay_link", json!(true)),
        ("/language", json!("ar")),
        ("/approval", json!("automatic")),
        ("/state", json!("active")),
    ] {
        assert_eq!(policy.pointer(pointer), Some(&value), "{pointer}");
    }
    let page = opened(&world, DEFAULT).await;
    assert!(page.contains("<h1>Ours</h1>") && page.contains("lang=\"ar\" dir=\"rtl\""), "{page}");
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_everything_typed_is_kept() {
    let world = World::with_two_organisations().await;
    let page = opened(&world, DEFAULT).await;
    for (changes, wrong) in [
        (&[("gap_days", "soon"), ("name", "My <new> name")][..], &[("gap_days", "A whole number is needed.")][..]),
        (&[("days_0", "x"), ("closed", "tomorrow")], &[("days_0", "A whole number"), ("closed", "tomorrow: write")]),
        (&[("name", " ")], &[("name", "1 to 60 characters are needed.")]),
        (&[("days_1", "10")], &[("steps", "Two steps are 10 days from the due date.")]),
        (&[("gap_days", "31")], &[("gap_days", "Between 1 and 30 days, not 31.")]),
        (&[("catch_up_days", "11")], &[("catch_up_days", "At most 10 days, not 11.")]),
        (&[("per_seven_days", "0")], &[("per_seven_days", "At least one message in seven days must be allowed.")]),
        (&[("release_holds_after", "4")], &[("release_holds_after", "Between 5 and 30 business days")]),
        (&[("minimum_total", "ADE 1")], &[("minimum_total", "No currency in use")]),
        (&[("repeat", "yes"), ("repeat_every", "2"), ("repeat_at_most", "2")], &[("repeat_every", "At least 3 days")]),
        (
            &[("repeat", "yes"), ("repeat_every", "9"), ("repeat_at_most", "0")],
            &[("repeat_at_most", "Between 1 and 24")],
        ),
        (&[("from_0", "18:00")], &[("open_0", "It has to end after it begins.")]),
    ] {
        world.table.take_counts();
        let answer = sent(&world, "admin-a", DEFAULT, &with(fields(&page, "save"), changes)).await;
        assert_eq!(answer.status, 400, "{changes:?}: {}", answer.text);
        assert!(answer.text.contains("<h2 id=\"refused\">Nothing was saved</h2>"));
        for (field, why) in wrong {
            assert!(
                answer.text.contains(&format!("<span class=\"wrong\" id=\"wrong-{field}\">{why}")),
                "{field}: {}",
                answer.text
            );
            assert!(answer.text.contains(&format!("href=\"#wrong-{field}\"")), "{field}");
        }
        let kept = fields(&answer.text, "save");
        for (name, value) in changes {
            assert!(kept.contains(&((*name).to_owned(), value.trim().to_owned())), "{name} {value}: {kept:?}");
        }
        assert_eq!(world.table.counts().items_written, 0);
    }
}

#[tokio::test]
async fn two_people_at_once_lose_nothing_of_either() {
    let world = World::with_two_organisations().await;
    let page = opened(&world, DEFAULT).await;
    let theirs = with(fields(&page, "save"), &[("gap_days", "5"), ("name", "Theirs"), ("pdf", "yes")]);
    assert_eq!(sent(&world, "admin-a", DEFAULT, &theirs).await.status, 303);
    let mine = with(fields(&page, "save"), &[("name", "Mine"), ("days_3", "30")]);
    let answer = sent(&world, "admin-a", DEFAULT, &mine).await;
    assert_eq!(answer.status, 409);
    for words in [
        "Somebody else changed this policy meanwhile",
        "<th scope=\"row\">Name</th><td>Standard</td><td>Theirs</td>",
        "<th scope=\"row\">Days between two messages</th><td>2</td><td>5</td>",
        "<td>answers to choose from</td><td>the invoice as a PDF, and answers to choose from</td>",
    ] {
        assert!(answer.text.contains(words), "{words}: {}", answer.text);
    }
    assert!(!answer.text.contains("<th scope=\"row\">Hours</th>"), "what is the same is not told");
    assert_eq!(stored(&world, "default").await["version"], 3);
    assert_eq!(sent(&world, "admin-a", DEFAULT, &fields(&answer.text, "save")).await.status, 303);
    let both = stored(&world, "default").await;
    assert_eq!(
        [&both["name"], &both["caps"]["gap_days"], &both["pdf"], &both["steps"][3]["offset_days"], &both["version"]],
        [&json!("Mine"), &json!(5), &json!(true), &json!(30), &json!(4)]
    );
}

#[tokio::test]
async fn whoever_is_slower_by_a_moment_has_everything_typed_kept() {
    let mut slower = 0;
    for call in 1.. {
        let world = World::with_two_organisations().await;
        let page = opened(&world, DEFAULT).await;
        let mine = with(fields(&page, "save"), &[("gap_days", "5")]);
        let token = mine.iter().find(|(name, _)| name == "form_token").unwrap().1.clone();
        let mine: Vec<(&str, &str)> = mine.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let (router, theirs) = (world.router.clone(), crate::policies::edit());
        world.meddled.meddle(call, async move {
            send(&router, signed("admin-a", "PUT", "/v1/policies/default", Some(&theirs))).await;
        });
        let answer = world.form_with("admin-a", DEFAULT, ("https://numo.example", &token), &mine).await;
        if !world.meddled.is_meddled() {
            break;
        }
        let stored = stored(&world, "default").await;
        if answer.status == 409 {
            slower += 1;
            assert!(answer.text.contains("Somebody else changed this policy meanwhile"), "{call}: {}", answer.text);
            assert!(answer.text.contains("name=\"gap_days\" min=\"1\" max=\"30\" value=\"5\""), "{call}");
            assert_eq!(stored["name"], "Shorter days", "{call}");
        } else {
            assert_eq!(
                (answer.status.as_u16(), &stored["caps"]["gap_days"]),
                (303, &json!(5)),
                "{call}: {}",
                answer.text
            );
        }
    }
    assert!(slower > 3, "{slower}");
}

#[tokio::test]
async fn the_standard_policy_that_was_never_saved_is_edited_over_as_any_other() {
    let world = World::empty();
    let page = opened(&world, DEFAULT).await;
    assert!(page.contains("draft: nothing is planned by it"));
    let on = sent(&world, "admin-a", DEFAULT, &fields(&page, "switch_on")).await;
    assert_eq!(on.header("location"), "/policies/default?done=switched_on");
    assert_eq!(stored(&world, "default").await["state"], "active");
    let late = sent(&world, "admin-a", DEFAULT, &with(fields(&page, "save"), &[("name", "Late")])).await;
    assert_eq!(late.status, 409, "{}", late.text);
    let unknown = sent(&world, "admin-a", DEFAULT, &with(fields(&page, "save"), &[("version", "77")])).await;
    assert_eq!(unknown.status, 400);
}

#[tokio::test]
async fn without_a_script_steps_are_added_and_removed_and_messages_shown_and_nothing_is_saved() {
    let world = World::with_two_organisations().await;
    let page = opened(&world, DEFAULT).await;
    world.table.take_counts();
    let more = sent(&world, "admin-a", DEFAULT, &with(fields(&page, "add_step"), &[("name", "Kept")])).await;
    assert_eq!(more.status, 200);
    assert!(
        more.text.contains("name=\"days_4\" min=\"0\" max=\"365\" value=\"28\"")
            && more.text.contains("value=\"Kept\"")
    );
    let less = sent(&world, "admin-a", DEFAULT, &fields(&more.text, "remove_step_1")).await;
    assert!(!less.text.contains("name=\"days_1\"") && less.text.contains("name=\"days_4\""));
    let shown =
        sent(&world, "admin-a", DEFAULT, &with(fields(&less.text, "preview"), &[("days_2", "12"), ("pdf", "yes")]))
            .await;
    assert!(
        shown.text.contains("12 days after the due date · firm") && shown.text.contains("Invoice.pdf"),
        "{}",
        shown.text
    );
    let unknown = sent(&world, "admin-a", DEFAULT, &fields(&page, "explode")).await;
    assert_eq!(unknown.status, 400);
    assert_eq!(world.table.counts().items_written, 0);
    assert_eq!(stored(&world, "default").await["version"], 2);
}

#[tokio::test]
async fn the_phone_shows_what_is_typed_and_an_invoice_that_is_asked_for() {
    let world = World::with_two_organisations().await;
    let markup = "<img src=x> Ltd";
    let customer = Contact { name: markup.to_owned(), ..contact(CONNECTION_A, "c-9", markup) };
    world.store.upsert_contact(&org("org_a"), None, &customer, now()).await.unwrap();
    let number = "INV-<b>9</b>".to_owned();
    let open = numo_domain::invoice::Invoice { id: "i-9".parse().unwrap(), number, ..invoice(&customer) };
    world.store.upsert_invoice(&org("org_a"), None, &open, now(), now()).await.unwrap();
    let page = opened(&world, DEFAULT).await;
    for words in [
        "With an invoice of nobody.",
        "Hello Acme Trading, this is Harbour Lane.",
        "INV-1042 AED 1,376.22",
        "Paid already</p>",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let token = page.split("name=\"form_token\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let typed = [
        ("days_0", "7"),
        ("side_0", "after"),
        ("tone_0", "firm"),
        ("days_1", "x"),
        ("pay_link", "yes"),
        ("with_invoice", "inv-<B>9</b>"),
        ("form_token", token),
    ];
    let part = |cookie: &'static str, path: &'static str| {
        let mut asked = request("POST", path, None);
        for (name, value) in [
            ("cookie", format!("__session={cookie}")),
            ("origin", "https://numo.example".to_owned()),
            ("hx-request", "true".to_owned()),
        ] {
            asked.headers_mut().insert(name, value.parse().unwrap());
        }
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        *asked.body_mut() = form.extend_pairs(typed).finish().into();
        send(&world.router, asked)
    };
    for path in [DEFAULT, "/policies/new"] {
        let shown = part("admin-a", path).await;
        assert!(shown.text.starts_with("<section id=\"preview\""), "{}", shown.text);
        for words in [
            "7 days after the due date · firm",
            "With invoice INV-&#60;b&#62;9&#60;/b&#62;, as if",
            "Hello &#60;img src=x&#62; Ltd, Harbour Lane is still waiting",
            "View and pay</p>",
        ] {
            assert!(shown.text.contains(words), "{words}: {}", shown.text);
        }
        assert_eq!(shown.text.matches("class=\"bubble\"").count(), 1, "a step that cannot be read is left out");
    }
    let absent = with(fields(&page, "preview"), &[("with_invoice", "INV-<i>")]);
    let absent = sent(&world, "admin-a", DEFAULT, &absent).await;
    assert!(absent.text.contains("No open invoice has the number INV-&#60;i&#62;."), "{}", absent.text);
}

#[tokio::test]
async fn a_policy_is_copied_for_a_group_once_and_deleted_by_its_name() {
    let world = World::with_two_organisations().await;
    let page = opened(&world, "/policies/new?from=default").await;
    assert!(page.contains("value=\"Standard (copy)\"") && page.contains("<h1>New policy</h1>"));
    let nobody = sent(&world, "admin-a", "/policies/new", &fields(&page, "save")).await;
    assert_eq!(nobody.status, 400);
    assert!(nobody.text.contains("id=\"wrong-audience\">Say who is in the group."), "{}", nobody.text);
    let found =
        sent(&world, "admin-a", "/policies/new", &with(fields(&nobody.text, "find"), &[("find", "acme")])).await;
    let reference = format!("{CONNECTION_A}/c-1");
    assert!(found.text.contains(&format!("name=\"chosen\" value=\"{reference}\"> Acme Trading")), "{}", found.text);
    let form = with(fields(&found.text, "save"), &[("chosen", &reference), ("name", "Friends")]);
    let made = sent(&world, "admin-a", "/policies/new", &form).await;
    let location = made.header("location").to_owned();
    assert_eq!(sent(&world, "admin-a", "/policies/new", &form).await.header("location"), location);
    let id = location.split(['/', '?']).nth(2).unwrap();
    let policy = stored(&world, id).await;
    assert_eq!(
        (&policy["state"], &policy["version"], &policy["name"]),
        (&json!("draft"), &json!(1), &json!("Friends"))
    );
    assert_eq!(world.get("admin-a", "/v1/policies").await.json()["policies"].as_array().unwrap().len(), 2);
    let list = opened(&world, "/policies").await;
    assert!(
        list.contains("For Acme Trading (number 1 of the groups).")
            && list.find("1. <a").unwrap() < list.find("2. <a").unwrap(),
        "{list}"
    );
    let path = format!("/policies/{id}/delete");
    for (version, confirm, status) in
        [("1", "Enemies", 400), ("1", "", 400), ("7", "Friends", 409), ("1", " friends ", 303)]
    {
        let answer = world.form("admin-a", &path, &[("version", version), ("confirm", confirm)]).await;
        assert_eq!(answer.status, status, "{version} {confirm}");
    }
    assert_eq!(world.page_at(&format!("/policies/{id}"), Some("admin-a")).await.status, 404);
    let own = world.form("admin-a", "/policies/default/delete", &[("version", "2"), ("confirm", "Standard")]).await;
    assert_eq!(own.status, 409);
}

#[tokio::test]
async fn a_policy_of_one_customer_is_made_and_a_second_one_is_refused() {
    let world = World::with_two_organisations().await;
    let reference = format!("{CONNECTION_A}/c-1");
    let changes = [("for", "customer"), ("chosen", reference.as_str()), ("name", "One")];
    let make = async || {
        let page = opened(&world, "/policies/new?preset=gentle").await;
        sent(&world, "admin-a", "/policies/new", &with(fields(&page, "save"), &changes)).await
    };
    assert_eq!(make().await.status, 303);
    let second = make().await;
    assert_eq!(second.status, 400);
    assert!(second.text.contains("This customer has a policy already."), "{}", second.text);
    let foreign = format!("{}/c-1", crate::seed::CONNECTION_B);
    let page = opened(&world, "/policies/new").await;
    let form = with(fields(&page, "save"), &[("for", "customer"), ("chosen", &foreign)]);
    let answer = sent(&world, "admin-a", "/policies/new", &form).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("There is no customer c-1 in this connection.") && !answer.text.contains("Borealis"));
}

#[tokio::test]
async fn a_member_reads_a_policy_and_changes_nothing_and_another_organisations_is_none() {
    let world = World::with_two_organisations().await;
    world.save_group("org_a", GROUP_A).await;
    let path = format!("/policies/{GROUP_A}");
    let page = world.page_at(&path, Some("member-a")).await;
    for words in [
        "<dt>Steps</dt><dd>3 days before the due date: friendly; ",
        "<dt>For</dt><dd>numbers of AE (number 1 of the groups)</dd>",
        "class=\"bubble\"",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(!page.text.contains("name=\"do\"") && !page.text.contains("Switch on") && !page.text.contains("Delete"));
    let form = fields(&opened(&world, &path).await, "save");
    world.table.take_counts();
    assert_eq!(world.page_at("/policies/new", Some("member-a")).await.status, 403);
    for (cookie, to, status) in [
        ("member-a", path.clone(), 403),
        ("member-a", "/policies/new".to_owned(), 403),
        ("member-a", format!("{path}/delete"), 403),
        ("admin-b", path.clone(), 404),
        ("admin-b", format!("{path}/delete"), 404),
    ] {
        assert_eq!(sent(&world, cookie, &to, &form).await.status, status, "{cookie} {to}");
    }
    let foreign = world.page_at(&path, Some("admin-b")).await;
    let absent = world.page_at("/policies/018f0000-0000-7000-8000-00000000ffff", Some("admin-b")).await;
    assert_eq!((foreign.status.as_u16(), &foreign.text), (404, &absent.text));
    assert_eq!(world.page_at(&format!("/policies/new?from={GROUP_A}"), Some("admin-b")).await.status, 404);
    assert_eq!(world.table.counts().items_written, 0);
    assert!(world.queue.jobs().is_empty());
}
