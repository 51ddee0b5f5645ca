//! What the connector offers.

use super::completion::Complete;
use super::prompt::Prompt;
use super::resource_listing::Resources;
use super::tool::Tool;
use super::{
    availability, calendar_search, identity, mail_folders, mail_search, meeting, people, read_resource, resource,
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

static TOOLS: [Tool; 10] = [
    identity::GET_ME,
    identity::GET_GRANTED_SCOPES,
    people::SEARCH_PEOPLE,
    mail_search::OUTLOOK_EMAIL_SEARCH,
    mail_folders::OUTLOOK_LIST_FOLDERS,
    calendar_search::OUTLOOK_CALENDAR_SEARCH,
    availability::OUTLOOK_FIND_AVAILABLE_TIME,
    availability::FIND_MEETING_AVAILABILITY,
    meeting::MEETINGS_FIND,
    read_resource::READ_RESOURCE,
];

impl Catalogue {
    /// Of the connector itself.
    pub const MICROSOFT_365: Self = Self { resources: Some(&resource::RESOURCES), ..Self::of_tools(&TOOLS) };

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
