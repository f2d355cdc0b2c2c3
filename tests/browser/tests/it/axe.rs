//! axe-core: what a page makes hard for people who do not see it, or no mouse have.

use std::{fs, sync::OnceLock};

use numo_browser::driver::Browser;

use crate::checkers::installed;

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
    SOURCE.get_or_init(|| fs::read_to_string(installed().join("axe-core/axe.min.js")).unwrap())
}
