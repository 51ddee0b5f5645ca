//! Configuration: a TOML file and the environment become one typed struct per concern. `app` alone reads it.

mod credential;
mod error;
mod file;
mod load;
mod settings;
mod value;

pub use error::ConfigError;
pub use load::{environment, load, load_telemetry};
pub use settings::{
    AuditSettings, CallSettings, EntraSettings, HttpSettings, Profile, Settings, TelemetryChoice,
};
