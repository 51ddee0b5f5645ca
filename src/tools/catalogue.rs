//! What the connector offers.

use std::collections::BTreeSet;

use super::completion::Complete;
use super::prompt::Prompt;
use super::prompts::PROMPTS;
use super::resource_listing::Resources;
use super::tool::Tool;
use super::{
    availability, calendar_search, identity, mail_folders, mail_search, meeting, open_ai, people,
    read_resource, resources, sharepoint, suggestions, teams,
};

/// What a server offers its clients. A kind that is not there is not declared as a capability either.
#[derive(Debug, Clone, Copy)]
pub struct Catalogue {
    /// In the order in which `tools/list` gives them.
    pub tools: &'static [Tool],
    pub resources: Option<&'static Resources>,
    pub prompts: &'static [Prompt],
    pub complete: Option<Complete>,
}

static TOOLS: [Tool; 20] = [
    identity::GET_ME,
    identity::get_granted_scopes::<Microsoft365>(),
    people::SEARCH_PEOPLE,
    mail_search::OUTLOOK_EMAIL_SEARCH,
    mail_folders::OUTLOOK_LIST_FOLDERS,
    calendar_search::OUTLOOK_CALENDAR_SEARCH,
    availability::OUTLOOK_FIND_AVAILABLE_TIME,
    availability::FIND_MEETING_AVAILABILITY,
    sharepoint::SHAREPOINT_SEARCH,
    sharepoint::SHAREPOINT_FOLDER_SEARCH,
    sharepoint::SHAREPOINT_LIST_FOLDER,
    sharepoint::SHAREPOINT_LIST_ITEMS,
    teams::CHAT_MESSAGE_SEARCH,
    teams::TEAMS_LIST_CHATS,
    teams::TEAMS_LIST_CHAT_MESSAGES,
    teams::TEAMS_LIST_TEAMS,
    teams::TEAMS_LIST_CHANNELS,
    teams::TEAMS_LIST_CHANNEL_MESSAGES,
    meeting::MEETINGS_FIND,
    read_resource::READ_RESOURCE,
];

/// The tools of the connector itself.
struct Microsoft365;

impl identity::Offer for Microsoft365 {
    fn tools() -> &'static [Tool] {
        &TOOLS
    }
}

static OPEN_AI_TOOLS: [Tool; 2] = [open_ai::SEARCH, open_ai::FETCH];

impl Catalogue {
    /// Of the connector itself.
    pub const MICROSOFT_365: Self = Self {
        tools: &TOOLS,
        resources: Some(&resources::RESOURCES),
        prompts: &PROMPTS,
        complete: Some(suggestions::complete),
    };

    /// What ChatGPT's connectors and deep research ask for: `search` and `fetch` over the same engine, and nothing else.
    pub const OPEN_AI: Self = Self::of_tools(&OPEN_AI_TOOLS);

    /// The names of all tools that any profile offers: what a tenant file may switch off.
    pub fn every_name() -> BTreeSet<&'static str> {
        [Self::MICROSOFT_365, Self::OPEN_AI].iter().flat_map(|one| one.tools).map(|tool| tool.name).collect()
    }

    pub const fn of_tools(tools: &'static [Tool]) -> Self {
        Self { tools, resources: None, prompts: &[], complete: None }
    }

    /// The tool of this name.
    pub fn tool(&self, name: &str) -> Option<&'static Tool> {
        self.tools.iter().find(|tool| tool.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this failed, clients would refuse a tool, or mistake one for another.
    #[test]
    fn every_tool_has_a_good_name_and_object_schemas() {
        for tool in Catalogue::MICROSOFT_365.tools {
            assert!((1..=64).contains(&tool.name.len()), "{}", tool.name);
            assert!(tool.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{}", tool.name);
            assert!(std::ptr::eq(Catalogue::MICROSOFT_365.tool(tool.name).unwrap(), tool));
            for schema in [(tool.input_schema)(), (tool.output_schema.unwrap())()] {
                assert_eq!(schema["type"], "object", "{}", tool.name);
                assert!(!schema.to_string().contains("$ref"), "{}", tool.name);
            }
            assert_eq!((tool.input_schema)()["additionalProperties"], false, "{}", tool.name);
        }
    }
}
