//! The door of Microsoft Graph: method, version and bearer, before Graph itself is asked.

mod bearer;

use std::sync::Arc;

use actix_web::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dashmap::DashMap;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use uuid::Uuid;

use crate::entra::scopes::GRAPH_APP_ID;
use crate::entra::{AccessEnded, Entra};
use crate::graph::{
    self, Caller, DownloadRequest, Graph, GraphMethod, GraphRequest, Payload, Recipient, TenantPolicy,
};
use crate::graph_paths::{VERSION, is_batch};
use crate::message::{Answer, Carriage, Request};
use crate::throttle_door::{Admitted, ThrottleDoor};
use crate::throttling::{Download, Intent, RequestFacts, named_mailbox, named_owner};
use bearer::{BearerRefusal, Verified};

/// Graph behind its door.
pub(crate) struct GraphFront {
    entra: Arc<Entra>,
    graph: Graph,
    /// Bearers whose signature was good once: a signature is checked once a token, not once a request.
    verified: DashMap<Box<str>, Arc<Verified>>,
    throttle: Arc<ThrottleDoor>,
}

impl GraphFront {
    pub(crate) fn new(entra: Arc<Entra>, graph: Graph, throttle: Arc<ThrottleDoor>) -> Self {
        Self { entra, graph, verified: DashMap::new(), throttle }
    }

    /// Counts a request where throttling is on, before anything is done for it. Whoever will be turned away for
    /// another reason is not counted, nor is a batch: its items are, one by one.
    pub(crate) fn admit(&self, request: &Request<'_>) -> Result<Admitted, Answer> {
        if !self.throttle.is_on() || is_batch(request) {
            return Ok(Admitted::default());
        }
        let Some(path) = request.path.strip_prefix(VERSION) else { return Ok(Admitted::default()) };
        let verified = self.verify(request, path);
        let Ok(caller) = verified.and_then(|verified| self.caller(verified, path)) else {
            return Ok(Admitted::default());
        };
        let decoded = |segment| percent_decode_str(segment).decode_utf8().ok();
        let owner = named_owner(path).and_then(decoded);
        let (tenant_users, mailbox) = self.entra.known_of(caller.tenant, owner.as_deref());
        let exported = named_mailbox(path).and_then(decoded);
        let mailbox = mailbox.or_else(|| self.graph.owner_of_mailbox(&caller, &exported?));
        let facts = RequestFacts {
            app: caller.app,
            tenant: caller.tenant,
            user: caller.user,
            mailbox,
            tenant_users,
            intent: if *request.method == Method::GET { Intent::Reads } else { Intent::Writes },
            path,
            query: request.query,
            body: request.body,
        };
        self.throttle.admit(&facts, request.header("client-request-id"))
    }

    /// Refuses a request whose bearer does not open Graph; nothing for any other.
    pub(crate) fn refusal(&self, request: &Request<'_>) -> Option<Answer> {
        let path = request.path.strip_prefix(VERSION).unwrap_or(request.path);
        let refusal = self.verify(request, path).err()?;
        Some(refuse(&refusal, request))
    }

    pub(crate) fn answer(&self, request: &Request<'_>) -> Answer {
        let correlation = request.header("client-request-id");
        let Some(path) = request.path.strip_prefix(VERSION).filter(|rest| rest.starts_with('/')) else {
            let segment = request.segments().first().copied().unwrap_or_default();
            let message = format!("Resource not found for the segment '{segment}'.");
            return graph::error(400, "BadRequest", &message, correlation).into();
        };
        let caller = match self.verify(request, path).and_then(|verified| self.caller(verified, path)) {
            Ok(caller) => caller,
            Err(refusal) => return refuse(&refusal, request),
        };
        if request.carriage == Carriage::Batch && matches!(path, "/$batch" | "/%24batch") {
            let message = "A batch can't be an item of another batch.";
            return graph::error(400, "BadRequest", message, correlation).into();
        }
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
            base_url: &request.origin.graph,
        };
        let answer = if disturbance.lost_scopes.is_empty() {
            self.graph.answer(&caller, &request)
        } else {
            self.graph.answer(&without(&caller, &disturbance.lost_scopes), &request)
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

    pub(crate) fn is_licensed(&self, tenant: Uuid, user: Uuid) -> bool {
        self.graph.is_licensed(tenant, user)
    }

    pub(crate) fn set_licensed(&self, tenant: Uuid, user: Uuid, licensed: bool) {
        self.graph.set_licensed(tenant, user, licensed);
    }

    /// Whom the address of a file was given to.
    pub(crate) fn recipient(&self, request: DownloadRequest<'_>) -> Option<Recipient> {
        self.graph.recipient(request)
    }

    /// Answers a request to the download host, which no bearer opens.
    pub(crate) fn download(&self, request: DownloadRequest<'_>) -> Answer {
        let recipient = if self.throttle.is_on() { self.graph.recipient(request) } else { None };
        let Some(Recipient { app, tenant, user }) = recipient else {
            return self.graph.download(request).into();
        };
        match self.throttle.admit_download(&Download { app, tenant, user }) {
            Ok(admitted) => {
                let mut answer = self.graph.download(request).into();
                admitted.tell(&mut answer);
                answer
            }
            Err(refused) => refused,
        }
    }
}

/// The caller without scopes that were lost.
fn without(caller: &Caller, lost: &[String]) -> Caller {
    let scopes = caller.scopes.iter().filter(|scope| !lost.contains(scope)).cloned().collect();
    Caller { app: caller.app, tenant: caller.tenant, user: caller.user, scopes }
}

/// What a request is answered whose user's access ended just now.
pub(crate) fn access_ended(request: &Request<'_>) -> Answer {
    let now = Timestamp::now().as_second().saturating_add(request.disturbance.clock_skew_s);
    refuse(&BearerRefusal::Ended(AccessEnded::revoked_at(now)), request)
}

/// What `WWW-Authenticate` says with a 401 of Graph; `claims` are those that a new token must have, as JSON.
pub(crate) fn challenge(request: &Request<'_>, claims: Option<&str>) -> String {
    let challenge = format!(
        "Bearer realm=\"\", authorization_uri=\"{}/common/oauth2/authorize\", client_id=\"{GRAPH_APP_ID}\"",
        request.origin.base
    );
    match claims {
        None => challenge,
        Some(claims) => {
            format!("{challenge}, error=\"insufficient_claims\", claims=\"{}\"", STANDARD.encode(claims))
        }
    }
}

fn refuse(refusal: &BearerRefusal, request: &Request<'_>) -> Answer {
    let correlation = request.header("client-request-id");
    let (status, code) = match refusal {
        BearerRefusal::ApplicationAsUser => (400, "BadRequest"),
        BearerRefusal::Application => (403, "Authorization_RequestDenied"),
        _ => (401, "InvalidAuthenticationToken"),
    };
    let refused = graph::error(status, code, &refusal.to_string(), correlation);
    if status != 401 {
        return refused.into();
    }
    let claims = match refusal {
        BearerRefusal::Ended(ended) => Some(ended.claims.as_str()),
        _ => None,
    };
    Answer::from(refused).header("WWW-Authenticate", challenge(request, claims))
}
