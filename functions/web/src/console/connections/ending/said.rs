//! What ending a connection deletes, and what stays.

/// Said before something is ended.
pub(super) struct Said {
    /// At once, and nobody can take it back.
    pub(super) deletes: &'static [&'static str],
    /// Afterwards, too.
    pub(super) keeps: &'static [&'static str],
}

/// As `disconnect_ledger` does it.
pub(super) const LEDGER: Said = Said {
    deletes: &[
        "From this moment nothing is read from it, and nobody in it is reminded; what is planned for them does not go out.",
        "The accounting system is told, so that Numo no longer stands among its connected apps.",
        "The tokens that open it are deleted as soon as it was told, and after a day in any case.",
    ],
    keeps: &[
        "Its customers and invoices as they were read last, with messages, opt-outs and decisions: whoever connects it again goes on where it stopped.",
        "Everything in the accounting system itself.",
        "Customers are erased one by one on their pages, and everything together with the account in the settings.",
    ],
};

/// As `disconnect_whatsapp` ends a number that is not the last of its account.
pub(super) const NUMBER: Said = Said {
    deletes: &[
        "From this moment nothing is sent from the number; what is planned is planned anew without it.",
        "The number leaves Numo, with the PIN that Numo registered it with.",
    ],
    keeps: &[
        "Its reminders and conversations, for your records.",
        "The account with its other numbers, its access and its texts.",
        "The number at WhatsApp: Numo changes nothing there.",
    ],
};

/// As `disconnect_whatsapp` ends an account, or a number that is its last.
pub(super) const ACCOUNT: Said = Said {
    deletes: &[
        "From this moment nothing is sent from the account; without another number no reminder goes out at all.",
        "Meta is told, so that Numo hears nothing of the account any more, and Numo's access to it is deleted at once.",
        "Its numbers leave Numo with their PINs, and so does what Numo knows of its texts and its costs.",
    ],
    keeps: &[
        "Reminders and conversations, for your records.",
        "The account, its numbers and its texts at WhatsApp: Numo changes nothing there.",
        "Customers, invoices, policies and opt-outs.",
    ],
};
