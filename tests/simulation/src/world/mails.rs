//! What the people of businesses are mailed, and what must hold for it.

use std::{collections::BTreeMap, sync::Arc};

use jiff::civil::Date;
use numo_app::{
    check_organisation::CheckPorts,
    clerk_news::ClerkPorts,
    mail_owner::{MailPorts, Mailer},
    port::{clock::Clock, session::Role},
};
use numo_domain::calendar::Zone;
use numo_testkit::{memory_people::MemoryPeople, recording_mail::RecordingMail};

use crate::{business::Business, world::World};

/// The mail service and Clerk, and what was seen of it.
#[derive(Debug, Default)]
pub(super) struct Post {
    mail: Arc<RecordingMail>,
    people: Arc<MemoryPeople>,
    checked: usize,
    digests: BTreeMap<(String, Date), usize>,
}

impl Post {
    /// Clerk.
    pub(super) fn clerk(&self) -> Arc<MemoryPeople> {
        self.people.clone()
    }

    /// A business has its admin, who reads mails.
    pub(super) fn introduce(&self, business: &Business) {
        self.people.join(&business.org, &business.admin, Role::Admin);
    }
}

impl World {
    pub(super) fn mail_ports(&self) -> MailPorts {
        let mailer = Mailer {
            mail: self.post.mail.clone(),
            people: self.post.people.clone(),
            keys: self.number_keys.clone(),
            public_url: "https://numo.example".to_owned(),
        };
        MailPorts { waker: self.waker.clone(), clock: self.clock.clone(), mailer: Some(mailer) }
    }

    pub(super) fn check_ports(&self) -> CheckPorts {
        let clerk = ClerkPorts { store: self.waker.store.clone(), ids: self.waker.ids.clone() };
        CheckPorts { clerk, people: self.post.people.clone() }
    }

    /// How many mails there were.
    pub fn mails(&self) -> usize {
        self.post.mail.letters().len()
    }

    /// To the admin of a business alone, about nobody else's, without a customer in it, and one digest a day: a second
    /// one only where a call died before its answer was stored, or where a restored table does not know of the first.
    pub(super) fn every_mail_is_allowed(&mut self) {
        let (seed, letters) = (self.seed_number, self.post.mail.letters());
        let zone: Zone = "Asia/Dubai".parse().unwrap();
        let today = zone.date(self.clock.now());
        let most = 2 + self.restores();
        for letter in &letters[self.post.checked..] {
            let to = letter.to.as_str().to_owned();
            let is_theirs = |business: &&Business| to == format!("{}@people.example", business.admin);
            let business = self.businesses.iter().find(is_theirs);
            let business = business.unwrap_or_else(|| panic!("seed {seed}: a mail to a stranger"));
            for other in &self.businesses {
                for number in other.numbers.values() {
                    let digits = number.trim_start_matches('+');
                    assert!(!letter.text.contains(digits), "seed {seed}: a customer's number in a mail");
                }
            }
            if let Some(way_out) = &letter.unsubscribe {
                let theirs = format!("/unsubscribe/{}/{}/", business.org, business.admin);
                assert!(way_out.contains(&theirs), "seed {seed}: somebody else's way out");
                let count = self.post.digests.entry((to, today)).or_default();
                *count += 1;
                assert!(*count <= most, "seed {seed}: {count} digests on one day");
            }
        }
        self.post.checked = letters.len();
    }
}
