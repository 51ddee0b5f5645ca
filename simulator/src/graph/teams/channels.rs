//! What a GET of teams and channels answers.

use std::sync::Arc;

use uuid::Uuid;

use super::channel_list::{
    self, CHANNEL_NAMES, CHANNEL_TYPE, Census, ChannelRow, ChannelSchema, Detail, TEAM_NAMES, TEAM_TYPE,
};
use super::chats::is_thread_id;
use super::organisation::{Organisation, Place};
use super::page::Listing;
use super::people::{Enrolled, Participant};
use super::refusal::TeamsRefusal;
use super::render::Home;
use super::route::{ChannelRoute, TeamRoute};
use super::{Asking, Prepared};
use crate::graph::odata::filter::Filter;
use crate::graph::odata::select::Selection;
use crate::graph::respond::{Entity, Object};

/// Seats that own every team they are in.
const OWNERS: usize = 2;

impl Asking<'_> {
    fn organisation(&self) -> Arc<Organisation> {
        self.conversations.organisation(self.people.tenant, self.files)
    }

    /// Takes no options at all, and says nothing about those it is sent.
    pub(super) fn joined_teams(&self) -> Prepared {
        let organisation = self.organisation();
        let joined = organisation.teams.iter().enumerate().filter(|(_, team)| team.admits(self.seat));
        let write = |(place, team)| {
            let census = self.census(&self.team_members(&organisation, place));
            channel_list::team(self.people.tenant, team, census, &Selection::Default, Detail::InList)
        };
        let value = joined.map(write).collect();
        Prepared::json(&Listing::new(self.context("teams"), value, None))
    }

    pub(super) fn team_route(&self, id: &str, route: &TeamRoute) -> Result<Prepared, TeamsRefusal> {
        let organisation = self.organisation();
        let id = Uuid::try_parse(id).map_err(|_| TeamsRefusal::MalformedTeam)?;
        let team = organisation.teams.iter().position(|team| team.id == id);
        let team = team.ok_or(TeamsRefusal::TeamNotFound(id))?;
        if let TeamRoute::Channel(channel, route) = route {
            // A shared channel also has members who are not in the team.
            let place = self.find_channel(&organisation, team, channel)?;
            return self.channel_route(&organisation, place, route);
        }
        if !organisation.teams[team].admits(self.seat) {
            return Err(TeamsRefusal::Forbidden);
        }
        let thread = organisation.teams[team].internal_id.as_str();
        let context = format!("teams('{id}')");
        match route {
            TeamRoute::Team => self.team(&organisation, team),
            TeamRoute::Members => self.members(thread, &context, &self.team_members(&organisation, team)),
            TeamRoute::Member(member) => {
                self.member(thread, &context, &self.team_members(&organisation, team), member)
            }
            TeamRoute::Channels => {
                self.channels(&organisation, &self.own_channels(&organisation, team), "channels")
            }
            TeamRoute::AllChannels => {
                let mut places = self.own_channels(&organisation, team);
                places.extend(self.incoming_channels(&organisation, team));
                self.channels(&organisation, &places, "allChannels")
            }
            TeamRoute::IncomingChannels => {
                self.channels(&organisation, &self.incoming_channels(&organisation, team), "incomingChannels")
            }
            TeamRoute::PrimaryChannel | TeamRoute::Channel(..) => {
                self.channel(&organisation, Place { team, channel: 0 })
            }
        }
    }

    fn channel_route(
        &self,
        organisation: &Organisation,
        place: Place,
        route: &ChannelRoute,
    ) -> Result<Prepared, TeamsRefusal> {
        let (team, channel) = (&organisation.teams[place.team], organisation.channel(place));
        let home = Home::Channel { team: team.id, channel: channel.id.clone() };
        match route {
            ChannelRoute::Channel => return self.channel(organisation, place),
            ChannelRoute::Members => {
                let members = self.channel_members(organisation, place);
                return self.members(&channel.id, &home.context(), &members);
            }
            ChannelRoute::Member(id) => {
                let members = self.channel_members(organisation, place);
                return self.member(&channel.id, &home.context(), &members, id);
            }
            ChannelRoute::FilesFolder => {
                let (tenant, asked_at) = (self.people.tenant, self.request.base_url);
                let folder = self.files.folder(tenant, team.site, channel.plan.folder, asked_at);
                let object = folder.ok_or(TeamsRefusal::NotFound)?;
                let context = self.context(&format!("{}/filesFolder/$entity", home.context()));
                return Ok(Prepared::json(&Entity { context, object }));
            }
            _ => {}
        }
        let thread = self.conversations.channel_thread(self.people.tenant, self.files, organisation, place);
        let scene = self.scene(&home, &thread);
        let post = |id: &str| thread.post(id).ok_or(TeamsRefusal::NotFound);
        match route {
            ChannelRoute::Delta => self.changes(scene),
            ChannelRoute::Message(id, view) => self.message_view(scene, post(id)?, view),
            ChannelRoute::Replies(id) => self.replies(scene, post(id)?),
            ChannelRoute::Reply { post: id, reply, view } => {
                let reply = thread.reply(post(id)?, reply).ok_or(TeamsRefusal::NotFound)?;
                self.message_view(scene, reply, view)
            }
            _ => self.posts(scene),
        }
    }

    /// A channel of a team, or one that is shared with it; only for those who are in it.
    fn find_channel(
        &self,
        organisation: &Organisation,
        team: usize,
        id: &str,
    ) -> Result<Place, TeamsRefusal> {
        if !is_thread_id(id) {
            return Err(TeamsRefusal::MalformedThread(id.to_owned()));
        }
        let own = (0..organisation.teams[team].channels.len()).map(|channel| Place { team, channel });
        let place = own
            .chain(organisation.incoming(team))
            .find(|place| organisation.channel(*place).id == id)
            .ok_or_else(|| TeamsRefusal::ThreadNotFound(id.to_owned()))?;
        if organisation.admits(place, self.seat) {
            return Ok(place);
        }
        Err(TeamsRefusal::NotInThread { caller: self.caller, thread: id.to_owned() })
    }

    fn own_channels(&self, organisation: &Organisation, team: usize) -> Vec<Place> {
        let own = (0..organisation.teams[team].channels.len()).map(|channel| Place { team, channel });
        own.filter(|place| organisation.admits(*place, self.seat)).collect()
    }

    fn incoming_channels(&self, organisation: &Organisation, team: usize) -> Vec<Place> {
        let mut places = organisation.incoming(team);
        places.retain(|place| organisation.admits(*place, self.seat));
        places
    }

    fn team(&self, organisation: &Organisation, team: usize) -> Result<Prepared, TeamsRefusal> {
        let selection = Selection::parse(self.query.select.as_deref(), TEAM_NAMES, TEAM_TYPE)?;
        let census = self.census(&self.team_members(organisation, team));
        let team = &organisation.teams[team];
        let object = channel_list::team(self.people.tenant, team, census, &selection, Detail::Full);
        let context = self.context(&format!("teams{}/$entity", selection.context(TEAM_NAMES)));
        Ok(Prepared::json(&Entity { context, object }))
    }

    /// `what` is the last segment of the path.
    fn channels(
        &self,
        organisation: &Organisation,
        places: &[Place],
        what: &str,
    ) -> Result<Prepared, TeamsRefusal> {
        let selection = self.channel_selection()?;
        let filter = self.query.filter.as_deref().map(Filter::parse::<ChannelSchema>).transpose()?;
        let row = |place: Place| self.channel_row(organisation, place);
        let is_asked = |place: &&Place| filter.as_ref().is_none_or(|filter| filter.passes(&row(**place)));
        let write = |place: &Place| self.channel_object(organisation, *place, &selection, what);
        let value = places.iter().filter(is_asked).map(write).collect();
        let (_, team) = self.request.path.trim_matches('/').split_once('/').unwrap_or_default();
        let team = team.split('/').next().unwrap_or_default();
        let context = format!("teams('{team}')/{what}{}", selection.context(CHANNEL_NAMES));
        Ok(Prepared::json(&Listing::new(self.context(&context), value, None)))
    }

    fn channel(&self, organisation: &Organisation, place: Place) -> Result<Prepared, TeamsRefusal> {
        let selection = self.channel_selection()?;
        let object = self.channel_object(organisation, place, &selection, "channels");
        let team = organisation.teams[place.team].id;
        let shown = selection.context(CHANNEL_NAMES);
        let context = self.context(&format!("teams('{team}')/channels{shown}/$entity"));
        Ok(Prepared::json(&Entity { context, object }))
    }

    fn channel_selection(&self) -> Result<Selection, TeamsRefusal> {
        Ok(Selection::parse(self.query.select.as_deref(), CHANNEL_NAMES, CHANNEL_TYPE)?)
    }

    fn channel_row<'b>(&'b self, organisation: &'b Organisation, place: Place) -> ChannelRow<'b> {
        ChannelRow {
            tenant: self.people.tenant,
            team: &organisation.teams[place.team],
            channel: organisation.channel(place),
            shows_unknown: self.shows_unknown(),
        }
    }

    fn channel_object(
        &self,
        organisation: &Organisation,
        place: Place,
        selection: &Selection,
        what: &str,
    ) -> Object {
        let census = self.census(&self.channel_members(organisation, place));
        let row = self.channel_row(organisation, place);
        let mut object = Object::new();
        if what != "channels" {
            // Where the channel is at home: the way to those of other teams.
            let (base, tenant) = (self.request.base_url, self.people.tenant.id);
            let (team, id) = (row.team.id, &row.channel.id);
            object.set("@odata.id", format!("{base}/tenants/{tenant}/teams/{team}/channels/{id}"));
        }
        row.object(object, selection, census)
    }

    fn team_members(&self, organisation: &Organisation, team: usize) -> Vec<Enrolled> {
        self.seats(|seat| organisation.teams[team].admits(seat))
    }

    fn channel_members(&self, organisation: &Organisation, place: Place) -> Vec<Enrolled> {
        self.seats(|seat| organisation.admits(place, seat))
    }

    fn seats(&self, admits: impl Fn(usize) -> bool) -> Vec<Enrolled> {
        let seats = (0..self.people.tenant.users.len()).filter(|seat| admits(*seat));
        seats.map(|seat| Enrolled { who: Participant::Member(seat), is_owner: seat < OWNERS }).collect()
    }

    fn census(&self, members: &[Enrolled]) -> Census {
        let users = &self.people.tenant.users;
        let is_guest = |member: &&Enrolled| match member.who {
            Participant::Member(seat) => users[seat].guest.is_some(),
            Participant::Outsider(_) => true,
        };
        let owners = members.iter().filter(|member| member.is_owner).count();
        let guests = members.iter().filter(is_guest).count();
        Census { owners, members: members.len() - owners - guests, guests }
    }
}

/// The query without the mark of an earlier round, which is no option of OData.
pub(super) fn without_delta_token(query: &str) -> String {
    let is_mark = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
        name.replace("%24", "$").trim_start_matches('$') == "deltatoken"
    };
    query.split('&').filter(|pair| !is_mark(pair)).collect::<Vec<_>>().join("&")
}
