//! Files that WhatsApp has for messages.

use numo_app::port::{
    clock::Clock,
    whatsapp::{AccountError, SenderAccess},
};
use numo_domain::{
    id::{MediaId, PhoneNumberId},
    message::{Document, Message},
};

use crate::meta::{SimMeta, State};

impl SimMeta {
    /// Does not take the next file.
    pub fn refuse_file(&self) {
        self.state.lock().unwrap().refuses_file = true;
    }

    /// How many files it has.
    pub fn files(&self) -> usize {
        self.state.lock().unwrap().files.len()
    }

    pub(super) fn take_file(&self, sender: &SenderAccess, file: &[u8]) -> Result<MediaId, AccountError> {
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap();
        state.asked.push(now);
        let failing = state.failing;
        if state.seed.happens(failing) || std::mem::take(&mut state.refuses_file) {
            return Err(AccountError::Unavailable("the upload was told to fail".into()));
        }
        let media: MediaId = format!("media-{}", state.files.len()).parse().unwrap();
        let content = String::from_utf8(file.to_vec()).unwrap();
        state.files.insert(media.clone(), (sender.phone_number_id.clone(), content));
        Ok(media)
    }
}

impl State {
    /// The name and the content of the PDF above a message, which belongs to the number that sends it.
    pub(super) fn attached(&self, message: &Message, from: &PhoneNumberId) -> Option<(String, String)> {
        let document = message.document.as_ref().map(|Document { media, file_name }| {
            let (owner, content) = &self.files[media];
            assert_eq!(owner, from, "a file of another number");
            (file_name.clone(), content.clone())
        });
        assert_eq!(message.variant.has_pdf(), document.is_some(), "{}", message.template.name);
        document
    }
}
