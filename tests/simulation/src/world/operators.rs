//! What Numo's operators do meanwhile: they stop everybody, and let everybody go on.

use jiff::{SignedDuration, Timestamp};
use numo_app::{
    operator::{Order, order_everybody},
    port::clock::Clock,
};
use numo_domain::id::OperatorId;

use crate::world::World;

/// Within this a stop holds, whatever is under way.
const HOLDS_WITHIN: SignedDuration = SignedDuration::from_secs(10);

/// When everybody was stopped.
#[derive(Debug, Default)]
pub(super) struct Operators {
    stopped_at: Option<Timestamp>,
    /// Stops that are over.
    stops: Vec<(Timestamp, Timestamp)>,
}

impl Operators {
    /// What was over at a time that is still to come is over now.
    pub(super) fn clock_was_put_back(&mut self, now: Timestamp) {
        for (_, over_at) in &mut self.stops {
            *over_at = (*over_at).min(now);
        }
    }
}

impl World {
    /// Now and then everybody is stopped, for an hour or so.
    pub(super) async fn operators_act(&mut self) {
        let chance = if self.operators.stopped_at.is_some() { 150 } else { 4 };
        if !self.seed.happens(chance) {
            return;
        }
        if self.operators.stopped_at.is_some() {
            self.operators_let_go_on().await;
        } else {
            self.operators_stop().await;
        }
    }

    /// Everybody is stopped.
    pub async fn operators_stop(&mut self) {
        self.operators_order(&Order::Stop { until: None }).await;
        self.operators.stopped_at = Some(self.clock.now());
    }

    /// Everybody goes on, if somebody stopped them.
    pub async fn operators_let_go_on(&mut self) {
        if let Some(stopped_at) = self.operators.stopped_at.take() {
            self.operators_order(&Order::GoOn).await;
            self.operators.stops.push((stopped_at, self.clock.now()));
        }
    }

    async fn operators_order(&self, order: &Order) {
        let by: OperatorId = "ann".parse().unwrap();
        order_everybody(&self.operator_ports(), (&by, "a drill"), order, self.clock.now()).await.unwrap();
    }

    /// A restored table may know of a stop that is over, or of none.
    pub(super) async fn operators_look_at_the_gate(&mut self) {
        let is_stopped = self.store().messaging_gate().await.unwrap().stop.is_some();
        let (now, before) = (self.clock.now(), self.operators.stopped_at.take());
        self.operators.stops.extend(before.map(|since| (since, now)));
        self.operators.stopped_at = is_stopped.then_some(now);
    }

    /// Nothing goes out while everybody is stopped.
    pub(super) fn is_free_to_send(&self, at: Timestamp) {
        let now = self.operators.stopped_at.map(|stopped_at| (stopped_at, Timestamp::MAX));
        for (stopped_at, over_at) in self.operators.stops.iter().copied().chain(now) {
            let holds_at = stopped_at.checked_add(HOLDS_WITHIN).unwrap();
            assert!(at <= holds_at || at >= over_at, "seed {}: sent while everybody was stopped", self.seed_number);
        }
    }
}
