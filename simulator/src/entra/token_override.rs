//! Access tokens without the browser, for tests: right signature, any claims.

use jiff::Timestamp;
use uuid::Uuid;

use super::Entra;
use super::mint::{self, Claims, Subject};
use super::refusal::Refusal;
use crate::directory::{Tenant, User};

/// What a test wants to hold.
pub(crate) struct TokenOrder<'a> {
    pub(crate) tenant: &'a Tenant,
    pub(crate) user: &'a User,
    pub(crate) client: Uuid,
    /// Short names, separated by spaces.
    pub(crate) scopes: String,
    /// Seconds from now; none or negative gives a token that has expired.
    pub(crate) lifetime_s: i64,
    /// Applied last: each claim takes the place of the usual one, `null` takes it away.
    pub(crate) overrides: Claims,
}

impl Entra {
    /// An access token for the connector, signed with the active key.
    pub(crate) fn mint_to_order(&self, order: TokenOrder<'_>) -> Result<String, Refusal> {
        let subject = Subject {
            tenant: order.tenant,
            user: order.user,
            session: Uuid::new_v4(),
            now: Timestamp::now().as_second(),
            lifetime_s: order.lifetime_s,
        };
        let mut claims = mint::connector_claims(self, &subject, order.client, &order.scopes, false);
        for (name, value) in order.overrides {
            if value.is_null() {
                claims.remove(&name);
            } else {
                claims.insert(name, value);
            }
        }
        self.sign(&claims)
    }
}
