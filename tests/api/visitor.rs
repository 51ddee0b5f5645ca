//! Somebody who calls every tool with every argument, and asks for whatever else there is.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::calls::Known;
use crate::world::{World, send};

/// A visitor who calls, and keeps account of what was called.
pub(crate) struct Visitor<'w> {
    pub(crate) world: &'w World,
    pub(crate) token: String,
    /// `tool.argument`, and `tool.argument[].member` for what stands within lists.
    sent: BTreeSet<String>,
    pub(crate) answered: BTreeSet<String>,
    /// What came back, but for errors.
    pub(crate) heard: Vec<String>,
}

impl<'w> Visitor<'w> {
    pub(crate) fn new(world: &'w World, token: String) -> Self {
        Self { world, token, sent: BTreeSet::new(), answered: BTreeSet::new(), heard: Vec::new() }
    }

    /// Every argument of every tool that is offered, and of every tool an answer.
    pub(crate) async fn assert_all_was_sent(&self) {
        for (tool, schema) in self.schemas().await {
            assert!(self.answered.contains(&tool), "no call of {tool} had an answer");
            let unsent: Vec<String> =
                names(&tool, "", &schema).into_iter().filter(|name| !self.sent.contains(name)).collect();
            assert!(unsent.is_empty(), "never sent: {unsent:?}");
        }
    }

    /// Calls, and follows the cursor to one more page where there is one.
    pub(crate) async fn call(&mut self, tool: &str, mut arguments: Value) {
        for _ in 0..2 {
            self.note(tool, "", &arguments);
            let answer = self.world.call(&self.token, tool, arguments.clone()).await;
            if answer["isError"] == true {
                return;
            }
            self.answered.insert(tool.to_owned());
            self.heard.push(answer["structuredContent"].to_string());
            let next = answer["structuredContent"]["nextCursor"].clone();
            if next.is_null() {
                return;
            }
            arguments["cursor"] = next;
        }
    }

    fn note(&mut self, tool: &str, at: &str, arguments: &Value) {
        for (name, value) in arguments.as_object().into_iter().flatten() {
            self.sent.insert(format!("{tool}.{at}{name}"));
            for element in value.as_array().into_iter().flatten() {
                self.note(tool, &format!("{at}{name}[]."), element);
            }
        }
    }

    /// The same by every way that there is besides tools.
    pub(crate) async fn read_and_ask(&mut self, uris: &[String]) {
        for uri in uris {
            self.call("read_resource", json!({ "uri": uri })).await;
            let read = self.ask("resources/read", json!({ "uri": uri }), Some(uri)).await;
            assert!(read["result"]["contents"].is_array(), "{uri}: {read}");
        }
        self.ask("resources/list", json!({}), None).await;
        let templates = self.ask("resources/templates/list", json!({}), None).await;
        for template in templates["result"]["resourceTemplates"].as_array().unwrap() {
            let pattern = template["uriTemplate"].as_str().unwrap();
            assert!(uris.iter().any(|uri| fits(pattern, uri)), "nothing was read of {pattern}");
            for variable in variables(pattern) {
                self.complete(&json!({ "type": "ref/resource", "uri": pattern }), variable).await;
            }
        }
        let prompts = self.ask("prompts/list", json!({}), None).await;
        for prompt in prompts["result"]["prompts"].as_array().unwrap() {
            let mut filled = json!({});
            for argument in prompt["arguments"].as_array().unwrap() {
                let name = argument["name"].as_str().unwrap();
                filled[name] = json!("handbook");
                self.complete(&json!({ "type": "ref/prompt", "name": prompt["name"] }), name).await;
            }
            let got = json!({ "name": prompt["name"], "arguments": filled });
            let got = self.ask("prompts/get", got, None).await;
            assert!(got["result"]["messages"].is_array(), "{got}");
        }
    }

    async fn complete(&self, reference: &Value, argument: &str) {
        for typed in ["", "a", "handbook"] {
            let params = json!({ "ref": reference, "argument": { "name": argument, "value": typed } });
            let completed = self.ask("completion/complete", params, None).await;
            assert!(completed["result"]["completion"].is_object(), "{completed}");
        }
    }

    pub(crate) async fn ask(&self, method: &str, params: Value, name: Option<&str>) -> Value {
        let mut request = self.world.modern(&self.token, method, params);
        if let Some(name) = name {
            request = request.header("mcp-name", name);
        }
        send(request).await.json()
    }

    /// Everything that there is to call, once.
    pub(crate) async fn everything(&mut self, known: &Known) {
        for (tool, arguments) in known.calls() {
            self.call(tool, arguments).await;
        }
        for (tool, schema) in self.schemas().await {
            for (argument, property) in schema["properties"].as_object().into_iter().flatten() {
                for value in words(property) {
                    let mut arguments = known.good(&tool);
                    arguments[argument] = value;
                    self.call(&tool, arguments).await;
                }
            }
        }
    }

    pub(crate) async fn schemas(&self) -> Vec<(String, Value)> {
        let listed = self.ask("tools/list", json!({}), None).await;
        let tools = listed["result"]["tools"].as_array().unwrap().clone();
        tools
            .into_iter()
            .map(|tool| (tool["name"].as_str().unwrap().to_owned(), tool["inputSchema"].clone()))
            .collect()
    }
}

/// All values of an argument that has few.
fn words(property: &Value) -> Vec<Value> {
    match property["type"].as_str() {
        Some("boolean") => vec![json!(false), json!(true)],
        _ => property["enum"].as_array().cloned().unwrap_or_default(),
    }
}

/// The names of everything that an object of this schema can hold, as [`Visitor::sent`] has them.
fn names(tool: &str, at: &str, schema: &Value) -> Vec<String> {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let within = |(name, property): (&String, &Value)| {
        let elements = names(tool, &format!("{at}{name}[]."), &property["items"]);
        std::iter::once(format!("{tool}.{at}{name}")).chain(elements).collect::<Vec<_>>()
    };
    properties.flat_map(within).collect()
}

/// The segments of a template or of the uri of one, without what follows a question mark.
fn segments(uri: &str) -> impl Iterator<Item = &str> {
    uri.split('?').next().unwrap_or_default().split('/')
}

fn fits(template: &str, uri: &str) -> bool {
    // Addresses are shared as they are, slashes and all.
    if let Some(encoded) = template.strip_suffix("{encodedUrl}") {
        return uri.starts_with(encoded);
    }
    let is_same = |(pattern, segment): (&str, &str)| pattern.starts_with('{') || pattern == segment;
    segments(template).count() == segments(uri).count() && segments(template).zip(segments(uri)).all(is_same)
}

fn variables(template: &str) -> impl Iterator<Item = &str> {
    segments(template).filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}
