//! What one more event takes of a function that is awake, and the most memory that it has needed by then.

use std::path::Path;

use super::{begin, events::Start, is_answered, stub::Stub};
use crate::{Failure, row::Row, usage};

/// Events that are given before anything is counted.
const FIRST: u64 = 20;

/// Events that are counted.
const EVENTS: u64 = 500;

/// Most processor time of an event, in microseconds.
const MOST_US: u64 = 5_000;

/// Most memory, in kibibytes: a quarter of what the smallest function is given.
const MOST_KIB: u64 = 32_768;

pub(super) async fn measure(binaries: &Path, stub: &Stub, start: &Start) -> Result<[Row; 2], Failure> {
    let (mut process, answered) = begin(binaries, stub, start)?;
    is_answered(start, answered).await?;
    let folder = format!("/proc/{}", process.id().ok_or("the process has ended")?);
    let mut before_us = 0;
    for n in 0..FIRST + EVENTS {
        if n == FIRST {
            before_us = usage::of_process(Path::new(&folder))?.cpu_us;
        }
        is_answered(start, stub.again(start.event.to_string())).await?;
    }
    let used = usage::of_process(Path::new(&folder))?;
    process.kill().await?;
    Ok([
        Row::new(format!("warm_cpu_us.{}", start.name), (used.cpu_us - before_us) / EVENTS, "us", MOST_US),
        Row::new(format!("memory.{}", start.name), used.peak_kib, "KiB", MOST_KIB),
    ])
}
