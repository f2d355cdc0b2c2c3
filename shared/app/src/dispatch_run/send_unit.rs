//! One message: decided again, claimed, sent once, recorded.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_domain::{
    attempt::{Attempt, Evidence},
    connection::Connection,
    contact::{ContactNumber, Payers},
    fuse::FuseRefusal,
    id::{AttemptId, OrgId, PayToken, PolicyId},
    invoice::Invoice,
    message::{Message, render},
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
    template::{Variant, WhyUnusable},
};

use crate::{
    dispatch_run::{
        DispatchPorts, Planned,
        attachment::{Attaching, Attachment},
    },
    error::AppError,
    meta_trouble::{stop_sender, stop_template},
    port::{
        events::Event,
        whatsapp::{SendAction, SendError, SenderAccess, Taken},
    },
    situation::{Situation, frame},
    store::{
        Stored,
        pay_page::PayTarget,
        plan::CancelEvidence,
        reminder::{
            claim::{LostSend, SendClaim},
            grounds::Asked,
            outcome::SendOutcome,
        },
        task::TaskAbout,
    },
};

/// What is the same for every message of a page.
pub(crate) struct Look<'a> {
    pub org: &'a OrgId,
    pub date: Date,
    /// When the ledger was asked.
    pub read_at: Timestamp,
    /// The ledger's ids of the calls.
    pub request_ids: &'a [String],
    /// Who owes whose invoices.
    pub payers: &'a Payers,
    /// When the invocation ends.
    pub deadline: Timestamp,
    /// The ledger that was asked.
    pub connection: &'a Connection,
    pub sender: &'a (Sender, SenderAccess),
}

impl Look<'_> {
    /// The read of the ledger behind what is not sent.
    pub(crate) fn evidence(&self) -> CancelEvidence {
        CancelEvidence { read_at: self.read_at, request_ids: self.request_ids.to_vec() }
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
    /// Come back at once: too little time, evidence too old, or too many others at it.
    ComeBack,
    /// No further call to Meta from this number in this run.
    StopSender {
        /// When to come back, where Meta says it.
        again: Option<Timestamp>,
    },
}

/// The ledger's word is believed for this long.
const EVIDENCE_AGE: SignedDuration = SignedDuration::from_mins(5);

/// Time that one message may need: the call to Meta and the writes around it.
const UNIT_TIME: SignedDuration = SignedDuration::from_secs(30);

/// How often a unit is decided anew: after each of two steps towards its PDF, and after claims that raced.
const TRIES: usize = 5;

/// When to come back after Meta asked for patience without saying how long.
const MESSAGING_WAIT: SignedDuration = SignedDuration::from_mins(10);

/// Decides anew about one planned unit and sends, if the answer is still yes.
pub(crate) async fn send_unit(
    ports: &DispatchPorts,
    look: &Look<'_>,
    frame: &mut Situation,
    planned: &Planned,
) -> Result<Sent, AppError> {
    let Planned { unit, policy, send: planned_send, asked_by } = planned;
    let mut attachment = Attachment::Untried;
    for _ in 0..TRIES {
        let now = ports.clock.now();
        let is_old = now.duration_since(look.read_at) > EVIDENCE_AGE;
        if is_old || look.deadline.duration_since(now) < UNIT_TIME {
            return Ok(Sent::ComeBack);
        }
        let asked = Asked {
            key: &planned.key(),
            recipient: &planned_send.recipient,
            sender: &look.sender.0.phone_number_id,
            policy,
            rests_on: &planned_send.rests_on,
            billed: &look.payers.billed_to(&BTreeSet::from([unit.contact.clone()])),
        };
        let grounds = ports.waker.store.grounds(look.org, asked).await?;
        let is_ready = grounds.sender.as_ref().is_some_and(|sender| sender.status == SenderStatus::Ready);
        if !is_ready || grounds.organisation.zone.date(ports.clock.now()) != look.date {
            return Ok(Sent::ComeBack);
        }
        frame.narrow(&grounds, planned, look.payers);
        let now = ports.clock.now();
        let is_anchor = |invoice: &Invoice| invoice.id == planned_send.anchor && invoice.is_open();
        let anchor_is_open = frame.ledger.invoices.iter().any(|open| is_anchor(&open.invoice));
        let fresh = match asked_by {
            None => frame.decide_one(unit, now),
            Some(_) => frame.decide_manual(unit, now).map(|asked| asked.decision),
        };
        let send = match recheck(planned_send, fresh, anchor_is_open) {
            // The hours were moved to later in the day.
            Recheck::Send(send) if send.at > now => return Ok(Sent::Later { at: send.at }),
            Recheck::Send(send) => send,
            Recheck::Cancel(reasons) => return Ok(Sent::Not { reasons }),
        };
        let send = match (send.variant.has_pdf(), &attachment) {
            (true, Attachment::Untried | Attachment::Read(_)) => {
                attachment = Box::pin(attach(ports, look, frame, attachment, &send)).await?;
                continue;
            }
            (true, Attachment::Without) => without_pdf(frame, unit, send),
            (true, Attachment::Given(_)) | (false, _) => send,
        };
        let Some(mut draft) = Draft::of(frame, unit, &send) else {
            return Ok(Sent::Not { reasons: vec![Reason::of(SkipCode::NoNumber)] });
        };
        draft.message.pay_token = pay_token(ports, look, unit, &send).await?;
        draft.message.document = match &attachment {
            Attachment::Given(document) if send.variant.has_pdf() => Some(document.clone()),
            Attachment::Given(_) | Attachment::Untried | Attachment::Read(_) | Attachment::Without => None,
        };
        let asked = (draft.reminder(ports, look, planned, &send, now), draft.attempt(look, &send));
        match ports.waker.store.claim_send(look.org, asked, &grounds.basis, draft.caps, now).await? {
            SendClaim::Claimed(reminder) => return deliver(ports, look, frame, &reminder, &draft).await,
            SendClaim::Lost(LostSend::Taken) => return Ok(Sent::Next),
            SendClaim::Lost(LostSend::GivenUp) => {
                return Ok(Sent::Not { reasons: vec![SkipCode::UndeliveredTwice.into()] });
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
    frame: &Situation,
    attachment: Attachment,
    send: &PlannedSend,
) -> Result<Attachment, AppError> {
    let is_listed = |invoice: &&Invoice| send.lines.first().is_some_and(|line| line.invoice == invoice.id);
    let Some(invoice) = frame.ledger.invoices.iter().map(|open| &open.invoice).find(is_listed) else {
        return Ok(Attachment::Without);
    };
    let Look { org, connection, sender, .. } = *look;
    attachment.step(ports, &Attaching { org, connection, invoice, sender }).await
}

/// The message without its PDF, in the best variant that is left.
fn without_pdf(frame: &Situation, unit: &Unit, send: PlannedSend) -> PlannedSend {
    let line = frame.history.channel.line_for(unit.contact.connection);
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
struct Draft {
    to: PhoneNumber,
    message: Message,
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
        let policy = frame.policies.for_contact(contact, || frame.ledger.balances_of(&unit.contact));
        Some(Self {
            to: number.clone(),
            message: render(&frame.organisation, contact, send, send.template()),
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
        }
    }

    fn attempt(&self, look: &Look<'_>, send: &PlannedSend) -> Attempt {
        let (anchor_remaining, anchor_updated_at) = self.evidence;
        let (policy, policy_version) = self.policy.clone();
        Attempt {
            policy,
            policy_version,
            template: self.message.template.reference(),
            text: self.message.text.clone(),
            lines: send.lines.clone(),
            total: send.total,
            evidence: Evidence {
                read_at: look.read_at,
                anchor_remaining,
                anchor_updated_at,
                request_ids: look.request_ids.to_vec(),
            },
        }
    }
}

/// What is filled in does not fit the template that the account has (Cloud API error codes).
///
/// With buttons or a PDF it is the template's own fault, and every further message with it would fail; another text of the
/// purpose stands in.
const MISMATCHES: [u32; 3] = [132_000, 132_012, 132_018];

/// Calls Meta once for a claimed reminder and stores what came of it.
async fn deliver(
    ports: &DispatchPorts,
    look: &Look<'_>,
    frame_now: &mut Situation,
    claimed: &Stored<Reminder>,
    draft: &Draft,
) -> Result<Sent, AppError> {
    let (store, org, reminder) = (&ports.waker.store, look.org, &claimed.value);
    let (sender, access) = look.sender;
    let answer = ports.messaging.send(access, &draft.to, reminder.attempt, &draft.message).await;
    let now = ports.clock.now();
    match answer {
        Ok(Taken { message, held }) => {
            store.record_taken(org, claimed, (&message, held), now).await?;
            ports.events.publish(org, now, Event::ReminderSent { attempt: reminder.attempt }).await;
            Ok(Sent::Next)
        }
        Err(SendError::Ambiguous(error)) => {
            store.record_outcome(org, &reminder.key, reminder.attempt, &SendOutcome::Unknown, now).await?;
            tracing::warn!(attempt = %reminder.attempt, error = %error, "the outcome of a send is unknown");
            store.open_task(org, TaskAbout::OutcomeUnknown(reminder.attempt), now).await?;
            Ok(Sent::Next)
        }
        Err(SendError::NotSent { code, action }) => {
            store.record_outcome(org, &reminder.key, reminder.attempt, &SendOutcome::NotSent { code }, now).await?;
            tracing::info!(attempt = %reminder.attempt, code, ?action, "Meta did not take a message");
            let is_mismatch = draft.message.template.variant != Variant::Plain && MISMATCHES.contains(&code);
            let action = if is_mismatch { SendAction::StopTemplate(WhyUnusable::Missing) } else { action };
            if draft.message.document.is_some() && action == SendAction::FixMessage {
                forget_pdf(ports, look, reminder).await?;
            }
            act(ports, look, frame_now, draft, action, sender).await
        }
    }
}

/// Has the PDF of a refused message given to Meta anew, in case that it was the file.
async fn forget_pdf(ports: &DispatchPorts, look: &Look<'_>, reminder: &Reminder) -> Result<(), AppError> {
    let Some(invoice) = reminder.listed.first() else { return Ok(()) };
    let (phone, which) = (&reminder.sender, (look.connection.id, invoice));
    ports.waker.store.forget_given_pdf(look.org, phone, which).await
}

/// Does what a not-sent code asks for.
async fn act(
    ports: &DispatchPorts,
    look: &Look<'_>,
    frame_now: &mut Situation,
    draft: &Draft,
    action: SendAction,
    sender: &Sender,
) -> Result<Sent, AppError> {
    let (store, now) = (&ports.waker.store, ports.clock.now());
    let whose = (&sender.waba, &sender.phone_number_id);
    match action {
        SendAction::SkipRecipient | SendAction::FixMessage => Ok(Sent::Next),
        SendAction::StopTemplate(why) => {
            let template = draft.message.template.reference();
            stop_template(store, look.org, (&sender.waba, &template), why, now).await?;
            *frame_now = frame(store, look.org, now).await?;
            Ok(Sent::Next)
        }
        SendAction::Wait { retry_after } => {
            let again = now.checked_add(retry_after.unwrap_or(MESSAGING_WAIT)).ok();
            Ok(Sent::StopSender { again })
        }
        SendAction::StopSender => {
            stop_sender(store, look.org, whose, SenderStatus::Blocked, now).await?;
            Ok(Sent::StopSender { again: None })
        }
        SendAction::Reconnect => {
            stop_sender(store, look.org, whose, SenderStatus::ReauthRequired, now).await?;
            Ok(Sent::StopSender { again: None })
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
