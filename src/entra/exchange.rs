//! The On-Behalf-Of exchange with Entra's token endpoint.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connector_actors::clock::Clock;
use connector_actors::identity::ClientId;
use connector_actors::ports::{
    ExchangeError, ExchangeFault, ExchangeRequest, ExchangedToken, SecondTurn, TokenExchange,
};
use connector_observability::emit;
use connector_observability::event::exchange::WriteScopeGranted;
use futures_util::future::BoxFuture;
use reqwest::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use url::form_urlencoded::Serializer;
use zeroize::Zeroizing;

use super::answer::read_token;
use super::capability::ClaimsCapability;
use super::classify::{Refused, classify};
use super::cloud::Cloud;
use super::credential::{CredentialKeeper, CredentialSource, ExchangeNotBuilt, Proof};
use super::outbound::{AnswerFault, client, read_answer, unpooled_client};
use super::second_attempt::{FailedAttempt, SHORTEST_ATTEMPT, pause_before_second};
use super::shared_scopes::SharedScopes;
use super::write_scope::holds_write_scope;

/// Asks Entra to answer an overload with 429 and `Retry-After`, as Microsoft's own libraries do.
const LIB_CAPABILITY: &str = "retry-after, h429";

/// Longer waits are cut to this, as in Microsoft's own libraries.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3_600);

/// What the exchange needs to know.
#[derive(Debug, Clone)]
pub struct ExchangeSettings {
    pub cloud: Cloud,
    /// This service's own registration.
    pub client_id: ClientId,
    pub credential: CredentialSource,
    /// For which tenants `cp1` is declared.
    pub capability: ClaimsCapability,
    /// Bound of one exchange, from connecting to the last byte of the answer, a second attempt included. Ten seconds
    /// is a good value.
    pub timeout: Duration,
}

/// Exchanges users' tokens for Graph tokens. Its requests run on the runtime whose handle it was given, where
/// its pooled connections live.
#[derive(Debug)]
pub struct EntraTokenExchange {
    endpoint: Arc<TokenEndpoint>,
    io: Handle,
}

impl EntraTokenExchange {
    pub fn new(
        settings: ExchangeSettings,
        io: Handle,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ExchangeNotBuilt> {
        let credential = CredentialKeeper::open(settings.credential.clone(), Arc::clone(&clock))?;
        let client = client(&settings.cloud, settings.timeout)?;
        let unpooled = unpooled_client(&settings.cloud, settings.timeout)?;
        let scope = settings.cloud.graph_default_scope();
        let scopes = SharedScopes::default();
        let endpoint = TokenEndpoint { settings, credential, scope, client, unpooled, scopes, clock };
        Ok(Self { endpoint: Arc::new(endpoint), io })
    }

    pub fn credential_term(&self) -> CredentialTerm {
        CredentialTerm(Arc::clone(&self.endpoint))
    }
}

/// The end of the service's own credential, for those who watch it.
#[derive(Debug, Clone)]
pub struct CredentialTerm(Arc<TokenEndpoint>);

impl CredentialTerm {
    /// Reads the credential again if it has changed, and reminds of its end. Blocks for a moment.
    pub fn look(&self) {
        self.0.credential.look();
    }

    /// The kind of the credential, and whole days until it ends: negative when it has, `None` where it has no end that
    /// somebody must see to now.
    pub fn days_left(&self) -> (&'static str, Option<i64>) {
        self.0.credential.days_left()
    }

    /// Which kind of credential it is, and seconds until its end, whoever sees to that.
    pub fn seconds_left(&self) -> (&'static str, Option<i64>) {
        self.0.credential.seconds_left()
    }
}

impl TokenExchange for EntraTokenExchange {
    /// Dropping the future ends the request.
    fn exchange(
        &self,
        request: ExchangeRequest,
        second: SecondTurn,
    ) -> BoxFuture<'static, Result<ExchangedToken, ExchangeError>> {
        let endpoint = Arc::clone(&self.endpoint);
        let io = self.io.clone();
        Box::pin(async move {
            let mut request = EndedOnDrop(io.spawn(async move { endpoint.exchange(&request, second).await }));
            (&mut request.0).await.unwrap_or(Err(ExchangeError::Unavailable(ExchangeFault::BrokenOff)))
        })
    }
}

struct EndedOnDrop<T>(JoinHandle<T>);

impl<T> Drop for EndedOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[derive(Debug)]
struct TokenEndpoint {
    settings: ExchangeSettings,
    credential: CredentialKeeper,
    scope: String,
    client: Client,
    /// Opens a connection for each request: a second attempt must not meet the connection that has just failed.
    unpooled: Client,
    scopes: SharedScopes,
    clock: Arc<dyn Clock>,
}

impl TokenEndpoint {
    async fn exchange(
        &self,
        request: &ExchangeRequest,
        second: SecondTurn,
    ) -> Result<ExchangedToken, ExchangeError> {
        let token = tokio::time::timeout(self.settings.timeout, self.ask(request, second))
            .await
            .unwrap_or(Err(ExchangeError::Unavailable(ExchangeFault::TimedOut)))?;
        if holds_write_scope(&token.scopes) {
            emit(WriteScopeGranted {
                trace_id: request.trace_id,
                correlation_id: request.correlation_id,
                tenant: *request.principal.tenant.as_uuid(),
            });
        }
        Ok(ExchangedToken { scopes: self.scopes.share(token.scopes), ..token })
    }

    /// The one place where an exchange is tried again: once at most, for what may pass, inside the bound, and when there is
    /// a second turn.
    async fn ask(
        &self,
        request: &ExchangeRequest,
        second: SecondTurn,
    ) -> Result<ExchangedToken, ExchangeError> {
        let deadline = self.clock.instant() + self.settings.timeout;
        let failed = match self.attempt(&self.client, request).await {
            Ok(token) => return Ok(token),
            Err(failed) => failed,
        };
        let left = deadline.saturating_duration_since(self.clock.instant());
        let Some(pause) = pause_before_second(&failed, left) else { return Err(failed.error) };
        tokio::time::sleep(pause).await;
        let latest = deadline - SHORTEST_ATTEMPT;
        if tokio::time::timeout_at(latest, second.comes()).await != Ok(true) {
            return Err(failed.error);
        }
        self.attempt(&self.unpooled, request).await.map_err(|failed| failed.error)
    }

    async fn attempt(
        &self,
        client: &Client,
        request: &ExchangeRequest,
    ) -> Result<ExchangedToken, FailedAttempt> {
        let url = self.settings.cloud.token_endpoint(request.principal.tenant);
        let form = self.form(request, &url).await?;
        let response = client
            .post(&url)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("x-ms-lib-capability", LIB_CAPABILITY)
            .header("client-request-id", request.correlation_id.to_string())
            .body(form)
            .send()
            .await
            .map_err(|error| unavailable(&error))?;
        read_response(response).await
    }

    /// Wiped when it has been sent: it holds the user's token and this service's proof.
    async fn form(&self, request: &ExchangeRequest, token_endpoint: &str) -> Result<Bytes, ExchangeError> {
        let client_id = self.settings.client_id;
        let proof = self.credential.proof(client_id, token_endpoint).await?;
        let claims = self.settings.capability.claims(request.principal.tenant, request.claims.as_deref());
        let assertion = request.assertion.expose_token();
        // Room for all of it, or growing would leave copies behind. What is encoded takes three bytes for one at most; of a
        // token nothing is.
        let room =
            assertion.len() + 3 * proof.expose().len() + 3 * claims.as_ref().map_or(0, String::len) + 1_024;
        let mut form = Serializer::new(String::with_capacity(room));
        form.append_pair("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
            .append_pair("requested_token_use", "on_behalf_of")
            .append_pair("assertion", &assertion)
            .append_pair("client_id", &client_id.to_string())
            .append_pair("scope", &self.scope);
        match &proof {
            Proof::Secret(_) => form.append_pair("client_secret", proof.expose()),
            Proof::Assertion(_) => form
                .append_pair(
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                )
                .append_pair("client_assertion", proof.expose()),
        };
        if let Some(claims) = &claims {
            form.append_pair("claims", claims);
        }
        Ok(Bytes::from_owner(Zeroizing::new(form.finish())))
    }
}

async fn read_response(response: Response) -> Result<ExchangedToken, FailedAttempt> {
    let status = response.status();
    let retry_after = retry_after(&response);
    let body = read_answer(response).await.map_err(|fault| {
        ExchangeError::Unavailable(match fault {
            AnswerFault::TooLarge => ExchangeFault::Unintelligible,
            AnswerFault::TimedOut => ExchangeFault::TimedOut,
            AnswerFault::Broken => ExchangeFault::Unreachable,
        })
    })?;
    if status == StatusCode::OK {
        return read_token(&body)
            .map_err(|_| ExchangeError::Unavailable(ExchangeFault::Unintelligible).into());
    }
    let error = classify(&Refused { status: status.as_u16(), retry_after, body: &body });
    Err(FailedAttempt { error, retry_after })
}

/// Entra writes whole seconds; anything else counts as absent.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds: u64 = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(MAX_RETRY_AFTER))
}

fn unavailable(error: &reqwest::Error) -> ExchangeError {
    let no_answer_in_time = error.is_timeout() && !error.is_connect();
    ExchangeError::Unavailable(if no_answer_in_time {
        ExchangeFault::TimedOut
    } else {
        ExchangeFault::Unreachable
    })
}

#[cfg(test)]
mod tests;
