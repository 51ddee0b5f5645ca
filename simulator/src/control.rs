//! The control API under `/_sim`: stable, for tests and people. It is described in the crate's `README.md`.

mod fault;
mod input;
mod token;

use actix_web::web::{self, Bytes, Data, ServiceConfig};
use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Value, json};

use crate::message::Answer;
use crate::world::World;
use input::{Input, InputError};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/directory", web::get().to(directory))
        .route("/token", web::post().to(mint_token))
        .service(
            web::resource("/requests")
                .route(web::get().to(list_requests))
                .route(web::post().to(switch_recording))
                .route(web::delete().to(forget_requests)),
        )
        .service(
            web::resource("/faults")
                .route(web::get().to(list_faults))
                .route(web::post().to(add_fault))
                .route(web::delete().to(clear_faults)),
        )
        .default_service(web::to(not_found));
}

fn answer(result: Result<Value, InputError>) -> HttpResponse {
    match result {
        Ok(body) => Answer::json(200, &body).into_http(),
        Err(error) => Answer::json(400, &json!({ "error": error.to_string() })).into_http(),
    }
}

fn done() -> HttpResponse {
    HttpResponse::new(StatusCode::NO_CONTENT)
}

async fn not_found() -> HttpResponse {
    Answer::json(404, &json!({ "error": "the control API has no such path" })).into_http()
}

async fn directory(world: Data<World>) -> HttpResponse {
    let directory = &world.directory;
    let tenants: Vec<Value> = directory
        .tenants
        .iter()
        .map(|tenant| {
            let users: Vec<Value> = tenant
                .users
                .iter()
                .map(|user| json!({ "id": user.id, "name": user.name, "upn": user.upn }))
                .collect();
            json!({ "id": tenant.id, "name": tenant.name, "domain": tenant.domain, "users": users })
        })
        .collect();
    let clients: Vec<Value> = directory
        .clients
        .iter()
        .map(|client| json!({ "id": client.id, "name": client.name, "redirect_uris": client.redirect_uris }))
        .collect();
    let connector = json!({ "client_id": directory.connector.client_id });
    answer(Ok(json!({ "tenants": tenants, "connector": connector, "clients": clients })))
}

async fn mint_token(body: Bytes, world: Data<World>) -> HttpResponse {
    answer(token::mint(&world, &body))
}

async fn list_requests(world: Data<World>) -> HttpResponse {
    answer(Ok(world.record.to_json()))
}

async fn forget_requests(world: Data<World>) -> HttpResponse {
    world.record.forget();
    done()
}

async fn switch_recording(body: Bytes, world: Data<World>) -> HttpResponse {
    let wanted = Input::parse(&body).and_then(|mut input| {
        let recording = input.required("recording", Input::flag)?;
        input.end()?;
        Ok(recording)
    });
    answer(wanted.map(|recording| {
        world.record.switch(recording);
        json!({ "recording": recording })
    }))
}

async fn list_faults(world: Data<World>) -> HttpResponse {
    answer(Ok(world.faults.to_json()))
}

async fn add_fault(body: Bytes, world: Data<World>) -> HttpResponse {
    let order = fault::parse(&world.directory, &body);
    answer(order.map(|order| json!({ "id": world.faults.add(order).to_string() })))
}

async fn clear_faults(world: Data<World>) -> HttpResponse {
    world.faults.clear();
    done()
}
