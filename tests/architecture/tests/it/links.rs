//! Documentation that points somewhere points at something.

use std::fs;
use std::path::{Path, PathBuf};

use crate::tree::{files, shown};

#[test]
fn every_relative_link_in_the_documentation_resolves() {
    let findings: Vec<String> = files("", "md").iter().flat_map(|path| dead_links(path)).collect();
    assert_eq!(findings, Vec::<String>::new());
}

#[test]
fn links_are_found_outside_code_only() {
    let text = "[a](x.md) and ![b](y.png \"title\")\n```\n[c](z.md)\n```\n`[d](w.md)` [e](https://e.example) [f](#top)";
    assert_eq!(links(text), ["x.md", "y.png"]);
}

#[test]
fn a_heading_becomes_the_anchor_that_links_use() {
    assert_eq!(anchors("# Start, stop & state\n## `stack.json`\n"), ["start-stop--state", "stackjson"]);
}

/// Links of one file that lead nowhere.
fn dead_links(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    links(&text)
        .into_iter()
        .filter(|link| !resolves(path, link))
        .map(|link| format!("{}: {link}", shown(path)))
        .collect()
}

fn resolves(from: &Path, link: &str) -> bool {
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target: PathBuf = from.parent().unwrap().join(file);
    if anchor.is_empty() || target.extension().is_none_or(|extension| extension != "md") {
        return target.exists();
    }
    fs::read_to_string(&target).is_ok_and(|text| anchors(&text).iter().any(|found| found == anchor))
}

/// Targets of relative links, those in code left out.
fn links(text: &str) -> Vec<&str> {
    let mut in_code = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if !in_code {
            let prose = line.split('`').step_by(2);
            found.extend(prose.flat_map(|part| part.split("](").skip(1)).filter_map(target));
        }
    }
    found
}

fn target(rest: &str) -> Option<&str> {
    let link = rest.split([')', ' ']).next()?;
    let elsewhere = link.contains("://") || link.starts_with('#') || link.starts_with("mailto:");
    (!elsewhere && !link.is_empty()).then_some(link)
}

/// The anchors that GitHub makes of the headings.
fn anchors(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#')))
        .map(slug)
        .collect()
}

fn slug(heading: &str) -> String {
    heading
        .trim()
        .to_lowercase()
        .chars()
        .filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'))
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect()
}
