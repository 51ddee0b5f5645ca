//! Scenario files: a whole cloud in one TOML file, for `--scenario` and for tests.

mod policies;

use std::fs;
use std::io;
use std::ops::Range;
use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;
use toml::Spanned;

use crate::control::{InputError, demands_of, fault_of, throttling_of};
use crate::directory::{Directory, TenantGroup};
use crate::options::SimulatorOptions;
pub(crate) use policies::PolicyTenants;
pub use policies::ScenarioPolicy;

/// Most users of one tenant that a scenario may ask for, and most tenants.
const MOST_USERS: u32 = 100_000;
const MOST_TENANTS: u32 = 100_000;
/// Most users of further tenants in memory: what more there is than anybody needs would be a slip of the keyboard.
const MOST_KEPT: usize = 10_000_000;
/// Longest life of a file's address in seconds: a day.
const LONGEST_LIFETIME_S: i64 = 86_400;

/// What is wrong with a scenario. The text names the file, and the line and the field where they are known.
#[derive(Debug, Error)]
pub enum ScenarioError {
    #[error("{file}: cannot be read: {source}")]
    Unreadable { file: String, source: io::Error },
    #[error("{file}:{line}: {reason}")]
    Wrong { file: String, line: usize, reason: String },
}

/// A fault of a scenario: the fields of `POST /_sim/faults`, which the directory has been asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioFault(pub(crate) Map<String, Value>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    seed: Option<u64>,
    newest: Option<Spanned<String>>,
    download_lifetime_s: Option<Spanned<i64>>,
    request_log: Option<bool>,
    kept_users: Option<Spanned<i64>>,
    #[serde(default)]
    tenants: Vec<Spanned<Tenants>>,
    throttling: Option<Spanned<toml::Table>>,
    #[serde(default)]
    policy: Vec<Spanned<toml::Table>>,
    #[serde(default)]
    fault: Vec<Spanned<toml::Table>>,
}

/// A group of tenants, and what holds for each of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tenants {
    count: u32,
    users: u32,
    policy: Option<Spanned<toml::Table>>,
}

/// Reads a scenario over `options`: what the file does not name stays as it is.
///
/// # Errors
/// When the file cannot be read, is no TOML, has a key that nobody knows, or a value that is out of bounds.
pub fn load(path: &Path, options: SimulatorOptions) -> Result<SimulatorOptions, ScenarioError> {
    let file = path.display().to_string();
    match fs::read_to_string(path) {
        Ok(text) => parse(&file, &text, options),
        Err(source) => Err(ScenarioError::Unreadable { file, source }),
    }
}

/// Reads the text of a scenario; `file` is what errors call it.
///
/// # Errors
/// As [`load`], but for reading.
pub fn parse(file: &str, text: &str, options: SimulatorOptions) -> Result<SimulatorOptions, ScenarioError> {
    let source = Source { file, text };
    let read: File = toml::from_str(text).map_err(|error| source.syntax(&error))?;
    source.options(read, options)
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
            let time: Result<Timestamp, _> = newest.get_ref().parse();
            let wrong =
                |_| self.wrong(newest.span().start, "`newest` must be a time, as 2026-11-23T18:00:00Z");
            options.newest = Some(time.map_err(wrong)?);
        }
        if let Some(lifetime) = read.download_lifetime_s {
            if !(0..=LONGEST_LIFETIME_S).contains(lifetime.get_ref()) {
                let reason = "`download_lifetime_s` must be from 0 to 86400";
                return Err(self.wrong(lifetime.span().start, reason));
            }
            options.download_lifetime = *lifetime.get_ref();
        }
        if let Some(kept) = read.kept_users {
            let known = usize::try_from(*kept.get_ref()).ok().filter(|kept| (1..=MOST_KEPT).contains(kept));
            let wrong = || self.wrong(kept.span().start, "`kept_users` must be from 1 to 10000000");
            options.kept_users = known.ok_or_else(wrong)?;
        }
        for group in read.tenants {
            let place = options.tenants.len();
            options.tenants.push(self.group(&group)?);
            if let Some(table) = group.into_inner().policy {
                options.policies.push(self.policy(PolicyTenants::Group(place), table)?);
            }
        }
        if let Some(table) = read.throttling {
            let span = table.span();
            let settings =
                throttling_of(object(table.into_inner())).map_err(|error| self.input(&span, &error))?;
            options.throttling = settings;
        }
        let directory = options.directory();
        for table in read.policy {
            let tenants = self.named_tenant(&directory, &table)?;
            options.policies.push(self.policy(tenants, table)?);
        }
        for table in read.fault {
            options.faults.push(self.fault(&directory, table)?);
        }
        Ok(options)
    }

    fn group(&self, group: &Spanned<Tenants>) -> Result<TenantGroup, ScenarioError> {
        let &Tenants { count, users, .. } = group.get_ref();
        let span = group.span();
        if !(1..=MOST_TENANTS).contains(&count) {
            return Err(self.wrong(self.place(&span, "count"), "`count` must be from 1 to 100000"));
        }
        if !(1..=MOST_USERS).contains(&users) {
            return Err(self.wrong(self.place(&span, "users"), "`users` must be from 1 to 100000"));
        }
        Ok(TenantGroup { tenants: count, users })
    }

    fn named_tenant(
        &self,
        directory: &Directory,
        table: &Spanned<toml::Table>,
    ) -> Result<PolicyTenants, ScenarioError> {
        let span = table.span();
        let wrong = |error| self.input(&span, &error);
        let name = table.get_ref().get("tenant").ok_or_else(|| wrong(InputError::Missing("tenant")))?;
        let named = name.as_str().and_then(|name| directory.tenant_id(name).map(|_| name));
        let name = named.ok_or_else(|| wrong(InputError::Unknown { field: "tenant" }))?;
        Ok(PolicyTenants::Named(name.to_owned()))
    }

    fn policy(
        &self,
        tenants: PolicyTenants,
        table: Spanned<toml::Table>,
    ) -> Result<ScenarioPolicy, ScenarioError> {
        let span = table.span();
        let mut fields = object(table.into_inner());
        if matches!(tenants, PolicyTenants::Named(_)) {
            fields.remove("tenant");
        }
        match demands_of(fields.clone()) {
            Ok(_) => Ok(ScenarioPolicy { tenants, fields }),
            Err(error) => Err(self.input(&span, &error)),
        }
    }

    fn fault(
        &self,
        directory: &Directory,
        table: Spanned<toml::Table>,
    ) -> Result<ScenarioFault, ScenarioError> {
        let span = table.span();
        let fields = object(table.into_inner());
        match fault_of(directory, fields.clone()) {
            Ok(_) => Ok(ScenarioFault(fields)),
            Err(error) => Err(self.input(&span, &error)),
        }
    }

    fn input(&self, table: &Range<usize>, error: &InputError) -> ScenarioError {
        let at = error.field().map_or(table.start, |field| self.place(table, field));
        self.wrong(at, &error.to_string())
    }

    /// Where a field of a table stands, or the table where it doesn't.
    fn place(&self, table: &Range<usize>, field: &str) -> usize {
        let mut at = table.start;
        for line in self.text.get(table.start..).unwrap_or_default().split_inclusive('\n') {
            if at > table.start && line.starts_with('[') {
                break;
            }
            if line.split('=').next().is_some_and(|key| key.trim() == field) {
                return at;
            }
            at += line.len();
        }
        table.start
    }

    fn syntax(&self, error: &toml::de::Error) -> ScenarioError {
        let at = error.span().map_or(0, |span| span.start);
        let start =
            self.text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
        let line = self.text.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
        let key = line.split_once('=').map(|(key, _)| key.trim());
        let message = error.message();
        match key {
            Some(key) if !message.contains(key) => self.wrong(at, &format!("`{key}`: {message}")),
            _ => self.wrong(at, message),
        }
    }

    fn wrong(&self, at: usize, reason: &str) -> ScenarioError {
        let line = self.text.get(..at).unwrap_or_default().matches('\n').count() + 1;
        ScenarioError::Wrong { file: self.file.to_owned(), line, reason: reason.to_owned() }
    }
}

fn object(table: toml::Table) -> Map<String, Value> {
    match serde_json::to_value(table) {
        Ok(Value::Object(object)) => object,
        // A TOML table is an object with names for keys.
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn read(text: &str) -> Result<SimulatorOptions, ScenarioError> {
        parse("busy.toml", text, SimulatorOptions::default())
    }

    /// Fails when a value of the file is dropped on its way.
    #[test]
    fn everything_that_is_named_counts() {
        let options = read(
            "seed = 7\nnewest = \"2026-11-23T18:00:00Z\"\ndownload_lifetime_s = 20\nrequest_log = false\n\
             kept_users = 600\n             [[tenants]]\ncount = 10\nusers = 3\n[[tenants]]\ncount = 1\nusers = 400\n\
             [throttling]\nscale = 0.5\nalgorithm = \"sliding_window\"\n\
             [[policy]]\ntenant = \"t00011.example\"\nmfa = \"step_up\"\ntranscripts = \"disabled\"\n\
             [[fault]]\nservice = \"graph\"\ntenant = \"t00011.example\"\nstatus = 503\n",
        )
        .unwrap();
        assert_eq!((options.seed, options.download_lifetime, options.recording), (7, 20, false));
        assert_eq!(options.kept_users, 600);
        assert_eq!(options.newest.unwrap().to_string(), "2026-11-23T18:00:00Z");
        assert_eq!(options.directory().tenant_count(), 3 + 11);
        assert_eq!(options.directory().tenant("t00011.example").unwrap().users.len(), 400);
        let throttling = options.throttling.unwrap();
        assert_eq!((throttling.scale, throttling.algorithm.as_str()), (0.5, "sliding_window"));
        assert_eq!((options.policies.len(), options.faults.len()), (1, 1));
        let untouched = read("").unwrap();
        assert!(untouched.throttling.is_none() && untouched.tenants.is_empty() && untouched.recording);
    }

    /// Fails when somebody has to search a long file for what is wrong in it.
    #[rstest]
    #[case("seed = 1\nsede = 2\n", 2, "sede")]
    #[case("seed = \"one\"\n", 1, "seed")]
    #[case("\n\nnewest = \"yesterday\"\n", 3, "newest")]
    #[case("download_lifetime_s = -1\n", 1, "download_lifetime_s")]
    #[case("kept_users = 0\n", 1, "kept_users")]
    #[case("kept_users = \"all\"\n", 1, "kept_users")]
    #[case("[[tenants]]\ncount = 2\nusers = 0\n", 3, "users")]
    #[case("[[tenants]]\ncount = 2\n", 1, "users")]
    #[case("[[tenants]]\ncount = 2\nusers = 1\npolicy_of_nobody = 1\n", 4, "policy_of_nobody")]
    #[case("seed = 1\n[throttling]\nenabled = true\nscale = 0\n", 4, "scale")]
    #[case("[throttling]\nalgoritm = \"x\"\n", 2, "algoritm")]
    #[case(
        "[[fault]]\nservice = \"graph\"\nstatus = 503\n\n[[fault]]\nservice = \"graph\"\nstatus = 1\n",
        7,
        "status"
    )]
    #[case("[[fault]]\nservice = \"graph\"\nuser = \"nobody\"\nstatus = 503\n", 3, "user")]
    #[case("[[fault]]\nservice = \"entra\"\naadsts = 1\n", 3, "aadsts")]
    #[case("[[policy]]\nmfa = \"step_up\"\n", 1, "tenant")]
    #[case("[[policy]]\nmfa = \"off\"\ntenant = \"nobody\"\n", 3, "tenant")]
    #[case("[[policy]]\ntenant = \"larkmoor.example\"\nmfa = \"sometimes\"\n", 3, "mfa")]
    #[case("[[policy]]\ntenant = \"larkmoor.example\"\ntranscripts = true\n", 3, "transcripts")]
    #[case("[[tenants]]\ncount = 2\nusers = 1\n[tenants.policy]\nblok = true\n", 5, "blok")]
    #[case("[[tenants]]\ncount = 2\nusers = 1\n\n[tenants.policy]\nblock = 1\n", 6, "block")]
    #[case("seed = \n", 1, "seed")]
    fn an_error_names_file_line_and_field(#[case] text: &str, #[case] line: usize, #[case] field: &str) {
        let error = read(text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("busy.toml:{line}: ")), "{error}");
        assert!(error.contains(field), "{error}");
    }

    /// Fails when the policy of a group holds for its neighbours, or when another seed leaves it behind.
    #[test]
    fn the_policy_of_a_group_is_of_its_tenants_whatever_the_seed() {
        let group = |name: &str| format!("[[tenants]]\ncount = 2\nusers = 1\n{name}");
        let text = format!("{}{}{}", group(""), group("[tenants.policy]\nblock = true\n"), group(""));
        let mut options = read(&text).unwrap();
        options.seed = 99;
        let directory = options.directory();
        let ids = options.policies[0].tenants.ids(&directory, &options.tenants).unwrap();
        let domains = ids.iter().map(|id| directory.tenant_by_id(*id).unwrap().domain.clone());
        assert_eq!(domains.collect::<Vec<_>>(), ["t00003.example", "t00004.example"]);
    }

    /// Fails when an example of this crate is one that nobody can load.
    #[rstest]
    fn every_example_loads(#[files("scenarios/*.toml")] path: std::path::PathBuf) {
        let options = load(&path, SimulatorOptions::default()).unwrap();
        assert_ne!(options.directory().tenant_count(), 0);
    }

    /// Fails when a file that is not there is not named.
    #[test]
    fn a_missing_file_is_named() {
        let error = load(Path::new("nowhere.toml"), SimulatorOptions::default()).unwrap_err();
        assert!(error.to_string().starts_with("nowhere.toml: cannot be read: "), "{error}");
    }
}
