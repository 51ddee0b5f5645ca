//! Configuration: a TOML file and the environment become one typed struct per concern. `app` alone reads it.

mod credential;
mod file;
mod load;
mod settings;

pub use load::{ConfigError, load};
pub use settings::{
    AuditSettings, CallSettings, EntraSettings, HttpSettings, Profile, Settings, TelemetryChoice,
};
