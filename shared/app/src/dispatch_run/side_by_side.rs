//! The messages for one ledger, several at a time: each number at its pace, each recipient by itself.
//!
//! While a page is sent the next one is got ready. What is under way is always worked to its end, also when
//! something else fails: a call to Meta that was made is recorded.

mod outcome;

use std::{slice::Chunks, sync::Arc};

use futures_util::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use jiff::Timestamp;
use numo_domain::connection::Connection;

use crate::{
    dispatch_run::{
        Day, End, Planned, Run,
        line::{self, Line},
        page::{Found, Prepared, prepare},
        send_unit::{Look, Sent, send_unit},
        step::Step,
    },
    error::AppError,
    port::ledger::check::CheckLimits,
};

/// Messages under way at the same time, at most; a slower number has no more than it sends in a second.
///
/// At 80 a second each of them may take a second, with all reads, writes and the call to Meta.
const AT_ONCE: usize = 80;

/// The next page is got ready while no more than this many wait: two seconds of an ordinary number.
const AHEAD: usize = 160;

/// Sends what is planned for one ledger; an end when the whole run has to stop.
pub(super) async fn send_side_by_side(
    run: &mut Run<'_>,
    connection: &Connection,
    step: &Step<'_>,
) -> Result<Option<End>, AppError> {
    let limits = run.day.ports.checks.of(connection.provider).limits();
    let size = step.size.unwrap_or(usize::MAX);
    // Pages of one size, so that a step has few more than its messages.
    let page = size.div_ceil(size.div_ceil(limits.contacts.max(1)));
    let all = SideBySide {
        day: run.day,
        connection,
        limits,
        pages: step.planned.chunks(page),
        has_pages: true,
        left: size,
        is_preparing: false,
        line: Line::new(),
        alarm: None,
        under_way: FuturesUnordered::new(),
        is_over: false,
        end: Ok(None),
        run,
    };
    all.send().await
}

/// A message with what its page rests on.
struct Message<'a> {
    planned: &'a Planned,
    look: Arc<Look<'a>>,
    /// How often Meta refused it for being too fast.
    n_refused: u32,
    /// When its present try began.
    begun: Timestamp,
}

type Turn<'a> = line::Turn<'a, Message<'a>>;

/// Something that was under way is done.
enum Event<'a> {
    /// A page is ready.
    Page(Box<Prepared<'a>>),
    /// A message has its outcome.
    Message(Turn<'a>, Result<Sent, AppError>),
    /// It is time to look who may begin.
    Alarm(Timestamp),
}

struct SideBySide<'r, 'd, 'a> {
    run: &'r mut Run<'d>,
    day: &'a Day<'a>,
    connection: &'a Connection,
    limits: CheckLimits,
    pages: Chunks<'a, &'a Planned>,
    has_pages: bool,
    /// How many messages may still join the line.
    left: usize,
    is_preparing: bool,
    line: Line<'a, Message<'a>>,
    alarm: Option<Timestamp>,
    under_way: FuturesUnordered<BoxFuture<'a, Event<'a>>>,
    /// Nothing more begins.
    is_over: bool,
    end: Result<Option<End>, AppError>,
}

impl<'a> SideBySide<'_, '_, 'a> {
    async fn send(mut self) -> Result<Option<End>, AppError> {
        loop {
            if !self.is_over {
                self.get_ready();
                self.begin_what_may();
            }
            let has_more = !self.is_over && (self.has_pages || self.line.n_waiting() > 0);
            if self.line.n_under_way() == 0 && !self.is_preparing && !has_more {
                return self.end;
            }
            match self.under_way.next().await {
                Some(Event::Page(prepared)) => self.take_page(*prepared),
                Some(Event::Message(turn, sent)) => self.take_outcome(turn, sent),
                Some(Event::Alarm(at)) => self.alarm = self.alarm.filter(|alarm| *alarm != at),
                None => return self.end,
            }
        }
    }

    /// Begins to get the next page ready, if it is time for it.
    fn get_ready(&mut self) {
        if !self.has_pages || self.is_preparing || self.line.n_waiting() > AHEAD {
            return;
        }
        let Some(page) = self.pages.next().filter(|_| self.left > 0) else {
            self.has_pages = false;
            return;
        };
        let calls = self.run.calls.entry(self.connection.id).or_default();
        if let Some(free_at) = calls.free_at(self.limits.calls_per_minute, self.day.ports.clock.now()) {
            self.has_pages = false;
            self.run.come_back(Some(free_at));
            return;
        }
        let (day, connection, claim) = (self.day, self.connection, self.run.claim);
        let ready = async move { Event::Page(Box::new(prepare(day, connection, claim, page).await)) };
        self.is_preparing = true;
        self.under_way.push(Box::pin(ready));
    }

    fn take_page(&mut self, Prepared { claim, n_calls, found }: Prepared<'a>) {
        self.is_preparing = false;
        self.run.claim = claim;
        let now = self.day.ports.clock.now();
        if let Some(n_calls) = n_calls {
            self.run.calls.entry(self.connection.id).or_default().spend(now, n_calls);
        }
        match found {
            Ok(Found::Page(look, messages)) => {
                let look: Arc<Look<'_>> = Arc::from(look);
                self.left = self.left.saturating_sub(messages.len());
                for planned in messages {
                    let message = Message { planned, look: look.clone(), n_refused: 0, begun: now };
                    self.line.join(&planned.send.recipient, message);
                }
            }
            Ok(Found::Nothing) => {}
            Ok(Found::NoNumber) => {
                self.has_pages = false;
                self.run.ask_again_later();
            }
            // What is ready is sent all the same.
            Ok(Found::Ends(end @ End::More)) => {
                self.has_pages = false;
                self.note_end(Ok(Some(end)));
            }
            Ok(Found::Ends(end)) => self.stop(Ok(Some(end))),
            Err(error) if is_the_ledgers(&error) => {
                self.has_pages = false;
                self.note_end(Err(error));
            }
            Err(error) => self.stop(Err(error)),
        }
    }

    /// Begins every message whose turn it is, and looks again when the next one's turn comes.
    fn begin_what_may(&mut self) {
        let now = self.day.ports.clock.now();
        loop {
            let (paces, n_under_way) = (&mut self.run.paces, self.line.n_under_way());
            let pace = |message: &Message<'_>| {
                let pace = paces.of(&message.look.sender.0, now);
                (n_under_way < pace.per_second().min(AT_ONCE)).then(|| pace.next(now))
            };
            let Some((place, at)) = self.line.next(now, pace) else { return };
            if at > now {
                self.look_again(at);
                return;
            }
            let Some(turn) = self.line.begin(place) else { return };
            self.begin(turn, now);
        }
    }

    fn look_again(&mut self, at: Timestamp) {
        if self.alarm.is_some_and(|alarm| alarm <= at) {
            return;
        }
        self.alarm = Some(at);
        let timer = &self.day.ports.timer;
        self.under_way.push(Box::pin(async move {
            timer.wait_until(at).await;
            Event::Alarm(at)
        }));
    }

    fn begin(&mut self, mut turn: Turn<'a>, now: Timestamp) {
        turn.message.begun = now;
        self.run.paces.of(&turn.message.look.sender.0, now).begin(now);
        let day = self.day;
        self.under_way.push(Box::pin(async move {
            let sent = send(day, &turn.message.look, turn.message.planned).await;
            Event::Message(turn, sent)
        }));
    }
}

/// Sends one message, or takes it back with the reasons.
async fn send(day: &Day<'_>, look: &Look<'_>, planned: &Planned) -> Result<Sent, AppError> {
    let sent = match send_unit(day.ports, look, planned).await {
        Ok(Sent::Not { reasons }) => day.cancel(planned, reasons, Some(look.evidence())).await.map(|()| Sent::Next),
        sent => sent,
    };
    if sent.as_ref().is_err_and(|error| !is_the_ledgers(error)) {
        day.brakes.stop_all();
    }
    sent
}

/// Whether a failure holds up the customers of this ledger alone.
pub(super) const fn is_the_ledgers(error: &AppError) -> bool {
    matches!(error, AppError::RateLimited { .. } | AppError::Unavailable(_) | AppError::Rejected(_))
}
