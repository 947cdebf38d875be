//! Variables that nobody expanded: text that a shell, Kubernetes or a template should have replaced.

/// Longer ones are taken for text: looking for their ends would take time that grows with what a stranger wrote.
const BYTES_MAX: usize = 128;

/// A variable in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unexpanded<'t> {
    /// As it is written: `$(POD_IP)`.
    pub written: &'t str,
    inside: &'t str,
    notation: Notation,
}

/// Who would have expanded a variable, by its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notation {
    /// A shell.
    Shell,
    ShellInBraces,
    /// Kubernetes, or a shell that runs a command.
    Parentheses,
    Template,
    /// A person.
    Placeholder,
    Windows,
    /// PowerShell; a shell that knows a home directory.
    Other,
    /// A shell that runs a command.
    Backticks,
}

/// What begins and ends a variable; an opening before those that begin it.
const NOTATIONS: [(&str, &str, Notation); 9] = [
    ("${{", "}}", Notation::Template),
    ("{{", "}}", Notation::Template),
    ("${", "}", Notation::ShellInBraces),
    ("$(", ")", Notation::Parentheses),
    ("$env:", "", Notation::Other),
    ("$", "", Notation::Shell),
    ("%", "%", Notation::Windows),
    ("`", "`", Notation::Backticks),
    ("<", ">", Notation::Placeholder),
];

/// The first variable of a text.
#[inline]
pub fn unexpanded(text: &str) -> Option<Unexpanded<'_>> {
    // Nearly every text has none of these.
    let may_be_one = text.bytes().any(|byte| matches!(byte, b'$' | b'{' | b'<' | b'%' | b'`')) || text.starts_with('~');
    if may_be_one { first_variable(text) } else { None }
}

#[cold]
fn first_variable(text: &str) -> Option<Unexpanded<'_>> {
    if text == "~" || text.starts_with("~/") {
        return Some(Unexpanded { written: &text[..1], inside: "HOME", notation: Notation::Other });
    }
    let mut start = 0;
    while let Some(found) = text[start..].find(['$', '{', '<', '%', '`']) {
        let (before, rest) = text.split_at(start + found);
        if let Some(variable) = at_start(rest, before) {
            return Some(variable);
        }
        // `$$` is how Kubernetes and templates write `$` itself, and `%%` how scripts of Windows write `%`.
        start += found + if rest.starts_with("$$") || rest.starts_with("%%") { 2 } else { 1 };
    }
    None
}

/// The variable that a secret consists of, and nothing else: any part of an honest password may look like one.
pub fn unexpanded_whole(text: &str) -> Option<Unexpanded<'_>> {
    let variable = unexpanded(text.trim()).filter(|variable| variable.written == text.trim())?;
    let is_name = |name: &str| name.len() > 2 && name.bytes().all(|byte| !byte.is_ascii_lowercase());
    let may_be_text = matches!(variable.notation, Notation::Shell | Notation::Windows);
    (!may_be_text || is_name(variable.inside)).then_some(variable)
}

/// The text with other text in place of each variable, which may depend on what stands before it.
pub(crate) fn with_each_replaced(text: &str, by: fn(&str) -> &'static str) -> String {
    let (mut replaced, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(Unexpanded { written, .. }) = unexpanded(rest) {
        let Some((before, after)) = rest.split_once(written) else { break };
        replaced.push_str(before);
        replaced.push_str(by(&replaced));
        rest = after;
    }
    replaced.push_str(rest);
    replaced
}

fn at_start<'t>(rest: &'t str, before: &str) -> Option<Unexpanded<'t>> {
    // Escaped: it is meant as it is. In paths of Windows the sign separates names.
    if before.ends_with('\\') && !rest.starts_with('%') {
        return None;
    }
    let rest = &rest[..rest.floor_char_boundary(BYTES_MAX)];
    let (open, close, notation) = *NOTATIONS.iter().find(|(open, ..)| rest.starts_with(open))?;
    let opened = &rest[open.len()..];
    let signs = if notation == Notation::Placeholder { "_-. " } else { "_" };
    let of_name = |character: char| character.is_ascii_alphanumeric() || signs.contains(character);
    let length = match notation {
        Notation::Shell | Notation::Other | Notation::Windows | Notation::Placeholder => {
            opened.find(|character| !of_name(character)).unwrap_or(opened.len())
        }
        _ => opened.find(close)?,
    };
    let (inside, after) = opened.split_at(length);
    let after = after.strip_prefix(close)?;
    let begins_with = |signs: &str| {
        inside.trim_start().starts_with(|first: char| first.is_ascii_alphabetic() || signs.contains(first))
    };
    let is_variable = match notation {
        Notation::Other => begins_with("_"),
        // After a letter or a digit only a name in capital letters counts.
        Notation::Shell => {
            let is_apart = !before.ends_with(|last: char| last.is_ascii_alphanumeric());
            begins_with("_") && (is_apart || !inside.bytes().any(|byte| byte.is_ascii_lowercase()))
        }
        // The escapes of URLs and the fields of dates are shorter.
        Notation::Windows => {
            let is_escape = |text: &str| text.len() > 1 && text.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
            begins_with("_") && inside.len() > 2 && !(is_escape(inside) && is_escape(after))
        }
        // Patterns write the names of groups so.
        Notation::Placeholder => {
            let is_of_pattern = ["?", "?P", "\\k", "\\g"].iter().any(|group| before.ends_with(group));
            !inside.starts_with(' ') && begins_with("") && !inside.ends_with(' ') && !is_of_pattern
        }
        // Names and commands begin so. The end of a line in a pattern, `$(`, encloses nothing of that kind.
        _ => begins_with("0123456789_.!#-/\"$") && !inside.trim_start().contains('\n'),
    };
    let written = &rest[..open.len() + length + close.len()];
    is_variable.then_some(Unexpanded { written, inside, notation })
}

impl Unexpanded<'_> {
    /// What to write in its place, as the end of a sentence.
    pub fn advice(&self) -> String {
        if self.is_command() {
            return format!(
                "in a shell, between single quotes, write `'\"$({})\"'` for it; in Kubernetes, which runs no commands, start the \
                 server by `sh -c` and write the same there",
                self.inside
            );
        }
        let name = self.name();
        let in_shell = match self.notation {
            Notation::Shell | Notation::ShellInBraces => self.written,
            _ => &format!("${name}"),
        };
        let value = match self.notation {
            Notation::Template => {
                "run the text through its template engine (Helm: `helm template`), or write the value. In"
            }
            Notation::Placeholder => "write the value. In",
            _ => "in",
        };
        format!(
            "{value} a shell, between single quotes, write `'\"{in_shell}\"'` for it; in Kubernetes write `$({name})` in \
             `command` or `args`, and declare {name} in `env` of the container"
        )
    }

    /// What the advice may say where the variable itself must not be shown.
    pub const ADVICE_FOR_SECRETS: &'static str = "in a shell, between single quotes, write `'\"$NAME\"'` for it; in Kubernetes \
                                                  write `$(NAME)` in `command` or `args`, and declare NAME in `env` of the \
                                                  container by `secretKeyRef`";

    /// Whether only a shell can expand it, by running a command.
    fn is_command(&self) -> bool {
        // Variables of containers have capital letters.
        let is_variable =
            self.inside.bytes().any(|byte| byte.is_ascii_uppercase()) && !self.inside.contains([' ', '/', '|']);
        match self.notation {
            Notation::Parentheses => !is_variable,
            notation => notation == Notation::Backticks,
        }
    }

    /// The name of an environment variable for it: its last word, in capital letters where none says otherwise.
    pub fn name(&self) -> String {
        let ends: &[char] = match self.notation {
            Notation::ShellInBraces => &[':', '-', '=', '?', '+', '%', '#', '/'],
            Notation::Template => &['|'],
            _ => &[],
        };
        let mut name = self.inside.split(ends).next().unwrap_or_default().trim();
        if self.notation == Notation::Template {
            name = name.rsplit(['.', ' ']).next().unwrap_or_default();
        }
        name = name.trim_matches(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_');
        if !name.starts_with(|first: char| !first.is_ascii_digit()) {
            return "NAME".to_owned();
        }
        let name = name.replace(|part: char| !part.is_ascii_alphanumeric(), "_");
        match self.notation {
            Notation::Template | Notation::Placeholder => name.to_ascii_uppercase(),
            _ => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_wherever_they_are_in_a_text() {
        for (text, written) in [
            ("$(POD_IP)", "$(POD_IP)"),
            ("${CACHE_DIR}/kv", "${CACHE_DIR}"),
            ("/mnt/${HOST:-a}/kv", "${HOST:-a}"),
            ("$POD_IP", "$POD_IP"),
            ("/data/$user/kv", "$user"),
            ("kv$RANK", "$RANK"),
            ("a-{{ .Values.host }}.svc", "{{ .Values.host }}"),
            ("{{host}}", "{{host}}"),
            ("${{ secrets.HOST }}", "${{ secrets.HOST }}"),
            ("$(hostname -i)", "$(hostname -i)"),
            ("s3://<bucket>.s3.amazonaws.com", "<bucket>"),
            ("<your pod ip>", "<your pod ip>"),
            ("$$$POD_IP", "$POD_IP"),
            ("%TEMP%/kv", "%TEMP%"),
            ("C:\\Users\\%USERNAME%\\kv", "%USERNAME%"),
            ("%%20%COMPUTERNAME%", "%COMPUTERNAME%"),
            ("$env:TEMP/kv", "$env:TEMP"),
            ("/kv/`hostname -s`/0", "`hostname -s`"),
            ("/kv/$(hostname)", "$(hostname)"),
            ("~/kv", "~"),
            ("~", "~"),
        ] {
            assert_eq!(unexpanded(text).map(|found| found.written), Some(written), "{text}");
        }
    }

    #[test]
    fn texts_without_variables_are_recognized() {
        for text in [
            "",
            "10.0.0.1",
            "^(a$|b$)",
            "a$",
            "$1",
            "$$HOME",
            "\\$HOME",
            "{}",
            "${}",
            "a{2}",
            "(?P<name>a)(?<other>b)\\k<other>",
            "a < b > c",
            "x<5>",
            "<",
            "$(",
            "{{",
            "日本$",
            "a%20b%C3%A4c%2Fd%",
            "%Y-%m-%d_%H%M%S",
            "100%",
            "fe80::1%eth0",
            "%%TEMP%%",
            "``",
            "a`b",
            "/a~/b",
            "~user",
            &format!("${{{}}}", "long".repeat(40)),
        ] {
            assert_eq!(unexpanded(text), None, "{text}");
        }
    }

    #[test]
    fn a_secret_is_a_variable_only_as_a_whole() {
        for text in [
            "$REDIS_PASSWORD",
            "${secret}",
            "$(PASSWORD)",
            "{{ .Values.password }}",
            "<password>",
            "%PASSWORD%",
            "`pass kv`",
        ] {
            assert!(unexpanded_whole(text).is_some(), "{text}");
        }
        for text in ["pa$SWORD", "$ecret", "a${B}c", "$(a)b", "x<y>", "$$PASSWORD", "%ecret%", "a`b`"] {
            assert_eq!(unexpanded_whole(text), None, "{text}");
        }
    }

    #[test]
    fn the_advice_can_be_pasted() {
        let advice = |text| unexpanded(text).map(|found| found.advice()).unwrap_or_default();
        for (text, shell, kubernetes) in [
            ("$POD_IP", "`'\"$POD_IP\"'`", "`$(POD_IP)`"),
            ("${DIR:-/tmp}", "`'\"${DIR:-/tmp}\"'`", "`$(DIR)`"),
            ("{{ .Values.pod-ip | quote }}", "`'\"$POD_IP\"'`", "`$(POD_IP)`"),
            ("<your-host>", "`'\"$YOUR_HOST\"'`", "`$(YOUR_HOST)`"),
            ("{{ 1 }}", "`'\"$NAME\"'`", "`$(NAME)`"),
            ("{{ $host }}", "`'\"$HOST\"'`", "`$(HOST)`"),
            ("$(hostname -i)", "`'\"$(hostname -i)\"'`", "`sh -c`"),
            ("$(hostname)", "`'\"$(hostname)\"'`", "`sh -c`"),
            ("`hostname`", "`'\"$(hostname)\"'`", "`sh -c`"),
            ("%TEMP%", "`'\"$TEMP\"'`", "`$(TEMP)`"),
            ("$env:TEMP", "`'\"$TEMP\"'`", "`$(TEMP)`"),
            ("~/kv", "`'\"$HOME\"'`", "`$(HOME)`"),
        ] {
            let told = advice(text);
            assert!(told.contains(shell) && told.contains(kubernetes), "{text}: {told}");
        }
    }
}
