//! The decisions of a plan in chunks: those that send before those that do not, and all about a customer in one place.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::{Timestamp, civil::Date};
use numo_domain::{contact::ContactRef, id::OrgId, plan::decision::Decision};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::{
    error::AppError,
    port::table::Key,
    store::{
        Created, Entity, Store, keys, new_item,
        part::{Part, Parted},
        plan::{KEPT, Newcomers, PlanHeader},
    },
};

/// How many chunks the decisions of a making fill.
///
/// A customer's decisions are in the chunk that their id leads to, so that they are found without reading the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunks {
    /// Those about messages that go out come first.
    pub sends: usize,
    /// Those about units that stay silent.
    pub skips: usize,
}

/// Some decisions of a plan, in the order of units.
///
/// They are stored as one text: as lists and maps of the table a hundred of them take several times as long to read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PlanChunk {
    #[serde(serialize_with = "as_text", deserialize_with = "of_text")]
    pub(crate) decisions: Vec<Decision>,
}

fn as_text<S: Serializer>(decisions: &[Decision], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&serde_json::to_string(decisions).map_err(serde::ser::Error::custom)?)
}

fn of_text<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Decision>, D::Error> {
    /// The table's own list is how they were stored before.
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        Text(String),
        List(Vec<Decision>),
    }
    match Stored::deserialize(from)? {
        Stored::Text(text) => serde_json::from_str(&text).map_err(serde::de::Error::custom),
        Stored::List(decisions) => Ok(decisions),
    }
}

impl Entity for PlanChunk {
    const ENTITY: &'static str = "plan_chunk";
}

/// Decisions of a chunk on average, and its size at most: well below the table's largest item of 400 KB.
const CHUNK: usize = 100;
const CHUNK_BYTES: usize = 200_000;

impl Store {
    /// The decisions of a plan, in the order of units.
    pub async fn plan_decisions(&self, org: &OrgId, header: &PlanHeader) -> Result<Vec<Decision>, AppError> {
        self.read_chunks(&header.chunk_keys(org)).await
    }

    /// Those about messages that go out, in the order of units.
    pub async fn planned_sends(&self, org: &OrgId, header: &PlanHeader) -> Result<Vec<Decision>, AppError> {
        let keys = header.chunk_keys(org);
        self.read_chunks(keys.get(..header.chunks.sends).unwrap_or_default()).await
    }

    /// Those about one customer, in the order of currencies.
    pub async fn plan_decisions_about(
        &self,
        org: &OrgId,
        header: &PlanHeader,
        contact: &ContactRef,
    ) -> Result<Vec<Decision>, AppError> {
        let keys = header.chunk_keys(org);
        let (planned, newcomers) = keys.split_at(keys.len() - header.newcomer_chunks());
        let (sends, skips) = planned.split_at(header.chunks.sends);
        let places = [sends, skips, newcomers].map(|keys| place_of(contact, keys.len()).and_then(|at| keys.get(at)));
        let mut decisions = self.read_chunks(&places.into_iter().flatten().cloned().collect::<Vec<_>>()).await?;
        decisions.retain(|decision| decision.unit.contact == *contact);
        Ok(decisions)
    }

    /// Those about units that became known after the plan was approved.
    pub(super) async fn newcomer_decisions(&self, org: &OrgId, header: &PlanHeader) -> Result<Vec<Decision>, AppError> {
        let keys = header.chunk_keys(org);
        self.read_chunks(keys.get(keys.len() - header.newcomer_chunks()..).unwrap_or_default()).await
    }

    /// A part of the decisions, those about messages that go out first; it reads as few chunks as hold it.
    pub async fn plan_part(&self, org: &OrgId, header: &PlanHeader, part: &Part) -> Result<Parted<Decision>, AppError> {
        let (first, mut skipped) = part.after.as_deref().and_then(place).unwrap_or_default();
        let mut values = Vec::new();
        for (chunk, key) in header.chunk_keys(org).iter().enumerate().skip(first) {
            for (index, decision) in
                self.read_chunks(std::slice::from_ref(key)).await?.into_iter().enumerate().skip(skipped)
            {
                if values.len() == part.limit {
                    return Ok(Parted { values, next: Some(format!("{chunk}.{index}")) });
                }
                values.push(decision);
            }
            skipped = 0;
        }
        Ok(Parted { values, next: None })
    }

    /// The decisions of some chunks of one plan, in the order of units.
    async fn read_chunks(&self, keys: &[Key]) -> Result<Vec<Decision>, AppError> {
        let chunks = self.read_many::<PlanChunk>(keys).await?;
        if chunks.len() != keys.len() {
            return Err(AppError::Malformed("plan: a chunk of decisions is missing".to_owned()));
        }
        let mut decisions: Vec<Decision> = chunks.into_iter().flat_map(|(_, chunk)| chunk.value.decisions).collect();
        decisions.sort_by(|one, other| one.unit.cmp(&other.unit));
        Ok(decisions)
    }

    /// Writes decisions under a fresh making, before a header names it.
    pub(super) async fn write_chunks(
        &self,
        org: &OrgId,
        (date, making): (Date, Uuid),
        decisions: &[Decision],
        now: Timestamp,
    ) -> Result<Chunks, AppError> {
        let (sends, skips): (Vec<&Decision>, Vec<_>) = decisions.iter().partition(|decision| decision.send().is_some());
        let (sends, skips) = (in_chunks(&sends)?, in_chunks(&skips)?);
        let chunks = Chunks { sends: sends.len(), skips: skips.len() };
        for (number, chunk) in sends.into_iter().chain(skips).enumerate() {
            let mut item = new_item(keys::plan_chunk(org, date, making, number), &chunk, now)?;
            item.expires_at = now.saturating_add(KEPT).ok();
            if self.create_item(item).await? == Created::AlreadyExists {
                return Err(AppError::Internal("two makings of a plan with one id".to_owned()));
            }
        }
        Ok(chunks)
    }
}

impl PlanHeader {
    /// Where all its decisions are: messages that go out, silent units, and those that became known later.
    fn chunk_keys(&self, org: &OrgId) -> Vec<Key> {
        let Chunks { sends, skips } = self.chunks;
        let planned = (0..sends + skips).map(|number| keys::plan_chunk(org, self.date, self.making, number));
        let newcomers = self.newcomers.iter().flat_map(|Newcomers { making, chunks }| {
            (0..*chunks).map(|number| keys::plan_chunk(org, self.date, *making, number))
        });
        planned.chain(newcomers).collect()
    }

    fn newcomer_chunks(&self) -> usize {
        self.newcomers.as_ref().map_or(0, |newcomers| newcomers.chunks)
    }
}

/// Decisions in as few chunks as hold them, each customer's in the one that their id leads to.
fn in_chunks(decisions: &[&Decision]) -> Result<Vec<PlanChunk>, AppError> {
    let size = |decision: &&Decision| serde_json::to_vec(decision).map(|json| json.len());
    let sizes = decisions.iter().map(size).collect::<Result<Vec<usize>, _>>();
    let sizes = sizes.map_err(|error| AppError::Internal(error.to_string()))?;
    let mut number = decisions.len().div_ceil(CHUNK);
    loop {
        let mut chunks: Vec<PlanChunk> = (0..number).map(|_| PlanChunk { decisions: Vec::new() }).collect();
        let mut bytes = vec![0; number];
        for (decision, size) in decisions.iter().zip(&sizes) {
            let Some(place) = place_of(&decision.unit.contact, number) else { continue };
            if let (Some(chunk), Some(bytes)) = (chunks.get_mut(place), bytes.get_mut(place)) {
                chunk.decisions.push((*decision).clone());
                *bytes += size;
            }
        }
        // What one customer has stays together, however large.
        if number >= decisions.len() || bytes.iter().all(|bytes| *bytes <= CHUNK_BYTES) {
            return Ok(chunks);
        }
        number += number.div_ceil(4);
    }
}

/// The chunk of a customer's decisions among so many; none among none.
fn place_of(contact: &ContactRef, chunks: usize) -> Option<usize> {
    let hash = digest(&SHA256, format!("{}.{}", contact.connection, contact.contact).as_bytes());
    let first: [u8; 4] = hash.as_ref().first_chunk().copied()?;
    usize::try_from(u32::from_be_bytes(first)).ok()?.checked_rem(chunks)
}

/// A chunk and a place in it, as a part told.
fn place(text: &str) -> Option<(usize, usize)> {
    let (chunk, index) = text.split_once('.')?;
    Some((chunk.parse().ok()?, index.parse().ok()?))
}
