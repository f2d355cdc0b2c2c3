//! Cold starts: from the start of a function's process to its first answer, between a Runtime API, AWS and providers
//! that answer at once. An empty function is started in turns with them, so that the machine weighs alike on all.

mod events;
mod stub;
mod warm;

use std::{path::Path, process::Stdio, time::Duration};

use serde_json::Value;
use tokio::{
    process::{Child, Command},
    sync::oneshot,
    time::timeout,
};

use self::{
    events::{Expected, Start},
    stub::{Seen, Stub},
};
use crate::{Failure, row::Row};

/// Starts of each function; the median of them counts.
const STARTS: usize = 50;

/// What is started besides, and does nothing.
const EMPTY: &str = "numo-empty";

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The function that its caller waits for with the least patience, and how many times as long as an empty one it takes.
const WEBHOOK: (&str, u64) = ("meta-webhook", 3);

/// How many times as long as an empty function any other takes.
const OTHERS: u64 = 8;

/// Longest median of an empty function, in microseconds; on a machine that takes longer nothing can be measured.
const EMPTY_US: u64 = 20_000;

pub(crate) async fn measure(binaries: &Path) -> Result<Vec<Row>, Failure> {
    let stub = Stub::start().await?;
    let mut starts = vec![events::empty()];
    starts.extend(events::functions());
    let mut seen: Vec<Vec<Seen>> = starts.iter().map(|_| Vec::with_capacity(STARTS)).collect();
    for _ in 0..STARTS {
        for (start, seen) in starts.iter().zip(&mut seen) {
            seen.push(cold_start(binaries, &stub, start).await?);
        }
    }
    let medians = seen.iter().map(|seen| median(seen.iter().map(|seen| seen.answered)));
    let mut rows = Vec::new();
    let mut empty_us = None;
    for (start, us) in starts.iter().zip(medians) {
        let empty_us = *empty_us.get_or_insert(us);
        rows.extend(rows_of(start.name, us, empty_us));
    }
    for (start, seen) in starts.iter().zip(&seen).filter(|(start, _)| [EMPTY, WEBHOOK.0].contains(&start.name)) {
        tell_parts(start.name, seen);
    }
    for start in starts.iter().filter(|start| start.name != EMPTY) {
        rows.extend(warm::measure(binaries, &stub, start).await?);
    }
    Ok(rows)
}

/// The rows of a function, its times in hundredths of a millisecond.
fn rows_of(name: &str, us: u64, empty_us: u64) -> Vec<Row> {
    if name == EMPTY {
        return vec![Row::hundredths("cold_start_ms.empty", us / 10, "ms", EMPTY_US / 10)];
    }
    let most = if name == WEBHOOK.0 { WEBHOOK.1 } else { OTHERS };
    vec![
        Row::hundredths(format!("cold_start_ms.{name}"), us / 10, "ms", most * empty_us / 10),
        Row::hundredths(format!("cold_start_ratio.{name}"), us * 100 / empty_us, "times an empty one", most * 100),
    ]
}

/// Starts a function, and ends it with its first answer.
async fn cold_start(binaries: &Path, stub: &Stub, start: &Start) -> Result<Seen, Failure> {
    let (mut process, answered) = begin(binaries, stub, start)?;
    is_answered(start, answered).await?;
    process.kill().await?;
    Ok(stub.seen())
}

/// Starts a function, which is given its event.
fn begin(binaries: &Path, stub: &Stub, start: &Start) -> Result<(Child, oneshot::Receiver<Value>), Failure> {
    let mut command = Command::new(binaries.join(start.name));
    command.env_clear().envs(stub.environment(start.name)).stdout(Stdio::null()).stderr(Stdio::null());
    let answered = stub.begin(start.event.to_string());
    Ok((command.kill_on_drop(true).spawn()?, answered))
}

/// Waits for the answer that is expected.
async fn is_answered(start: &Start, answered: oneshot::Receiver<Value>) -> Result<(), Failure> {
    let Ok(answer) = timeout(PATIENCE, answered).await else {
        return Err(format!("{} gave no answer", start.name).into());
    };
    let answer = answer?;
    let is_right = match start.expected {
        Expected::Status(status) => answer["statusCode"] == status,
        Expected::NoFailures => answer["batchItemFailures"].as_array().is_some_and(Vec::is_empty),
        Expected::Swept => answer["failed"] == 0,
        Expected::Anything => true,
    };
    if is_right { Ok(()) } else { Err(format!("{} answered {answer}", start.name).into()) }
}

fn median(times: impl Iterator<Item = Duration>) -> u64 {
    let mut times: Vec<_> = times.collect();
    times.sort_unstable();
    times.get(times.len() / 2).map_or(0, |time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
}

/// What a start consists of, as it is seen from outside; for people, on standard error.
fn tell_parts(name: &str, seen: &[Seen]) {
    let of = |part: fn(&Seen) -> Duration| median(seen.iter().map(part));
    eprintln!("{name}, microseconds from its start (0 for what it does not do):");
    eprintln!("  to its call for secrets       {:>6}", of(|seen| seen.secrets));
    eprintln!("  to its first poll             {:>6}", of(|seen| seen.polled));
    eprintln!("  to its message for the queue  {:>6}", of(|seen| seen.queued));
    eprintln!("  to its answer                 {:>6}", of(|seen| seen.answered));
}
