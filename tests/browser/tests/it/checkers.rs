//! What pages are checked with, from the npm registry by lock file.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// The folder of the packages; fetches them at first, and runs nothing of theirs.
pub(crate) fn installed() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let (from, place) = (Path::new(env!("CARGO_MANIFEST_DIR")), Path::new(env!("CARGO_TARGET_TMPDIR")).join("npm"));
        fs::create_dir_all(&place).unwrap();
        for name in ["package.json", "package-lock.json"] {
            fs::copy(from.join(name), place.join(name)).unwrap();
        }
        let ran = Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(&place)
            .output()
            .unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        place.join("node_modules")
    })
}
