//! Whose meter, and which.

use super::limits::Holder;
use super::request::{GateRequest, RequestClass, ResourceHash};
use super::signal::GateKey;
use crate::identity::{ObjectId, TenantId};

/// Names a meter. Its order is the one in which all wait: from the specific to the general, of the application in the tenant
/// the shorter limit first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum MeterKey {
    /// Graph's wish to be left alone where it is about a team, channel or chat.
    ResourcePause(GateKey, ResourceHash),
    /// The same wish of a user or mailbox, and requests at once.
    Lane(GateKey),
    /// A published limit: the class, and its place in the class's list.
    Resource(TenantId, ResourceHash, RequestClass, usize),
    Subject(GateKey, RequestClass, usize),
    User(TenantId, ObjectId, RequestClass, usize),
    Tenant(TenantId, RequestClass, usize),
    App(RequestClass, usize),
}

impl MeterKey {
    /// Of the limit at that place in the request's class; `None` where the request has no such holder.
    pub(super) fn of(request: &GateRequest, holder: Holder, place: usize) -> Option<Self> {
        let GateRequest { key, user, class, resource, .. } = *request;
        let class = class.counted_with(place);
        Some(match holder {
            Holder::Resource => Self::Resource(key.tenant, resource?, class, place),
            Holder::Subject if class == RequestClass::Mailbox => Self::Subject(key, class, place),
            Holder::Subject => Self::User(key.tenant, user, class, place),
            Holder::Tenant => Self::Tenant(key.tenant, class, place),
            Holder::App => Self::App(class, place),
        })
    }

    /// Whether nobody uses it but one user, or for one mailbox.
    pub(super) const fn is_of_one_user(&self) -> bool {
        match self {
            Self::Subject(..) | Self::User(..) | Self::Lane(_) | Self::ResourcePause(..) => true,
            Self::Resource(..) | Self::Tenant(..) | Self::App(..) => false,
        }
    }
}
