//! A client secret, and until when it is good.

use std::fmt;
use std::path::Path;

use connector_actors::clock::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret, SecretString};

use crate::entra::private_file::{CredentialError, CredentialProblem};

/// Before the date in the second line.
const EXPIRES: &str = "expires ";

/// A secret says nothing of its own end: whoever put it down may have.
#[derive(Clone)]
pub struct ClientSecret {
    secret: SecretString,
    expires_at: Option<Timestamp>,
}

impl ClientSecret {
    /// Reads what a file holds: the secret, and in a second line, where it is there, `expires 2027-03-31`: the day on
    /// which it ends, as Entra's page of the registration shows it. White space at the end of lines belongs to neither.
    pub(super) fn read(path: &Path, text: &str) -> Result<Self, CredentialError> {
        let mut lines = text.trim_ascii_end().lines();
        let secret = SecretString::from(lines.next().unwrap_or_default().trim_ascii_end());
        let no_expiry = || CredentialError { path: path.to_owned(), problem: CredentialProblem::NoExpiry };
        let expires_at = match lines.next() {
            None => None,
            Some(line) => Some(beginning_of_day(line).ok_or_else(no_expiry)?),
        };
        if lines.next().is_some() {
            return Err(no_expiry());
        }
        Ok(Self { secret, expires_at })
    }

    pub(super) fn expose(&self) -> &str {
        self.secret.expose_secret()
    }

    pub(super) fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }
}

impl From<&str> for ClientSecret {
    /// One whose end nobody knows.
    fn from(secret: &str) -> Self {
        Self { secret: SecretString::from(secret), expires_at: None }
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ClientSecret").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// The day begins with the least that is left of it, in UTC.
fn beginning_of_day(line: &str) -> Option<Timestamp> {
    let day: Date = line.strip_prefix(EXPIRES)?.trim_ascii().parse().ok()?;
    let seconds = TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()?.as_second();
    Some(Timestamp::from_unix_seconds(u64::try_from(seconds).ok()?))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, nobody would be warned before the secret ends, or the day would be sent to Entra as a part of it.
    #[rstest]
    #[case::alone("s3cret\n", None)]
    #[case::with_its_end("s3cret \nexpires 2027-03-31\n\n", Some(1_806_451_200))]
    fn a_secret_stands_with_its_end_or_alone(#[case] text: &str, #[case] end: Option<u64>) {
        let secret = ClientSecret::read(Path::new("secret"), text).unwrap();
        assert_eq!(secret.expose(), "s3cret");
        assert_eq!(secret.expires_at(), end.map(Timestamp::from_unix_seconds));
        assert!(!format!("{secret:?}").contains("s3cret"));
    }

    /// If this failed, a slip of the pen would be a secret without an end.
    #[rstest]
    #[case::other_words("s3cret\nuntil 2027-03-31")]
    #[case::no_day("s3cret\nexpires 2027-13-31")]
    #[case::a_third_line("s3cret\nexpires 2027-03-31\nmore")]
    fn a_second_line_that_is_no_end_is_refused(#[case] text: &str) {
        let error = ClientSecret::read(Path::new("secret"), text).unwrap_err().to_string();
        assert_eq!(error, "secret: has a second line that is not: expires YYYY-MM-DD");
    }
}
