//! Whether a Graph token could do more than read.

use connector_actors::lease::GrantedScopes;

/// This service reads only. A token that may write shows that somebody has consented to more for this
/// registration than it asks for.
pub(super) fn holds_write_scope(scopes: &GrantedScopes) -> bool {
    scopes.iter().any(|scope| !only_reads(scope))
}

/// Graph's names are `resource.action[.constraint]`. What is not known to read counts as writing; a `Selected`
/// permission says nothing by its name.
fn only_reads(scope: &str) -> bool {
    let Some((_, action)) = scope.split_once('.') else { return false };
    let action = action.split('.').next().unwrap_or_default();
    action == "Selected" || (action.starts_with("Read") && !action.starts_with("ReadWrite"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, a registration that may write would go unnoticed, or the alarm would be worth nothing.
    #[rstest]
    #[case::reads("User.Read Mail.Read Mail.ReadBasic Calendars.Read.Shared Files.Read.All", false)]
    #[case::selected("Sites.Selected", false)]
    #[case::openid("openid profile email offline_access https://graph.microsoft.com/.default", false)]
    #[case::read_write("User.Read Mail.ReadWrite", true)]
    #[case::read_write_all("https://graph.microsoft.com/Files.ReadWrite.All", true)]
    #[case::send("Mail.Send", true)]
    #[case::full_control("Sites.FullControl.All", true)]
    #[case::as_the_user("Directory.AccessAsUser.All", true)]
    #[case::unknown("user_impersonation", true)]
    fn a_scope_that_writes_is_recognised(#[case] scopes: &str, #[case] expected: bool) {
        assert_eq!(holds_write_scope(&GrantedScopes::parse(scopes)), expected);
    }
}
