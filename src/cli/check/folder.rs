//! The files of a folder that may hold specs.

use std::{
    io,
    path::{Path, PathBuf},
};

use ignore::{DirEntry, WalkBuilder};

use crate::cli::exit::Failure;

/// The endings of such files, in any case.
const ENDINGS: [&str; 3] = ["json", "jsonl", "ndjson"];

/// How many files and folders are looked at in one folder: more than any repository has, and so few that a file system named by
/// mistake is soon given up.
const ENTRIES_MAX: usize = 1_000_000;

/// The files below a folder that may hold specs, by name, without those that `.gitignore` and `.ignore` leave out and hidden ones.
/// What cannot be looked at is an error in its place: links into nothing and links that go round, too. They are found as the
/// iterator goes on, so memory is bounded by one path with the names next to it.
pub(super) fn files(folder: &Path) -> impl Iterator<Item = Result<PathBuf, Failure>> + use<> {
    let mut walk = WalkBuilder::new(folder);
    // Links, because Kubernetes mounts files as such. A user's own ignore list does not count: the result is that of other machines.
    walk.follow_links(true).require_git(false).git_global(false).sort_by_file_name(Ord::cmp);
    bounded(walk.build(), folder.to_owned(), ENTRIES_MAX)
}

fn bounded(
    entries: impl Iterator<Item = Result<DirEntry, ignore::Error>>,
    folder: PathBuf,
    entries_max: usize,
) -> impl Iterator<Item = Result<PathBuf, Failure>> {
    let too_many = Failure::TooManyFiles { folder: folder.clone(), entries_max };
    let mut too_many = Some(too_many);
    let numbered = entries.zip(0..).take(entries_max + 1);
    numbered.filter_map(move |(entry, number)| match entry {
        _ if number == entries_max => too_many.take().map(Err),
        Ok(entry) => is_of_specs(&entry).then(|| Ok(entry.into_path())),
        Err(error) => Some(Err(Failure::Folder { folder: folder.clone(), source: io::Error::other(error) })),
    })
}

fn is_of_specs(entry: &DirEntry) -> bool {
    let ending = entry.path().extension().and_then(|ending| ending.to_str());
    let is_named_so = ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)));
    is_named_so && entry.file_type().is_some_and(|kind| kind.is_file())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_folder_with_too_many_entries_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.json", "b.JSONL", "c.txt"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        // The folder itself is the first entry.
        for (entries_max, expected) in [(4, vec!["a.json", "b.JSONL"]), (3, vec!["a.json", "b.JSONL", "given up"])] {
            let walk = WalkBuilder::new(folder.path()).sort_by_file_name(Ord::cmp).build();
            let found = bounded(walk, folder.path().to_owned(), entries_max).map(|file| match file {
                Ok(path) => path.file_name().unwrap().to_string_lossy().into_owned(),
                Err(Failure::TooManyFiles { .. }) => "given up".to_owned(),
                Err(other) => panic!("{other}"),
            });
            assert_eq!(found.collect::<Vec<_>>(), expected);
        }
    }
}
