//! The teams of a tenant with their channels. Behind every team stands a site; its members are the team's.

use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use super::people::People;
use super::roster::{before, named};
use crate::graph::drive::Files;
use crate::graph::site_plan::SITES;

/// Places of the sites that have a team. The last team is archived.
const TEAM_SITES: [usize; 4] = [1, 2, 3, 4];
const ARCHIVED: usize = 4;
/// The team whose shared channel is also shared with the first team.
const SHARING: usize = 2;
const DAY: i64 = 24 * 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Membership {
    /// Everybody of the team.
    Standard,
    /// Every fourth seat.
    Private,
    /// Two seats of three; of the team that shares with the first one, also some who are not in it.
    Shared,
}

/// What is written in a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Posts {
    Talk,
    /// Mostly by applications.
    Feed,
    /// By people and by those who attack them.
    Attacked,
    Silence,
}

#[derive(Debug)]
pub(super) struct ChannelPlan {
    pub(super) name: &'static str,
    pub(super) description: Option<&'static str>,
    pub(super) membership: Membership,
    pub(super) posts: Posts,
    /// At the root of the library of the team's site.
    pub(super) folder: &'static str,
}

/// The first one is the primary channel.
pub(super) const CHANNELS: &[ChannelPlan] = &[
    ChannelPlan {
        name: "General",
        description: None,
        membership: Membership::Standard,
        posts: Posts::Talk,
        folder: "General",
    },
    ChannelPlan {
        name: "Reports",
        description: Some("What machines have to say"),
        membership: Membership::Standard,
        posts: Posts::Feed,
        folder: "Reports",
    },
    ChannelPlan {
        name: "Contracts",
        description: Some("With partners. Be careful what you write."),
        membership: Membership::Shared,
        posts: Posts::Attacked,
        folder: "Contracts",
    },
    ChannelPlan {
        name: "Leads",
        description: Some("Nur f\u{fc}r Teamleiter"),
        membership: Membership::Private,
        posts: Posts::Talk,
        folder: "Reports",
    },
    ChannelPlan {
        name: "Ideas \u{1f4a1}",
        description: Some("Nobody has had one yet"),
        membership: Membership::Standard,
        posts: Posts::Silence,
        folder: "General",
    },
];

/// The teams of one tenant.
#[derive(Debug)]
pub(super) struct Organisation {
    pub(super) teams: Vec<Team>,
}

#[derive(Debug)]
pub(super) struct Team {
    pub(super) id: Uuid,
    /// Place in [`SITES`].
    pub(super) site: usize,
    pub(super) internal_id: String,
    pub(super) created: Timestamp,
    pub(super) channels: Vec<Channel>,
}

#[derive(Debug)]
pub(super) struct Channel {
    pub(super) id: String,
    pub(super) plan: &'static ChannelPlan,
    pub(super) created: Timestamp,
    /// When the last post or reply was written.
    pub(super) last: Timestamp,
}

/// A channel by the places of its team and itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) team: usize,
    pub(super) channel: usize,
}

impl Organisation {
    pub(super) fn of(people: People<'_>, files: &Files, newest: Timestamp) -> Self {
        let team = |site: usize| {
            let (id, _) = files.group_of(people.tenant, site);
            let created = newest.checked_sub((SITES[site].age * DAY).minutes()).unwrap_or(newest);
            let channel = |(place, plan): (usize, &'static ChannelPlan)| {
                let label = format!("channel-{site}-{}", plan.name);
                let minutes = i64::try_from(site * 53 + place * 97 + 4).unwrap_or(4);
                let since = i64::try_from(place).unwrap_or_default() * 11 * DAY;
                Channel {
                    id: format!("19:{}@thread.tacv2", named(people, &label).simple()),
                    plan,
                    created: created.checked_add(since.minutes()).unwrap_or(created),
                    // Nothing is written in an archived team.
                    last: before(newest, if site == ARCHIVED { 90 * DAY } else { minutes }),
                }
            };
            let channels: Vec<Channel> = CHANNELS.iter().enumerate().map(channel).collect();
            let internal_id = channels.first().map(|general| general.id.clone()).unwrap_or_default();
            Team { id, site, internal_id, created, channels }
        };
        Self { teams: TEAM_SITES.into_iter().map(team).collect() }
    }

    pub(super) fn channel(&self, place: Place) -> &Channel {
        &self.teams[place.team].channels[place.channel]
    }

    /// Whether somebody is in a channel.
    pub(super) fn admits(&self, place: Place, seat: usize) -> bool {
        let team = &self.teams[place.team];
        let is_in_team = team.admits(seat);
        match self.channel(place).plan.membership {
            Membership::Standard => is_in_team,
            Membership::Private => is_in_team && seat.is_multiple_of(4),
            Membership::Shared => {
                let comes_from_elsewhere = team.site == SHARING && !is_in_team && seat % 4 == 1;
                comes_from_elsewhere || (is_in_team && seat % 3 != 2)
            }
        }
    }

    /// The channels that other teams share with this one.
    pub(super) fn incoming(&self, team: usize) -> Vec<Place> {
        if team != 0 {
            return Vec::new();
        }
        let sharing = self.teams.iter().position(|team| team.site == SHARING);
        let is_shared = |channel: &Channel| channel.plan.membership == Membership::Shared;
        let place = sharing.and_then(|team| {
            let channel = self.teams[team].channels.iter().position(is_shared)?;
            Some(Place { team, channel })
        });
        place.into_iter().collect()
    }

    /// Every channel of the tenant.
    pub(super) fn places(&self) -> impl Iterator<Item = Place> {
        self.teams
            .iter()
            .enumerate()
            .flat_map(|(team, own)| (0..own.channels.len()).map(move |channel| Place { team, channel }))
    }
}

impl Team {
    pub(super) const fn name(&self) -> &'static str {
        SITES[self.site].name
    }

    pub(super) const fn description(&self) -> &'static str {
        SITES[self.site].description
    }

    pub(super) fn admits(&self, seat: usize) -> bool {
        SITES[self.site].is_open_to(seat)
    }

    pub(super) const fn is_archived(&self) -> bool {
        self.site == ARCHIVED
    }

    /// Everybody may join the first team; the others are by invitation.
    pub(super) const fn visibility(&self) -> &'static str {
        if self.site == TEAM_SITES[0] { "public" } else { "private" }
    }
}
