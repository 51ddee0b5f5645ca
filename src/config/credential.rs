//! Which credential the configuration names, and that it is in order.

use std::path::Path;

use connector_actors::clock::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use secrecy::SecretString;

use super::error::ConfigError;
use super::file;
use super::value::{invalid, parse};
use crate::entra::{Cloud, CredentialSource, ManagedIdentity};

/// By these App Service and Container Apps say where the managed identity is, and prove the process to it.
const IDENTITY_ENDPOINT: &str = "IDENTITY_ENDPOINT";
const IDENTITY_HEADER: &str = "IDENTITY_HEADER";

const WHICH: &str = "needs exactly one of managed_identity, federated_token_file, certificate_file together with \
                     private_key_file, and client_secret_file";

/// Files are read here once, so that what is wrong with them is said at the start.
pub(super) fn source(
    table: file::Entra,
    cloud: &Cloud,
    base: &Path,
    environment: Vec<(String, String)>,
) -> Result<CredentialSource, ConfigError> {
    let file::Entra {
        client_secret_file,
        client_secret_expires,
        certificate_file,
        private_key_file,
        federated_token_file,
        managed_identity,
        ..
    } = table;
    let expires_at = client_secret_expires.as_deref().map(first_moment).transpose()?;
    if expires_at.is_some() && client_secret_file.is_none() {
        return Err(invalid(
            SECRET_EXPIRES,
            "goes with client_secret_file: the other credentials say it themselves",
        ));
    }
    let files = (client_secret_file, certificate_file, private_key_file, federated_token_file);
    let (key, source) = match (files, managed_identity) {
        ((Some(secret), None, None, None), None) => {
            let path = base.join(secret);
            ("entra.client_secret_file", CredentialSource::SecretFile { path, expires_at })
        }
        ((None, Some(certificate), Some(private_key), None), None) => (
            "entra.certificate_file",
            CredentialSource::CertificateFiles {
                certificate: base.join(certificate),
                private_key: base.join(private_key),
            },
        ),
        ((None, None, None, Some(token)), None) => {
            ("entra.federated_token_file", CredentialSource::FederatedTokenFile(base.join(token)))
        }
        ((None, None, None, None), Some(identity)) => (
            "entra.managed_identity",
            CredentialSource::ManagedIdentity(managed(&identity, cloud, environment)?),
        ),
        _ => return Err(invalid("entra", WHICH)),
    };
    match source.check() {
        Ok(_) => Ok(source),
        Err(error) => Err(invalid(key_of_file(&error.path, &source).unwrap_or(key), error)),
    }
}

const SECRET_EXPIRES: &str = "entra.client_secret_expires";

/// Of a day, as Entra shows the end of a secret.
fn first_moment(day: &str) -> Result<Timestamp, ConfigError> {
    let day: Date = day.parse().map_err(|_| invalid(SECRET_EXPIRES, "must be a day such as 2027-03-31"))?;
    let second =
        TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok().and_then(|it| it.as_second().try_into().ok());
    second.map(Timestamp::from_unix_seconds).ok_or_else(|| invalid(SECRET_EXPIRES, "must lie after 1970"))
}

/// Of two files, the key that names the one that is at fault.
fn key_of_file(path: &Path, source: &CredentialSource) -> Option<&'static str> {
    match source {
        CredentialSource::CertificateFiles { private_key, .. } if path == private_key => {
            Some("entra.private_key_file")
        }
        _ => None,
    }
}

/// `system`, or the client ID of a user-assigned identity.
fn managed(
    identity: &str,
    cloud: &Cloud,
    environment: Vec<(String, String)>,
) -> Result<ManagedIdentity, ConfigError> {
    const KEY: &str = "entra.managed_identity";
    let client_id = match identity {
        "system" => None,
        client_id => Some(parse(KEY, client_id)?),
    };
    let (mut endpoint, mut header) = (None, None);
    for (name, value) in environment {
        match name.as_str() {
            IDENTITY_ENDPOINT => endpoint = Some(value),
            IDENTITY_HEADER => header = Some(SecretString::from(value)),
            _ => {}
        }
    }
    match (endpoint, header) {
        (Some(endpoint), Some(header)) => {
            ManagedIdentity::of_app_service(&endpoint, header, client_id, &cloud.authority)
                .map_err(|error| invalid(KEY, error))
        }
        _ => Ok(ManagedIdentity::of_the_machine(client_id, &cloud.authority)),
    }
}
