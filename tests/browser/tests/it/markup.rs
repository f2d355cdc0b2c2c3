//! html-validate: whether pages are HTML as its standard says.

use std::{fs, path::Path, process::Command};

use numo_browser::driver::Browser;

use crate::checkers::installed;

/// Pages as the function sent them, before any script touched them.
#[derive(Debug, Default)]
pub(crate) struct Markup {
    pages: Vec<(String, String)>,
}

impl Markup {
    /// Keeps the page that is open.
    pub(crate) async fn keep(&mut self, browser: &Browser, name: &str) {
        let text = browser.sent().await;
        assert!(text.starts_with("<!doctype html>"), "{name} is no page: {text}");
        self.pages.push((format!("{name}.html"), text));
    }

    /// What is not as the standard says, page by page; nothing where all is well.
    pub(crate) fn findings(&self) -> String {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("markup");
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(".htmlvalidate.json"), RULES).unwrap();
        for (name, text) in &self.pages {
            fs::write(folder.join(name), text).unwrap();
        }
        let program = installed().join("html-validate/bin/html-validate.mjs");
        let ran = Command::new("node").arg(program).args(["--formatter", "text", "."]).current_dir(&folder).output();
        let ran = ran.unwrap();
        let told = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success() || !told.is_empty(), "html-validate ended with {}", ran.status);
        told
    }
}

/// The standard alone: how markup is written is for its writers, and what people need is axe-core's.
const RULES: &str = r#"{ "root": true, "extends": ["html-validate:standard"] }"#;
