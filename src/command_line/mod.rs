//! What the command line asks for.

mod revocations;

use std::ffi::OsString;
use std::path::PathBuf;

use m365_connector::control::NamedSubject;
use thiserror::Error;

pub(crate) use revocations::{list, revoke};

pub(crate) const USAGE: &str = "\
m365-connector: read-only access to Microsoft 365 for AI clients

usage: m365-connector [serve | check-config] [--config FILE]
       m365-connector revoke --tenant ID [--user ID [--client ID]] [--config FILE]
       m365-connector revoke --token-id ID [--config FILE]
       m365-connector revocations list [--config FILE]

  serve              run the service; what is done when no command is given
  check-config       read the configuration, say what is wrong with it, and end
  revoke             refuse the tokens that were issued so far, to all users of a
                     tenant, to one user, to one user's client, or a single one.
                     It is no block: who signs in again is let in, and a client
                     that holds a refresh token needs nobody to do so. What ends
                     access for good is a block in the tenant's file or in
                     Entra ID
  revocations list   the revocations in force, newest first

  --config FILE      the configuration file (default connector.toml)
  --tenant ID        a tenant's directory ID (tid)
  --user ID          a user's object ID (oid)
  --client ID        a client application's ID (azp)
  --token-id ID      a token's unique token identifier (uti)
  --help, -h         print this text
  --version, -V      print the version
";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Serve(PathBuf),
    CheckConfig(PathBuf),
    Revoke(PathBuf, NamedSubject),
    ListRevocations(PathBuf),
    Help,
    Version,
}

/// What is wrong with the command line.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum UsageError {
    #[error("unknown argument '{0}'")]
    Unknown(String),
    #[error("{0} needs a value")]
    NoValue(&'static str),
    #[error("{option} is given twice")]
    Twice { option: &'static str },
    #[error("{option} '{value}': {reason}")]
    Invalid { option: &'static str, value: String, reason: String },
    #[error("{0} belongs to revoke alone")]
    ForRevokeAlone(&'static str),
    #[error("revoke needs --tenant or --token-id")]
    NothingToRevoke,
    #[error("--token-id names one token by itself: --tenant, --user and --client do not go with it")]
    TokenAndOthers,
    #[error("{option} needs {needed} too")]
    Needs { option: &'static str, needed: &'static str },
    #[error("revocations needs to be told what: list")]
    NoAction,
}

/// The verbs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Serve,
    CheckConfig,
    Revoke,
    ListRevocations,
}

/// The options that name what to revoke, as they were given.
#[derive(Debug, Default)]
struct SubjectOptions {
    tenant: Option<String>,
    user: Option<String>,
    client: Option<String>,
    token_id: Option<String>,
}

/// Reads the arguments behind the program's name.
pub(crate) fn command(mut arguments: impl Iterator<Item = OsString>) -> Result<Command, UsageError> {
    let mut path = PathBuf::from("connector.toml");
    let mut verb = Verb::Serve;
    let mut subject = SubjectOptions::default();
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("serve") => verb = Verb::Serve,
            Some("check-config") => verb = Verb::CheckConfig,
            Some("revoke") => verb = Verb::Revoke,
            Some("revocations") => match arguments.next() {
                Some(action) if action == "list" => verb = Verb::ListRevocations,
                _ => return Err(UsageError::NoAction),
            },
            Some("--config") => path = arguments.next().ok_or(UsageError::NoValue("--config"))?.into(),
            Some("--help" | "-h") => return Ok(Command::Help),
            Some("--version" | "-V") => return Ok(Command::Version),
            Some(option) if subject.take(option, &mut arguments)? => {}
            _ => return Err(UsageError::Unknown(argument.to_string_lossy().into_owned())),
        }
    }
    if verb == Verb::Revoke {
        return Ok(Command::Revoke(path, subject.named()?));
    }
    subject.must_be_empty()?;
    Ok(match verb {
        Verb::CheckConfig => Command::CheckConfig(path),
        Verb::ListRevocations => Command::ListRevocations(path),
        Verb::Serve | Verb::Revoke => Command::Serve(path),
    })
}

impl SubjectOptions {
    /// Takes `option` and its value, when it is one of these.
    fn take(
        &mut self,
        option: &str,
        values: &mut impl Iterator<Item = OsString>,
    ) -> Result<bool, UsageError> {
        let Some((option, place)) = self.places().into_iter().find(|(name, _)| *name == option) else {
            return Ok(false);
        };
        let value = values.next().ok_or(UsageError::NoValue(option))?;
        if place.replace(value.to_string_lossy().into_owned()).is_some() {
            return Err(UsageError::Twice { option });
        }
        Ok(true)
    }

    fn places(&mut self) -> [(&'static str, &mut Option<String>); 4] {
        [
            ("--tenant", &mut self.tenant),
            ("--user", &mut self.user),
            ("--client", &mut self.client),
            ("--token-id", &mut self.token_id),
        ]
    }

    fn must_be_empty(mut self) -> Result<(), UsageError> {
        match self.places().into_iter().find(|(_, value)| value.is_some()) {
            Some((option, _)) => Err(UsageError::ForRevokeAlone(option)),
            None => Ok(()),
        }
    }

    fn named(self) -> Result<NamedSubject, UsageError> {
        let Self { tenant, user, client, token_id } = self;
        match (tenant, user, client, token_id) {
            (None, None, None, Some(token_id)) => Ok(NamedSubject::Token { token_id: token_id.into() }),
            (_, _, _, Some(_)) => Err(UsageError::TokenAndOthers),
            (None, None, None, None) => Err(UsageError::NothingToRevoke),
            (None, Some(_), _, _) => Err(UsageError::Needs { option: "--user", needed: "--tenant" }),
            (_, None, Some(_), _) => {
                Err(UsageError::Needs { option: "--client", needed: "--tenant and --user" })
            }
            (Some(tenant), None, None, None) => {
                Ok(NamedSubject::Tenant { tenant: parse("--tenant", tenant)? })
            }
            (Some(tenant), Some(user), None, None) => {
                Ok(NamedSubject::User { tenant: parse("--tenant", tenant)?, user: parse("--user", user)? })
            }
            (Some(tenant), Some(user), Some(client), None) => Ok(NamedSubject::Client {
                tenant: parse("--tenant", tenant)?,
                user: parse("--user", user)?,
                client: parse("--client", client)?,
            }),
        }
    }
}

fn parse<T>(option: &'static str, value: String) -> Result<T, UsageError>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    value.parse().map_err(|error: T::Err| UsageError::Invalid { option, reason: error.to_string(), value })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const TENANT: &str = "11111111-1111-4111-8111-111111111111";
    const USER: &str = "22222222-2222-4222-8222-222222222222";
    const CLIENT: &str = "33333333-3333-4333-8333-333333333333";

    fn parsed(arguments: &[&str]) -> Result<Command, UsageError> {
        command(arguments.iter().map(OsString::from))
    }

    /// If this failed, the service would start where a look at it was asked for, or with another file.
    #[rstest]
    #[case::nothing(&[], Command::Serve("connector.toml".into()))]
    #[case::file(&["--config", "a b.toml"], Command::Serve("a b.toml".into()))]
    #[case::check(&["check-config", "--config", "c"], Command::CheckConfig("c".into()))]
    #[case::check_after(&["--config", "c", "check-config"], Command::CheckConfig("c".into()))]
    #[case::list(&["revocations", "list"], Command::ListRevocations("connector.toml".into()))]
    #[case::help(&["serve", "--help"], Command::Help)]
    #[case::short_help(&["-h"], Command::Help)]
    #[case::version(&["--version"], Command::Version)]
    #[case::short_version(&["-V"], Command::Version)]
    fn a_command_line_is_read(#[case] arguments: &[&str], #[case] expected: Command) {
        assert_eq!(parsed(arguments), Ok(expected));
    }

    /// If this failed, somebody else would be cut off than the operator named.
    #[rstest]
    #[case::tenant(&["--tenant", TENANT], NamedSubject::Tenant { tenant: TENANT.parse().unwrap() })]
    #[case::user(
        &["--user", USER, "--tenant", TENANT],
        NamedSubject::User { tenant: TENANT.parse().unwrap(), user: USER.parse().unwrap() }
    )]
    #[case::client(
        &["--tenant", TENANT, "--user", USER, "--client", CLIENT],
        NamedSubject::Client {
            tenant: TENANT.parse().unwrap(),
            user: USER.parse().unwrap(),
            client: CLIENT.parse().unwrap(),
        }
    )]
    #[case::token(&["--token-id", "AbC_-"], NamedSubject::Token { token_id: "AbC_-".into() })]
    fn what_is_to_be_revoked_is_read(#[case] options: &[&str], #[case] expected: NamedSubject) {
        let arguments: Vec<_> = ["revoke"].iter().chain(options).copied().collect();
        assert_eq!(parsed(&arguments), Ok(Command::Revoke("connector.toml".into(), expected)));
    }

    /// If this failed, a mistyped argument would go unsaid, and its reader search for it; or more be revoked than meant.
    #[rstest]
    #[case::misspelt(&["--confg", "x"], "unknown argument '--confg'")]
    #[case::command(&["start"], "unknown argument 'start'")]
    #[case::no_file(&["--config"], "--config needs a value")]
    #[case::no_action(&["revocations"], "revocations needs to be told what: list")]
    #[case::nothing(&["revoke"], "revoke needs --tenant or --token-id")]
    #[case::client_of_everybody(
        &["revoke", "--tenant", TENANT, "--client", CLIENT],
        "--client needs --tenant and --user too"
    )]
    #[case::user_of_nowhere(&["revoke", "--user", USER], "--user needs --tenant too")]
    #[case::both(
        &["revoke", "--token-id", "x", "--tenant", TENANT],
        "--token-id names one token by itself: --tenant, --user and --client do not go with it"
    )]
    #[case::twice(&["revoke", "--tenant", TENANT, "--tenant", TENANT], "--tenant is given twice")]
    #[case::no_guid(&["revoke", "--tenant", "contoso"], "--tenant 'contoso': tenant id must be a GUID")]
    #[case::elsewhere(&["serve", "--tenant", TENANT], "--tenant belongs to revoke alone")]
    fn a_wrong_argument_is_named(#[case] arguments: &[&str], #[case] message: &str) {
        assert_eq!(parsed(arguments).unwrap_err().to_string(), message);
    }
}
