//! The control API under `/_sim`: stable, for tests and people. It is described in the crate's `README.md`.

mod accounts;
mod applications;
mod directory;
mod fault;
mod federation;
mod input;
mod json;
mod keys;
mod policies;
mod registration;
mod tenants;
mod throttling;
mod token;

use actix_web::body::MessageBody;
use actix_web::dev::{HttpServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, Data, Path, Payload, ServiceConfig};
use actix_web::{Error, HttpRequest, HttpResponse, Resource, Route, guard};
use serde_json::{Map, Value, json};

use crate::body;
use crate::directory::{Directory, Principal};
use crate::entra::AccessPolicy;
use crate::faults::FaultOrder;
use crate::graph::TenantPolicy;
use crate::message::Answer;
use crate::throttling::Settings;
use crate::world::World;
pub(crate) use accounts::AccountChange;
pub(crate) use applications::ApplicationOrder;
use input::Input;
pub(crate) use input::InputError;

/// Who is changed and how, as `POST /_sim/users/{user}` takes it, with the fields `tenant` and `user`.
pub(crate) fn account_of(
    directory: &Directory,
    fields: Map<String, Value>,
) -> Result<(Principal, AccountChange), InputError> {
    accounts::change_of(directory, Input::of(fields))
}

/// An application, as `POST /_sim/applications` takes it.
pub(crate) fn application_of(
    directory: &Directory,
    fields: Map<String, Value>,
) -> Result<ApplicationOrder, InputError> {
    applications::read(directory, Input::of(fields))
}

/// A fault, as `POST /_sim/faults` takes it.
pub(crate) fn fault_of(directory: &Directory, fields: Map<String, Value>) -> Result<FaultOrder, InputError> {
    fault::parse(directory, Input::of(fields))
}

/// Throttling, as `POST /_sim/throttling` takes it; nothing where it is switched off.
pub(crate) fn throttling_of(fields: Map<String, Value>) -> Result<Option<Settings>, InputError> {
    throttling::read(Settings::default(), Input::of(fields))
}

/// What a tenant's administrators demand and allow, as `POST /_sim/tenants/{tenant}/policies` and
/// `POST /_sim/tenants/{tenant}` take it; what is not named is as usual.
pub(crate) fn demands_of(fields: Map<String, Value>) -> Result<(AccessPolicy, TenantPolicy), InputError> {
    let mut input = Input::of(fields);
    let (mut access, mut tenant) = (AccessPolicy::default(), TenantPolicy::default());
    policies::read(&mut input, &mut access)?;
    tenants::read(&mut input, &mut tenant)?;
    input.end()?;
    Ok((access, tenant))
}

/// Everything under `/_sim`.
pub(crate) fn scope() -> impl HttpServiceFactory {
    web::scope("/_sim").configure(routes).wrap(from_fn(told_no_more_than_read))
}

/// Paths whose GET takes parameters.
const WITH_PARAMETERS: [&str; 2] = ["/_sim/directory", "/_sim/requests"];

/// Refuses what nobody would read: parameters where there are none, and the body of a DELETE, which clears everything
/// whatever it is told.
async fn told_no_more_than_read(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    match unread(&request) {
        Some(error) => {
            let refused = failure(error.status(), &error.to_string()).into_http();
            Ok(request.into_response(refused).map_into_boxed_body())
        }
        None => Ok(next.call(request).await?.map_into_boxed_body()),
    }
}

fn unread(request: &ServiceRequest) -> Option<InputError> {
    let reads = *request.method() == Method::GET || *request.method() == Method::HEAD;
    if !(reads && WITH_PARAMETERS.contains(&request.path()))
        && let Err(error) = Input::query(request.query_string(), &[])
    {
        return Some(error);
    }
    let headers = request.headers();
    let has_body = headers.contains_key(header::TRANSFER_ENCODING)
        || headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0");
    (*request.method() == Method::DELETE && has_body).then_some(InputError::BodyOfDelete)
}

fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/directory", "GET, HEAD").route(read().to(show_directory)))
        .service(
            resource("/registration", "GET, HEAD, POST")
                .route(read().to(show_registration))
                .route(web::post().to(add_app_id_uri)),
        )
        .service(resource("/token", "POST").route(web::post().to(mint_token)))
        .service(
            resource("/requests", "GET, HEAD, POST, DELETE")
                .route(read().to(list_requests))
                .route(web::post().to(switch_recording))
                .route(web::delete().to(forget_requests)),
        )
        .service(resource("/writes", "GET, HEAD").route(read().to(count_writes)))
        .service(
            resource("/faults", "GET, HEAD, POST, DELETE")
                .route(read().to(list_faults))
                .route(web::post().to(add_fault))
                .route(web::delete().to(clear_faults)),
        )
        .service(resource("/faults/{fault}", "DELETE").route(web::delete().to(remove_fault)))
        .service(
            resource("/throttling", "GET, HEAD, POST, DELETE")
                .route(read().to(show_throttling))
                .route(web::post().to(change_throttling))
                .route(web::delete().to(end_throttling)),
        )
        .service(
            resource("/keys", "GET, HEAD, POST, DELETE")
                .route(read().to(list_keys))
                .route(web::post().to(change_keys))
                .route(web::delete().to(reset_keys)),
        )
        .service(
            resource("/tenants/{tenant}", "GET, HEAD, POST")
                .route(read().to(show_tenant))
                .route(web::post().to(change_tenant)),
        )
        .service(
            resource("/tenants/{tenant}/policies", "GET, HEAD, POST, DELETE")
                .route(read().to(show_policies))
                .route(web::post().to(change_policies))
                .route(web::delete().to(clear_policies)),
        )
        .service(resource("/users/{user}", "POST").route(web::post().to(change_account)))
        .service(resource("/users/{user}/revocations", "POST").route(web::post().to(revoke)))
        .service(
            resource("/federated-credentials", "GET, HEAD, POST, DELETE")
                .route(read().to(show_federation))
                .route(web::post().to(add_federated_credential))
                .route(web::delete().to(clear_federation)),
        )
        .service(
            resource("/applications", "GET, HEAD, POST, DELETE")
                .route(read().to(list_applications))
                .route(web::post().to(add_application))
                .route(web::delete().to(clear_applications)),
        )
        .service(
            resource("/applications/{application}", "DELETE").route(web::delete().to(remove_application)),
        )
        .default_service(web::to(not_found));
}

/// A resource that answers every method but the `allowed` ones with 405. The list must be that of its routes.
fn resource(path: &str, allowed: &'static str) -> Resource {
    web::resource(path).default_service(web::to(move || async move {
        let error = format!("this method is not for this path, which takes {allowed}");
        failure(405, &error).header("Allow", allowed).into_http()
    }))
}

/// GET, and HEAD, whose answer goes out without its body.
fn read() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

fn answer(result: Result<Value, InputError>) -> HttpResponse {
    match result {
        Ok(body) => Answer::json(200, &body).into_http(),
        Err(error) => failure(error.status(), &error.to_string()).into_http(),
    }
}

fn failure(status: u16, error: &str) -> Answer {
    Answer::json(status, &json!({ "error": error }))
}

fn done() -> HttpResponse {
    HttpResponse::new(StatusCode::NO_CONTENT)
}

async fn not_found() -> HttpResponse {
    failure(404, "the control API has no such path").into_http()
}

/// The fields of a request's JSON object.
async fn input(payload: Payload) -> Result<Input, InputError> {
    Input::parse(&body::read(payload).await?)
}

async fn show_directory(request: HttpRequest, world: Data<World>) -> HttpResponse {
    answer(directory::show(&world.directory, request.query_string()))
}

async fn show_registration(http: HttpRequest, world: Data<World>) -> HttpResponse {
    answer(Ok(registration::show(&world, world.origins.of(&http))))
}

async fn add_app_id_uri(http: HttpRequest, payload: Payload, world: Data<World>) -> HttpResponse {
    answer(input(payload).await.and_then(|input| registration::add(&world, world.origins.of(&http), input)))
}

async fn mint_token(http: HttpRequest, payload: Payload, world: Data<World>) -> HttpResponse {
    answer(input(payload).await.and_then(|input| token::mint(&world, world.origins.of(&http), input)))
}

async fn show_tenant(tenant: Path<String>, world: Data<World>) -> HttpResponse {
    answer(tenants::show(&world, &tenant))
}

async fn change_tenant(tenant: Path<String>, payload: Payload, world: Data<World>) -> HttpResponse {
    answer(input(payload).await.and_then(|input| tenants::change(&world, &tenant, input)))
}

async fn list_requests(request: HttpRequest, world: Data<World>) -> HttpResponse {
    let most = Input::query(request.query_string(), &["last"]).and_then(|fields| {
        let Some(last) = fields.get("last") else { return Ok(usize::MAX) };
        last.parse().map_err(|_| InputError::Wrong { field: "last", expected: "a whole number" })
    });
    answer(most.map(|most| world.record.to_json(most)))
}

async fn forget_requests(world: Data<World>) -> HttpResponse {
    world.record.forget();
    done()
}

async fn switch_recording(payload: Payload, world: Data<World>) -> HttpResponse {
    let wanted = input(payload).await.and_then(|mut input| {
        let recording = input.required("recording", Input::flag)?;
        input.end()?;
        Ok(recording)
    });
    answer(wanted.map(|recording| {
        world.record.switch(recording);
        json!({ "recording": recording })
    }))
}

async fn count_writes(world: Data<World>) -> HttpResponse {
    answer(Ok(json!({ "writes_refused": world.refused_writes.count() })))
}

async fn list_faults(world: Data<World>) -> HttpResponse {
    answer(Ok(world.faults.to_json()))
}

async fn add_fault(payload: Payload, world: Data<World>) -> HttpResponse {
    let order = input(payload).await.and_then(|input| fault::parse(&world.directory, input));
    answer(order.map(|order| json!({ "id": world.faults.add(order).to_string() })))
}

async fn clear_faults(world: Data<World>) -> HttpResponse {
    world.faults.clear();
    done()
}

async fn remove_fault(fault: Path<String>, world: Data<World>) -> HttpResponse {
    match fault.parse() {
        Ok(id) if world.faults.remove(id) => done(),
        _ => failure(404, "no fault in force has this id").into_http(),
    }
}

async fn show_throttling(world: Data<World>) -> HttpResponse {
    answer(Ok(throttling::show(&world.throttle)))
}

async fn change_throttling(payload: Payload, world: Data<World>) -> HttpResponse {
    answer(input(payload).await.and_then(|input| throttling::change(&world.throttle, input)))
}

async fn end_throttling(world: Data<World>) -> HttpResponse {
    world.throttle.switch(None);
    done()
}

async fn list_keys(http: HttpRequest, world: Data<World>) -> HttpResponse {
    answer(Ok(keys::show(&world, world.origins.of(&http))))
}

async fn change_keys(http: HttpRequest, payload: Payload, world: Data<World>) -> HttpResponse {
    answer(input(payload).await.and_then(|input| keys::change(&world, world.origins.of(&http), input)))
}

async fn reset_keys(world: Data<World>) -> HttpResponse {
    keys::reset(&world);
    done()
}

async fn show_policies(tenant: Path<String>, world: Data<World>) -> HttpResponse {
    answer(policies::show(&world, &tenant))
}

async fn change_policies(tenant: Path<String>, payload: Payload, world: Data<World>) -> HttpResponse {
    answer(input(payload).await.and_then(|input| policies::change(&world, &tenant, input)))
}

async fn clear_policies(tenant: Path<String>, world: Data<World>) -> HttpResponse {
    match policies::clear(&world, &tenant) {
        Ok(()) => done(),
        Err(error) => answer(Err(error)),
    }
}

async fn change_account(user: Path<String>, payload: Payload, world: Data<World>) -> HttpResponse {
    answer(input(payload).await.and_then(|input| accounts::change(&world, &user, input)))
}

async fn revoke(user: Path<String>, payload: Payload, world: Data<World>) -> HttpResponse {
    answer(input(payload).await.and_then(|input| accounts::revoke(&world, &user, input)))
}

async fn show_federation(http: HttpRequest, world: Data<World>) -> HttpResponse {
    answer(Ok(federation::show(&world, world.origins.of(&http))))
}

async fn add_federated_credential(http: HttpRequest, payload: Payload, world: Data<World>) -> HttpResponse {
    answer(input(payload).await.and_then(|input| federation::add(&world, world.origins.of(&http), input)))
}

async fn clear_federation(world: Data<World>) -> HttpResponse {
    world.entra.federation().clear();
    done()
}

async fn list_applications(world: Data<World>) -> HttpResponse {
    answer(Ok(applications::list(&world)))
}

async fn add_application(payload: Payload, world: Data<World>) -> HttpResponse {
    answer(input(payload).await.and_then(|input| applications::add(&world, input)))
}

async fn remove_application(application: Path<String>, world: Data<World>) -> HttpResponse {
    if applications::remove(&world, &application) {
        return done();
    }
    failure(404, "no registered application has this id").into_http()
}

async fn clear_applications(world: Data<World>) -> HttpResponse {
    applications::clear(&world);
    done()
}
