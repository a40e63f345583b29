//! Escapes descriptions from the spec for use in doc comments.

/// Returns the doc comment lines for a description from the spec.
///
/// rustdoc renders Markdown, runs code blocks as tests and resolves links in brackets. None of
/// that is intended in a description, so Markdown syntax is escaped.
pub(crate) fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines().map(escape) {
        if !(line.is_empty() && lines.last().is_none_or(String::is_empty)) {
            lines.push(line);
        }
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// Escapes one line of a description.
pub(crate) fn escape(line: &str) -> String {
    // an indented line would be a code block, and rustdoc runs those as tests
    let line = line.trim();
    if line.starts_with("```") || line.starts_with("~~~") {
        return String::new();
    }
    let mut out = String::with_capacity(line.len());
    let marker = line
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .chars()
        .next();
    let starts_list = match marker {
        Some('.' | ')') => line.starts_with(|c: char| c.is_ascii_digit()),
        Some('-' | '*' | '+' | '>' | '#' | '|' | '=') => {
            !line.starts_with(|c: char| c.is_ascii_digit())
        }
        _ => false,
    };
    for (index, word) in line.split(' ').enumerate() {
        if index > 0 {
            out.push(' ');
        }
        if word.starts_with("http://") || word.starts_with("https://") {
            let end = word.trim_end_matches(['.', ',', ')', ';', ':', '"', '\'', '>', ']']);
            let plain = end
                .chars()
                .all(|c| c.is_ascii_graphic() && !"<>`[]\"\\".contains(c));
            if plain {
                out.push('<');
                out.push_str(end);
                out.push('>');
                escape_word(&word[end.len()..], &mut out);
                continue;
            }
        }
        escape_word(word, &mut out);
    }
    if starts_list {
        match out.find(['.', ')', '-', '*', '+', '>', '#', '|', '=']) {
            // may be escaped already
            Some(at) if !out[..at].ends_with('\\') => out.insert(at, '\\'),
            _ => {}
        }
    }
    out
}

fn escape_word(word: &str, out: &mut String) {
    for c in word.chars() {
        match c {
            '[' | ']' | '<' | '>' | '`' | '*' | '_' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            // could end or hide the comment
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_in_a_description_is_escaped() {
        for (text, doc) in [
            ("a [link] <b>", "a \\[link\\] \\<b\\>"),
            ("    indented", "indented"),
            ("- item", "\\- item"),
            ("12. item", "12\\. item"),
            ("# title", "\\# title"),
            ("```", ""),
            (
                "see https://example.com/a_b.",
                "see <https://example.com/a_b>.",
            ),
            ("1234 items", "1234 items"),
            ("> quote", "\\> quote"),
        ] {
            assert_eq!(escape(text), doc, "{text}");
        }
    }
}
