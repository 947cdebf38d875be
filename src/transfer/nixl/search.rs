//! The places where NIXL's library may be. Pure: files are looked up in a [`FileTree`].

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::environment::Environment;

/// The library that `nixl-sys` loads.
pub(super) const LIBRARY: &str = "libnixl_capi.so";

/// The existing files.
pub(super) trait FileTree {
    fn is_file(&self, path: &Path) -> bool;
    /// The contents of a folder, in the order of names; empty if there is no such folder.
    fn children(&self, folder: &Path) -> Vec<PathBuf>;
}

/// The files of this machine.
#[derive(Debug)]
pub(super) struct Disk;

impl FileTree for Disk {
    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn children(&self, folder: &Path) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
        let mut children: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        children.sort();
        children
    }
}

/// One step of the search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Candidate {
    /// An existing library.
    File(PathBuf),
    /// Whatever the dynamic loader finds by name.
    Loader,
}

/// What to try, in order, and all places that were searched, for a message.
#[derive(Debug, Default)]
pub(super) struct Search {
    pub(super) candidates: Vec<Candidate>,
    pub(super) places: Vec<String>,
    /// The user's prefix, if it has no NIXL.
    pub(super) empty_prefix: Option<PathBuf>,
    folders_seen: BTreeSet<PathBuf>,
}

impl Search {
    /// The user's prefix, the loader's path, the server's own packages, what the project's script has installed, then Python's
    /// packages.
    pub(super) fn new(environment: &Environment, files: &dyn FileTree) -> Self {
        let mut search = Self::default();
        if let Some(prefix) = &environment.prefix {
            search.look_in_prefix(prefix, files);
            search.empty_prefix = search.candidates.is_empty().then(|| prefix.clone());
        }
        search.places.push("the dynamic loader's path".to_owned());
        search.candidates.push(Candidate::Loader);
        for folder in &environment.package_folders {
            search.look_in(folder, files);
        }
        let above_executable = environment.executable.iter().flat_map(|executable| executable.ancestors().skip(1));
        for folder in environment.directory.iter().map(PathBuf::as_path).chain(above_executable) {
            search.look_in(&folder.join("target").join("nixl"), files);
        }
        for prefix in &environment.python_prefixes {
            search.look_in_python(prefix, files);
        }
        search
    }

    fn look_in_prefix(&mut self, prefix: &Path, files: &dyn FileTree) {
        let multiarch = format!("{}-linux-gnu", std::env::consts::ARCH);
        let lib = prefix.join("lib");
        for folder in [prefix.to_owned(), lib.clone(), prefix.join("lib64"), lib.join(multiarch)] {
            self.look_in(&folder, files);
        }
        self.look_in_python(prefix, files);
    }

    /// The folders of packages below `lib/python3*`.
    fn look_in_python(&mut self, prefix: &Path, files: &dyn FileTree) {
        for lib in ["lib", "lib64"] {
            let lib = prefix.join(lib);
            if !self.folders_seen.insert(lib.clone()) {
                continue;
            }
            let pythons: Vec<_> =
                files.children(&lib).into_iter().filter(|folder| name_of(folder).starts_with("python3")).collect();
            for folder in pythons {
                for packages in ["site-packages", "dist-packages"] {
                    self.look_in(&folder.join(packages), files);
                }
            }
        }
    }

    /// The library itself, or, as in wheels, in `.nixl_cu12.mesonpy.libs/` next to the package.
    fn look_in(&mut self, folder: &Path, files: &dyn FileTree) {
        if !self.folders_seen.insert(folder.join(LIBRARY)) {
            return;
        }
        self.places.push(folder.display().to_string());
        let of_wheels = files
            .children(folder)
            .into_iter()
            .filter(|child| name_of(child).contains("nixl") && name_of(child).ends_with(".libs"));
        for holder in std::iter::once(folder.to_owned()).chain(of_wheels) {
            let library = holder.join(LIBRARY);
            if files.is_file(&library) {
                self.candidates.push(Candidate::File(library));
            }
        }
    }
}

fn name_of(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files by their paths.
    struct Listed(Vec<PathBuf>);

    impl FileTree for Listed {
        fn is_file(&self, path: &Path) -> bool {
            self.0.iter().any(|file| file == path)
        }

        fn children(&self, folder: &Path) -> Vec<PathBuf> {
            let below = self.0.iter().filter_map(|file| file.strip_prefix(folder).ok()?.iter().next());
            below.map(|name| folder.join(name)).collect::<BTreeSet<_>>().into_iter().collect()
        }
    }

    const WHEEL: &str = ".nixl_cu12.mesonpy.libs/libnixl_capi.so";

    fn search(environment: &Environment, files: &[&str]) -> Search {
        Search::new(environment, &Listed(files.iter().map(PathBuf::from).collect()))
    }

    fn file(path: &str) -> Candidate {
        Candidate::File(PathBuf::from(path))
    }

    #[test]
    fn the_prefix_comes_before_the_loader_and_the_loader_before_all_else() {
        let environment = Environment {
            prefix: Some("/opt/nixl".into()),
            directory: Some("/project".into()),
            executable: Some("/elsewhere/target/debug/deps/test".into()),
            package_folders: vec!["/server/packages".into()],
            python_prefixes: vec!["/venv".into(), "/usr".into()],
            ucx: std::collections::BTreeMap::new(),
        };
        let files = [
            "/opt/nixl/lib/x86_64-linux-gnu/libnixl_capi.so",
            "/opt/nixl/lib/aarch64-linux-gnu/libnixl_capi.so",
            "/opt/nixl/lib/python3.12/site-packages/.nixl_cu12.mesonpy.libs/libnixl_capi.so",
            "/server/packages/.nixl_cu12.mesonpy.libs/libnixl_capi.so",
            "/project/target/nixl/.nixl_cu12.mesonpy.libs/libnixl_capi.so",
            "/elsewhere/target/nixl/.nixl_cu12.mesonpy.libs/libnixl_capi.so",
            "/venv/lib/python3.11/site-packages/.nixl_cu13.mesonpy.libs/libnixl_capi.so",
            "/usr/lib/python3/dist-packages/.nixl.mesonpy.libs/libnixl_capi.so",
        ];
        let multiarch = format!("/opt/nixl/lib/{}-linux-gnu/libnixl_capi.so", std::env::consts::ARCH);
        let expected = [
            file(&multiarch),
            file(files[2]),
            Candidate::Loader,
            file(files[3]),
            file(files[4]),
            file(files[5]),
            file(files[6]),
            file(files[7]),
        ];
        assert_eq!(search(&environment, &files).candidates, expected);
    }

    #[test]
    fn a_prefix_without_nixl_is_reported() {
        let empty_prefix = |prefix: &str| {
            let environment = Environment { prefix: Some(prefix.into()), ..Environment::default() };
            search(&environment, &[&format!("/filled/{WHEEL}")]).empty_prefix
        };
        assert_eq!(empty_prefix("/nope"), Some("/nope".into()));
        assert_eq!(empty_prefix("/filled"), None);
    }

    #[test]
    fn a_prefix_may_be_a_folder_that_pip_has_filled() {
        let environment = Environment { prefix: Some("/filled".into()), ..Environment::default() };
        let library = format!("/filled/{WHEEL}");
        assert_eq!(search(&environment, &[&library]).candidates, [file(&library), Candidate::Loader]);
    }

    #[test]
    fn other_libraries_of_a_wheel_are_ignored() {
        let environment = Environment { directory: Some("/project".into()), ..Environment::default() };
        let files =
            ["/project/target/nixl/nixl_cu12.libs/libucs.so", "/project/target/nixl/other.libs/libnixl_capi.so"];
        assert_eq!(search(&environment, &files).candidates, [Candidate::Loader]);
    }

    #[test]
    fn each_place_is_searched_once_and_listed_even_if_it_does_not_exist() {
        let environment = Environment {
            directory: Some("/project".into()),
            executable: Some("/project/target/debug/l2-adapter".into()),
            python_prefixes: vec!["/usr".into(), "/usr".into()],
            ..Environment::default()
        };
        let places = search(&environment, &["/usr/lib/python3.11/site-packages/readme"]).places;
        let expected = [
            "the dynamic loader's path",
            "/project/target/nixl",
            "/project/target/debug/target/nixl",
            "/project/target/target/nixl",
            "/target/nixl",
            "/usr/lib/python3.11/site-packages",
            "/usr/lib/python3.11/dist-packages",
        ];
        assert_eq!(places, expected);
    }
}
