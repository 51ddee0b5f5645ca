//! A network that allows certain tenants alone.

use reqwest::StatusCode;
use rstest::rstest;
use serde_json::json;

use crate::world::{World, send};

const HEADER: &str = "x-m365-connector-allowed-tenants";

/// If this failed, a network's rule would not hold, or would keep its own people out. `{ours}` and `{domain}` are the
/// caller's tenant.
#[rstest]
#[case::no_header(&[], None)]
#[case::by_id(&["{ours}"], None)]
#[case::by_domain(&["{domain}"], None)]
#[case::in_a_list(&["{other}, {ours}"], None)]
#[case::twice_the_same(&["{ours}", "{domain},{other}"], None)]
#[case::other_tenant(&["{other}"], Some("tenant_restricted"))]
#[case::client_adds_its_own(&["{ours}", "{other}"], Some("tenant_restricted"))]
#[case::client_comes_first(&["{other}", "{ours}"], Some("tenant_restricted"))]
#[case::empty(&[""], Some("tenant_restriction_malformed"))]
#[case::empty_beside_a_good_one(&["{ours}", ""], Some("tenant_restriction_malformed"))]
#[case::wildcard(&["*"], Some("tenant_restriction_malformed"))]
#[case::not_ascii(&["{ours},\u{fc}"], Some("tenant_restriction_malformed"))]
#[case::half_a_list(&["{ours},"], Some("tenant_restriction_malformed"))]
#[actix_web::test]
async fn a_network_lets_its_own_tenants_through(#[case] values: &[&str], #[case] refused: Option<&str>) {
    let world = World::start().await;
    let tenants = &world.stage.simulator.directory().tenants;
    let token = world.token(&world.person(0, 0)).await;
    let mut request = world.modern(&token, "tools/list", json!({}));
    for value in values {
        let value = value
            .replace("{ours}", &tenants[0].id.to_string())
            .replace("{domain}", &tenants[0].domain)
            .replace("{other}", &tenants[1].id.to_string());
        request = request.header(HEADER, value.as_bytes());
    }
    let answer = send(request).await;
    let Some(code) = refused else {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        return;
    };
    assert_eq!((answer.status, answer.json()["error"].as_str()), (StatusCode::FORBIDDEN, Some(code)));
    assert_eq!(answer.header("www-authenticate"), "", "a new sign-in would change nothing");
    assert_eq!(world.exchanges().await, 0, "what is refused costs no exchange");
}

/// If this failed, people on such a network could not even sign in to the tenant that they may use.
#[rstest]
#[case::resource("/.well-known/oauth-protected-resource/mcp", StatusCode::OK)]
#[case::facade("/.well-known/oauth-authorization-server", StatusCode::OK)]
#[case::the_way_there("/mcp", StatusCode::UNAUTHORIZED)]
#[actix_web::test]
async fn the_way_to_the_sign_in_stays_open(#[case] path: &str, #[case] expected: StatusCode) {
    let world = World::start().await;
    let address = format!("http://{}{path}", world.stage.connector.public_address());
    let request = if path == "/mcp" { world.http.post(address) } else { world.http.get(address) };
    assert_eq!(send(request.header(HEADER, "fabrikam.example")).await.status, expected);
}

/// If this failed, the operator's choice of another name, or of none, would not count.
#[rstest]
#[case::another_name("X-Contoso-Tenants", "x-contoso-tenants", StatusCode::FORBIDDEN)]
#[case::the_usual_name_is_off_then("X-Contoso-Tenants", HEADER, StatusCode::OK)]
#[case::off("", HEADER, StatusCode::OK)]
#[actix_web::test]
async fn the_operator_names_the_header(
    #[case] setting: &str,
    #[case] sent: &str,
    #[case] expected: StatusCode,
) {
    let restriction = setting.parse().unwrap();
    let world = World::start_with(|settings| settings.http.tenant_restriction = restriction).await;
    let token = world.token(&world.person(0, 0)).await;
    let request = world.modern(&token, "tools/list", json!({})).header(sent, "fabrikam.example");
    assert_eq!(send(request).await.status, expected);
}
