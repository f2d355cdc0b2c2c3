//! Operators who stop an organisation, or everybody, and who have a ledger read.

use std::process::Stdio;

use jiff::Timestamp;
use numo_e2e::{
    journey::{self, SOON},
    product::Product,
    stack::target_folder,
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt as _, process::Command};

use crate::world::World;

/// Who gives the orders, and why.
pub(crate) const SIGNED: [&str; 4] = ["--by", "ann", "--reason", "a drill"];

pub(crate) async fn what_operators_stop_their_people_cannot_let_go_on(world: &mut World) {
    let owner = world.owner();
    let (one, everybody) = (["--organisation", "org_harbour"].as_slice(), ["--everybody"].as_slice());
    let ordered = async |action: &str, whose: &[&str]| orders(world, &[&[action], whose].concat()).await;
    assert_eq!(held_by(&owner).await, (json!(false), Value::Null));
    assert_eq!(ordered("stop", one).await, "org_harbour is stopped.\n");
    let resume = json!({"paused": false});
    owner.call(Method::PUT, "/v1/organisation/pause", Some(&resume)).await.unwrap().succeeded().unwrap();
    assert_eq!(held_by(&owner).await, (json!(true), json!("operator")));
    assert_eq!(ordered("go-on", one).await, "org_harbour goes on.\n");
    assert_eq!(held_by(&owner).await, (json!(false), Value::Null));
    assert!(ordered("stop", everybody).await.starts_with("Everybody is stopped since "));
    assert_eq!(held_by(&owner).await, (json!(true), json!("operator")));
    assert_eq!(ordered("go-on", everybody).await, "Nobody is stopped as a whole.\n");
    assert_eq!(held_by(&owner).await, (json!(false), Value::Null));
}

/// Whether everything is paused, and who may end it.
async fn held_by(owner: &Product) -> (Value, Value) {
    let shown: Value = owner.get("/v1/organisation").await.unwrap().json().unwrap();
    (shown["paused"].clone(), shown["paused_by"].clone())
}

/// The ledger is not due for minutes; what the order leads to is looked at when other things were done.
pub(crate) async fn a_ledger_that_operators_want_read_is_due_at_once(world: &mut World) {
    let connection = world.harbour.connection.clone();
    let run = journey::last_run(&world.owner(), &connection).await.unwrap().unwrap();
    let ended: Timestamp = run.ended_at.clone().unwrap().parse().unwrap();
    let before = due_at(world).await;
    let waits = before.duration_since(ended);
    assert!(waits.as_mins() >= 10, "it is due anyway, {waits} after the last run");
    let order = ["sync", "--organisation", "org_harbour", "--connection", &connection];
    let said = orders(world, &order).await;
    assert_eq!(said, format!("{connection} of org_harbour is read with the next sweep, within a minute or two.\n"));
    assert!(due_at(world).await < before);
    let line = ("connection.sync_ordered".to_owned(), json!({"connection": connection, "reason": "a drill"}));
    assert_eq!(lines_of_ann(world, "AUDIT#org_harbour#", "connection.").await, [line]);
    world.harbour.run_before_the_order = Some(run);
}

pub(crate) async fn a_ledger_that_operators_wanted_read_was_read(world: &mut World) {
    let (connection, before) = (&world.harbour.connection, world.harbour.run_before_the_order.as_ref());
    let run = journey::synced(&world.owner(), connection, before, SOON * 3, |_| {}).await.unwrap();
    assert_eq!((run.failure, run.invoices_written, run.contacts_written), (None, 0, 0));
}

async fn due_at(world: &World) -> Timestamp {
    #[derive(Deserialize)]
    struct DueItem {
        at: Timestamp,
    }
    let key = format!("DUE#SYNC#{}", world.harbour.connection);
    world.table.of_org::<DueItem>("org_harbour", &key).await.remove(0).at
}

/// What the operators' tool says to an order that is carried out.
pub(crate) async fn orders(world: &World, words: &[&str]) -> String {
    ops(world, &[words, &SIGNED].concat(), "").await.unwrap()
}

/// What the operators' tool says, with what is typed to its question; an error if it refuses.
pub(crate) async fn ops(world: &World, words: &[&str], typed: &str) -> Result<String, String> {
    let state = &world.stack.state;
    let mut process = Command::new(target_folder("debug").join("numo-ops"))
        .args(words)
        .env("NUMO_STAGE", &state.stage)
        .env("NUMO_TABLE", &state.table)
        .env("NUMO_JOURNAL", format!("{}-journal", state.table))
        .env("AWS_ENDPOINT_URL", &state.aws_endpoint)
        .env("AWS_REGION", &state.region)
        .env("AWS_ACCESS_KEY_ID", &state.access_key)
        .env("AWS_SECRET_ACCESS_KEY", &state.secret_key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that asks nothing may be done before it could have been told anything.
    drop(process.stdin.take().unwrap().write_all(typed.as_bytes()).await);
    let said = process.wait_with_output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if said.status.success() { Ok(text(said.stdout)) } else { Err(text(said.stderr)) }
}

/// Actions and details of the lines in a log that the operator left, oldest first.
pub(crate) async fn lines_of_ann(world: &World, log: &str, actions: &str) -> Vec<(String, Value)> {
    #[derive(Deserialize)]
    struct Line {
        actor: Value,
        action: String,
        detail: Value,
    }
    // Their keys are times.
    let lines: Vec<Line> = world.table.of_partition(log, "0").await;
    let of_ann = lines.into_iter().filter(|line| line.actor == json!({"operator": "ann"}));
    of_ann.filter(|line| line.action.starts_with(actions)).map(|line| (line.action, line.detail)).collect()
}
