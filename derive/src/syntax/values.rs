//! The values of attributes: literals, lists and objects of values, and constant expressions.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Expr, ExprLit, Lit, LitStr, Token, UnOp, braced, bracketed,
    parse::{Parse, ParseStream, Parser},
    punctuated::Punctuated,
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
    let kind = match negated(&expression) {
        Some(literal) => literal_kind(literal, true, &tokens)?,
        None => match &expression {
            Expr::Lit(ExprLit { lit, .. }) => literal_kind(lit, false, &tokens)?,
            _ => ValueKind::Constant(expression),
        },
    };
    Ok(Located::new(kind, tokens))
}

fn parse_list(input: ParseStream<'_>) -> syn::Result<Value> {
    let content;
    let bracket = bracketed!(content in input);
    let items: Punctuated<ListItem, Token![,]> = within(&content)?;
    let mut tokens = TokenStream::new();
    bracket.surround(&mut tokens, |inner| inner.extend(items.iter().map(|item| item.0.tokens.clone())));
    Ok(Located::new(ValueKind::List(items.into_iter().map(|item| item.0).collect()), tokens))
}

/// The contents of brackets. After an error the rest is read as well, because remaining tokens would be another error.
fn within<T: Parse>(content: ParseStream<'_>) -> syn::Result<Punctuated<T, Token![,]>> {
    Punctuated::parse_terminated(content).inspect_err(|_| {
        // Tokens can always be read.
        let _ = content.parse::<TokenStream>();
    })
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
    let entries: Punctuated<Entry, Token![,]> = within(&content)?;
    let mut tokens = TokenStream::new();
    brace.surround(&mut tokens, |inner| inner.extend(entries.iter().map(|entry| entry.value.tokens.clone())));
    let entries = entries.into_iter().map(|entry| (entry.key.value(), entry.value)).collect();
    Ok(Located::new(ValueKind::Object(entries), tokens))
}

/// `"key": value`
struct Entry {
    key: LitStr,
    value: Value,
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = input.parse()?;
        input.parse::<Token![:]>()?;
        Ok(Self { key, value: parse(input)? })
    }
}

struct ListItem(Value);

impl Parse for ListItem {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        parse(input).map(Self)
    }
}

/// Whether an expression begins that syn parses only with its feature `full`, which this crate does not enable: another crate
/// of a build that enables it must not change what is accepted.
fn begins_block(input: ParseStream<'_>) -> bool {
    let lookahead = [
        input.peek(Token![if]),
        input.peek(Token![match]),
        input.peek(Token![unsafe]),
        input.peek(Token![const]),
        input.peek(Token![loop]),
        input.peek(Token![while]),
        input.peek(Token![for]),
        input.peek(Token![|]),
        input.peek(Token![||]),
        input.peek(Token![move]),
        input.peek(Token![async]),
    ];
    lookahead.contains(&true)
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
    let ahead = input.fork();
    let content = take_group(&ahead).ok()?;
    if !ahead.is_empty() && !ahead.peek(Token![,]) {
        return None;
    }
    // It was there a moment ago.
    take_group(input).ok().map(|_| content)
}

fn take_group(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    input.step(|cursor| match cursor.group(Delimiter::None) {
        Some((content, _, rest)) => Ok((content.token_stream(), rest)),
        None => Err(cursor.error("expected a group")),
    })
}

/// The literal behind a minus sign.
fn negated(expression: &Expr) -> Option<&Lit> {
    match expression {
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => match unary.expr.as_ref() {
            Expr::Lit(literal) => Some(&literal.lit),
            _ => None,
        },
        _ => None,
    }
}

fn literal_kind(literal: &Lit, negative: bool, tokens: &TokenStream) -> syn::Result<ValueKind> {
    let suffixed = |suffix: &str| {
        let message = format!("leave out the suffix `{suffix}`: the field's type says what number it is");
        Err(syn::Error::new_spanned(tokens, message))
    };
    match literal {
        Lit::Int(integer) if integer.suffix().is_empty() => {
            let magnitude: i128 = integer.base10_parse().map_err(|_| {
                syn::Error::new_spanned(tokens, "the number is outside every integer type a field can have")
            })?;
            Ok(ValueKind::Integer(if negative { -magnitude } else { magnitude }))
        }
        Lit::Int(integer) => suffixed(integer.suffix()),
        Lit::Float(float) if float.suffix().is_empty() => {
            let magnitude: f64 = float.base10_parse()?;
            if !magnitude.is_finite() {
                return Err(syn::Error::new_spanned(tokens, "the number is outside every float type a field can have"));
            }
            Ok(ValueKind::Float(if negative { -magnitude } else { magnitude }))
        }
        Lit::Float(float) => suffixed(float.suffix()),
        Lit::Bool(boolean) if !negative => Ok(ValueKind::Bool(boolean.value)),
        Lit::Str(text) if !negative => Ok(ValueKind::String(text.value())),
        _ => Err(syn::Error::new_spanned(
            tokens,
            "expected a number, a string, true, false, a list of these, or a path to a constant",
        )),
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
