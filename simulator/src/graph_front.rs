//! The door of Microsoft Graph: method, version and bearer, before Graph itself is asked.

use std::sync::Arc;

use actix_web::http::Method;
use dashmap::DashMap;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use uuid::Uuid;

use crate::entra::Entra;
use crate::entra::jws::Jws;
use crate::graph::{self, Caller, DownloadRequest, Graph, GraphMethod, GraphRequest, Payload, TenantPolicy};
use crate::message::{Answer, Disturbance, Request};
use crate::throttle_door::{Admitted, ThrottleDoor};
use crate::throttling::{RequestFacts, named_owner};

/// The only version that is served.
const VERSION: &str = "/v1.0";
/// Above so many remembered bearers, all are forgotten.
const REMEMBERED: usize = 10_000;

/// Graph behind its door.
pub(crate) struct GraphFront {
    entra: Arc<Entra>,
    graph: Graph,
    /// The public address of this Graph with its version.
    base_url: String,
    /// Bearers whose signature was good once: a signature is checked once a token, not once a request.
    verified: DashMap<Box<str>, Arc<Verified>>,
    throttle: Arc<ThrottleDoor>,
}

struct Verified {
    caller: Caller,
    /// The application that the token was issued to.
    app: Uuid,
    expires_at: i64,
}

/// Why a bearer is refused.
#[derive(Debug, thiserror::Error)]
enum BearerRefusal {
    #[error("Access token is empty.")]
    Missing,
    #[error("JWT is not well formed.")]
    Malformed,
    #[error("Access token validation failure. Invalid audience.")]
    Audience,
    #[error("Access token validation failure. Invalid signature.")]
    Signature,
    #[error("Lifetime validation failed, the token is expired.")]
    Expired,
}

impl GraphFront {
    pub(crate) fn new(entra: Arc<Entra>, graph: Graph, origin: &str, throttle: Arc<ThrottleDoor>) -> Self {
        Self { entra, graph, base_url: format!("{origin}{VERSION}"), verified: DashMap::new(), throttle }
    }

    /// Counts a request where throttling is on, before anything is done for it. Whoever will be turned away for
    /// another reason is not counted.
    pub(crate) fn admit(&self, request: &Request<'_>) -> Result<Admitted, Answer> {
        if !self.throttle.is_on() {
            return Ok(Admitted::default());
        }
        let Some(path) = request.path.strip_prefix(VERSION) else { return Ok(Admitted::default()) };
        let Ok(verified) = self.verify(request.bearer(), request.disturbance) else {
            return Ok(Admitted::default());
        };
        self.count(&verified, path, request.query, request.header("client-request-id"))
    }

    /// Counts what one caller asks for: a whole request, or one of a batch.
    fn count(
        &self,
        verified: &Verified,
        path: &str,
        query: &str,
        client_request_id: Option<&str>,
    ) -> Result<Admitted, Answer> {
        let caller = &verified.caller;
        let owner = named_owner(path).and_then(|owner| percent_decode_str(owner).decode_utf8().ok());
        let (tenant_users, mailbox) = self.entra.known_of(caller.tenant, owner.as_deref());
        let facts = RequestFacts {
            app: verified.app,
            tenant: caller.tenant,
            user: caller.user,
            mailbox,
            tenant_users,
            path,
            query,
        };
        self.throttle.admit(&facts, client_request_id)
    }

    pub(crate) fn answer(&self, request: &Request<'_>) -> Answer {
        let correlation = request.header("client-request-id");
        let Some(path) = request.path.strip_prefix(VERSION).filter(|rest| rest.starts_with('/')) else {
            let segment = request.segments().first().copied().unwrap_or_default();
            let message = format!("Resource not found for the segment '{segment}'.");
            return graph::error(400, "BadRequest", &message, correlation).into();
        };
        let verified = match self.verify(request.bearer(), request.disturbance) {
            Ok(verified) => verified,
            Err(refusal) => return self.refuse(&refusal, correlation),
        };
        let method = match *request.method {
            Method::GET => GraphMethod::Get,
            // Graph itself knows the few that read, and refuses every other.
            Method::POST => GraphMethod::Post(Payload {
                content_type: request.header("content-type"),
                bytes: request.body,
            }),
            _ => {
                let message = "Specified HTTP method is not allowed for the request target.";
                let refused = graph::error(405, "Request_BadRequest", message, correlation);
                return Answer::from(refused).header("Allow", "GET");
            }
        };
        let disturbance = request.disturbance;
        let request = GraphRequest {
            method,
            path,
            query: request.query,
            prefer: request.headers.get_all("prefer").filter_map(|value| value.to_str().ok()).collect(),
            accept: request.header("accept"),
            consistency_level: request.header("consistencylevel"),
            if_none_match: request.header("if-none-match"),
            client_request_id: correlation,
            base_url: &self.base_url,
        };
        let answer = if disturbance.lost_scopes.is_empty() {
            self.graph.answer(&verified.caller, &request)
        } else {
            self.graph.answer(&without(&verified.caller, &disturbance.lost_scopes), &request)
        };
        let answer = Answer::from(answer);
        match (answer.status, method) {
            (405, GraphMethod::Get) => answer.header("Allow", "POST"),
            (405, GraphMethod::Post(_)) => answer.header("Allow", "GET"),
            _ => answer,
        }
    }

    pub(crate) fn policy(&self, tenant: Uuid) -> TenantPolicy {
        self.graph.policy(tenant)
    }

    pub(crate) fn set_policy(&self, tenant: Uuid, policy: TenantPolicy) {
        self.graph.set_policy(tenant, policy);
    }

    /// Answers a request to the download host, which no bearer opens.
    pub(crate) fn download(&self, request: DownloadRequest<'_>) -> Answer {
        self.graph.download(request).into()
    }

    fn refuse(&self, refusal: &BearerRefusal, correlation: Option<&str>) -> Answer {
        let origin = self.base_url.strip_suffix(VERSION).unwrap_or_default();
        let challenge = format!(
            "Bearer realm=\"\", authorization_uri=\"{origin}/common/oauth2/v2.0/authorize\", client_id=\"{}\"",
            crate::entra::scopes::GRAPH_APP_ID
        );
        let refused = graph::error(401, "InvalidAuthenticationToken", &refusal.to_string(), correlation);
        Answer::from(refused).header("WWW-Authenticate", challenge)
    }

    fn verify(
        &self,
        bearer: Option<&str>,
        disturbance: &Disturbance,
    ) -> Result<Arc<Verified>, BearerRefusal> {
        let bearer = bearer.filter(|bearer| !bearer.is_empty()).ok_or(BearerRefusal::Missing)?;
        let known = self.verified.get(bearer).map(|verified| Arc::clone(&verified));
        let verified = match known {
            Some(verified) => verified,
            None => self.verify_first_time(bearer)?,
        };
        if verified.expires_at <= Timestamp::now().as_second().saturating_add(disturbance.clock_skew_s) {
            return Err(BearerRefusal::Expired);
        }
        Ok(verified)
    }

    fn verify_first_time(&self, bearer: &str) -> Result<Arc<Verified>, BearerRefusal> {
        let token = Jws::parse(bearer).ok_or(BearerRefusal::Malformed)?;
        if !token.text("aud").is_some_and(|audience| self.entra.is_graph_audience(audience)) {
            return Err(BearerRefusal::Audience);
        }
        if !self.entra.is_graph_token(&token) {
            return Err(BearerRefusal::Signature);
        }
        let verified = Arc::new(verified(&token).ok_or(BearerRefusal::Malformed)?);
        if self.verified.len() >= REMEMBERED {
            self.verified.clear();
        }
        self.verified.insert(bearer.into(), Arc::clone(&verified));
        Ok(verified)
    }
}

/// The caller without scopes that were lost.
fn without(caller: &Caller, lost: &[String]) -> Caller {
    let scopes = caller.scopes.iter().filter(|scope| !lost.contains(scope)).cloned().collect();
    Caller { tenant: caller.tenant, user: caller.user, scopes }
}

fn verified(token: &Jws<'_>) -> Option<Verified> {
    let id = |claim| Uuid::try_parse(token.text(claim)?).ok();
    let caller = Caller {
        tenant: id("tid")?,
        user: id("oid")?,
        scopes: token.text("scp")?.split(' ').map(str::to_owned).collect(),
    };
    Some(Verified { caller, app: id("appid").unwrap_or_default(), expires_at: token.seconds("exp")? })
}
