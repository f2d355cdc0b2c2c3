//! What the fuzz targets of `tests/fuzz` began with, and what they found, on every run.

use std::{fs, path::Path};

#[path = "../../../../tests/fuzz/targets/ledger_news.rs"]
mod ledger_news;
#[path = "../../../../tests/fuzz/targets/phone.rs"]
mod phone;
#[path = "../../../../tests/fuzz/targets/reply.rs"]
mod reply;
#[path = "../../../../tests/fuzz/targets/signed_request.rs"]
mod signed_request;
#[path = "../../../../tests/fuzz/targets/webhook.rs"]
mod webhook;

/// Runs a target on every file of its corpus; how many there are.
fn replay(target: &str, run: fn(&[u8])) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus").join(target);
    let files = fs::read_dir(folder).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap());
    files.inspect(|bytes| run(bytes)).count()
}

#[test]
fn the_corpus_of_every_fuzz_target_passes() {
    let counts = [
        replay("webhook", webhook::run),
        replay("reply", reply::run),
        replay("signed_request", signed_request::run),
        replay("phone", phone::run),
        replay("ledger_news", ledger_news::run),
    ];
    assert!(counts.iter().all(|count| *count >= 5), "{counts:?}");
}
