//! Handle to the receiver's process.

use std::{
    ffi::OsString,
    io::{self, BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::OnceLock,
};

use super::messages::{Answer, Ask};

/// The command line that runs this program, if it is not the file of this process.
static LAUNCHER: OnceLock<Vec<OsString>> = OnceLock::new();

/// Keeps the first command line that it gets.
pub(in crate::cli) fn set_launcher(launcher: Vec<OsString>) {
    let _ = LAUNCHER.set(launcher);
}

pub(super) fn this_program() -> io::Result<Command> {
    match LAUNCHER.get().and_then(|launcher| launcher.split_first()) {
        Some((program, arguments)) => {
            let mut command = Command::new(program);
            command.args(arguments);
            Ok(command)
        }
        None => Ok(Command::new(std::env::current_exe()?)),
    }
}

/// A running receiver. It ends when this is dropped.
#[derive(Debug)]
pub(in crate::cli) struct ReceiverProcess {
    child: Child,
    /// Dropped to end it.
    asks: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// Why the other process cannot be used.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum PeerError {
    #[error("the receiver's process cannot be started")]
    Start(#[source] io::Error),
    #[error("the receiver's process has ended: see its output above")]
    Ended,
    #[error("the connection to the receiver's process has failed")]
    Pipe(#[source] io::Error),
    #[error("the receiver failed: {0}")]
    Failed(String),
    #[error("the receiver answered {0}, which is a bug: please report it")]
    Unexpected(String),
}

impl ReceiverProcess {
    /// Starts a receiver of this spec, and waits until it serves.
    pub(in crate::cli) fn start(spec: &serde_json::Value) -> Result<Self, PeerError> {
        let mut child = this_program()
            .map_err(PeerError::Start)?
            .args([super::receiver::COMMAND, "--l2-adapter", &spec.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(PeerError::Start)?;
        let (Some(asks), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(PeerError::Ended);
        };
        let mut process = Self { child, asks: Some(asks), answers: BufReader::new(answers) };
        match process.answer()? {
            Answer::Serving => Ok(process),
            other => Err(PeerError::Unexpected(format!("{other:?}"))),
        }
    }

    /// Sends a command, and waits for its response.
    pub(in crate::cli) fn ask(&mut self, ask: &Ask) -> Result<Answer, PeerError> {
        let asks = self.asks.as_mut().ok_or(PeerError::Ended)?;
        let mut line = serde_json::to_vec(ask).map_err(|error| PeerError::Pipe(error.into()))?;
        line.push(b'\n');
        asks.write_all(&line).and_then(|()| asks.flush()).map_err(PeerError::Pipe)?;
        self.answer()
    }

    fn answer(&mut self) -> Result<Answer, PeerError> {
        let mut line = String::new();
        match self.answers.read_line(&mut line) {
            Ok(0) => Err(PeerError::Ended),
            Ok(_) => match serde_json::from_str(&line) {
                Ok(Answer::Failed(reason)) => Err(PeerError::Failed(reason)),
                Ok(answer) => Ok(answer),
                Err(_) => Err(PeerError::Unexpected(line)),
            },
            Err(error) => Err(PeerError::Pipe(error)),
        }
    }
}

impl Drop for ReceiverProcess {
    /// Closes its input, which ends it within the bound of its adapter's close.
    fn drop(&mut self) {
        drop(self.asks.take());
        let _ = self.child.wait();
    }
}
