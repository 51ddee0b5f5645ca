//! What may be asked in a span of time, where a schedule comes near it.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use super::{Broken, hold};
use crate::identity::{ObjectId, TenantId};
use crate::throttle::{GateRequest, RequestClass, ResourceHash, TeamsRoute};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// Whose requests are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Holder {
    /// All users of the tenant, in one team, channel or chat.
    Resource(ResourceHash),
    User(ObjectId),
    Tenant,
}

/// When what has limits of its own was asked for.
#[derive(Debug, Default)]
pub(super) struct Windows(HashMap<(TenantId, RequestClass, Holder), VecDeque<Instant>>);

impl Windows {
    pub(super) fn asked(&mut self, item: &GateRequest, now: Instant) -> Result<(), Broken> {
        for (holder, most, span) in limits(item).into_iter().flatten() {
            let asked = self.0.entry((item.key.tenant, item.class, holder)).or_default();
            while asked.front().is_some_and(|at| *at + span <= now) {
                asked.pop_front();
            }
            asked.push_back(now);
            hold(asked.len() <= most, Broken::TooManyOfAKind)?;
        }
        Ok(())
    }
}

/// So many in any span of such a length, as published; of sharing links, 300 in five minutes and no more than its part in
/// any minute.
fn limits(item: &GateRequest) -> [Option<(Holder, usize, Duration)>; 2] {
    let of_user = |most| Some((Holder::User(item.user), most, SECOND));
    let of_resource = |most| item.resource.map(|resource| (Holder::Resource(resource), most, SECOND));
    match item.class {
        RequestClass::Search => [of_user(10), None],
        RequestClass::SharingLink => [Some((Holder::Tenant, 60, MINUTE)), None],
        RequestClass::Teams(route) => match route {
            TeamsRoute::JoinedTeams => [None, None],
            TeamsRoute::Chats => [of_user(1), None],
            TeamsRoute::Chat => [of_resource(1), of_user(5)],
            TeamsRoute::Other => [of_resource(1), of_user(1)],
            TeamsRoute::Team | TeamsRoute::Channels | TeamsRoute::TeamMembers => [of_resource(4), None],
            TeamsRoute::Channel
            | TeamsRoute::ChannelMembers
            | TeamsRoute::ChannelMessages
            | TeamsRoute::ChatMessages
            | TeamsRoute::HostedContents
            | TeamsRoute::HostedContentValue => [of_resource(1), None],
        },
        RequestClass::Directory | RequestClass::Mailbox | RequestClass::SharePoint => [None, None],
    }
}
