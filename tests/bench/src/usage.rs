//! Memory and processor time of a function's processes, as the kernel counts them.

use std::{fs, path::Path};

use crate::Failure;

/// What the processes of a function used so far.
pub(crate) struct Usage {
    /// Highest resident memory of any of them, in kibibytes.
    pub(crate) peak_kib: u64,
    /// Processor time of all their threads, in milliseconds; the kernel counts in hundredths of a second.
    pub(crate) cpu_ms: u64,
}

/// What a function of the local stack used, by its name in the product.
pub(crate) fn of_function(name: &str) -> Result<Usage, Failure> {
    let mut used = Usage { peak_kib: 0, cpu_ms: 0 };
    for process in fs::read_dir("/proc")? {
        let process = process?.path();
        if runs(&process, name) {
            used.peak_kib = used.peak_kib.max(peak_kib(&process)?);
            used.cpu_ms += cpu_ms(&process)?;
        }
    }
    if used.cpu_ms == 0 { Err(format!("no process of {name} was found").into()) } else { Ok(used) }
}

/// What one process used, by its folder in `/proc`.
pub(crate) fn of_process(process: &Path) -> Result<Usage, Failure> {
    Ok(Usage { peak_kib: peak_kib(process)?, cpu_ms: cpu_ms(process)? })
}

/// What this program used so far.
pub(crate) fn of_this_process() -> Result<Usage, Failure> {
    of_process(Path::new("/proc/self"))
}

/// Whether a process is one of the function; one that ended meanwhile is none.
fn runs(process: &Path, name: &str) -> bool {
    let program = fs::read_link(process.join("exe")).ok();
    let is_function = program.is_some_and(|program| program.file_name().is_some_and(|name| name == "bootstrap"));
    let environment = fs::read(process.join("environ")).unwrap_or_default();
    let ends_with_name = |variable: &[u8]| {
        let value = variable.strip_prefix(b"AWS_LAMBDA_FUNCTION_NAME=");
        value.is_some_and(|value| value.ends_with(name.as_bytes()))
    };
    is_function && environment.split(|byte| *byte == 0).any(ends_with_name)
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
