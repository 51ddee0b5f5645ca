//! `/_sim/throttling`: the published limits, on and off.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::input::{Input, InputError};
use crate::throttle_door::ThrottleDoor;
use crate::throttling::{Algorithm, Foreign, ForeignApplication, Settings, Workload};

const ALGORITHM: &str = "\"fixed_window\", \"sliding_window\" or \"token_bucket\"";
const APPLICATION: &str = "\"another\" or \"same\"";

pub(super) fn show(door: &ThrottleDoor) -> Value {
    let Settings { algorithm, by_workload, scale, foreign } = door.settings();
    let (meters, refused) = door.counts();
    let algorithms: Map<String, Value> = by_workload
        .iter()
        .map(|(workload, algorithm)| (workload.as_str().to_owned(), algorithm.as_str().into()))
        .collect();
    json!({
        "enabled": door.is_on(),
        "algorithm": algorithm.as_str(),
        "algorithms": algorithms,
        "scale": scale,
        "foreign": foreign.map(|foreign| json!({
            "application": foreign.application.as_str(),
            "share": foreign.share,
            "active_s": foreign.active.as_secs(),
            "pause_s": foreign.pause.as_secs(),
        })),
        "meters": meters,
        "refused": refused,
    })
}

/// Changes what is named; the rest stays. Every change begins to count anew.
pub(super) fn change(door: &ThrottleDoor, input: Input) -> Result<Value, InputError> {
    door.switch(read(door.settings(), input)?);
    Ok(show(door))
}

/// The settings that an object asks for, over `settings`; nothing where it switches off.
pub(crate) fn read(mut settings: Settings, mut input: Input) -> Result<Option<Settings>, InputError> {
    let is_on = input.flag("enabled")?.unwrap_or(true);
    if let Some(name) = input.text("algorithm")? {
        settings.algorithm =
            Algorithm::parse(&name).ok_or(InputError::Wrong { field: "algorithm", expected: ALGORITHM })?;
    }
    if let Some(named) = input.object_field("algorithms")? {
        settings.by_workload = named.into_iter().map(by_workload).collect::<Result<_, _>>()?;
    }
    if let Some(scale) = input.number("scale")? {
        if !(0.000_1..=1_000.0).contains(&scale) {
            return Err(InputError::Wrong { field: "scale", expected: "a number from 0.0001 to 1000" });
        }
        settings.scale = scale;
    }
    settings.foreign = input.nested("foreign", foreign)?.or(settings.foreign);
    input.end()?;
    Ok(is_on.then_some(settings))
}

fn by_workload((workload, algorithm): (String, Value)) -> Result<(Workload, Algorithm), InputError> {
    let within = |error: InputError| error.within("algorithms");
    let workload = Workload::parse(&workload).ok_or_else(|| within(InputError::Unexpected(workload)))?;
    let algorithm = algorithm.as_str().and_then(Algorithm::parse);
    let wrong = || within(InputError::Wrong { field: workload.as_str(), expected: ALGORITHM });
    Ok((workload, algorithm.ok_or_else(wrong)?))
}

fn foreign(input: &mut Input) -> Result<Foreign, InputError> {
    let application = match input.text("application")? {
        Some(name) => ForeignApplication::parse(&name)
            .ok_or(InputError::Wrong { field: "application", expected: APPLICATION })?,
        None => ForeignApplication::default(),
    };
    let share = input.required("share", Input::number)?;
    let active = seconds(input, "active_s")?.unwrap_or(60);
    if active == 0 {
        return Err(InputError::Wrong { field: "active_s", expected: "from 1 to 86400" });
    }
    let pause = seconds(input, "pause_s")?.unwrap_or(0);
    if !(0.0..1.0).contains(&share) {
        return Err(InputError::Wrong { field: "share", expected: "a number from 0 to below 1" });
    }
    Ok(Foreign { application, share, active: Duration::from_secs(active), pause: Duration::from_secs(pause) })
}

fn seconds(input: &mut Input, field: &'static str) -> Result<Option<u64>, InputError> {
    let Some(seconds) = input.count(field)? else { return Ok(None) };
    if seconds > 86_400 {
        return Err(InputError::Wrong { field, expected: "from 0 to 86400" });
    }
    Ok(Some(seconds))
}
