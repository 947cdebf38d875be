//! The same for types that only the compiler knows.

use l2_adapter::ConfigSection;

type Password = l2_adapter::Secret<String>;

type SecretWithoutSecretTypeAliasPassword = String;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct SecretTypeUnmarkedAlias {
    /// The limit.
    #[config(required)]
    pub limit: Password,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct SecretWithoutSecretTypeAlias {
    /// The limit.
    #[config(required, secret)]
    pub limit: SecretWithoutSecretTypeAliasPassword,
}

fn main() {}
