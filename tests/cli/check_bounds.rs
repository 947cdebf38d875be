//! `check` of endless files, and of paths that are not files.

use std::{
    io::{self, Read},
    process::Command,
};

use l2_adapter::cli::{Exit, Streams, run};

use crate::program::{Ended, Program, l2_adapter};

const FS: &str = r#"{"type": "fs", "base_path": "/cache"}"#;

/// How many bytes of an unfinished document are read.
const UNENDED_BYTES_MAX: usize = 64 << 20;

/// A line of equal bytes, which counts how many of them were read.
struct Line {
    byte: u8,
    left: usize,
    read: usize,
}

impl Read for Line {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(self.left);
        buffer[..length].fill(self.byte);
        if length == 0 && self.byte != b'\n' && !buffer.is_empty() {
            (buffer[0], self.byte) = (b'\n', b'\n');
            return Ok(1);
        }
        (self.left, self.read) = (self.left - length, self.read + length);
        Ok(length)
    }
}

/// The exit, standard output and standard error of `check` of a line of this length, and how many of its bytes were read.
fn check_line(byte: u8, length: usize) -> (Exit, String, String, usize) {
    let (mut out, mut err, mut input) = (Vec::new(), Vec::new(), Line { byte, left: length, read: 0 });
    let streams = Streams { input: &mut input, input_is_terminal: false, out: &mut out, err: &mut err };
    let exit = run(["l2-adapter", "check"].map(Into::into), streams);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (exit, text(out), text(err), input.read)
}

#[test]
fn a_line_at_the_limit_is_reported_and_an_endless_one_is_refused() {
    let (exit, out, err, _) = check_line(b'x', UNENDED_BYTES_MAX - 1);
    assert_eq!(exit, Exit::Unusable);
    assert!(out.contains("<stdin>:1:1:") && out.contains("the text is longer than"), "{out}{err}");
    let (exit, out, err, read) = check_line(b'x', usize::MAX);
    assert_eq!((exit, out.as_str()), (Exit::Unusable, ""));
    let expected = "<stdin> was not read to its end: no document ends in its first 67108864 bytes";
    assert!(err.contains(expected), "{err}");
    assert!(read <= UNENDED_BYTES_MAX + (64 << 10), "{read}");
}

#[test]
fn endless_blanks_are_refused() {
    assert_eq!(check_line(b' ', usize::MAX).0, Exit::Unusable);
}

/// `check` of a special file and of a valid one.
fn check_both(special: &str, prepare: impl FnOnce(&mut Command)) -> Ended {
    let program: Program = l2_adapter(&["check", special, "valid.json"]).file("valid.json", FS);
    let mut command = Command::new("sh");
    command.current_dir(program.folder());
    prepare(&mut command);
    assert!(command.status().unwrap().success());
    program.run()
}

#[cfg(unix)]
#[test]
fn a_fifo_without_a_writer_is_refused() {
    let ended = check_both("fifo", |command| {
        command.args(["-c", "mkfifo fifo"]);
    });
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(ended.err.contains("cannot read fifo: it is a FIFO, which may never have a writer"), "{ended}");
    assert!(ended.err.contains("checked 1 document: 1 valid"), "{ended}");
}

#[cfg(unix)]
#[test]
fn circular_links_are_an_error() {
    let ended = check_both("a.json", |command| {
        command.args(["-c", "ln -s a.json b.json; ln -s b.json a.json"]);
    });
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(ended.err.contains("cannot read a.json: Too many levels of symbolic links"), "{ended}");
}

#[cfg(target_os = "linux")]
#[test]
fn an_endless_device_is_refused() {
    let ended = l2_adapter(&["check", "/dev/zero"]).run();
    assert!(ended.err.contains("/dev/zero was not read to its end"), "{ended}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_of_the_shell_is_read() {
    let ended = l2_adapter(&["check", "/dev/stdin"]).input(FS).run();
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), "checked 1 document: 1 valid\n"), "{ended}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_sparse_file_of_ten_gigabytes_is_refused() {
    let program = l2_adapter(&["check", "big.json"]).file("big.json", "");
    let file = std::fs::OpenOptions::new().write(true).open(program.folder().join("big.json")).unwrap();
    file.set_len(10 << 30).unwrap();
    let ended = program.run();
    assert!(ended.err.contains("big.json was not read to its end"), "{ended}");
}
