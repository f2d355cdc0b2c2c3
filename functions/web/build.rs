//! Packs what the console's pages load: our own files, and htmx from the npm registry by the lock file.
#![expect(clippy::disallowed_methods, reason = "cargo tells a build script in variables where it is")]

use std::{
    env,
    error::Error,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use flate2::{Compression, write::GzEncoder};

/// Files of ours, in `assets/`.
const OURS: [&str; 3] = ["console.css", "console.js", "icon.svg"];

fn main() -> Result<(), Box<dyn Error>> {
    let from = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("assets");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo:rerun-if-changed=build.rs");
    for name in OURS.iter().chain(&["package.json", "package-lock.json"]) {
        println!("cargo:rerun-if-changed={}", from.join(name).display());
    }
    for name in OURS {
        pack(name, &fs::read(from.join(name))?, &out)?;
    }
    let packages = npm(&from, &out)?.join("node_modules");
    pack("htmx.js", &fs::read(packages.join("htmx.org/dist/htmx.min.js"))?, &out)?;
    fs::copy(packages.join("htmx.org/LICENSE"), out.join("htmx-licence.txt"))?;
    Ok(())
}

/// Writes a file compressed, and tells the code its fingerprint.
fn pack(name: &str, bytes: &[u8], out: &Path) -> Result<(), Box<dyn Error>> {
    let mut packed = GzEncoder::new(fs::File::create(out.join(format!("{name}.gz")))?, Compression::best());
    packed.write_all(bytes)?;
    packed.finish()?;
    // FNV-1a: an address changes with what is behind it, and nobody else can put anything there.
    let print = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |print, byte| (print ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    let variable = name.replace('.', "_").to_uppercase();
    println!("cargo:rustc-env=ASSET_{variable}={print:016x}");
    Ok(())
}

/// Fetches the packages of the lock file, and runs nothing of theirs.
fn npm(from: &Path, out: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let place = out.join("npm");
    fs::create_dir_all(&place)?;
    let lock = fs::read(from.join("package-lock.json"))?;
    let installed = place.join("installed-lock.json");
    if fs::read(&installed).is_ok_and(|before| before == lock) {
        return Ok(place);
    }
    fs::copy(from.join("package.json"), place.join("package.json"))?;
    fs::write(place.join("package-lock.json"), &lock)?;
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&place);
    let ran =
        npm.output().map_err(|error| format!("npm cannot be run ({error}); install Node.js 20 or newer with npm"))?;
    if !ran.status.success() {
        return Err(format!("npm ci failed: {}", String::from_utf8_lossy(&ran.stderr)).into());
    }
    fs::write(installed, lock)?;
    Ok(place)
}
