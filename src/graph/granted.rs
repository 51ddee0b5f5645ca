//! What permissions open.

use connector_actors::lease::GrantedScopes;

/// Whether one of these permissions is granted, as a request asks of those that open it.
pub fn grants_any(granted: &GrantedScopes, of: &[&str]) -> bool {
    of.iter().any(|permission| granted.contains(permission))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, what is refused for sure would be asked for, or what is open not be.
    #[rstest]
    #[case::the_first(&["Mail.Read", "Mail.ReadBasic"], true)]
    #[case::another(&["Mail.ReadBasic", "Mail.Read"], true)]
    #[case::a_part_of_its_name(&["Mail"], false)]
    #[case::of_another_service(&["Chat.Read"], false)]
    #[case::none(&[], false)]
    fn one_of_those_that_open_it_is_enough(#[case] of: &[&str], #[case] expected: bool) {
        assert_eq!(grants_any(&GrantedScopes::parse("Mail.Read User.Read"), of), expected);
    }
}
