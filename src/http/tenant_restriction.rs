//! Networks that let their people reach certain tenants alone.
//!
//! A customer's own proxy adds a header to what leaves its network, as with `Restrict-Access-To-Tenants` towards
//! Entra; what it lists is all that is answered. The header can only narrow, so it is believed from anybody: a
//! client that sets it shuts itself out and nobody else.

use std::str::FromStr;

use actix_web::http::header::{HeaderMap, HeaderName};
use thiserror::Error;

use super::refusal::Refusal;
use crate::policy::{self, AllowedTenants, Decision, Question, TenantPolicy};

/// The header's name where nobody has set another.
const DEFAULT_NAME: HeaderName = HeaderName::from_static("x-m365-connector-allowed-tenants");

/// By which header a network says which tenants it allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantRestriction(Option<HeaderName>);

/// Why a text is no name for such a header.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum TenantRestrictionError {
    #[error("must be the name of a header")]
    NotAName,
    /// What other rules read would be refused, or read twice.
    #[error("must begin with x- or sec-, or be empty to switch the restriction off")]
    NotOurs,
}

impl Default for TenantRestriction {
    fn default() -> Self {
        Self(Some(DEFAULT_NAME))
    }
}

impl FromStr for TenantRestriction {
    type Err = TenantRestrictionError;

    /// An empty text switches the restriction off.
    fn from_str(text: &str) -> Result<Self, TenantRestrictionError> {
        if text.is_empty() {
            return Ok(Self(None));
        }
        let name = HeaderName::from_str(text).map_err(|_| TenantRestrictionError::NotAName)?;
        let is_for_this = (name.as_str().starts_with("x-") && !name.as_str().starts_with("x-forwarded-"))
            || name.as_str().starts_with("sec-");
        if is_for_this { Ok(Self(Some(name))) } else { Err(TenantRestrictionError::NotOurs) }
    }
}

impl TenantRestriction {
    /// Checks that every such header of the request allows the tenant of `policy`. What is not understood allows
    /// nobody. Of several headers each must allow the tenant: a client cannot widen what a proxy adds.
    pub(super) fn check(&self, headers: &HeaderMap, policy: &TenantPolicy) -> Result<(), Refusal> {
        let Some(name) = &self.0 else { return Ok(()) };
        for value in headers.get_all(name) {
            let list = value.to_str().ok().and_then(|value| AllowedTenants::parse(value).ok());
            let network = list.ok_or(Refusal::TenantRestrictionMalformed)?;
            if let Decision::Refuse(reason) =
                policy::decide(policy, &Question::CallFrom { network: &network })
            {
                return Err(Refusal::Policy(reason));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use rstest::rstest;

    use super::*;

    const SHUT_OUT: Result<(), Refusal> = Err(Refusal::Policy(policy::Refusal::TenantRestricted));
    const UNCLEAR: Result<(), Refusal> = Err(Refusal::TenantRestrictionMalformed);

    /// If this failed, a user could reach a tenant that the network keeps its people from, by a header of their own or by
    /// one that is not understood.
    #[rstest]
    #[case::no_header(&[], Ok(()))]
    #[case::listed(&[b"contoso.example".as_slice()], Ok(()))]
    #[case::among_others(&[b"fabrikam.example, contoso.example".as_slice()], Ok(()))]
    #[case::by_each_of_two(&[b"contoso.example".as_slice(), b"00000000-0000-0000-0000-000000000001"], Ok(()))]
    #[case::not_listed(&[b"fabrikam.example".as_slice()], SHUT_OUT)]
    #[case::by_the_first_alone(&[b"contoso.example".as_slice(), b"fabrikam.example"], SHUT_OUT)]
    #[case::by_the_second_alone(&[b"fabrikam.example".as_slice(), b"contoso.example"], SHUT_OUT)]
    #[case::empty(&[b"".as_slice()], UNCLEAR)]
    #[case::everybody(&[b"*".as_slice()], UNCLEAR)]
    #[case::not_ascii(&["contoso.example, caf\u{e9}.example".as_bytes()], UNCLEAR)]
    #[case::the_second_unclear(&[b"contoso.example".as_slice(), b"?"], UNCLEAR)]
    fn every_header_must_allow_the_tenant(#[case] values: &[&[u8]], #[case] expected: Result<(), Refusal>) {
        let named = |value: &&[u8]| (DEFAULT_NAME, HeaderValue::from_bytes(value).unwrap());
        let headers: HeaderMap = values.iter().map(named).collect();
        assert_eq!(TenantRestriction::default().check(&headers, &TenantPolicy::contoso()), expected);
        assert_eq!(
            TenantRestriction(None).check(&headers, &TenantPolicy::contoso()),
            Ok(()),
            "it is switched off"
        );
    }

    /// If this failed, the restriction could be bound to a header that every request has.
    #[rstest]
    #[case::off("", Ok(TenantRestriction(None)))]
    #[case::other(
        "X-Contoso-Tenants",
        Ok(TenantRestriction(Some(HeaderName::from_static("x-contoso-tenants"))))
    )]
    #[case::browser_proof(
        "Sec-M365-Tenants",
        Ok(TenantRestriction(Some(HeaderName::from_static("sec-m365-tenants"))))
    )]
    #[case::authorization("Authorization", Err(TenantRestrictionError::NotOurs))]
    #[case::host("Host", Err(TenantRestrictionError::NotOurs))]
    #[case::forwarded("X-Forwarded-Host", Err(TenantRestrictionError::NotOurs))]
    #[case::protocol("Mcp-Method", Err(TenantRestrictionError::NotOurs))]
    #[case::blank("x- tenants", Err(TenantRestrictionError::NotAName))]
    fn the_headers_name_is_one_of_its_own(
        #[case] text: &str,
        #[case] expected: Result<TenantRestriction, TenantRestrictionError>,
    ) {
        assert_eq!(text.parse(), expected);
    }
}
