//! What an operator keeps beside the connector, and what happens to it: tenant files, the credential, the state, and
//! whoever reads the audit records.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use connector_actors::identity::{ObjectId, TenantId};
use m365_connector::control::{self, ControlAnswer, ControlRequest, NamedSubject};
use m365_simulator::directory::{Directory, Tenant};

use super::audit_reader::AuditReader;

type Failure = Box<dyn std::error::Error>;

const CERTIFICATE: &str = include_str!("../../../simulator/keys/connector.crt.pem");
const PRIVATE_KEY: &str = include_str!("../../../simulator/keys/connector.key.pem");

/// Where things are in the directory of a connector that is run as operators run it.
pub(crate) const TENANTS: &str = "tenants.d";
pub(crate) const STATE: &str = "state";
pub(crate) const CERTIFICATE_FILE: &str = "certificate.pem";
pub(crate) const KEY_FILE: &str = "key.pem";
pub(crate) const AUDIT_PIPE: &str = "audit";

/// A directory that goes away with its owner.
pub(crate) struct Premises {
    path: PathBuf,
    pub(crate) audit: AuditReader,
    directory: Directory,
}

impl Premises {
    pub(crate) fn furnish(directory: Directory) -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!("m365-loadtest-{}", std::process::id()));
        fs::create_dir_all(path.join(TENANTS))?;
        fs::set_permissions(&path, Permissions::from_mode(0o700))?;
        write_private(&path.join(CERTIFICATE_FILE), CERTIFICATE)?;
        write_private(&path.join(KEY_FILE), PRIVATE_KEY)?;
        let audit = AuditReader::of_pipe(&path.join(AUDIT_PIPE))?;
        let premises = Self { path, audit, directory };
        for tenant in &premises.directory.tenants {
            premises.write_tenant(tenant, "")?;
        }
        Ok(premises)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The administrator of the first tenant switches a tool off, or everything on again.
    pub(super) fn switch_off(&self, tools: &[&str]) -> Result<(), Failure> {
        self.write_tenant(&self.directory.tenants[0], &format!("denied_tools = {tools:?}\n"))
    }

    /// Somebody's slip in the file of the second tenant.
    pub(super) fn break_tenant_file(&self) -> Result<(), Failure> {
        self.write_tenant(&self.directory.tenants[1], "no_such_key = 1\n")
    }

    pub(super) fn mend_tenant_file(&self) -> Result<(), Failure> {
        self.write_tenant(&self.directory.tenants[1], "")
    }

    pub(super) fn break_credential(&self) -> Result<(), Failure> {
        Ok(write_private(&self.path.join(KEY_FILE), "no key any more\n")?)
    }

    pub(super) fn mend_credential(&self) -> Result<(), Failure> {
        Ok(write_private(&self.path.join(KEY_FILE), PRIVATE_KEY)?)
    }

    /// As `m365-connector revoke` does, of a user of the first tenant.
    pub(super) fn revoke_a_user(&self) -> Result<(), Failure> {
        let tenant = &self.directory.tenants[0];
        let user = tenant.users.last().ok_or("nobody is there")?;
        let subject =
            NamedSubject::User { tenant: TenantId::from_uuid(tenant.id), user: ObjectId::from_uuid(user.id) };
        match control::ask(&self.path.join(STATE), &ControlRequest::Revoke { subject })? {
            ControlAnswer::Revoked(_) => Ok(()),
            other => Err(format!("the revocation was answered with {other:?}").into()),
        }
    }

    fn write_tenant(&self, tenant: &Tenant, more: &str) -> Result<(), Failure> {
        let clients: Vec<String> =
            self.directory.clients.iter().map(|client| client.id.to_string()).collect();
        let text = format!(
            "id = \"{}\"\nname = {:?}\ndomains = [{:?}]\nclients = {clients:?}\nguests = \"allow\"\n\
             calls_per_user_per_minute = \"unlimited\"\nconcurrent_calls = {TENANT_CALLS}\n{more}",
            tenant.id, tenant.name, tenant.domain
        );
        // At once: a file that is half written is one that is not in order.
        let (new, file) = (self.path.join("tenant.new"), format!("{}.toml", tenant.id));
        fs::write(&new, text)?;
        Ok(fs::rename(new, self.path.join(TENANTS).join(file))?)
    }
}

/// Calls of one tenant in progress at once: fewer than somebody in a hurry makes.
const TENANT_CALLS: usize = 48;

impl Drop for Premises {
    fn drop(&mut self) {
        // There is nobody to tell.
        drop(fs::remove_dir_all(&self.path));
    }
}

/// For the owner alone, from the first byte on.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}
