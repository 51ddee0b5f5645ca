//! The user's teams and their channels.

use connector_actors::throttle::Workload;

use super::suggestion::{Extent, Suggestion, Suggestions};
use crate::graph::{GraphError, GraphRequest, NamedThing, Page, PathSegment};
use crate::tools::teams::channels_request;
use crate::tools::user_context::UserContext;

pub(super) const JOINED_TEAMS: &[&str] = &["Team.ReadBasic.All"];
pub(super) const CHANNELS: &[&str] = &["Channel.ReadBasic.All"];

/// Teams whose channels are looked at.
const TEAMS: usize = 20;
/// Between a team and its channel.
const BETWEEN: &str = " / ";

/// By their ids.
pub(super) async fn teams(user: &UserContext<'_>) -> Result<Suggestions, GraphError> {
    let body = user.graph.get(&joined_teams()).await?;
    let page: Page<'_, NamedThing<'_>> = body.parse()?;
    let values = page.value.iter().map(|team| Suggestion::named(&*team.id, team.name())).collect();
    Ok(Suggestions { values, extent: Extent::of(&page) })
}

/// By their ids: those of one team.
pub(super) async fn channels_of(
    user: &UserContext<'_>,
    team: Option<&String>,
) -> Result<Suggestions, GraphError> {
    let Some(team) = team.and_then(|team| PathSegment::new(team).ok()) else {
        return Ok(Suggestions::none(Extent::All));
    };
    let body = user.graph.get(&all_channels(team)).await?;
    let page: Page<'_, NamedThing<'_>> = body.parse()?;
    let values = page.value.iter().map(|channel| Suggestion::named(&*channel.id, channel.name())).collect();
    Ok(Suggestions { values, extent: Extent::of(&page) })
}

/// `Team / Channel`, of those teams that what is typed may mean: the teams' own channels, for which Teams answers many times
/// a second. For what other teams share with them it answers one request of a user's in a second.
pub(super) async fn channels(user: &UserContext<'_>, typed: &str) -> Result<Suggestions, GraphError> {
    let body = user.graph.get(&joined_teams()).await?;
    let page: Page<'_, NamedThing<'_>> = body.parse()?;
    let mut extent = Extent::of(&page);
    let wanted = typed.split(BETWEEN).next().unwrap_or_default().to_lowercase();
    let mut teams = page.value;
    teams.sort_by_key(|team| !team.name().to_lowercase().starts_with(&wanted));
    if teams.len() > TEAMS {
        extent = Extent::Some;
    }
    teams.truncate(TEAMS);
    let requests: Vec<GraphRequest> =
        teams.iter().filter_map(|team| PathSegment::new(&team.id).ok()).map(channels_request).collect();
    if requests.is_empty() {
        return Ok(Suggestions::none(extent));
    }
    let mut values = Vec::new();
    for (team, answer) in teams.iter().zip(user.graph.batch(&requests).await?) {
        // One that can't be looked at leaves the others.
        let Ok(body) = answer else {
            extent = Extent::Some;
            continue;
        };
        let page: Page<'_, NamedThing<'_>> = body.parse()?;
        if page.next_link.is_some() {
            extent = Extent::Some;
        }
        let name = |channel: &NamedThing<'_>| format!("{}{BETWEEN}{}", team.name(), channel.name());
        values.extend(page.value.iter().map(name).map(Suggestion::plain));
    }
    Ok(Suggestions { values, extent })
}

fn joined_teams() -> GraphRequest {
    GraphRequest::get(Workload::Teams, JOINED_TEAMS, "/me/joinedTeams")
}

fn all_channels(team: PathSegment<'_>) -> GraphRequest {
    GraphRequest::get(Workload::Teams, CHANNELS, "/teams").segment(team).part("/allChannels")
}
