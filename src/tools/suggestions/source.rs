//! Where values come from, and what opens each source.

use super::suggestion::{Extent, Suggestion, Suggestions};
use super::{directory, outlook, sharepoint, teams};
use crate::graph::GraphError;
use crate::tools::mailbox::{OWN_CALENDARS, OWN_MAIL};
use crate::tools::prompt::PromptArguments;
use crate::tools::user_context::UserContext;

/// Where values come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Folders,
    People,
    /// Sites, by their addresses.
    Sites,
    SiteIds,
    /// The ids of the lists of the site that is chosen already.
    Lists,
    /// The ids of the user's teams.
    Teams,
    /// `Team / Channel`.
    Channels,
    /// The ids of the channels of the team that is chosen already.
    ChannelsOfTeam,
    Events,
    Days,
}

/// What is typed, and the values of the variables before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Typed<'a> {
    pub(super) text: &'a str,
    pub(super) resolved: &'a PromptArguments,
}

const DAYS: &[&str] =
    &["today", "yesterday", "last monday", "this week", "3 days ago", "7 days ago", "last month"];

impl Source {
    /// A uri of the service that it reads, for policy, and the permissions of which one opens it.
    pub(super) const fn needs(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Folders => ("mail:///folders/", OWN_MAIL),
            Self::Events => ("calendar:///", OWN_CALENDARS),
            Self::People => ("user:///", directory::PEOPLE),
            Self::Sites | Self::SiteIds | Self::Lists => ("site:///", sharepoint::SITES),
            Self::Channels | Self::Teams => ("teams:///", teams::JOINED_TEAMS),
            Self::ChannelsOfTeam => ("teams:///", teams::CHANNELS),
            Self::Days => ("", &[]),
        }
    }

    pub(super) async fn values(
        self,
        user: &UserContext<'_>,
        typed: &Typed<'_>,
    ) -> Result<Suggestions, GraphError> {
        match self {
            Self::Folders => outlook::folders(user).await,
            Self::Events => outlook::events(user).await,
            Self::People => directory::people(user, typed.text).await,
            Self::Sites => sharepoint::site_addresses(user, typed.text).await,
            Self::SiteIds => sharepoint::site_ids(user, typed.text).await,
            Self::Lists => sharepoint::lists(user, typed.resolved.get("siteId")).await,
            Self::Teams => teams::teams(user).await,
            Self::Channels => teams::channels(user, typed.text).await,
            Self::ChannelsOfTeam => teams::channels_of(user, typed.resolved.get("team")).await,
            Self::Days => {
                let values = DAYS.iter().map(|day| Suggestion::plain(*day)).collect();
                // Any other day may be meant.
                Ok(Suggestions { values, extent: Extent::Some })
            }
        }
    }

    /// Whether Graph itself has looked for what was typed.
    pub(super) const fn is_searched(self) -> bool {
        matches!(self, Self::People | Self::Sites | Self::SiteIds)
    }
}
