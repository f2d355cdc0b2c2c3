//! What a ledger, a customer, Meta, a member or an address says never becomes a part of a page's own markup or order.

use std::{collections::BTreeSet, path::Path};

use serde_json::json;

use crate::{
    client::Answer,
    exports::EXPORT_A,
    probes::{ID, PROBES, encoded, probe, world_of_probes},
    seed::{ATTEMPT_A, CONNECTION_A, GROUP_A},
};

/// What stands in the places of an address, one after the other.
const PLACES: [(&str, &[&str]); 15] = [
    ("{connection}", &[CONNECTION_A]),
    ("{contact}", &["c-1", ID]),
    ("{invoice}", &["i-1", ID]),
    ("/connections/numbers/{number}", &["/connections/numbers/200"]),
    ("{number}", &["key-c-1"]),
    ("{sender}", &["200"]),
    ("{account}", &["100"]),
    ("{waba}", &["100"]),
    ("{purpose}", &["overdue_gentle"]),
    ("{language}", &["en"]),
    ("{policy}", &["default", GROUP_A]),
    ("{id}", &[EXPORT_A]),
    ("{archive}", &["0"]),
    ("{print}", &["0000000000000000"]),
    ("{name}", &["console.css"]),
];

/// What only people without a session open: each is tried with what is not right.
const OUTSIDE: [(&str, &str); 4] = [("{token}", ID), ("{org}", "org_a"), ("{user}", "user_ann"), ("{code}", ID)];

/// The addresses of every page that the source has a route for.
fn addresses() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for route in routes(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let mut found = vec![route];
        for (place, values) in PLACES {
            found = found
                .into_iter()
                .flat_map(|path| {
                    let with = |value: &&str| {
                        let value = if *value == ID { encoded(ID) } else { (*value).to_owned() };
                        path.replace(place, &value)
                    };
                    if path.contains(place) { values.iter().map(with).collect() } else { vec![path.clone()] }
                })
                .collect();
        }
        for (place, value) in OUTSIDE {
            let value = if value == ID { encoded(ID) } else { value.to_owned() };
            found = found.into_iter().map(|path| path.replace(place, &value)).collect();
        }
        all.extend(found);
    }
    let unknown: Vec<&String> = all.iter().filter(|path| path.contains('{')).collect();
    assert!(unknown.is_empty(), "pages that no probe reaches: {unknown:?}");
    assert!(all.len() > 55, "{all:?}");
    all
}

/// Every route with an answer to GET, of everything but the API.
fn routes(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("api") {
                found.extend(routes(&path));
            }
        } else if !path.ends_with("src/api.rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            for call in source.split(".route(").skip(1) {
                let (route, handlers) = call.trim_start().strip_prefix('"').unwrap().split_once('"').unwrap();
                if handlers.split(['}', ';']).next().unwrap().contains("get(") {
                    found.insert(route.to_owned());
                }
            }
        }
    }
    found
}

/// What the pages read of a query.
const ASKED: [&str; 15] = [
    "done", "day", "number", "state", "name", "back", "text", "language", "message", "from", "currency", "after",
    "before", "page", "find",
];

/// What a walk over pages has seen.
#[derive(Default)]
struct Seen {
    probes: BTreeSet<&'static str>,
    links: BTreeSet<String>,
    broken: Vec<String>,
}

impl Seen {
    fn look(&mut self, what: &str, page: &Answer) {
        if !page.headers.get("content-type").is_some_and(|kind| kind.to_str().unwrap().starts_with("text/html")) {
            return;
        }
        let text = &page.text;
        let reorders = |c: char| matches!(c, '\u{202a}'..='\u{202e}') || (c.is_control() && c != '\n');
        let is_raw = |raw: &str| text.contains(&format!("{raw}\">"));
        let is_whole = !["<script>document", "<img src=x"].iter().any(|raw| text.contains(raw))
            && !PROBES.into_iter().chain(["id-"]).any(is_raw);
        if !is_whole || text.matches("</title>").count() > 1 || text.contains(reorders) {
            let named = PROBES.into_iter().filter(|name| text.contains(&format!("{name}\"")));
            let turned = PROBES.into_iter().filter(|name| {
                let behind = text.split(name).skip(1).map(|rest| rest.chars().take(180).collect::<String>());
                behind.into_iter().any(|rest| rest.contains(reorders))
            });
            self.broken.push(format!("{what}: {:?}", named.chain(turned).collect::<BTreeSet<_>>()));
        }
        // Behind a sign of escape where it stands in the JSON of a hidden field.
        let is_escaped = |name: &&str| {
            ["", "\\"].iter().any(|sign| text.contains(&format!("{name}{sign}&#34;&#62;&#60;script&#62;")))
        };
        self.probes.extend(PROBES.into_iter().filter(is_escaped));
        let links = text.split("href=\"/").skip(1).map(|rest| format!("/{}", rest.split('"').next().unwrap()));
        self.links.extend(links.filter(|link| link.contains("%22")));
    }
}

#[tokio::test]
async fn no_text_from_outside_becomes_markup_or_turns_a_page_around() {
    let world = world_of_probes().await;
    let mut seen = Seen::default();
    for path in addresses() {
        for who in ["admin-a", "member-a"] {
            let page = world.page_at(&path, Some(who)).await;
            assert!(page.status.as_u16() < 500, "{path}: {}", page.text);
            seen.look(&format!("{path} of {who}"), &page);
        }
        seen.look(&format!("a part of {path}"), &world.part_at(&path, "admin-a").await);
        for field in ASKED {
            let asked = format!("{path}?{field}={}", encoded(&probe("query")));
            seen.look(&asked, &world.page_at(&asked, Some("admin-a")).await);
        }
    }
    let link = world.post("admin-a", "/v1/setup-links", &json!({})).await.json();
    let link = link["url"].as_str().unwrap().strip_prefix("https://numo.example").unwrap().to_owned();
    let page = world.page_at(&link, None).await;
    assert!(page.text.contains("organisation-name&#34;"));
    seen.look("a set-up link", &page);
    assert_eq!(seen.broken, Vec::<String>::new());
    let missing: Vec<&str> = PROBES.into_iter().filter(|name| !seen.probes.contains(name)).collect();
    assert!(missing.is_empty(), "what no page shows is proved by none: {missing:?}");
    assert!(seen.links.len() > 3, "{:?}", seen.links);
    for link in seen.links {
        let page = world.page_at(&link.replace("&#38;", "&"), Some("admin-a")).await;
        assert_eq!(page.status, 200, "{link}");
    }
}

/// Forms that show again what was typed, or say why they cannot be carried out.
fn refused() -> Vec<(String, Vec<&'static str>)> {
    let customer = format!("/customers/{CONNECTION_A}/c-1");
    let policy = vec![
        "name",
        "for",
        "priority",
        "chosen",
        "find",
        "ledger_groups",
        "owes_at_least",
        "countries",
        "days_0",
        "side_0",
        "tone_0",
        "text_0",
        "id_0",
        "repeat_every",
        "repeat_unit",
        "repeat_at_most",
        "open_0",
        "from_0",
        "to_0",
        "holidays",
        "closed",
        "overrides",
        "clock",
        "gap_days",
        "per_seven_days",
        "catch_up_days",
        "minimum_total",
        "release_holds_after",
        "language",
        "with_invoice",
        "approval",
    ];
    vec![
        ("/policies/new".to_owned(), policy.clone()),
        (format!("/policies/{GROUP_A}"), policy),
        (format!("/policies/{GROUP_A}/delete"), vec!["confirm"]),
        ("/customers".to_owned(), vec!["name"]),
        ("/messages".to_owned(), vec!["find"]),
        ("/customers/numbers".to_owned(), vec!["rows"]),
        ("/customers/numbers/keep".to_owned(), vec!["lines", "number1", "customer1"]),
        ("/customers/opt-ins".to_owned(), vec!["rows", "source"]),
        ("/customers/opt-ins/keep".to_owned(), vec!["customer1", "number1", "source1", "given_on1"]),
        ("/settings".to_owned(), vec!["setting", "language", "per_day"]),
        ("/settings/consent".to_owned(), vec!["setting", "version"]),
        ("/settings/mails".to_owned(), vec!["recipients", "member"]),
        ("/settings/cost".to_owned(), vec!["currency", "rate_elsewhere", "rates", "valid_from"]),
        ("/settings/ending".to_owned(), vec!["confirm"]),
        ("/test".to_owned(), vec!["text", "language"]),
        ("/templates/100/overdue_gentle/en/library".to_owned(), vec!["name", "locale", "words", "value_1"]),
        ("/seen".to_owned(), vec!["notice"]),
        ("/undo".to_owned(), vec!["undo", "back"]),
        (format!("{customer}/edit"), vec!["edit", "until", "reason"]),
        (format!("{customer}/number"), vec!["number", "back"]),
        (format!("{customer}/consent"), vec!["state", "reason"]),
        (format!("{customer}/erasure"), vec!["confirm"]),
        (format!("{customer}/send-now"), vec!["id", "currency", "seen"]),
        ("/messages/key-c-1/200".to_owned(), vec!["id", "text"]),
        (format!("/connections/{CONNECTION_A}/end"), vec!["confirm"]),
    ]
}

#[tokio::test]
async fn what_was_typed_into_a_refused_form_is_shown_again_as_text() {
    let world = world_of_probes().await;
    let (mut seen, typed) = (Seen::default(), probe("query"));
    for (path, names) in refused() {
        let buttons = if path.starts_with("/policies/") { ["save", "preview", "find"] } else { ["look", "choose", ""] };
        for action in buttons {
            let mut fields: Vec<(&str, &str)> = names.iter().map(|name| (*name, typed.as_str())).collect();
            let fixed = [("do", action), ("id", ATTEMPT_A), ("version", "1"), ("setting", "rates")];
            fields.extend(fixed.into_iter().filter(|(name, _)| !names.contains(name)));
            if path == "/settings/cost" {
                fields.push(("read_on", "2026-11-24"));
            }
            let answer = world.form("admin-a", &path, &fields).await;
            assert!(answer.status == 200 || answer.status.is_client_error(), "{path}: {}", answer.status);
            let mut one = Seen::default();
            one.look(&format!("{path} {action}"), &answer);
            let shows_again = ["/policies/new", "/customers", "/messages", "/customers/numbers", "/customers/opt-ins"]
                .contains(&path.as_str());
            assert!(!shows_again || one.probes.contains("query"), "{path} {action}: {}", answer.text);
            seen.broken.extend(one.broken);
        }
    }
    assert_eq!(seen.broken, Vec::<String>::new());
}

#[tokio::test]
async fn a_name_is_typed_as_the_page_shows_it_where_nothing_can_be_taken_back() {
    let world = world_of_probes().await;
    let seen = |name: &str| probe(name).replace(['\u{202e}', '\u{1}'], "");
    for (path, name) in [
        (format!("/customers/{CONNECTION_A}/{}/erasure", encoded(ID)), "odd-customer-name"),
        (format!("/policies/{GROUP_A}/delete"), "policy-name"),
        (format!("/connections/{CONNECTION_A}/end"), "ledger-name"),
        ("/settings/ending".to_owned(), "organisation-name"),
    ] {
        let answer = world.form("admin-a", &path, &[("confirm", &seen(name)), ("version", "1")]).await;
        assert_eq!(answer.status, 303, "{path}: {}", answer.text);
    }
}
