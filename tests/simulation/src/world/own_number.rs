//! Owners who prove a number of their own and test on themselves.

use numo_app::{
    delivery::{Delivery, InboundMessage, Update},
    error::AppError,
    own_number::give_code,
    port::clock::Clock,
    test_on_yourself::{WantedTest, test_on_yourself},
};
use numo_domain::{
    conversation::Content,
    id::{AttemptId, TestMessageId},
    language::Language,
    phone::PhoneNumber,
    template::Purpose,
    test_message::TestState,
};

use crate::{
    meta::{TakenMessage, user_of, waba_of},
    world::World,
};

impl World {
    /// The admin of a business writes to it from the number of their own.
    pub fn admin_writes(&mut self, n: usize, text: &str) {
        let business = &self.businesses[n];
        let number = business.admin_number.parse::<PhoneNumber>().unwrap();
        self.inbound_count += 1;
        let message = InboundMessage {
            edits: None,
            row: None,
            phone_number_id: business.phone.clone(),
            message: format!("wamid.admin.{}", self.inbound_count).parse().unwrap(),
            user: Some(user_of(&number)),
            from: Some(number),
            becomes: None,
            answers: None,
            content: Content::Text,
            text: Some(text.to_owned()),
            at: self.clock.now(),
        };
        let waba = waba_of(&business.phone);
        self.meta.put_back(Delivery { waba, updates: vec![Update::Inbound(message)], skipped: Vec::new() });
    }

    /// The admin of a business proves a number, or has a text sent to it, if that is allowed.
    pub(super) async fn somebody_tests(&mut self, n: usize) {
        let (business, now) = (self.businesses[n].clone(), self.clock.now());
        let member = self.store().member(&business.org, &business.admin).await.unwrap();
        let done = if member.number.is_none() {
            let given = give_code(&self.waker, &business.org, &business.admin, now).await;
            given.map(|given| self.admin_writes(n, &given.code.to_string()))
        } else {
            let place = usize::try_from(self.seed.next() % 7).unwrap();
            let id = TestMessageId::new(self.waker.ids.uuid());
            let wanted = WantedTest { id, purpose: Purpose::ALL[place], language: Language::English };
            let asked = test_on_yourself(&self.waker, &business.org, &business.admin, wanted, now).await;
            asked.map(|()| self.businesses[n].tests.push(id))
        };
        let is_refused = matches!(done, Err(AppError::Conflict(_) | AppError::NotNow { .. }));
        assert!(done.is_ok() || is_refused, "seed {}: {done:?}", self.seed_number);
    }

    /// Whether an attempt is one of something that was asked for as a test.
    pub(super) async fn is_test(&self, attempt: AttemptId) -> bool {
        for business in &self.businesses {
            let test = self.store().test_of_attempt(&business.org, attempt).await.unwrap();
            if test.is_some_and(|test| test.value.attempt == attempt) {
                return true;
            }
        }
        false
    }

    /// A test goes to who asked for it, once, and not after a pause or a STOP.
    pub(super) fn a_test_is_allowed(&self, message: &TakenMessage) {
        let seed = self.seed_number;
        let business = self.businesses.iter().find(|business| business.phone == message.from).unwrap();
        assert_eq!(message.to.as_e164(), business.admin_number, "seed {seed}: a test to somebody else");
        assert!(!business.paused, "seed {seed}: a test while everything is paused");
        let stopped = business.stopped.get(message.to.as_e164());
        assert!(stopped.is_none_or(|at| *at >= message.at), "seed {seed}: a test after STOP was stored");
        let taken = self.meta.taken();
        let times = taken.iter().filter(|taken| taken.attempt == message.attempt).count();
        assert_eq!(times, 1, "seed {seed}: a test went out twice");
    }

    /// At rest no test waits, and none is under way.
    pub(super) async fn every_test_has_an_outcome(&self) {
        for business in &self.businesses {
            for id in &business.tests {
                let state = self.store().test_message(&business.org, *id).await.unwrap().unwrap().value.state;
                let is_open = state == TestState::Waiting || state.name() == "sending";
                assert!(!is_open, "seed {}: a test is {}", self.seed_number, state.name());
            }
        }
    }
}
