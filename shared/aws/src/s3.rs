//! Archives in S3: every call is a signed address, so that no client of S3 has to be linked.

mod signer;
mod xml;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::SignedDuration;
use numo_app::port::{
    bucket::{Bucket, BucketError, PieceTag, UploadId},
    clock::Clock,
};
use reqwest::{Client, Method, header::ETAG};

pub use crate::s3::signer::S3Signer;
use crate::{config::Account, failure::Failure, http, s3::signer::Asked};

/// How often a call is made whose answer does not come, or says that S3 is busy.
const ATTEMPTS: usize = 3;

/// How long one call may take: a piece has some megabytes.
const ATTEMPT: Duration = Duration::from_secs(30);

/// How long a signature of our own calls counts.
const SIGNED_FOR: SignedDuration = SignedDuration::from_mins(5);

/// One bucket.
#[derive(Clone)]
pub struct S3Bucket {
    client: Client,
    signer: S3Signer,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for S3Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("S3Bucket")
    }
}

/// What S3 said to a call that it took.
struct Answer {
    body: String,
    etag: Option<String>,
}

impl S3Bucket {
    /// A bucket of the account's region.
    pub fn new(account: &Account, bucket: &str, clock: Arc<dyn Clock>) -> Result<Self, BucketError> {
        let client = http::plain().map_err(BucketError)?;
        Ok(Self { client, signer: S3Signer::new(account, bucket)?, clock })
    }

    async fn call(&self, asked: &Asked<'_>, body: Vec<u8>) -> Result<Answer, BucketError> {
        let mut attempt = 1;
        loop {
            let address = self.signer.sign(asked, SIGNED_FOR, self.clock.now())?;
            let request = self.client.request(asked.method.clone(), address).timeout(ATTEMPT).body(body.clone());
            let failure = match answer(request, asked.operation).await {
                Ok(answer) => return Ok(answer),
                Err(Failed { why, is_final }) if is_final || attempt == ATTEMPTS => return Err(BucketError(why)),
                Err(failed) => failed.why,
            };
            tracing::warn!(error = %failure, "a call of S3 is made again");
            attempt += 1;
        }
    }
}

#[async_trait]
impl Bucket for S3Bucket {
    async fn begin(&self, key: &str) -> Result<UploadId, BucketError> {
        let asked = Asked::new("CreateMultipartUpload", Method::POST, key).with("uploads", "");
        let answer = self.call(&asked, Vec::new()).await?;
        let id = xml::texts(&answer.body, "UploadId").pop();
        id.map(UploadId).ok_or_else(|| unreadable("CreateMultipartUpload"))
    }

    async fn put(&self, key: &str, upload: &UploadId, number: usize, piece: Vec<u8>) -> Result<PieceTag, BucketError> {
        let asked = Asked::new("UploadPart", Method::PUT, key);
        let asked = asked.with("partNumber", &number.to_string()).with("uploadId", &upload.0);
        let answer = self.call(&asked, piece).await?;
        answer.etag.map(PieceTag).ok_or_else(|| unreadable("UploadPart"))
    }

    async fn complete(&self, key: &str, upload: &UploadId, pieces: &[PieceTag]) -> Result<(), BucketError> {
        let parts: String = pieces
            .iter()
            .zip(1..)
            .map(|(PieceTag(tag), number)| {
                format!("<Part><PartNumber>{number}</PartNumber><ETag>{}</ETag></Part>", xml::escaped(tag))
            })
            .collect();
        let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
        let asked = Asked::new("CompleteMultipartUpload", Method::POST, key).with("uploadId", &upload.0);
        let answer = self.call(&asked, body.into_bytes()).await?;
        // S3 begins to answer before it is done: a failure then has the status of a success.
        if answer.body.contains("<Error>") { Err(unreadable("CompleteMultipartUpload")) } else { Ok(()) }
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>, BucketError> {
        let asked = Asked::new("ListObjectsV2", Method::GET, "").with("list-type", "2").with("prefix", prefix);
        Ok(xml::texts(&self.call(&asked, Vec::new()).await?.body, "Key"))
    }

    async fn delete(&self, key: &str) -> Result<(), BucketError> {
        self.call(&Asked::new("DeleteObject", Method::DELETE, key), Vec::new()).await.map(|_| ())
    }
}

/// A call that failed, and whether another attempt would fail as well.
struct Failed {
    why: Box<Failure>,
    is_final: bool,
}

async fn answer(request: reqwest::RequestBuilder, operation: &'static str) -> Result<Answer, Failed> {
    // The address has a signature, and does not belong into a log.
    let lost = |error: reqwest::Error| Failed {
        why: Failure::because(operation, "NoAnswer", error.without_url().to_string()),
        is_final: false,
    };
    let response = request.send().await.map_err(lost)?;
    let status = response.status();
    let etag = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
    let body = response.text().await.map_err(lost)?;
    if status.is_success() {
        return Ok(Answer { body, etag });
    }
    let code = xml::texts(&body, "Code").pop().unwrap_or_default();
    let why = Failure::because(operation, "Refused", format!("status {} {code}", status.as_u16()));
    Err(Failed { why, is_final: !status.is_server_error() && status.as_u16() != 429 })
}

fn unreadable(operation: &'static str) -> BucketError {
    BucketError(Failure::because(operation, "Unreadable", "the answer lacks what it should say"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        canned::{Answer as Told, Canned},
        config::Keys,
    };

    struct Still;

    impl Clock for Still {
        fn now(&self) -> jiff::Timestamp {
            "2026-11-28T06:00:00Z".parse().unwrap()
        }
    }

    fn bucket(server: &Canned) -> S3Bucket {
        let keys = Keys { id: "id".to_owned(), secret: "secret".into(), session: None };
        let account = Account { region: "eu-west-1".to_owned(), endpoint: Some(server.address()), keys };
        S3Bucket::new(&account, "exports", Arc::new(Still)).unwrap()
    }

    fn told(status: u16, body: &str) -> Told {
        Told { status, body: body.to_owned() }
    }

    #[tokio::test]
    async fn an_object_is_put_together_from_its_pieces_in_their_order() {
        let begun = "<InitiateMultipartUploadResult><UploadId>u&amp;1</UploadId></InitiateMultipartUploadResult>";
        let server = Canned::start(vec![told(200, begun), told(200, "<CompleteMultipartUploadResult/>")]);
        let bucket = bucket(&server);
        let upload = bucket.begin("exports/a/1.zip").await.unwrap();
        assert_eq!(upload, UploadId("u&1".to_owned()));
        let tags = ["\"a\"", "\"b\""].map(|tag| PieceTag(tag.to_owned()));
        bucket.complete("exports/a/1.zip", &upload, &tags).await.unwrap();
        let expected = "<CompleteMultipartUpload>\
            <Part><PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag></Part>\
            <Part><PartNumber>2</PartNumber><ETag>&quot;b&quot;</ETag></Part></CompleteMultipartUpload>";
        assert_eq!(server.bodies(), ["", expected]);
    }

    #[tokio::test]
    async fn a_failure_with_the_status_of_a_success_is_one() {
        let server = Canned::start(vec![told(200, "<Error><Code>InternalError</Code></Error>")]);
        let tags = [PieceTag("a".to_owned())];
        assert!(bucket(&server).complete("a", &UploadId("u".to_owned()), &tags).await.is_err());
    }

    #[tokio::test]
    async fn a_call_is_made_again_where_that_may_help_and_says_what_failed_without_its_address() {
        let listed = "<ListBucketResult><Contents><Key>exports/a/1.zip</Key></Contents>\
            <Contents><Key>exports/a/2.zip</Key></Contents></ListBucketResult>";
        let server =
            Canned::start(vec![told(503, "<Error><Code>SlowDown</Code></Error>"), Told::lost(), told(200, listed)]);
        assert_eq!(bucket(&server).keys("exports/a/").await.unwrap(), ["exports/a/1.zip", "exports/a/2.zip"]);
        assert_eq!(server.bodies().len(), 3);
        let server = Canned::start(vec![told(403, "<Error><Code>AccessDenied</Code></Error>")]);
        let BucketError(error) = bucket(&server).delete("exports/a/1.zip").await.unwrap_err();
        assert_eq!(error.to_string(), "DeleteObject failed with Refused: status 403 AccessDenied (request none)");
        assert_eq!(server.bodies().len(), 1);
        let server = Canned::start(vec![Told::lost()]);
        let BucketError(error) = bucket(&server).delete("exports/a/1.zip").await.unwrap_err();
        assert!(!error.to_string().contains("X-Amz"), "{error}");
        assert_eq!(server.bodies().len(), 3);
    }
}
