//! Patterns with wildcards: `*` is any text, also with slashes and colons, and `?` is one character.
//!
//! See "IAM JSON policy elements: Resource" in the IAM User Guide.

/// A pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<char>);

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        Self(text.chars().collect())
    }

    /// Returns whether the pattern matches the whole text. Time is at most the product of both lengths.
    pub(super) fn matches(&self, text: &str) -> bool {
        let pattern = &self.0;
        let text: Vec<char> = text.chars().collect();
        let (mut at, mut read) = (0, 0);
        // the last `*`, and how much of the text it covers up to
        let mut star: Option<(usize, usize)> = None;
        while read < text.len() {
            match pattern.get(at) {
                Some('*') => {
                    star = Some((at, read));
                    at += 1;
                }
                Some(&one) if one == '?' || one == text[read] => {
                    at += 1;
                    read += 1;
                }
                _ => match star {
                    // the star covers one more character
                    Some((position, covered)) => {
                        star = Some((position, covered + 1));
                        at = position + 1;
                        read = covered + 1;
                    }
                    None => return false,
                },
            }
        }
        pattern.iter().skip(at).all(|&rest| rest == '*')
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use super::*;

    #[test]
    fn a_star_matches_any_text_and_a_question_mark_one_character() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*", "a/b:c", true),
            ("?", "", false),
            ("?", "é", true),
            ("a*", "a", true),
            ("GET/orders/*", "GET/orders/1/invoice", true),
            ("GET/orders/*", "GET/orders", false),
            ("GET/orders/?", "GET/orders/12", false),
            ("*/orders", "GET/orders", true),
            ("a*b*c", "axbxbxc", true),
            ("a*b*c", "axbxcx", false),
            ("a.c", "abc", false),
        ] {
            assert_eq!(
                Pattern::new(pattern).matches(text),
                expected,
                "{pattern} {text}"
            );
        }
    }

    /// The same pattern, as a regular expression.
    fn regex(pattern: &str) -> Regex {
        let escaped = regex::escape(pattern)
            .replace("\\*", ".*")
            .replace("\\?", ".");
        Regex::new(&format!("(?s)^{escaped}$")).unwrap()
    }

    proptest! {
        #[test]
        fn patterns_match_as_regular_expressions_do(pattern in "[ab*?/]{0,12}", text in "[ab/]{0,16}") {
            prop_assert_eq!(Pattern::new(&pattern).matches(&text), regex(&pattern).is_match(&text));
        }

        #[test]
        fn any_character_can_be_in_a_pattern(pattern in any::<String>(), text in any::<String>()) {
            prop_assert_eq!(Pattern::new(&pattern).matches(&text), regex(&pattern).is_match(&text));
        }

        #[test]
        fn a_text_matches_itself_with_parts_replaced(text in "[a-z/:]{1,20}", from in 0..20_usize, to in 0..20_usize) {
            let (from, to) = (from.min(text.len()), to.min(text.len()));
            let pattern = format!("{}*{}", &text[..from.min(to)], &text[from.max(to)..]);
            prop_assert!(Pattern::new(&pattern).matches(&text));
        }
    }
}
