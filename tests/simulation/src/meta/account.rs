//! What WhatsApp tells of accounts.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;
use numo_app::port::{
    template_library::TemplateLibrary,
    whatsapp::{AccountError, FoundTemplate, NumberInfo, SenderAccess, WhatsappAccount},
};
use numo_domain::{
    account_bill::Sums,
    id::{PhoneNumberId, WabaId},
    template::{AccountTemplate, PackTemplate, WhyUnusable},
};
use secrecy::SecretString;

use crate::meta::{Account, SimMeta, spare_of, texts::id_of};

#[async_trait]
impl WhatsappAccount for SimMeta {
    fn library(&self) -> &dyn TemplateLibrary {
        &self.library
    }

    async fn number(&self, access: &SenderAccess) -> Result<NumberInfo, AccountError> {
        let Account { is_blocked, is_token_dead, refused, daily_limit, throughput, is_mute, .. } = {
            let account = &mut self.state.lock().unwrap().account;
            *account.looks.entry(access.phone_number_id.clone()).or_default() += 1;
            account.clone()
        };
        if is_mute {
            return Err(AccountError::Unavailable("Meta does not answer".into()));
        }
        if is_token_dead || refused.as_ref() == Some(&access.phone_number_id) {
            return Err(AccountError::Refused);
        }
        let (number, verified_name) = ("+97145550100".parse().unwrap(), access.phone_number_id.to_string());
        let can_send = !is_blocked;
        let (is_on_biz_app, troubles) = (false, BTreeSet::new());
        Ok(NumberInfo { number, verified_name, can_send, daily_limit, is_on_biz_app, throughput, troubles })
    }

    async fn numbers_of(&self, waba: &WabaId, _token: &SecretString) -> Result<Vec<PhoneNumberId>, AccountError> {
        let first = waba.as_str().replace("waba", "phone").parse().unwrap();
        Ok(vec![spare_of(&first), first])
    }

    async fn subscribe(&self, _waba: &WabaId, _token: &SecretString) -> Result<(), AccountError> {
        Ok(())
    }

    async fn templates(&self, waba: &WabaId, _token: &SecretString) -> Result<Vec<FoundTemplate>, AccountError> {
        let state = self.state.lock().unwrap();
        if state.account.are_texts_refused {
            return Err(AccountError::Refused);
        }
        let of_account = state.account.texts.iter().filter(|(account, _)| account == waba);
        let found = |text: &AccountTemplate| FoundTemplate { id: id_of(&text.template), text: text.clone() };
        Ok(of_account.map(|(_, text)| found(text)).collect())
    }

    async fn unarchive(&self, waba: &WabaId, _token: &SecretString, ids: &[String]) -> Result<(), AccountError> {
        let mut state = self.state.lock().unwrap();
        for (account, text) in &mut state.account.texts {
            if account == waba && text.why == Some(WhyUnusable::Archived) && ids.contains(&id_of(&text.template)) {
                *text = AccountTemplate::approved(text.template.clone());
            }
        }
        Ok(())
    }

    async fn billed(
        &self,
        waba: &WabaId,
        _token: &SecretString,
        _from: Timestamp,
        _until: Timestamp,
    ) -> Result<Sums, AccountError> {
        self.state.lock().unwrap().account.bills.get(waba).cloned().ok_or(AccountError::Rejected(10))
    }

    async fn create_template(
        &self,
        waba: &WabaId,
        _token: &SecretString,
        template: &PackTemplate,
    ) -> Result<AccountTemplate, AccountError> {
        let account = &mut self.state.lock().unwrap().account;
        let text = match account.are_texts_held {
            true => AccountTemplate::pending(template.reference()),
            false => AccountTemplate::approved(template.reference()),
        };
        account.texts.push((waba.clone(), text.clone()));
        Ok(text)
    }
}
