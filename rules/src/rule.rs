//! Every rule of the language, in one table, and how messages word each. A family's file has the predicates of its rules.

use std::convert::Infallible;

use crate::{
    Access, Leave, LiteralWith, PathKind, Pattern,
    literal::quoted,
    path::{either, usable},
    phrases::{counted, one_of},
};

macro_rules! rules {
    ($(
        $(#[$doc:meta])*
        $word:literal $variant:ident $(($content:ty))?: $argument:ident, $noun:literal $($value:ident)|+, $code:literal;
    )*) => {
        /// One rule on a value. Rules that do not apply to a value's type do not compile.
        ///
        /// `C` is a constant that only the compiler can evaluate: a macro has such, a table never ([`Rule`]).
        #[derive(Debug, Clone, Copy)]
        #[non_exhaustive]
        pub enum RuleWith<C: 'static> {
            $($(#[$doc])* $variant $(($content))?,)*
        }

        impl<C: Copy + 'static> RuleWith<C> {
            /// Every word of the language, in the order in which rules are checked and reported.
            pub const WORDS: &'static [Word<C>] = &[$(Word {
                name: $word,
                variant: stringify!($variant),
                argument: Argument::$argument(Self::$variant),
                noun: $noun,
                values: &[$(ValueType::$value),+],
                code: $code,
                misapplied: concat!("`", $word, "` is a rule for ", $noun, ", and this type is not one"),
                violated: concat!("this value violates `", $word, "` of its field"),
            }),*];

            /// The word of the rule.
            pub const fn word(&self) -> &'static Word<C> {
                enum Position { $($variant),* }
                let position = match self { $(Self::$variant { .. } => Position::$variant),* };
                &Self::WORDS[position as usize]
            }
        }
    };
}

rules! {
    /// The value equals one of these strings or integers.
    "allowed" Allowed(&'static [LiteralWith<C>]): Values, "strings and integers" String | Integer, "not_allowed";
    /// A number is not smaller than this.
    "min" Min(LiteralWith<C>): Bound, "numbers" Integer | Number, "out_of_range";
    /// A number is larger than this.
    "above" Above(LiteralWith<C>): Bound, "numbers" Integer | Number, "out_of_range";
    /// A number is not larger than this.
    "max" Max(LiteralWith<C>): Bound, "numbers" Integer | Number, "out_of_range";
    /// A number is smaller than this.
    "below" Below(LiteralWith<C>): Bound, "numbers" Integer | Number, "out_of_range";
    /// An integer is a multiple of this.
    "multiple_of" MultipleOf(u64): Factor, "integers" Integer, "not_multiple";
    /// An integer is 1, 2, 4, 8, ...
    "power_of_two" PowerOfTwo: Nothing, "integers" Integer, "not_power_of_two";
    /// A string has at least one character that is not in [`BLANK`](crate::BLANK).
    "not_blank" NotBlank: Nothing, "strings" String, "blank";
    /// A string neither begins nor ends with a character in [`BLANK`](crate::BLANK). Nothing is stripped.
    "trimmed" Trimmed: Nothing, "strings" String, "not_trimmed";
    /// A string has at least this many characters (Unicode scalar values, not bytes).
    "min_length" MinLength(usize): Size, "strings" String, "length";
    /// A string has at most this many characters (Unicode scalar values, not bytes).
    "max_length" MaxLength(usize): Size, "strings" String, "length";
    /// A string matches somewhere; anchors are part of the pattern.
    "pattern" Pattern(&'static Pattern): Pattern, "strings" String, "pattern";
    /// A string begins with this.
    "prefix" Prefix(&'static str): Text, "strings" String, "prefix";
    /// A string contains this nowhere.
    "must_not_contain" MustNotContain(&'static str): Text, "strings" String, "forbidden_text";
    /// A string is a host name or an IP address, and nothing else.
    "host" Host(&'static [Leave]): Leaves, "strings" String, "address";
    /// A string is a host and a port with a colon between them.
    "host_port" HostPort(&'static [Leave]): Leaves, "strings" String, "address";
    /// A string is a URL that names a host, or a path after three slashes.
    "url" Url(&'static [Leave]): Leaves, "strings" String, "address";
    /// A string names something that exists on the machine. Where the parser knows no machine, every string does.
    "exists" Exists(&'static [PathKind]): Paths, "strings" String, "not_on_machine";
    /// A string names something on the machine that the process may use so. Where the parser knows no machine, every string does.
    "access" Access(Access): Access, "strings" String, "not_on_machine";
    /// A list or map has at least this many entries.
    "min_items" MinItems(usize): Size, "lists and maps" List | Map, "item_count";
    /// A list or map has at most this many entries.
    "max_items" MaxItems(usize): Size, "lists and maps" List | Map, "item_count";
    /// No two items of a list are equal as JSON values.
    "unique" Unique: Nothing, "lists" List, "repeated_item";
    /// Every key of a map satisfies these.
    "keys" Keys(&'static [RuleWith<C>]): Rules, "maps" Map, "rule";
    /// Every item of a list, every value of a map satisfies these.
    "each" Each(&'static [RuleWith<C>]): Rules, "lists and maps" List | Map, "rule";
}

/// A rule of a table: everything in it is known.
pub type Rule = RuleWith<Infallible>;

/// The facts about a rule that follow from its word.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Word<C: 'static> {
    /// The word in an attribute.
    pub name: &'static str,
    /// The variant of [`RuleWith`], as code names it.
    pub variant: &'static str,
    /// The kind of argument, with the constructor of the rule.
    pub argument: Argument<C>,
    /// The values that the rule applies to, as a message names them.
    pub noun: &'static str,
    values: &'static [ValueType],
    /// The fault code of a value that violates the rule.
    pub code: &'static str,
    /// The compile error for the rule on a type to which it does not apply. It is a constant because panics at compile time
    /// cannot format text.
    pub misapplied: &'static str,
    /// The compile error for a default or an example that violates the rule.
    pub violated: &'static str,
}

/// The argument of a rule, with the constructor of the rule.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is named after what is written")]
pub enum Argument<C: 'static> {
    Nothing(RuleWith<C>),
    Bound(fn(LiteralWith<C>) -> RuleWith<C>),
    Factor(fn(u64) -> RuleWith<C>),
    Size(fn(usize) -> RuleWith<C>),
    Text(fn(&'static str) -> RuleWith<C>),
    Pattern(fn(&'static Pattern) -> RuleWith<C>),
    Values(fn(&'static [LiteralWith<C>]) -> RuleWith<C>),
    Paths(fn(&'static [PathKind]) -> RuleWith<C>),
    Leaves(fn(&'static [Leave]) -> RuleWith<C>),
    Access(fn(Access) -> RuleWith<C>),
    Rules(fn(&'static [RuleWith<C>]) -> RuleWith<C>),
}

/// The types of values that rules distinguish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ValueType {
    Boolean,
    Integer,
    Number,
    String,
    List,
    Map,
    /// To which no rule applies.
    Other,
}

impl<C> Word<C> {
    /// Whether the rule applies to values of a type.
    pub const fn applies_to(&self, value: ValueType) -> bool {
        any!(own in self.values => *own as u8 == value as u8)
    }
}

impl<C: Copy + 'static> RuleWith<C> {
    /// Whether a literal satisfies the rule, as far as the compiler can decide: an unknown constant does, and every string
    /// matches a pattern and is an address ([`matches_patterns`](Self::matches_patterns) decides that).
    pub const fn accepts(&self, literal: &LiteralWith<C>) -> bool {
        match literal {
            LiteralWith::Integer(value) => self.accepts_integer(*value),
            LiteralWith::Float(value) => self.accepts_float(*value),
            LiteralWith::String(text) => self.accepts_known_text(text),
            LiteralWith::List(items) => self.accepts_items(items),
            LiteralWith::Object(entries) => self.accepts_entries(entries),
            LiteralWith::Bool(_) => !matches!(self, Self::Allowed(_)),
            // `null` is the absence of a value.
            LiteralWith::Null | LiteralWith::Constant(_) => true,
        }
    }

    /// Whether a literal matches the rule's patterns and forms of addresses, those of its entries included.
    pub fn matches_patterns(&self, literal: &LiteralWith<C>) -> bool {
        let all_match =
            |rules: &[Self], literal: LiteralWith<C>| rules.iter().all(|rule| rule.matches_patterns(&literal));
        match (self, literal) {
            (_, LiteralWith::String(text)) => self.accepts_text(text),
            (Self::Each(rules), LiteralWith::List(items)) => items.iter().all(|item| all_match(rules, *item)),
            (Self::Each(rules), LiteralWith::Object(entries)) => {
                entries.iter().all(|(_, item)| all_match(rules, *item))
            }
            (Self::Keys(rules), LiteralWith::Object(entries)) => {
                entries.iter().all(|(key, _)| all_match(rules, LiteralWith::String(key)))
            }
            _ => true,
        }
    }

    /// Whether the rule, or one inside it, is a pattern or the form of an address.
    pub fn has_pattern(&self) -> bool {
        matches!(self, Self::Pattern(_)) || self.is_address() || self.inner().iter().any(Self::has_pattern)
    }

    /// Why a pattern of this rule, or of one inside it, is not in the portable subset.
    pub fn invalid_pattern(&self) -> Option<String> {
        match self {
            Self::Pattern(pattern) => pattern.pieces().err(),
            rule => rule.inner().iter().find_map(Self::invalid_pattern),
        }
    }

    /// The rules that this one has for entries or keys.
    pub const fn inner(&self) -> &'static [Self] {
        match self {
            Self::Each(rules) | Self::Keys(rules) => rules,
            _ => &[],
        }
    }

    /// Whether everything that the rule compares with is known.
    pub fn is_known(&self) -> bool {
        match self {
            Self::Allowed(values) => values.iter().all(LiteralWith::is_known),
            Self::Min(bound) | Self::Max(bound) | Self::Above(bound) | Self::Below(bound) => bound.is_known(),
            rule => rule.inner().iter().all(Self::is_known),
        }
    }

    /// The values that the rule accepts, as in help and faults: "at least 1", "one of \"LRU\", \"ARC\"".
    pub fn describe(&self) -> String {
        match self {
            Self::Allowed(values) => one_of(values.iter().map(LiteralWith::to_string)),
            Self::Min(bound) => format!("at least {}", bound.as_bound()),
            Self::Max(bound) => format!("at most {}", bound.as_bound()),
            Self::Above(bound) => format!("above {}", bound.as_bound()),
            Self::Below(bound) => format!("below {}", bound.as_bound()),
            Self::MultipleOf(factor) => format!("a multiple of {factor}"),
            Self::PowerOfTwo => "a power of two".to_owned(),
            Self::NotBlank => "not blank".to_owned(),
            Self::Trimmed => "without leading or trailing blanks".to_owned(),
            Self::MinLength(min) => format!("at least {}", counted(min, "character")),
            Self::MaxLength(max) => format!("at most {}", counted(max, "character")),
            Self::Pattern(pattern) => format!("the pattern `{}`", pattern.source()),
            Self::Prefix(prefix) => format!("beginning with {}", quoted(prefix)),
            Self::MustNotContain(part) => format!("without {}", quoted(part)),
            Self::Host(_) | Self::HostPort(_) | Self::Url(_) => self.describe_address(),
            Self::Exists(kinds) => format!("an existing {} when checked on the machine", either(kinds)),
            Self::Access(access) => format!("{} when checked on the machine", usable(*access)),
            Self::MinItems(1) => "not empty".to_owned(),
            Self::MinItems(min) => format!("at least {}", counted(min, "entry")),
            Self::MaxItems(max) => format!("at most {}", counted(max, "entry")),
            Self::Unique => "without repeats".to_owned(),
            Self::Each(rules) => format!("each {}", describe_all(rules)),
            Self::Keys(rules) => format!("keys {}", describe_all(rules)),
        }
    }

    /// The requirement on a value that violates the rule, as the end of a sentence that begins with the value's name: "must be
    /// at least 1".
    pub fn demand(&self) -> String {
        match self {
            Self::NotBlank => "must not be blank".to_owned(),
            Self::Trimmed => "must not begin or end with blanks".to_owned(),
            Self::MinItems(1) => "must not be empty".to_owned(),
            Self::Prefix(prefix) => format!("must begin with {}", quoted(prefix)),
            Self::MustNotContain(part) => format!("must not contain {}", quoted(part)),
            Self::Pattern(_) => format!("must match {}", self.describe()),
            Self::MinLength(_) | Self::MaxLength(_) | Self::MinItems(_) | Self::MaxItems(_) => {
                format!("must have {}", self.describe())
            }
            _ => format!("must be {}", self.address_noun().map_or_else(|| self.describe(), str::to_owned)),
        }
    }
}

/// The first rule that a literal violates.
pub const fn first_violated<'r, C: Copy>(
    rules: &'r [RuleWith<C>],
    literal: &LiteralWith<C>,
) -> Option<&'r RuleWith<C>> {
    each!(rule in rules => {
        if !rule.accepts(literal) {
            return Some(rule);
        }
    });
    None
}

/// Several rules in one phrase; a closed range reads as one: "1 to 65535".
pub fn describe_all<C: Copy + 'static>(rules: &[RuleWith<C>]) -> String {
    let mut phrases = Vec::new();
    let mut rest = rules;
    loop {
        rest = match rest {
            [RuleWith::Min(min), RuleWith::Max(max), others @ ..] => {
                phrases.push(format!("{} to {}", min.as_bound(), max.as_bound()));
                others
            }
            [first, others @ ..] => {
                phrases.push(first.describe());
                others
            }
            [] => return phrases.join(", "),
        };
    }
}

/// The word of the rule, and what it accepts: "`min` (at least 1)".
impl<C: Copy + 'static> std::fmt::Display for RuleWith<C> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "`{}` ({})", self.word().name, self.describe())
    }
}
