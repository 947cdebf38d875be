//! Words with a closed list of values: units, kinds of paths and rights on them, parts that an address may have, the choice between
//! two names, effects of conditions, kinds of cross-field rules.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $word:literal $variant:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in an attribute.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The variant, as code names it.
            pub const fn variant(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant)),* }
            }
        }
    };
}

words! {
    /// The unit of a number.
    #[expect(missing_docs, reason = "the names say it")]
    Unit {
        "bytes" Bytes,
        "kib" KiB,
        "mib" MiB,
        "gib" GiB,
        "seconds" Seconds,
        "milliseconds" Milliseconds,
        "microseconds" Microseconds,
    }
}

impl Unit {
    /// The unit after a number: "bytes", "GiB", "seconds".
    pub const fn name(self) -> &'static str {
        match self {
            Unit::KiB | Unit::MiB | Unit::GiB => self.variant(),
            _ => self.word(),
        }
    }
}

words! {
    /// The kind of thing that a path names.
    PathKind {
        /// A directory.
        "directory" Directory,
        /// A regular file.
        "file" File,
        /// A block or character device.
        "device" Device,
        /// A socket or a pipe, which no rule requires.
        "socket or pipe" Other,
    }
}

words! {
    /// The forms that a rule on addresses allows in addition to the plain one.
    Leave {
        /// Brackets around an IPv6 address.
        "bracketed" Bracketed,
        /// A scope behind an IPv6 address: `fe80::1%eth0`.
        "scoped" Scoped,
        /// Several addresses with commas between them.
        "listed" Listed,
        /// Anything: what violates the rule has a warning and no fault.
        "advised" Advised,
    }
}

words! {
    /// What a process may do with what is at a path.
    Access {
        /// Read it; a directory: list it.
        "read" Read,
        /// Read and write it; a directory: create files in it.
        "write" Write,
        /// Create files in this directory, which is created if it does not exist.
        "create" Create,
    }
}

words! {
    /// What happens when a key and its alias are both there.
    BothNames {
        /// It is a fault.
        "refused" Refused,
        /// The key's value counts.
        "key_wins" KeyWins,
        /// The alias's value counts.
        "alias_wins" AliasWins,
    }
}

words! {
    /// The effect of a condition.
    ConditionEffect {
        /// The key must be there when the other key has one of the values, and not be `null` if it is an option.
        "required_if" RequiredIf,
        /// The key must not be there (not even as `null`) unless the other key has one of the values.
        "forbidden_unless" ForbiddenUnless,
    }
}

words! {
    /// What a cross-field rule is for.
    CrossRuleKind {
        /// It refuses values that contradict each other.
        "rule" Rule,
        /// It refuses, or advises against, values that do not suit the machine. It runs only if the context has one.
        "machine_rule" MachineRule,
        /// It warns, and runs only if no `rule` is violated.
        "warning" Warning,
    }
}
