//! The directory of tenant files, as it was last read: what each states, and what is wrong with it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, fs, io};

use connector_actors::identity::TenantId;
use connector_observability::metric::TenantAlias;

use super::tenant_file::{self, FileFault, Stated};
use crate::policy::TenantPolicy;

/// A file that is not as it should be. Its tenant keeps the last good policy, if there was one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantFault {
    pub file: PathBuf,
    pub fault: FileFault,
}

impl fmt::Display for TenantFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "tenant file {}: {}", self.file.display(), self.fault)
    }
}

/// Reads the files, each only when it has changed.
#[derive(Debug)]
pub(super) struct TenantDirectory {
    path: PathBuf,
    /// The names of tools that there are.
    tools: BTreeSet<&'static str>,
    files: BTreeMap<PathBuf, KnownFile>,
    /// Which file speaks for a tenant. Another one that names the tenant too is not heard.
    speakers: HashMap<TenantId, PathBuf>,
    /// Whose an alias is. Another tenant whose file states it too is served without it.
    holders: HashMap<TenantAlias, TenantId>,
}

#[derive(Debug)]
struct KnownFile {
    stamp: Stamp,
    /// What it said when it was last in order.
    good: Option<Stated>,
    fault: Option<FileFault>,
}

impl KnownFile {
    /// The alias that it states, and of whom.
    fn alias(&self) -> Option<(&TenantAlias, TenantId)> {
        let policy = self.good.as_ref()?.policy.as_ref()?;
        Some((policy.alias.as_ref()?, policy.id))
    }
}

/// Changes with a file's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
}

impl From<&Metadata> for Stamp {
    fn from(file: &Metadata) -> Self {
        Self { inode: file.ino(), bytes: file.len(), modified: (file.mtime(), file.mtime_nsec()) }
    }
}

/// What the files say together.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) policies: HashMap<TenantId, Arc<TenantPolicy>>,
    pub(super) faults: Vec<TenantFault>,
}

impl TenantDirectory {
    pub(super) fn new(path: PathBuf, tools: BTreeSet<&'static str>) -> Self {
        Self { path, tools, files: BTreeMap::new(), speakers: HashMap::new(), holders: HashMap::new() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads what has changed since the last time. An error is about the directory as a whole: then all stays as it
    /// was.
    pub(super) fn read(&mut self) -> io::Result<Reading> {
        let mut present = BTreeSet::new();
        for entry in fs::read_dir(&self.path)? {
            let file = entry?.path();
            if file.extension().is_some_and(|extension| extension == "toml") {
                present.insert(file);
            }
        }
        self.files.retain(|file, _| present.contains(file));
        for file in present {
            self.read_file(file);
        }
        Ok(self.together())
    }

    fn read_file(&mut self, file: PathBuf) {
        let known = self.files.get(&file);
        let stamp = match fs::metadata(&file) {
            Ok(metadata) => Stamp::from(&metadata),
            // Gone between the listing and now, or a link that leads nowhere.
            Err(error) => return self.refuse(file, None, FileFault::whole(error.to_string())),
        };
        if known.is_some_and(|known| known.stamp == stamp) {
            return;
        }
        let text = fs::read_to_string(&file).map_err(|error| FileFault::whole(error.to_string()));
        match text.and_then(|text| tenant_file::parse(&text, &self.tools)) {
            Ok(stated) => drop(self.files.insert(file, KnownFile { stamp, good: Some(stated), fault: None })),
            Err(fault) => self.refuse(file, Some(stamp), fault),
        }
    }

    /// Without a stamp it is looked at again the next time.
    fn refuse(&mut self, file: PathBuf, stamp: Option<Stamp>, fault: FileFault) {
        let unknown = Stamp { inode: 0, bytes: 0, modified: (0, 0) };
        let known = self.files.entry(file).or_insert(KnownFile { stamp: unknown, good: None, fault: None });
        known.stamp = stamp.unwrap_or(unknown);
        known.fault = Some(fault);
    }

    fn together(&mut self) -> Reading {
        let files = &self.files;
        let states = |file: &Path, tenant: TenantId| {
            files.get(file).and_then(|known| known.good.as_ref()).is_some_and(|good| good.tenant == tenant)
        };
        self.speakers.retain(|tenant, file| states(file, *tenant));
        let stated: HashSet<_> = files.values().filter_map(KnownFile::alias).collect();
        self.holders.retain(|alias, tenant| stated.contains(&(alias, *tenant)));
        let mut reading = Reading::default();
        for (file, known) in files {
            if let Some(fault) = &known.fault {
                reading.faults.push(TenantFault { file: file.clone(), fault: fault.clone() });
            }
            let Some(good) = &known.good else { continue };
            let speaker = self.speakers.entry(good.tenant).or_insert_with(|| file.clone());
            if speaker != file {
                let other = speaker.file_name().unwrap_or_default().to_string_lossy();
                let fault = FileFault::whole(format!("{other} speaks for tenant {} already", good.tenant));
                reading.faults.push(TenantFault { file: file.clone(), fault });
                continue;
            }
            let Some(policy) = &good.policy else { continue };
            let mut policy = Arc::clone(policy);
            if let Some((alias, tenant)) = known.alias() {
                let holder = *self.holders.entry(alias.clone()).or_insert(tenant);
                if holder != tenant {
                    let fault = FileFault::whole(format!("alias {alias} is that of tenant {holder} already"));
                    reading.faults.push(TenantFault { file: file.clone(), fault });
                    Arc::make_mut(&mut policy).alias = None;
                }
            }
            reading.policies.insert(good.tenant, policy);
        }
        reading
    }
}
