//! Bodies of every kind, legal or not.

use rstest::rstest;

use super::*;

fn in_version(version: &str) -> TransportHeaders<'_> {
    TransportHeaders { protocol_version: HeaderField::Value(version), ..TransportHeaders::default() }
}

fn deep(depth: usize) -> String {
    // The message and its params are two levels themselves.
    let inner = depth - 2;
    format!(
        r#"{{"jsonrpc":"2.0","id":7,"method":"ping","params":{{"x":{}{}}}}}"#,
        "[".repeat(inner),
        "]".repeat(inner)
    )
}

/// If this failed, a client would learn something else about its broken message than what is wrong, or not get its
/// own id back.
#[rstest]
#[case::empty("", -32700, None)]
#[case::white_space(" \n", -32700, None)]
#[case::cut_off(r#"{"jsonrpc":"2.0","id":7"#, -32700, None)]
#[case::trailing_text(r#"{"jsonrpc":"2.0","id":7,"method":"ping"} x"#, -32700, None)]
#[case::byte_order_mark("\u{feff}{}", -32700, None)]
#[case::broken_batch("[{]", -32700, None)]
#[case::twice_and_broken(r#"{"id":7,"id":7,}"#, -32700, None)]
#[case::too_deep(&deep(65), -32700, None)]
#[case::batch(r#"[{"jsonrpc":"2.0","id":7,"method":"ping"}]"#, -32600, None)]
#[case::empty_batch("[]", -32600, None)]
#[case::string(r#""ping""#, -32600, None)]
#[case::number("7", -32600, None)]
#[case::null("null", -32600, None)]
#[case::id_null(r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600, None)]
#[case::id_boolean(r#"{"jsonrpc":"2.0","id":true,"method":"ping"}"#, -32600, None)]
#[case::id_array(r#"{"jsonrpc":"2.0","id":[7],"method":"ping"}"#, -32600, None)]
#[case::response(r#"{"jsonrpc":"2.0","id":7,"result":{}}"#, -32600, None)]
#[case::error_response(r#"{"jsonrpc":"2.0","id":7,"error":{"code":1,"message":""}}"#, -32600, None)]
#[case::request_and_response(r#"{"jsonrpc":"2.0","id":7,"method":"ping","result":null}"#, -32600, Some(7))]
#[case::request_and_null_error(r#"{"jsonrpc":"2.0","id":7,"method":"ping","error":null}"#, -32600, Some(7))]
#[case::no_version(r#"{"id":7,"method":"ping"}"#, -32600, Some(7))]
#[case::other_version(r#"{"jsonrpc":"1.0","id":7,"method":"ping"}"#, -32600, Some(7))]
#[case::version_number(r#"{"jsonrpc":2.0,"id":7,"method":"ping"}"#, -32600, Some(7))]
#[case::no_method(r#"{"jsonrpc":"2.0","id":7}"#, -32600, Some(7))]
#[case::method_number(r#"{"jsonrpc":"2.0","id":7,"method":7}"#, -32600, Some(7))]
#[case::method_with_lone_surrogate(r#"{"jsonrpc":"2.0","id":7,"method":"\ud800"}"#, -32600, Some(7))]
#[case::params_array(r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":[]}"#, -32602, Some(7))]
#[case::params_text(r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":"x"}"#, -32602, Some(7))]
#[case::meta_text(r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":{"_meta":"x"}}"#, -32602, Some(7))]
#[case::meta_array(r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":{"_meta":[]}}"#, -32602, Some(7))]
#[tokio::test]
async fn a_malformed_message_is_a_bad_request(
    #[case] body: &str,
    #[case] code: i64,
    #[case] id: Option<i64>,
) {
    let (status, reply, answer) = answer(body, &LEGACY, &Host::default()).await;
    assert_eq!((status, reply["error"]["code"].as_i64()), (400, Some(code)));
    assert_eq!(reply.get("id").map(Value::as_i64), id.map(Some), "{reply}");
    assert_eq!(i64::from(code_of(&answer)), code);
}

/// If this failed, two readers of one message could believe different ones of two equal members. The id is not told
/// apart either, so that no answer carries one.
#[rstest]
#[case::jsonrpc(r#""jsonrpc":"2.0","jsonrpc":"2.0","id":7,"method":"ping""#, true)]
#[case::id(r#""jsonrpc":"2.0","id":7,"id":7,"method":"ping""#, true)]
#[case::id_with_another_value(r#""jsonrpc":"2.0","id":7,"id":8,"method":"ping""#, true)]
#[case::id_null_and_good(r#""jsonrpc":"2.0","id":null,"id":7,"method":"ping""#, true)]
#[case::id_in_disguise(r#""jsonrpc":"2.0","id":7,"\u0069d":8,"method":"ping""#, true)]
#[case::method(r#""jsonrpc":"2.0","id":7,"method":"ping","method":"ping""#, true)]
#[case::method_of_a_notification(
    r#""jsonrpc":"2.0","method":"notifications/a","method":"notifications/b""#,
    true
)]
#[case::params(r#""jsonrpc":"2.0","id":7,"method":"ping","params":{},"params":{}"#, true)]
#[case::params_null(r#""jsonrpc":"2.0","id":7,"method":"ping","params":null,"params":null"#, true)]
#[case::result(r#""jsonrpc":"2.0","id":7,"result":{},"result":{}"#, true)]
#[case::error(r#""jsonrpc":"2.0","id":7,"error":{},"error":{}"#, true)]
#[case::unknown(r#""jsonrpc":"2.0","id":7,"method":"ping","extra":1,"extra":2"#, false)]
#[case::of_another_case(r#""jsonrpc":"2.0","id":7,"method":"ping","ID":8,"Id":9,"METHOD":"x""#, false)]
#[case::nameless(r#""jsonrpc":"2.0","id":7,"method":"ping","":1,"":2"#, false)]
#[tokio::test]
async fn a_member_that_is_read_is_there_once_and_any_other_as_often_as_it_likes(
    #[case] members: &str,
    #[case] refused: bool,
) {
    let (status, reply, _) = answer(&format!("{{{members}}}"), &LEGACY, &Host::default()).await;
    let expected = if refused { (400, Some(-32600), None) } else { (200, None, Some(7)) };
    let id = reply.get("id").and_then(Value::as_i64);
    assert_eq!((status, reply["error"]["code"].as_i64(), id), expected, "{reply}");
}

/// The same one and two levels below, where the id is known. Only here the status says how far reading came.
#[rstest]
#[case::name(r#""name":"a","name":"a""#, true)]
#[case::in_disguise(r#""name":"a","n\u0061me":"b""#, true)]
#[case::of_another_method(r#""uri":"a","uri":"b""#, true)]
#[case::meta(r#""_meta":{},"_meta":{}"#, true)]
#[case::declared_version(
    r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2025-11-25","io.modelcontextprotocol/protocolVersion":"2026-07-28"}"#,
    true
)]
#[case::progress_token(r#""_meta":{"progressToken":1,"progressToken":2}"#, true)]
#[case::unknown(r#""extra":1,"extra":2"#, false)]
#[case::unknown_in_meta(r#""_meta":{"extra":1,"extra":2}"#, false)]
#[tokio::test]
async fn a_param_that_is_read_is_there_once_and_any_other_as_often_as_it_likes(
    #[case] members: &str,
    #[case] refused: bool,
) {
    let body = format!(r#"{{"jsonrpc":"2.0","id":7,"method":"ping","params":{{{members}}}}}"#);
    let (status, reply, _) = answer(&body, &LEGACY, &Host::default()).await;
    let expected = if refused { (400, Some(-32602), Some(7)) } else { (200, None, Some(7)) };
    assert_eq!((status, reply["error"]["code"].as_i64(), reply["id"].as_i64()), expected, "{reply}");
}

fn code_of(answer: &Answer) -> i32 {
    answer.outcome.jsonrpc_code().unwrap_or(0)
}

/// If this failed, bytes that are no text would be read as some text.
#[tokio::test]
async fn a_body_that_is_not_utf_8_is_malformed() {
    let body = b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\",\"x\":\"\xff\"}";
    let answer = exchange(body, &LEGACY, &Host::default()).await.unwrap();
    assert_eq!(code_of(&answer), -32700);
}

/// If this failed, a message of a legal depth or with legal extras would be refused.
#[rstest]
#[case::as_deep_as_may_be(&deep(64))]
#[case::unknown_member(r#"{"jsonrpc":"2.0","id":7,"method":"ping","extra":[1,2]}"#)]
#[case::params_null(r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":null}"#)]
#[case::meta_null(r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":{"_meta":null}}"#)]
#[case::escapes(r#"{"\u006asonrpc":"2\u002e0","id":7,"method":"p\u0069ng"}"#)]
#[case::white_space(" \t\r\n{ \"jsonrpc\" : \"2.0\" , \"id\" : 7 , \"method\" : \"ping\" } \n")]
#[tokio::test]
async fn a_well_formed_ping_is_answered(#[case] body: &str) {
    let (status, reply, _) = answer(body, &LEGACY, &Host::default()).await;
    assert_eq!((status, reply), (200, json!({ "jsonrpc": "2.0", "id": 7, "result": {} })));
}

/// If this failed, a client could not match an answer to its request.
#[rstest]
#[case::integer("7")]
#[case::zero("0")]
#[case::negative("-1")]
#[case::fractional("1.50")]
#[case::exponent("1E400")]
#[case::beyond_64_bits("123456789012345678901234567890")]
#[case::text(r#""a""#)]
#[case::empty_text(r#""""#)]
#[case::escapes_as_written(r#""\u0041\/\ud83d\ude00é""#)]
#[case::looks_like_null(r#""null""#)]
#[tokio::test]
async fn an_id_comes_back_byte_for_byte(#[case] id: &str) {
    let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
    let answer = exchange(body.as_bytes(), &LEGACY, &Host::default()).await.unwrap();
    let expected = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#);
    assert_eq!(String::from_utf8(answer.body.into_vec()).unwrap(), expected);
}

/// If this failed, a notification would get an answer that nobody waits for, or be carried out as a request.
#[rstest]
#[case::initialized("notifications/initialized", LEGACY)]
#[case::cancelled("notifications/cancelled", LEGACY)]
#[case::unknown("notifications/whatever", modern("notifications/whatever"))]
#[case::a_request_without_an_id("tools/call", LEGACY)]
#[case::a_header_of_the_other_era("notifications/cancelled", TransportHeaders { method: HeaderField::Value("ping"), ..LEGACY })]
#[case::mirrored("notifications/cancelled", modern("notifications/cancelled"))]
#[case::without_any_header("notifications/initialized", TransportHeaders::default())]
#[tokio::test]
async fn a_notification_is_accepted_and_does_nothing(
    #[case] method: &str,
    #[case] headers: TransportHeaders<'_>,
) {
    let body = json!({ "jsonrpc": "2.0", "method": method, "params": { "name": "about" } }).to_string();
    let host = Host::default();
    assert!(exchange(body.as_bytes(), &headers, &host).await.is_none());
    assert!(host.ran.borrow().is_empty());
}

const MODERN_META: &str = r#"{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}"#;

/// If this failed, a proxy that routes by headers and this server would disagree on what a notification is.
#[rstest]
#[case::lying_method(modern("notifications/other"), "{}", -32020)]
#[case::unknown_version(in_version("2099-01-01"), "{}", -32022)]
#[case::params_array(MODERN, "[]", -32602)]
#[case::no_method_header(MODERN, "{}", -32020)]
#[case::modern_without_any_header(TransportHeaders::default(), MODERN_META, -32020)]
#[case::legacy_header_over_a_modern_body(LEGACY, MODERN_META, -32020)]
#[tokio::test]
async fn a_notification_that_can_not_be_accepted_is_a_bad_request_without_an_id(
    #[case] headers: TransportHeaders<'_>,
    #[case] params: &str,
    #[case] code: i64,
) {
    let body = format!(r#"{{"jsonrpc":"2.0","method":"notifications/x","params":{params}}}"#);
    let (status, reply, _) = answer(&body, &headers, &Host::default()).await;
    assert_eq!((status, reply["error"]["code"].as_i64(), reply.get("id")), (400, Some(code), None));
}
