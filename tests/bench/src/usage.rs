//! Memory and processor time of a function's processes, as the kernel counts them.

use std::{fs, path::Path};

use crate::Failure;

/// What the processes of a function used so far.
pub(crate) struct Usage {
    /// Highest resident memory of any of them, in kibibytes.
    pub(crate) peak_kib: u64,
    /// Processor time of all their threads, in milliseconds; the kernel counts in hundredths of a second.
    pub(crate) cpu_ms: u64,
    /// Processor time of the threads that are there, in microseconds: exact, but without those that have ended.
    pub(crate) cpu_us: u64,
}

/// A function of a local stack.
pub(crate) struct Function<'a> {
    /// Its name in the product.
    pub(crate) name: &'a str,
    /// The emulator that runs it: another stack may run the same function meanwhile.
    pub(crate) endpoint: &'a str,
}

impl Function<'_> {
    /// What all of its processes used so far.
    pub(crate) fn usage(&self) -> Result<Usage, Failure> {
        let mut used = Usage { peak_kib: 0, cpu_ms: 0, cpu_us: 0 };
        for process in fs::read_dir("/proc")? {
            let process = process?.path();
            if self.is_run_by(&process) {
                used.peak_kib = used.peak_kib.max(peak_kib(&process)?);
                used.cpu_ms += cpu_ms(&process)?;
                used.cpu_us += cpu_us(&process)?;
            }
        }
        if used.cpu_ms == 0 { Err(format!("no process of {} was found", self.name).into()) } else { Ok(used) }
    }

    /// Whether a process is one of the function; one that ended meanwhile is none.
    fn is_run_by(&self, process: &Path) -> bool {
        let program = fs::read_link(process.join("exe")).ok();
        let is_function = program.is_some_and(|program| program.file_name().is_some_and(|name| name == "bootstrap"));
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        let has = |name: &str, is_it: &dyn Fn(&[u8]) -> bool| {
            let mut variables = environment.split(|byte| *byte == 0);
            variables.any(|variable| variable.strip_prefix(name.as_bytes()).is_some_and(is_it))
        };
        is_function
            && has("AWS_LAMBDA_FUNCTION_NAME=", &|value| value.ends_with(format!("-{}", self.name).as_bytes()))
            && has("AWS_ENDPOINT_URL=", &|value| value == self.endpoint.as_bytes())
    }
}

/// What one process used, by its folder in `/proc`.
pub(crate) fn of_process(process: &Path) -> Result<Usage, Failure> {
    Ok(Usage { peak_kib: peak_kib(process)?, cpu_ms: cpu_ms(process)?, cpu_us: cpu_us(process)? })
}

/// What this program used so far.
pub(crate) fn of_this_process() -> Result<Usage, Failure> {
    of_process(Path::new("/proc/self"))
}

fn peak_kib(process: &Path) -> Result<u64, Failure> {
    let status = fs::read_to_string(process.join("status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("the kernel tells no peak memory")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

fn cpu_ms(process: &Path) -> Result<u64, Failure> {
    let stat = fs::read_to_string(process.join("stat"))?;
    // The second field is the name in parentheses and may hold spaces.
    let rest = stat.rsplit_once(')').ok_or("the kernel tells no processor time")?.1;
    let ticks = rest.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(ticks * 10)
}

/// What the scheduler counted for each thread, in nanoseconds.
fn cpu_us(process: &Path) -> Result<u64, Failure> {
    let mut ns = 0;
    for thread in fs::read_dir(process.join("task"))? {
        let counted = fs::read_to_string(thread?.path().join("schedstat"))?;
        ns += counted.split_whitespace().next().ok_or("the kernel counts no time of threads")?.parse::<u64>()?;
    }
    Ok(ns / 1_000)
}
