//! A copy of the table as it was before messages went out, people said STOP, and a customer and an organisation were erased.

use jiff::Timestamp;
use numo_e2e::journey::{HARBOUR_LEDGER, HARBOUR_SENDER, SOON};
use numo_e2e::wait::{Look, until};
use reqwest::Method;
use serde_json::{Value, json};

use crate::operators::{lines_of_ann, ops, orders};
use crate::world::World;

const COPY: &str = "numo-local-copy";

/// The emulator restores to the present moment alone; what the drill has to make up for comes afterwards.
#[expect(clippy::disallowed_methods, reason = "the deployed product goes by the real clock")]
pub(crate) async fn a_copy_of_the_table_is_restored_beside_it(world: &mut World) {
    world.table.restore(COPY).await;
    world.restored_to = Some(Timestamp::now());
}

pub(crate) async fn a_drill_with_the_copy_brings_nobody_back_and_sends_nothing_twice(world: &mut World) {
    someone_says_stop(world).await;
    let (owner, gulf) = (world.owner(), world.gulf());
    let customer = owner.customers().await.unwrap().remove(0);
    let path = format!("/v1/customers/{}/{}/erasure", customer.connection, customer.contact);
    owner.post(&path, &json!({"confirm": customer.contact})).await.unwrap().succeeded().unwrap();
    gulf.post("/v1/organisation/erasure", &json!({"confirm": "org_gulf"})).await.unwrap().succeeded().unwrap();

    let restored_to = world.restored_to.unwrap().to_string();
    let told = orders(world, &["restore-drill", "--copy", COPY, "--restored-to", &restored_to]).await;
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines.contains(&"organisations that end: 1, of which the copy lacks 0"), "{told}");
    assert!(lines.contains(&"customers who were erased: 1, of which the copy lacks 0"), "{told}");
    assert_eq!(told.matches(", of which the copy lacks 0").count(), 3, "{told}");
    assert!(!told.contains("opted out: 0,"), "{told}");
    let counts = lines.iter().find_map(|line| line.strip_prefix("messages since: ")).unwrap();
    let counts: Vec<u64> = counts.split(|c: char| !c.is_ascii_digit()).filter_map(|text| text.parse().ok()).collect();
    assert!(matches!(counts[..], [lost, again_without, 0] if lost > 0 && again_without > 0), "{told}");
    assert!(lines.contains(&"after the take-over: 0 messages on its day, 0 to somebody who opted out or was erased"));
    assert_eq!(lines.last(), Some(&"A restore would do no harm."), "{told}");

    assert_eq!(ops(world, &["show"], "").await.unwrap(), "Nobody is stopped as a whole.\n");
    assert_eq!(lines_of_ann(world, "AUDIT##", "table.").await, []);
    let withdrawn = gulf.call(Method::DELETE, "/v1/organisation/erasure", None).await.unwrap();
    withdrawn.succeeded().unwrap();
}

/// A customer of Harbour Lane Trading who was reminded today wants to hear nothing more.
async fn someone_says_stop(world: &World) {
    let consents = async || world.table.of_org::<Value>("org_harbour", "CONSENT#").await.len();
    let before = consents().await;
    let mobiles = world.simulator.mobiles(HARBOUR_LEDGER).await.unwrap();
    let day = world.harbour.day.as_ref().unwrap();
    let reminded = day.reminders.iter().rev().find_map(|reminder| mobiles.get(&reminder.unit.contact)).unwrap();
    world.simulator.write(HARBOUR_SENDER.phone_number_id, reminded, "STOP").await.unwrap();
    until("a further STOP", SOON, async || {
        let now = consents().await;
        Ok(if now > before { Look::Done(()) } else { Look::NotYet(format!("{now} consents")) })
    })
    .await
    .unwrap();
}
