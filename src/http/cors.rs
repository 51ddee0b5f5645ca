//! What pages of other origins may read: the fetch standard's CORS protocol, which only browsers speak.
//!
//! The metadata is for any page: it is public, the same for everybody, and a client in a browser reads it before
//! anything else. The MCP endpoint is for the pages of `allowed_origins` alone. Credentials of the browser (cookies,
//! client certificates) play no part in either, so `Access-Control-Allow-Credentials` is never sent.

use std::str::FromStr;

use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ALLOW, HeaderMap,
    HeaderValue, VARY,
};
use actix_web::{HttpResponse, HttpResponseBuilder};
use thiserror::Error;
use url::Url;

use super::public_url::is_loopback;

/// Methods of the MCP endpoint.
pub(super) const ENDPOINT_METHODS: &str = "POST, OPTIONS";

/// Methods of the metadata.
pub(super) const DOCUMENT_METHODS: &str = "GET, HEAD, OPTIONS";

/// Headers that clients of either era send. The last two mean nothing here, but old clients send them.
const REQUEST_HEADERS: &str = "authorization, content-type, accept, mcp-protocol-version, mcp-method, mcp-name, \
    mcp-session-id, last-event-id";

/// Headers of arguments, which clients name as the tools ask for them (MCP 2026-07-28, streamable HTTP).
const ARGUMENT_HEADER: &str = "mcp-param-";

/// More arguments than any tool mirrors.
const MOST_ARGUMENT_HEADERS: usize = 32;

/// What a page may read besides the body: where to sign in, and when to come back.
const EXPOSED: HeaderValue = HeaderValue::from_static("WWW-Authenticate, Retry-After");

const EVERYBODY: HeaderValue = HeaderValue::from_static("*");

/// Two hours: no browser remembers a preflight for longer.
const MAX_AGE_S: HeaderValue = HeaderValue::from_static("7200");

/// Where a page comes from, as a browser writes it in `Origin`: `https://inspector.example`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebOrigin(String);

/// Why a text is no origin to allow.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum WebOriginError {
    #[error(
        "{0:?} must be an origin, such as https://inspector.example: scheme, host and port, in lower case"
    )]
    NotAnOrigin(String),
    /// Whoever is on the way could put a page of their own there.
    #[error("{0:?} must use https (plain http is for loopback alone)")]
    NotHttps(String),
}

impl FromStr for WebOrigin {
    type Err = WebOriginError;

    fn from_str(text: &str) -> Result<Self, WebOriginError> {
        let not_an_origin = || WebOriginError::NotAnOrigin(text.to_owned());
        let url = Url::parse(text).map_err(|_| not_an_origin())?;
        if url.origin().ascii_serialization() != text {
            return Err(not_an_origin());
        }
        match url.scheme() {
            "https" => Ok(Self(text.to_owned())),
            "http" if is_loopback(&url) => Ok(Self(text.to_owned())),
            "http" => Err(WebOriginError::NotHttps(text.to_owned())),
            _ => Err(not_an_origin()),
        }
    }
}

impl WebOrigin {
    /// Browsers write an origin in one way alone.
    pub(super) fn is(&self, origin: &[u8]) -> bool {
        self.0.as_bytes() == origin
    }
}

/// Lets the pages of `origin` read the answer of the endpoint, whatever it is: the way to the sign-in stands in a 401.
pub(super) fn share_with(origin: &HeaderValue, response: &mut HttpResponse) {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    headers.append(VARY, HeaderValue::from_static("Origin"));
}

/// Lets any page read the answer.
pub(super) fn share_with_everybody(response: &mut HttpResponse) {
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, EVERYBODY);
}

/// The answer to `OPTIONS` at the endpoint, with what a browser asks before it sends a page's call. It opens nothing
/// by itself: only where the answer is shared with the page does the call follow.
pub(super) fn endpoint_options(asked: &HeaderMap) -> HttpResponse {
    options(ENDPOINT_METHODS)
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, "POST"))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, allowed_headers(asked)))
        .append_header((VARY, ACCESS_CONTROL_REQUEST_HEADERS.as_str()))
        .finish()
}

/// The answer to `OPTIONS` at the metadata: a client's own headers, such as that of its protocol version, do no harm.
pub(super) fn document_options() -> HttpResponse {
    options(DOCUMENT_METHODS)
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, EVERYBODY))
        .finish()
}

fn options(methods: &'static str) -> HttpResponseBuilder {
    let mut response = HttpResponse::NoContent();
    response.insert_header((ALLOW, methods)).insert_header((ACCESS_CONTROL_MAX_AGE, MAX_AGE_S));
    response
}

/// The known headers, and those of arguments that were asked for.
fn allowed_headers(asked: &HeaderMap) -> String {
    let arguments = asked
        .get_all(ACCESS_CONTROL_REQUEST_HEADERS)
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .filter_map(|name| argument_header(name.trim_ascii()))
        .take(MOST_ARGUMENT_HEADERS);
    arguments.fold(REQUEST_HEADERS.to_owned(), |list, name| list + ", " + &name)
}

/// The name in lower case. What is echoed is letters, digits, hyphens and underscores; `HeaderName` takes more.
fn argument_header(name: &[u8]) -> Option<String> {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let name = String::from_utf8(name.to_ascii_lowercase()).ok()?;
    (name.starts_with(ARGUMENT_HEADER) && name.as_bytes().iter().all(is_plain)).then_some(name)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const TAKEN: Option<fn(String) -> WebOriginError> = None;
    const NO_ORIGIN: Option<fn(String) -> WebOriginError> = Some(WebOriginError::NotAnOrigin);
    const NOT_HTTPS: Option<fn(String) -> WebOriginError> = Some(WebOriginError::NotHttps);

    /// If this failed, an origin could be configured that no browser sends, or one that anybody can stand for; or an
    /// operator be told of the wrong mistake.
    #[rstest]
    #[case::https("https://inspector.example", TAKEN)]
    #[case::port("https://inspector.example:8443", TAKEN)]
    #[case::loopback("http://localhost:6274", TAKEN)]
    #[case::loopback_address("http://127.0.0.1:6274", TAKEN)]
    #[case::plain_http("http://inspector.example", NOT_HTTPS)]
    #[case::default_port("https://inspector.example:443", NO_ORIGIN)]
    #[case::slash("https://inspector.example/", NO_ORIGIN)]
    #[case::path("https://inspector.example/app", NO_ORIGIN)]
    #[case::capitals("https://Inspector.example", NO_ORIGIN)]
    #[case::user("https://me@inspector.example", NO_ORIGIN)]
    #[case::other_scheme("ftp://inspector.example", NO_ORIGIN)]
    #[case::wildcard("*", NO_ORIGIN)]
    #[case::wildcard_host("https://*.inspector.example/", NO_ORIGIN)]
    #[case::null("null", NO_ORIGIN)]
    #[case::opaque("file:///", NO_ORIGIN)]
    #[case::no_scheme("inspector.example", NO_ORIGIN)]
    #[case::empty("", NO_ORIGIN)]
    fn an_origin_is_one_that_a_browser_sends(
        #[case] text: &str,
        #[case] fault: Option<fn(String) -> WebOriginError>,
    ) {
        let expected =
            fault.map_or_else(|| Ok(WebOrigin(text.to_owned())), |fault| Err(fault(text.to_owned())));
        assert_eq!(text.parse(), expected);
    }

    /// All headers of an answer, in order of their names.
    fn headers_of(response: &HttpResponse) -> Vec<(&str, &str)> {
        let all = response.headers().iter();
        let mut headers: Vec<_> = all.map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        headers.sort_unstable();
        headers
    }

    /// If this failed, a page could not read where to sign in, or a cache would give one page what is for another.
    #[test]
    fn an_answer_is_shared_with_one_page_or_with_all() {
        let mut response = HttpResponse::Unauthorized().append_header((VARY, "Accept")).finish();
        share_with(&HeaderValue::from_static("https://inspector.example"), &mut response);
        let for_one = [
            ("access-control-allow-origin", "https://inspector.example"),
            ("access-control-expose-headers", "WWW-Authenticate, Retry-After"),
            ("vary", "Accept"),
            ("vary", "Origin"),
        ];
        assert_eq!(headers_of(&response), for_one);
        let mut response = HttpResponse::Ok().finish();
        share_with_everybody(&mut response);
        assert_eq!(headers_of(&response), [("access-control-allow-origin", "*")]);
    }

    /// If this failed, a browser would not send a page's call, or send what nobody thought of.
    #[test]
    fn a_preflight_is_told_what_may_be_sent() {
        let endpoint = endpoint_options(&HeaderMap::new());
        let of_the_endpoint = [
            ("access-control-allow-headers", REQUEST_HEADERS),
            ("access-control-allow-methods", "POST"),
            ("access-control-max-age", "7200"),
            ("allow", "POST, OPTIONS"),
            ("vary", "access-control-request-headers"),
        ];
        assert_eq!((endpoint.status().as_u16(), headers_of(&endpoint)), (204, of_the_endpoint.into()));
        let documents = document_options();
        let of_the_documents = [
            ("access-control-allow-headers", "*"),
            ("access-control-allow-methods", "GET, HEAD"),
            ("access-control-max-age", "7200"),
            ("allow", "GET, HEAD, OPTIONS"),
        ];
        assert_eq!((documents.status().as_u16(), headers_of(&documents)), (204, of_the_documents.into()));
    }

    /// If this failed, a preflight's answer would allow what was not thought of, or repeat what was sent.
    #[rstest]
    #[case::none(None, "")]
    #[case::known(Some("authorization,content-type"), "")]
    #[case::argument(Some("authorization,mcp-param-region"), ", mcp-param-region")]
    #[case::two(Some("Mcp-Param-A , mcp-param-b"), ", mcp-param-a, mcp-param-b")]
    #[case::unknown(Some("x-evil,cookie"), "")]
    #[case::not_a_name(Some("mcp-param-a b,mcp-param-\"x\",mcp-param-*"), "")]
    fn arguments_may_be_sent_as_headers(#[case] asked: Option<&str>, #[case] more: &str) {
        let mut headers = HeaderMap::new();
        if let Some(asked) = asked {
            headers.insert(ACCESS_CONTROL_REQUEST_HEADERS, HeaderValue::from_str(asked).unwrap());
        }
        assert_eq!(allowed_headers(&headers), format!("{REQUEST_HEADERS}{more}"));
    }

    /// If this failed, one request could make the connector write an answer of any length.
    #[test]
    fn no_more_headers_are_allowed_than_tools_have_arguments() {
        let asked = vec!["mcp-param-a"; 1_000].join(",");
        let headers =
            [(ACCESS_CONTROL_REQUEST_HEADERS, HeaderValue::from_str(&asked).unwrap())].into_iter().collect();
        assert_eq!(allowed_headers(&headers).matches(ARGUMENT_HEADER).count(), MOST_ARGUMENT_HEADERS);
    }
}
