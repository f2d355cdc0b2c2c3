//! Memory and processor time of this process, as the kernel counts them.

use std::fs;

use crate::Failure;

/// Highest resident memory so far, in kibibytes.
pub(crate) fn peak_kib() -> Result<u64, Failure> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("the kernel tells no peak memory")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

/// Processor time used so far in all threads, in milliseconds; the kernel counts in hundredths of a second.
pub(crate) fn cpu_ms() -> Result<u64, Failure> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The second field is the name in parentheses and may hold spaces.
    let rest = stat.rsplit_once(')').ok_or("the kernel tells no processor time")?.1;
    let ticks = rest.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(ticks * 10)
}
