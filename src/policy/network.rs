//! The tenants that a network lets its people reach.

use connector_actors::identity::TenantId;
use thiserror::Error;

use super::tenant::TenantPolicy;

/// A list of tenants, as a customer's own proxy states it: directory IDs or domains, between commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedTenants<'a>(Vec<TenantName<'a>>);

/// A text that is no list of tenants. It is not repeated: it comes from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must list tenants by directory ID or domain, separated by commas")]
pub struct NotATenantList;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TenantName<'a> {
    Id(TenantId),
    Domain(&'a str),
}

impl<'a> AllowedTenants<'a> {
    /// Takes blanks round the names, but no empty name, no wildcard, and nothing that is neither an ID nor a
    /// domain: whoever meant something by it would not get what they meant.
    pub fn parse(text: &'a str) -> Result<Self, NotATenantList> {
        text.split(',').map(TenantName::parse).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn lists(&self, policy: &TenantPolicy) -> bool {
        self.0.iter().any(|name| match name {
            TenantName::Id(tenant) => *tenant == policy.id,
            TenantName::Domain(domain) => policy.domains.iter().any(|own| own.eq_ignore_ascii_case(domain)),
        })
    }
}

impl<'a> TenantName<'a> {
    fn parse(text: &'a str) -> Result<Self, NotATenantList> {
        let text = text.trim_matches([' ', '\t']);
        if let Ok(tenant) = text.parse() {
            return Ok(Self::Id(tenant));
        }
        if is_domain(text) { Ok(Self::Domain(text)) } else { Err(NotATenantList) }
    }
}

/// Labels of letters, digits and hyphens, at least two of them, the last one no number.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let Some((_, top)) = text.rsplit_once('.') else { return false };
    text.len() <= 253 && text.split('.').all(is_label) && !top.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, a mistake in a proxy's rule would be read as something that nobody meant.
    #[rstest]
    #[case::id("11111111-1111-4111-8111-111111111111", 1)]
    #[case::id_in_capitals("7B1C0F5E-2D35-4C38-9A55-0A6F4D8C1E01", 1)]
    #[case::domain("contoso.example", 1)]
    #[case::several("contoso.example,11111111-1111-4111-8111-111111111111 ,\tFABRIKAM.example", 3)]
    fn a_list_of_tenants_is_read(#[case] text: &str, #[case] expected: usize) {
        assert_eq!(AllowedTenants::parse(text).unwrap().0.len(), expected);
    }

    /// If this failed, a mistake in a proxy's rule would open what it was to close.
    #[rstest]
    #[case::empty("")]
    #[case::blank("  ")]
    #[case::wildcard("*")]
    #[case::wildcard_domain("*.contoso.example")]
    #[case::trailing_comma("contoso.example,")]
    #[case::leading_comma(",contoso.example")]
    #[case::empty_between("contoso.example,,fabrikam.example")]
    #[case::semicolon("contoso.example;fabrikam.example")]
    #[case::blank_between("contoso.example fabrikam.example")]
    #[case::name("contoso")]
    #[case::braces("{11111111-1111-4111-8111-111111111111}")]
    #[case::no_hyphens("11111111111141118111111111111111")]
    #[case::cut_off("11111111-1111-4111-8111-1111111111")]
    #[case::quoted("\"contoso.example\"")]
    #[case::address("10.0.0.1")]
    #[case::closing_dot("contoso.example.")]
    #[case::hyphen("-.example")]
    #[case::mail("@contoso.example")]
    #[case::one_wrong("11111111-1111-4111-8111-111111111111,contoso")]
    fn what_is_no_list_of_tenants_is_refused(#[case] text: &str) {
        assert_eq!(AllowedTenants::parse(text), Err(NotATenantList));
    }
}
