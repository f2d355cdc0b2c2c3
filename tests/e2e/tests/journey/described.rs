//! The API answers whatever is sent to it as its own document says.

use serde_json::json;

use crate::world::World;

/// What schemathesis makes of the document, right and wrong; it changes what it can.
pub(crate) async fn whatever_is_sent_to_the_api_is_answered_as_it_is_described(world: &mut World) {
    let mut tokens = Vec::new();
    for admin in [world.owner(), world.joiner(), world.gulf(), world.ledger_owner()] {
        // Longer than the run, which cannot ask for another one.
        tokens.push(admin.spoiled_token(&json!({"exp_in_s": 1800})).await.unwrap());
    }
    world.stack.compare_with_description(&tokens.join(",")).await.unwrap();
}
