//! Cookies of ours: for this host alone, out of reach of scripts, and gone after some time.

use http::{HeaderMap, HeaderValue};

use crate::http::request::cookie;

/// A cookie that we set and read.
///
/// Over https it has the prefix `__Host-`: no other host and no plain connection can set one that is taken for it
/// (RFC 6265bis, 4.1.3.2). Only a local stack is reached otherwise, where browsers refuse the prefix.
#[derive(Debug, Clone, Copy)]
pub struct OwnCookie(pub &'static str);

impl OwnCookie {
    /// What the browser shows.
    pub fn shown(self, headers: &HeaderMap, is_https: bool) -> Option<&str> {
        cookie(headers, &self.name(is_https))
    }

    /// The header that has the browser keep a value for some seconds, or forget it with none; no header for a value that
    /// cannot be one.
    ///
    /// Lax, since it is read after navigations that begin elsewhere.
    pub fn kept(self, value: &str, seconds: i64, is_https: bool) -> Option<HeaderValue> {
        let (name, secure) = (self.name(is_https), if is_https { "; Secure" } else { "" });
        let cookie = format!("{name}={value}; HttpOnly; SameSite=Lax; Path=/; Max-Age={seconds}{secure}");
        HeaderValue::from_str(&cookie).ok()
    }

    fn name(self, is_https: bool) -> String {
        if is_https { format!("__Host-{}", self.0) } else { self.0.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use http::header;

    use super::*;

    const COOKIE: OwnCookie = OwnCookie("numo_test");

    #[test]
    fn over_https_a_cookie_is_this_hosts_alone() {
        let kept = |is_https| COOKIE.kept("v", 60, is_https).unwrap();
        assert_eq!(kept(true), "__Host-numo_test=v; HttpOnly; SameSite=Lax; Path=/; Max-Age=60; Secure");
        assert_eq!(kept(false), "numo_test=v; HttpOnly; SameSite=Lax; Path=/; Max-Age=60");
        assert_eq!(COOKIE.kept("v\n", 60, true), None);
    }

    #[test]
    fn over_https_a_cookie_without_the_prefix_is_not_ours() {
        let shown = |line: &str, is_https| {
            let headers = HeaderMap::from_iter([(header::COOKIE, line.parse().unwrap())]);
            COOKIE.shown(&headers, is_https).map(str::to_owned)
        };
        let both = "numo_test=planted; __Host-numo_test=ours";
        assert_eq!((shown(both, true).as_deref(), shown(both, false).as_deref()), (Some("ours"), Some("planted")));
        assert_eq!((shown("numo_test=planted", true), shown("", false)), (None, None));
    }
}
