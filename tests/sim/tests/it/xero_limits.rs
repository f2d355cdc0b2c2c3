use futures_util::future::join_all;
use reqwest::Response;
use serde_json::{Value, json};

use crate::client::Bench;

fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn each_limit_is_named_and_says_how_long_to_stay_away() {
    for (setting, problem, most_s) in
        [("minute_limit", "minute", 60), ("day_limit", "day", 86_400), ("app_minute_limit", "appminute", 60)]
    {
        let bench = Bench::start().await;
        let ledger = bench.connected("demo").await;
        bench.control("xero/settings", json!({ setting: 2 })).await;
        let asked = async || ledger.request("Organisation").send().await.unwrap();
        assert_eq!(
            (asked().await.status(), asked().await.status()),
            (200.try_into().unwrap(), 200.try_into().unwrap())
        );
        let refused = asked().await;
        let retry_after: u64 = header(&refused, "retry-after").unwrap().parse().unwrap();
        assert_eq!((refused.status().as_u16(), header(&refused, "x-rate-limit-problem")), (429, Some(problem.into())));
        assert!((1..=most_s).contains(&retry_after), "{setting}: {retry_after}");
        bench.control("xero/settings", json!({ setting: null })).await;
        assert_eq!(asked().await.status(), 200, "{setting}");
    }
}

#[tokio::test]
async fn more_than_five_calls_at_once_are_refused() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    bench.control("xero/settings", json!({ "concurrent_limit": 5 })).await;
    let slow = json!({ "service": "xero", "path_contains": "/Contacts", "kind": "slow", "hold_ms": 400, "times": 9 });
    bench.control("faults", slow).await;
    let answers = join_all((0..7).map(|_| ledger.request("Contacts").send())).await;
    let mut told: Vec<_> = answers
        .into_iter()
        .map(|answer| answer.unwrap())
        .map(|answer| (answer.status().as_u16(), header(&answer, "x-rate-limit-problem")))
        .collect();
    told.sort();
    let mut expected = vec![(200, None); 5];
    expected.extend(vec![(429, Some(String::from("concurrent"))); 2]);
    assert_eq!(told, expected);
    assert_eq!(ledger.request("Contacts").send().await.unwrap().status(), 200);
    let seen = bench.look("xero/limits").await["tenants"]["demo"].clone();
    // A call is under way until it is refused, so one or both of the refused ones count.
    assert!(seen["max_concurrent"].as_u64().unwrap() > 5);
    assert_eq!(json!([seen["calls"], seen["refused"], seen["max_per_day"]]), json!([8, 2, 8]));
}

#[tokio::test]
async fn what_is_left_of_a_starter_plan_is_told_and_connections_tell_that_of_the_app_alone() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    bench.control("xero/settings", json!({ "day_limit": 1_000 })).await;
    let answered = ledger.request("Organisation").send().await.unwrap();
    let left = |name: &str| header(&answered, name);
    assert_eq!((left("x-daylimit-remaining"), left("x-minlimit-remaining")), (Some("999".into()), Some("59".into())));
    let url = bench.url("/xero-api/connections");
    let connections = bench.http.get(url).bearer_auth(&ledger.access).send().await.unwrap();
    assert!(header(&connections, "x-appminlimit-remaining").is_some());
    assert_eq!(header(&connections, "x-daylimit-remaining"), None);
}

#[tokio::test]
async fn calls_that_a_fault_spoils_count_as_well() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    bench.control("faults", json!({ "service": "xero", "kind": "status", "status": 503, "times": 2 })).await;
    for _ in 0..3 {
        ledger.request("Organisation").send().await.unwrap();
    }
    let seen: Value = bench.look("xero/limits").await["tenants"]["demo"].clone();
    assert_eq!((&seen["calls"], &seen["max_concurrent"]), (&json!(3), &json!(1)));
}
