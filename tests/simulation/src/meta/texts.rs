//! What becomes of texts after they were registered.

use numo_domain::{reminder::TemplateRef, template::AccountTemplate};

use crate::meta::SimMeta;

impl SimMeta {
    /// Lets no token reach the texts of an account.
    pub fn refuse_texts(&self) {
        self.state.lock().unwrap().account.are_texts_refused = true;
    }

    /// Lets what is registered wait for its review.
    pub fn hold_texts(&self) {
        self.state.lock().unwrap().account.are_texts_held = true;
    }

    /// Approves everything that was registered.
    pub fn approve_texts(&self) {
        let account = &mut self.state.lock().unwrap().account;
        account.are_texts_held = false;
        for (_, text) in &mut account.texts {
            *text = AccountTemplate::approved(text.template.clone());
        }
    }

    /// The texts that were registered, by name and language.
    pub fn registered(&self) -> Vec<(String, String)> {
        let state = self.state.lock().unwrap();
        let texts = state.account.texts.iter().map(|(_, text)| &text.template);
        texts.map(|template| (template.name.clone(), template.language.clone())).collect()
    }

    /// Decides about a text of every account.
    pub fn decide(&self, text: &AccountTemplate) {
        for (_, held) in &mut self.state.lock().unwrap().account.texts {
            if held.template == text.template {
                *held = text.clone();
            }
        }
    }

    /// Forgets a text of every account, as Meta does a month after it was archived.
    pub fn delete(&self, template: &TemplateRef) {
        self.state.lock().unwrap().account.texts.retain(|(_, held)| held.template != *template);
    }
}

/// Meta's id of a text.
pub(super) fn id_of(template: &TemplateRef) -> String {
    format!("{}.{}", template.name, template.language)
}
