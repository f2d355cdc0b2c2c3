/// Every code that Meta documents for the Cloud API, with the HTTP status and the title it comes with.
///
/// Meta: error codes. Branch on the code alone: statuses are not reliable and titles are translated.
const CODES: &[(i64, u16, &str)] = &[
    (0, 401, "AuthException"),
    (1, 400, "API Unknown"),
    (2, 503, "API Service"),
    (3, 500, "API Method"),
    (4, 400, "API Too Many Calls"),
    (10, 403, "Permission Denied"),
    (17, 400, "User request limit reached"),
    (32, 400, "Page request limit reached"),
    (33, 400, "Parameter value is not valid"),
    (100, 400, "Invalid parameter"),
    (102, 401, "API Session"),
    (104, 401, "Incorrect signature"),
    (190, 401, "Access token has expired"),
    (200, 403, "API Permission"),
    (299, 403, "API Permission"),
    (368, 403, "Temporarily blocked for policies violations"),
    (613, 400, "Calls to this api have exceeded the rate limit"),
    (2_200, 400, "Callback verification failed"),
    (80_007, 400, "Rate limit issues"),
    (80_008, 400, "Rate limit issues"),
    (130_429, 400, "Rate limit hit"),
    (130_472, 400, "User's number is part of an experiment"),
    (130_497, 403, "Business account is restricted from messaging users in this country"),
    (131_000, 500, "Something went wrong"),
    (131_005, 403, "Access denied"),
    (131_008, 400, "Required parameter is missing"),
    (131_009, 400, "Parameter value is not valid"),
    (131_016, 500, "Service unavailable"),
    (131_021, 400, "Recipient cannot be sender"),
    (131_026, 400, "Message undeliverable"),
    (131_030, 400, "Recipient phone number not in allowed list"),
    (131_031, 403, "Business Account locked"),
    (131_037, 400, "Display name not approved"),
    (131_042, 400, "Business eligibility payment issue"),
    (131_044, 400, "Business eligibility payment issue"),
    (131_045, 500, "Incorrect certificate"),
    (131_047, 400, "Re-engagement message"),
    (131_048, 400, "Spam rate limit hit"),
    (131_049, 400, "Meta chose not to deliver"),
    (131_050, 400, "User stopped marketing messages"),
    (131_051, 400, "Unsupported message type"),
    (131_052, 400, "Media download error"),
    (131_053, 400, "Media upload error"),
    (131_055, 400, "Method not allowed"),
    (131_056, 400, "(Business Account, Consumer Account) pair rate limit hit"),
    (131_057, 500, "Account in maintenance mode"),
    (131_060, 400, "Message type is not supported in coexistence"),
    (131_062, 400, "Recipient is not supported for this message"),
    (131_063, 400, "Marketing templates are disabled"),
    (131_064, 400, "Messaging limit because of template classification violations"),
    (132_000, 400, "Number of parameters does not match the expected number of params"),
    (132_001, 404, "Template does not exist"),
    (132_005, 400, "Translated text too long"),
    (132_007, 400, "Format character policy violated"),
    (132_008, 400, "Parameter value is not valid"),
    (132_012, 400, "Parameter format does not match format in the created template"),
    (132_015, 400, "Template is Paused"),
    (132_016, 400, "Template is Disabled"),
    (132_018, 400, "Parameter value is not valid"),
    (132_068, 400, "Flow is in blocked state"),
    (132_069, 400, "Flow is in throttled state"),
    (133_000, 500, "Incomplete Deregistration"),
    (133_004, 503, "Server Temporarily Unavailable"),
    (133_005, 400, "Two step verification PIN Mismatch"),
    (133_006, 400, "Phone number re-verification needed"),
    (133_008, 400, "Too many two step verification PIN guesses"),
    (133_009, 400, "Two step verification PIN guessed too fast"),
    (133_010, 400, "Phone number Not Registered"),
    (133_015, 400, "Phone number was recently deleted"),
    (133_016, 400, "Registration and deregistration limit reached"),
    (134_011, 400, "Payments terms of service not accepted"),
    (134_100, 400, "Only marketing messages are supported"),
    (134_101, 400, "Template is syncing"),
    (134_102, 500, "Template is unavailable for use"),
    (135_000, 400, "Generic user error"),
    (137_000, 400, "Identity key hash mismatch"),
    (1_752_041, 400, "Duplicate onboarding request"),
    (2_388_019, 400, "Message template limit exceeded"),
    (2_388_040, 400, "Character limit exceeded"),
    (2_388_047, 400, "Message header format is incorrect"),
    (2_388_072, 400, "Message body format is incorrect"),
    (2_388_073, 400, "Message footer format is incorrect"),
    (2_388_293, 400, "Parameter-words ratio exceeds limit"),
    (2_388_299, 400, "Leading or trailing parameters not allowed"),
    (2_494_100, 400, "Account is in maintenance mode"),
    (2_593_107, 400, "Synchronization request limit exceeded"),
    (2_593_108, 400, "Synchronization is not possible any more"),
];

/// All of them, as `/_control/meta/codes` shows them.
pub(crate) fn all() -> impl Iterator<Item = (i64, u16, &'static str)> {
    CODES.iter().copied()
}

pub(crate) fn title(code: i64) -> &'static str {
    known(code).map_or("Error", |(_, _, title)| title)
}

/// The HTTP status of an answer with a code; 400 where Meta documents none.
pub(crate) fn status(code: i64) -> u16 {
    known(code).map_or(400, |(_, status, _)| status)
}

fn known(code: i64) -> Option<(i64, u16, &'static str)> {
    all().find(|(known, ..)| *known == code)
}
