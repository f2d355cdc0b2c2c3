//! Numbers of customers change: admins type others than the ledger's, and bookkeepers correct them in the ledger.

use numo_app::{
    configure::record_consent,
    import_numbers::{NumberRow, import_numbers},
    import_report::RowOutcome,
    port::clock::Clock,
};
use numo_domain::{
    consent::{Answer, ConsentState},
    contact::{Contact, ContactNumber, ContactRef, LedgerPhone, LedgerPhoneKind},
    id::ExternalId,
};
use numo_testkit::seed::Seed;

use crate::{
    business::{Business, Corrected},
    world::World,
};

impl World {
    /// From now on numbers change while people act; which, and when, shifts nothing else that the seed decides.
    pub fn let_numbers_change(&mut self) {
        self.typing = Some(Seed::new(self.seed_number + 1_000_003));
    }

    pub(super) async fn numbers_change(&mut self) {
        let Some(mut typing) = self.typing.take() else { return };
        for n in 0..self.businesses.len() {
            let customers: Vec<ExternalId> = self.businesses[n].numbers.keys().cloned().collect();
            let place = typing.next() % u64::try_from(customers.len()).unwrap();
            let customer = &customers[usize::try_from(place).unwrap()];
            if typing.happens(60) {
                self.import_number(n, customer).await;
            }
            if typing.happens(20) {
                self.correct_in_ledger(n, customer);
            }
            if typing.happens(200) {
                self.confirm_numbers(n).await;
            }
        }
        self.typing = Some(typing);
    }

    /// A number that nobody had before, for a customer who is in a file with all others; whether it was taken.
    pub async fn import_number(&mut self, n: usize, customer: &ExternalId) -> bool {
        let (now, number) = (self.clock.now(), self.new_number(n, customer));
        let business = &self.businesses[n];
        let (mut rows, mut known_in_ledger) = (Vec::new(), Vec::new());
        for known in self.store().contacts(&business.org).await.unwrap() {
            let is_other = known.at.contact != *customer;
            // As the file has it: what is known of everybody else.
            let number = if is_other { exported(&known) } else { number.clone() };
            known_in_ledger.push(e164(known.number_in_ledger()).unwrap_or_default());
            rows.push((is_other, Ok(NumberRow { customer: known.at, number })));
        }
        if rows.is_empty() {
            return false;
        }
        let (others, rows): (Vec<bool>, Vec<_>) = rows.into_iter().unzip();
        let (ports, who) = ((&self.waker, &self.number_keys), (&business.org, &business.admin));
        let outcomes = import_numbers(ports, who, rows, now).await.unwrap();
        for (is_other, outcome) in others.iter().zip(&outcomes) {
            let is_expected = *outcome == if *is_other { RowOutcome::Unchanged } else { RowOutcome::Accepted };
            assert!(is_expected, "seed {}: a row was {outcome:?}", self.seed_number);
        }
        let Some(place) = others.iter().position(|is_other| !is_other) else { return false };
        // What was corrected in the ledger and not read yet wins over what is typed.
        let in_ledger = self.ledger.number_of(&self.businesses[n].tenant, customer).unwrap_or_default();
        let is_read = self.businesses[n].corrected.get(customer) != Some(&Corrected::InLedger(in_ledger.clone()))
            || known_in_ledger[place] == in_ledger;
        let corrected = if is_read { Corrected::Typed(number) } else { Corrected::InLedger(in_ledger) };
        self.businesses[n].corrected.insert(customer.clone(), corrected);
        is_read
    }

    /// The bookkeeper of a business gives a customer a number that nobody had before.
    pub fn correct_in_ledger(&mut self, n: usize, customer: &ExternalId) {
        let number = self.new_number(n, customer);
        self.ledger_says(n, customer, &number);
        self.businesses[n].corrected.insert(customer.clone(), Corrected::InLedger(number));
    }

    /// The ledger has another number of a customer, or none.
    pub fn ledger_says(&self, n: usize, customer: &ExternalId, number: &str) {
        let phone = LedgerPhone { kind: LedgerPhoneKind::Mobile, text: number.to_owned() };
        self.ledger.change_contact(&self.businesses[n].tenant, customer, |contact| contact.phones = vec![phone]);
    }

    /// The admin of a business records that whoever has a new number wants reminders, where nobody said otherwise.
    pub async fn confirm_numbers(&self, n: usize) {
        let business = &self.businesses[n];
        let consents = self.store().consents(&business.org).await.unwrap();
        for known in self.store().contacts(&business.org).await.unwrap() {
            let is_new = business.corrected.contains_key(&known.at.contact) && known.number.key().is_some();
            if is_new && consents.answer_of(&known) == Answer::None {
                self.opt_in(business, &known.at).await;
            }
        }
    }

    async fn opt_in(&self, business: &Business, customer: &ContactRef) {
        let (state, now) = (ConsentState::OptedIn, self.clock.now());
        record_consent(&self.waker, &business.org, &business.admin, customer, state, "by phone", now).await.unwrap();
    }

    fn new_number(&mut self, n: usize, customer: &ExternalId) -> String {
        let corrections = &mut self.businesses[n].corrections;
        *corrections.entry(customer.clone()).or_default() += 1;
        format!("+97156{n:02}9{:04}", corrections.values().sum::<usize>())
    }
}

/// The number of a customer in an exported file.
fn exported(known: &Contact) -> String {
    let typed = known.typed.as_ref().map(|typed| typed.text.as_str().to_owned());
    e164(&known.number).or(typed).unwrap_or_default()
}

fn e164(number: &ContactNumber) -> Option<String> {
    match number {
        ContactNumber::Usable { number, .. } => Some(number.as_e164().to_owned()),
        ContactNumber::Unusable { .. } | ContactNumber::Missing | ContactNumber::Unread => None,
    }
}
