//! Claims challenges in `WWW-Authenticate` (continuous access evaluation and Conditional Access).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use connector_actors::ClaimsChallenge;
use connector_actors::clock::Timestamp;
use serde_json::{Map, Value};

/// In bytes, of the header; a longer one is not looked at.
const LONGEST: usize = 8 * 1024;

/// Of a request for claims: what a token must be newer than, in unix seconds.
const NOT_BEFORE: &str = "nbf";

/// The claims of a challenge with `error="insufficient_claims"`; `None` when the header is no such thing.
/// Parameters come in any order.
/// Source: <https://learn.microsoft.com/entra/identity-platform/claims-challenge>.
pub(super) fn claims(header: &str) -> Option<ClaimsChallenge> {
    if header.len() > LONGEST || parameter(header, "error")? != "insufficient_claims" {
        return None;
    }
    let encoded = parameter(header, "claims")?.trim_end_matches('=').as_bytes();
    let decoded = URL_SAFE_NO_PAD.decode(encoded).or_else(|_| STANDARD_NO_PAD.decode(encoded)).ok()?;
    serde_json::from_slice(&decoded).ok().map(in_parts)
}

/// Serialised anew, so that neither spaces nor the order of members make a difference.
fn in_parts(claims: Map<String, Value>) -> ClaimsChallenge {
    let json = Value::from(claims.clone()).to_string();
    let mut besides = claims;
    let wanted = besides.get_mut("access_token").and_then(Value::as_object_mut);
    let not_before = wanted.and_then(|wanted| wanted.remove(NOT_BEFORE)).and_then(|nbf| seconds(&nbf));
    let Some(not_before) = not_before else { return ClaimsChallenge::new(json) };
    besides.retain(|_, section| section.as_object().is_none_or(|section| !section.is_empty()));
    let besides = (!besides.is_empty()).then(|| Value::from(besides).to_string().into());
    ClaimsChallenge::newer(json, Timestamp::from_unix_seconds(not_before), besides)
}

/// `{"essential": true, "value": "1604106651"}`; some write the number without quotes.
fn seconds(not_before: &Value) -> Option<u64> {
    let value = &not_before["value"];
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// The value of `name="value"`, where `name` stands as a parameter of its own.
fn parameter<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = header;
    while let Some(found) = rest.find(name) {
        let separate =
            rest[..found].chars().next_back().is_none_or(|before| matches!(before, ' ' | ',' | '\t'));
        let after = &rest[found + name.len()..];
        let value = after
            .trim_start()
            .strip_prefix('=')
            .map(str::trim_start)
            .and_then(|value| value.strip_prefix('"'));
        if let (true, Some(value)) = (separate, value) {
            return value.split('"').next();
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use rstest::rstest;

    use super::*;

    const CLAIMS: &str = r#"{"access_token":{"nbf":{"essential":true, "value":"1604106651"}}}"#;

    fn header(encoded: &str) -> String {
        format!(
            r#"Bearer realm="", authorization_uri="https://login/common/oauth2/authorize", error="insufficient_claims", claims="{encoded}""#
        )
    }

    /// If this failed, Conditional Access would end in a dead end instead of a new sign-in.
    #[rstest]
    #[case::as_documented(header(&STANDARD.encode(CLAIMS)))]
    #[case::without_padding(header(STANDARD.encode(CLAIMS).trim_end_matches('=')))]
    #[case::other_order(format!(r#"Bearer claims="{}", error="insufficient_claims""#, STANDARD.encode(CLAIMS)))]
    fn the_claims_of_a_challenge_are_read(#[case] header: String) {
        let nbf = Timestamp::from_unix_seconds(1_604_106_651);
        let canonical = CLAIMS.replace(' ', "");
        assert_eq!(claims(&header), Some(ClaimsChallenge::newer(canonical, nbf, None)));
    }

    /// If this failed, the same challenge, written in another way, would be taken for another, or its time not be seen.
    #[rstest]
    #[case::order(
        r#"{"access_token": {"nbf": {"value": "5", "essential": true}, "acrs": {"value": "c1"}}}"#,
        r#"{"access_token":{"acrs":{"value":"c1"},"nbf":{"essential":true,"value":"5"}}}"#,
        Some((5, Some(r#"{"access_token":{"acrs":{"value":"c1"}}}"#)))
    )]
    #[case::number(r#"{"access_token":{"nbf":{"value":5}}}"#, r#"{"access_token":{"nbf":{"value":5}}}"#, Some((5, None)))]
    #[case::no_time(
        r#"{"access_token":{"nbf":{"value":"x"}}}"#,
        r#"{"access_token":{"nbf":{"value":"x"}}}"#,
        None
    )]
    #[case::none(r#"{ "id_token": {} }"#, r#"{"id_token":{}}"#, None)]
    fn a_challenge_is_read_into_its_parts(
        #[case] written: &str,
        #[case] json: &str,
        #[case] newer: Option<(u64, Option<&str>)>,
    ) {
        let expected = match newer {
            Some((seconds, besides)) => {
                ClaimsChallenge::newer(json, Timestamp::from_unix_seconds(seconds), besides.map(Into::into))
            }
            None => ClaimsChallenge::new(json),
        };
        assert_eq!(claims(&header(&STANDARD.encode(written))), Some(expected));
    }

    /// If this failed, an ordinary refusal would be taken for a challenge, or rubbish would be sent to Entra.
    #[rstest]
    #[case::no_claims(r#"Bearer error="insufficient_claims""#)]
    #[case::other_error(r#"Bearer error="invalid_token", claims="e30=""#)]
    #[case::other_parameter(r#"Bearer xerror="insufficient_claims", claims="e30=""#)]
    #[case::not_base64(r#"Bearer error="insufficient_claims", claims="%%%""#)]
    #[case::not_json(r#"Bearer error="insufficient_claims", claims="aGVsbG8=""#)]
    #[case::not_an_object(r#"Bearer error="insufficient_claims", claims="W10=""#)]
    #[case::empty("")]
    fn anything_else_is_no_challenge(#[case] header: &str) {
        assert_eq!(claims(header), None);
    }
}
