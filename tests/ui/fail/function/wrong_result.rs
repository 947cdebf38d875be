//! A function returns a `Result` with an error that becomes a message.

use l2_adapter::{ConfigSection, Secret};

fn is_small(limit: &u16) -> bool {
    *limit < 9
}

fn read(text: String) -> Result<u16, std::io::Error> {
    text.parse().map_err(std::io::Error::other)
}

fn write(limit: &u16) -> String {
    limit.to_string()
}

/// A key.
#[derive(Debug)]
pub struct Token(Secret<String>);

fn read_token(text: Secret<String>) -> Result<Token, String> {
    Ok(Token(text))
}

fn write_token(token: &Token) -> Secret<String> {
    token.0.clone()
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(rule(name = "small", doc = "Small.", reads(limit), check = is_small))]
pub struct ErrorThatDoesNotConvert {
    /// The limit.
    #[config(required, parse_with = read, write_with = write, example = "a")]
    pub limit: u16,
    /// The token.
    #[config(required, secret, parse_with = read_token, write_with = write_token, wire = Secret<String>)]
    pub token: Token,
}

fn main() {}
