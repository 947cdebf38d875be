//! Keys as text. Only the text that LMCache's native connectors write is accepted.

use l2_adapter_schema::counted;
use std::{fmt, str::FromStr};

use super::ObjectKey;

/// An error in a key. Positions are byte offsets, from 0, in the given text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ObjectKeyError {
    /// A model's name that contains the separator.
    #[error("a model's name must not contain `@`, which separates the fields of an object key: byte {position} is one")]
    ModelName {
        /// Its position.
        position: usize,
    },
    /// A salt with a character that a file name, a path or a C string cannot hold.
    #[error("a cache salt must not contain `@`, `/`, `\\` or NUL: byte {position} is {character:?}")]
    CacheSaltCharacter {
        /// The first such character.
        character: char,
        /// Its position.
        position: usize,
    },
    /// A salt that is too long.
    #[error("a cache salt has at most {} characters, got {characters}", ObjectKey::CACHE_SALT_MAX)]
    CacheSaltLength {
        /// Its length.
        characters: usize,
    },
    /// A text with too few or too many fields.
    #[error(
        "an object key is `<model>@<kv_rank>@<group>@<hash>`, with `@<salt>` where it has one: got {}",
        counted(.fields, "field")
    )]
    FieldCount {
        /// The number of fields.
        fields: usize,
    },
    /// A field in a form that no key has.
    #[error("the {field} of an object key is {expected}, got {got:?} at byte {position}")]
    Field {
        /// The field's name.
        field: &'static str,
        /// The requirement.
        expected: &'static str,
        /// Its first position.
        position: usize,
        /// Its beginning.
        got: String,
    },
}

impl ObjectKeyError {
    /// The same error in a text in which the field begins at byte `offset`.
    fn moved_by(self, offset: usize) -> Self {
        match self {
            Self::CacheSaltCharacter { character, position } => {
                Self::CacheSaltCharacter { character, position: position + offset }
            }
            other => other,
        }
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{:08x}@{:x}@", self.model_name, self.kv_rank, self.object_group_id)?;
        self.chunk_hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        self.cache_salt.iter().try_for_each(|salt| write!(f, "@{salt}"))
    }
}

impl fmt::Debug for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectKey({self})")
    }
}

/// One field of a text, with its description for errors.
#[derive(Clone, Copy)]
struct Field<'a> {
    name: &'static str,
    expected: &'static str,
    text: &'a str,
    position: usize,
}

impl FromStr for ObjectKey {
    type Err = ObjectKeyError;

    /// Parses the form that `Display` writes. LMCache's own readers also accept signs, `0x`, upper case, missing zeros and an
    /// empty salt, which no LMCache writes: here they are refused, so that no key has two texts.
    fn from_str(text: &str) -> Result<Self, ObjectKeyError> {
        let fields: Vec<&str> = text.splitn(6, '@').collect();
        let (&[model_name, kv_rank, group, hash], cache_salt) = (match fields.as_slice() {
            [required @ .., salt] if fields.len() == 5 => (required, Some(*salt)),
            all => (all, None),
        }) else {
            return Err(ObjectKeyError::FieldCount { fields: text.matches('@').count() + 1 });
        };
        let kv_rank = Field {
            name: "kv_rank",
            expected: "eight lower-case hexadecimal digits",
            text: kv_rank,
            position: model_name.len() + 1,
        };
        let group = Field {
            name: "object group",
            expected: "up to eight lower-case hexadecimal digits without leading zeros",
            text: group,
            position: kv_rank.end() + 1,
        };
        let hash = Field {
            name: "chunk hash",
            expected: "an even number of lower-case hexadecimal digits",
            text: hash,
            position: group.end() + 1,
        };
        let key =
            Self::new(model_name, kv_rank.number(8..=8)?, &hash.bytes()?)?.with_object_group_id(group.group_id()?);
        let Some(salt) = cache_salt else { return Ok(key) };
        let position = hash.end() + 1;
        if salt.is_empty() {
            return Err(Field { name: "cache salt", expected: "left out where empty", text: salt, position }.refused());
        }
        key.with_cache_salt(salt).map_err(|error| error.moved_by(position))
    }
}

impl Field<'_> {
    fn end(self) -> usize {
        self.position + self.text.len()
    }

    fn number(self, digits: std::ops::RangeInclusive<usize>) -> Result<u32, ObjectKeyError> {
        let sound = digits.contains(&self.text.len()) && self.text.bytes().all(is_digit);
        sound.then(|| u32::from_str_radix(self.text, 16).ok()).flatten().ok_or_else(|| self.refused())
    }

    fn group_id(self) -> Result<u32, ObjectKeyError> {
        if self.text.starts_with('0') && self.text.len() > 1 { Err(self.refused()) } else { self.number(1..=8) }
    }

    fn bytes(self) -> Result<Vec<u8>, ObjectKeyError> {
        let (pairs, rest) = self.text.as_bytes().as_chunks::<2>();
        let byte = |[high, low]: &[u8; 2]| Some(digit_value(*high)? << 4 | digit_value(*low)?);
        let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
        bytes.filter(|_| rest.is_empty()).ok_or_else(|| self.refused())
    }

    /// A field may be as long as the text: an error shows its beginning.
    fn refused(self) -> ObjectKeyError {
        const SHOWN_CHARACTERS: usize = 40;
        let got = self.text.chars().take(SHOWN_CHARACTERS).collect();
        ObjectKeyError::Field { field: self.name, expected: self.expected, position: self.position, got }
    }
}

fn is_digit(byte: u8) -> bool {
    digit_value(byte).is_some()
}

fn digit_value(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(model_name: &str, kv_rank: u32, group: u32, hash: &[u8], salt: &str) -> ObjectKey {
        ObjectKey::new(model_name, kv_rank, hash).unwrap().with_object_group_id(group).with_cache_salt(salt).unwrap()
    }

    /// The texts are those that `_object_key_to_string` of LMCache 0.5.6 (`native_connector_l2_adapter.py`) returned for these
    /// keys, and from which its `_string_to_object_key` (`s3_l2_adapter.py`) returned the keys again.
    #[test]
    fn keys_are_written_as_lmcache_writes_them() {
        let hash: Vec<u8> = (0..32).collect();
        for (key, text) in [
            (
                key("meta-llama/Llama-3.1-8B", 0x0805_0401, 0, b"\xde\xad\xbe\xef", ""),
                "meta-llama/Llama-3.1-8B@08050401@0@deadbeef",
            ),
            (
                key("m", 0, 255, &hash, "tenant-1"),
                "m@00000000@ff@000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f@tenant-1",
            ),
            (key("", 0, 0, b"", ""), "@00000000@0@"),
            (key("Qwen/Qwen3 ü", 0xffff_ffff, 0, b"\0", "s a\n"), "Qwen/Qwen3 ü@ffffffff@0@00@s a\n"),
            (key("m", 0x100f_0807, 4096, b"\x01", ""), "m@100f0807@1000@01"),
        ] {
            assert_eq!(key.to_string(), text);
            assert_eq!(text.parse(), Ok(key));
        }
    }

    /// Keys for which `ObjectKey.__post_init__` of LMCache 0.5.6 raises.
    #[test]
    fn keys_that_lmcache_refuses_are_refused() {
        let plain = || ObjectKey::new("m", 0, b"").unwrap();
        assert_eq!(ObjectKey::new("a@b", 0, b""), Err(ObjectKeyError::ModelName { position: 1 }));
        for character in ['@', '/', '\\', '\0'] {
            assert_eq!(
                plain().with_cache_salt(&format!("ü{character}")),
                Err(ObjectKeyError::CacheSaltCharacter { character, position: 2 })
            );
        }
        assert!(plain().with_cache_salt(&"ü".repeat(128)).is_ok());
        assert_eq!(plain().with_cache_salt(&"ü".repeat(129)), Err(ObjectKeyError::CacheSaltLength { characters: 129 }));
    }

    #[test]
    fn errors_in_a_text_have_their_position() {
        for (text, said) in [
            ("", "an object key is `<model>@<kv_rank>@<group>@<hash>`, with `@<salt>` where it has one: got 1 field"),
            (
                "m@00000000@0@00@s@t@u",
                "an object key is `<model>@<kv_rank>@<group>@<hash>`, with `@<salt>` where it has one: got 7 fields",
            ),
            (
                "a@b@00000000@0@00",
                "the kv_rank of an object key is eight lower-case hexadecimal digits, got \"b\" at byte 2",
            ),
            (
                "m@+1234567@0@00",
                "the kv_rank of an object key is eight lower-case hexadecimal digits, got \"+1234567\" at byte 2",
            ),
            ("m@0@0@00", "the kv_rank of an object key is eight lower-case hexadecimal digits, got \"0\" at byte 2"),
            (
                "m@100000000@0@00",
                "the kv_rank of an object key is eight lower-case hexadecimal digits, got \"100000000\" at byte 2",
            ),
            (
                "m@00000000@00@00",
                "the object group of an object key is up to eight lower-case hexadecimal digits without leading zeros, got \"00\" at byte 11",
            ),
            (
                "m@00000000@@00",
                "the object group of an object key is up to eight lower-case hexadecimal digits without leading zeros, got \"\" at byte 11",
            ),
            (
                "m@00000000@100000000@00",
                "the object group of an object key is up to eight lower-case hexadecimal digits without leading zeros, got \"100000000\" at byte 11",
            ),
            (
                "m@00000000@0@DEAD",
                "the chunk hash of an object key is an even number of lower-case hexadecimal digits, got \"DEAD\" at byte 13",
            ),
            (
                "m@00000000@0@000",
                "the chunk hash of an object key is an even number of lower-case hexadecimal digits, got \"000\" at byte 13",
            ),
            ("m@00000000@0@00@", "the cache salt of an object key is left out where empty, got \"\" at byte 16"),
            ("m@00000000@0@00@a/b", "a cache salt must not contain `@`, `/`, `\\` or NUL: byte 17 is '/'"),
        ] {
            assert_eq!(text.parse::<ObjectKey>().map_err(|error| error.to_string()), Err(said.to_owned()), "{text}");
        }
    }

    #[test]
    fn an_error_shows_only_the_beginning_of_a_field() {
        let error = format!("m@{}@0@00", "ü".repeat(1_000_000)).parse::<ObjectKey>().unwrap_err();
        assert!(error.to_string().len() < 200, "{error}");
    }

    proptest! {
        #[test]
        fn every_key_round_trips_through_its_text(
            model_name in "[^@]{0,20}",
            kv_rank: u32,
            group: u32,
            hash in prop::collection::vec(any::<u8>(), 0..40),
            salt in r"[^@/\\\x00]{0,128}",
        ) {
            let key = key(&model_name, kv_rank, group, &hash, &salt);
            prop_assert_eq!(key.to_string().parse(), Ok(key));
        }

        #[test]
        fn an_accepted_text_is_the_text_of_its_key(text in r"[a-zA@/\\ü]{0,3}@[0-9aAfF+x]{7,9}@[0-9aA]{0,2}@[0-9aA]{0,4}(@[a-z@/]{0,2})?") {
            if let Ok(key) = text.parse::<ObjectKey>() {
                prop_assert_eq!(key.to_string(), text);
            }
        }
    }
}
