//! Memory that holds tokens is written to no disk.

use std::io;

/// No core dump of this process, and, on Linux, no look into its memory by other processes of the same user. To be called
/// before anything secret is read.
pub fn forbid_core_dumps() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}
