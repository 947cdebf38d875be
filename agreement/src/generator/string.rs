//! Strings that satisfy their rules, and strings that differ from these by one character.

use l2_adapter_rules::Piece;
use l2_adapter_schema::{BLANK, Pattern, Rule};

use super::Generator;

/// Characters that readers treat differently: letters, punctuation, line ends, combining marks, beyond 16 bits.
const CHARACTERS: &str =
    "abcxyzABZ019-_./:~\"\\$ \t\n\r\0\u{7f}\u{a0}é\u{301}ßİ\u{200b}\u{2028}\u{3000}\u{feff}中😀\u{10ffff}";

/// Hosts, and variables in their place.
const HOSTS: &[&str] =
    &["h", "10.0.0.1", "decode-0.pd_nodes.svc.", "xn--dcode-bsa", "$(POD_IP)", "${HOST:-/,@ }", "<host>"];

impl Generator<'_> {
    /// A string to which the rules were applied one after the other, and which usually satisfies them.
    pub(in super::super) fn text(&mut self, rules: &[Rule]) -> String {
        let allowed: Vec<&str> = rules
            .iter()
            .flat_map(|rule| if let Rule::Allowed(values) = rule { *values } else { &[] })
            .filter_map(|value| value.as_text())
            .collect();
        if let Some(text) = self.random.choice(allowed) {
            return text.to_owned();
        }
        let address = rules.iter().find(|rule| rule.is_address() && !rule.is_advice());
        if let Some(text) = address.zip(self.random.choice(HOSTS)).and_then(|(rule, host)| rule.address_named(host)) {
            return text;
        }
        let (least, most) = lengths(rules);
        let pattern =
            rules.iter().find_map(|rule| if let Rule::Pattern(pattern) = rule { Some(pattern) } else { None });
        let mut text = match pattern {
            Some(pattern) => self.matching(pattern),
            None => {
                let length = self.length(least, most);
                self.free_text(length, length)
            }
        };
        for rule in rules {
            match rule {
                Rule::Prefix(prefix) if !text.starts_with(prefix) => text.insert_str(0, prefix),
                // A part may reappear after its removal: then the caller tries again.
                Rule::MustNotContain(part) => text = text.replace(part, ""),
                Rule::Trimmed => text = text.trim_matches(BLANK).to_owned(),
                _ => {}
            }
        }
        if text.chars().all(|character| BLANK.contains(&character))
            && rules.iter().any(|rule| matches!(rule, Rule::NotBlank))
        {
            text.push('x');
        }
        let length = text.chars().count();
        text.extend(std::iter::repeat_n('x', least.saturating_sub(length)));
        text.chars().take(most).collect()
    }

    /// A string that matches a pattern. If the pattern is not anchored, other text may surround the match.
    fn matching(&mut self, pattern: &Pattern) -> String {
        // A repeat without an upper end is limited here: longer ones test nothing new.
        const REPEATS_MORE: usize = 3;
        let Ok(pieces) = pattern.pieces() else { return String::new() };
        let mut text = String::new();
        for piece in pieces {
            if piece == Piece::ANYTHING {
                if self.one_in(3) {
                    text.push_str(&self.free_text(0, 3));
                }
                continue;
            }
            let characters: Vec<char> = piece.characters.ascii().collect();
            for _ in 0..self.random.usize(piece.least..=piece.most.unwrap_or(piece.least + REPEATS_MORE)) {
                text.extend(self.random.choice(&characters));
            }
        }
        text
    }

    /// A length between two bounds; the bounds themselves are likely.
    fn length(&mut self, least: usize, most: usize) -> usize {
        const MORE: usize = 8;
        match self.random.u8(0..4) {
            0 => least,
            1 if most <= 4096 => most,
            _ => self.random.usize(least..=most.min(least.saturating_add(MORE)).max(least)),
        }
    }

    /// Any string of this many characters; half of the strings are plain words.
    pub(in super::super) fn free_text(&mut self, least: usize, most: usize) -> String {
        let length = self.random.usize(least..=most);
        let all: Vec<char> = CHARACTERS.chars().collect();
        let choose_from = if self.random.bool() { &all[..12] } else { &all };
        (0..length).filter_map(|_| self.random.choice(choose_from)).collect()
    }
}

/// The lengths that rules allow.
pub(in super::super) fn lengths(rules: &[Rule]) -> (usize, usize) {
    rules.iter().fold((0, usize::MAX), |(least, most), rule| match rule {
        Rule::MinLength(length) => (least.max(*length), most),
        Rule::MaxLength(length) => (least, most.min(*length)),
        _ => (least, most),
    })
}

/// Strings that differ from a given one by one mistake.
pub(in super::super) fn near_misses(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let length = characters.len();
    let mut misses: Vec<String> = Vec::new();
    for index in (0..length).filter(|index| *index < 8 || index + 8 > length) {
        let without = |index: usize| characters[..index].iter().chain(&characters[index + 1..]);
        misses.push(without(index).collect());
        let mut changed = characters.clone();
        changed[index] = if characters[index].is_lowercase() {
            characters[index].to_ascii_uppercase()
        } else {
            characters[index].to_ascii_lowercase()
        };
        misses.push(changed.iter().collect());
        changed[index] = '😀';
        misses.push(changed.iter().collect());
    }
    misses.extend([
        format!("{text}x"),
        format!("x{text}"),
        format!("{text}{text}"),
        format!("{text}😀"),
        format!("e\u{301}{text}"),
    ]);
    misses.extend([text.to_uppercase(), text.to_lowercase(), String::new()]);
    // The Kelvin sign and the long s are case variants of k and s for engines that fold more than ASCII.
    misses.extend([text.replace(['k', 'K'], "\u{212a}"), text.replace(['s', 'S'], "\u{17f}")]);
    misses.extend(spoilt_by_blanks(text));
    misses.retain(|miss| miss != text);
    misses
}

/// A string with blanks around it or instead of it. A line feed at the end is what Python's `$` overlooks.
pub(in super::super) fn spoilt_by_blanks(text: &str) -> Vec<String> {
    let length = text.chars().count().max(1);
    BLANK
        .iter()
        // Not blank here, but in Unicode or other languages.
        .chain(&['\u{200b}', '\u{feff}', '\u{180e}', '\0'])
        .flat_map(|blank| {
            let instead: String = std::iter::repeat_n(*blank, length).collect();
            let mut last_replaced: String = text.chars().take(length - 1).collect();
            last_replaced.push(*blank);
            [format!("{text}{blank}"), format!("{blank}{text}"), last_replaced, blank.to_string(), instead]
        })
        .collect()
}
