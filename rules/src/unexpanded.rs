//! Variables that nobody expanded: text that a shell, Kubernetes or a template should have replaced.

/// Longer ones are taken for text: looking for their ends would take time that grows with what a stranger wrote.
const BYTES_MAX: usize = 128;

/// A variable in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unexpanded<'t> {
    /// As it is written: `$(POD_IP)`.
    pub written: &'t str,
    notation: Notation,
}

/// Who would have expanded a variable, by its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notation {
    /// `$NAME`
    Shell,
    /// `${NAME}`, `${NAME:-default}`
    ShellInBraces,
    /// `$(NAME)`: Kubernetes, or a shell that runs a command.
    Parentheses,
    /// `{{ .Values.name }}`, `${{ name }}`
    Template,
    /// `<name>`: a person.
    Placeholder,
    /// `%NAME%`
    Windows,
    /// `$env:NAME`
    PowerShell,
    /// `` `command` ``
    Backticks,
    /// `~` before a slash: a home directory.
    Home,
}

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
        return Some(Unexpanded { written: &text[..1], notation: Notation::Home });
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
    (!may_be_text || is_name(variable.inside())).then_some(variable)
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
    let rest = &rest[..rest.floor_char_boundary(BYTES_MAX)];
    let (notation, length) = if before.ends_with('\\') && !rest.starts_with('%') {
        // Escaped: it is meant as it is. In paths of Windows the sign separates names.
        return None;
    } else if let Some(inside) = rest.strip_prefix("${{").or_else(|| rest.strip_prefix("{{")) {
        let opened = rest.len() - inside.len();
        (Notation::Template, opened + enclosed(inside, "}}")?)
    } else if let Some(inside) = rest.strip_prefix("${") {
        (Notation::ShellInBraces, 2 + enclosed(inside, "}")?)
    } else if let Some(inside) = rest.strip_prefix("$(") {
        (Notation::Parentheses, 2 + enclosed(inside, ")")?)
    } else if let Some(inside) = rest.strip_prefix("$env:") {
        (Notation::PowerShell, "$env:".len() + shell_name(inside, "")?)
    } else if let Some(inside) = rest.strip_prefix('$') {
        (Notation::Shell, 1 + shell_name(inside, before)?)
    } else if let Some(inside) = rest.strip_prefix('%') {
        (Notation::Windows, 1 + windows_name(inside)?)
    } else if let Some(inside) = rest.strip_prefix('`') {
        (Notation::Backticks, 1 + enclosed(inside, "`")?)
    } else {
        (Notation::Placeholder, 1 + placeholder(rest.strip_prefix('<')?, before)?)
    };
    Some(Unexpanded { written: &rest[..length], notation })
}

/// The length of what a bracket encloses, the closing one included, if it is not empty and begins as names and commands do: an
/// end of a line in a pattern, `$(`, encloses nothing of that kind.
fn enclosed(inside: &str, close: &str) -> Option<usize> {
    let length = inside.find(close)?;
    let content = inside[..length].trim_start();
    let begins_a_name = content.starts_with(|first: char| first.is_ascii_alphanumeric() || "_.!#-/\"$".contains(first));
    (begins_a_name && !content.contains('\n')).then_some(length + close.len())
}

/// The length of the name after `$`. After a letter or a digit only one in capital letters counts.
fn shell_name(inside: &str, before: &str) -> Option<usize> {
    let name = leading(inside, |character| character.is_ascii_alphanumeric() || character == '_');
    let begins_a_name = inside.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let stands_apart = !before.ends_with(|last: char| last.is_ascii_alphanumeric());
    let in_capitals = !name.bytes().any(|byte| byte.is_ascii_lowercase());
    (begins_a_name && (stands_apart || in_capitals)).then_some(name.len())
}

/// The length of the name before a second `%`, which is included. The escapes of URLs and the fields of dates are shorter.
fn windows_name(inside: &str) -> Option<usize> {
    const SHORTEST: usize = 3;
    let name = leading(inside, |character| character.is_ascii_alphanumeric() || character == '_');
    let begins_a_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let after = inside[name.len()..].strip_prefix('%')?;
    let is_escape = |text: &str| text.len() > 1 && text.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    let is_name = begins_a_name && name.len() >= SHORTEST && !(is_escape(name) && is_escape(after));
    is_name.then_some(name.len() + 1)
}

/// The length of a name in angle brackets, the closing one included. Patterns write the names of groups so.
fn placeholder(inside: &str, before: &str) -> Option<usize> {
    let name = leading(inside, |character| character.is_ascii_alphanumeric() || "_-. ".contains(character));
    let is_of_pattern = ["?", "?P", "\\k", "\\g"].iter().any(|group| before.ends_with(group));
    let is_name = inside.starts_with(|first: char| first.is_ascii_alphabetic()) && !name.ends_with(' ');
    (is_name && !is_of_pattern && inside[name.len()..].starts_with('>')).then_some(name.len() + 1)
}

fn leading(text: &str, belongs: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|character| !belongs(character)).unwrap_or(text.len())]
}

impl Unexpanded<'_> {
    /// What to write in its place, as the end of a sentence.
    pub fn advice(&self) -> String {
        if self.is_command() {
            return format!(
                "in a shell, between single quotes, write `'\"$({})\"'` for it; in Kubernetes, which runs no commands, start the \
                 server by `sh -c` and write the same there",
                self.inside()
            );
        }
        let (name, in_shell) = (self.name(), self.in_shell());
        let value = match self.notation {
            Notation::Template => {
                "run the text through its template engine (Helm: `helm template`), or write the value. "
            }
            Notation::Placeholder => "write the value. ",
            _ => "",
        };
        format!(
            "{value}{}n a shell, between single quotes, write `'\"{in_shell}\"'` for it; in Kubernetes write `$({name})` in \
             `command` or `args`, and declare {name} in `env` of the container",
            if value.is_empty() { 'i' } else { 'I' }
        )
    }

    /// What the advice may say where the variable itself must not be shown.
    pub const ADVICE_FOR_SECRETS: &'static str = "in a shell, between single quotes, write `'\"$NAME\"'` for it; in Kubernetes \
                                                  write `$(NAME)` in `command` or `args`, and declare NAME in `env` of the \
                                                  container by `secretKeyRef`";

    /// Whether only a shell can expand it, by running a command.
    fn is_command(&self) -> bool {
        let inside = self.inside();
        // Variables of containers have capital letters.
        let is_variable = inside.bytes().any(|byte| byte.is_ascii_uppercase()) && !inside.contains([' ', '/', '|']);
        match self.notation {
            Notation::Parentheses => !is_variable,
            notation => notation == Notation::Backticks,
        }
    }

    fn inside(&self) -> &str {
        let written = self.written.strip_prefix("$env:").unwrap_or(self.written);
        written.trim_start_matches(['$', '{', '(', '<', '%', '`']).trim_end_matches(['}', ')', '>', '%', '`'])
    }

    /// The name of an environment variable for it: its last word, in capital letters where none says otherwise.
    pub fn name(&self) -> String {
        if self.notation == Notation::Home {
            return "HOME".to_owned();
        }
        let inside = self.inside();
        let end = match self.notation {
            Notation::ShellInBraces => inside.find([':', '-', '=', '?', '+', '%', '#', '/']).unwrap_or(inside.len()),
            Notation::Template => inside.find('|').unwrap_or(inside.len()),
            _ => inside.len(),
        };
        let last = match self.notation {
            Notation::Template => inside[..end].trim().rsplit(['.', ' ']).next().unwrap_or_default(),
            _ => &inside[..end],
        };
        let is_part = |character: char| character.is_ascii_alphanumeric();
        let name: String = last.trim().chars().map(|part| if is_part(part) { part } else { '_' }).collect();
        match self.notation {
            _ if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) => "NAME".to_owned(),
            Notation::Template | Notation::Placeholder => name.to_ascii_uppercase(),
            _ => name,
        }
    }

    fn in_shell(&self) -> String {
        match self.notation {
            Notation::Shell | Notation::ShellInBraces => self.written.to_owned(),
            _ => format!("${}", self.name()),
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
            "^[a-z]+$",
            "^(a$|b$)",
            "a$",
            "US$ 5",
            "$1",
            "kv$data",
            "$$HOME",
            "\\$HOME",
            "{hash}@{model}",
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
            ("$(POD_IP)", "`'\"$POD_IP\"'`", "`$(POD_IP)`"),
            ("$POD_IP", "`'\"$POD_IP\"'`", "`$(POD_IP)`"),
            ("${DIR:-/tmp}", "`'\"${DIR:-/tmp}\"'`", "`$(DIR)`"),
            ("{{ .Values.pod-ip | quote }}", "`'\"$POD_IP\"'`", "`$(POD_IP)`"),
            ("<your-host>", "`'\"$YOUR_HOST\"'`", "`$(YOUR_HOST)`"),
            ("{{ 1 }}", "`'\"$NAME\"'`", "`$(NAME)`"),
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
