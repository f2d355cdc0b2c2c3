//! A webhook body that Meta signed, whatever it holds.

use numo_providers::whatsapp::delivery::{parse, split};

/// What a message of the queue may have.
const MAX_BYTES: usize = 200 * 1024;

/// Splits and reads it: nothing panics, every message fits the queue, and no reason quotes what somebody wrote.
pub(crate) fn run(bytes: &[u8]) {
    let Ok(messages) = split(bytes) else { return };
    for (waba, changes) in messages {
        let text = serde_json::to_string(&changes).unwrap_or_default();
        assert!((1..=MAX_BYTES).contains(&text.len()), "{} bytes", text.len());
        let delivery = parse(waba.clone(), &text);
        assert_eq!(delivery.waba, waba);
        for reason in delivery.skipped.into_iter().map(|skipped| skipped.reason) {
            let is_ours = |c: char| c.is_ascii_alphanumeric() || " []._:-".contains(c);
            assert!(reason.len() < 160 && reason.chars().all(is_ours), "{reason}");
        }
    }
}
