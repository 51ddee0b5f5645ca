//! On-Behalf-Of: an API, the connector first of all, exchanges its user's token for one of Graph.

use jsonwebtoken::Algorithm;
use serde_json::Value;
use uuid::Uuid;

use super::super::Entra;
use super::super::access::Basis;
use super::super::authority::Authority;
use super::super::challenge::declares_cp1;
use super::super::client_authentication::TokenClient;
use super::super::jws::Jws;
use super::super::keys::{ISSUER_TEMPLATE, KeyName};
use super::super::mint::{self, Subject};
use super::super::refusal::Refusal;
use super::super::scopes::{Api, AskedScopes};
use super::super::token_request::TokenRequest;
use super::Tokens;

/// Exchanges an assertion. The checks come in Entra's order, so that a request wrong in two ways is refused for
/// the same one.
pub(crate) fn exchange(entra: &Entra, request: &TokenRequest<'_>) -> Result<Value, Refusal> {
    if request.client.credential().is_none() {
        return Err(Refusal::CredentialMissing);
    }
    if request.required("requested_token_use")? != "on_behalf_of" {
        return Err(Refusal::WrongParameter("requested_token_use"));
    }
    let assertion = request.required("assertion")?;
    let subject = check_assertion(entra, request, assertion)?;
    let asked = asked_scopes(entra, request)?;
    graph_response(entra, request, subject, &asked, Basis::Assertion)
}

fn asked_scopes(entra: &Entra, request: &TokenRequest<'_>) -> Result<AskedScopes, Refusal> {
    let asked = entra.parse_scopes(request.required("scope")?, None).map_err(|refusal| match refusal {
        Refusal::SeveralResources => Refusal::SeveralResourcesOnBehalfOf,
        other => other,
    })?;
    match asked.api {
        Api::Graph => Ok(asked),
        Api::Connector | Api::Application(_) => Err(Refusal::ResourceNotRegistered(asked.identifier)),
    }
}

fn check_assertion<'e>(
    entra: &Entra,
    request: &TokenRequest<'e>,
    assertion: &str,
) -> Result<Subject<'e>, Refusal> {
    let token = Jws::parse(assertion).ok_or(Refusal::AssertionMalformed)?;
    let key = check_signature(entra, &token)?;
    if token.seconds("exp").is_none_or(|exp| exp <= request.now) {
        return Err(Refusal::AssertionTime);
    }
    if token.seconds("nbf").is_some_and(|nbf| nbf > request.now) {
        return Err(Refusal::AssertionTime);
    }
    if token.text("aud") != Some(&request.client.id().to_string()) {
        return Err(Refusal::AssertionInvalid("its audience is not the application that presents it"));
    }
    if token.text("idtyp") == Some("app") || token.text("scp").is_none_or(str::is_empty) {
        return Err(Refusal::AssertionAppOnly);
    }
    let tenant = id_claim(&token, "tid").ok_or(Refusal::AssertionInvalid("it names no tenant"))?;
    if !token.text("iss").is_some_and(|issuer| entra.is_issuer(issuer, tenant)) {
        return Err(Refusal::AssertionInvalid("its issuer is not its tenant's"));
    }
    if key.issuer_tenant().is_none_or(|tenant_of_key| !signs_for(tenant_of_key, tenant)) {
        return Err(Refusal::AssertionInvalid("its signing key is another issuer's"));
    }
    check_endpoint(request, tenant)?;
    let user = id_claim(&token, "oid").ok_or(Refusal::AssertionInvalid("it names no user"))?;
    let session = id_claim(&token, "sid").unwrap_or_else(Uuid::new_v4);
    let issued_at = token.seconds("iat").unwrap_or_default() + mint::BACKDATED_S;
    Ok(Subject { issued_at, ..entra.subject(tenant, user, session, request)? })
}

fn check_signature(entra: &Entra, token: &Jws<'_>) -> Result<KeyName, Refusal> {
    if token.header_text("alg") != Some("RS256") {
        return Err(Refusal::AssertionInvalid("its algorithm is not RS256"));
    }
    let key = token.header_text("kid").and_then(|kid| entra.keys.published(kid));
    let key = key.ok_or(Refusal::AssertionInvalid("its signing key is unknown"))?;
    if !token.is_signed_by(&entra.keys.named(key).certificate.public, Algorithm::RS256) {
        return Err(Refusal::AssertionInvalid("its signature is wrong"));
    }
    Ok(key)
}

/// Whether a key for `tenant_of_key`, a tenant or the template, may sign for `tenant`.
fn signs_for(tenant_of_key: &str, tenant: Uuid) -> bool {
    tenant_of_key == ISSUER_TEMPLATE || tenant_of_key == tenant.to_string()
}

/// The exchange belongs to the tenant's own endpoint.
fn check_endpoint(request: &TokenRequest<'_>, tenant: Uuid) -> Result<(), Refusal> {
    match request.authority {
        Authority::AnyTenant | Authority::Personal => {
            Err(Refusal::NeedsTenantEndpoint(request.segment.to_owned()))
        }
        Authority::Tenant(id) if id != tenant => {
            Err(Refusal::AssertionInvalid("it is from another tenant than the endpoint"))
        }
        Authority::Tenant(_) => Ok(()),
    }
}

fn id_claim(token: &Jws<'_>, claim: &str) -> Option<Uuid> {
    Uuid::try_parse(token.text(claim)?).ok()
}

/// The token response for Graph, if the user may have one.
pub(super) fn graph_response(
    entra: &Entra,
    request: &TokenRequest<'_>,
    subject: Subject<'_>,
    asked: &AskedScopes,
    basis: Basis,
) -> Result<Value, Refusal> {
    let granted = match &request.client {
        TokenClient::Connector(..) => {
            entra.granted_scopes(&subject.principal).into_iter().map(str::to_owned).collect()
        }
        TokenClient::Application(client, _) => entra.permissions_granted(client.id(), &subject.principal),
    };
    entra.admit_exchange(request, &subject, (asked, &granted), basis)?;
    let tokens = Tokens {
        subject,
        holder: request.client.holder(declares_cp1(request.fields.get("claims"))),
        asked,
        granted: request.kept(granted),
        nonce: None,
        fixed_until: None,
    };
    tokens.into_response(entra, request)
}
