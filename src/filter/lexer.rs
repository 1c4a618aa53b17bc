//! From text to tokens.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{char, none_of};
use nom::combinator::{cut, recognize, value};
use nom::error::ErrorKind;
use nom::multi::{fold_many0, fold_many1};
use nom::sequence::{delimited, preceded};
use nom::{Err, IResult, Parser};

use super::fault::Fault;
use super::syntax::{Operator, RESERVED, Span, is_delimiter};

/// What an expression is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    And,
    Or,
    Not,
    Operator(Operator),
    Open,
    Close,
    OpenSet,
    CloseSet,
    Comma,
    /// A name or a value.
    Word(String),
}

/// The tokens of an expression, each with its place.
pub fn tokens(expression: &str) -> Result<Vec<(Token, Span)>, Fault> {
    let mut tokens = Vec::new();
    let mut rest = expression;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Ok(tokens);
        }
        let start = expression.len() - rest.len();
        let (after, token) = token(rest).map_err(|error| fault(expression, start, &error))?;
        let end = expression.len() - after.len();
        tokens.push((token, Span { start, end }));
        rest = after;
    }
}

fn token(input: &str) -> IResult<&str, Token> {
    let marks = alt((
        value(Token::And, tag("&&")),
        value(Token::Or, tag("||")),
        value(Token::Operator(Operator::Equal), tag("==")),
        value(Token::Operator(Operator::Unequal), tag("!=")),
        value(Token::Operator(Operator::LessOrEqual), tag("<=")),
        value(Token::Operator(Operator::GreaterOrEqual), tag(">=")),
        value(Token::Operator(Operator::Less), tag("<")),
        value(Token::Operator(Operator::Greater), tag(">")),
        value(Token::Not, tag("!")),
        value(Token::Open, tag("(")),
        value(Token::Close, tag(")")),
        value(Token::OpenSet, tag("{")),
        value(Token::CloseSet, tag("}")),
        value(Token::Comma, tag(",")),
    ));
    alt((marks, reserved, text.map(Token::Word))).parse(input)
}

/// A word that is an operator, alone and not in quotes.
fn reserved(input: &str) -> IResult<&str, Token> {
    let (rest, word) = bare(input)?;
    let is_alone = RESERVED.contains(&word) && !rest.starts_with(['"', '\'']);
    let token = match word {
        "and" => Token::And,
        "or" => Token::Or,
        "not" => Token::Not,
        "in" => Token::Operator(Operator::In),
        "contains" => Token::Operator(Operator::Contains),
        _ => Token::Operator(Operator::Matches),
    };
    if is_alone {
        Ok((rest, token))
    } else {
        Err(Err::Error(nom::error::Error::new(input, ErrorKind::Tag)))
    }
}

fn bare(input: &str) -> IResult<&str, &str> {
    take_while1(|character| !is_delimiter(character)).parse(input)
}

/// Bare and quoted parts without a blank between them: `ut_pex."added.f"`.
fn text(input: &str) -> IResult<&str, String> {
    let part = alt((bare.map(str::to_owned), quoted('"'), quoted('\'')));
    fold_many1(part, String::new, |text, part| text + &part).parse(input)
}

/// Text in quotes. A backslash stands before a quote or a backslash that is
/// meant; before anything else it is one itself, as in the patterns of `matches`.
fn quoted<'i>(
    quote: char,
) -> impl Parser<&'i str, Output = String, Error = nom::error::Error<&'i str>> {
    let escaped = preceded(char('\\'), alt((char('\\'), char(quote))));
    let other = none_of(if quote == '"' { "\"" } else { "'" });
    let content = fold_many0(alt((escaped, other)), String::new, |mut text, character| {
        text.push(character);
        text
    });
    delimited(char(quote), content, cut(char(quote)))
}

fn fault(expression: &str, start: usize, error: &Err<nom::error::Error<&str>>) -> Fault {
    if let Err::Failure(_) = error {
        let span = Span {
            start,
            end: start + 1,
        };
        return Fault::new(expression, span, "the closing quote is missing");
    }
    let rest = &expression[start..];
    let run = recognize(take_while(|c| "=&|".contains(c)));
    let parsed: IResult<&str, &str> = { run }.parse(rest);
    let mark = parsed.map_or("", |(_, mark)| mark);
    let reason = match mark {
        "=" => "`==` compares; there is no `=`".to_owned(),
        "&" | "|" => format!("`{mark}{mark}` joins; there is no `{mark}`"),
        _ => "this is neither a name, a value nor an operator".to_owned(),
    };
    let end = start + mark.len().max(1);
    Fault::new(expression, Span { start, end }, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Token> {
        tokens(text)
            .unwrap()
            .into_iter()
            .map(|(token, _)| token)
            .collect()
    }

    fn word(text: &str) -> Token {
        Token::Word(text.to_owned())
    }

    #[test]
    fn words_and_marks_need_no_blanks() {
        let expected = [
            Token::Not,
            Token::Open,
            word("a.b-c"),
            Token::Operator(Operator::LessOrEqual),
            word("[::1]:80"),
            Token::Close,
            Token::And,
            word("b"),
        ];
        assert_eq!(words("!(a.b-c<=[::1]:80)&&b"), expected);
    }

    #[test]
    fn quotes_make_one_word_of_anything() {
        let cases = [
            (r#""min interval""#, "min interval"),
            (r#"ut_pex."added.f""#, "ut_pex.added.f"),
            (r#""and""#, "and"),
            (r#"'a"b'"#, "a\"b"),
            (r#""a\"b\\d\d""#, r#"a"b\d\d"#),
            (r#""""#, ""),
            (r#"and"x""#, "andx"),
        ];
        for (text, expected) in cases {
            assert_eq!(words(text), [word(expected)], "{text}");
        }
    }

    #[test]
    fn what_is_no_token_is_named() {
        for (text, column, reason) in [
            ("a = 1", 3, "`==` compares"),
            ("a & b", 3, "`&&` joins"),
            ("a == \"b", 6, "closing quote"),
            ("b == c\"\\", 6, "closing quote"),
        ] {
            let fault = tokens(text).unwrap_err();
            assert_eq!(fault.column(), column, "{text}: {fault}");
            assert!(fault.reason().contains(reason), "{text}: {fault}");
        }
    }
}
