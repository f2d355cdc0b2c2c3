//! Bodies that are wrong in one place: the right status, a sentence, the field, and nothing changed.

use serde_json::{Value, json};

use crate::{
    access::{full_world, routes},
    client::{send, signed},
    seed::CONNECTION_A,
    world::World,
};

/// Every call with a body, as it would be accepted.
fn bodies() -> Vec<(&'static str, String, Value)> {
    routes().into_iter().filter_map(|(method, path, body)| body.map(|body| (method, path, body))).collect()
}

async fn refused(world: &World, method: &str, path: &str, body: &Value) -> Value {
    let before = world.table.items();
    let answer = send(&world.router, signed("admin-a", method, path, Some(body))).await;
    assert_eq!(answer.status, 400, "{method} {path} {body}: {}", answer.text);
    let (status, error) = answer.error();
    assert_eq!((status, &error["code"]), (400, &json!("invalid")), "{method} {path} {body}: {error}");
    assert!(error["message"].as_str().unwrap().len() > 10, "{method} {path} {body}: {error}");
    assert_eq!((world.table.items(), world.queue.jobs().len()), (before, 0), "{method} {path} {body}");
    error
}

#[tokio::test]
async fn a_field_that_nobody_knows_is_refused_by_its_name() {
    let world = full_world().await;
    for (method, path, mut body) in bodies() {
        body["surprise"] = json!(1);
        let error = refused(&world, method, &path, &body).await;
        assert!(error.to_string().contains("surprise"), "{method} {path}: {error}");
    }
}

#[tokio::test]
async fn a_field_of_a_wrong_type_is_refused_by_its_name() {
    let world = full_world().await;
    for (method, path, body) in bodies() {
        for field in body.as_object().unwrap().keys() {
            // Rows are judged one by one.
            let is_list = ["opt_ins", "numbers"].contains(&field.as_str());
            let wrongs = [json!({"wrong": [1]}), json!(-1.5), json!([[1]])];
            for wrong in wrongs.into_iter().filter(|wrong| !(is_list && wrong.is_array())) {
                let mut changed = body.clone();
                changed[field] = wrong;
                let error = refused(&world, method, &path, &changed).await;
                let named = error["field"].as_str().unwrap_or_default();
                assert!(named.starts_with(field.as_str()), "{method} {path} {changed}: {error}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_no_object_is_refused() {
    let world = full_world().await;
    for (method, path, _) in bodies() {
        for wrong in [json!([]), json!("text"), json!(7), json!(null)] {
            refused(&world, method, &path, &wrong).await;
        }
    }
}

#[tokio::test]
async fn a_day_that_is_out_of_range_is_refused_by_its_field() {
    let world = full_world().await;
    let file = format!("/v1/customers/{CONNECTION_A}/c-1/file");
    let cases = [
        ("PUT", "/v1/organisation/pause", json!({"paused": true, "until": "2026-11-24"}), "until"),
        ("PUT", "/v1/organisation/pause", json!({"paused": true, "until": "2028-01-01"}), "until"),
        ("PUT", "/v1/organisation/pause", json!({"paused": true, "until": "2026-02-30"}), "until"),
        ("POST", &file, json!({"edit": "snooze", "until": "2026-11-24"}), "until"),
        ("POST", &file, json!({"edit": "hold", "on": "2026-11-23"}), "on"),
        ("POST", &file, json!({"edit": "move", "to": "2026-12-26"}), "to"),
        ("POST", &file, json!({"edit": "promise", "date": "2026-11-23"}), "date"),
    ];
    for (method, path, body, field) in cases {
        let error = refused(&world, method, path, &body).await;
        assert_eq!(error["field"], field, "{path} {body}: {error}");
    }
    for query in ["/v1/activity?from=2026-13-01", "/v1/activity?to=yesterday", "/v1/plan?at=2026-11-31T00:00:00Z"] {
        let field = query.split(['?', '=']).nth(1).unwrap();
        assert_eq!(world.get("admin-a", query).await.error().1["field"], field, "{query}");
    }
}

#[tokio::test]
async fn a_currency_that_there_is_not_is_refused_by_its_field() {
    let world = full_world().await;
    let with = |mut body: Value, pointer: &str, value: Value| {
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    let send_now = format!("/v1/customers/{CONNECTION_A}/c-1/send-now");
    for wrong in ["A1D", "aed", "DIRHAM", ""] {
        let cap = with(crate::cost::dollars(2_500), "/per_month/currency", json!(wrong));
        assert_eq!(refused(&world, "PUT", "/v1/cost/cap", &cap).await["field"], "per_month.currency", "{wrong}");
        let card = with(crate::cost::card(), "/currency", json!(wrong));
        assert_eq!(refused(&world, "PUT", "/v1/cost/rates", &card).await["field"], "currency", "{wrong}");
        let wanted =
            with(crate::send_now::wanted("018f0000-0000-7000-8000-0000000000d9", "x"), "/currency", json!(wrong));
        assert_eq!(refused(&world, "POST", &send_now, &wanted).await["field"], "currency", "{wrong}");
        let answer = world.get("admin-a", &format!("{send_now}?currency={wrong}")).await;
        assert_eq!(answer.error().1["field"], "currency", "{wrong}");
    }
    let slip = with(crate::cost::dollars(2_500), "/per_month/currency", json!("ADE"));
    let error = refused(&world, "PUT", "/v1/cost/cap", &slip).await;
    let message = "currency: no currency in use has the code ADE of ISO 4217";
    assert_eq!((&error["field"], &error["message"]), (&json!("cost_cap"), &json!(message)));
}

#[tokio::test]
async fn a_number_that_is_none_is_refused_in_its_row() {
    let world = full_world().await;
    let before = world.table.items();
    for wrong in ["12", "+971", "+9715012345678901234", "call me", ""] {
        let mut row = crate::opt_ins::opt_in();
        row["number"] = json!(wrong);
        let answer = world.post("admin-a", "/v1/consent/opt-ins", &json!({"opt_ins": [row]})).await;
        let told = &answer.json()["rows"][0];
        assert_eq!((&told["outcome"], &told["field"]), (&json!("refused"), &json!("number")), "{wrong}: {told}");
    }
    assert_eq!(world.table.items(), before);
}
