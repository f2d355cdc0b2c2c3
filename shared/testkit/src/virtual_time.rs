//! Time that passes only while everybody waits for it.

use std::{
    collections::BTreeMap,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use async_trait::async_trait;
use jiff::Timestamp;
use numo_app::port::clock::{Clock, Timer};

use crate::{fixed_clock::FixedClock, lock::lock};

/// Moves a clock from one awaited instant to the next, as soon as nothing else is left to do.
pub struct VirtualTime {
    clock: Arc<FixedClock>,
    waits: Mutex<Waits>,
}

/// Who waits for which instant; those of one instant in the order of their coming.
#[derive(Default)]
struct Waits {
    n_begun: u64,
    wakers: BTreeMap<(Timestamp, u64), Waker>,
}

impl std::fmt::Debug for VirtualTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VirtualTime")
    }
}

/// Turns of the runtime without anything to do, after which nothing but time is waited for: whoever yields is woken
/// within one.
const QUIET_TURNS: u32 = 2;

impl VirtualTime {
    /// The time of a clock.
    pub fn of(clock: Arc<FixedClock>) -> Self {
        Self { clock, waits: Mutex::default() }
    }

    /// Works on something until it is done, and lets time pass for it.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let call = Arc::new(Call { has_come: AtomicBool::new(true), outer: Mutex::new(None) });
        let waker = Waker::from(call.clone());
        let mut n_quiet = 0;
        poll_fn(move |cx| {
            *lock(&call.outer) = Some(cx.waker().clone());
            if call.has_come.swap(false, Ordering::SeqCst) {
                n_quiet = 0;
                if let Poll::Ready(value) = work.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return Poll::Ready(value);
                }
            } else {
                n_quiet += 1;
                if n_quiet >= QUIET_TURNS && !self.move_on() {
                    // Something outside is waited for, and wakes.
                    return Poll::Pending;
                }
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await
    }

    /// Moves to the earliest instant that is waited for; false if none is.
    fn move_on(&self) -> bool {
        let mut waits = lock(&self.waits);
        let Some(((instant, _), _)) = waits.wakers.first_key_value() else { return false };
        self.clock.reach(*instant);
        let now = self.clock.now();
        while let Some(entry) = waits.wakers.first_entry().filter(|entry| entry.key().0 <= now) {
            entry.remove().wake();
        }
        true
    }
}

#[async_trait]
impl Timer for VirtualTime {
    async fn wait_until(&self, instant: Timestamp) {
        let id = {
            let mut waits = lock(&self.waits);
            waits.n_begun += 1;
            waits.n_begun
        };
        Wait { time: self, place: (instant, id) }.await;
    }
}

/// One wait; whoever gives it up is not waited for.
struct Wait<'a> {
    time: &'a VirtualTime,
    place: (Timestamp, u64),
}

impl Future for Wait<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.time.clock.now() >= self.place.0 {
            return Poll::Ready(());
        }
        lock(&self.time.waits).wakers.insert(self.place, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        lock(&self.time.waits).wakers.remove(&self.place);
    }
}

/// Whether the work was woken since it was last looked at.
struct Call {
    has_come: AtomicBool,
    outer: Mutex<Option<Waker>>,
}

impl Wake for Call {
    fn wake(self: Arc<Self>) {
        self.has_come.store(true, Ordering::SeqCst);
        if let Some(outer) = lock(&self.outer).as_ref() {
            outer.wake_by_ref();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::{join, select};
    use jiff::SignedDuration;

    use super::*;

    fn start() -> Timestamp {
        "2026-11-23T06:00:00Z".parse().unwrap()
    }

    fn after(milliseconds: i64) -> Timestamp {
        start().checked_add(SignedDuration::from_millis(milliseconds)).unwrap()
    }

    #[tokio::test]
    async fn those_who_wait_side_by_side_wait_for_the_longest_of_them_and_not_for_the_sum() {
        let clock = Arc::new(FixedClock::at(start()));
        let time = VirtualTime::of(clock.clone());
        let ends = |milliseconds: i64| {
            let (time, clock) = (&time, &clock);
            async move {
                for part in 1..=4_i64 {
                    // Somebody who yields is not waiting for time.
                    tokio::task::yield_now().await;
                    time.wait_until(after(milliseconds * part / 4)).await;
                }
                clock.now()
            }
        };
        assert_eq!(time.run(join(ends(400), ends(1_000))).await, (after(400), after(1_000)));
    }

    #[tokio::test]
    async fn a_wait_that_was_given_up_does_not_move_the_clock() {
        let clock = Arc::new(FixedClock::at(start()));
        let time = VirtualTime::of(clock.clone());
        time.run(select(time.wait_until(after(5)), time.wait_until(after(60_000)))).await;
        assert_eq!(clock.now(), after(5));
        time.run(time.wait_until(after(8))).await;
        assert_eq!(clock.now(), after(8));
        time.run(time.wait_until(after(7))).await;
        assert_eq!(clock.now(), after(8));
    }
}
