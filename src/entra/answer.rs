//! The token endpoint's answer to a granted exchange.

use std::borrow::Cow;
use std::time::Duration;

use connector_actors::graph_token::GraphToken;
use connector_actors::lease::GrantedScopes;
use connector_actors::ports::ExchangedToken;
use serde::Deserialize;
use thiserror::Error;

/// The answer is not a token response (RFC 6749 section 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a token response")]
pub(super) struct NotATokenResponse;

#[derive(Deserialize)]
struct TokenResponse<'a> {
    #[serde(borrow)]
    token_type: Cow<'a, str>,
    #[serde(borrow)]
    access_token: Cow<'a, str>,
    #[serde(borrow)]
    scope: Cow<'a, str>,
    expires_in: u64,
    refresh_in: Option<u64>,
}

/// Reads the fields that are of use. The Graph token itself stays opaque; refresh and ID tokens, which are not
/// asked for, are passed over.
pub(super) fn read_token(body: &[u8]) -> Result<ExchangedToken, NotATokenResponse> {
    let response: TokenResponse<'_> = serde_json::from_slice(body).map_err(|_| NotATokenResponse)?;
    if !response.token_type.eq_ignore_ascii_case("bearer") {
        return Err(NotATokenResponse);
    }
    Ok(ExchangedToken {
        token: GraphToken::parse(&response.access_token).ok_or(NotATokenResponse)?,
        scopes: GrantedScopes::parse(&response.scope),
        expires_in: Duration::from_secs(response.expires_in),
        refresh_in: response.refresh_in.map(Duration::from_secs),
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, leases would have a wrong life, or scopes that nobody granted.
    #[test]
    fn a_token_response_is_read() {
        let body = br#"{"token_type":"Bearer","scope":"https://graph.microsoft.com/Mail.Read https://graph.microsoft.com/.default","expires_in":4799,"ext_expires_in":4799,"refresh_in":2400,"access_token":"to.ke.n","refresh_token":"1.AX"}"#;
        let granted = read_token(body).unwrap();
        assert_eq!(granted.token.expose(), "to.ke.n");
        assert_eq!(granted.scopes.iter().collect::<Vec<_>>(), ["Mail.Read"]);
        assert_eq!(granted.expires_in, Duration::from_secs(4_799));
        assert_eq!(granted.refresh_in, Some(Duration::from_secs(2_400)));
    }

    /// If this failed, rubbish from a proxy would be leased out as a token.
    #[rstest]
    #[case::html("<html>")]
    #[case::no_token(r#"{"token_type":"Bearer","scope":"a","expires_in":1}"#)]
    #[case::empty_token(r#"{"token_type":"Bearer","scope":"a","expires_in":1,"access_token":""}"#)]
    #[case::line_break(r#"{"token_type":"Bearer","scope":"a","expires_in":1,"access_token":"a\r\nb"}"#)]
    #[case::other_type(r#"{"token_type":"PoP","scope":"a","expires_in":1,"access_token":"a"}"#)]
    #[case::life_is_text(r#"{"token_type":"Bearer","scope":"a","expires_in":"1","access_token":"a"}"#)]
    #[case::negative_life(r#"{"token_type":"Bearer","scope":"a","expires_in":-1,"access_token":"a"}"#)]
    #[case::no_scope(r#"{"token_type":"Bearer","expires_in":1,"access_token":"a"}"#)]
    fn anything_else_is_refused(#[case] body: &str) {
        assert_eq!(read_token(body.as_bytes()).unwrap_err(), NotATokenResponse);
    }
}
