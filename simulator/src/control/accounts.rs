//! `/_sim/users/{user}`: what is changed about a person, and what is revoked.

use serde_json::{Value, json};

use super::input::{Input, InputError};
use crate::directory::{Consent, EVERY_SCOPE, Principal};
use crate::entra::{Device, RevocationCause};
use crate::world::World;

/// Changes what is named; what is not stays as it is. An empty object only shows.
pub(super) fn change(world: &World, user: &str, mut input: Input) -> Result<Value, InputError> {
    let principal = person(world, user, &mut input)?;
    let enabled = input.flag("enabled")?;
    let assigned = input.flag("assigned")?;
    let device = device(&mut input)?;
    let consent = consent(&mut input)?;
    input.end()?;
    world.entra.change_account(&principal, |account| {
        account.enabled = enabled.unwrap_or(account.enabled);
        account.assigned = assigned.unwrap_or(account.assigned);
        account.device = device.unwrap_or(account.device);
        if let Some(consent) = consent {
            account.consent = Some(consent);
        }
    });
    Ok(show(world, &principal))
}

/// Ends what was given to a person before.
pub(super) fn revoke(world: &World, user: &str, mut input: Input) -> Result<Value, InputError> {
    let principal = person(world, user, &mut input)?;
    let cause = input.required("cause", Input::text)?;
    input.end()?;
    let expected = "\"password_expired\", \"password_changed\", \"password_reset_by_user\", \
                    \"password_reset_in_azure_portal\", \"password_reset_in_admin_center\", \
                    \"sessions_revoked\", \"refresh_tokens_revoked\" or \"signed_out\"";
    let cause = RevocationCause::parse(&cause).ok_or(InputError::Wrong { field: "cause", expected })?;
    world.entra.revoke(&principal, cause);
    Ok(show(world, &principal))
}

fn person(world: &World, user: &str, input: &mut Input) -> Result<Principal, InputError> {
    let directory = &world.directory;
    let found = match input.text("tenant")? {
        None => directory.user_anywhere(user),
        Some(tenant) => {
            let tenant = directory.tenant_id(&tenant).ok_or(InputError::Unknown { field: "tenant" })?;
            directory.user(tenant, user)
        }
    };
    found.ok_or(InputError::Unknown { field: "user" })
}

fn device(input: &mut Input) -> Result<Option<Device>, InputError> {
    let Some(name) = input.text("device")? else { return Ok(None) };
    let expected = "\"unknown\", \"joined\" or \"compliant\"";
    Device::parse(&name).map(Some).ok_or(InputError::Wrong { field: "device", expected })
}

/// `"full"`, or a list of scopes; an empty list takes all of it away.
fn consent(input: &mut Input) -> Result<Option<Vec<&'static str>>, InputError> {
    let expected = "\"full\" or a list of the connector's Graph scopes";
    let wrong = || InputError::Wrong { field: "consent", expected };
    let known = |name: &Value| EVERY_SCOPE.iter().copied().find(|scope| Some(*scope) == name.as_str());
    match input.take("consent") {
        None => Ok(None),
        Some(Value::String(name)) if name == "full" => Ok(Some(Consent::Full.scopes().to_vec())),
        Some(Value::Array(names)) => {
            names.iter().map(|name| known(name).ok_or_else(wrong)).collect::<Result<_, _>>().map(Some)
        }
        Some(_) => Err(wrong()),
    }
}

fn show(world: &World, principal: &Principal) -> Value {
    let (account, user) = (world.entra.account(principal), principal.user());
    json!({
        "tenant": principal.tenant().id,
        "id": user.id,
        "upn": user.upn,
        "enabled": account.enabled,
        "assigned": account.assigned,
        "device": account.device.as_str(),
        "consent": world.entra.granted_scopes(principal),
    })
}
