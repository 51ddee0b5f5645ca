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

    async fn answers(&self, situation: fn(&Row) -> Situation) -> Vec<(&'static str, Value, Value)> {
        let mut answers = Vec::new();
        for (row, arguments) in coming_into(situation, &self.known) {
            let answer = self.answer(row.tool, &arguments).await;
            answers.push((row.tool, arguments, answer));
        }
        answers
    }
}

fn items(list: &Value) -> &Vec<Value> {
    list["items"].as_array().unwrap_or_else(|| panic!("no list: {list}"))
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
    for (tool, _, list) in Lists::new().await.answers(|row| row.empty).await {
        assert_eq!(items(&list), &json!([]).as_array().unwrap().clone(), "{tool}: {list}");
        assert_eq!(list["completeness"]["state"], "complete", "{tool}: {list}");
        assert!(list.get("nextCursor").is_none(), "{tool}: {list}");
    }
}

/// If this failed, a model would ask for a second page of what it has already seen all of, or stop too early.
#[actix_web::test]
async fn what_fits_into_one_answer_is_complete_and_has_no_cursor() {
    for (tool, _, list) in Lists::new().await.answers(|row| row.one_page).await {
        assert!(!items(&list).is_empty(), "{tool}: {list}");
        assert_eq!(list["completeness"]["state"], "complete", "{tool}: {list}");
        assert_eq!(list["completeness"]["returned"], items(&list).len(), "{tool}: {list}");
        assert!(list.get("nextCursor").is_none(), "{tool}: {list}");
    }
}

/// If this failed, entries would be lost or given twice between two pages, or the last page would promise more.
#[actix_web::test]
async fn pages_follow_each_other_without_repeating_or_losing() {
    let lists = Lists::new().await;
    for (tool, mut arguments, first) in lists.answers(|row| row.many_pages).await {
        let mut seen = items(&first).clone();
        let (mut page, mut pages) = (first, 1);
        while let Some(cursor) = page["nextCursor"].as_str() {
            assert_eq!(page["completeness"]["state"], "partial", "{tool}: {page}");
            assert!(page["completeness"]["reason"].is_string(), "{tool}: {page}");
            arguments["cursor"] = json!(cursor);
            page = lists.answer(tool, &arguments).await;
            seen.extend(items(&page).iter().cloned());
            pages += 1;
            assert!(pages < 200, "{tool}: the pages never end");
        }
        assert!(pages > 1, "{tool}: {page}");
        assert_eq!(page["completeness"]["state"], "complete", "{tool}: {page}");
        let keys: std::collections::BTreeSet<String> = seen.iter().map(Value::to_string).collect();
        assert_eq!(keys.len(), seen.len(), "{tool}: given twice");
    }
}
