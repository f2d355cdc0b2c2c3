//! Where a provider lives: https, or http on this very machine.

use std::str::FromStr;

use url::{Host, Url};

/// The address below which a provider's paths begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// The address with path segments added, each of them escaped.
    pub(crate) fn join(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        // Only addresses that cannot be a base refuse segments, and http addresses are none.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }
}

/// The address cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a base address is https://…, or http://… on the loopback, without query, fragment or user")]
pub struct InvalidBaseUrl;

impl FromStr for BaseUrl {
    type Err = InvalidBaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidBaseUrl> {
        let url = Url::parse(text).or(Err(InvalidBaseUrl))?;
        let plain = url.query().is_none() && url.fragment().is_none();
        let anonymous = url.username().is_empty() && url.password().is_none();
        let allowed = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
        if plain && anonymous && allowed { Ok(Self(url)) } else { Err(InvalidBaseUrl) }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_and_loopback_http_are_allowed_and_nothing_else() {
        for good in ["https://api.xero.com", "http://127.0.0.1:8080/xero-api", "http://localhost:1", "http://[::1]:2/"]
        {
            assert!(good.parse::<BaseUrl>().is_ok(), "{good}");
        }
        for bad in [
            "http://api.xero.com",
            "http://localhost.evil.example",
            "ftp://127.0.0.1",
            "https://user:pass@api.xero.com",
            "https://api.xero.com?x=1",
            "https://api.xero.com#x",
            "api.xero.com",
            "",
        ] {
            assert_eq!(bad.parse::<BaseUrl>(), Err(InvalidBaseUrl), "{bad}");
        }
    }

    #[test]
    fn segments_are_escaped_and_cannot_climb() {
        let base: BaseUrl = "http://127.0.0.1:1/meta/".parse().unwrap();
        assert_eq!(base.join(&["v25.0", "1/2?x"]).as_str(), "http://127.0.0.1:1/meta/v25.0/1%2F2%3Fx");
        assert_eq!(base.join(&["..", "v25.0"]).as_str(), "http://127.0.0.1:1/meta/v25.0");
    }
}
