//! The connector from outside: real HTTP against a connector that reads from the simulated Microsoft 365.

mod disconnect;
mod discovery;
mod isolation;
mod mail;
mod official_client;
mod outages;
mod process;
mod protocol;
mod refusals;
mod single_flight;
mod stop;
mod tokens;
mod world;
