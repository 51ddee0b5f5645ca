//! Who may come in.

use super::refusal::Refusal;
use crate::entra::Identity;
use crate::policy::{self, Decision, Question, TenantPolicy};

/// Whether the tenant's policy lets this user in, with this client.
pub(super) fn may_enter(policy: &TenantPolicy, identity: &Identity) -> Result<(), Refusal> {
    let Identity { principal, account, groups, .. } = identity;
    match policy::decide(policy, &Question::Enter { principal, account: *account, groups }) {
        Decision::Allow => Ok(()),
        Decision::Refuse(reason) => Err(Refusal::Policy(reason)),
    }
}
