//! What was done right before a page is shown, and how it is undone.

use url::form_urlencoded;

use crate::view::whatsapp::META_NOT_TOLD;

macro_rules! notices {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $sentence:expr;)+) => {
        /// Something that was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Notice {
            $($(#[$doc])* $name,)+
        }

        impl Notice {
            const ALL: &'static [Self] = &[$(Self::$name),+];

            /// As the address has it.
            pub(super) const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// As the page has it.
            pub(super) const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)+ }
            }
        }
    };
}

notices! {
    /// Everything.
    Paused = "paused", "Everything is paused. Nothing is sent until somebody goes on.";
    /// A pause ended.
    GoesOn = "goes_on", "Reminders go on. Each one is looked at again before it is sent.";
    /// A plan.
    Approved = "approved", "The plan is approved. Each invoice is looked at once more right before its reminder is sent.";
    /// The plan of today.
    PlannedAnew = "planned_anew", "The day is being planned anew. Load the page again in a few seconds.";
    /// A customer, for a day.
    Held = "held", "This reminder is held back for the day.";
    /// The hold of a customer.
    Released = "released", "The reminder is no longer held back.";
    /// A planned reminder.
    Moved = "moved", "The reminder is moved.";
    /// A customer's number.
    NumberTyped = "number_typed", "The number is read in a few seconds. Until then nothing is sent to this customer.";
    /// What was typed for a customer.
    NumberTakenBack = "number_taken_back", "The number in the accounting system counts again.";
    /// A number that was typed before.
    NumberPutBack = "number_put_back", "The number that was typed before counts again once it is read, in a few seconds.";
    /// Something that was done a moment ago.
    Undone = "undone", "It is as it was before. The plan is made anew with it.";
    /// No reminder before a day.
    PutOff = "put_off", "Reminders are put off.";
    /// No reminder at all.
    LeftOut = "left_out", "This customer is left out of reminders.";
    /// Reminders after all.
    Included = "included", "This customer is reminded again. What is old by now is asked about first.";
    /// A promise.
    Promised = "promised", "The promise is noted. Nothing is sent until then.";
    /// A promise that does not count any more.
    Unpromised = "unpromised", "The promise does not count any more.";
    /// A dispute.
    Disputed = "disputed", "The dispute is noted. Nothing is sent about this invoice.";
    /// The end of a dispute.
    Settled = "settled", "The dispute is over.";
    /// Another policy for a customer.
    PolicyChosen = "policy_chosen", "This policy applies to the customer from now on. The plan is made anew with it.";
    /// How to start with old invoices of a customer.
    Begun = "begun", "It is decided how to begin with these invoices. The plan is made anew with it.";
    /// An agreement that was told to an admin.
    OptedIn = "opted_in", "The opt-in is recorded, with your name and what you wrote.";
    /// A refusal that was told to an admin.
    OptedOut = "opted_out", "The opt-out is recorded. Nothing is sent to this customer any more.";
    /// A reminder outside the plan.
    AskedFor = "asked_for", "The reminder is being looked at once more, and goes out in a moment if nothing speaks against it.";
    /// A customer.
    Erased = "erased", "The customer is erased: nothing is sent from now on, and everything is deleted within minutes.";
    /// A customer's file.
    Saved = "saved", "Saved. The plan is made anew with it.";
    /// A message of a customer.
    Answered = "answered", "The answer is on its way.";
    /// A policy.
    SwitchedOn = "switched_on", "The policy is on. Look at the plan before anything goes out, and decide about old invoices below.";
    /// A policy that was on.
    SwitchedOff = "switched_off", "The policy is off: nothing is sent by it any more.";
    /// A setting, whatever it is.
    SettingSaved = "setting_saved", "Saved.";
    /// What messages cost, or may cost.
    CostSaved = "cost_saved", "Saved. Reminders are counted by it from now on.";
    /// The consent statement.
    Attested = "attested", "Confirmed, and kept with your name and the time.";
    /// The account.
    Ending = "ending", "The account is to end. Nothing is sent from now on, and every admin is mailed.";
    /// The end of the account.
    Kept = "kept", "The account stays. Everything is still paused: press Go on when reminders may go out again.";
    /// What a policy says.
    PolicySaved = "policy_saved", "The policy is saved, and the day is planned anew with it.";
    /// A new policy, as a draft.
    PolicyMade = "policy_made", "The policy is a draft: nothing is planned by it until it is switched on.";
    /// A policy of a group or a customer.
    PolicyDeleted = "policy_deleted", "The policy is deleted. Its customers have the next one that fits them.";
    /// A text of Meta's library.
    LibraryTextChosen = "library_text_chosen", "The text stands in until one of Numo's own is approved.";
    /// The choice of such a text.
    LibraryTextTakenBack = "library_text_taken_back", "The text of Meta's library is used no more.";
    /// A test message.
    TestAsked = "test_asked", "The test is on its way to your phone.";
    /// The own number.
    NumberForgotten = "number_forgotten", "Your number is forgotten.";
    /// An export.
    ExportAsked = "export_asked", "The archive is being made. Load this page again in a minute.";
    /// What Meta told.
    Seen = "seen", "It is off the list.";
    /// A ledger.
    Reading = "reading", "The ledger is being read. This page shows how far it is.";
    /// A ledger that was ended.
    LedgerEnded = "ledger_ended", "The accounting system is disconnected. Nothing is read, and nobody in it is reminded.";
    /// A WhatsApp number that was ended.
    NumberEnded = "number_ended", "The number is disconnected: nothing is sent from it any more.";
    /// A WhatsApp account that was ended.
    AccountEnded = "account_ended", "The WhatsApp account is disconnected, and Numo's access to it is deleted.";
    /// The same while Meta could not be reached.
    MetaNotTold = "meta_not_told", META_NOT_TOLD;
    /// A link for a client.
    LinkTakenBack = "link_taken_back", "The link is taken back: it works no more.";
}

impl Notice {
    /// What the query of a page says was done.
    pub(super) fn of(query: &str) -> Option<Self> {
        let done = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "done")?.1;
        Self::ALL.iter().copied().find(|notice| notice.code() == done)
    }
}
