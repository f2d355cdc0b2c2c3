//! What the functions logged during all scenarios.

use std::collections::BTreeSet;

use numo_e2e::journey::{GULF_LEDGER, GULF_SENDER, HARBOUR_LEDGER, HARBOUR_SENDER, Ledger};
use serde_json::Value;

use crate::{
    rotation, strangers, talk,
    world::{SECRETS, World},
};

const FUNCTIONS: [&str; 10] = [
    "api",
    "due-sweeper",
    "erasure-worker",
    "meta-events",
    "meta-webhook",
    "oauth-callback",
    "reminder-dispatch",
    "reminder-planner",
    "scheduled-sync",
    "web",
];

/// Shorter names are parts of ordinary words.
const SHORTEST_NAME: usize = 6;

/// From a delivery of Meta's to the task that it opened, and from somebody's click to the message.
pub(crate) async fn what_follows_from_a_call_has_the_trace_of_the_call_in_every_function(world: &mut World) {
    let logs = world.stack.logs().await.unwrap();
    let lines = |function: &str| -> Vec<Value> {
        logs[function].lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    };
    let (meta_webhook, meta_events) = (lines("meta-webhook"), lines("meta-events"));
    let is_notice = |line: &&Value| line["metric"] == "task_opened" && line["outcome"] == "account_notice";
    let trace = &meta_events.iter().find(is_notice).unwrap()["trace"];
    assert!(trace.as_str().is_some_and(|trace| trace.starts_with("1-")), "{trace}");
    assert_eq!(told(&meta_webhook, trace), ["answered POST /webhooks/meta"]);
    assert_eq!(told(&meta_events, trace), ["a task is open", "delivery taken in", "job done"]);

    let (api, dispatch) = (lines("api"), lines("reminder-dispatch"));
    let is_sent = |line: &&Value| line["job_type"] == "manual_send.v1" && line["message"] == "job done";
    let trace = &dispatch.iter().find(is_sent).unwrap()["trace"];
    assert_eq!(told(&dispatch, trace), ["reminders", "job done"]);
    let asked = told(&api, trace);
    assert!(asked.len() == 1 && asked[0].ends_with("/send-now"), "{asked:?}");
}

/// What lines of one trace say.
fn told(lines: &[Value], trace: &Value) -> Vec<String> {
    let text = |line: &Value, name: &str| line[name].as_str().map(str::to_owned);
    let told = |line: &Value| {
        let what = text(line, "message").or_else(|| text(line, "metric"));
        what.into_iter().chain(text(line, "method")).chain(text(line, "path")).collect::<Vec<_>>().join(" ")
    };
    lines.iter().filter(|line| line["trace"] == *trace).map(told).collect()
}

pub(crate) async fn no_log_names_a_secret_a_person_or_a_message(world: &mut World) {
    let logs = world.stack.logs().await.unwrap();
    // The sweep may not have run yet, and nobody had an organisation erased; all others have.
    let silent: Vec<&str> = FUNCTIONS.into_iter().filter(|name| !logs.contains_key(*name)).collect();
    let may_be_silent = ["due-sweeper", "erasure-worker"];
    assert!(silent.iter().all(|name| may_be_silent.contains(name)), "these logged nothing: {silent:?}");
    let forbidden = forbidden(world).await;
    assert!(forbidden.len() > 500, "{} texts to look for", forbidden.len());
    let mut findings = Vec::new();
    for (function, text) in &logs {
        for line in text.lines() {
            let found = forbidden.iter().find(|(_, secret)| line.contains(secret.as_str()));
            findings.extend(found.map(|(what, secret)| format!("{function}: {what} {secret}: {line}")));
        }
    }
    assert_eq!(findings, Vec::<String>::new());
}

/// Texts that no log may hold, each with what it is.
pub(crate) async fn forbidden(world: &World) -> BTreeSet<(&'static str, String)> {
    let mut texts = BTreeSet::new();
    // Ids of apps are no secrets, and the publishable key is public.
    let open = ["xero_client_id", "intuit_client_id", "meta_app_id", "clerk_publishable_key"];
    texts.extend(
        SECRETS.iter().filter(|(name, _)| !open.contains(name)).map(|(name, text)| (*name, (*text).to_owned())),
    );
    texts.insert((rotation::NAME, rotation::NEXT.to_owned()));
    texts.insert(("business token", HARBOUR_SENDER.token.to_owned()));
    texts.insert(("business token", "EAAsim-".to_owned()));
    texts.insert(("code of a sign-up", "AQsim-".to_owned()));
    // The header of every signed token, session or access.
    texts.insert(("signed token", "eyJ".to_owned()));
    texts.insert(("business token", GULF_SENDER.token.to_owned()));
    let xero = |tenant| Ledger { tenant, ..HARBOUR_LEDGER };
    let mut ledgers = vec![HARBOUR_LEDGER, GULF_LEDGER, xero("other")];
    ledgers.extend(world.reference.is_some().then_some(xero("ledger")));
    for ledger in ledgers {
        for number in world.simulator.mobiles(ledger).await.unwrap().into_values() {
            texts.insert(("number", number.trim_start_matches('+').to_owned()));
        }
        let names = world.simulator.customer_names(ledger).await.unwrap().into_iter();
        texts.extend(names.filter(|name| name.chars().count() >= SHORTEST_NAME).map(|name| ("name", name)));
    }
    texts.insert(("number", strangers::NUMBER.to_owned()));
    texts.extend([talk::QUESTION, talk::ANSWER, strangers::PLANTED].map(|words| ("words", words.to_owned())));
    for message in world.simulator.messages().await.unwrap() {
        let values = message.parameters.as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value["text"].as_str().map(str::to_owned);
        // The business's own name is in its profile and in no way personal.
        let personal = values.iter().filter(|value| value["parameter_name"] != "business_name");
        texts.extend(personal.filter_map(text).filter(|text| text.len() >= SHORTEST_NAME).map(|text| ("text", text)));
    }
    texts
}
