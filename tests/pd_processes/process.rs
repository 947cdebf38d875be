//! Handle to a node's process.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::{
    child::SPEC,
    node::{PATIENCE, comes_to},
};

/// A node in a separate process, which is killed when this is dropped.
pub(crate) struct NodeProcess {
    process: Child,
    commands: ChildStdin,
    answers: mpsc::Receiver<Value>,
}

impl NodeProcess {
    /// Starts the node of a spec. A receiver is listening when this returns.
    #[track_caller]
    pub(crate) fn start(spec: &Value) -> Self {
        Self::start_by(Command::new(std::env::current_exe().unwrap()), spec).unwrap()
    }

    /// Starts the node of a spec with a command that runs this program. Returns the reason if the node cannot start.
    #[track_caller]
    pub(crate) fn start_by(mut program: Command, spec: &Value) -> Result<Self, String> {
        let mut process = program
            .args(["--exact", "node_process", "--ignored", "--nocapture", "--test-threads", "1"])
            .env(SPEC, spec.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let commands = process.stdin.take().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut values = lines.filter_map(|line| Some(serde_json::from_str(line.strip_prefix('>')?).unwrap()));
        let (to_test, answers) = mpsc::channel();
        std::thread::spawn(move || values.try_for_each(|value| to_test.send(value)));
        let mut node = Self { process, commands, answers };
        match node.answer() {
            Value::String(ready) if ready == "ready" => Ok(node),
            other => Err(other["cannot_start"].to_string()),
        }
    }

    /// Sends a command to the node, and waits for its answer.
    #[track_caller]
    pub(crate) fn perform(&mut self, command: Value) -> Value {
        self.begin(command);
        self.answer()
    }

    /// Sends a command to the node; [`answer`](Self::answer) waits for the result.
    pub(crate) fn begin(&mut self, command: Value) {
        writeln!(self.commands, "{command}").unwrap();
    }

    #[track_caller]
    pub(crate) fn answer(&mut self) -> Value {
        match self.answers.recv_timeout(PATIENCE) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => panic!("hang: the node does not answer"),
            Err(RecvTimeoutError::Disconnected) => panic!("crash: the node has ended: {:?}", self.process.wait()),
        }
    }

    /// How the process ended; `None` if it runs.
    #[allow(dead_code, reason = "tests/pd_networks uses it")]
    pub(crate) fn end(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().unwrap()
    }

    /// The status of its only rank.
    #[track_caller]
    pub(crate) fn status(&mut self) -> Value {
        self.perform(json!({"do": "status"}))["ranks"][0].clone()
    }

    /// Waits until the node's status satisfies a condition.
    #[track_caller]
    pub(crate) fn until(&mut self, what: &str, mut holds: impl FnMut(&Value) -> bool) {
        let mut last = Value::Null;
        let mut look = || {
            last = self.status();
            holds(&last)
        };
        let came = comes_to(&mut look);
        assert!(came, "in {PATIENCE:?} this did not happen: {what}. The last status is {last:#}");
    }

    /// Submits one store task of all keys.
    pub(crate) fn store(&mut self, keys: impl IntoIterator<Item = u64>, length: usize) {
        self.perform(json!({"do": "store", "keys": keys.into_iter().collect::<Vec<_>>(), "length": length}));
    }

    /// Waits for all store tasks, which must succeed.
    #[track_caller]
    pub(crate) fn all_stored(&mut self) {
        let ended = self.perform(json!({"do": "wait"}));
        assert_eq!(ended["failures"], json!([]));
    }

    /// Loads those of the keys that are found, and checks their bytes. Returns their number.
    #[track_caller]
    pub(crate) fn load(&mut self, keys: impl IntoIterator<Item = u64>, length: usize) -> u64 {
        let keys: Vec<_> = keys.into_iter().collect();
        let loaded = self.perform(json!({"do": "load", "keys": keys, "length": length}));
        assert_eq!(loaded["wrong"], 0, "bytes of another chunk were loaded");
        assert_eq!(loaded["loaded"], loaded["found"], "a chunk that was found was not loaded");
        loaded["found"].as_u64().unwrap()
    }

    #[track_caller]
    pub(crate) fn delete(&mut self, keys: impl IntoIterator<Item = u64>) {
        let keys: Vec<_> = keys.into_iter().collect();
        assert_eq!(self.perform(json!({"do": "delete", "keys": keys})), 0, "deleted keys are still found");
    }

    /// Waits until all of a receiver's memory is free.
    #[track_caller]
    pub(crate) fn until_all_is_free(&mut self) {
        self.until("all memory is free", |status| status["free_bytes"] == status["capacity_bytes"]);
    }

    /// Stops the process. Its peers only notice that it no longer responds.
    pub(crate) fn freeze(&self) {
        kill_process(self.id(), Signal::STOP).unwrap();
    }

    pub(crate) fn thaw(&self) {
        kill_process(self.id(), Signal::CONT).unwrap();
    }

    /// Ends the process abruptly.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub(crate) fn id(&self) -> Pid {
        Pid::from_child(&self.process)
    }
}

impl Drop for NodeProcess {
    fn drop(&mut self) {
        // Kills a frozen one, too.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
