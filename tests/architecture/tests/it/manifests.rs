//! Versions and features are decided once, in the workspace.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::tree::{files, root, shown};

#[test]
fn members_take_every_dependency_from_the_workspace() {
    let workspace = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let declared = dependencies(&workspace, |section| section == "workspace.dependencies");
    let mut findings = Vec::new();
    for path in members() {
        let manifest = fs::read_to_string(&path).unwrap();
        for (name, value) in dependencies(&manifest, |section| section.ends_with("dependencies")) {
            let package = name.strip_suffix(".workspace").unwrap_or(&name);
            let inherits = name.ends_with(".workspace") || value.contains("workspace = true");
            if !inherits || !declared.contains_key(package) {
                findings.push(format!("{}: {name}", shown(&path)));
            }
        }
    }
    assert_eq!(findings, Vec::<String>::new());
}

#[test]
fn no_package_is_declared_under_two_names() {
    let workspace = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in dependencies(&workspace, |section| section == "workspace.dependencies") {
        let package = value.split("package = \"").nth(1).and_then(|rest| rest.split('"').next());
        names.entry(package.unwrap_or(&name).to_owned()).or_default().push(name);
    }
    names.retain(|_, declared| declared.len() > 1);
    assert_eq!(names, BTreeMap::new());
}

#[test]
fn members_follow_the_lints_of_the_workspace() {
    let findings: Vec<String> = members()
        .into_iter()
        .filter(|path| !fs::read_to_string(path).unwrap().contains("[lints]\nworkspace = true"))
        .map(|path| shown(&path))
        .collect();
    assert_eq!(findings, Vec::<String>::new());
}

#[test]
fn a_dependency_table_is_read_line_by_line() {
    let manifest = "[dependencies]\na.workspace = true\nb = { workspace = true, features = [\"x\"] }\n[lints]\nc = 1\n";
    let read = dependencies(manifest, |section| section == "dependencies");
    let expected = BTreeMap::from([
        ("a.workspace".to_owned(), "true".to_owned()),
        ("b".to_owned(), "{ workspace = true, features = [\"x\"] }".to_owned()),
    ]);
    assert_eq!(read, expected);
}

fn members() -> Vec<std::path::PathBuf> {
    let is_manifest = |path: &std::path::PathBuf| path.file_name() == Some(Path::new("Cargo.toml").as_os_str());
    // The fuzz targets are outside the workspace.
    let is_member = |path: &std::path::PathBuf| !path.ends_with("tests/fuzz/Cargo.toml");
    let manifests = ["functions", "shared", "tests"].iter().flat_map(|folder| files(folder, "toml"));
    manifests.filter(is_manifest).filter(is_member).collect()
}

/// Name and value of every entry in the chosen tables of a manifest.
fn dependencies(manifest: &str, chosen: impl Fn(&str) -> bool) -> BTreeMap<String, String> {
    let mut section = "";
    let mut found = BTreeMap::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
        } else if let Some((name, value)) = line.split_once(" = ").filter(|_| chosen(section)) {
            found.insert(name.to_owned(), value.to_owned());
        }
    }
    found
}
