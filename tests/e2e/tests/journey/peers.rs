//! To whom the processes of functions hold connections, as the kernel knows it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;
use std::{fs, thread};

/// The clients keep an unused connection for longer, and try to open one for longer, so that none is missed.
const LOOKS_EVERY: Duration = Duration::from_millis(500);

/// Addresses that processes hold connections to, by function.
pub(crate) type Peers = BTreeMap<String, BTreeSet<SocketAddr>>;

/// Looks again and again, until it is asked what it saw.
pub(crate) struct Watch {
    ends: Sender<()>,
    thread: JoinHandle<Peers>,
}

impl Watch {
    /// Watches the functions that use one emulator.
    pub(crate) fn start(aws_endpoint: String) -> Self {
        let (ends, ended) = channel();
        let thread = thread::spawn(move || {
            let mut peers = Peers::new();
            while ended.recv_timeout(LOOKS_EVERY) == Err(RecvTimeoutError::Timeout) {
                look(&aws_endpoint, &mut peers);
            }
            peers
        });
        Self { ends, thread }
    }

    /// Everything that was seen.
    pub(crate) fn end(self) -> Peers {
        self.ends.send(()).unwrap();
        self.thread.join().unwrap()
    }
}

/// A process that ends meanwhile has no connections.
fn look(aws_endpoint: &str, peers: &mut Peers) {
    let connections = connections();
    for process in fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path()) {
        let Some((function, invoker)) = function(&process, aws_endpoint) else { continue };
        let seen = peers.entry(function).or_default();
        for socket in fs::read_dir(process.join("fd")).into_iter().flatten().flatten() {
            let target = fs::read_link(socket.path()).unwrap_or_default();
            let inode = target.to_str().and_then(|target| target.strip_prefix("socket:[")?.strip_suffix(']'));
            let peer = inode.and_then(|inode| connections.get(inode));
            seen.extend(peer.filter(|peer| !(peer.ip().is_loopback() && peer.port() == invoker)));
        }
    }
}

/// The name of the function that a process of this emulator runs, and the port at which it asks for its invocations.
fn function(process: &Path, aws_endpoint: &str) -> Option<(String, u16)> {
    let program = fs::read_link(process.join("exe")).ok()?;
    if program.file_name()? != "bootstrap" {
        return None;
    }
    let environment = fs::read(process.join("environ")).ok()?;
    let variables: BTreeMap<&str, &str> = environment
        .split(|byte| *byte == 0)
        .filter_map(|variable| std::str::from_utf8(variable).ok()?.split_once('='))
        .collect();
    let port = |address: &str| address.trim_end_matches('/').rsplit(':').next()?.parse::<u16>().ok();
    let is_ours = port(variables.get("AWS_ENDPOINT_URL")?) == port(aws_endpoint);
    let invoker = port(variables.get("AWS_LAMBDA_RUNTIME_API")?.split('/').next()?)?;
    is_ours.then(|| ((*variables.get("AWS_LAMBDA_FUNCTION_NAME").unwrap_or(&"unnamed")).to_owned(), invoker))
}

/// The far end of every connection of this machine, by the inode of its socket.
fn connections() -> BTreeMap<String, SocketAddr> {
    let mut found = BTreeMap::new();
    for table in ["tcp", "tcp6", "udp", "udp6"] {
        let lines = fs::read_to_string(format!("/proc/net/{table}")).unwrap_or_default();
        for line in lines.lines().skip(1) {
            let columns: Vec<&str> = line.split_whitespace().collect();
            let Some(peer) = columns.get(2).and_then(|peer| address(peer)) else { continue };
            // A socket that listens has no far end.
            if let Some(inode) = columns.get(9).filter(|_| peer.port() != 0) {
                found.insert((*inode).to_owned(), peer);
            }
        }
    }
    found
}

/// An address as the kernel writes it: hexadecimal, in the machine's own order of bytes, four at a time.
fn address(text: &str) -> Option<SocketAddr> {
    let (host, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let words: Vec<u8> = (0..host.len() / 8)
        .filter_map(|place| u32::from_str_radix(host.get(place * 8..place * 8 + 8)?, 16).ok())
        .flat_map(u32::to_ne_bytes)
        .collect();
    let ip = match <[u8; 4]>::try_from(words.as_slice()) {
        Ok(four) => IpAddr::V4(Ipv4Addr::from(four)),
        Err(_) => IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(words.as_slice()).ok()?)),
    };
    Some(SocketAddr::new(ip.to_canonical(), port))
}
