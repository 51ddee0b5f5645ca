//! People of the directory.

use serde_json::Value;

use super::{Expected, Graph, text};

/// `search_people`: whoever has the address, or in whose name each word begins one.
pub(super) async fn people(graph: &Graph<'_>, arguments: &Value) -> Expected {
    let wanted = text(arguments, "query").to_lowercase();
    let users = graph.all("/users?$top=999&$select=id,displayName,mail,userPrincipalName").await;
    let is_asked_for = |user: &&Value| {
        let [name, mail, principal] =
            ["displayName", "mail", "userPrincipalName"].map(|member| text(user, member).to_lowercase());
        if wanted.contains('@') {
            return mail == wanted || principal == wanted;
        }
        let begins_a_word = |word: &str| {
            name.split(|letter: char| !letter.is_alphanumeric()).any(|known| known.starts_with(word))
        };
        let mut words = wanted.split_whitespace();
        words.clone().all(begins_a_word) || words.all(|word| mail.starts_with(word))
    };
    Expected::in_any_order(
        users.iter().filter(is_asked_for).map(|user| format!("user:///{}", text(user, "id"))),
    )
}
