//! `teams_list_teams`.

use connector_actors::throttle::Workload;
use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PAGES;
use super::access::JOINED_TEAMS;
use super::seen_teams::seen_teams;
use super::team_item::{MOST, TeamItem, TeamList};
use crate::graph::{GraphBody, GraphRequest, Team};
use crate::tools::arguments::{self, limit, text};
use crate::tools::cursor::{self, Binding};
use crate::tools::error::ToolError;
use crate::tools::pages::{Position, Short, everything, turn_pages};
use crate::tools::review::Review;
use crate::tools::schema;
use crate::tools::tool::{ScopeRule, Tool, ToolAnswer, ToolCall};

const DEFAULT_LIMIT: u32 = 10;

pub(in crate::tools) const TEAMS_LIST_TEAMS: Tool = Tool {
    name: "teams_list_teams",
    title: "List teams",
    description: "The teams that the user is in. Use it to get the teamId of teams_list_channels. Example: {}",
    input_schema: schema::input::<Arguments>,
    output_schema: Some(schema::output::<TeamList>),
    scopes: ScopeRule(&[&["Team.ReadBasic.All"], &["ChannelMessage.Read.All"]]),
    client_capabilities: &[],
    warm_requests: 1,
    most_requests: PAGES,
    run: list_teams,
};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Arguments {
    #[serde(default, deserialize_with = "limit::<_, MOST>")]
    #[schemars(range(min = 1, max = MOST), example = 10, extend("default" = DEFAULT_LIMIT))]
    limit: Option<u32>,
    /// nextCursor of the same call's answer.
    #[serde(default, deserialize_with = "text::<_, { cursor::LONGEST }>", skip_serializing)]
    cursor: Option<String>,
}

fn list_teams<'a>(call: &'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let arguments: Arguments = arguments::parse(call.arguments)?;
        let binding = Binding::new(call.principal, TEAMS_LIST_TEAMS.name, &arguments);
        let from = Position::of(call, arguments.cursor.as_deref(), &binding)?;
        let limit = arguments.limit.unwrap_or(DEFAULT_LIMIT);
        if !call.graph.may_ask(JOINED_TEAMS).await? {
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            let (list, size) = seen_teams(call, limit).await?;
            return ToolAnswer::new(&list, size);
        }
        joined_teams(call, limit, from, &binding).await
    })
}

async fn joined_teams(
    call: &ToolCall<'_>,
    limit: u32,
    from: Position,
    binding: &Binding<'_>,
) -> Result<ToolAnswer, ToolError> {
    // It takes no options, and gives all at once.
    let request = GraphRequest::get(Workload::Teams, JOINED_TEAMS, "/me/joinedTeams");
    let review = Review::of(call);
    let mut short = Short::of(limit, &review);
    let look = |body: GraphBody, skip| {
        short.take(&body, skip, everything, |team: Team<'_>| {
            Ok(review.admit(team).map(|team| team.shape(|team, _| TeamItem::of(team, &review))))
        })
    };
    let onward = turn_pages(call, &request, from, PAGES, look).await?;
    let size = short.size;
    let list: TeamList = onward.into_list(short.items(), call, binding, &review)?;
    ToolAnswer::new(&list, size)
}
