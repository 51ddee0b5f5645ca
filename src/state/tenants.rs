//! Which tenants are served, by which policy: asked by every call, replaced tenant by tenant when a file changes.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use connector_actors::identity::TenantId;
use connector_actors::ports::{TenantLimits, TenantRegistry};
use connector_observability::emit;
use connector_observability::event::{TenantChanged, TenantFileRefused};
use thiserror::Error;

use super::tenant_directory::{Reading, TenantDirectory, TenantFault};
use super::tenant_file::FileFault;
use crate::policy::TenantPolicy;

/// Where the tenants' policies stand.
#[derive(Debug, Clone)]
pub enum TenantSource {
    /// A directory of TOML files, one a tenant.
    Directory(PathBuf),
    /// For demos and tests: policies made in the same process.
    Fixed(Vec<TenantPolicy>),
}

/// Why the tenants could not be read.
#[derive(Debug, Error)]
pub enum TenantSourceError {
    #[error("tenant directory {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    /// A start with no tenant at all would look like one that went well.
    #[error("no tenant file is in order; {0}")]
    NoneInOrder(TenantFault),
    #[error("tenant {0} has two policies")]
    Twice(TenantId),
}

/// The tenants that are switched on.
#[derive(Debug)]
pub struct TenantTable {
    published: ArcSwap<Reading>,
    version: AtomicU64,
    directory: Option<Mutex<TenantDirectory>>,
}

impl TenantTable {
    /// Reads all policies. A file that is wrong keeps its own tenant from being served, and no other one. `tools` are
    /// the names that there are.
    pub fn open(source: &TenantSource, tools: BTreeSet<&'static str>) -> Result<Self, TenantSourceError> {
        match source {
            TenantSource::Directory(path) => Self::of_directory(path, tools),
            TenantSource::Fixed(policies) => Self::of_policies(policies),
        }
    }

    /// The policy in force, without a lock.
    pub fn policy(&self, tenant: TenantId) -> Option<Arc<TenantPolicy>> {
        self.published.load().policies.get(&tenant).map(Arc::clone)
    }

    /// The policies of the tenants that are served at this moment.
    pub fn served(&self) -> Vec<Arc<TenantPolicy>> {
        self.published.load().policies.values().map(Arc::clone).collect()
    }

    pub fn len(&self) -> usize {
        self.published.load().policies.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The files that are not in order.
    pub fn faults(&self) -> Vec<TenantFault> {
        self.published.load().faults.clone()
    }

    /// Which reading of the policies is in force: 1 after the start, and one more with each that changed something.
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Relaxed)
    }

    /// Reads the files that have changed, and gives the tenants whose policy is another one now. Blocks for as long as a
    /// disk does.
    pub fn reload(&self) -> Vec<TenantId> {
        let Some(directory) = &self.directory else { return Vec::new() };
        let mut directory = directory.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.published.load_full();
        let now = directory.read().unwrap_or_else(|error| kept(&before, &directory, &error));
        report_faults(&before.faults, &now.faults);
        let changed = changes(&before.policies, &now.policies);
        if !changed.is_empty() || before.faults != now.faults {
            self.published.store(Arc::new(now));
        }
        if !changed.is_empty() {
            self.version.fetch_add(1, Ordering::Relaxed);
        }
        for tenant in &changed {
            let served = self.published.load().policies.contains_key(tenant);
            emit(TenantChanged { tenant: *tenant.as_uuid(), served });
        }
        changed
    }

    fn of_directory(
        path: &std::path::Path,
        tools: BTreeSet<&'static str>,
    ) -> Result<Self, TenantSourceError> {
        let mut directory = TenantDirectory::new(path.to_owned(), tools);
        let reading = directory
            .read()
            .map_err(|source| TenantSourceError::Unreadable { path: path.to_owned(), source })?;
        match reading.faults.first() {
            Some(fault) if reading.policies.is_empty() => {
                return Err(TenantSourceError::NoneInOrder(fault.clone()));
            }
            _ => report_faults(&[], &reading.faults),
        }
        Ok(Self::of(reading, Some(directory)))
    }

    fn of_policies(policies: &[TenantPolicy]) -> Result<Self, TenantSourceError> {
        let mut table = HashMap::new();
        for policy in policies {
            if table.insert(policy.id, Arc::new(policy.clone())).is_some() {
                return Err(TenantSourceError::Twice(policy.id));
            }
        }
        let reading = Reading { policies: table, faults: Vec::new() };
        Ok(Self::of(reading, None))
    }

    fn of(reading: Reading, directory: Option<TenantDirectory>) -> Self {
        Self {
            published: ArcSwap::from_pointee(reading),
            version: AtomicU64::new(1),
            directory: directory.map(Mutex::new),
        }
    }
}

impl TenantRegistry for TenantTable {
    fn limits(&self, tenant: TenantId) -> Option<TenantLimits> {
        self.policy(tenant).map(|policy| policy.limits)
    }
}

/// All as it was, for the directory itself can't be read.
fn kept(before: &Reading, directory: &TenantDirectory, error: &io::Error) -> Reading {
    let fault = TenantFault { file: directory.path().to_owned(), fault: FileFault::whole(error.to_string()) };
    Reading { policies: before.policies.clone(), faults: vec![fault] }
}

fn changes(
    before: &HashMap<TenantId, Arc<TenantPolicy>>,
    now: &HashMap<TenantId, Arc<TenantPolicy>>,
) -> Vec<TenantId> {
    let is_other = |tenant: &&TenantId| before.get(*tenant) != now.get(*tenant);
    let gone = before.keys().filter(|tenant| !now.contains_key(*tenant));
    now.keys().filter(is_other).chain(gone).copied().collect()
}

/// Each once, when it is new.
fn report_faults(before: &[TenantFault], now: &[TenantFault]) {
    for TenantFault { file, fault } in now.iter().filter(|fault| !before.contains(fault)) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let FileFault { line, column, problem } = fault;
        emit(TenantFileRefused { file: &name, line: *line, column: *column, reason: problem });
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    const CONTOSO: &str = "11111111-1111-4111-8111-111111111111";
    const FABRIKAM: &str = "22222222-2222-4222-8222-222222222222";

    /// A directory of this test alone, gone when it is dropped.
    struct Files(PathBuf);

    impl Files {
        fn new(name: &str) -> Self {
            let path =
                std::env::temp_dir().join(format!("m365-connector-tenants-{}-{name}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn write(&self, file: &str, tenant: &str, more: &str) {
            self.write_text(file, &format!("id = '{tenant}'\nname = 'A tenant'\nclients = []\n{more}"));
        }

        /// As an editor does it: whole, by a new file that takes the name.
        fn write_text(&self, file: &str, text: &str) {
            let unready = self.0.join("unready");
            fs::write(&unready, text).unwrap();
            fs::rename(unready, self.0.join(file)).unwrap();
        }

        fn table(&self) -> Result<TenantTable, TenantSourceError> {
            TenantTable::open(&TenantSource::Directory(self.0.clone()), BTreeSet::from(["get_me"]))
        }
    }

    impl Drop for Files {
        fn drop(&mut self) {
            drop(fs::remove_dir_all(&self.0));
        }
    }

    fn id(tenant: &str) -> TenantId {
        tenant.parse().unwrap()
    }

    fn faults(table: &TenantTable) -> Vec<String> {
        let name = |file: &Path| file.file_name().unwrap().to_string_lossy().into_owned();
        table.faults().iter().map(|fault| format!("{}: {}", name(&fault.file), fault.fault)).collect()
    }

    /// If this failed, a change would need a restart, or touch tenants that nobody changed.
    #[test]
    fn a_changed_file_changes_its_own_tenant() {
        let files = Files::new("change");
        files.write("a.toml", CONTOSO, "");
        files.write("b.toml", FABRIKAM, "");
        let table = files.table().unwrap();
        let fabrikam = table.policy(id(FABRIKAM)).unwrap();
        assert!(table.reload().is_empty());
        assert_eq!(table.version(), 1);

        files.write("a.toml", CONTOSO, "denied_tools = ['get_me']");
        assert_eq!(table.reload(), [id(CONTOSO)]);
        assert_eq!(table.version(), 2);
        assert!(table.policy(id(CONTOSO)).unwrap().denied_tools.contains("get_me"));
        assert!(Arc::ptr_eq(&fabrikam, &table.policy(id(FABRIKAM)).unwrap()));

        files.write("a.toml", CONTOSO, "users = 320");
        assert_eq!(table.reload(), [id(CONTOSO)]);
        assert!(table.limits(id(CONTOSO)).unwrap().size.users.is_some());

        fs::remove_file(files.0.join("b.toml")).unwrap();
        assert_eq!(table.reload(), [id(FABRIKAM)]);
        assert_eq!(table.policy(id(FABRIKAM)), None);
    }

    /// If this failed, a slip of the keyboard would shut out an organisation, or all of them.
    #[test]
    fn a_broken_file_keeps_its_tenants_last_good_policy_and_is_named() {
        let files = Files::new("broken");
        files.write("a.toml", CONTOSO, "denied_tools = ['get_me']");
        files.write("b.toml", FABRIKAM, "");
        let table = files.table().unwrap();
        files.write("a.toml", CONTOSO, "denied_tools = ['get_me'");
        assert!(table.reload().is_empty());
        assert!(table.policy(id(CONTOSO)).unwrap().denied_tools.contains("get_me"));
        let [fault] = &faults(&table)[..] else { panic!("{:?}", table.faults()) };
        assert!(fault.starts_with("a.toml: line 4, column "), "{fault}");

        files.write("b.toml", FABRIKAM, "enabled = false");
        assert_eq!(table.reload(), [id(FABRIKAM)], "another tenant can't be changed meanwhile");
        files.write("a.toml", CONTOSO, "");
        assert_eq!(table.reload(), [id(CONTOSO)]);
        assert_eq!(faults(&table), Vec::<String>::new());
    }

    /// If this failed, one tenant's broken file would keep a whole service from coming up again.
    #[test]
    fn a_start_needs_one_file_in_order() {
        let files = Files::new("start");
        files.write_text("a.toml", "id = 7");
        let error = files.table().unwrap_err().to_string();
        assert!(error.contains("a.toml: line 1, column 6"), "{error}");
        files.write("b.toml", FABRIKAM, "");
        let table = files.table().unwrap();
        assert_eq!((table.len(), table.faults().len()), (1, 1));
    }

    /// If this failed, whoever adds a file could take over another tenant's policy.
    #[test]
    fn a_second_file_for_a_tenant_is_not_heard() {
        let files = Files::new("second");
        files.write("b.toml", CONTOSO, "denied_tools = ['get_me']");
        let table = files.table().unwrap();
        files.write("a.toml", CONTOSO, "");
        assert!(table.reload().is_empty());
        assert!(table.policy(id(CONTOSO)).unwrap().denied_tools.contains("get_me"));
        assert_eq!(faults(&table), [format!("a.toml: b.toml speaks for tenant {CONTOSO} already")]);

        fs::remove_file(files.0.join("b.toml")).unwrap();
        assert_eq!(table.reload(), [id(CONTOSO)]);
        assert!(faults(&table).is_empty());
    }

    /// If this failed, two tenants would be measured as one, or a tenant go unserved or lose its name over a name.
    #[test]
    fn an_alias_is_one_tenants_and_the_other_is_served_without_it() {
        let files = Files::new("alias");
        files.write("b.toml", CONTOSO, "alias = 'north'");
        let table = files.table().unwrap();
        files.write("a.toml", FABRIKAM, "alias = 'north'");
        assert_eq!(table.reload(), [id(FABRIKAM)]);
        let alias = |tenant| table.policy(id(tenant)).unwrap().alias.clone().map(|alias| alias.to_string());
        assert_eq!((alias(CONTOSO), alias(FABRIKAM)), (Some("north".to_owned()), None));
        assert_eq!(faults(&table), [format!("a.toml: alias north is that of tenant {CONTOSO} already")]);

        files.write("b.toml", CONTOSO, "alias = 'south'");
        table.reload();
        assert_eq!((alias(CONTOSO), alias(FABRIKAM)), (Some("south".to_owned()), Some("north".to_owned())));
        assert_eq!(faults(&table), Vec::<String>::new());
    }

    /// If this failed, a volume that is away for a moment would switch all tenants off.
    #[test]
    fn without_the_directory_all_stays_as_it_was() {
        let files = Files::new("away");
        files.write("a.toml", CONTOSO, "");
        let table = files.table().unwrap();
        let away = files.0.with_extension("away");
        fs::rename(&files.0, &away).unwrap();
        assert!(table.reload().is_empty());
        assert_eq!((table.len(), table.faults().len()), (1, 1));
        fs::rename(&away, &files.0).unwrap();
        assert!(table.reload().is_empty());
        assert!(table.faults().is_empty());
    }
}
