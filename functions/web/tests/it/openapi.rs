//! The description of the API: every route is in it, with who may call it, and nothing else is.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value, json};

use crate::{
    access::{is_open_to_members, routes},
    client::{request, send},
    world::World,
};

/// A method and a path, such as `GET /v1/connections/{id}`.
pub(crate) type Operations = BTreeSet<String>;

pub(crate) async fn document() -> Value {
    send(&World::empty().router, request("GET", "/v1/openapi.json", None)).await.json()
}

pub(crate) fn operations(document: &Value) -> Operations {
    let paths = document["paths"].as_object().unwrap();
    let of = |(path, item): (&String, &Value)| -> Vec<String> {
        item.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())).collect()
    };
    paths.iter().flat_map(of).collect()
}

/// The operations that the router is built with, by its source.
fn routed() -> Operations {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let sources = files.map(|path| fs::read_to_string(path).unwrap());
    let mut found = Operations::new();
    for source in sources {
        for call in source.split(".route(\"").skip(1) {
            let (path, rest) = call.split_once('"').unwrap();
            let handlers = rest.split(".route(").next().unwrap().split(['}', ';']).next().unwrap();
            for method in ["get", "post", "put", "delete"] {
                if handlers.contains(&format!("{method}(")) {
                    found.insert(format!("{} /v1{path}", method.to_uppercase()));
                }
            }
        }
    }
    found
}

/// Whether a path is one of those that a described path stands for.
fn stands_for(described: &str, path: &str) -> bool {
    let (described, path) = (described.split('/'), path.split('?').next().unwrap().split('/'));
    let (described, path): (Vec<&str>, Vec<&str>) = (described.collect(), path.collect());
    described.len() == path.len()
        && described.iter().zip(path).all(|(one, other)| one.starts_with('{') || *one == other)
}

/// The described operation of a call: literal paths win, as they do in the router.
pub(crate) fn operation_of<'a>(operations: &'a Operations, method: &str, path: &str) -> Option<&'a String> {
    let called = format!("{method} {path}");
    let fits = operations.iter().filter(|operation| stands_for(operation, &called));
    fits.min_by_key(|operation| operation.matches('{').count())
}

#[tokio::test]
async fn the_document_is_served_to_anybody_and_reads_no_table() {
    let world = World::empty();
    let answer = send(&world.router, request("GET", "/v1/openapi.json", None)).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.json()["openapi"], "3.1.0");
    assert_eq!(world.table.counts().calls(), 0);
}

#[tokio::test]
async fn every_route_is_described_and_everything_described_is_a_route() {
    assert_eq!(operations(&document().await), routed());
}

#[tokio::test]
async fn every_described_operation_is_probed_for_access() {
    let described = operations(&document().await);
    let probed: Operations = routes()
        .iter()
        .map(|(method, path, _)| operation_of(&described, method, path).unwrap_or_else(|| panic!("{path}")).clone())
        .collect();
    assert_eq!(described, probed);
}

#[tokio::test]
async fn the_described_role_is_the_one_that_is_asked_for() {
    let document = document().await;
    let described = operations(&document);
    for (method, path, _) in routes() {
        let (_, template) = operation_of(&described, method, &path).unwrap().split_once(' ').unwrap();
        let operation = &document["paths"][template][method.to_lowercase()];
        let role = operation.get("security").unwrap_or(&document["security"]);
        // What is done to a file tells who may do it; some of it every member may.
        let expected = if is_open_to_members(method, &path) || (method == "POST" && path.ends_with("/file")) {
            "member"
        } else {
            "admin"
        };
        assert_eq!(role, &json!([{"session": [expected]}]), "{method} {path}");
    }
}

#[tokio::test]
async fn what_is_referred_to_is_described() {
    let text = document().await.to_string();
    let document = document().await;
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

/// Of two types of one name the document would keep one.
#[test]
fn no_two_described_types_share_a_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut names = Vec::new();
    let mut folders: Vec<_> = ["functions/web/src", "shared/domain/src", "shared/app/src"].map(|f| root.join(f)).into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            let source = fs::read_to_string(entry).unwrap();
            for described in source.split("derive(utoipa::ToSchema)").skip(1) {
                let item = described.lines().find(|line| line.contains("struct ") || line.contains("enum ")).unwrap();
                let after = |word: &str| item.split_once(word).map(|(_, name)| name);
                let own = after("struct ").or(after("enum ")).unwrap();
                let line = described.lines().next().unwrap();
                let name = line.split_once("schema(as = ").map_or(own, |(_, name)| name);
                let end = name.find(|c: char| !c.is_alphanumeric()).unwrap_or(name.len());
                names.push(name[..end].trim_end_matches("View").to_owned());
            }
        }
    }
    names.retain(|name| !name.is_empty());
    let all = names.len();
    names.sort();
    let twice: Vec<String> = names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone()).collect();
    assert_eq!((all > 100, twice), (true, Vec::new()));
}
