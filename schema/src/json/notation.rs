//! What a text is that is not JSON, and what to write: told by one look at the place where it stops being JSON.
//!
//! Of the text nothing is shown but words and signs that are listed here, since any other may belong to a secret.

/// What to say of a text instead of what `serde_json` says, `reason`; it stops being JSON at `offset`.
pub(super) fn instead(text: &str, offset: usize, reason: &str) -> Option<String> {
    let whole = text.trim();
    let place = Place::of(text, offset, reason);
    let is_quoted = whole.starts_with('"') && whole.trim_start_matches('"').trim_start().starts_with(['{', '[']);
    let of_whole = match whole {
        "" => Some("it is empty: if it comes from a variable, the variable is not set"),
        _ if is_quoted => Some("double quotes stand around it: leave them out"),
        whole => of_lines(whole),
    };
    of_whole
        .or_else(|| in_a_string(&place))
        .or_else(|| of_word(&place))
        .or_else(|| of_sign(&place))
        .or_else(|| if whole.starts_with(['{', '[', '"']) { None } else { of_no_object(whole, text) })
        .map(str::to_owned)
        .or_else(|| place.rest.chars().next().and_then(odd_sign))
        .or_else(|| last_resort(&place).map(str::to_owned))
}

/// The place where a text stops being JSON, and what is around it.
struct Place<'t> {
    /// The text before the word at the place.
    before: &'t str,
    /// From the word at the place on.
    rest: &'t str,
    /// The letters, digits, `_` and `-` at the place, those before it included.
    word: &'t str,
    /// The last sign before the word that is not blank; `None` where the text begins.
    last: Option<char>,
    /// The sign at the very place.
    at: Option<char>,
    reason: &'t str,
}

impl<'t> Place<'t> {
    fn of(text: &'t str, offset: usize, reason: &'t str) -> Self {
        let is_of_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
        let begin = text[..offset].trim_end_matches(is_of_word).len();
        let (before, rest) = text.split_at(begin);
        let length = rest.find(|letter| !is_of_word(letter)).unwrap_or(rest.len());
        Self {
            before,
            rest,
            word: &rest[..length],
            last: before.trim_end().chars().next_back(),
            at: text[offset..].chars().next(),
            reason,
        }
    }

    fn is_because(&self, reason: &str) -> bool {
        self.reason.starts_with(reason)
    }

    /// Whether a whole value precedes it.
    fn is_after_end(&self) -> bool {
        self.is_because("trailing characters")
    }

    /// Whether a value has ended before.
    fn is_after_value(&self) -> bool {
        self.last.is_some_and(|last| matches!(last, '"' | '}' | ']') || last.is_alphanumeric())
    }
}

const IN_QUOTES: &str = "quotes are missing: in a shell write the whole spec in single quotes, '{\"type\": \"...\"}', or it takes the double ones";

fn in_a_string(place: &Place<'_>) -> Option<&'static str> {
    Some(match place.at {
        Some('\t') if place.is_because("control character") => "a string contains a tab: write `\\t`, or a blank",
        _ if place.is_because("control character") => {
            "a string goes on after the end of its line: close it with `\"`, or write `\\n` for a line break"
        }
        _ if place.is_because("invalid escape") => {
            "a string contains a single backslash: write two of them, as in `C:\\\\kv`"
        }
        _ if place.is_because("EOF while parsing a string") => {
            "it ends inside a string: `\"` is missing, or a shell has cut it at a quote or a blank: write the whole spec in \
             single quotes"
        }
        _ => return None,
    })
}

fn of_sign(place: &Place<'_>) -> Option<&'static str> {
    let starts_with = |signs: &[&str]| signs.iter().any(|sign| place.rest.starts_with(sign));
    Some(match place.rest.chars().next()? {
        '\'' if place.is_after_end() => "a single quote follows it: leave it out",
        '\'' if place.last.is_none() && place.rest[1..].trim_start().starts_with(['{', '[']) => {
            "single quotes stand around it: leave them out, only a shell of Unix takes them away"
        }
        '\'' => {
            "it has single quotes, as Python and JavaScript write them: write `\"`, or let `json.dumps` write the spec"
        }
        '`' if place.last.is_some() => "it has backticks where JSON has `\"`",
        '\\' if starts_with(&["\\\n", "\\\r\n"]) => {
            "a line ends with a backslash: leave it out, inside quotes a shell goes on by itself"
        }
        '\\' if place.last.is_some() => {
            "backslashes stand before its quotes: leave them out, they are for a spec inside a string"
        }
        '/' | '#' if place.last.is_some() && starts_with(&["//", "/*", "#"]) => COMMENT,
        '/' | '~' if place.last == Some(':') => NO_QUOTES,
        '}' | ']' if place.is_after_end() => "there is a closing bracket too many",
        '}' | ']' if place.last == Some(',') => "a comma precedes a closing bracket: leave it out",
        '}' | ']' | ',' if place.last == Some(':') => "there is no value after a `:`",
        '}' | ']' | ',' if place.last == Some('.') => NO_DIGIT,
        '{' | ',' if place.is_after_end() && place.rest.contains('{') => SECOND_SPEC,
        ',' if matches!(place.last, Some('{' | '[' | ',')) => "there is a comma too many",
        ':' if place.is_after_end() => "braces are missing around it: an object is written in `{` and `}`",
        ':' if place.reason.contains("`]`") => "a list has a key: objects are written in `{` and `}`",
        '=' => "it has `=` where JSON has `:`",
        ';' => "it has `;` where JSON has `,`, or none",
        '(' | ')' => "it has parentheses: lists are written in `[` and `]`, objects in `{` and `}`",
        '{' | '%' if place.last == Some('{') => {
            "this is a template that was not rendered (Helm, Jinja): render it first"
        }
        '$' | '`' | '%' => UNEXPANDED,
        '<' if place.last.is_some() => "this is a placeholder: write the value in its place",
        '…' => ELLIPSIS,
        '.' if starts_with(&["..."]) => ELLIPSIS,
        '.' if place.last.is_some() => NO_DIGIT,
        '+' => "a number has no `+` before it",
        _ => return None,
    })
}

const NO_QUOTES: &str = "a text has no quotes: write `\"` around it";
const NO_DIGIT: &str = "a number has digits before and after its point: write `0.5` or `5.0`";
const SECOND_SPEC: &str = "a second spec follows: give each one alone, or several in a file, one a line";
const UNEXPANDED: &str =
    "this is a variable or a command that was not expanded: a shell expands nothing in single quotes";
const ELLIPSIS: &str = "an ellipsis replaces something: write that";
pub(super) const COMMENT: &str = "it has a comment, and JSON has none: take it out";

/// What a word says that is not in quotes, and no word of JSON.
fn of_word(place: &Place<'_>) -> Option<&'static str> {
    const PYTHON: &str =
        "`True`, `False` and `None` are Python's: write `true`, `false` or `null`, or let `json.dumps` write the spec";
    if place.word.is_empty() || !place.before.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let follows = |signs: &[char]| place.rest[place.word.len()..].starts_with(signs);
    Some(match place.word {
        _ if place.last.is_some_and(|last| matches!(last, '"' | '\''))
            && !place.reason.starts_with("EOF")
            && !place.before.ends_with(char::is_whitespace) =>
        {
            "a string contains a quote: write `\\\"` for it"
        }
        "True" | "False" | "None" => PYTHON,
        "NaN" | "nan" | "Infinity" | "-Infinity" | "inf" | "-inf" | "Inf" | "-Inf" => {
            "JSON has no NaN and no infinity: write a number, or leave the key out"
        }
        "undefined" | "nil" | "Null" | "NULL" => "what is not there is `null`, or its key is left out",
        "TRUE" | "FALSE" | "yes" | "no" | "Yes" | "No" | "on" | "off" | "On" | "Off" if place.last == Some(':') => {
            "a switch is written `true` or `false`"
        }
        "r" | "b" | "f" | "u" | "rb" | "R" | "B" | "F" | "U" if follows(&['"', '\'']) => {
            "a letter precedes a quote, as in Python: leave it out"
        }
        _ if follows(&['.']) && place.last == Some('.') => NO_QUOTES,
        _ if follows(&['(']) => "it has a call, as Python writes objects and JavaScript dates: write the value itself",
        word if word.starts_with(|first: char| first.is_ascii_digit() || first == '-') && word.len() > 1 => {
            let digits = word.trim_start_matches('-');
            match digits.bytes().all(|byte| byte.is_ascii_digit()) {
                true if digits.starts_with('0') => "a number begins with 0: leave the 0 out",
                true => return None,
                false if digits.starts_with(|first: char| first.is_ascii_digit()) => {
                    "a number has digits only: write it out, without unit, `_` or `0x`, and text in quotes"
                }
                false => IN_QUOTES,
            }
        }
        _ if place.is_after_value() => return None,
        _ if matches!(place.last, Some('{' | ',')) && (place.before.contains('"') || place.rest.contains('"')) => {
            "a key has no quotes: write `\"` around it"
        }
        _ if place.last == Some(':') && place.before.contains('"') => NO_QUOTES,
        _ if matches!(place.last, Some('{' | ',' | ':' | '[')) => IN_QUOTES,
        _ => return None,
    })
}

/// What a text is that begins neither as an object, nor as a list or string.
fn of_no_object(whole: &str, text: &str) -> Option<&'static str> {
    let first_line = whole.lines().next().unwrap_or_default().trim_end();
    let is_one_word = !whole.contains(char::is_whitespace);
    let has_end = [".json", ".jsonl", ".yaml", ".yml", ".txt", ".conf"].iter().any(|end| whole.ends_with(end));
    let is_path = is_one_word && !whole.contains(['{', '=']) && (whole.contains(['/', '\\']) || has_end);
    let quoted = whole.strip_prefix(['\'', '‘', '’']).is_some_and(|rest| rest.trim_start().starts_with(['{', '[']));
    Some(match whole {
        _ if whole.starts_with('@') && !text.starts_with('@') => {
            "blanks stand before `@`: `--l2-adapter @FILE` has none there"
        }
        _ if whole.starts_with('@') => "`@FILE` is only for `--l2-adapter`: here the file itself is wanted",
        _ if whole.contains("://") && is_one_word && !whole.contains(['{', '=']) => "it is a URL: give the spec itself",
        _ if whole.starts_with("eyJ") && is_one_word => "it seems to be JSON in base64: decode it first",
        _ if quoted => "single quotes stand around it: leave them out",
        _ if whole.starts_with(['$', '`', '%']) => UNEXPANDED,
        _ if whole.starts_with("--") && !whole.starts_with("---") => {
            "it begins with a flag: give only what follows the flag"
        }
        _ if whole.starts_with("//") || whole.starts_with("/*") => COMMENT,
        _ if is_path => "it seems to be a path: with `@` before it, `--l2-adapter @FILE` reads the file",
        _ if whole.starts_with('#') => COMMENT,
        _ if word_end(first_line) > 0 && first_line[word_end(first_line)..].starts_with('(') => {
            "it is a call, as Python writes it: let `json.dumps` write the spec"
        }
        _ if first_line.starts_with(char::is_alphabetic) => {
            "a spec is an object: write {\"type\": \"...\"}, in a shell in single quotes"
        }
        _ => return None,
    })
}

const YAML: &str = "it is YAML: write JSON, {\"type\": \"...\"}, which `yq -o=json` or Python's `json.dumps(yaml.safe_load(...))` makes of it";

const ASSIGNMENTS: &str =
    "it has assignments, as TOML, INI and flags do: write an object, {\"type\": \"...\"}, with a key for each";

/// What a text is that its first lines show to be of another kind. Comments before them are theirs.
pub(super) fn of_lines(whole: &str) -> Option<&'static str> {
    if whole.starts_with("#!") {
        return Some("it is a script: give the spec itself, as the script would pass it");
    }
    let is_comment = |line: &&str| line.is_empty() || line.starts_with(['#', ';']);
    let mut lines = whole.lines().map(str::trim).skip_while(is_comment);
    let first = lines.next()?;
    match first {
        _ if first.starts_with('<') && !first.starts_with("<<") => {
            Some("it is HTML or XML, perhaps the page of an error: give the spec itself")
        }
        _ if is_yaml(first) => Some(YAML),
        _ if is_assignment(first) => Some(ASSIGNMENTS),
        _ if is_header(first) && lines.any(|line| is_assignment(line) || is_yaml(line)) => Some(ASSIGNMENTS),
        _ if !first.starts_with(['{', '[', '"']) && whole.lines().any(|line| line.trim_start().starts_with("```")) => {
            Some("it is text with a code block, as in Markdown: give only what is between the lines of \"```\"")
        }
        _ => None,
    }
}

/// The key of a line that has one, the sign after it, and its value.
pub(super) fn entry(line: &str) -> Option<(&str, char, &str)> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (key, rest) = line.split_at(word_end(line));
    let (sign, value) = match rest.trim_start().strip_prefix('=') {
        Some(value) => ('=', value),
        None => (':', rest.strip_prefix(':').filter(|value| value.is_empty() || value.starts_with([' ', '\t']))?),
    };
    (!key.is_empty()).then(|| (key, sign, value.trim()))
}

/// Whether a line sets a variable or a key, and begins no object in it that goes on.
fn is_assignment(line: &str) -> bool {
    let is_whole =
        |value: &str| !value.is_empty() && !value.ends_with(['{', '[', '(']) && !value.starts_with(['=', '>']);
    !line.starts_with("--") && entry(line).is_some_and(|(_, sign, value)| sign == '=' && is_whole(value))
}

/// Whether a line is the header of a table in TOML, or of a section in INI.
pub(super) fn is_header(line: &str) -> bool {
    let line = line.trim();
    let inner = line.strip_prefix("[[").and_then(|line| line.split_once("]]"));
    let Some((name, rest)) = inner.or_else(|| line.strip_prefix('[')?.split_once(']')) else { return false };
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | ':' | ' ');
    let is_word = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let is_end = rest.is_empty() || rest.trim_start().starts_with(['#', ';']);
    is_end && is_word && name.chars().all(is_name) && !matches!(name, "true" | "false" | "null")
}

/// Whether a text is none of JSON from its beginning on.
pub(super) fn is_foreign(text: &str) -> bool {
    let whole = text.trim_start();
    !whole.starts_with(['{', '[', '"', '\u{feff}']) || whole.lines().next().is_some_and(is_header)
}

/// Whether a line begins a document of YAML: a key without quotes, an item of a list, or the mark between documents.
fn is_yaml(line: &str) -> bool {
    let line = line.trim();
    let has_key = entry(line.trim_start_matches("- ").trim_start()).is_some_and(|(_, sign, _)| sign == ':');
    line == "---" || line.starts_with("--- ") || line.starts_with("%YAML") || has_key
}

fn word_end(line: &str) -> usize {
    line.find(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.'))).unwrap_or(line.len())
}

/// What is left to say where neither sign nor word is telling.
fn last_resort(place: &Place<'_>) -> Option<&'static str> {
    Some(match place.reason {
        _ if place.is_because("EOF") => {
            "it ends before its brackets are closed: it is cut off, or a shell has taken it apart: write the whole spec in \
             single quotes"
        }
        _ if place.is_after_end() => "something follows its end: leave it out",
        _ if place.is_because("expected `:`") => "there is no `:` after a key",
        _ if place.is_because("expected `,`") && place.is_after_value() => "a comma is missing before this",
        _ => return None,
    })
}

/// What to say of a sign that is not JSON's although it looks like one that is, or like none.
fn odd_sign(sign: char) -> Option<String> {
    let code = u32::from(sign);
    let (what, write) = match sign {
        '“' | '”' | '„' | '‟' | '«' | '»' | '″' | '＂' | '‘' | '’' | '‚' | '‛' | '′' | '＇' => {
            ("a typographic quote", "write `\"`")
        }
        '：' => ("a wide colon", "write `:`"),
        '，' | '、' => ("a wide comma", "write `,`"),
        '｛' | '｝' | '【' | '】' | '［' | '］' => ("a wide bracket", "write `{`, `}`, `[` or `]`"),
        '–' | '—' | '−' => ("a dash", "write `-`"),
        '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{ad}' => ("a sign that is not seen", "take it out"),
        '\0' => ("a zero byte", "save the text as UTF-8, not UTF-16"),
        sign if sign.is_whitespace() && !sign.is_ascii() => ("a blank that is not JSON's", "write a plain one"),
        _ => return None,
    };
    Some(format!("there is {what} (U+{code:04X}), as a word processor or a page makes it: {write}"))
}
