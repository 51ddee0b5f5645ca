//! The connector from outside: real HTTP against a connector that reads from the simulated Microsoft 365.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets what it did not expect should end there and say so"
)]

mod addresses;
mod arguments;
mod asking;
mod attachments;
mod availability;
mod browsers;
mod calendar;
mod calls;
mod canary;
mod channels;
mod chat_search;
mod chats;
mod collectors;
mod command_line;
mod compose;
mod conditional_access;
mod credentials;
mod crowding;
mod day;
mod disconnect;
mod discovery;
mod event;
mod every_tool;
mod expectations;
mod files;
mod folders;
mod framing;
mod full_size;
mod graph_client;
mod guests;
mod harmless;
mod hostile;
mod hostile_doors;
mod icons;
mod isolation;
mod mail;
mod mailboxes;
mod matrix;
mod meetings;
mod names;
mod offers;
mod official_client;
mod open_ai;
mod origins;
mod otlp;
mod outages;
mod people;
mod pooled_connections;
mod process;
mod profiles;
mod protocol;
#[path = "../../src/tools/published/file.rs"]
mod published_file;
mod read_only;
mod refusals;
mod requests;
mod revocation;
mod rolling_restart;
mod rollover;
mod running;
mod schemas;
mod secrets;
mod shared_links;
mod sharepoint;
mod sharepoint_search;
mod single_flight;
mod sizes;
mod standalone;
mod stop;
mod streams;
mod teams;
mod tenant_addresses;
mod tenant_restriction;
mod tenants;
mod text_forms;
mod threads;
mod tokens;
mod traces;
mod visitor;
mod wire;
mod world;
