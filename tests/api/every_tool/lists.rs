//! Nothing to give, all of it at once, and page by page.

use serde_json::{Value, json};

use super::{ROWS, Row, Situation, coming_into, every_profile};
use crate::calls::{Known, without_limits};
use crate::world::World;

/// A world, somebody who calls, and what is answered.
pub(super) struct Lists {
    pub(super) world: World,
    token: String,
    pub(super) known: Known,
}

impl Lists {
    pub(super) async fn new() -> Self {
        let world = World::offering(every_profile(), without_limits).await;
        let person = world.person(0, 0);
        let token = world.token(&person).await;
        let known = world.known(&person, &token).await;
        Self { world, token, known }
    }

    pub(super) async fn answer(&self, tool: &str, arguments: &Value) -> Value {
        self.world.answer(&self.token, tool, arguments.clone()).await
    }

    /// All pages of what each tool answers that comes into the situation.
    async fn pages(&self, situation: fn(&Row) -> Situation) -> Vec<(&'static str, Vec<Value>)> {
        let mut answers = Vec::new();
        for (row, mut arguments) in coming_into(situation, &self.known) {
            for fault in situation(row).faults(self.world.stage.simulator_url()) {
                self.world.fault(fault).await;
            }
            let mut pages = vec![self.answer(row.tool, &arguments).await];
            while let Some(cursor) = pages[pages.len() - 1]["nextCursor"].as_str() {
                arguments["cursor"] = json!(cursor);
                pages.push(self.answer(row.tool, &arguments).await);
                assert!(pages.len() < 200, "{}: the pages never end", row.label());
            }
            self.world.clear_faults().await;
            assert!(
                row.kind.is_empty() || pages.iter().all(|page| row.is_of_kind(page)),
                "{}: {pages:?}",
                row.kind
            );
            answers.push((row.label(), pages));
        }
        answers
    }

    /// The one page that each tool answers that comes into the situation.
    async fn answers(&self, situation: fn(&Row) -> Situation) -> Vec<(&'static str, Value)> {
        let only = |(tool, mut pages): (&'static str, Vec<Value>)| {
            assert_eq!(pages.len(), 1, "{tool}: {pages:?}");
            (tool, pages.remove(0))
        };
        self.pages(situation).await.into_iter().map(only).collect()
    }
}

fn items(list: &Value) -> &Vec<Value> {
    let items = list["items"].as_array().or(list["results"].as_array());
    items.unwrap_or_else(|| panic!("no list: {list}"))
}

/// If this failed, a tool would not work at all, or answer in another shape than it announces.
#[actix_web::test]
async fn every_tool_answers_a_good_call() {
    let lists = Lists::new().await;
    for row in ROWS {
        lists.answer(row.tool, &lists.known.good(row.tool)).await;
    }
}

/// If this failed, finding nothing would look like a failure, or like something that has yet to come.
#[actix_web::test]
async fn nothing_is_an_empty_list_that_is_complete() {
    for (tool, list) in Lists::new().await.answers(|row| row.empty).await {
        assert_eq!(items(&list), &json!([]).as_array().unwrap().clone(), "{tool}: {list}");
        assert_eq!(list["completeness"]["state"], "complete", "{tool}: {list}");
        assert!(list.get("nextCursor").is_none(), "{tool}: {list}");
    }
}

/// If this failed, a model would ask for a second page of what it has already seen all of, or stop too early.
#[actix_web::test]
async fn what_fits_into_one_answer_is_complete_and_has_no_cursor() {
    for (tool, list) in Lists::new().await.answers(|row| row.one_page).await {
        assert!(!items(&list).is_empty(), "{tool}: {list}");
        assert_eq!(list["completeness"]["state"], "complete", "{tool}: {list}");
        assert_eq!(list["completeness"]["returned"], items(&list).len(), "{tool}: {list}");
        assert!(list.get("nextCursor").is_none(), "{tool}: {list}");
    }
}

/// If this failed, entries would be lost or given twice between two pages, or the last page would promise more.
#[actix_web::test]
async fn pages_follow_each_other_without_repeating_or_losing() {
    for (tool, pages) in Lists::new().await.pages(|row| row.many_pages).await {
        let (last, before) = pages.split_last().unwrap();
        assert!(!before.is_empty(), "{tool}: {last}");
        for page in before {
            assert_eq!(page["completeness"]["state"], "partial", "{tool}: {page}");
            assert!(page["completeness"]["reason"].is_string(), "{tool}: {page}");
        }
        assert_eq!(last["completeness"]["state"], "complete", "{tool}: {last}");
        let seen: Vec<&Value> = pages.iter().flat_map(items).collect();
        assert!(!seen.is_empty(), "{tool}: {last}");
        let keys: std::collections::BTreeSet<String> = seen.iter().map(ToString::to_string).collect();
        assert_eq!(keys.len(), seen.len(), "{tool}: given twice");
    }
}
