//! What becomes of messages and answers.

use async_trait::async_trait;
use jiff::SignedDuration;
use numo_app::port::{
    clock::Clock,
    whatsapp::{AccountError, Messaging, SendAction, SendError, SenderAccess, Taken},
};
use numo_domain::{
    conversation::{Answer, Recipient},
    id::{AttemptId, MediaId, MessageId, PhoneNumberId},
    message::Message,
    phone::PhoneNumber,
    reminder::DeliveryStatus,
};

use crate::meta::{SimMeta, TakenAnswer, TakenMessage, statuses::status};

/// What Meta says when too much is sent: by one number, to one recipient, by one account, by our whole app.
const LIMITS: [(u32, SendAction); 4] = [
    (130_429, SendAction::SlowDown { retry_after: None }),
    (131_056, SendAction::WaitForRecipient),
    (80_007, SendAction::Wait { retry_after: None }),
    (4, SendAction::WaitForApp { retry_after: None }),
];

impl SimMeta {
    /// Takes a message, or does not; its answer comes later.
    fn receive(
        &self,
        from: &PhoneNumberId,
        to: &PhoneNumber,
        attempt: AttemptId,
        message: &Message,
    ) -> Result<Taken, SendError> {
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap();
        state.asked.push(now);
        state.posted.push(attempt);
        if let Some((after, error)) = state.told.pop() {
            self.clock.advance(after);
            return Err(error);
        }
        let not_sent = |code, action| Err(SendError::NotSent { code, action });
        if let Some((_, code, action)) = state.account.refused_messages.clone().filter(|(number, ..)| number == from) {
            return not_sent(code, action);
        }
        if state.out_until.is_some_and(|until| now < until) {
            return Err(SendError::Ambiguous("Meta is out".into()));
        }
        if !state.throttle.admits(from, now) {
            return not_sent(130_429, SendAction::SlowDown { retry_after: None });
        }
        let failing = state.failing;
        let fault = if state.seed.happens(failing) { state.seed.next() % 5 } else { 9 };
        match fault {
            0 => {
                let (code, action) = LIMITS[usize::try_from(state.seed.next() % 4).unwrap()];
                return not_sent(code, action);
            }
            1 => return not_sent(131_026, SendAction::SkipRecipient),
            2 => return Err(SendError::Ambiguous("the connection was cut before anything was taken".into())),
            _ => {}
        }
        let id: MessageId = format!("wamid.{attempt}").parse().unwrap();
        let document = state.attached(message, from);
        state.taken.push(TakenMessage {
            from: from.clone(),
            to: to.clone(),
            attempt,
            at: now,
            text: message.text.clone(),
            pay_token: message.pay_token.clone(),
            document,
        });
        if state.holds > 0 {
            state.holds -= 1;
            return Ok(Taken { message: id, held: true });
        }
        if let Some((code, asks_for)) = state.fails_later.take() {
            let failed = (DeliveryStatus::Failed { code }, Some(asks_for));
            state.waiting.push(status((from, to), &id, attempt, failed, now));
            return Ok(Taken { message: id, held: false });
        }
        let steps = match state.seed.next() % 8 {
            0 => vec![DeliveryStatus::Sent, DeliveryStatus::Failed { code: 131_026 }],
            1 => vec![DeliveryStatus::Sent],
            2 => vec![DeliveryStatus::Read],
            _ => vec![DeliveryStatus::Sent, DeliveryStatus::Delivered, DeliveryStatus::Read],
        };
        for step in steps {
            state.waiting.push(status((from, to), &id, attempt, (step, None), now));
        }
        match fault {
            3 | 4 => Err(SendError::Ambiguous("the answer was lost after the message was taken".into())),
            _ => Ok(Taken { message: id, held: false }),
        }
    }

    async fn take_its_time(&self) {
        let Some(timer) = self.timer.lock().unwrap().clone() else { return };
        let answered_at = {
            let mut state = self.state.lock().unwrap();
            let (least, most) = state.latency;
            let milliseconds = least + state.seed.next() % (most - least + 1);
            let took = SignedDuration::from_millis(i64::try_from(milliseconds).unwrap());
            self.clock.now().checked_add(took).unwrap()
        };
        timer.wait_until(answered_at).await;
    }
}

#[async_trait]
impl Messaging for SimMeta {
    async fn send(
        &self,
        sender: &SenderAccess,
        to: &PhoneNumber,
        attempt: AttemptId,
        message: &Message,
    ) -> Result<Taken, SendError> {
        // Other work may run while the call is under way.
        tokio::task::yield_now().await;
        let answer = self.receive(&sender.phone_number_id, to, attempt, message);
        self.take_its_time().await;
        answer
    }

    async fn upload_pdf(&self, sender: &SenderAccess, file: &[u8]) -> Result<MediaId, AccountError> {
        tokio::task::yield_now().await;
        self.take_file(sender, file)
    }

    async fn answer(&self, sender: &SenderAccess, to: &Recipient, answer: &Answer) -> Result<Taken, SendError> {
        let attempt = answer.attempt;
        tokio::task::yield_now().await;
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap();
        if let Some((after, error)) = state.told.pop() {
            self.clock.advance(after);
            return Err(error);
        }
        let failing = state.failing;
        let fault = if state.seed.happens(failing) { state.seed.next() % 3 } else { 9 };
        match fault {
            0 => return Err(SendError::NotSent { code: 131_056, action: SendAction::SkipRecipient }),
            1 => return Err(SendError::Ambiguous("the connection was cut before anything was taken".into())),
            _ => {}
        }
        let id: MessageId = format!("wamid.{attempt}").parse().unwrap();
        let from = sender.phone_number_id.clone();
        let (text, choice) = (answer.text.clone(), answer.choice.clone());
        state.answers.push(TakenAnswer { from, to: to.clone(), attempt, at: now, text, choice });
        if let Recipient::Number(number) = to {
            let told = status((&sender.phone_number_id, number), &id, attempt, (DeliveryStatus::Delivered, None), now);
            state.waiting.push(told);
        }
        if fault == 2 {
            return Err(SendError::Ambiguous("the answer was lost after the message was taken".into()));
        }
        Ok(Taken { message: id, held: false })
    }
}
