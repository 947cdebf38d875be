//! Generated text: printed, written into a file, or compared with a file to see whether that is stale.

use std::{fs, path::Path, path::PathBuf};

use clap::Args;

use super::{
    exit::{Exit, Failure},
    streams::Streams,
    style::{HINT, paint},
};

#[derive(Debug, Args)]
pub(super) struct Destination {
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write nothing; exit with 1 if this file is stale
    #[arg(long, value_name = "FILE", conflicts_with = "output")]
    check: Option<PathBuf>,
}

/// Writes or compares generated text. `command` and `adapter_type` are those that generated it.
pub(super) fn deliver(
    text: &str,
    destination: &Destination,
    command: &str,
    adapter_type: Option<&str>,
    streams: &mut Streams<'_>,
) -> Result<Exit, Failure> {
    if let Some(path) = &destination.output {
        fs::write(path, text).map_err(|source| Failure::Write { path: path.clone(), source })?;
        return Ok(Exit::Success);
    }
    let Some(path) = &destination.check else {
        streams.out.write_all(text.as_bytes())?;
        return Ok(Exit::Success);
    };
    let found = fs::read(path).map_err(|source| Failure::Read { path: path.clone(), source })?;
    if found == text.as_bytes() {
        return Ok(Exit::Success);
    }
    let repair = repair_command(command, adapter_type, path);
    streams.tell(format_args!(
        "{} is stale: {}\n{} write it again with `{repair}`\n",
        path.display(),
        first_difference(&String::from_utf8_lossy(&found), text),
        paint(HINT, "hint:"),
    ));
    Ok(Exit::Refused)
}

/// The first line that differs: as it is and as it should be.
fn first_difference(found: &str, expected: &str) -> String {
    let mut lines = (found.split_inclusive('\n'), expected.split_inclusive('\n'));
    let mut number = 0;
    loop {
        number += 1;
        let line = |side: Option<&str>| side.map_or("(end of file)".to_owned(), |line| format!("{line:?}"));
        match (lines.0.next(), lines.1.next()) {
            (None, None) => return "it differs".to_owned(),
            (found, expected) if found != expected => {
                return format!("line {number} is {}, should be {}", line(found), line(expected));
            }
            _ => {}
        }
    }
}

fn repair_command(command: &str, adapter_type: Option<&str>, path: &Path) -> String {
    let adapter_type = adapter_type.map(|name| format!(" {name}")).unwrap_or_default();
    format!("l2-adapter {command}{adapter_type} --output {}", shell_word(&path.display().to_string()))
}

/// A word quoted for a POSIX shell.
fn shell_word(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./,:=@%+".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_named_on_both_sides() {
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), r#"line 2 is "b\n", should be "c\n""#);
        assert_eq!(first_difference("a\n", "a\nb\n"), r#"line 2 is (end of file), should be "b\n""#);
    }

    #[test]
    fn words_with_blanks_and_quotes_are_quoted_for_the_shell() {
        assert_eq!(shell_word("docs/a-b.md"), "docs/a-b.md");
        assert_eq!(shell_word("it's here.md"), r"'it'\''s here.md'");
    }
}
