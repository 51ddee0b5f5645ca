//! What has to be known of a request before it is measured.

use uuid::Uuid;

/// What a request does to what its address names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    Reads,
    Writes,
}

/// What has to be known of a request.
#[derive(Debug, Clone, Copy)]
pub struct RequestFacts<'a> {
    pub app: Uuid,
    pub tenant: Uuid,
    pub user: Uuid,
    /// Whose mailbox a path below `/users` (see `named_owner`) or `/admin/exchange/mailboxes` (see `named_mailbox`) names,
    /// where that is known: without it the same mailbox is another one by each of its names.
    pub mailbox: Option<Uuid>,
    /// How many users the tenant has: some limits grow with it.
    pub tenant_users: u32,
    pub intent: Intent,
    /// What follows `/v1.0`, percent-encoded.
    pub path: &'a str,
    /// What follows `?`, percent-encoded.
    pub query: &'a str,
    /// Empty where there is none.
    pub body: &'a [u8],
}
