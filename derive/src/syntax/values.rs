//! The values of attributes: literals, lists and objects of values, and constant expressions.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Expr, ExprLit, ExprUnary, Lit, LitStr, Token, UnOp, braced, bracketed,
    parse::{ParseStream, Parser},
    token,
};

use crate::model::{Located, Value, ValueKind};

/// Reads one value.
pub(super) fn parse(input: ParseStream<'_>) -> syn::Result<Value> {
    if input.peek(token::Bracket) {
        return parse_list(input);
    }
    if is_object(input) {
        return parse_object(input);
    }
    if let Some(content) = lone_group(input) {
        return parse.parse2(content);
    }
    let expression: Expr = if begins_block(input) { Expr::Verbatim(until_comma(input)?) } else { input.parse()? };
    let tokens = expression.to_token_stream();
    let (unsigned, negative) = match &expression {
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => (&**expr, true),
        other => (other, false),
    };
    let kind = match unsigned {
        Expr::Lit(ExprLit { lit, .. }) => literal_kind(lit, negative, &tokens)?,
        _ => ValueKind::Constant(expression),
    };
    Ok(Located::new(kind, tokens))
}

fn parse_list(input: ParseStream<'_>) -> syn::Result<Value> {
    let content;
    let bracket = bracketed!(content in input);
    let items = within(&content, parse)?;
    let mut tokens = TokenStream::new();
    bracket.surround(&mut tokens, |inner| inner.extend(items.iter().map(|item| item.tokens.clone())));
    Ok(Located::new(ValueKind::List(items), tokens))
}

/// The contents of brackets. After an error the rest is read as well, because remaining tokens would be another error.
fn within<T>(content: ParseStream<'_>, item: fn(ParseStream<'_>) -> syn::Result<T>) -> syn::Result<Vec<T>> {
    let items = content.parse_terminated(item, Token![,]).inspect_err(|_| {
        // Tokens can always be read.
        let _ = content.parse::<TokenStream>();
    });
    Ok(items?.into_iter().collect())
}

/// Whether braces come next that hold an entry, or nothing. Every other block is an expression.
fn is_object(input: ParseStream<'_>) -> bool {
    fn holds_an_entry(ahead: ParseStream<'_>) -> syn::Result<bool> {
        let content;
        braced!(content in ahead);
        Ok(content.is_empty() || (content.peek(LitStr) && content.peek2(Token![:])))
    }
    input.peek(token::Brace) && holds_an_entry(&input.fork()).unwrap_or(false)
}

fn parse_object(input: ParseStream<'_>) -> syn::Result<Value> {
    let content;
    let brace = braced!(content in input);
    let entries = within(&content, parse_entry)?;
    let mut tokens = TokenStream::new();
    brace.surround(&mut tokens, |inner| inner.extend(entries.iter().map(|(_, value)| value.tokens.clone())));
    Ok(Located::new(ValueKind::Object(entries), tokens))
}

/// `"key": value`
fn parse_entry(input: ParseStream<'_>) -> syn::Result<(String, Value)> {
    let key: LitStr = input.parse()?;
    input.parse::<Token![:]>()?;
    Ok((key.value(), parse(input)?))
}

/// Whether an expression begins that syn parses only with its feature `full`, which this crate does not enable: another crate
/// of a build that enables it must not change what is accepted.
fn begins_block(input: ParseStream<'_>) -> bool {
    const WORDS: &[&str] = &["if", "match", "unsafe", "const", "loop", "while", "for", "move", "async"];
    let is_word = input.cursor().ident().is_some_and(|(word, _)| WORDS.contains(&word.to_string().as_str()));
    is_word || input.peek(Token![|])
}

/// The tokens of a value whatever they are: the compiler judges them.
fn until_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    Ok(tokens)
}

/// The contents of an invisible group that is the whole value, as a `macro_rules!` fragment passes it.
fn lone_group(input: ParseStream<'_>) -> Option<TokenStream> {
    let group = input.step(|cursor| match cursor.group(Delimiter::None) {
        Some((content, _, rest)) if rest.eof() || matches!(rest.punct(), Some((sign, _)) if sign.as_char() == ',') => {
            Ok((content.token_stream(), rest))
        }
        _ => Err(cursor.error("expected a group")),
    });
    group.ok()
}

fn literal_kind(literal: &Lit, negative: bool, tokens: &TokenStream) -> syn::Result<ValueKind> {
    let refused = |message: &str| Err(syn::Error::new_spanned(tokens, message));
    let suffix = literal.suffix();
    match literal {
        Lit::Int(_) | Lit::Float(_) if !suffix.is_empty() => {
            refused(&format!("leave out the suffix `{suffix}`: the field's type says what number it is"))
        }
        Lit::Int(integer) => match integer.base10_parse::<i128>() {
            Ok(magnitude) => Ok(ValueKind::Integer(if negative { -magnitude } else { magnitude })),
            Err(_) => refused("the number is outside every integer type a field can have"),
        },
        Lit::Float(float) => match float.base10_parse::<f64>()? {
            magnitude if magnitude.is_finite() => Ok(ValueKind::Float(if negative { -magnitude } else { magnitude })),
            _ => refused("the number is outside every float type a field can have"),
        },
        Lit::Bool(boolean) if !negative => Ok(ValueKind::Bool(boolean.value)),
        Lit::Str(text) if !negative => Ok(ValueKind::String(text.value())),
        _ => refused("expected a number, a string, true, false, a list of these, or a path to a constant"),
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn kind(tokens: TokenStream) -> ValueKind {
        parse.parse2(tokens).expect("a value").value
    }

    #[test]
    fn literals_are_recognized_by_their_tokens() {
        assert!(matches!(kind(quote!(5)), ValueKind::Integer(5)));
        assert!(matches!(kind(quote!(-5)), ValueKind::Integer(-5)));
        assert!(matches!(kind(quote!(0xFF_FF)), ValueKind::Integer(65535)));
        assert!(matches!(kind(quote!(-0.5)), ValueKind::Float(value) if value == -0.5));
        assert!(matches!(kind(quote!(true)), ValueKind::Bool(true)));
        assert!(matches!(kind(quote!(r"a\b")), ValueKind::String(text) if text == r"a\b"));
        assert!(matches!(kind(quote!([1, [2], ])), ValueKind::List(items) if items.len() == 2));
        assert!(matches!(kind(quote!({ "a": 1, "b": {}, })), ValueKind::Object(entries) if entries.len() == 2));
    }

    #[test]
    fn an_expression_that_is_not_a_literal_is_a_constant() {
        for tokens in [
            quote!(MOST),
            quote!(a::b::MOST),
            quote!(2 * MOST),
            quote!(most()),
            quote!({ MOST }),
            quote!(u64::MAX - 1),
            quote!(if MANY { 5 } else { 4 }),
            quote!(match MANY {
                true => 5,
                false => 4,
            }),
            quote!(unsafe { most() }),
            quote!(const { most() }),
        ] {
            assert!(matches!(kind(tokens.clone()), ValueKind::Constant(_)), "{tokens}");
        }
    }

    #[test]
    fn the_group_of_a_macro_fragment_is_seen_through() {
        let group = proc_macro2::Group::new(Delimiter::None, quote!([1, 2]));
        assert!(matches!(kind(quote!(#group)), ValueKind::List(items) if items.len() == 2));
        let group = proc_macro2::Group::new(Delimiter::None, quote!(1));
        assert!(matches!(kind(quote!(#group + 1)), ValueKind::Constant(_)));
    }

    #[test]
    fn values_that_no_config_can_have_are_refused() {
        for tokens in [quote!(b"a"), quote!('a'), quote!(5u16), quote!(1e999), quote!(1.0f32), quote!(-"a")] {
            assert!(parse.parse2(tokens.clone()).is_err(), "{tokens}");
        }
    }
}
