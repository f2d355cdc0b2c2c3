//! What the business set up: itself, its accounts, its texts and its policies.

use crate::export::kinds::{Kind, Rows::Item, Whose::Business};

const POLICY: &str = "id name audience* version state steps[ id offset_days tone text ] repeat{ every* at_most } calendar* \
    clock caps{ gap_days per_seven_days } minimum_total# catch_up_days only_marked_sent hold_when_we_owe thank_you pay_link \
    pdf release_holds_after language approval highest_step active_since edited_at";

pub(super) const KINDS: &[Kind] = &[
    Kind::new(
        ("organisation", "organisation"),
        &[("PROFILE", Business)],
        Item,
        "the organisation with its settings, its pauses, its attestation and what it said that messages cost",
        "id name zone country base_currency pause{ since by* until } operator_pause{ since until } \
         closing{ since by* until } attestation{ version by at authorised_by } explicit_opt_in_only ramp_per_day \
         per_ten_minutes language cost_cap{ per_month$ rates% rate_elsewhere% valid_from read_on } \
         rates{ currency rates% rate_elsewhere% valid_from read_on }",
    ),
    Kind::new(
        ("mail_settings", "mail_settings"),
        &[("MAILS", Business)],
        Item,
        "who is mailed",
        "recipients* names without_digest",
    ),
    Kind::new(
        ("members", "member"),
        &[("MEMBER#", Business)],
        Item,
        "a member with a number of their own",
        "user number{ number verified_at } tests{ on count }",
    ),
    Kind::new(
        ("connections", "connection"),
        &[("CONN#", Business)],
        Item,
        "a connected accounting system",
        "id provider tenant name status is_demo_company connected_at last_synced_at consent_ends_at own_reminders sender \
         last_payment_on",
    ),
    Kind::new(
        ("whatsapp_accounts", "whatsapp_account"),
        &[("WABA#", Business)],
        Item,
        "a connected WhatsApp Business Account",
        "waba status connected_at",
    ),
    Kind::new(
        ("senders", "sender"),
        &[("SENDER#", Business)],
        Item,
        "a WhatsApp number of the business",
        "phone_number_id waba number verified_name daily_limit is_on_biz_app throughput status stopped_at stopped_for \
         restriction* looked_at",
    ),
    Kind::new(
        ("templates", "template"),
        &[("TPL#", Business)],
        Item,
        "a text as it stands at Meta",
        "template{ name language } status why* code rests_until",
    ),
    Kind::new(
        ("library_texts", "library_choice"),
        &[("LIBRARY#", Business)],
        Item,
        "a text of Meta's library that was chosen",
        "waba purpose text{ template{ name language } library_name language header body footer buttons* values* } by at",
    ),
    Kind::new(
        ("setup_links", "setup_link"),
        &[("SETUP#", Business)],
        Item,
        "a link by which a client may connect WhatsApp, without its address",
        "by made_at ends_at",
    ),
    Kind::new(("policies", "policy"), &[("POLICY#", Business)], Item, "a reminder policy", POLICY),
    Kind::new(
        ("policy_versions", "policy"),
        &[("POLICYV#", Business)],
        Item,
        "a reminder policy as it was saved once",
        POLICY,
    ),
];
