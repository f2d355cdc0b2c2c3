//! Texts of Meta's library that a business chose.

use jiff::Timestamp;
use numo_domain::{
    id::{OrgId, WabaId},
    language::Language,
    library::choice::LibraryChoice,
    template::Purpose,
};

use crate::{
    error::AppError,
    port::table::Source,
    store::{Entity, Store, keys},
};

impl Entity for LibraryChoice {
    const ENTITY: &'static str = "library_choice";
}

impl Store {
    /// The texts of Meta's library that the organisation chose, of all its accounts.
    pub async fn library_choices(&self, org: &OrgId) -> Result<Vec<LibraryChoice>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let stored = self.list(source, keys::whatsapp::LIBRARY_CHOICES.to_owned()).await?;
        Ok(stored.into_iter().map(|stored| stored.value).collect())
    }

    /// The one that an account says something with in a language.
    pub async fn library_choice(
        &self,
        org: &OrgId,
        waba: &WabaId,
        purpose: Purpose,
        language: Language,
    ) -> Result<Option<LibraryChoice>, AppError> {
        let key = keys::whatsapp::library_choice(org, waba, purpose, language);
        Ok(self.read(&key).await?.map(|stored| stored.value))
    }

    /// Keeps a choice in the place of any before it.
    pub(crate) async fn save_library_choice(
        &self,
        org: &OrgId,
        choice: &LibraryChoice,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let LibraryChoice { waba, purpose, text, .. } = choice;
        self.put(keys::whatsapp::library_choice(org, waba, *purpose, text.language), choice, now).await
    }

    /// Takes a choice back; nothing where there is none.
    pub(crate) async fn delete_library_choice(
        &self,
        org: &OrgId,
        waba: &WabaId,
        purpose: Purpose,
        language: Language,
    ) -> Result<(), AppError> {
        self.delete::<LibraryChoice>(keys::whatsapp::library_choice(org, waba, purpose, language)).await
    }

    /// Forgets the choices of an account that is gone.
    pub(crate) async fn delete_library_choices(&self, org: &OrgId, waba: &WabaId) -> Result<(), AppError> {
        for choice in self.library_choices(org).await?.into_iter().filter(|choice| choice.waba == *waba) {
            self.delete_library_choice(org, waba, choice.purpose, choice.text.language).await?;
        }
        Ok(())
    }
}
