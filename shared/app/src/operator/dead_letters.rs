//! What queues gave up: looked at, sent again, or discarded.
//!
//! A job only wakes a worker, and what is to be done stands in the table: a job whose claim was lost changes nothing, so
//! that one may be sent again at any time, and one that is discarded loses nothing that is still to be done.
//! A delivery of Meta's is the one letter that nothing else knows of.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::Timestamp;
use numo_domain::id::{ActivityId, OperatorId, OrgId, WabaId};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    error::AppError,
    job::Job,
    operator::{OperatorPorts, activity, checked},
    port::dead_letters::{DeadLetter, DeadLetterQueue, DeadLetters},
    store::Store,
};

/// A dead letter as an operator may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// The queue that gave it up.
    pub queue: DeadLetterQueue,
    /// The queue's id of it.
    pub id: String,
    /// When it was put on its queue first.
    pub sent_at: Timestamp,
    /// How often it was handed out, looks of operators included.
    pub received: u32,
    /// What it carries.
    pub carries: Carries,
    /// Whose it is; none where nobody is found.
    pub org: Option<OrgId>,
}

/// What a letter carries, without what people wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carries {
    /// A job.
    Job {
        /// What it wakes a worker for.
        job: Box<Job>,
        /// When the table has the work due again; none where it was done, or ended.
        due_at: Option<Timestamp>,
    },
    /// What Meta told of an account.
    Delivery {
        /// The account.
        waba: WabaId,
        /// How many changes of each field.
        fields: BTreeMap<String, usize>,
    },
    /// A message that this version cannot read, with its type where that is a name.
    Unreadable {
        /// The type.
        kind: Option<String>,
    },
}

impl Carries {
    /// The kind of job, or of delivery.
    pub fn kind(&self) -> &str {
        match self {
            Self::Job { job, .. } => job.work.name(),
            Self::Delivery { .. } => DELIVERY,
            Self::Unreadable { kind } => kind.as_deref().unwrap_or("unreadable"),
        }
    }

    /// Whether nothing else knows what it says.
    pub const fn is_all_there_is(&self) -> bool {
        match self {
            Self::Job { .. } => false,
            Self::Delivery { .. } | Self::Unreadable { .. } => true,
        }
    }
}

/// The one type of the queue of deliveries.
const DELIVERY: &str = "meta_delivery.v1";

/// Which letters are meant: those that fit everything that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Of one queue.
    pub queue: Option<DeadLetterQueue>,
    /// Of one kind.
    pub kind: Option<String>,
    /// Of one organisation.
    pub org: Option<OrgId>,
    /// The one with this id.
    pub id: Option<String>,
}

impl Selection {
    fn fits(&self, looked: &Looked) -> bool {
        self.kind.as_deref().is_none_or(|kind| kind == looked.carries.kind())
            && self.org.as_ref().is_none_or(|org| Some(org) == looked.org.as_ref())
            && self.id.as_deref().is_none_or(|id| id == looked.id)
    }

    fn queues(&self) -> Vec<DeadLetterQueue> {
        self.queue.map_or(DeadLetterQueue::ALL.to_vec(), |queue| vec![queue])
    }
}

/// What becomes of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// They go back to the queue that they came from.
    Redriven,
    /// They are removed.
    Discarded,
}

impl Fate {
    const fn action(self) -> &'static str {
        match self {
            Self::Redriven => "dead_letters.redriven",
            Self::Discarded => "dead_letters.discarded",
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Redriven => "redriven",
            Self::Discarded => "discarded",
        })
    }
}

/// Letters that are looked at in one go, per queue: what is left then is told with the next one.
const MOST: usize = 1_000;

/// Looks at letters and leaves all of them where they are.
pub async fn look(store: &Store, letters: &dyn DeadLetters, which: &Selection) -> Result<Vec<Looked>, AppError> {
    let mut all = Vec::new();
    for queue in which.queues() {
        let taken = take(letters, queue).await?;
        let looked = looked_at(store, queue, &taken).await;
        for letter in &taken {
            letters.give_back(queue, letter).await?;
        }
        all.extend(looked?.into_iter().filter(|looked| which.fits(looked)));
    }
    Ok(all)
}

/// Sends letters again, or discards them; the others stay where they are. What was done to which.
///
/// The log says it first, so that one that dies half way is in it, and is given again: a letter is sent before it is
/// removed, and nothing that comes twice does anything twice.
pub async fn settle(
    (ports, letters): (&OperatorPorts, &dyn DeadLetters),
    (by, reason): (&OperatorId, &str),
    (which, fate): (&Selection, Fate),
    now: Timestamp,
) -> Result<Vec<Looked>, AppError> {
    let reason = checked(reason)?;
    let mut settled = Vec::new();
    for queue in which.queues() {
        let taken = take(letters, queue).await?;
        let mut done = Vec::new();
        let outcome =
            settle_some((ports, letters), (by, reason), (queue, &taken), (which, fate), (&mut done, now)).await;
        // Also after an error: nobody should wait five minutes to see what is left.
        let is_left = |letter: &&DeadLetter| !done.iter().any(|looked: &Looked| looked.id == letter.id);
        let mut given_back = Ok(());
        for letter in taken.iter().filter(is_left) {
            given_back = letters.give_back(queue, letter).await.and(given_back);
        }
        outcome?;
        given_back?;
        settled.extend(done);
    }
    Ok(settled)
}

async fn settle_some(
    (ports, letters): (&OperatorPorts, &dyn DeadLetters),
    signed: (&OperatorId, &str),
    (queue, taken): (DeadLetterQueue, &[DeadLetter]),
    (which, fate): (&Selection, Fate),
    (done, now): (&mut Vec<Looked>, Timestamp),
) -> Result<(), AppError> {
    let looked = looked_at(&ports.store, queue, taken).await?;
    let meant: Vec<Looked> = looked.into_iter().filter(|looked| which.fits(looked)).collect();
    note(ports, signed, (queue, &meant), fate, now).await?;
    for looked in meant {
        let Some(letter) = taken.iter().find(|letter| letter.id == looked.id) else { continue };
        match fate {
            Fate::Redriven => letters.send_again(queue, letter).await?,
            Fate::Discarded => {}
        }
        letters.remove(queue, letter).await?;
        done.push(looked);
    }
    Ok(())
}

/// One line for each organisation in its own log, and one for what is nobody's in that of all organisations.
async fn note(
    ports: &OperatorPorts,
    (by, reason): (&OperatorId, &str),
    (queue, meant): (DeadLetterQueue, &[Looked]),
    fate: Fate,
    now: Timestamp,
) -> Result<(), AppError> {
    let mut counts: BTreeMap<Option<&OrgId>, BTreeMap<&str, usize>> = BTreeMap::new();
    for looked in meant {
        *counts.entry(looked.org.as_ref()).or_default().entry(looked.carries.kind()).or_default() += 1;
    }
    for (org, kinds) in counts {
        let detail = json!({"queue": queue.name(), "kinds": kinds, "reason": reason});
        let (line, id) = (activity(by, fate.action(), detail, now), ActivityId::new(ports.ids.uuid()));
        match org {
            Some(org) => ports.store.record(org, id, &line).await?,
            None => ports.store.record_operation(id, &line).await?,
        }
    }
    Ok(())
}

/// All that are in sight, each once.
async fn take(letters: &dyn DeadLetters, queue: DeadLetterQueue) -> Result<Vec<DeadLetter>, AppError> {
    let mut taken: BTreeMap<String, DeadLetter> = BTreeMap::new();
    while taken.len() < MOST {
        let some = letters.take(queue).await?;
        if some.is_empty() {
            break;
        }
        taken.extend(some.into_iter().map(|letter| (letter.id.clone(), letter)));
    }
    let mut taken: Vec<DeadLetter> = taken.into_values().collect();
    taken.sort_by_key(|letter| letter.sent_at);
    Ok(taken)
}

async fn looked_at(store: &Store, queue: DeadLetterQueue, taken: &[DeadLetter]) -> Result<Vec<Looked>, AppError> {
    let mut all = Vec::new();
    for DeadLetter { id, body, sent_at, received, .. } in taken {
        let carries = carries(store, body).await?;
        let org = match &carries {
            Carries::Job { job, .. } => Some(job.org.clone()),
            Carries::Delivery { waba, .. } => store.owner_of_waba(waba, BTreeSet::new()).await?.map(|owner| owner.org),
            Carries::Unreadable { .. } => None,
        };
        all.push(Looked { queue, id: id.clone(), sent_at: *sent_at, received: *received, carries, org });
    }
    Ok(all)
}

async fn carries(store: &Store, body: &str) -> Result<Carries, AppError> {
    if let Ok(job) = serde_json::from_str::<Job>(body) {
        let due_at = store.due(&job.org, &job.work).await?.map(|due| due.value.at);
        return Ok(Carries::Job { job: Box::new(job), due_at });
    }
    let message: Header = serde_json::from_str(body).unwrap_or_default();
    Ok(match (message.kind.as_deref(), message.waba) {
        (Some(DELIVERY), Some(waba)) => Carries::Delivery { waba, fields: fields(&message.body) },
        _ => Carries::Unreadable { kind: message.kind.filter(|kind| is_name(kind)) },
    })
}

/// What is read of a message that is no job.
#[derive(Debug, Default, Deserialize)]
struct Header {
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    waba: Option<WabaId>,
    #[serde(default)]
    body: Value,
}

/// The fields that changed: names of Meta's, and nothing that stands in them.
fn fields(changes: &Value) -> BTreeMap<String, usize> {
    let mut fields = BTreeMap::new();
    for change in changes.as_array().into_iter().flatten() {
        let field = change.get("field").and_then(Value::as_str).filter(|field| is_name(field)).unwrap_or("other");
        *fields.entry(field.to_owned()).or_default() += 1;
    }
    fields
}

/// Whether a text can be nothing but a name that a program has: anything else is not repeated.
fn is_name(text: &str) -> bool {
    text.len() <= 40
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || b"._0123456789".contains(&byte))
        && text.bytes().any(|byte| byte.is_ascii_lowercase())
}
