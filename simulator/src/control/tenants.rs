//! `/_sim/tenants/{tenant}`: what its administrator allows, and the ids of its mailboxes.

use serde_json::{Value, json};

use super::input::{Input, InputError};
use crate::directory::Tenant;
use crate::graph::{MailboxKind, TenantPolicy, Transcripts, mailbox_id};
use crate::world::World;

/// The switches of a tenant, named by its id or domain.
pub(super) fn show(world: &World, tenant: &str) -> Result<Value, InputError> {
    let tenant = world.directory.tenant(tenant).ok_or(InputError::NoTenant)?;
    Ok(shown(&tenant, world.graph.policy(tenant.id)))
}

/// Changes what is named; what is not stays as it is.
pub(super) fn change(world: &World, tenant: &str, mut input: Input) -> Result<Value, InputError> {
    let tenant = world.directory.tenant(tenant).ok_or(InputError::NoTenant)?;
    let mut policy = world.graph.policy(tenant.id);
    read(&mut input, &mut policy)?;
    input.end()?;
    world.graph.set_policy(tenant.id, policy);
    Ok(shown(&tenant, policy))
}

/// Takes the fields that name switches, and changes those.
pub(super) fn read(input: &mut Input, policy: &mut TenantPolicy) -> Result<(), InputError> {
    const EXPECTED: &str = "\"allowed\", \"unattributed\" or \"disabled\"";
    if let Some(wanted) = input.text("transcripts")? {
        let known = Transcripts::EVERY.into_iter().find(|transcripts| transcripts.as_str() == wanted);
        policy.transcripts = known.ok_or(InputError::Wrong { field: "transcripts", expected: EXPECTED })?;
    }
    if let Some(licensed) = input.flag("copilot_licensed")? {
        policy.copilot_licensed = licensed;
    }
    Ok(())
}

fn shown(tenant: &Tenant, policy: TenantPolicy) -> Value {
    let mailboxes: Vec<Value> = tenant
        .users
        .iter()
        .filter(|user| user.guest.is_none())
        .map(|user| {
            let id = |kind| mailbox_id(tenant.id, user.id, kind);
            json!({ "user": user.id, "primary": id(MailboxKind::Primary), "archive": id(MailboxKind::Archive) })
        })
        .collect();
    json!({
        "id": tenant.id,
        "transcripts": policy.transcripts.as_str(),
        "copilot_licensed": policy.copilot_licensed,
        "mailboxes": mailboxes,
    })
}
