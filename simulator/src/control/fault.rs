//! `POST /_sim/faults`: reads a fault.

mod effect;

use std::time::Duration;

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use bytes::Bytes;
use serde_json::Value;
use uuid::Uuid;

use super::input::{Input, InputError};
use crate::directory::Directory;
use crate::faults::latency::LONGEST;
use crate::faults::route::Route;
use crate::faults::{Aim, Effect, FaultOrder};
use crate::record::Door;

pub(crate) fn parse(directory: &Directory, mut input: Input) -> Result<FaultOrder, InputError> {
    let shown = input.object().clone();
    let aim = aim(directory, &mut input)?;
    let effect = effect(aim.door, &mut input)?;
    let times = input.count("times")?;
    let seed = input.count("seed")?;
    if times == Some(0) {
        return Err(InputError::Wrong { field: "times", expected: "at least 1" });
    }
    input.end()?;
    Ok(FaultOrder { aim, effect, times, seed, shown })
}

fn aim(directory: &Directory, input: &mut Input) -> Result<Aim, InputError> {
    let door = Door::parse(&input.required("service", Input::text)?)
        .ok_or(InputError::Wrong { field: "service", expected: "\"entra\", \"graph\" or \"files\"" })?;
    let method = method(input)?;
    let path_prefix = input.text("path_prefix")?;
    if path_prefix.as_ref().is_some_and(|prefix| !prefix.starts_with('/')) {
        return Err(InputError::Wrong { field: "path_prefix", expected: "a path that begins with a slash" });
    }
    if path_prefix.as_ref().is_some_and(|prefix| prefix.contains(['?', '#'])) {
        return Err(InputError::Wrong { field: "path_prefix", expected: "a path without a query" });
    }
    if path_prefix.as_ref().is_some_and(|prefix| prefix.contains(['{', '}'])) {
        let expected = "a path as it is sent; with braces it is a `route`";
        return Err(InputError::Wrong { field: "path_prefix", expected });
    }
    let route = route(input)?;
    let tenant = match input.text("tenant")? {
        None => None,
        Some(tenant) => Some(directory.tenant_id(&tenant).ok_or(InputError::Unknown { field: "tenant" })?),
    };
    let user = match input.text("user")? {
        None => None,
        Some(user) => Some(user_id(directory, tenant, &user)?),
    };
    Ok(Aim { door, method, path_prefix, route, tenant, user, share: share(input)? })
}

fn method(input: &mut Input) -> Result<Option<Method>, InputError> {
    let Some(name) = input.text("method")? else { return Ok(None) };
    let wrong =
        InputError::Wrong { field: "method", expected: "an HTTP method in capitals, for example \"GET\"" };
    let is_capital = !name.is_empty() && name.bytes().all(|letter| letter.is_ascii_uppercase());
    is_capital.then(|| Method::from_bytes(name.as_bytes()).ok()).flatten().map(Some).ok_or(wrong)
}

fn route(input: &mut Input) -> Result<Option<Route>, InputError> {
    let Some(text) = input.text("route")? else { return Ok(None) };
    let expected =
        "a whole path whose braces each stand for one segment, for example \"/chats/{id}/messages\"";
    Route::parse(&text).map(Some).ok_or(InputError::Wrong { field: "route", expected })
}

fn user_id(directory: &Directory, tenant: Option<Uuid>, user: &str) -> Result<Uuid, InputError> {
    let found = match tenant {
        Some(tenant) => directory.user(tenant, user),
        None => directory.user_anywhere(user),
    };
    found.map(|principal| principal.user().id).ok_or(InputError::Unknown { field: "user" })
}

fn share(input: &mut Input) -> Result<f64, InputError> {
    let Some(value) = input.take("share") else { return Ok(1.0) };
    value
        .as_f64()
        .filter(|share| *share > 0.0 && *share <= 1.0)
        .ok_or(InputError::Wrong { field: "share", expected: "a number above 0 and up to 1" })
}

fn effect(door: Door, input: &mut Input) -> Result<Effect, InputError> {
    let effect = Effect {
        delay: delay(input)?,
        latency: effect::latency(input)?,
        reset: input.flag("reset")?.unwrap_or(false),
        aadsts: effect::aadsts(door, input)?,
        status: status(input)?,
        access_ended: effect::access_ended(door, input)?,
        disturbance: effect::disturbance(door, input)?,
        distortion: effect::distortion(door, input)?,
        body: input.take("body").map(body_bytes),
        headers: headers(input)?,
        retry_after: effect::retry_after(input)?,
    };
    if effect.aadsts.is_some() && effect.status.is_some() {
        return Err(InputError::Wrong { field: "status", expected: "left out: it follows from `aadsts`" });
    }
    if effect.access_ended && effect.status.is_some() {
        return Err(InputError::Wrong { field: "status", expected: "left out: `access_ended` is 401" });
    }
    if effect.body.is_some() && matches!(effect.status, Some(204 | 304)) {
        return Err(InputError::Wrong { field: "body", expected: "left out: such an answer has none" });
    }
    if effect.is_nothing() { Err(InputError::NoEffect) } else { Ok(effect) }
}

fn delay(input: &mut Input) -> Result<Option<Duration>, InputError> {
    let delay = input.count("delay_ms")?.map(Duration::from_millis);
    if delay > Some(LONGEST) {
        return Err(InputError::Wrong { field: "delay_ms", expected: "from 0 to 600000" });
    }
    Ok(delay)
}

fn status(input: &mut Input) -> Result<Option<u16>, InputError> {
    let Some(status) = input.integer("status")? else { return Ok(None) };
    u16::try_from(status)
        .ok()
        .filter(|status| *status >= 200 && StatusCode::from_u16(*status).is_ok())
        .map(Some)
        .ok_or(InputError::Wrong { field: "status", expected: "an HTTP status from 200 to 999" })
}

/// Text is sent as it is, any other JSON in its compact form.
fn body_bytes(body: Value) -> Bytes {
    match body {
        Value::String(text) => text.into(),
        other => other.to_string().into(),
    }
}

fn headers(input: &mut Input) -> Result<Vec<(String, String)>, InputError> {
    let headers = input.object_field("headers")?.unwrap_or_default();
    headers
        .into_iter()
        .map(|(name, value)| {
            let value = match value {
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                _ => {
                    return Err(InputError::Wrong { field: "headers", expected: "texts or numbers by name" });
                }
            };
            let is_sendable =
                HeaderName::try_from(name.as_str()).is_ok() && HeaderValue::try_from(value.as_str()).is_ok();
            if is_sendable {
                Ok((name, value))
            } else {
                Err(InputError::Wrong { field: "headers", expected: "names and values that HTTP allows" })
            }
        })
        .collect()
}
