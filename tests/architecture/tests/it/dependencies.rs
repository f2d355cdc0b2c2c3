//! Which crate may know which.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

use crate::tree::root;

const SDK: &[&str] = &["aws-sdk-", "aws-config", "aws-smithy-", "aws-types"];
const HTTP_CLIENTS: &[&str] = &["reqwest", "hyper", "ureq"];
const LAMBDA: &[&str] = &["lambda_", "aws_lambda_events"];
const RUNTIMES: &[&str] = &["tokio", "tracing"];

#[test]
fn the_domain_has_no_runtime_no_network_and_no_logging() {
    assert_eq!(reached("numo-domain", &[SDK, HTTP_CLIENTS, LAMBDA, RUNTIMES]), Vec::<String>::new());
}

#[test]
fn the_application_knows_no_cloud_and_no_http_client() {
    assert_eq!(reached("numo-app", &[SDK, HTTP_CLIENTS, LAMBDA]), Vec::<String>::new());
}

#[test]
fn aws_is_called_with_the_http_client_that_providers_are_called_with() {
    assert_eq!(reached("numo-aws", &[HTTP_CLIENTS, LAMBDA]), ["numo-aws depends on reqwest"]);
    // A feature of the SDK would bring a second one, and with it HTTP/2 and a reader of profiles.
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let second = ["aws-config", "aws-smithy-http-client", "h2"];
    let found: Vec<&str> = second.into_iter().filter(|name| lock.contains(&format!("name = \"{name}\"\n"))).collect();
    assert_eq!(found, Vec::<&str>::new());
}

#[test]
fn the_provider_clients_know_no_cloud() {
    assert_eq!(reached("numo-providers", &[SDK, LAMBDA]), Vec::<String>::new());
}

#[test]
fn the_layers_point_inwards_only() {
    let allowed: [(&str, &[&str]); 6] = [
        ("numo-domain", &[]),
        ("numo-tls", &[]),
        ("numo-app", &["numo-domain"]),
        ("numo-aws", &["numo-app", "numo-domain", "numo-tls"]),
        ("numo-providers", &["numo-app", "numo-domain", "numo-tls"]),
        ("numo-runtime", &["numo-app", "numo-aws", "numo-domain", "numo-providers"]),
    ];
    let metadata = metadata();
    for (name, inner) in allowed {
        let inner = inner.iter().map(|&name| name.to_owned()).collect();
        let known = members_among(&metadata, &normal(package(&metadata, name)));
        assert!(known.is_subset(&inner), "{name} depends on {:?}", known.difference(&inner));
    }
}

#[test]
fn a_function_depends_neither_on_another_function_nor_on_a_client_of_its_own() {
    let metadata = metadata();
    let functions = functions(&metadata);
    let findings: Vec<String> = functions
        .iter()
        .flat_map(|function| {
            let direct = normal(package(&metadata, function));
            direct
                .into_iter()
                .filter(|name| functions.contains(name) || matches(name, &[SDK, HTTP_CLIENTS]))
                .map(move |name| format!("{function} depends on {name}"))
        })
        .collect();
    assert_eq!(findings, Vec::<String>::new());
}

#[test]
fn the_simulator_shares_no_code_with_the_product() {
    let metadata = metadata();
    let every_kind: BTreeSet<String> =
        package(&metadata, "numo-sim").dependencies.iter().map(|dependency| dependency.name.clone()).collect();
    assert_eq!(members_among(&metadata, &every_kind), BTreeSet::new());
}

#[test]
fn the_testkit_never_ships() {
    let metadata = metadata();
    let users: Vec<&str> = metadata
        .workspace_packages()
        .into_iter()
        .filter(|package| !package.manifest_path.starts_with(root().join("tests").to_str().unwrap()))
        .filter(|package| normal(package).contains("numo-testkit"))
        .map(|package| package.name.as_str())
        .collect();
    assert_eq!(users, Vec::<&str>::new());
}

#[test]
fn the_patterns_match_what_they_are_meant_for() {
    let forbidden = ["aws-sdk-kms", "aws-config", "reqwest", "lambda_runtime", "tokio"];
    let harmless = ["aws-lc-rs", "numo-aws", "serde", "tokio-util-like"];
    let all = [SDK, HTTP_CLIENTS, LAMBDA, RUNTIMES];
    assert_eq!(forbidden.map(|name| matches(name, &all)), [true; 5]);
    assert_eq!(harmless.map(|name| matches(name, &all)), [false; 4]);
}

/// Forbidden packages that a member reaches through normal dependencies of members.
fn reached(name: &str, forbidden: &[&[&str]]) -> Vec<String> {
    let metadata = metadata();
    let members: BTreeMap<String, &Package> =
        metadata.workspace_packages().into_iter().map(|package| (package.name.to_string(), package)).collect();
    let mut waiting = vec![name.to_owned()];
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    while let Some(member) = waiting.pop() {
        for dependency in normal(members[&member]) {
            if matches(&dependency, forbidden) {
                findings.push(format!("{member} depends on {dependency}"));
            }
            if members.contains_key(&dependency) && seen.insert(dependency.clone()) {
                waiting.push(dependency);
            }
        }
    }
    findings
}

/// Whether a package is one of the patterns: a whole name, or a prefix that ends in a separator.
fn matches(name: &str, forbidden: &[&[&str]]) -> bool {
    forbidden
        .iter()
        .copied()
        .flatten()
        .any(|pattern| if pattern.ends_with(['-', '_']) { name.starts_with(pattern) } else { name == *pattern })
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .other_options(vec!["--offline".to_owned()])
        .exec()
        .unwrap()
}

fn package<'a>(metadata: &'a Metadata, name: &str) -> &'a Package {
    metadata.packages.iter().find(|package| package.name.as_str() == name).unwrap()
}

fn normal(package: &Package) -> BTreeSet<String> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == DependencyKind::Normal)
        .map(|dependency| dependency.name.clone())
        .collect()
}

fn members_among(metadata: &Metadata, names: &BTreeSet<String>) -> BTreeSet<String> {
    let members: BTreeSet<String> =
        metadata.workspace_packages().into_iter().map(|package| package.name.to_string()).collect();
    names.intersection(&members).cloned().collect()
}

fn functions(metadata: &Metadata) -> BTreeSet<String> {
    let folder = root().join("functions");
    metadata
        .workspace_packages()
        .into_iter()
        .filter(|package| package.manifest_path.starts_with(folder.to_str().unwrap()))
        .map(|package| package.name.to_string())
        .collect()
}
