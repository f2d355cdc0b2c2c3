//! One message: decided again and claimed, as the only one of several under way to its recipient.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_domain::{
    attempt::{Attempt, Evidence},
    connection::Connection,
    contact::{ContactNumber, ContactRef},
    fuse::FuseRefusal,
    id::{AttemptId, OrgId, PayToken, PolicyId},
    invoice::Invoice,
    message::{Message, message},
    money::Money,
    phone::PhoneNumber,
    plan::{
        Around, OpenInvoice,
        decision::{PlannedSend, Unit},
        reason::{Reason, SkipCode},
        recheck::{Recheck, recheck},
    },
    policy::Caps,
    reminder::{Reminder, ReminderState, state_change::StateChange},
    sender::{Sender, SenderStatus},
};

use crate::{
    dispatch_run::{
        DispatchPorts, Planned,
        attachment::{Attaching, Attachment},
        brakes::Brakes,
        deliver::deliver,
        fresh_read::FreshRead,
        gate_watch::GateWatch,
    },
    error::AppError,
    messaging_gate::turn_of,
    port::whatsapp::SenderAccess,
    situation::{Situation, frame},
    store::{
        pay_page::PayTarget,
        plan::CancelEvidence,
        reminder::{
            claim::{LostSend, SendClaim},
            grounds::Asked,
        },
    },
};

/// What is the same for every message of a page.
pub(crate) struct Look<'a> {
    pub org: &'a OrgId,
    pub date: Date,
    /// When the invocation ends.
    pub deadline: Timestamp,
    /// The ledger that was asked.
    pub connection: &'a Connection,
    pub sender: (Sender, SenderAccess),
    /// What the ledger said.
    pub fresh: FreshRead,
    /// What holds for every customer; each message has a view of its own.
    pub frame: Situation,
    /// What stops messages that are not claimed yet.
    pub brakes: &'a Brakes,
    /// What stops messages of everybody.
    pub gate: &'a GateWatch,
}

impl Look<'_> {
    /// The read of the ledger behind what is not sent.
    pub(crate) fn evidence(&self) -> CancelEvidence {
        CancelEvidence { read_at: self.fresh.read_at, request_ids: self.fresh.request_ids.clone() }
    }

    /// A frame with what the ledger said of one customer.
    fn view(&self, frame: Situation, customer: &ContactRef) -> Situation {
        let mut view = frame;
        self.fresh.fill(&mut view.ledger, customer);
        view
    }
}

/// What to do after a message.
pub(crate) enum Sent {
    /// It is out, or tried, or somebody else has it; go on with the next.
    Next,
    /// Something speaks against it; go on with the next.
    Not {
        /// What, the most important first.
        reasons: Vec<Reason>,
    },
    /// Go on with the next, and come back for this one.
    Later {
        /// When it may go out.
        at: Timestamp,
    },
    /// It was not claimed, since the number or the whole run was stopped meanwhile.
    Left,
    /// Come back at once: too little time, evidence too old, or too many others at it.
    ComeBack,
    /// Meta did not take it: the number sends faster than it may.
    TooFast {
        /// How long to wait, where Meta says it.
        retry_after: Option<SignedDuration>,
    },
    /// Meta did not take it: too much went from this number to this recipient within seconds.
    PairLimit,
    /// No further call to Meta from this number in this run.
    StopSender {
        /// When to come back, where Meta says it.
        again: Option<Timestamp>,
    },
    /// No further call to Meta at all in this run.
    StopRun {
        /// When to come back.
        again: Timestamp,
    },
}

/// The ledger's word is believed for this long.
const EVIDENCE_AGE: SignedDuration = SignedDuration::from_mins(5);

/// What was looked at longer ago is looked at again before the claim: a table that is slow delays no stop.
const DECISION_AGE: SignedDuration = SignedDuration::from_secs(2);

/// Time that one message may need: the call to Meta and the writes around it.
const UNIT_TIME: SignedDuration = SignedDuration::from_secs(30);

/// How often a unit is decided anew: after each of two steps towards its PDF, and after claims that raced.
const TRIES: usize = 5;

/// When to come back after Meta asked for patience without saying how long.
pub(super) const MESSAGING_WAIT: SignedDuration = SignedDuration::from_mins(10);

/// Decides anew about one planned unit and sends, if the answer is still yes.
pub(crate) async fn send_unit(ports: &DispatchPorts, look: &Look<'_>, planned: &Planned) -> Result<Sent, AppError> {
    let Planned { unit, policy, send: planned_send, asked_by } = planned;
    let (sender, store) = (&look.sender.0, &ports.waker.store);
    let mut view = look.view(look.frame.clone(), &unit.contact);
    let mut attachment = Attachment::Untried;
    for _ in 0..TRIES {
        let now = ports.clock.now();
        let is_old = now.duration_since(look.fresh.read_at) > EVIDENCE_AGE;
        if look.brakes.holds(&sender.phone_number_id) {
            return Ok(Sent::Left);
        }
        if is_old || look.deadline.duration_since(now) < UNIT_TIME {
            return Ok(Sent::ComeBack);
        }
        let looked_at = now;
        if let Some(again) = look.gate.closed_until(store, now).await? {
            look.brakes.stop_all();
            return Ok(Sent::StopRun { again: turn_of(look.org, again) });
        }
        let asked = Asked {
            key: &planned.key(),
            recipient: &planned_send.recipient,
            sender: &sender.phone_number_id,
            policy,
            rests_on: &planned_send.rests_on,
            billed: &look.fresh.payers.billed_to(&BTreeSet::from([unit.contact.clone()])),
        };
        let grounds = store.grounds(look.org, asked).await?;
        let is_ready = grounds.sender.as_ref().is_some_and(|sender| sender.status == SenderStatus::Ready);
        if look.brakes.holds(&sender.phone_number_id) {
            return Ok(Sent::Left);
        }
        // Another worker has it: there is nothing to decide and nothing to take back.
        let is_claimed = |past: &Reminder| past.date == look.date && !past.state.may_be_claimed_again();
        if grounds.reminders.iter().any(|past| past.key == planned.key() && is_claimed(past)) {
            return Ok(Sent::Next);
        }
        if !is_ready || grounds.organisation.zone.date(ports.clock.now()) != look.date {
            return Ok(Sent::ComeBack);
        }
        view.narrow(&grounds, planned, &look.fresh.payers);
        let now = ports.clock.now();
        let is_anchor = |invoice: &Invoice| invoice.id == planned_send.anchor && invoice.is_open();
        let anchor_is_open = view.ledger.invoices.iter().any(|open| is_anchor(&open.invoice));
        let fresh = match asked_by {
            None => view.decide_one(unit, now),
            Some(_) => view.decide_manual(unit, now).map(|asked| asked.decision),
        };
        let send = match recheck(planned_send, fresh, anchor_is_open) {
            // The hours were moved to later in the day.
            Recheck::Send(send) if send.at > now => return Ok(Sent::Later { at: send.at }),
            Recheck::Send(send) => send,
            Recheck::Cancel(reasons) => return Ok(Sent::Not { reasons }),
        };
        let send = match (send.variant.has_pdf(), &attachment) {
            (true, Attachment::Untried | Attachment::Read(_)) => {
                attachment = Box::pin(attach(ports, look, &view, attachment, &send)).await?;
                continue;
            }
            (true, Attachment::Without) => without_pdf(&view, unit, send),
            (true, Attachment::Given(_)) | (false, _) => send,
        };
        let Some(mut draft) = Draft::of(&view, unit, &send) else {
            return Ok(Sent::Not { reasons: vec![Reason::of(SkipCode::NoNumber)] });
        };
        draft.message.pay_token = pay_token(ports, look, unit, &send).await?;
        draft.message.document = match &attachment {
            Attachment::Given(document) if send.variant.has_pdf() => Some(document.clone()),
            Attachment::Given(_) | Attachment::Untried | Attachment::Read(_) | Attachment::Without => None,
        };
        if look.brakes.holds_text(&sender.waba, &draft.message.template) {
            // Found unusable by another message; the table knows by now, or will in a moment.
            view = look.view(frame(store, look.org, now).await?, &unit.contact);
            continue;
        }
        let asked = (draft.reminder(ports, look, planned, &send, now), draft.attempt(look, &send));
        // Nothing but the claim itself stands between here and the call.
        if ports.clock.now().duration_since(looked_at) > DECISION_AGE {
            continue;
        }
        if look.brakes.holds(&sender.phone_number_id) {
            return Ok(Sent::Left);
        }
        match store.claim_send(look.org, asked, &grounds.basis, draft.caps, now).await? {
            SendClaim::Claimed(reminder) => return deliver(ports, look, &reminder, &draft).await,
            SendClaim::Lost(LostSend::Taken) => return Ok(Sent::Next),
            SendClaim::Lost(LostSend::GivenUp) => {
                return Ok(Sent::Not { reasons: vec![SkipCode::UndeliveredTwice.into()] });
            }
            SendClaim::Lost(LostSend::TriedTooOften) => {
                return Ok(Sent::Not { reasons: vec![SkipCode::SenderBlocked.into()] });
            }
            SendClaim::Lost(LostSend::OptedOut) => {
                return Ok(Sent::Not { reasons: vec![SkipCode::OptedOut.into()] });
            }
            SendClaim::Lost(LostSend::Fuse(refusal)) => return Ok(Sent::Not { reasons: vec![blown(refusal)] }),
            SendClaim::Lost(LostSend::Raced) => {}
        }
    }
    Ok(Sent::ComeBack)
}

/// Goes a step towards the PDF of the one invoice that a message lists.
async fn attach(
    ports: &DispatchPorts,
    look: &Look<'_>,
    view: &Situation,
    attachment: Attachment,
    send: &PlannedSend,
) -> Result<Attachment, AppError> {
    let is_listed = |invoice: &&Invoice| send.lines.first().is_some_and(|line| line.invoice == invoice.id);
    let Some(invoice) = view.ledger.invoices.iter().map(|open| &open.invoice).find(is_listed) else {
        return Ok(Attachment::Without);
    };
    let Look { org, connection, sender, .. } = look;
    attachment.step(ports, &Attaching { org, connection, invoice, sender }).await
}

/// The message without its PDF, in the best variant that is left.
fn without_pdf(view: &Situation, unit: &Unit, send: PlannedSend) -> PlannedSend {
    let line = view.history.channel.line_for(unit.contact.connection);
    let around = Around { pdf: false, pay_button: send.variant.has_pay_button() };
    PlannedSend { variant: line.variant(send.purpose(), send.language, around), ..send }
}

/// What the pay button of a message opens, noted before the message goes out.
async fn pay_token(
    ports: &DispatchPorts,
    look: &Look<'_>,
    unit: &Unit,
    send: &PlannedSend,
) -> Result<Option<PayToken>, AppError> {
    let (org, connection) = (look.org.clone(), unit.contact.connection);
    let Some(line) = send.lines.first().filter(|_| send.variant.has_pay_button()) else {
        return Ok(None);
    };
    let token = ports.number_keys.pay_token(&org, connection, &line.invoice)?;
    let target = PayTarget { org, connection, invoice: line.invoice.clone() };
    ports.waker.store.keep_pay_target(&token, &target, ports.clock.now()).await?;
    Ok(Some(token))
}

/// A message with whom it goes to.
pub(super) struct Draft {
    pub(super) to: PhoneNumber,
    pub(super) message: Message,
    caps: Caps,
    policy: (PolicyId, u32),
    evidence: (Money, Option<Timestamp>),
}

impl Draft {
    fn of(frame: &Situation, unit: &Unit, send: &PlannedSend) -> Option<Self> {
        let contact = frame.ledger.contacts.get(&unit.contact)?;
        let ContactNumber::Usable { number, .. } = &contact.number else { return None };
        // The anchor of thanks is paid, and its ledger lists it no more.
        let open = frame.ledger.invoices.iter().find(|open| open.invoice.id == send.anchor);
        let evidence = open.map_or((Money::zero(unit.currency), None), |OpenInvoice { invoice, .. }| {
            (invoice.remaining, Some(invoice.updated_at))
        });
        let chosen = frame.history.files.get(&unit.contact).and_then(|file| file.policy.as_ref());
        let policy = frame.policies.for_contact(contact, chosen, || frame.ledger.balances_of(&unit.contact));
        Some(Self {
            to: number.clone(),
            message: message(&frame.organisation, contact, send),
            caps: policy.caps,
            policy: (policy.id.clone(), policy.version),
            evidence,
        })
    }

    fn reminder(
        &self,
        ports: &DispatchPorts,
        look: &Look<'_>,
        Planned { unit, asked_by, .. }: &Planned,
        send: &PlannedSend,
        now: Timestamp,
    ) -> Reminder {
        let state = ReminderState::Sending;
        Reminder {
            key: send.reminder_key(unit),
            date: look.date,
            attempt: AttemptId::new(ports.waker.ids.uuid()),
            attempt_number: 1,
            claimed_at: now,
            state: state.clone(),
            history: vec![StateChange { state, at: now }],
            message: None,
            recipient: send.recipient.clone(),
            sender: look.sender.0.phone_number_id.clone(),
            tone: send.tone,
            counted_from: send.counted_from,
            listed: send.lines.iter().map(|line| line.invoice.clone()).collect(),
            asked_by: asked_by.clone(),
            cost: send.charge.map(|charge| charge.cost),
            report: numo_domain::delivery_report::DeliveryReport::default(),
            earlier: BTreeMap::new(),
            expired_before: 0,
        }
    }

    fn attempt(&self, look: &Look<'_>, send: &PlannedSend) -> Attempt {
        let (anchor_remaining, anchor_updated_at) = self.evidence;
        let (policy, policy_version) = self.policy.clone();
        Attempt {
            policy,
            policy_version,
            template: self.message.template.clone(),
            text: self.message.text.clone(),
            lines: send.lines.clone(),
            total: send.total,
            evidence: Evidence {
                read_at: look.fresh.read_at,
                anchor_remaining,
                anchor_updated_at,
                request_ids: look.fresh.request_ids.clone(),
            },
        }
    }
}

fn blown(refusal: FuseRefusal) -> Reason {
    match refusal {
        FuseRefusal::Daily => Reason::of(SkipCode::NumberDailyCap),
        FuseRefusal::Gap { until } => Reason::until(SkipCode::Gap, Some(until)),
        FuseRefusal::SevenDays { until } => Reason::until(SkipCode::SevenDayCap, Some(until)),
    }
}
