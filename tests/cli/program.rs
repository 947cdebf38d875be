//! Runs the program in an empty folder.

use std::{
    fmt, fs,
    io::Write as _,
    path::Path,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_l2-adapter");

/// A run that has not started.
pub(crate) struct Program {
    command: Command,
    folder: TempDir,
    input: Vec<u8>,
}

/// The result of a run. Snapshots have its `Display` form.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) folder: TempDir,
}

/// The program with these arguments, without environment variables and with an empty standard input.
pub(crate) fn l2_adapter(arguments: &[&str]) -> Program {
    let folder = TempDir::new().unwrap();
    let mut command = Command::new(PROGRAM);
    command.args(arguments).current_dir(folder.path()).env_clear();
    Program { command, folder, input: Vec::new() }
}

impl Program {
    pub(crate) fn input(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.input = bytes.as_ref().to_vec();
        self
    }

    pub(crate) fn file(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        fs::write(self.folder.path().join(name), bytes).unwrap();
        self
    }

    pub(crate) fn folder_within(self, name: &str) -> Self {
        fs::create_dir(self.folder.path().join(name)).unwrap();
        self
    }

    /// The folder that it will run in.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Starts it with all three streams piped.
    pub(crate) fn start(&mut self) -> Child {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub(crate) fn run(mut self) -> Ended {
        let mut child = self.start();
        let mut stdin = child.stdin.take().unwrap();
        let input = std::mem::take(&mut self.input);
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().unwrap();
        // A program that does not read its input may end before all of it is written.
        let _ = writer.join().unwrap();
        Ended {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
            folder: self.folder,
        }
    }
}

impl Ended {
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// Each line of standard output as JSON.
    pub(crate) fn records(&self) -> Vec<serde_json::Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.map_or("none".to_owned(), |code| code.to_string());
        write!(formatter, "exit code: {code}\n--- stdout\n{}--- stderr\n{}", self.out, self.err)
    }
}

/// A file of `examples/specs`.
pub(crate) fn example_spec(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/specs").join(name)).unwrap()
}
