//! What a client sends and takes: JSON in, JSON or an event stream out.

use actix_web::http::header::{self, HeaderMap};

use super::refusal::Refusal;

/// Checks `Content-Type`, `Content-Encoding` and `Accept`. A client must be ready for both kinds of answer (MCP 2026-07-28,
/// streamable HTTP); wildcards count.
pub(super) fn check(headers: &HeaderMap) -> Result<(), Refusal> {
    if !is_json(headers) {
        return Err(Refusal::NotJson);
    }
    if is_encoded(headers) {
        return Err(Refusal::BodyEncoded);
    }
    let takes_both = || accepts(headers, "application", "json") && accepts(headers, "text", "event-stream");
    if says_so_plainly(headers) || takes_both() { Ok(()) } else { Err(Refusal::NotAcceptable) }
}

/// Nearly every client sends these very words, which need no reading.
fn says_so_plainly(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::ACCEPT);
    matches!((values.next(), values.next()), (Some(value), None) if value == "application/json, text/event-stream")
}

/// True for exactly one `Content-Type`: with two, readers on the way could take the body for different things.
fn is_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::CONTENT_TYPE);
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    value
        .to_str()
        .is_ok_and(|value| essence(value).eq_ignore_ascii_case("application/json") && is_utf_8(value))
}

/// JSON between systems is UTF-8 (RFC 8259 section 8.1): a body that says to be written otherwise is not read as if it were
/// not.
fn is_utf_8(content_type: &str) -> bool {
    content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('=')).all(
        |(name, charset)| {
            !name.trim().eq_ignore_ascii_case("charset")
                || charset.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        },
    )
}

/// True for a body that has to be decoded before it is JSON: nobody does so here, and a reader on the way might.
fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get_all(header::CONTENT_ENCODING).any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// Whether an answer of this type may be sent. The range that names the type most closely decides, whatever wider
/// ranges stand beside it (RFC 9110 section 12.5.1).
fn accepts(headers: &HeaderMap, kind: &str, subtype: &str) -> bool {
    headers
        .get_all(header::ACCEPT)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|range| Some((closeness(range, kind, subtype)?, !is_refused(range))))
        .max()
        .is_some_and(|(_, taken)| taken)
}

/// How closely a range names a type; `None` when it doesn't.
fn closeness(range: &str, kind: &str, subtype: &str) -> Option<Closeness> {
    let (a, b) = essence(range).split_once('/')?;
    match (a, b) {
        ("*", "*") => Some(Closeness::Anything),
        (a, "*") if a.eq_ignore_ascii_case(kind) => Some(Closeness::Kind),
        (a, b) if a.eq_ignore_ascii_case(kind) && b.eq_ignore_ascii_case(subtype) => Some(Closeness::Exact),
        _ => None,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Closeness {
    Anything,
    Kind,
    Exact,
}

/// `q=0` says "anything but this" (RFC 9110 section 12.4.2).
fn is_refused(range: &str) -> bool {
    range.split(';').skip(1).any(|parameter| {
        parameter.trim().split_once('=').is_some_and(|(name, weight)| {
            name.eq_ignore_ascii_case("q") && weight.trim().parse().is_ok_and(|weight: f32| weight <= 0.0)
        })
    })
}

fn essence(value: &str) -> &str {
    value.split(';').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};
    use rstest::rstest;

    use super::*;

    /// If this failed, clients that follow the protocol would be refused, or others be answered in a form that
    /// they did not ask for.
    #[rstest]
    #[case::both("application/json", "application/json, text/event-stream", Ok(()))]
    #[case::other_charset(
        "application/json; charset=utf-16",
        "application/json, text/event-stream",
        Err(Refusal::NotJson)
    )]
    #[case::quoted_charset("application/json;charset=\"UTF-8\"", "application/json, text/event-stream", Ok(()))]
    #[case::charset("application/json; charset=utf-8", "text/event-stream,application/json", Ok(()))]
    #[case::wildcard("Application/JSON", "*/*", Ok(()))]
    #[case::half_wildcards("application/json", "application/*, text/*;q=0.5", Ok(()))]
    #[case::json_only("application/json", "application/json", Err(Refusal::NotAcceptable))]
    #[case::stream_refused(
        "application/json",
        "application/json, text/event-stream;q=0",
        Err(Refusal::NotAcceptable)
    )]
    #[case::stream_refused_beside_a_wildcard(
        "application/json",
        "*/*, text/event-stream;q=0",
        Err(Refusal::NotAcceptable)
    )]
    #[case::all_refused_but_ours(
        "application/json",
        "*/*;q=0, application/json, text/event-stream",
        Ok(())
    )]
    #[case::another_kind("application/json", "image/*, text/event-stream", Err(Refusal::NotAcceptable))]
    #[case::the_kind_alone(
        "application/json",
        "application/xml, text/event-stream",
        Err(Refusal::NotAcceptable)
    )]
    #[case::the_subtype_alone(
        "application/json",
        "text/json, text/event-stream",
        Err(Refusal::NotAcceptable)
    )]
    #[case::html("application/json", "text/html", Err(Refusal::NotAcceptable))]
    #[case::form("application/x-www-form-urlencoded", "*/*", Err(Refusal::NotJson))]
    #[case::json_like("application/json-patch+json", "*/*", Err(Refusal::NotJson))]
    #[case::list("application/json, text/plain", "*/*", Err(Refusal::NotJson))]
    fn media_types_are_checked(
        #[case] content_type: &str,
        #[case] accept: &str,
        #[case] expected: Result<(), Refusal>,
    ) {
        let headers: HeaderMap = [("content-type", content_type), ("accept", accept)]
            .into_iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect();
        assert_eq!(check(&headers), expected);
    }

    /// If this failed, a body could pass for JSON here and for something else in front.
    #[test]
    fn two_content_types_are_refused() {
        let mut headers = HeaderMap::new();
        headers.append(header::ACCEPT, HeaderValue::from_static("*/*"));
        headers.append(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        assert_eq!(check(&headers), Ok(()));
        headers.append(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        assert_eq!(check(&headers), Err(Refusal::NotJson));
    }

    /// If this failed, a body could be JSON here and something else for whoever decodes it on the way.
    #[rstest]
    #[case::gzip(&["gzip"], Err(Refusal::BodyEncoded))]
    #[case::unknown(&["x"], Err(Refusal::BodyEncoded))]
    #[case::list(&["identity, gzip"], Err(Refusal::BodyEncoded))]
    #[case::second(&["identity", "br"], Err(Refusal::BodyEncoded))]
    #[case::empty(&[""], Err(Refusal::BodyEncoded))]
    #[case::identity(&["Identity"], Ok(()))]
    fn an_encoded_body_is_refused(#[case] encodings: &[&'static str], #[case] expected: Result<(), Refusal>) {
        let mut headers = HeaderMap::new();
        headers.append(header::ACCEPT, HeaderValue::from_static("*/*"));
        headers.append(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for encoding in encodings {
            headers.append(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        assert_eq!(check(&headers), expected);
    }

    /// If this failed, a request without the two headers would be taken.
    #[test]
    fn missing_media_types_are_refused() {
        assert_eq!(check(&HeaderMap::new()), Err(Refusal::NotJson));
    }
}
