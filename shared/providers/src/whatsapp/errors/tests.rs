use numo_domain::{meta_code::CODES, template::WhyUnusable};
use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};

use super::*;
use crate::samples;

fn answer(status: u16, body: &str) -> Answer {
    Answer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
}

fn coded(status: u16, code: u32) -> Answer {
    answer(status, &format!(r#"{{"error":{{"message":"(#{code})","type":"OAuthException","code":{code}}}}}"#))
}

/// The action of a send's error; `None` where the outcome is unknown.
fn action_of(answer: &Answer) -> Option<SendAction> {
    match of_send(answer) {
        SendError::NotSent { action, .. } => Some(action),
        SendError::Ambiguous(_) => None,
    }
}

/// Every code that Meta documents for messages, numbers and templates, by what it asks for; nothing where nobody knows
/// whether a message went out.
fn documented() -> Vec<(Option<SendAction>, Vec<u32>)> {
    let stop = |why| Some(SendAction::StopTemplate(why));
    vec![
        (Some(SendAction::Reconnect), vec![0, 3, 10, 102, 104, 190, 200, 250, 299, 131_005]),
        (Some(SendAction::WaitForApp { retry_after: None }), vec![4]),
        (Some(SendAction::SlowDown { retry_after: None }), vec![130_429]),
        (Some(SendAction::WaitForRecipient), vec![131_056]),
        (Some(SendAction::Wait { retry_after: None }), vec![17, 32, 613, 80_007, 80_008, 132_069]),
        (Some(SendAction::Wait { retry_after: Some(SignedDuration::from_mins(2)) }), vec![131_057]),
        (
            Some(SendAction::StopSender),
            vec![
                33, 368, 131_031, 131_037, 131_042, 131_044, 131_045, 131_048, 131_064, 133_000, 133_005, 133_006,
                133_008, 133_009, 133_010, 133_015, 133_016,
            ],
        ),
        (Some(SendAction::SkipRecipient), vec![130_472, 130_497, 131_021, 131_026, 131_049, 131_050]),
        (stop(WhyUnusable::Marketing), vec![131_063]),
        (stop(WhyUnusable::Missing), vec![132_001]),
        (stop(WhyUnusable::Rejected), vec![132_007]),
        (stop(WhyUnusable::Paused), vec![132_015]),
        (stop(WhyUnusable::Disabled), vec![132_016]),
        (
            Some(SendAction::FixMessage),
            vec![
                100, 2_200, 131_008, 131_009, 131_030, 131_047, 131_051, 131_052, 131_053, 131_055, 131_060, 131_062,
                132_000, 132_005, 132_008, 132_012, 132_018, 132_068, 134_011, 134_100, 134_101, 134_102, 135_000,
                137_000, 1_752_041, 2_388_019, 2_388_040, 2_388_047, 2_388_072, 2_388_073, 2_388_293, 2_388_299,
                2_494_100, 2_593_107, 2_593_108,
            ],
        ),
        (None, vec![1, 2, 131_000, 131_016, 133_004]),
    ]
}

#[test]
fn every_documented_code_has_its_one_action_at_once_and_with_a_status() {
    for (expected, codes) in documented() {
        for code in codes {
            // The status of the answer is not looked at: Meta sends limits as 400 and lost rights as 500.
            for status in [200, 400, 500, 503] {
                assert_eq!(action_of(&coded(status, code)), expected, "{status} {code}");
            }
            assert_eq!(of_status(code), expected, "{code}");
        }
    }
}

#[test]
fn the_table_has_every_documented_code_and_no_other() {
    let of_rights = |code: &u32| (200..=299).contains(code);
    let mut listed: Vec<u32> =
        documented().into_iter().flat_map(|(_, codes)| codes).filter(|code| !of_rights(code)).collect();
    let mut known: Vec<u32> = CODES.iter().map(|(code, _)| *code).collect();
    listed.sort_unstable();
    known.sort_unstable();
    assert_eq!(listed, known);
}

#[test]
fn an_unknown_code_proves_something_only_below_500() {
    assert_eq!(action_of(&coded(400, 999_999)), Some(SendAction::FixMessage));
    for status in [200, 302, 500, 503] {
        assert_eq!(action_of(&coded(status, 999_999)), None, "{status}");
    }
}

#[test]
fn a_body_without_a_code_proves_nothing() {
    for (status, body) in [(400, "<html>"), (401, ""), (429, "{}"), (502, "<html>"), (400, r#"{"error":{}}"#)] {
        assert_eq!(action_of(&answer(status, body)), None, "{status} {body}");
    }
}

#[test]
fn a_limit_says_how_long_where_meta_does() {
    let retry_after = Some(SignedDuration::from_secs(7));
    for (code, expected) in [
        (4, SendAction::WaitForApp { retry_after }),
        (130_429, SendAction::SlowDown { retry_after }),
        (131_057, SendAction::Wait { retry_after }),
        (131_056, SendAction::WaitForRecipient),
    ] {
        let mut limited = coded(400, code);
        limited.headers.insert(RETRY_AFTER, HeaderValue::from_static("7"));
        assert_eq!(action_of(&limited), Some(expected), "{code}");
    }
}

#[test]
fn account_errors_are_told_apart() {
    let class = |answer: &Answer, call| of_account(answer, call).to_string();
    let by_id = AccountCall::ByIdAlone;
    let refused = "the token does not open this account";
    let unknown = "Meta does not know this id";
    for (answer, call, expected) in [
        (coded(401, 190), by_id, refused),
        (coded(403, 10), by_id, refused),
        (coded(403, 200), AccountCall::WithBody, refused),
        (coded(400, 100), by_id, unknown),
        (coded(400, 33), by_id, unknown),
        (coded(400, 100), AccountCall::WithBody, "Meta refused with code 100"),
        (coded(400, 2_388_040), AccountCall::WithBody, "Meta refused with code 2388040"),
        (coded(400, 80_007), by_id, "Meta is unavailable"),
        (coded(503, 2), by_id, "Meta is unavailable"),
        (coded(500, 999), by_id, "Meta is unavailable"),
        (answer(502, "<html>"), by_id, "Meta is unavailable"),
    ] {
        assert_eq!(class(&answer, call), expected);
    }
    let unknown_waba = answer(400, r#"{"error":{"code":100,"error_subcode":33}}"#);
    assert_eq!(class(&unknown_waba, AccountCall::WithBody), unknown);
}

#[test]
fn metas_documented_errors_are_told_apart() {
    let documented: Vec<(String, Option<SendAction>)> = samples::cases("meta/errors/docs_errors.json")
        .into_iter()
        .map(|(name, payload)| (name, action_of(&answer(400, &payload.to_string()))))
        .collect();
    if documented.is_empty() {
        return;
    }
    let expected = [
        (String::from("rate_limit_130429"), Some(SendAction::SlowDown { retry_after: None })),
        (String::from("invalid_parameter_100"), Some(SendAction::FixMessage)),
    ];
    assert_eq!(documented, expected);
    for (name, payload) in samples::cases("meta/errors/openapi_graph_errors.json") {
        let code = payload["error"]["code"].as_u64().unwrap();
        let class = of_account(&answer(400, &payload.to_string()), AccountCall::ByIdAlone).to_string();
        let expected = match code {
            100 => "Meta does not know this id",
            1 | 2 | 4 | 17 | 80_007 | 80_008 => "Meta is unavailable",
            10 | 102 | 104 | 190 | 200..=299 => "the token does not open this account",
            other => &format!("Meta refused with code {other}"),
        };
        assert_eq!(class, expected, "{name}");
    }
}
