//! What left the product during all scenarios, and to whom.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::SocketAddr;

use numo_e2e::stack::root;
use serde::Deserialize;

use crate::world::World;

/// Whom people are told of; the privacy page is made from the same file.
#[derive(Deserialize)]
struct Processors {
    processors: Vec<Processor>,
}

#[derive(Deserialize)]
struct Processor {
    #[serde(default)]
    hosts: BTreeMap<String, String>,
    /// Names of everything that may be sent, by method and path.
    fields: Option<BTreeMap<String, BTreeSet<String>>>,
}

pub(crate) async fn nothing_leaves_but_what_people_are_told_of(world: &mut World) {
    let text = fs::read_to_string(root().join("infra/processors.json")).unwrap();
    let Processors { processors } = serde_json::from_str(&text).unwrap();
    let sent = world.simulator.outbound().await.unwrap();
    let mut findings = Vec::new();
    // Clerk's Frontend API has a host of every instance's own; nothing but its keys is asked for.
    let keys_of_clerk = BTreeMap::from([("GET /.well-known/jwks.json".to_owned(), BTreeSet::new())]);
    for (host, calls) in &sent {
        let processor = processors.iter().find(|processor| processor.hosts.contains_key(host));
        match processor.map(|processor| &processor.fields) {
            None if host == "clerk" && *calls == keys_of_clerk => {}
            None => findings.push(format!("{host} is nobody's")),
            Some(None) => {}
            Some(Some(allowed)) => {
                for (call, fields) in calls {
                    let allowed = allowed.get(call).cloned().unwrap_or_default();
                    findings.extend(fields.difference(&allowed).map(|field| format!("{host}: {call}: {field}")));
                }
            }
        }
    }
    assert_eq!(findings, Vec::<String>::new());
    let hosts: Vec<&str> = sent.keys().map(String::as_str).collect();
    for host in ["api.xero.com", "quickbooks.api.intuit.com", "graph.facebook.com", "api.clerk.com"] {
        assert!(hosts.contains(&host), "{host} was not called: {hosts:?}");
    }
}

pub(crate) async fn no_function_talks_to_anybody_but_the_stack(world: &mut World) {
    let ends = |address: &str| address.trim_end_matches('/').rsplit(':').next().unwrap().parse::<u16>().unwrap();
    let state = &world.stack.state;
    let ports = BTreeSet::from([ends(&state.aws_endpoint), ends(&state.sim_url)]);
    let peers = world.peers.take().unwrap().end();
    let is_known = |peer: &SocketAddr| peer.ip().is_loopback() && ports.contains(&peer.port());
    let strangers: Vec<_> = peers
        .iter()
        .flat_map(|(function, peers)| peers.iter().map(move |peer| (function, peer)))
        .filter(|(_, peer)| !is_known(peer))
        .collect();
    assert_eq!(strangers, Vec::new());
    let seen: BTreeSet<u16> = peers.values().flatten().map(SocketAddr::port).collect();
    assert_eq!(seen, ports, "of {peers:?}");
}
