//! Writes the description of the API to standard output: `make openapi` keeps it in `docs/openapi.json`.

use std::io::{Write as _, stdout};

fn main() -> std::io::Result<()> {
    stdout().write_all(web::openapi().as_bytes())
}
