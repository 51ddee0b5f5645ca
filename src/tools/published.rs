//! What is published of the tools: a snapshot of each, and the documents about all of them. Written from the catalogue
//! and checked in; `make published` writes it again.

mod file;
mod permissions;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};

use self::file::{publish, root};
use super::catalogue::Catalogue;
use super::completion::Completions;
use super::resource::SCHEMES;
use super::tool::{ScopeRule, Tool};

const SNAPSHOTS: &str = "tests/tools/snapshots";

fn tools() -> &'static [Tool] {
    Catalogue::MICROSOFT_365.tools
}

/// Of every profile.
fn every_tool() -> impl Iterator<Item = &'static Tool> {
    tools().iter().chain(Catalogue::OPEN_AI.tools)
}

fn snapshot(tool: &Tool) -> String {
    let snapshot = json!({
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "scopes": tool.scopes.0,
        "clientCapabilities": tool.client_capabilities,
        "warmRequests": tool.warm_requests,
        "mostRequests": tool.most_requests,
        "inputSchema": (tool.input_schema)(),
        "outputSchema": tool.output_schema.map(|schema| schema()),
    });
    serde_json::to_string_pretty(&snapshot).unwrap() + "\n"
}

/// If this failed, what clients see of a tool would change without anybody noticing.
#[test]
fn every_tool_has_its_snapshot() {
    for tool in every_tool() {
        publish(&format!("{SNAPSHOTS}/{}.json", tool.name), &snapshot(tool));
    }
    let known: BTreeSet<String> = every_tool().map(|tool| format!("{}.json", tool.name)).collect();
    for entry in fs::read_dir(root().join(SNAPSHOTS)).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(known.contains(&name), "{SNAPSHOTS}/{name} is of no tool");
    }
}

/// If this failed, people would read of tools that are not there, or not of those that are.
#[test]
fn the_documents_are_fresh() {
    publish("docs/TOOLS.md", &tools_document());
    publish("docs/PERMISSIONS.md", &permissions::document());
}

/// If this failed, a model would be shown a call that does not work, or none.
#[test]
fn every_description_ends_with_an_example() {
    for tool in every_tool() {
        let (_, example) =
            tool.description.rsplit_once("Example: ").unwrap_or_else(|| panic!("{}", tool.name));
        assert!(serde_json::from_str::<Value>(example).is_ok_and(|json| json.is_object()), "{}", tool.name);
    }
}

fn needs(rule: ScopeRule) -> String {
    if rule.0.is_empty() {
        return "nothing".to_owned();
    }
    let lists: Vec<String> = rule.0.iter().map(|list| format!("`{}`", list.join("` and `"))).collect();
    lists.join(" or ")
}

fn tools_document() -> String {
    let mut text = "# Tools\n\nWritten from the catalogue by `make published`. [TOUR.md](TOUR.md) plays a person's day with \
                    them.\n\nA session is warm when it holds a Graph token and knows the user's time zone: the first call that \
                    tells times, without `timeZone`, asks for it with two requests more, beside its own unless dates are \
                    understood in it, and calls that come meanwhile wait for that one, each three seconds at most. A call that \
                    fails is answered at once, and leaves that to the next one. Times are in UTC where it is not learnt, and it is asked for \
                    again by the first call after a minute where Graph failed, after ten minutes where it refused or its answer \
                    has no zone, and where it was slow after twenty times as long as was waited: a minute after the whole three \
                    seconds. A batch counts as one request, though a limit of Graph's may make it go in parts; what is asked \
                    again after a fault is not counted.\n"
        .to_owned();
    for tool in tools() {
        describe(tool, &mut text);
    }
    text.push_str("\n## Uris\n\n| Uris | Needs | Requests at most |\n|---|---|---|\n");
    for scheme in SCHEMES {
        writeln!(text, "| {} | {} | {} |", scheme.forms, needs(scheme.scopes), scheme.most_requests).unwrap();
    }
    text.push_str(
        "\nA message takes a second request, for the rest of its thread: only the message itself says which thread it belongs \
         to, and a batch can't put one answer into another request. The thread is waited for three seconds at most; \
         without it the message is given, and a note says so.\n",
    );
    text.push_str(
        "\n`meeting-transcript:///events/…` takes `Calendars.Read` for the event and `OnlineMeetings.Read` for its meeting besides; \
         with the meeting's id neither is needed. The id of a mailbox, for `mailbox:///`, has to be known: Graph tells that of a user's \
         primary mailbox with `User.Read.All` alone (`/users/{id}/settings/exchange`), which this connector does not ask for, and of \
         archives not in version 1.0. An administrator can look it up.\n",
    );
    text.push_str(
        "\n## Days in lists\n\nA column of a SharePoint list holds times or days. Times are told in UTC, and under `columnTimes` in \
         the asked zone; a day in a filter by them is all of it in that zone. Of days the day is told, which has no zone, and a \
         filter by them takes days alone: `today` is that of the asked zone, and finds what the site's own people see as that day. \
         SharePoint keeps a day as its midnight in the site's zone, which Graph does not tell; for every zone from Honolulu to the \
         Chatham Islands there is one day that it can mean ([ADR-0025](adr/0025-a-day-of-a-list-is-told-without-its-zone.md)). \
         That holds for days that were entered in SharePoint's own pages: another moment, which an app has written, may be told as \
         another day than people see (midnight in UTC, on a site in Los Angeles, as the day behind). Sites whose zone is that of \
         American Samoa, Niue or Kiritimati, or 12 hours behind UTC, are told a day off, and a note says of which days that may be \
         so.\n\nWhich columns hold days is asked of the list, with up to three requests for each page of its items, and with as many \
         beside an item that is read by its uri; where that fails, the item is given with days and times as the moments that they \
         are, and a note says so.\n",
    );
    let completed = Completions::MOST_REQUESTS;
    writeln!(
        text,
        "\n## Prompts and completions\n\nA prompt asks Graph for nothing. What is suggested for an argument of a prompt, or a \
         variable of a template, takes {completed} requests at most."
    )
    .unwrap();
    text.push_str(
        "\n## The profile `openai`\n\nThese two and no others, over the same engines; ids are uris. `results` has the form that OpenAI's clients know; \
         `completeness` and `notes` beside it say what is missing. `fetch` asks for what a reading of its uri asks for (the table above); \
         of a long text it puts together five pieces at most, each of them a reading.\n",
    );
    for tool in Catalogue::OPEN_AI.tools {
        describe(tool, &mut text);
    }
    text
}

/// One tool, with its arguments.
fn describe(tool: &Tool, text: &mut String) {
    write!(text, "\n## `{}`: {}\n\n{}\n\n", tool.name, tool.title, tool.description).unwrap();
    writeln!(text, "- Needs {}.", needs(tool.scopes)).unwrap();
    let most = tool.most_requests;
    let requests = match tool.warm_requests {
        0 => "Asks Graph for nothing.".to_owned(),
        1 => {
            format!("The example is one request to Graph in a warm session; no call makes more than {most}.")
        }
        more => format!(
            "The example is {more} requests to Graph in a warm session; no call makes more than {most}."
        ),
    };
    writeln!(text, "- {requests}").unwrap();
    let schema = (tool.input_schema)();
    let Some(arguments) = schema["properties"].as_object().filter(|arguments| !arguments.is_empty()) else {
        return;
    };
    text.push_str("\n| Argument | Type | |\n|---|---|---|\n");
    for (name, argument) in arguments {
        let required = schema["required"].as_array().is_some_and(|names| names.contains(&json!(name)));
        let required = if required { "Required. " } else { "" };
        let meaning = argument["description"].as_str().unwrap_or_default().replace('\n', " ");
        let default = default_of(argument);
        let line = format!("| `{name}` | {} | {required}{meaning}{default} |", type_of(argument));
        writeln!(text, "{}", line.replace("  |", " |")).unwrap();
    }
}

/// Behind what else is said of the argument.
fn default_of(argument: &Value) -> String {
    let default = match &argument["default"] {
        Value::Null => return String::new(),
        Value::String(word) => word.clone(),
        other => other.to_string(),
    };
    let between = if argument["description"].is_string() { " " } else { "" };
    format!("{between}Default {default}.")
}

fn type_of(argument: &Value) -> String {
    if let Some(words) = argument["enum"].as_array() {
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        return words.join(", ");
    }
    let name = argument["type"].as_str().unwrap_or("any");
    match (argument["minimum"].as_u64(), argument["maximum"].as_u64()) {
        (Some(least), Some(most)) => format!("{name}, {least} to {most}"),
        _ => name.to_owned(),
    }
}
