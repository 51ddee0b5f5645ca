//! The effects of a fault that have fields of their own.

use serde_json::Value;
use url::Url;

use crate::control::input::{Input, InputError};
use crate::directory::EVERY_SCOPE;
use crate::entra;
use crate::faults::distortion::{Distortion, Kind};
use crate::faults::latency::{LONGEST_MS, Latency};
use crate::faults::retry_after::{Form, RetryAfter};
use crate::graph::is_permission;
use crate::message::Disturbance;
use crate::record::{Door, Service};

/// Where foreign links lead unless the fault says otherwise. Nobody is there.
const ELSEWHERE: &str = "https://elsewhere.example";
/// Seconds that `Retry-After` says unless the fault says otherwise.
const RETRY_AFTER_S: i64 = 7;
/// A clock is wrong by a year at most, which is more than anything of Entra's lives.
const MOST_SKEW_S: i64 = 31_536_000;
/// A client is told to wait for a day at most.
const LONGEST_WAIT_S: i64 = 86_400;

pub(super) fn latency(input: &mut Input) -> Result<Option<Latency>, InputError> {
    input.nested("latency", |fields| {
        let kind = fields.required("kind", Input::text)?;
        Ok(match kind.as_str() {
            "fixed" => Latency::Fixed(milliseconds(fields, "ms")?),
            "uniform" => uniform(fields)?,
            "exponential" => Latency::Exponential { mean: milliseconds(fields, "mean_ms")? },
            "pareto" => Latency::Pareto { from: milliseconds(fields, "from_ms")?, shape: shape(fields)? },
            _ => {
                let expected = "\"fixed\", \"uniform\", \"exponential\" or \"pareto\"";
                return Err(InputError::Wrong { field: "kind", expected });
            }
        })
    })
}

fn uniform(fields: &mut Input) -> Result<Latency, InputError> {
    let (from, to) = (milliseconds(fields, "from_ms")?, milliseconds(fields, "to_ms")?);
    if to < from {
        return Err(InputError::Wrong { field: "to_ms", expected: "`from_ms` or more" });
    }
    Ok(Latency::Uniform { from, to })
}

fn shape(fields: &mut Input) -> Result<f64, InputError> {
    let shape = fields.required("shape", Input::number)?;
    if !(0.1..=100.0).contains(&shape) {
        return Err(InputError::Wrong { field: "shape", expected: "a number from 0.1 to 100" });
    }
    Ok(shape)
}

fn milliseconds(fields: &mut Input, field: &'static str) -> Result<f64, InputError> {
    let value = fields.required(field, Input::number)?;
    let is_right = (0.0..=LONGEST_MS).contains(&value);
    if is_right {
        Ok(value)
    } else {
        Err(InputError::Wrong { field, expected: "from 0 to 600000 milliseconds" })
    }
}

pub(super) fn aadsts(door: Door, input: &mut Input) -> Result<Option<u32>, InputError> {
    let Some(number) = input.integer("aadsts")? else { return Ok(None) };
    if door != Door::Service(Service::Entra) {
        return Err(InputError::Wrong {
            field: "aadsts",
            expected: "left out: only Entra refuses by such numbers",
        });
    }
    let known = u32::try_from(number).ok().filter(|number| entra::is_refusal(*number));
    let expected = "the number of a refusal that the simulator knows, for example 65001";
    known.map(Some).ok_or(InputError::Wrong { field: "aadsts", expected })
}

pub(super) fn access_ended(door: Door, input: &mut Input) -> Result<bool, InputError> {
    let access_ended = input.flag("access_ended")?.unwrap_or(false);
    if access_ended && door != Door::Service(Service::Graph) {
        let expected = "left out: only Graph challenges so";
        return Err(InputError::Wrong { field: "access_ended", expected });
    }
    Ok(access_ended)
}

pub(super) fn disturbance(door: Door, input: &mut Input) -> Result<Disturbance, InputError> {
    let clock_skew_s = input.integer("clock_skew_s")?.unwrap_or(0);
    if !(-MOST_SKEW_S..=MOST_SKEW_S).contains(&clock_skew_s) {
        return Err(InputError::Wrong { field: "clock_skew_s", expected: "from -31536000 to 31536000" });
    }
    let lost_scopes = lost_scopes(input)?;
    if door == Door::Files && !lost_scopes.is_empty() {
        return Err(InputError::Wrong {
            field: "lost_scopes",
            expected: "left out: no scope opens a file there",
        });
    }
    Ok(Disturbance { clock_skew_s, lost_scopes })
}

fn lost_scopes(input: &mut Input) -> Result<Vec<String>, InputError> {
    let expected = "a list of short names of scopes of Graph, for example [\"Mail.Read\"]";
    let wrong = || InputError::Wrong { field: "lost_scopes", expected };
    let is_known = |name: &&str| is_permission(name) || EVERY_SCOPE.contains(name);
    let known = |scope: &Value| scope.as_str().filter(is_known).map(str::to_owned);
    match input.take("lost_scopes") {
        None => Ok(Vec::new()),
        Some(Value::Array(scopes)) => scopes.iter().map(|scope| known(scope).ok_or_else(wrong)).collect(),
        Some(_) => Err(wrong()),
    }
}

pub(super) fn distortion(door: Door, input: &mut Input) -> Result<Option<Distortion>, InputError> {
    let kind = input.text("distort")?;
    let origin = input.text("foreign_origin")?;
    let Some(kind) = kind else {
        return match origin {
            None => Ok(None),
            Some(_) => Err(InputError::Missing("distort")),
        };
    };
    let expected = "\"next_link_loop\", \"next_link_foreign\", \"links_foreign\", \"redirect_foreign\", \"empty_page\", \
                    \"duplicates\", \"truncated\", \"malformed\" or \"huge\"";
    let kind = Kind::parse(&kind).ok_or(InputError::Wrong { field: "distort", expected })?;
    let answers = match door {
        Door::Service(Service::Graph) => None,
        Door::Service(Service::Entra) => Some("what Entra's answers have: no page, no link"),
        Door::Files => Some("what a file has: no page, no link to a next one"),
    };
    if let Some(expected) = answers
        && kind.is_of_pages()
    {
        return Err(InputError::Wrong { field: "distort", expected });
    }
    if origin.is_some() && !kind.leads_away() {
        let expected = "left out: this `distort` leads nowhere else";
        return Err(InputError::Wrong { field: "foreign_origin", expected });
    }
    let origin = origin.unwrap_or_else(|| ELSEWHERE.to_owned());
    if !is_origin(&origin) {
        let expected = "an origin without a slash at the end, as https://elsewhere.example";
        return Err(InputError::Wrong { field: "foreign_origin", expected });
    }
    Ok(Some(Distortion::new(kind, origin)))
}

fn is_origin(text: &str) -> bool {
    let is_bare =
        |url: Url| url.has_host() && url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    !text.ends_with('/') && Url::parse(text).is_ok_and(is_bare)
}

pub(super) fn retry_after(input: &mut Input) -> Result<Option<RetryAfter>, InputError> {
    input.nested("retry_after", |fields| {
        let form = fields.required("form", Input::text)?;
        let seconds = fields.integer("seconds")?;
        let expected = "\"seconds\", \"decimal\", \"date\", \"nonsense\" or \"missing\"";
        let form = Form::parse(&form).ok_or(InputError::Wrong { field: "form", expected })?;
        if seconds.is_some() && !form.tells_a_time() {
            let expected = "left out: this `form` tells no time";
            return Err(InputError::Wrong { field: "seconds", expected });
        }
        let seconds = seconds.unwrap_or(RETRY_AFTER_S);
        if !(0..=LONGEST_WAIT_S).contains(&seconds) {
            return Err(InputError::Wrong { field: "seconds", expected: "from 0 to 86400" });
        }
        Ok(RetryAfter { form, seconds })
    })
}
