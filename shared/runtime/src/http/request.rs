//! What a handler reads from a request.

use http::{HeaderMap, header};

use crate::http::gateway::{Invocation, Request};

/// The path as the caller wrote it, without the stage.
pub fn path(request: &Request) -> &str {
    request.extensions().get::<Invocation>().map_or_else(|| request.uri().path(), |invocation| &invocation.path)
}

/// The path as a log may hold it: a token that opens a page stays out.
pub fn shown_path(request: &Request) -> &str {
    let path = path(request);
    TOKEN_PATHS.iter().find(|(start, _)| path.starts_with(start)).map_or(path, |(_, shown)| shown)
}

/// How addresses begin that have a token in them, and how they are shown.
const TOKEN_PATHS: [(&str, &str); 4] = [
    ("/pay/", "/pay/{token}"),
    ("/setup/", "/setup/{org}/{token}"),
    ("/unsubscribe/", "/unsubscribe/{org}/{user}/{token}"),
    ("/data-deletion/", "/data-deletion/{code}"),
];

/// The first value of a query parameter, percent-decoded.
pub fn query(request: &Request, name: &str) -> Option<String> {
    let parameters = url::form_urlencoded::parse(request.uri().query()?.as_bytes());
    parameters.into_iter().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

/// The value of a cookie; the first one where a browser sends several.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name).then_some(value))
}

/// The id by which a call is found in the logs.
pub fn request_id<B>(request: &http::Request<B>) -> Option<&str> {
    request.extensions().get::<Invocation>().map(|invocation| invocation.request_id.as_str())
}

/// The header of the trace that Lambda began or took over for the request.
pub fn trace_header(request: &Request) -> Option<String> {
    request.extensions().get::<Invocation>()?.trace.clone()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::http::gateway::tests::event;

    #[test]
    fn path_query_and_cookies_are_those_of_the_caller() {
        let request = event(|_| {}).unwrap();
        assert_eq!(path(&request), "/oauth/xero/callback");
        assert_eq!(query(&request, "state").as_deref(), Some("a b+c"));
        assert_eq!(query(&request, "none"), None);
        assert_eq!(cookie(request.headers(), "numo_oauth"), Some("bound=1"));
        assert_eq!(cookie(request.headers(), "__session"), Some("token"));
        assert_eq!(cookie(request.headers(), "session"), None);
    }

    #[test]
    fn a_token_in_an_address_is_shown_by_its_name_alone() {
        for (path, shown) in [
            ("/pay/hush", "/pay/{token}"),
            ("/setup/org_1/hush", "/setup/{org}/{token}"),
            ("/unsubscribe/org_1/user_1/hush", "/unsubscribe/{org}/{user}/{token}"),
            ("/data-deletion/hush", "/data-deletion/{code}"),
            ("/data-deletion", "/data-deletion"),
            ("/customers/connection/contact", "/customers/connection/contact"),
        ] {
            let request = event(|event| event["rawPath"] = path.into()).unwrap();
            assert_eq!(shown_path(&request), shown);
        }
    }

    #[test]
    fn cookies_of_several_lines_are_found_and_broken_ones_passed_over() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_bytes(b"x=\xff").unwrap());
        headers.append(header::COOKIE, HeaderValue::from_static("alone; a=1"));
        headers.append(header::COOKIE, HeaderValue::from_static(" b=2 ;a=3"));
        assert_eq!((cookie(&headers, "a"), cookie(&headers, "b")), (Some("1"), Some("2")));
        assert_eq!(cookie(&headers, "alone"), None);
    }
}
