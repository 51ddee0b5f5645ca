//! Teams that can be seen in what their channels say, for users whose app may not list the teams themselves.

use std::borrow::Cow;

use super::PAGES;
use super::access::CHANNEL_MESSAGES;
use super::found::{question, read_hits};
use super::team_item::{MOST, TeamItem, TeamList};
use crate::graph::{FoundChatMessage, GraphBody, GraphRequest};
use crate::tools::error::ToolError;
use crate::tools::list::{Ended, List};
use crate::tools::own_zone;
use crate::tools::pages::Gathering;
use crate::tools::review::{Review, Reviewed};
use crate::tools::user_context::UserContext;

/// Everything: a search can't do without words.
const EVERYTHING: &str = "sent>=2000-01-01";
const PAGE: u32 = 25;
/// Messages in channels, with which there is enough. A search finds those in chats, too, where the permissions open them, and
/// knows no word that would leave them out.
const ENOUGH: u32 = 4 * PAGE;

/// The teams of the newest messages in channels, and how many bytes Graph gave.
pub(super) async fn seen_teams(user: &UserContext<'_>, limit: usize) -> Result<(TeamList, usize), ToolError> {
    let review = Review::of(user);
    let zone = own_zone::known(user, None).await?;
    let (zone, Newest { bodies, looked_at, in_channels }) =
        own_zone::beside(user, zone.as_ref(), newest(user)).await?;
    let mut teams: Vec<Reviewed<TeamItem>> = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for body in &bodies {
        for hit in read_hits(body)?.hits {
            let Some(team) = team_of(&hit.resource).map(str::to_owned).filter(|team| !seen.contains(team))
            else {
                continue;
            };
            seen.push(team.clone());
            teams.extend(review.admit(hit.resource).map(|found| {
                found.shape(|found, _| {
                    let last_message_utc = found.created_date_time.map(|time| time.into_cow().into_owned());
                    let last_message = last_message_utc.as_deref().and_then(|utc| zone.localise(utc));
                    TeamItem { team_id: team, last_message_utc, last_message, ..TeamItem::default() }
                })
            }));
        }
    }
    let reason = reason(looked_at, in_channels, teams.len(), limit);
    teams.truncate(limit);
    let size = bodies.iter().map(GraphBody::size).sum();
    let list = List::new(teams, Ended::Partial(reason), None, &review)?;
    Ok((list, size))
}

/// The newest messages.
#[derive(Default)]
struct Newest {
    bodies: Vec<GraphBody>,
    looked_at: u32,
    /// Of those.
    in_channels: u32,
}

/// The newest messages, page by page, until enough of them are in channels.
async fn newest(user: &UserContext<'_>) -> Result<Newest, ToolError> {
    let mut newest = Newest::default();
    let mut gathering = Gathering::new(user, PAGES);
    while newest.in_channels < ENOUGH {
        let question = question(EVERYTHING.to_owned(), newest.looked_at, PAGE);
        let request = GraphRequest::ask(question, CHANNEL_MESSAGES);
        let Ok(body) = gathering.page(&request, None).await? else { break };
        let page = read_hits(&body)?;
        for hit in &page.hits {
            newest.looked_at = newest.looked_at.saturating_add(1);
            newest.in_channels += u32::from(team_of(&hit.resource).is_some());
        }
        let has_more = page.has_more && !page.hits.is_empty();
        newest.bodies.push(body);
        if !has_more {
            break;
        }
    }
    Ok(newest)
}

fn team_of<'m>(found: &'m FoundChatMessage<'_>) -> Option<&'m str> {
    found.channel_identity.as_ref()?.team_id.as_deref()
}

/// Of `known` teams the first `limit` are given.
fn reason(looked_at: u32, in_channels: u32, known: usize, limit: usize) -> Cow<'static, str> {
    let may_be_higher = u32::try_from(limit).is_ok_and(|limit| limit < MOST);
    let left_out = match known.saturating_sub(limit) {
        0 => String::new(),
        more if may_be_higher => {
            format!(" {more} more teams are known: a higher limit, up to {MOST}, gives them.")
        }
        more => format!(" {more} more teams are known, for which an answer has no room."),
    };
    format!(
        "The app has not been granted Team.ReadBasic.All, which lists the user's teams: these are the ones that the newest \
         messages were written in ({looked_at} were looked at, {in_channels} of them in channels), without their names. An administrator can consent to the permission.{left_out}"
    )
    .into()
}
