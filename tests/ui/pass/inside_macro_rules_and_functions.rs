//! Structs made by a macro, inside a function, and in a module.

macro_rules! store {
    ($name:ident, $type_name:literal, $key:ident: $type:ty = $default:expr) => {
        /// Made by a macro.
        #[derive(Debug, l2_adapter::L2AdapterConfig)]
        #[config(type = $type_name)]
        struct $name {
            /// Handed in.
            #[config(default = $default)]
            $key: $type,
            /// An option.
            limit: Option<$type>,
            common: l2_adapter::CommonConfig,
        }
    };
}

store!(First, "first", depth: u16 = 5);
store!(Lists, "lists", depths: Depths = [1, 2]);
store!(Second, "second", height: u8 = 5);

type Depths = Vec<u8>;

mod nested {
    pub(crate) mod deeply {
        /// In a module.
        #[derive(Debug, l2_adapter::ConfigSection)]
        pub(crate) struct Inner {
            /// A number.
            #[config(required)]
            pub(in crate::nested) number: u16,
        }
    }

    pub(crate) fn number(inner: &deeply::Inner) -> u16 {
        inner.number
    }
}

fn main() {
    use l2_adapter::L2AdapterConfig;

    /// In a function.
    #[derive(Debug, L2AdapterConfig)]
    #[config(type = "local")]
    struct Local {
        /// In a module.
        #[config(required)]
        inner: nested::deeply::Inner,
        common: l2_adapter::CommonConfig,
    }

    let first = First::from_str("{}").unwrap();
    assert_eq!((first.depth, first.limit, first.common.shared), (5, None, false));
    let second = Second::from_str(r#"{"limit": 7}"#).unwrap();
    assert_eq!((second.height, second.limit, second.common.shared), (5, Some(7), false));
    let lists = Lists::from_str("{}").unwrap();
    assert_eq!((lists.depths, lists.limit, lists.common.shared), (vec![1, 2], None, false));
    let local = Local::from_str(r#"{"inner": {"number": 5}}"#).unwrap();
    assert_eq!((nested::number(&local.inner), local.common.shared), (5, false));
}
