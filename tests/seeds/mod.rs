//! Runs the code of a fuzz target over its seeds and random changes of them.

use std::{fs, path::Path};

/// An input that prints itself when the target panics.
struct Input {
    name: String,
    bytes: Vec<u8>,
}

impl Drop for Input {
    #[allow(clippy::print_stderr, reason = "a failing assertion does not name its input")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}: b\"{}\"", self.name, self.bytes.escape_ascii());
        }
    }
}

/// Runs a target over its seeds, and over this many changed ones, which are the same in every run.
pub(crate) fn run(target: &str, changes: u64, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .expect("the seeds are in the repository")
        .map(|entry| entry.expect("a folder's entry can be read").path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} has no seeds", folder.display());
    let seeds: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).expect("a seed can be read")).collect();
    for (path, bytes) in paths.iter().zip(&seeds) {
        let input = Input { name: path.display().to_string(), bytes: bytes.clone() };
        run(&input.bytes);
    }
    for change in 0..changes {
        let random = &mut fastrand::Rng::with_seed(change);
        let input = Input { name: format!("change {change} of {target}"), bytes: changed(&seeds, random) };
        run(&input.bytes);
    }
}

/// A seed with one to four changes.
fn changed(seeds: &[Vec<u8>], random: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = seeds[random.usize(..seeds.len())].clone();
    for _ in 0..random.usize(1..=4) {
        let start = random.usize(..=bytes.len());
        let end = (start + random.usize(..16)).min(bytes.len());
        match random.u8(..5) {
            0 => bytes.truncate(start),
            1 => drop(bytes.drain(start..end)),
            2 => bytes.insert(start, random.u8(..)),
            3 => bytes[start..end].iter_mut().for_each(|byte| *byte ^= 1 << random.u8(..8)),
            _ => {
                let other = &seeds[random.usize(..seeds.len())];
                let from = random.usize(..=other.len());
                bytes.splice(start..end, other[from..].iter().copied());
            }
        }
    }
    bytes
}
