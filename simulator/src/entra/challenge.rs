//! Claims challenges: what a client has to carry to its next sign-in, and what it carries back.

use serde_json::{Value, json};
use uuid::Uuid;

/// Demands a sign-in that meets the policies of a tenant.
pub(crate) fn of_policy(policy: Uuid) -> String {
    json!({ "access_token": { "polids": { "essential": true, "values": [policy] } } }).to_string()
}

/// Demands tokens of a sign-in after that time, in seconds since 1970.
pub(crate) fn not_before(at: i64) -> String {
    json!({ "access_token": { "nbf": { "essential": true, "value": at.to_string() } } }).to_string()
}

/// The policies that a `claims` parameter carries.
pub(crate) fn policies(claims: Option<&str>) -> Vec<Uuid> {
    let claims = parsed(claims);
    let values = claims.pointer("/access_token/polids/values").and_then(Value::as_array);
    values.into_iter().flatten().filter_map(|id| Uuid::try_parse(id.as_str()?).ok()).collect()
}

/// Whether a `claims` parameter carries a demand for a newer sign-in.
pub(crate) fn demands_newer(claims: Option<&str>) -> bool {
    parsed(claims).pointer("/access_token/nbf").is_some()
}

/// Whether a `claims` parameter declares the capability `cp1`: that the client handles claims challenges.
pub(crate) fn declares_cp1(claims: Option<&str>) -> bool {
    let claims = parsed(claims);
    let values = claims.pointer("/access_token/xms_cc/values").and_then(Value::as_array);
    let mut values = values.into_iter().flatten().filter_map(Value::as_str);
    values.any(|value| value.eq_ignore_ascii_case("cp1"))
}

fn parsed(claims: Option<&str>) -> Value {
    claims.and_then(|claims| serde_json::from_str(claims).ok()).unwrap_or_default()
}
