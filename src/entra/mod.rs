//! Microsoft Entra ID: whose token it is, and the exchange of that token for one of Graph.
//!
//! Inbound, [`bearer_token`] takes the token out of the header and [`TokenValidator`] says whom it speaks for.
//! The rules stand in [`jwt`], pure; the keys come from a [`keys::KeyRing`] that fetches them on the I/O runtime.
//! Outbound, [`EntraTokenExchange`] is the adapter of the `TokenExchange` port. Nothing else speaks to Entra.

mod aadsts;
mod answer;
mod bearer;
mod capability;
mod claims;
mod classify;
mod cloud;
mod credential;
mod exchange;
mod identity;
mod jwks;
pub mod jwt;
mod key_source;
mod keys;
mod memory;
mod outbound;
mod private_file;
mod refetch_budget;
mod refusal;
mod second_attempt;
mod shared_scopes;
mod strict_json;
mod token;
mod validator;
mod write_scope;

#[cfg(test)]
mod testing;

pub use bearer::bearer_token;
pub use capability::ClaimsCapability;
pub use cloud::Cloud;
pub use credential::{ClientCredential, CredentialSource, ExchangeNotBuilt, FederatedToken, ManagedIdentity};
pub use exchange::{CredentialTerm, EntraTokenExchange, ExchangeSettings};
pub use identity::{Acquaintance, Identity};
pub use jwt::Expectations;
pub use keys::KeyRingSettings;
pub use outbound::ClientNotBuilt;
pub use refusal::TokenRefusal;
pub use validator::TokenValidator;

pub use connector_actors::identity::AccountKind;
