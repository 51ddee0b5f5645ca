//! Bearers: whether one opens Graph, and whom it speaks for.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use uuid::Uuid;

use super::GraphFront;
use crate::entra::AccessEnded;
use crate::entra::jws::Jws;
use crate::entra::scopes::{delegated_form, is_graph_scope};
use crate::graph::Caller;
use crate::message::Request;

/// Above so many remembered bearers, all are forgotten.
const REMEMBERED: usize = 10_000;

/// A bearer whose signature was good.
pub(super) struct Verified {
    caller: Caller,
    holder: Holder,
    expires_at: i64,
    session: Option<Uuid>,
    /// Whether its access is evaluated continuously: its holder declared the capability `cp1`.
    continuous: bool,
}

/// Who speaks by a bearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    User,
    /// An application by itself: the caller has no user yet.
    Application,
}

/// Why a bearer is refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum BearerRefusal {
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
    #[error(
        "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: {reason}",
        reason = .0.reason
    )]
    Ended(AccessEnded),
    #[error("/me request is only valid with delegated authentication flow.")]
    ApplicationAsUser,
    #[error("Insufficient privileges to complete the operation.")]
    Application,
}

impl GraphFront {
    /// The bearer of a request, if it opens Graph at `path`, which is without the version.
    pub(super) fn verify(&self, request: &Request<'_>, path: &str) -> Result<Arc<Verified>, BearerRefusal> {
        let bearer = request.bearer().filter(|bearer| !bearer.is_empty()).ok_or(BearerRefusal::Missing)?;
        let known = self.verified.get(bearer).map(|verified| Arc::clone(&verified));
        let verified = match known {
            Some(verified) => verified,
            None => self.verify_first_time(bearer)?,
        };
        if verified.expires_at
            <= Timestamp::now().as_second().saturating_add(request.disturbance.clock_skew_s)
        {
            return Err(BearerRefusal::Expired);
        }
        if verified.holder == Holder::Application {
            check_application(&verified.caller, path)?;
        }
        if verified.continuous {
            let Caller { tenant, user, .. } = verified.caller;
            let evaluated = self.entra.evaluate_continuously(tenant, user, verified.session, request.peer);
            evaluated.map_err(BearerRefusal::Ended)?;
        }
        Ok(verified)
    }

    /// Whom a request to `path` is answered for. An application by itself reads what belongs to a user as that user would,
    /// within its own permissions, and what belongs to nobody as the tenant's administrator.
    pub(super) fn caller(&self, verified: Arc<Verified>, path: &str) -> Result<SpokenFor, BearerRefusal> {
        if verified.holder == Holder::User {
            return Ok(SpokenFor::Bearer(verified));
        }
        let caller = &verified.caller;
        let tenant = self.entra.tenant(caller.tenant).ok_or(BearerRefusal::Application)?;
        let named = owner(path).and_then(|owner| self.entra.user(caller.tenant, &owner));
        let administrator = tenant.users.first().map(|user| user.id);
        let user = named.or(administrator).ok_or(BearerRefusal::Application)?;
        Ok(SpokenFor::Owner(Caller { user, ..caller.clone() }))
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

/// Whom a request is answered for.
pub(super) enum SpokenFor {
    Bearer(Arc<Verified>),
    Owner(Caller),
}

impl std::ops::Deref for SpokenFor {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        match self {
            Self::Bearer(verified) => &verified.caller,
            Self::Owner(caller) => caller,
        }
    }
}

/// Of what there is, people and what belongs to them is open to applications that have a permission; items of a batch are
/// looked at one by one.
fn check_application(caller: &Caller, path: &str) -> Result<(), BearerRefusal> {
    let first = path.split('/').find(|segment| !segment.is_empty()).unwrap_or_default();
    match first {
        "me" => Err(BearerRefusal::ApplicationAsUser),
        "users" | "$batch" | "%24batch" if !caller.scopes.is_empty() => Ok(()),
        _ => Err(BearerRefusal::Application),
    }
}

/// The user whose things `path` leads to, decoded.
fn owner(path: &str) -> Option<Cow<'_, str>> {
    let owner = path.strip_prefix("/users/")?.split('/').next()?;
    percent_decode_str(owner).decode_utf8().ok()
}

fn verified(token: &Jws<'_>) -> Option<Verified> {
    let id = |claim| Uuid::try_parse(token.text(claim)?).ok();
    let (holder, scopes) = match token.text("idtyp") {
        Some("app") => (Holder::Application, scopes_of_roles(token)),
        _ => (Holder::User, token.text("scp")?.split(' ').map(str::to_owned).collect()),
    };
    let caller =
        Caller { app: id("appid").unwrap_or_default(), tenant: id("tid")?, user: id("oid")?, scopes };
    let capabilities = token.claims.get("xms_cc").and_then(Value::as_array);
    let continuous = capabilities.into_iter().flatten().any(|capability| capability == "cp1");
    Some(Verified { caller, holder, expires_at: token.seconds("exp")?, session: id("sid"), continuous })
}

/// An application's permission opens everybody's things, shared mailboxes included.
fn scopes_of_roles(token: &Jws<'_>) -> Vec<String> {
    let roles = token.claims.get("roles").and_then(Value::as_array);
    let own = roles.into_iter().flatten().filter_map(|role| delegated_form(role.as_str()?));
    own.flat_map(|name| [name.to_owned(), format!("{name}.Shared")])
        .filter(|name| is_graph_scope(name))
        .collect()
}
