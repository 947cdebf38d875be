//! Loads NIXL, and checks that it can be called. `nixl-sys` ends the process if the library or a symbol is missing; this module
//! returns an error instead.

use std::{
    error::Error,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};

use super::{
    environment::Environment,
    search::{Candidate, Disk, LIBRARY, Search},
    symbols::SYMBOLS,
};

/// Why NIXL cannot be called.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum LibraryError {
    /// It was not found.
    #[error(
        "NIXL is not installed: `{LIBRARY}` was not found. Install it with `scripts/install-nixl` or \
         `pip install --no-deps nixl-cu12`, or set the environment variable NIXL_PREFIX to the folder it is in. Searched: {}",
        searched.join(", ")
    )]
    Missing { searched: Vec<String> },
    /// It was found and does not load.
    #[error("NIXL's library {} cannot be loaded: {reason}", library.display())]
    Unloadable { library: PathBuf, reason: String },
    /// It lacks a function that we call.
    #[error(
        "NIXL's library {} has no function `{symbol}`: it is older than version 1.5, the oldest that works. Upgrade it, \
         or set the environment variable NIXL_PREFIX to the folder of a newer one",
        library.display()
    )]
    SymbolMissing { library: PathBuf, symbol: &'static str },
    /// It is usable, but `nixl-sys` would load another one.
    #[error(
        "the dynamic loader finds another library for `{LIBRARY}` than NIXL's {}: remove the other one from LD_LIBRARY_PATH, or \
         set the environment variable NIXL_PREFIX to its folder",
        library.display()
    )]
    Shadowed { library: PathBuf },
}

/// The loaded library: it stays loaded for as long as the process runs.
static LOADED: OnceLock<PathBuf> = OnceLock::new();

/// Loads NIXL, unless it is loaded. Callers hold the lock under which agents are created.
///
/// # Errors
///
/// See [`LibraryError`]. The next call searches again.
pub(super) fn ensure_loaded(environment: &Environment) -> Result<&'static Path, LibraryError> {
    if let Some(library) = LOADED.get() {
        return Ok(library);
    }
    let search = Search::new(environment, &Disk);
    let empty_prefix = search.empty_prefix.clone();
    let library = load(search, || open(Path::new(LIBRARY)))?;
    if let Some(prefix) = empty_prefix {
        tracing::warn!(
            prefix = %prefix.display(), library = %library.display(),
            "the environment variable NIXL_PREFIX names a folder without NIXL: NIXL was loaded from another place"
        );
    }
    tracing::info!(library = %library.display(), "NIXL is loaded");
    Ok(LOADED.get_or_init(|| library))
}

/// The first library of the search decides: once it is loaded, a second one could not be used.
fn load(search: Search, by_name: impl Fn() -> Result<Library, libloading::Error>) -> Result<PathBuf, LibraryError> {
    for candidate in search.candidates {
        let (name, opened) = match candidate {
            Candidate::File(path) => {
                let opened = open(&path).map_err(|error| unloadable(&path, &error))?;
                (path, opened)
            }
            Candidate::Loader => match by_name() {
                Ok(opened) => (PathBuf::from(LIBRARY), opened),
                Err(_) => continue,
            },
        };
        keep_if_usable(&name, opened)?;
        return Ok(name);
    }
    Err(LibraryError::Missing { searched: search.places })
}

fn keep_if_usable(name: &Path, opened: Library) -> Result<(), LibraryError> {
    for symbol in SYMBOLS {
        if address(&opened, symbol).is_none() {
            return Err(LibraryError::SymbolMissing { library: name.to_owned(), symbol });
        }
    }
    // The stubs open it by its bare name: the loader then takes the one that is loaded under this SONAME (measured).
    let by_name = open(Path::new(LIBRARY)).map_err(|_| LibraryError::Shadowed { library: name.to_owned() })?;
    if SYMBOLS.iter().any(|symbol| address(&by_name, symbol) != address(&opened, symbol)) {
        return Err(LibraryError::Shadowed { library: name.to_owned() });
    }
    std::mem::forget((opened, by_name));
    Ok(())
}

fn open(library: &Path) -> Result<Library, libloading::Error> {
    // SAFETY: loading runs the library's initialisers, as it would when a program linked it. NIXL's (1.5.1) only set up
    // its own state (measured); a file of this name that does otherwise was put there by who may run code here.
    unsafe { Library::open(Some(library), RTLD_NOW | RTLD_LOCAL) }
}

/// The address of a function. It is compared, never called.
fn address(library: &Library, symbol: &str) -> Option<usize> {
    // SAFETY: the symbol is only looked up: its type matters only in a call.
    let found = unsafe { library.get::<unsafe extern "C" fn()>(symbol.as_bytes()) }.ok()?;
    Some(found.into_raw().expose_provenance())
}

/// The loader's own words are in the source of the error.
fn unloadable(library: &Path, error: &libloading::Error) -> LibraryError {
    let reason = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    LibraryError::Unloadable { library: library.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use std::{fs, process::Command};

    use tempfile::TempDir;

    use super::*;

    /// A folder with a library of NIXL's name that has these functions. It has no SONAME: the loader must not take it for NIXL
    /// when other tests of this process load NIXL.
    fn fake(functions: &[&str]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("fake.c");
        let lines: String = functions.iter().map(|name| format!("void {name}(void) {{}}\n")).collect();
        fs::write(&source, lines).unwrap();
        let library = folder.path().join(LIBRARY);
        let compiled = Command::new("cc").arg("-shared").arg("-fPIC").arg("-o").arg(library).arg(source).status();
        assert!(compiled.unwrap().success());
        folder
    }

    /// The result of a search that starts in a folder, where the loader finds nothing.
    fn load_from(prefix: &str) -> LibraryError {
        let environment = Environment { prefix: Some(prefix.into()), ..Environment::default() };
        load(Search::new(&environment, &Disk), || open(Path::new("/nowhere/libnixl_capi.so"))).unwrap_err()
    }

    /// The message, without the folder's name.
    fn refusal(folder: &TempDir) -> String {
        let folder = folder.path().to_str().unwrap();
        load_from(folder).to_string().replace(folder, "[folder]")
    }

    #[test]
    fn an_older_library_is_refused_and_the_error_names_the_missing_function() {
        let functions: Vec<_> =
            SYMBOLS.iter().copied().filter(|name| *name != "nixl_capi_get_xfer_telemetry").collect();
        let folder = fake(&functions);
        insta::assert_snapshot!(refusal(&folder), @"NIXL's library [folder]/libnixl_capi.so has no function `nixl_capi_get_xfer_telemetry`: it is older than version 1.5, the oldest that works. Upgrade it, or set the environment variable NIXL_PREFIX to the folder of a newer one");
    }

    #[test]
    fn a_file_that_is_not_a_library_is_refused_with_the_loaders_message() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(LIBRARY), "not a library").unwrap();
        insta::assert_snapshot!(refusal(&folder), @"NIXL's library [folder]/libnixl_capi.so cannot be loaded: [folder]/libnixl_capi.so: file too short");
    }

    #[test]
    fn a_library_that_the_loader_would_not_find_by_name_is_refused() {
        let folder = fake(SYMBOLS);
        let error = load_from(folder.path().to_str().unwrap());
        assert!(matches!(error, LibraryError::Shadowed { .. }), "{error}");
    }

    #[test]
    fn the_error_for_a_missing_library_lists_all_places_and_how_to_install_it() {
        let error = load_from("/nowhere/nixl").to_string().replace(std::env::consts::ARCH, "[machine]");
        insta::assert_snapshot!(error, @"NIXL is not installed: `libnixl_capi.so` was not found. Install it with `scripts/install-nixl` or `pip install --no-deps nixl-cu12`, or set the environment variable NIXL_PREFIX to the folder it is in. Searched: /nowhere/nixl, /nowhere/nixl/lib, /nowhere/nixl/lib64, /nowhere/nixl/lib/[machine]-linux-gnu, the dynamic loader's path");
    }
}
