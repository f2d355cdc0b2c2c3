//! axe-core, from the npm registry by lock file: what a page makes hard for people who do not see it, or no mouse have.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use crate::driver::Browser;

/// Every finding of some weight, as `rule: where`; none is what a page should have. What Clerk mounts is Clerk's.
pub(crate) async fn findings(browser: &Browser) -> Vec<String> {
    browser.run(source()).await;
    let found = browser
        .run_and_wait(
            "axe.run({ exclude: ['#clerk-organisation', '#clerk-user'] }, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
               .then(result => done(result.violations
                 .filter(found => ['serious', 'critical'].includes(found.impact))
                 .flatMap(found => found.nodes.map(node => found.id + ': ' + node.target.join(' ')))));",
        )
        .await;
    found.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

fn source() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    SOURCE.get_or_init(|| fs::read_to_string(installed().join("node_modules/axe-core/axe.min.js")).unwrap())
}

/// Fetches the packages of the lock file, and runs nothing of theirs.
fn installed() -> PathBuf {
    let (from, place) = (Path::new(env!("CARGO_MANIFEST_DIR")), Path::new(env!("CARGO_TARGET_TMPDIR")).join("axe"));
    fs::create_dir_all(&place).unwrap();
    for name in ["package.json", "package-lock.json"] {
        fs::copy(from.join(name), place.join(name)).unwrap();
    }
    let ran = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(&place)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    place
}
