//! Sample strings that match a regular expression, for schemas with a `pattern`.

use regex_syntax::hir::{Class, Hir, HirKind};

/// The preferred characters of a class, most readable first.
const READABLE: &str = "a1A0-_. /:@+";

/// The limit of additional repetitions.
const MAX_EXTRA: usize = 1000;

/// Returns a string of at least `min` characters that matches the pattern.
///
/// Returns `None` if the pattern uses look-around or back-references, or has no match of that length. Anchors and word
/// boundaries are ignored.
pub(crate) fn sample(pattern: &str, min: usize) -> Option<String> {
    let pattern = regex_syntax::parse(pattern).ok()?;
    (0..=min.min(MAX_EXTRA))
        .filter_map(|extra| {
            let mut text = String::new();
            write(&pattern, extra, &mut text)?;
            Some(text)
        })
        .find(|text| text.chars().count() >= min)
}

/// Returns a pattern without its look-around, as in `^(?=.{1,64}$)[a-z]+$`. What matches it may not match the pattern.
pub(crate) fn without_look_around(pattern: &str) -> String {
    let mut kept = String::new();
    let mut rest = pattern;
    let starts = ["(?=", "(?!", "(?<=", "(?<!"];
    while let Some(next) = rest.chars().next() {
        let group = starts.iter().any(|start| rest.starts_with(start));
        let length = match group {
            true => group_length(rest),
            // an escaped parenthesis starts no group
            false if next == '\\' => {
                let escaped = rest.chars().nth(1).map_or(0, char::len_utf8);
                kept.push_str(&rest[..1 + escaped]);
                1 + escaped
            }
            false => {
                kept.push(next);
                next.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    kept
}

/// Returns the length of the group at the start of a pattern, in bytes.
fn group_length(pattern: &str) -> usize {
    let (mut depth, mut is_escaped, mut in_class) = (0, false, false);
    for (index, c) in pattern.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => {
                depth -= 1;
                if depth == 0 {
                    return index + 1;
                }
            }
            _ => {}
        }
    }
    pattern.len()
}

/// Writes a match with the minimum number of repetitions, plus up to `extra` more where they are allowed.
fn write(pattern: &Hir, extra: usize, text: &mut String) -> Option<()> {
    match pattern.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(std::str::from_utf8(&literal.0).ok()?),
        HirKind::Class(Class::Unicode(class)) => {
            let allowed = |c| {
                class
                    .iter()
                    .any(|range| (range.start()..=range.end()).contains(&c))
            };
            let readable = READABLE.chars().find(|&c| allowed(c));
            text.push(readable.or_else(|| Some(class.iter().next()?.start()))?);
        }
        HirKind::Class(Class::Bytes(class)) => text.push(char::from(class.iter().next()?.start())),
        HirKind::Repetition(repetition) => {
            let min = usize::try_from(repetition.min).ok()?;
            let max = repetition
                .max
                .map_or(Some(usize::MAX), |max| usize::try_from(max).ok())?;
            for _ in 0..min.saturating_add(extra).min(max) {
                write(&repetition.sub, extra, text)?;
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, extra, text)?,
        HirKind::Concat(parts) => {
            for part in parts {
                write(part, extra, text)?;
            }
        }
        HirKind::Alternation(choices) => write(choices.first()?, extra, text)?,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_matches_its_pattern() {
        for (pattern, text) in [
            ("^[0-9]{6}[A-Z]$", "111111A"),
            (r"^v\d\d\d?$", "v11"),
            ("^(draft|final)-[a-z]+$", "draft-a"),
            (r"^[^a-zA-Z0-9\s]+$", "-"),
            (r"\.pdf$", ".pdf"),
            ("^$", ""),
        ] {
            assert_eq!(sample(pattern, 0).as_deref(), Some(text), "{pattern}");
        }
    }

    #[test]
    fn repetitions_are_added_up_to_the_required_length() {
        assert_eq!(sample("^[a-z]*$", 5).as_deref(), Some("aaaaa"));
        assert_eq!(
            sample("^[a-z]{1,3}(-[a-z]{1,3})?$", 4).as_deref(),
            Some("aa-aa")
        );
        assert_eq!(sample("^[a-z]{3}$", 4), None);
    }

    #[test]
    fn look_around_is_removed() {
        for (pattern, rest) in [
            (r"^(?=.{1,64}$)[a-z]+$", "^[a-z]+$"),
            (r"a(?!(b|\)))c(?<=[)])(d)", "ac(d)"),
            (r"\(?=1", r"\(?=1"),
            ("(?=", ""),
            ("é\\", "é\\"),
        ] {
            assert_eq!(without_look_around(pattern), rest, "{pattern}");
        }
    }

    #[test]
    fn an_unsupported_pattern_has_no_sample() {
        assert_eq!(sample("^(?!admin)[a-z]+$", 0), None);
        assert_eq!(sample(r"^(a)\1$", 0), None);
        assert_eq!(sample("(", 0), None);
    }
}
