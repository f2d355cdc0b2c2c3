//! Operators who stop an organisation, or everybody.

use std::path::Path;

use numo_e2e::{product::Product, stack::target_folder};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::world::World;

pub(crate) async fn what_operators_stop_their_people_cannot_let_go_on(world: &mut World) {
    let owner = world.owner();
    let (one, everybody) = (["--organisation", "org_harbour"].as_slice(), ["--everybody"].as_slice());
    assert_eq!(held_by(&owner).await, (json!(false), Value::Null));
    assert_eq!(ops(world, "stop", one).await, "org_harbour is stopped.\n");
    let resume = json!({"paused": false});
    owner.call(Method::PUT, "/v1/organisation/pause", Some(&resume)).await.unwrap().succeeded().unwrap();
    assert_eq!(held_by(&owner).await, (json!(true), json!("operator")));
    assert_eq!(ops(world, "go-on", one).await, "org_harbour goes on.\n");
    assert_eq!(held_by(&owner).await, (json!(false), Value::Null));
    assert!(ops(world, "stop", everybody).await.starts_with("Everybody is stopped since "));
    assert_eq!(held_by(&owner).await, (json!(true), json!("operator")));
    assert_eq!(ops(world, "go-on", everybody).await, "Nobody is stopped as a whole.\n");
    assert_eq!(held_by(&owner).await, (json!(false), Value::Null));
}

/// Whether everything is paused, and who may end it.
async fn held_by(owner: &Product) -> (Value, Value) {
    let shown: Value = owner.get("/v1/organisation").await.unwrap().json().unwrap();
    (shown["paused"].clone(), shown["paused_by"].clone())
}

/// What the operators' tool says.
async fn ops(world: &World, action: &str, whose: &[&str]) -> String {
    let state = &world.stack.state;
    let program: &Path = &target_folder("debug").join("numo-ops");
    let said = Command::new(program)
        .arg(action)
        .args(whose)
        .args(["--by", "ann", "--reason", "a drill"])
        .env("NUMO_TABLE", &state.table)
        .env("NUMO_JOURNAL", format!("{}-journal", state.table))
        .env("AWS_ENDPOINT_URL", &state.aws_endpoint)
        .env("AWS_REGION", &state.region)
        .env("AWS_ACCESS_KEY_ID", &state.access_key)
        .env("AWS_SECRET_ACCESS_KEY", &state.secret_key)
        .output()
        .await
        .unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).unwrap()
}
