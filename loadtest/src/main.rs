//! `make bench`: what the connector costs beside a bare pass-through, in one run on one machine.

mod bench;
mod child;
mod figures;
mod load;
mod roles;
mod scenario;
mod tokens;

use std::io::Write;
use std::process::ExitCode;

use mimalloc::MiMalloc;

/// The connector's own, for everything that is measured.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const USAGE: &str =
    "usage: m365-loadtest bench | upstream | connector URL WORKERS | passthrough URL TOKEN WORKERS";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = actix_web::rt::System::new().block_on(async {
        match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["bench"] => bench::run().await,
            ["upstream"] => roles::upstream().await,
            ["connector", url, workers] => roles::connector(url, workers.parse()?).await,
            ["passthrough", url, token, workers] => {
                roles::passthrough((*url).to_owned(), (*token).to_owned(), workers.parse()?).await
            }
            _ => Err(USAGE.into()),
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            drop(writeln!(std::io::stderr(), "{error}"));
            ExitCode::FAILURE
        }
    }
}
