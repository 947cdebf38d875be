//! The resources left after an adapter was dropped, counted in a separate process because other tests also open descriptors.

use std::{
    env, fs,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use super::{Subject, run::Run};
use crate::adapter::GroupLayouts;

/// Tells a test that it runs in the separate process.
const MARK: &str = "L2_ADAPTER_CONTRACT_PROCESS";

const ROUNDS: usize = 5;

/// Descriptors and threads of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Holdings {
    descriptors: usize,
    threads: usize,
}

/// After an adapter was used and closed, or used and dropped, no descriptor and no thread of it is left.
///
/// `test` is the path of the calling test, with its crate's name, as in `module_path!`. That test is run again, alone, in a
/// separate process.
pub fn nothing_is_left_behind(subject: &Subject, test: &str) {
    // The harness names a test without its crate.
    let test = test.split_once("::").map_or(test, |(_, path)| path);
    if env::var_os(MARK).is_some_and(|mark| mark == *test) {
        return count(subject);
    }
    let program = env::current_exe().unwrap();
    let output = Command::new(program)
        .args([test, "--exact", "--include-ignored", "--nocapture", "--test-threads=1"])
        .env(MARK, test)
        .output()
        .unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stdout}\n{stderr}");
    assert!(stdout.contains("1 passed"), "no test is called `{test}`:\n{stdout}");
}

fn count(subject: &Subject) {
    // Resources that all adapters share exist after the first one.
    use_and_close(subject, true);
    let before = Holdings::now();
    for round in 0..ROUNDS {
        use_and_close(subject, round % 2 == 0);
    }
    // A joined thread stays in the list until the kernel has removed it.
    let deadline = Instant::now() + subject.patience;
    while Holdings::now() != before && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(Holdings::now(), before, "{ROUNDS} adapters were created and dropped, and leaked something");
}

fn use_and_close(subject: &Subject, close: bool) {
    let run = Run::new(subject);
    let keys = run.keys([0, 1]);
    assert!(run.store(&keys).is_successful());
    assert_eq!((run.look_up(&keys).count(), run.load(&keys).count()), (2, 2));
    if close {
        // Closes with open tasks.
        run.submit_store(&run.keys([2]));
        run.reader.submit_lookup_and_lock_task(keys, GroupLayouts::default());
    } else {
        run.drop_without_closing();
    }
}

impl Holdings {
    fn now() -> Self {
        let count = |directory| fs::read_dir(directory).map_or(0, |entries| entries.count());
        Self { descriptors: count("/proc/self/fd"), threads: count("/proc/self/task") }
    }
}
