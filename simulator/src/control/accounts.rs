//! `/_sim/users/{user}`: what is changed about a person, and what is revoked.

use serde_json::{Value, json};

use super::input::{Input, InputError};
use super::policies::{MFA, name_of, one_of};
use crate::directory::{Consent, Directory, EVERY_SCOPE, Principal};
use crate::entra::{Device, Mfa, RevocationCause};
use crate::world::World;

/// What is changed about a person; what is not named stays as it is.
pub(crate) struct AccountChange {
    enabled: Option<bool>,
    assigned: Option<bool>,
    device: Option<Device>,
    mfa: Option<DemandedMfa>,
    consent: Option<Vec<&'static str>>,
    copilot_licensed: Option<bool>,
}

/// Whose demand of multifactor authentication a person meets.
#[derive(Clone, Copy, Debug)]
enum DemandedMfa {
    OfTenant,
    Own(Mfa),
}

impl AccountChange {
    pub(crate) fn apply(self, world: &World, principal: &Principal) {
        let Self { enabled, assigned, device, mfa, consent, copilot_licensed } = self;
        world.entra.change_account(principal, |account| {
            account.enabled = enabled.unwrap_or(account.enabled);
            account.assigned = assigned.unwrap_or(account.assigned);
            account.device = device.unwrap_or(account.device);
            account.mfa = match mfa {
                None => account.mfa,
                Some(DemandedMfa::OfTenant) => None,
                Some(DemandedMfa::Own(mfa)) => Some(mfa),
            };
            if let Some(consent) = consent {
                account.consent = Some(consent);
            }
        });
        if let Some(licensed) = copilot_licensed {
            world.graph.set_licensed(principal.tenant().id, principal.user().id, licensed);
        }
    }
}

/// Changes what is named. An empty object only shows.
pub(super) fn change(world: &World, user: &str, mut input: Input) -> Result<Value, InputError> {
    let principal = person(&world.directory, user, &mut input)?;
    read(input)?.apply(world, &principal);
    Ok(show(world, &principal))
}

/// The same of a scenario, whose fields `tenant` and `user` say who it is.
pub(crate) fn change_of(
    directory: &Directory,
    mut input: Input,
) -> Result<(Principal, AccountChange), InputError> {
    let tenant = input.required("tenant", Input::text)?;
    let tenant = directory.tenant_id(&tenant).ok_or(InputError::Unknown { field: "tenant" })?;
    let user = input.required("user", Input::text)?;
    let principal = directory.user(tenant, &user).ok_or(InputError::Unknown { field: "user" })?;
    Ok((principal, read(input)?))
}

fn read(mut input: Input) -> Result<AccountChange, InputError> {
    let change = AccountChange {
        enabled: input.flag("enabled")?,
        assigned: input.flag("assigned")?,
        device: device(&mut input)?,
        mfa: mfa(&mut input)?,
        consent: consent(&mut input)?,
        copilot_licensed: input.flag("copilot_licensed")?,
    };
    input.end()?;
    Ok(change)
}

/// Ends what was given to a person before.
pub(super) fn revoke(world: &World, user: &str, mut input: Input) -> Result<Value, InputError> {
    let principal = person(&world.directory, user, &mut input)?;
    let cause = input.required("cause", Input::text)?;
    input.end()?;
    let expected = "\"password_expired\", \"password_changed\", \"password_reset_by_user\", \
                    \"password_reset_in_azure_portal\", \"password_reset_in_admin_center\", \
                    \"sessions_revoked\", \"refresh_tokens_revoked\" or \"signed_out\"";
    let cause = RevocationCause::parse(&cause).ok_or(InputError::Wrong { field: "cause", expected })?;
    world.entra.revoke(&principal, cause);
    Ok(show(world, &principal))
}

fn person(directory: &Directory, user: &str, input: &mut Input) -> Result<Principal, InputError> {
    let found = match input.text("tenant")? {
        None => directory.user_anywhere(user),
        Some(tenant) => {
            let tenant = directory.tenant_id(&tenant).ok_or(InputError::Unknown { field: "tenant" })?;
            directory.user(tenant, user)
        }
    };
    found.ok_or(InputError::Unknown { field: "user" })
}

/// `"tenant"` takes back what was demanded of this person alone.
fn mfa(input: &mut Input) -> Result<Option<DemandedMfa>, InputError> {
    let own = MFA.into_iter().map(|(name, mfa)| (name, DemandedMfa::Own(mfa)));
    let known: Vec<(&str, DemandedMfa)> = own.chain([("tenant", DemandedMfa::OfTenant)]).collect();
    one_of(input, "mfa", &known, "\"off\", \"step_up\", \"registration\" or \"tenant\"")
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
        "mfa": account.mfa.map_or("tenant", |mfa| name_of(mfa, &MFA)),
        "consent": world.entra.granted_scopes(principal),
        "copilot_licensed": world.graph.is_licensed(principal.tenant().id, user.id),
    })
}
