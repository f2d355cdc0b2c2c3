//! Sending, with a count of what Meta said.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use numo_app::port::whatsapp::{AccountError, Messaging, SendError, SenderAccess, Taken};
use numo_domain::{
    conversation::{Answer, Recipient},
    id::{AttemptId, MediaId},
    message::Message,
    phone::PhoneNumber,
};
use numo_runtime::metric;

/// Counts the outcomes of another way of sending.
pub struct Counted(pub Arc<dyn Messaging>);

impl fmt::Debug for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Counted")
    }
}

#[async_trait]
impl Messaging for Counted {
    async fn send(
        &self,
        sender: &SenderAccess,
        to: &PhoneNumber,
        attempt: AttemptId,
        message: &Message,
    ) -> Result<Taken, SendError> {
        let outcome = self.0.send(sender, to, attempt, message).await;
        metric::reminders(name_of(&outcome), 1);
        outcome
    }

    async fn upload_pdf(&self, sender: &SenderAccess, file: &[u8]) -> Result<MediaId, AccountError> {
        self.0.upload_pdf(sender, file).await
    }

    async fn answer(&self, sender: &SenderAccess, to: &Recipient, answer: &Answer) -> Result<Taken, SendError> {
        self.0.answer(sender, to, answer).await
    }
}

const fn name_of(outcome: &Result<Taken, SendError>) -> &'static str {
    match outcome {
        Ok(Taken { held: false, .. }) => "accepted",
        Ok(Taken { held: true, .. }) => "held",
        Err(SendError::NotSent { .. }) => "not_sent",
        Err(SendError::Ambiguous(_)) => "ambiguous",
    }
}

#[cfg(test)]
mod tests {
    use numo_app::port::whatsapp::SendAction;

    use super::*;

    #[test]
    fn every_outcome_has_its_name() {
        let taken = |held| Taken { message: "wamid.1".parse().unwrap(), held };
        let not_sent = SendError::NotSent { code: 131_026, action: SendAction::SkipRecipient };
        let outcomes = [Ok(taken(false)), Ok(taken(true)), Err(not_sent), Err(SendError::Ambiguous("lost".into()))];
        assert_eq!(outcomes.each_ref().map(name_of), ["accepted", "held", "not_sent", "ambiguous"]);
    }
}
