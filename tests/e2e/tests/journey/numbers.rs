//! A number that an admin types in the place of the ledger's.

use numo_e2e::wait::{Look, until};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harbour::LONG;
use crate::world::World;

pub(crate) async fn a_number_is_typed_read_and_taken_back(world: &mut World) {
    let owner = world.owner();
    let missing = owner.customers().await.unwrap().into_iter().find(|customer| customer.number == "missing");
    let customer = missing.unwrap();
    let path = format!("/v1/customers/{}/{}/number", customer.connection, customer.contact);
    let before = owner.get(&path).await.unwrap().body;
    // As a spreadsheet leaves it.
    let typed = json!({"number": "9.71509098765E+11"});
    let answer = owner.call(Method::PUT, &path, Some(&typed)).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    until("the number is read", LONG, async || {
        let known: Value = owner.get(&path).await?.json()?;
        let is_read = known["number"] == "usable" && known["number_source"] == "typed";
        Ok(if is_read { Look::Done(()) } else { Look::NotYet(known.to_string()) })
    })
    .await
    .unwrap();
    let answer = owner.call(Method::DELETE, &path, None).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.body), (200, before));
}
