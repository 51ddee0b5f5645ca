//! The commands about revocations: one question to the serving process, and its answer for people.

use jiff::Timestamp;
use m365_connector::control::{
    ControlAnswer, ControlError, ControlRequest, ListedRevocation, NamedSubject, ask,
};
use m365_connector::{Settings, StateLocation};
use thiserror::Error;

/// Said with every revocation, so that nobody takes it for a block.
const NO_BLOCK: &str = "\
The tokens issued so far are refused, and calls in progress have been ended. This
is no block: who signs in again is let in, and a client that holds a refresh token
needs nobody to do so. To end access for good, block the user or the client in the
tenant's file, or in Entra ID (block sign-in, and revoke sign-in sessions).";

/// Why a command about revocations failed.
#[derive(Debug, Error)]
pub(crate) enum RevocationCommandError {
    #[error(transparent)]
    Control(#[from] ControlError),
    #[error("{0}")]
    Refused(String),
    #[error("the connector answered something else than was asked: is it of another version?")]
    Mismatch,
    #[error("the configuration keeps no state")]
    NoState,
}

/// Revokes `subject`, and gives the text to show.
pub(crate) fn revoke(settings: &Settings, subject: NamedSubject) -> Result<String, RevocationCommandError> {
    match answer(settings, &ControlRequest::Revoke { subject })? {
        ControlAnswer::Revoked(revocation) => Ok(format!("revoked {}\n\n{NO_BLOCK}", line(&revocation))),
        _ => Err(RevocationCommandError::Mismatch),
    }
}

/// The revocations in force, one a line.
pub(crate) fn list(settings: &Settings) -> Result<String, RevocationCommandError> {
    let ControlAnswer::Revocations { revocations, total } =
        answer(settings, &ControlRequest::ListRevocations)?
    else {
        return Err(RevocationCommandError::Mismatch);
    };
    let head = match total {
        0 => "nothing is revoked".to_owned(),
        total => format!("{total} in force, newest first"),
    };
    let mut lines = vec![head];
    lines.extend(revocations.iter().map(line));
    if revocations.len() < total {
        lines.push(format!("… and {} older ones", total - revocations.len()));
    }
    Ok(lines.join("\n"))
}

fn answer(settings: &Settings, request: &ControlRequest) -> Result<ControlAnswer, RevocationCommandError> {
    let StateLocation::Directory(directory) = &settings.state else {
        return Err(RevocationCommandError::NoState);
    };
    match ask(directory, request)? {
        ControlAnswer::Failed { reason } => Err(RevocationCommandError::Refused(reason)),
        answer => Ok(answer),
    }
}

fn line(revocation: &ListedRevocation) -> String {
    let subject = match &revocation.subject {
        NamedSubject::Tenant { tenant } => format!("tenant {tenant}"),
        NamedSubject::User { tenant, user } => format!("user {user} of tenant {tenant}"),
        NamedSubject::Client { tenant, user, client } => {
            format!("client {client} for user {user} of tenant {tenant}")
        }
        NamedSubject::Token { token_id } => format!("token {token_id}"),
    };
    let millis = i64::try_from(revocation.at_ms).unwrap_or(i64::MAX);
    let at = Timestamp::from_millisecond(millis).map_or_else(|_| String::new(), |at| format!("{at:.0}"));
    format!("{at} {subject}")
}
