//! Structs with more keys than the engine has bits in a word.

use l2_adapter::{CommonConfig, L2AdapterConfig};
use serde_json::json;

use crate::{accepted, refused};

macro_rules! wide {
    ($($field:ident)*) => {
        /// Has more than 64 keys, most of which may be absent.
        #[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
        #[config(type = "wide")]
        struct Wide {
            $(
                /// One of many.
                #[config(default = 7)]
                $field: u8,
            )*
            /// Is after the 64th key.
            #[config(required, example = "late")]
            late: String,
            /// Is after the 64th key, too.
            #[config(default = ["tcp"])]
            later: Vec<String>,
            /// The last.
            last: Option<u8>,
            /// Common keys.
            common: CommonConfig,
        }
    };
}

wide! {
    a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 c0 c1 c2 c3 c4 c5 c6 c7 c8 c9 d0 d1 d2 d3 d4 d5 d6 d7 d8 d9
    e0 e1 e2 e3 e4 e5 e6 e7 e8 e9 f0 f1 f2 f3 f4 f5 f6 f7 f8 f9 g0 g1 g2 g3 g4 g5 g6 g7 g8 g9
}

#[test]
fn keys_before_and_after_the_64th_are_read() {
    let config: Wide = accepted(json!({"a1": 1, "g2": 2, "g3": 3, "late": "here", "last": 4, "shared": true}));
    assert_eq!((config.a1, config.g2, config.g3, config.last), (1, 2, 3, Some(4)));
    assert!(config.common.shared);
}

#[test]
fn absent_keys_have_their_defaults_in_any_position() {
    let config: Wide = accepted(json!({"a0": 1, "late": "here"}));
    assert_eq!((config.a1, config.g2, config.g9, config.last), (7, 7, 7, None));
    assert_eq!(config.later, ["tcp"]);
    assert_eq!(config.common, CommonConfig::default());
}

#[test]
fn faults_before_and_after_the_64th_key_are_listed_in_order() {
    let faults = refused::<Wide>(json!({"g3": -1, "f3": "x", "g4": 256, "last": 0.5, "affinity_tag": ""}));
    assert_eq!(
        faults,
        [
            "/f3 wrong_type",
            "/g3 out_of_range",
            "/g4 out_of_range",
            "/late missing",
            "/last wrong_type",
            "/affinity_tag blank"
        ]
    );
}
