//! Files for Meta: the PDF of a message, and the example that the review of a template wants.

use numo_app::port::whatsapp::{AccountError, SenderAccess};
use numo_domain::id::MediaId;
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    http::call::{Operation, call},
    whatsapp::{
        account::{broken, good},
        errors::AccountCall,
        graph::GraphClient,
    },
};

const PDF: &str = "application/pdf";

/// The name of a file while nobody sees it; a message gives it another one.
const FILE_NAME: &str = "invoice.pdf";

/// An invoice of nobody, as Meta's review wants to see one.
const EXAMPLE: &[u8] = include_bytes!("example_invoice.pdf");

impl GraphClient {
    /// Uploads a PDF for messages of a number; Meta keeps it for 30 days (Meta: Cloud API, media).
    pub(crate) async fn upload(&self, sender: &SenderAccess, file: &[u8]) -> Result<MediaId, AccountError> {
        let part = Part::bytes(file.to_vec()).file_name(FILE_NAME).mime_str(PDF);
        let part = part.or(Err(AccountError::Rejected(0)))?;
        let form = Form::new().text("messaging_product", "whatsapp").text("type", PDF).part("file", part);
        let path = [sender.phone_number_id.as_str(), "media"];
        let request = self.request(Method::POST, &path, &sender.token).multipart(form).timeout(self.send_timeout());
        let answer = call(Operation { provider: "whatsapp", name: "upload_pdf" }, request).await;
        let body = good(answer, AccountCall::WithBody)?;
        let id = body.get("id").and_then(|id| id.as_str()?.parse().ok());
        id.ok_or_else(|| broken("an upload without an id"))
    }

    /// Gives Meta the example for a template with a PDF, and returns its handle (Meta: Resumable Upload API).
    pub(crate) async fn example_handle(&self, token: &SecretString) -> Result<String, AccountError> {
        let length = EXAMPLE.len().to_string();
        let query = [("file_name", FILE_NAME), ("file_length", length.as_str()), ("file_type", PDF)];
        let begin = self.request(Method::POST, &[self.app_id(), "uploads"], token).query(&query);
        let answer = call(Operation { provider: "whatsapp", name: "begin_upload" }, begin).await;
        let body = good(answer, AccountCall::WithBody)?;
        let session = body.get("id").and_then(|id| id.as_str()).filter(|id| id.starts_with("upload:"));
        let session = session.ok_or_else(|| broken("an upload without a session"))?;
        // The id of a session has a query of its own, and this one call wants another scheme than Bearer.
        let send =
            self.http().post(self.session(session)).header("Authorization", format!("OAuth {}", token.expose_secret()));
        let send = send.header("file_offset", "0").body(EXAMPLE).timeout(self.send_timeout());
        let body =
            good(call(Operation { provider: "whatsapp", name: "upload_example" }, send).await, AccountCall::WithBody)?;
        let handle = body.get("h").and_then(|handle| handle.as_str());
        handle.map(str::to_owned).ok_or_else(|| broken("an upload without a handle"))
    }
}
