//! `/_sim/tenants/{tenant}/policies`: what a tenant's administrators demand.

use std::net::IpAddr;

use serde_json::{Value, json};
use uuid::Uuid;

use super::input::{Input, InputError};
use crate::entra::{AccessPolicy, Cloud, DeviceRule, Mfa, TokenLimit};
use crate::world::World;

pub(super) const MFA: [(&str, Mfa); 3] =
    [("off", Mfa::Off), ("step_up", Mfa::StepUp), ("registration", Mfa::Registration)];
const DEVICE: [(&str, DeviceRule); 3] =
    [("any", DeviceRule::Any), ("compliant", DeviceRule::Compliant), ("joined", DeviceRule::Joined)];

const CLOUD: [(&str, Cloud); 3] =
    [("global", Cloud::Global), ("us_government", Cloud::UsGovernment), ("china", Cloud::China)];

pub(super) fn show(world: &World, tenant: &str) -> Result<Value, InputError> {
    Ok(to_json(&world.entra.policy(tenant_id(world, tenant)?)))
}

/// Changes what is named; what is not stays as it is.
pub(super) fn change(world: &World, tenant: &str, mut input: Input) -> Result<Value, InputError> {
    let tenant = tenant_id(world, tenant)?;
    let mut policy = AccessPolicy::clone(&world.entra.policy(tenant));
    read(&mut input, &mut policy)?;
    input.end()?;
    Ok(to_json(&world.entra.set_policy(tenant, policy)))
}

/// Takes the fields that name policies, and changes those.
pub(super) fn read(input: &mut Input, policy: &mut AccessPolicy) -> Result<(), InputError> {
    if let Some(mfa) = one_of(input, "mfa", &MFA, "\"off\", \"step_up\" or \"registration\"")? {
        policy.mfa = mfa;
    }
    if let Some(device) = one_of(input, "device", &DEVICE, "\"any\", \"compliant\" or \"joined\"")? {
        policy.device = device;
    }
    if let Some(cloud) = one_of(input, "cloud", &CLOUD, "\"global\", \"us_government\" or \"china\"")? {
        policy.cloud = cloud;
    }
    if let Some(addresses) = input.take("trusted_addresses") {
        policy.trusted_addresses = trusted_addresses(&addresses)?;
    }
    for (field, flag) in [
        ("block", &mut policy.block),
        ("assignment_required", &mut policy.assignment_required),
        ("user_consent", &mut policy.user_consent),
        ("consent_withdrawn", &mut policy.consent_withdrawn),
    ] {
        *flag = input.flag(field)?.unwrap_or(*flag);
    }
    if let Some(seconds) = count(input, "sign_in_frequency_s")? {
        policy.sign_in_frequency_s = seconds.into();
    }
    if let Some(limit) = count(input, "loop_limit")? {
        policy.loop_limit = limit;
    }
    if let Some(limit) = input.nested("token_limit", token_limit)? {
        policy.token_limit = limit;
    }
    Ok(())
}

/// Nothing for no requests, as everywhere 0 is no limit.
fn token_limit(fields: &mut Input) -> Result<Option<TokenLimit>, InputError> {
    let requests = fields.required("requests", count)?;
    let per_s = fields.required("per_s", count)?;
    if !(1..=86_400).contains(&per_s) {
        return Err(InputError::Wrong { field: "per_s", expected: "from 1 to 86400" });
    }
    Ok((requests > 0).then_some(TokenLimit { requests, per_s }))
}

fn count(input: &mut Input, field: &'static str) -> Result<Option<u32>, InputError> {
    let Some(count) = input.count(field)? else { return Ok(None) };
    u32::try_from(count).map(Some).map_err(|_| InputError::Wrong { field, expected: "from 0 to 4294967295" })
}

/// A tenant without policies.
pub(super) fn clear(world: &World, tenant: &str) -> Result<(), InputError> {
    world.entra.clear_policy(tenant_id(world, tenant)?);
    Ok(())
}

fn tenant_id(world: &World, tenant: &str) -> Result<Uuid, InputError> {
    world.directory.tenant_id(tenant).ok_or(InputError::Unknown { field: "tenant" })
}

pub(super) fn one_of<T: Copy>(
    input: &mut Input,
    field: &'static str,
    known: &[(&str, T)],
    expected: &'static str,
) -> Result<Option<T>, InputError> {
    let Some(named) = input.text(field)? else { return Ok(None) };
    let found = known.iter().find(|(name, _)| *name == named).map(|(_, value)| *value);
    found.map(Some).ok_or(InputError::Wrong { field, expected })
}

fn trusted_addresses(addresses: &Value) -> Result<Vec<IpAddr>, InputError> {
    let wrong = || InputError::Wrong { field: "trusted_addresses", expected: "a list of IP addresses" };
    let addresses = addresses.as_array().ok_or_else(wrong)?;
    addresses
        .iter()
        .map(|address| address.as_str().and_then(|address| address.parse().ok()).ok_or_else(wrong))
        .collect()
}

fn to_json(policy: &AccessPolicy) -> Value {
    json!({
        "id": policy.id,
        "cloud": name_of(policy.cloud, &CLOUD),
        "block": policy.block,
        "mfa": name_of(policy.mfa, &MFA),
        "device": name_of(policy.device, &DEVICE),
        "trusted_addresses": policy.trusted_addresses,
        "sign_in_frequency_s": policy.sign_in_frequency_s,
        "assignment_required": policy.assignment_required,
        "user_consent": policy.user_consent,
        "consent_withdrawn": policy.consent_withdrawn,
        "admin_consent": policy.admin_consent,
        "loop_limit": policy.loop_limit,
        "token_limit": policy.token_limit.map(|TokenLimit { requests, per_s }| {
            json!({ "requests": requests, "per_s": per_s })
        }),
    })
}

pub(super) fn name_of<T: Copy + PartialEq>(value: T, known: &[(&'static str, T)]) -> &'static str {
    known.iter().find(|(_, known)| *known == value).map_or("", |(name, _)| name)
}
