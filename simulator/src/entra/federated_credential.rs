//! What a federated credential is made of.

/// A credential of the connector's registration. Compared character for character, letter case included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FederatedCredential {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) audience: String,
}
