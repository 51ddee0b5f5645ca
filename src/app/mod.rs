//! Assembly: settings in, a running connector out; and its stop, in order.

mod allocator;
mod application;
mod assembly;
mod commands;
mod core_dumps;
mod credential_watch;
mod error;
mod gauges;
mod io_runtime;
mod listeners;
mod servers;
mod tenant_watch;

pub use allocator::observe_allocator;
pub use application::Application;
pub use core_dumps::forbid_core_dumps;
pub use error::StartError;
pub use listeners::Listeners;
