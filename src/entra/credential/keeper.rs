//! The credential in use: read again when its files change, and watched for its end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use connector_actors::clock::{Clock, Timestamp};
use connector_actors::identity::ClientId;
use connector_actors::ports::{AadstsCode, ExchangeError, Misconfiguration};
use connector_observability::emit;
use connector_observability::event::exchange::{
    CredentialExpiring, CredentialNotReloaded, CredentialReloaded,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::managed_identity::ManagedIdentityClient;
use super::source::{CredentialSource, Stamp};
use super::term::{CredentialTerm, days_until};
use super::{ClientCredential, ExchangeNotBuilt};

/// How often the files are looked at, at most.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How often the operators are reminded, at most.
const REMIND_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// What goes into the form of an exchange.
pub(in crate::entra) enum Proof {
    Secret(SecretString),
    /// A `client_assertion`: signed here, or by an identity provider that the registration trusts.
    Assertion(SecretString),
}

impl Proof {
    pub(in crate::entra) fn expose(&self) -> &str {
        match self {
            Self::Secret(proof) | Self::Assertion(proof) => proof.expose_secret(),
        }
    }
}

#[derive(Debug)]
pub(in crate::entra) struct CredentialKeeper {
    source: CredentialSource,
    clock: Arc<dyn Clock>,
    held: Mutex<Held>,
    machine: Option<ManagedIdentityClient>,
}

#[derive(Debug)]
struct Held {
    /// `None` where a managed identity is asked.
    credential: Option<ClientCredential>,
    stamp: Stamp,
    looked_at: Instant,
    /// So that a file that stays wrong is told of once.
    failed: Option<Stamp>,
    reminded_at: Option<Timestamp>,
}

impl CredentialKeeper {
    /// Reads the credential for the first time.
    pub(in crate::entra) fn open(
        source: CredentialSource,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ExchangeNotBuilt> {
        let machine = match &source {
            CredentialSource::ManagedIdentity(identity) => {
                Some(ManagedIdentityClient::new(identity.clone())?)
            }
            _ => None,
        };
        // Before the reading: what changes meanwhile is read again.
        let stamp = source.stamp();
        let credential = source.load()?;
        let looked_at = clock.instant();
        let held = Mutex::new(Held { credential, stamp, looked_at, failed: None, reminded_at: None });
        Ok(Self { source, clock, held, machine })
    }

    /// What proves who this service is, for one request to `token_endpoint`.
    pub(in crate::entra) async fn proof(
        &self,
        client_id: ClientId,
        token_endpoint: &str,
    ) -> Result<Proof, ExchangeError> {
        if let Some(machine) = &self.machine {
            let token = machine.token(self.clock.now()).await?;
            return Ok(Proof::Assertion(SecretString::from(token.expose())));
        }
        let unusable = || ExchangeError::Misconfigured(Misconfiguration::Credential, AadstsCode::default());
        match self.current().ok_or_else(unusable)? {
            ClientCredential::Secret(secret) => Ok(Proof::Secret(secret)),
            ClientCredential::Federated(token) => Ok(Proof::Assertion(SecretString::from(token.expose()))),
            ClientCredential::Certificate(certificate) => {
                let now = self.clock.now();
                let assertion =
                    certificate.client_assertion(client_id, token_endpoint, now).map_err(|_| unusable())?;
                Ok(Proof::Assertion(SecretString::from(assertion)))
            }
        }
    }

    /// Which kind of credential it is, and whole days until its end, where somebody has to see to that.
    pub(in crate::entra) fn days_left(&self) -> (&'static str, Option<i64>) {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let days = self.term(&held).and_then(|term| term.days_shown(self.clock.now()));
        (self.source.kind(), days)
    }

    /// Reads what has changed and reminds of the end, as each exchange does: for times without one.
    pub(in crate::entra) fn look(&self) {
        drop(self.looked_after());
    }

    /// Which kind of credential it is, and seconds until its end, whoever sees to that; negative when it is over. What a
    /// managed identity gives is renewed by itself, and its end nobody's matter.
    pub(in crate::entra) fn seconds_left(&self) -> (&'static str, Option<i64>) {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let end = self.term(&held).map(|term| term.end);
        (self.source.kind(), end.map(|end| seconds_until(self.clock.now(), end)))
    }

    fn current(&self) -> Option<ClientCredential> {
        self.looked_after().credential.clone()
    }

    fn looked_after(&self) -> MutexGuard<'_, Held> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.instant();
        if now.saturating_duration_since(held.looked_at) >= LOOK_EVERY {
            held.looked_at = now;
            self.read_again(&mut held);
        }
        self.remind(&mut held);
        held
    }

    fn term(&self, held: &Held) -> Option<CredentialTerm> {
        held.credential.as_ref().and_then(|credential| self.source.term(credential))
    }

    /// A file that is wrong, or half written, leaves the last good credential in force.
    fn read_again(&self, held: &mut Held) {
        let stamp = self.source.stamp();
        if stamp == held.stamp || Some(stamp) == held.failed {
            return;
        }
        match self.source.load() {
            Ok(credential) => {
                held.credential = credential;
                held.stamp = stamp;
                held.failed = None;
                held.reminded_at = None;
                emit(CredentialReloaded { kind: self.source.kind() });
            }
            Err(error) => {
                held.failed = Some(stamp);
                emit(CredentialNotReloaded { kind: self.source.kind(), reason: &error.to_string() });
            }
        }
    }

    fn remind(&self, held: &mut Held) {
        let Some(term) = self.term(held) else { return };
        let now = self.clock.now();
        let is_due = held.reminded_at.is_none_or(|reminded_at| now >= reminded_at + REMIND_EVERY);
        if is_due && now >= term.told_from {
            held.reminded_at = Some(now);
            emit(CredentialExpiring { kind: self.source.kind(), days_left: days_until(now, term.end) });
        }
    }
}

fn seconds_until(now: Timestamp, end: Timestamp) -> i64 {
    let seconds = |span: Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
    if now < end { seconds(now.until(end)) } else { -seconds(end.until(now)) }
}
