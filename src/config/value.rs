//! Single values of a configuration, by the keys that an error names.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::error::ConfigError;

pub(super) fn required<T>(key: &'static str, value: Option<String>) -> Result<T, ConfigError>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    parse(key, &value.ok_or(ConfigError::Missing(key))?)
}

pub(super) fn parse_each<T>(key: &'static str, texts: &[String]) -> Result<Vec<T>, ConfigError>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    texts.iter().map(|text| parse(key, text)).collect()
}

pub(super) fn parse<T>(key: &'static str, text: &str) -> Result<T, ConfigError>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    text.parse().map_err(|error| invalid(key, error))
}

pub(super) fn count(
    key: &'static str,
    value: Option<usize>,
    default: usize,
    most: usize,
) -> Result<usize, ConfigError> {
    let value = value.unwrap_or(default);
    if (1..=most).contains(&value) {
        return Ok(value);
    }
    Err(invalid(key, format_args!("must lie between 1 and {most}")))
}

pub(super) fn percent(key: &'static str, value: Option<u16>, default: u16) -> Result<u16, ConfigError> {
    match value.unwrap_or(default) {
        value @ 1..=100 => Ok(value),
        _ => Err(invalid(key, "must lie between 1 and 100")),
    }
}

const A_DAY_S: u64 = 24 * 60 * 60;

pub(super) fn positive_seconds(
    key: &'static str,
    value: Option<u64>,
    default: u64,
) -> Result<Duration, ConfigError> {
    match value.unwrap_or(default) {
        value @ 1..=A_DAY_S => Ok(Duration::from_secs(value)),
        _ => Err(invalid(key, format_args!("must lie between 1 and {A_DAY_S}"))),
    }
}

/// Nought where nothing is said.
pub(super) fn seconds_up_to(
    key: &'static str,
    value: Option<u64>,
    most: u64,
) -> Result<Duration, ConfigError> {
    match value.unwrap_or_default() {
        value if value <= most => Ok(Duration::from_secs(value)),
        _ => Err(invalid(key, format_args!("must be at most {most}"))),
    }
}

pub(super) fn invalid(key: &'static str, reason: impl fmt::Display) -> ConfigError {
    ConfigError::Invalid { key, reason: reason.to_string() }
}
