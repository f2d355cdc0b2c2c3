//! Signed addresses of a bucket's objects.
//!
//! The signature stands in the query (AWS: authenticating requests with query parameters); the body is guarded by TLS.

use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::config::Credentials;
use aws_sigv4::{
    http_request::{
        PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4::SigningParams,
};
use jiff::{SignedDuration, Timestamp};
use numo_app::port::bucket::{BucketError, BucketLinks};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, Url};
use secrecy::ExposeSecret as _;

use crate::config::Account;

/// Makes addresses of a bucket's objects, without any call.
#[derive(Debug, Clone)]
pub struct S3Signer {
    account: Account,
    /// Ends with a slash.
    base: String,
}

/// A call of S3.
pub(super) struct Asked<'a> {
    pub(super) operation: &'static str,
    pub(super) method: Method,
    key: &'a str,
    query: Vec<String>,
}

impl<'a> Asked<'a> {
    pub(super) const fn new(operation: &'static str, method: Method, key: &'a str) -> Self {
        Self { operation, method, key, query: Vec::new() }
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.query.push(format!("{name}={}", encoded(value)));
        self
    }
}

impl S3Signer {
    /// For a bucket of the account's region, or of the server that stands in for AWS.
    pub fn new(account: &Account, bucket: &str) -> Result<Self, BucketError> {
        let base = match &account.endpoint {
            Some(endpoint) => format!("{}/{bucket}/", endpoint.trim_end_matches('/')),
            None => format!("https://{bucket}.s3.{}.amazonaws.com/", account.region),
        };
        address(&base)?;
        Ok(Self { account: account.clone(), base })
    }

    /// The address at which a call may be made for some time.
    pub(super) fn sign(&self, asked: &Asked<'_>, lives: SignedDuration, now: Timestamp) -> Result<Url, BucketError> {
        let path: Vec<String> = asked.key.split('/').map(encoded).collect();
        let plain = format!("{}{}?{}", self.base, path.join("/"), asked.query.join("&"));
        let keys = &self.account.keys;
        let session = keys.session.as_ref().map(|session| session.expose_secret().to_owned());
        let identity = Credentials::new(&keys.id, keys.secret.expose_secret(), session, None, "environment").into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(&self.account.region)
            .name("s3")
            .time(SystemTime::UNIX_EPOCH + Duration::from_millis(now.as_millisecond().max(0).unsigned_abs()))
            .settings(settings(lives))
            .build()
            .map_err(|error| BucketError(Box::new(error)))?
            .into();
        let method = asked.method.as_str();
        let request = SignableRequest::new(method, plain.as_str(), std::iter::empty(), SignableBody::UnsignedPayload);
        let signed =
            request.and_then(|request| sign(request, &params)).map_err(|error| BucketError(Box::new(error)))?;
        let (added, _signature) = signed.into_parts();
        let added = added.params().iter().map(|(name, value)| format!("{name}={}", encoded(value)));
        let query: Vec<String> = asked.query.iter().cloned().chain(added).collect();
        address(&format!("{}{}?{}", self.base, path.join("/"), query.join("&")))
    }
}

impl BucketLinks for S3Signer {
    fn link(&self, key: &str, file: &str, lives: SignedDuration, now: Timestamp) -> Result<String, BucketError> {
        let shown = format!("attachment; filename=\"{file}\"");
        let asked = Asked::new("GetObject", Method::GET, key)
            .with("response-content-disposition", &shown)
            .with("response-content-type", "application/zip");
        self.sign(&asked, lives, now).map(String::from)
    }
}

/// S3 signs paths as they are sent.
fn settings(lives: SignedDuration) -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.expires_in = Some(lives.unsigned_abs());
    settings
}

fn address(text: &str) -> Result<Url, BucketError> {
    text.parse().map_err(|error| BucketError(Box::from(format!("no address of a bucket: {error:?}"))))
}

/// All but the unreserved signs (RFC 3986), as they are signed.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Keys;

    fn signer(endpoint: Option<&str>, session: Option<&str>) -> S3Signer {
        // The keys of AWS's own example.
        let keys = Keys {
            id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
            session: session.map(Into::into),
        };
        let account = Account { region: "us-east-1".to_owned(), endpoint: endpoint.map(str::to_owned), keys };
        S3Signer::new(&account, "examplebucket").unwrap()
    }

    #[test]
    fn an_address_is_signed_as_in_the_example_of_aws() {
        let signer = S3Signer { base: "https://examplebucket.s3.amazonaws.com/".to_owned(), ..signer(None, None) };
        let asked = Asked::new("GetObject", Method::GET, "test.txt");
        let at = "2013-05-24T00:00:00Z".parse().unwrap();
        let address = signer.sign(&asked, SignedDuration::from_secs(86_400), at).unwrap();
        let signature = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
        let query: Vec<(String, String)> = address.query_pairs().into_owned().collect();
        assert!(query.contains(&("X-Amz-Signature".to_owned(), signature.to_owned())), "{query:?}");
    }

    #[test]
    fn a_link_names_its_file_its_life_and_the_session_that_signed_it() {
        let at = "2026-11-28T06:00:00Z".parse().unwrap();
        let lives = SignedDuration::from_mins(15);
        let link = signer(None, Some("session+/=")).link("exports/o/e/1.zip", "numo 1.zip", lives, at).unwrap();
        let link: Url = link.parse().unwrap();
        assert_eq!(link.host_str(), Some("examplebucket.s3.us-east-1.amazonaws.com"));
        assert_eq!(link.path(), "/exports/o/e/1.zip");
        let query: std::collections::BTreeMap<String, String> = link.query_pairs().into_owned().collect();
        let told = ["response-content-disposition", "X-Amz-Expires", "X-Amz-Security-Token", "X-Amz-SignedHeaders"]
            .map(|name| query[name].as_str());
        assert_eq!(told, ["attachment; filename=\"numo 1.zip\"", "900", "session+/=", "host"]);
        let local = signer(Some("http://127.0.0.1:4566"), None).link("a", "b", lives, at).unwrap();
        assert!(local.starts_with("http://127.0.0.1:4566/examplebucket/a?"), "{local}");
    }
}
