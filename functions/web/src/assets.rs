//! What pages load: our own style, script and picture, and htmx; addressed by what is in them, and cached for ever.

use std::io::Read as _;

use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::read::GzDecoder;
use numo_app::error::AppError;

use crate::{compress::takes_gzip, failure::Failure};

/// A file that is a part of the function, compressed.
struct Asset {
    path: &'static str,
    media_type: &'static str,
    packed: &'static [u8],
}

macro_rules! asset {
    ($constant:ident, $name:literal, $print:literal, $media_type:literal) => {
        /// Address of the file of this name.
        pub(crate) const $constant: &str = concat!("/assets/", env!($print), "/", $name);
    };
}

macro_rules! assets {
    ($($constant:ident = $name:literal, $print:literal, $media_type:literal;)+) => {
        $(asset!($constant, $name, $print, $media_type);)+

        const ASSETS: [Asset; 4] = [$(Asset {
            path: $constant,
            media_type: $media_type,
            packed: include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".gz")),
        }),+];
    };
}

assets! {
    STYLE = "console.css", "ASSET_CONSOLE_CSS", "text/css; charset=utf-8";
    SCRIPT = "console.js", "ASSET_CONSOLE_JS", "text/javascript; charset=utf-8";
    ICON = "icon.svg", "ASSET_ICON_SVG", "image/svg+xml";
    HTMX = "htmx.js", "ASSET_HTMX_JS", "text/javascript; charset=utf-8";
}

/// The licence under which htmx is used.
pub(crate) const HTMX_LICENCE: &str = include_str!(concat!(env!("OUT_DIR"), "/htmx-licence.txt"));

/// A year: another content has another address.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// One file.
pub(crate) async fn show(Path((print, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let path = format!("/assets/{print}/{name}");
    match ASSETS.iter().find(|asset| asset.path == path) {
        Some(asset) => asset.answer(&headers).unwrap_or_else(|error| Failure::from(error).into_response()),
        None => Failure::not_found("address").into_response(),
    }
}

impl Asset {
    fn answer(&self, asked: &HeaderMap) -> Result<Response, AppError> {
        let headers = [
            (header::CONTENT_TYPE, self.media_type),
            (header::CACHE_CONTROL, FOR_EVER),
            (header::VARY, "accept-encoding"),
        ];
        if takes_gzip(asked) {
            return Ok((headers, [(header::CONTENT_ENCODING, "gzip")], self.packed).into_response());
        }
        let mut plain = Vec::new();
        let read = GzDecoder::new(self.packed).read_to_end(&mut plain);
        read.map_err(|error| AppError::Internal(format!("{} cannot be unpacked: {error}", self.path)))?;
        Ok((StatusCode::OK, headers, plain).into_response())
    }
}
