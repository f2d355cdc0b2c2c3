//! A message that proves a member's number: it is no word of a customer, and nothing of it is kept but that it came.

use numo_domain::{
    conversation::Content,
    id::{NumberKey, OrgId},
    member::OwnNumber,
    proof_code::ProofCode,
};

use crate::{
    delivery::InboundMessage,
    error::AppError,
    ingest_delivery::{IngestPorts, link},
    own_number::hash_of,
    store::{inbound::Inbound, member::Proof},
};

/// Takes a code in; false if the message is none, or proves nothing, and then it is a message as any other.
pub(super) async fn take_proof(
    ports: &IngestPorts,
    org: &OrgId,
    message: &InboundMessage,
    key: &NumberKey,
) -> Result<bool, AppError> {
    let (store, now) = (&ports.store, ports.clock.now());
    let code = message.text.as_deref().and_then(|text| text.parse::<ProofCode>().ok());
    let (Some(code), Some(number), Content::Text) = (code, &message.from, message.content) else { return Ok(false) };
    let hash = hash_of(&code);
    if !store.is_valid_code(org, &hash, now).await? {
        return Ok(false);
    }
    // Before the proof, so that a STOP of the member counts who hides the number from then on.
    for user in [&message.user, &message.becomes].into_iter().flatten() {
        link(ports, org, user, key).await?;
    }
    let own = OwnNumber { number: number.clone(), key: key.clone(), verified_at: now };
    let inbound = Inbound { message: message.message.clone(), at: message.at, intent: "number_verified".to_owned() };
    let activity = ports.number_keys.activity_for(org, &message.message, now);
    let proof = Proof { code_hash: &hash, own: &own, inbound: &inbound, activity };
    Ok(store.prove_number(org, proof, now).await?.is_some())
}
