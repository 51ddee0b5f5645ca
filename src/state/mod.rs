//! Adapters of the ports to what is kept on disk.

mod call_quota;
mod content_table;
mod database;
mod revocations;
mod tenant_directory;
mod tenant_file;
mod tenants;

pub use database::{StateError, StateLocation};
pub use revocations::open_revocations;
pub use tenant_directory::TenantFault;
pub use tenant_file::FileFault;
pub use tenants::{TenantSource, TenantSourceError, TenantTable};
