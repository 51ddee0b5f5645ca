//! Scenario files: a whole cloud in one TOML file, for `--scenario` and for tests.

mod place;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::control::{InputError, account_of, application_of, demands_of, fault_of, throttling_of};
use crate::directory::{Directory, TenantGroup};
use crate::options::{PolicyTenants, SimulatorOptions};
pub use crate::options::{ScenarioApplication, ScenarioFault, ScenarioPolicy, ScenarioUser};
use place::Step::{self, Entry, Key};
use place::line_of;

/// Most users of one tenant that a scenario may ask for, and most tenants.
const MOST_USERS: u32 = 100_000;
const MOST_TENANTS: u32 = 100_000;
/// Most users of further tenants in memory: what more there is than anybody needs would be a slip of the keyboard.
const MOST_KEPT: usize = 10_000_000;
/// Longest life of a file's address in seconds: a day.
const LONGEST_LIFETIME_S: i64 = 86_400;

/// What the parser says of a key that is there twice.
const DUPLICATE: &str = "duplicate key";

/// What is wrong with a scenario. The text names the file, and the line and the field where they are known.
#[derive(Debug, Error)]
pub enum ScenarioError {
    #[error("{file}: cannot be read: {source}")]
    Unreadable { file: String, source: io::Error },
    #[error("{file}:{line}: {reason}")]
    Wrong { file: String, line: usize, reason: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    seed: Option<u64>,
    newest: Option<toml::Value>,
    download_lifetime_s: Option<i64>,
    request_log: Option<bool>,
    kept_users: Option<i64>,
    #[serde(default)]
    tenants: Vec<Tenants>,
    throttling: Option<toml::Table>,
    #[serde(default)]
    policy: Vec<toml::Table>,
    #[serde(default)]
    user: Vec<toml::Table>,
    #[serde(default)]
    application: Vec<toml::Table>,
    #[serde(default)]
    fault: Vec<toml::Table>,
}

/// A group of tenants, and what holds for each of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tenants {
    count: u32,
    users: u32,
    policy: Option<toml::Table>,
}

/// Reads a scenario over `options`: what the file does not name stays as it is. A `seed` goes before the file's own, and
/// tenants and users are looked for in the world that it makes.
///
/// # Errors
/// When the file cannot be read, is no TOML, has a key that nobody knows, or a value that is out of bounds.
pub fn load(
    path: &Path,
    seed: Option<u64>,
    options: SimulatorOptions,
) -> Result<SimulatorOptions, ScenarioError> {
    let file = path.display().to_string();
    match fs::read_to_string(path) {
        Ok(text) => parse(&file, &text, seed, options),
        Err(source) => Err(ScenarioError::Unreadable { file, source }),
    }
}

/// Reads the text of a scenario; `file` is what errors call it.
///
/// # Errors
/// As [`load`], but for reading.
pub fn parse(
    file: &str,
    text: &str,
    seed: Option<u64>,
    options: SimulatorOptions,
) -> Result<SimulatorOptions, ScenarioError> {
    let source = Source { file, text };
    let read: File = toml::from_str(text).map_err(|error| source.syntax(&error))?;
    source.options(File { seed: seed.or(read.seed), ..read }, options)
}

struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn options(&self, read: File, mut options: SimulatorOptions) -> Result<SimulatorOptions, ScenarioError> {
        options.seed = read.seed.unwrap_or(options.seed);
        options.recording = read.request_log.unwrap_or(options.recording);
        if let Some(newest) = read.newest {
            let time = json(newest).as_str().and_then(|time| time.parse::<Timestamp>().ok());
            let wrong = || self.wrong(&[Key("newest")], "`newest` must be a time, as 2026-11-23T18:00:00Z");
            options.newest = Some(time.ok_or_else(wrong)?);
        }
        if let Some(lifetime) = read.download_lifetime_s {
            if !(0..=LONGEST_LIFETIME_S).contains(&lifetime) {
                let reason = "`download_lifetime_s` must be from 0 to 86400";
                return Err(self.wrong(&[Key("download_lifetime_s")], reason));
            }
            options.download_lifetime = lifetime;
        }
        if let Some(kept) = read.kept_users {
            let known = usize::try_from(kept).ok().filter(|kept| (1..=MOST_KEPT).contains(kept));
            let wrong = || self.wrong(&[Key("kept_users")], "`kept_users` must be from 1 to 10000000");
            options.kept_users = known.ok_or_else(wrong)?;
        }
        self.read_tenants(read.tenants, &mut options)?;
        if let Some(table) = read.throttling {
            let settings = throttling_of(object(table));
            options.throttling = settings.map_err(|error| self.input(&[Key("throttling")], &error))?;
        }
        let directory = options.directory();
        let mut known = Vec::new();
        for (number, table) in read.policy.into_iter().enumerate() {
            let place = [Key("policy"), Entry(number)];
            let tenants = named_tenant(&directory, &table).map_err(|error| self.input(&place, &error))?;
            let id =
                table.get("tenant").and_then(toml::Value::as_str).and_then(|name| directory.tenant_id(name));
            if known.contains(&id) {
                let expected = "a tenant that no other `[[policy]]` is of";
                return Err(self.input(&place, &InputError::Wrong { field: "tenant", expected }));
            }
            known.push(id);
            options.policies.push(self.policy(tenants, table, &place)?);
        }
        self.read_users(read.user, &directory, &mut options)?;
        self.read_applications(read.application, &directory, &mut options)?;
        for (number, table) in read.fault.into_iter().enumerate() {
            let fields = object(table);
            let place = [Key("fault"), Entry(number)];
            fault_of(&directory, fields.clone()).map_err(|error| self.input(&place, &error))?;
            options.faults.push(ScenarioFault(fields));
        }
        Ok(options)
    }

    fn read_tenants(
        &self,
        groups: Vec<Tenants>,
        options: &mut SimulatorOptions,
    ) -> Result<(), ScenarioError> {
        let mut together = 0_u32;
        for (number, group) in groups.into_iter().enumerate() {
            let Tenants { count, users, policy } = group;
            let place = [Key("tenants"), Entry(number)];
            let wrong = |field, reason| Err(self.wrong(&[place[0], place[1], Key(field)], reason));
            together = together.saturating_add(count);
            if count == 0 || together > MOST_TENANTS {
                return wrong("count", "`count` must be from 1 to 100000, over all `[[tenants]]`");
            }
            if !(1..=MOST_USERS).contains(&users) {
                return wrong("users", "`users` must be from 1 to 100000");
            }
            if let Some(table) = policy {
                let tenants = PolicyTenants::Group(options.tenants.len());
                let place = [place[0], place[1], Key("policy")];
                options.policies.push(self.policy(tenants, table, &place)?);
            }
            options.tenants.push(TenantGroup { tenants: count, users });
        }
        Ok(())
    }

    fn read_users(
        &self,
        tables: Vec<toml::Table>,
        directory: &Directory,
        options: &mut SimulatorOptions,
    ) -> Result<(), ScenarioError> {
        let mut known = Vec::new();
        for (number, table) in tables.into_iter().enumerate() {
            let fields = object(table);
            let place = [Key("user"), Entry(number)];
            let (person, _) =
                account_of(directory, fields.clone()).map_err(|error| self.input(&place, &error))?;
            let id = (person.tenant().id, person.user().id);
            if known.contains(&id) {
                let expected = "somebody whom no other `[[user]]` is about";
                return Err(self.input(&place, &InputError::Wrong { field: "user", expected }));
            }
            known.push(id);
            options.users.push(ScenarioUser(fields));
        }
        Ok(())
    }

    fn read_applications(
        &self,
        tables: Vec<toml::Table>,
        directory: &Directory,
        options: &mut SimulatorOptions,
    ) -> Result<(), ScenarioError> {
        let mut earlier = Vec::new();
        for (number, table) in tables.into_iter().enumerate() {
            let fields = object(table);
            let place = [Key("application"), Entry(number)];
            let order = application_of(directory, fields.clone())
                .and_then(|order| order.check_free(directory, &earlier).map(|()| order))
                .map_err(|error| self.input(&place, &error))?;
            earlier.push(order);
            options.applications.push(ScenarioApplication(fields));
        }
        Ok(())
    }

    fn policy(
        &self,
        tenants: PolicyTenants,
        table: toml::Table,
        place: &[Step<'_>],
    ) -> Result<ScenarioPolicy, ScenarioError> {
        let mut fields = object(table);
        if matches!(tenants, PolicyTenants::Named(_)) {
            fields.remove("tenant");
        }
        demands_of(fields.clone()).map_err(|error| self.input(place, &error))?;
        Ok(ScenarioPolicy { tenants, fields })
    }

    /// What is wrong with the fields of the table at `place`.
    fn input(&self, place: &[Step<'_>], error: &InputError) -> ScenarioError {
        let steps: Vec<Step<'_>> = place.iter().copied().chain(error.path().into_iter().map(Key)).collect();
        self.wrong(&steps, &error.to_string())
    }

    fn syntax(&self, error: &toml::de::Error) -> ScenarioError {
        let at = error.span().map_or(0, |span| span.start);
        let before = self.text.get(..at).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = self.text.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
        let header = line.trim().strip_prefix('[').map(|header| header.trim_matches(['[', ']', ' ']));
        let key = line.split_once('=').map(|(key, _)| key.trim()).or(header);
        let message = error.message();
        // Within a line of several keys, only the place tells which of them is meant.
        let meant = error.span().and_then(|span| self.text.get(span));
        let key = match (key, meant) {
            (Some(key), Some(meant)) if message == DUPLICATE && !key.ends_with(meant) => Some(meant),
            _ => key,
        };
        let reason = match key {
            Some(key) if !message.contains(key) => format!("`{key}`: {message}"),
            _ => message.to_owned(),
        };
        self.at(before.matches('\n').count() + 1, reason)
    }

    fn wrong(&self, steps: &[Step<'_>], reason: &str) -> ScenarioError {
        self.at(line_of(self.text, steps), reason.to_owned())
    }

    fn at(&self, line: usize, reason: String) -> ScenarioError {
        ScenarioError::Wrong { file: self.file.to_owned(), line, reason }
    }
}

/// The tenant that a policy is of.
fn named_tenant(directory: &Directory, table: &toml::Table) -> Result<PolicyTenants, InputError> {
    let name = table.get("tenant").ok_or(InputError::Missing("tenant"))?;
    let named = name.as_str().filter(|name| directory.tenant_id(name).is_some());
    let name = named.ok_or(InputError::Unknown { field: "tenant" })?;
    Ok(PolicyTenants::Named(name.to_owned()))
}

fn object(table: toml::Table) -> Map<String, Value> {
    table.into_iter().map(|(name, value)| (name, json(value))).collect()
}

/// What JSON has no form for, times and numbers that are none, becomes a text: no field that wants another type takes it.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) if number.is_finite() => number.into(),
        toml::Value::Float(number) => number.to_string().into(),
        toml::Value::Boolean(flag) => flag.into(),
        toml::Value::Datetime(time) => time.to_string().into(),
        toml::Value::Array(values) => values.into_iter().map(json).collect(),
        toml::Value::Table(table) => Value::Object(object(table)),
    }
}
