//! Adapters of the ports to what is kept on disk.

mod content_table;
mod tenant_file;
mod tenants;

pub use tenants::{TenantSource, TenantSourceError, TenantTable};
