//! The simulator over real HTTP: sign-in, tokens, the door of Graph, and the control API.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod admin_consent;
mod applications;
mod batch;
mod client_assertion;
mod client_credentials;
mod continuous_access;
mod control;
mod control_input;
mod cross_origin;
mod device_code;
mod directory_pages;
mod discovery;
mod download;
mod faults;
mod faults_distorted;
mod faults_in_service;
mod federation;
mod forgotten_tenants;
mod graph_door;
mod guests;
mod keys;
mod methods;
mod on_behalf_of;
mod page;
mod policies;
mod readme;
mod refused_by_number;
mod sign_in;
mod sizes;
mod support;
mod throttling;
mod tls;
mod token_refusals;
mod tokens_to_order;
mod transport;
