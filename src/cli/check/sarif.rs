//! `--format sarif`: one SARIF 2.1.0 document for all inputs, which is streamed.

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use l2_adapter_schema::{visible, write_visible_json};
use serde_json::{Value, json};

use super::findings::Finding;

/// A document that is being written.
#[derive(Debug, Default)]
pub(super) struct Sarif {
    /// The codes of the results so far. There are as many as there are kinds of faults and warnings.
    codes: BTreeSet<&'static str>,
}

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

impl Sarif {
    /// Columns of places count characters.
    pub(super) fn begin(out: &mut dyn Write) -> io::Result<Self> {
        let columns = r#""columnKind":"unicodeCodePoints""#;
        write!(out, r#"{{"$schema":"{SCHEMA}","version":"2.1.0","runs":[{{{columns},"results":["#)?;
        Ok(Self::default())
    }

    pub(super) fn add(&mut self, finding: &Finding<'_>, out: &mut dyn Write) -> io::Result<()> {
        let begin = if self.codes.is_empty() { "\n" } else { ",\n" };
        self.codes.insert(finding.code);
        out.write_all(begin.as_bytes())?;
        write_visible_json(&result(finding), out)
    }

    /// Ends the document with its rules. `was_successful` means that every input was read to its end.
    pub(super) fn end(self, was_successful: bool, out: &mut dyn Write) -> io::Result<()> {
        let rule = |code: &&str| json!({"id": code, "shortDescription": {"text": code.replace('_', " ")}});
        let rules: Vec<_> = self.codes.iter().map(rule).collect();
        let driver = json!({"name": "l2-adapter", "version": env!("CARGO_PKG_VERSION"), "rules": rules});
        let invocation = json!({"executionSuccessful": was_successful});
        writeln!(out, "\n],\"tool\":{{\"driver\":{driver}}},\"invocations\":[{invocation}]}}]}}")
    }
}

fn result(finding: &Finding<'_>) -> Value {
    let Finding { source, is_file, position, level, code, text } = finding;
    let (text, locations) = match is_file {
        true => {
            let region = json!({"startLine": position.line, "startColumn": position.column});
            let place = json!({"artifactLocation": {"uri": uri(source)}, "region": region});
            (visible(text).to_string(), vec![json!({"physicalLocation": place})])
        }
        // Without a file there is no place to annotate.
        false => {
            let text = format!("{}:{}:{}: {}", visible(source), position.line, position.column, visible(text));
            (text, Vec::new())
        }
    };
    json!({"ruleId": code, "level": level.as_str(), "message": {"text": text}, "locations": locations})
}

/// The name of a file as a URI: relative to the working directory, or a `file` URI.
fn uri(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let encode = |byte: u8| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    let encoded: String = path.bytes().map(encode).collect();
    if path.starts_with('/') { format!("file://{encoded}") } else { encoded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_written_as_uris() {
        let uris = ["deploy/prefill.json", "/etc/größe 1%.json", "a:b?.json"].map(uri);
        assert_eq!(uris, ["deploy/prefill.json", "file:///etc/gr%C3%B6%C3%9Fe%201%25.json", "a%3Ab%3F.json"]);
    }
}
