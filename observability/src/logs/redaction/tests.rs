use std::borrow::Cow;

use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;

/// Of some thirty characters, as secrets are.
const SECRET: &str = "s3cr3t-zEbra.c4nary_7f3a~Xyz+09";
const JWT: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl";

fn line(message: &str) -> String {
    let clean = redacted_line(
        json!({ "level": "TRACE", "message": message, "target": "a::b" }).to_string().as_bytes(),
    )
    .into_owned();
    let line: Value = serde_json::from_slice(&clean).unwrap();
    assert_eq!((&line["level"], &line["target"]), (&json!("TRACE"), &json!("a::b")), "{line}");
    line["message"].as_str().unwrap().to_owned()
}

/// If this failed, whoever turns up the level of a library would find users' tokens and the service's own credential in the
/// log.
#[rstest]
#[case::header("authorization: Bearer SECRET")]
#[case::header_in_capitals("Authorization: BEARER SECRET")]
#[case::of_a_proxy("Proxy-Authorization: Basic SECRET")]
#[case::scheme_alone("sending Bearer SECRET to Graph")]
#[case::scheme_encoded("next?auth=Bearer%20SECRET")]
#[case::map_of_headers(r#"{"host": "a", "authorization": "Bearer SECRET", "accept": "b"}"#)]
#[case::list_of_headers(r#"[("cookie", "session=SECRET"), ("accept", "b")]"#)]
#[case::cookies("set-cookie: session=\"SECRET\"; Path=/; HttpOnly")]
#[case::form("grant_type=x&client_secret=SECRET&scope=y")]
#[case::assertions("client_assertion=SECRET&assertion=SECRET&requested_token_use=on_behalf_of")]
#[case::code("GET /back?code=SECRET&session=1")]
#[case::code_verifier("code_verifier=SECRET")]
#[case::answer_of_entra(r#"{"token_type":"Bearer","access_token":"SECRET","refresh_token":"SECRET"}"#)]
#[case::answer_quoted_twice(r#"body: "{\"access_token\":\"SECRET\"}""#)]
#[case::field_of_a_struct(r#"Lease { token: Some("SECRET"), scopes: 3 }"#)]
#[case::single_quotes("password='SECRET'")]
#[case::jwt("looked at JWT and found nothing")]
#[case::jwt_in_a_path("/tokens/JWT/revoke")]
#[case::query("GET https://graph.microsoft.com/v1.0/me/messages?$search=SECRET HTTP/1.1")]
#[case::signature("https://contoso.sharepoint.com/download.aspx?tempauth=SECRET&sig=SECRET")]
#[case::user_in_an_address("proxy http://ada:SECRET@proxy.example:8080/")]
fn a_secret_is_taken_out_of_any_message(#[case] message: &str) {
    let message = message.replace("SECRET", SECRET).replace("JWT", JWT);
    let clean = line(&message);
    assert!(clean.contains("[redacted]"), "{clean}");
    let plain = redacted_text(&message);
    for clean in [&*clean, &*plain] {
        assert!(!clean.contains("zEbra") && !clean.contains("c2lnbmF0"), "{clean}");
    }
}

/// If this failed, operators would look for what is wrong in lines that say nothing.
#[rstest]
#[case::our_call(
    r#"{"message":"call completed","call.code":"throttled","jsonrpc.code":-32602,"graph.code":"Forbidden"}"#
)]
#[case::our_credential(r#"{"message":"credential reloaded","credential.kind":"secret","credential.problem":"/run/secret: is empty"}"#)]
#[case::our_refusal(
    r#"{"call.reason":"invalid_token","token.reason":"expired","error.reason":"the access token: expired"}"#
)]
#[case::names_at_the_end(r#"{"message":"no password","kind":"authorization","next":"cookie"}"#)]
#[case::a_backslash_at_the_end(r#"{"message":"no authorization\\","z":"end"}"#)]
#[case::nothing_behind(r#"{"message":"password=","level":"INFO"}"#)]
#[case::numbers(r#"{"password":7,"code":404,"token":null,"message":"code=404"}"#)]
#[case::sentence(r#"{"message":"Bearer authentication is wanted; basic or bearer tokens will do"}"#)]
#[case::address(r#"{"message":"connected to https://login.microsoftonline.com/common/discovery"}"#)]
#[case::type_of_an_assertion(r#"{"message":"client_assertion_type=urn:ietf:params"}"#)]
fn what_is_no_secret_stays(#[case] line: &str) {
    assert!(
        matches!(redacted_line(line.as_bytes()), Cow::Borrowed(_)),
        "{:?}",
        redacted_line(line.as_bytes())
    );
}

/// If this failed, the fields of other libraries' events would be written as they are.
#[rstest]
#[case::authorization("authorization")]
#[case::dotted("headers.authorization")]
#[case::dashed("set-cookie")]
#[case::token("token")]
#[case::code("code")]
fn a_field_is_known_by_its_name(#[case] name: &str) {
    assert!(is_secret_name(name));
    let clean =
        redacted_line(json!({ "level": "INFO", name: "x", "z": "y" }).to_string().as_bytes()).into_owned();
    let clean: Value = serde_json::from_slice(&clean).unwrap();
    assert_eq!(clean, json!({ "level": "INFO", name: "[redacted]", "z": "y" }));
}

#[rstest]
#[case::ours("graph.code")]
#[case::reason("token.reason")]
#[case::part_of_a_word("unauthorization")]
fn another_field_is_not(#[case] name: &str) {
    assert!(!is_secret_name(name));
}

proptest! {
    /// If this failed, a line could be broken by what somebody has put into a message: no machine would read it any more.
    #[test]
    fn a_line_stays_json_with_its_fields(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "authorization", "cookie", "token", "code", "secret", ":", "=", "\"", "\\", "'", "\\\"", " ", "Some(",
                "Bearer ", "eyJ", "a1b2c3d4e5f6g7h8i9j0k1", "://", "?", "&", "\n", ",", "ü", "{", "}",
            ]),
            0..24,
        ),
        again in 0..3,
    ) {
        let mut message = parts.concat();
        for _ in 0..again {
            message = format!("{message:?}");
        }
        let text = json!({ "a": 1, "message": message, "z": "end" }).to_string();
        let clean = redacted_line(text.as_bytes()).into_owned();
        let clean: Value = serde_json::from_slice(&clean).map_err(|error| {
            TestCaseError::fail(format!("{error}: {text} became {}", String::from_utf8_lossy(&clean)))
        })?;
        prop_assert_eq!(clean.as_object().unwrap().len(), 3);
        prop_assert_eq!(&clean["z"], "end");
        let _no_panic = redacted_text(&message);
    }
}
