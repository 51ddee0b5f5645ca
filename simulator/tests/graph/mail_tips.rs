//! `getMailTips`: a POST that reads.

use rstest::rstest;
use serde_json::{Value, json};

use crate::world::{Answer, WORLD};

fn ask(addresses: &[&str], tips: &str) -> Answer {
    let body = json!({ "EmailAddresses": addresses, "MailTipsOptions": tips });
    WORLD.post_as(&WORLD.caller_with(0, 0, &["Mail.Read"]), "/me/getMailTips", &[], &body.to_string())
}

/// What one address is told for one tip.
fn tip(address: &str, tip: &str) -> Value {
    let answer = ask(&[address], tip);
    assert_eq!((answer.status, answer.entries().len()), (200, 1), "{:?}", answer.body);
    let mut entry = answer.entries()[0].as_object().unwrap().clone();
    assert_eq!(entry.remove("emailAddress").unwrap()["address"], address);
    assert_eq!(entry.len(), 1, "what nobody asked for comes along: {entry:?}");
    entry.into_iter().next().unwrap().1
}

/// Fails when a tip is missing, or says of one recipient what is true of another.
#[rstest]
#[case::of_a_member("automaticReplies", "", json!({ "message": "" }))]
#[case::of_a_member("mailboxFullStatus", "", json!(false))]
#[case::of_a_member("recipientScope", "", json!("internal"))]
#[case::of_a_member("externalMemberCount", "", json!(0))]
#[case::of_a_member("totalMemberCount", "", json!(1))]
#[case::of_a_member("maxMessageSize", "", json!(37_748_736))]
#[case::of_a_member("deliveryRestriction", "", json!(false))]
#[case::of_a_member("moderationStatus", "", json!(false))]
#[case::of_a_member("customMailTip", "", json!(""))]
#[case::of_a_member("recipientSuggestions", "", json!([]))]
#[case::of_a_stranger("recipientScope", "someone@elsewhere.example", json!("external"))]
#[case::of_a_stranger("externalMemberCount", "someone@elsewhere.example", json!(1))]
fn a_tip_is_told_of_a_recipient(#[case] name: &str, #[case] address: &str, #[case] expected: Value) {
    let address = if address.is_empty() { &WORLD.user(0, 0).upn } else { address };
    assert_eq!(tip(address, name), expected);
}

/// Fails when nobody is ever away or has a full mailbox: a client would never meet either.
#[test]
fn one_of_a_dozen_is_away_and_the_mailbox_of_another_is_full() {
    let members: Vec<&str> = WORLD.tenant(0).users.iter().map(|user| user.upn.as_str()).collect();
    let answer = ask(&members, "automaticReplies, mailboxFullStatus");
    let at = |holds: fn(&Value) -> bool| -> Vec<usize> {
        let entries = answer.entries().iter().enumerate();
        entries.filter(|(_, entry)| holds(entry)).map(|(place, _)| place).collect()
    };
    assert_eq!(at(|entry| entry["automaticReplies"]["message"] != ""), [5]);
    assert_eq!(at(|entry| entry["mailboxFull"] == true), [9]);
}

/// Fails when an address of nobody is taken for somebody's, or spoils the answer for all others.
#[test]
fn an_address_of_nobody_has_its_error_in_the_answer() {
    let nobody = format!("nobody@{}", WORLD.tenant(0).domain);
    let answer = ask(&[&nobody, &WORLD.user(0, 1).upn], "mailboxFullStatus");
    assert_eq!(answer.entries()[0]["error"]["code"], "ErrorMailRecipientNotFound");
    assert_eq!(answer.entries()[1]["mailboxFull"], false);
}

/// Fails when a body that asks for nothing, or for what there is not, is answered as if it were right.
#[rstest]
#[case::no_addresses(json!({ "MailTipsOptions": "mailboxFullStatus" }), "ErrorInvalidParameter")]
#[case::no_tips(json!({ "EmailAddresses": ["a@b.example"] }), "ErrorInvalidParameter")]
#[case::another_tip(json!({ "EmailAddresses": ["a@b.example"], "MailTipsOptions": "mood" }), "BadRequest")]
#[case::numbers(json!({ "EmailAddresses": [1], "MailTipsOptions": "mailboxFullStatus" }), "BadRequest")]
#[case::too_much(json!({ "EmailAddresses": [], "MailTipsOptions": "mailboxFullStatus", "More": 1 }), "BadRequest")]
#[case::too_many(
    json!({ "EmailAddresses": vec!["a@b.example"; 101], "MailTipsOptions": "mailboxFullStatus" }),
    "ErrorMailboxDataArrayTooBig"
)]
fn a_wrong_question_is_refused(#[case] body: Value, #[case] code: &str) {
    let caller = WORLD.caller_with(0, 0, &["Mail.Read"]);
    let answer = WORLD.post_as(&caller, "/me/getMailTips", &[], &body.to_string());
    assert_eq!((answer.status, answer.error_code()), (400, code), "{:?}", answer.body);
}

/// Fails when somebody can ask in another's name, or read what is only posted.
#[test]
fn only_ones_own_mailbox_asks() {
    let caller = WORLD.caller_with(0, 0, &["Mail.Read"]);
    let body = r#"{"EmailAddresses":[],"MailTipsOptions":"mailboxFullStatus"}"#;
    let other = format!("/users/{}/getMailTips", WORLD.user(0, 1).upn);
    assert_eq!(WORLD.post_as(&caller, &other, &[], body).error_code(), "ErrorAccessDenied");
    assert_eq!(WORLD.get_as(&caller, "/me/getMailTips").status, 405);
}
