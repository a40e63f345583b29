//! Text in columns.

/// The maximum line width.
pub(crate) const WIDTH: usize = 100;

/// Spaces between columns.
const GAP: usize = 2;

/// Formats rows as lines. Each column but the last is as wide as its widest cell, up to its cap.
///
/// A cell wider than its column moves the next cell to a new line. A last cell that does not
/// fit is wrapped onto lines of its own, starting at the second column.
pub(crate) fn table(rows: &[Vec<String>], caps: &[usize]) -> String {
    let widths: Vec<usize> = caps
        .iter()
        .enumerate()
        .map(|(column, cap)| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            let widest = cells.map(|cell| cell.chars().count()).max();
            widest.unwrap_or_default().min(*cap)
        })
        .collect();
    let second = GAP + widths.first().map_or(0, |width| width + GAP);
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        let mut start = GAP;
        for (column, cell) in row.iter().enumerate() {
            let is_last = column >= widths.len();
            let is_too_wide = is_last && start + cell.chars().count() > WIDTH;
            if column > 0 && (line.chars().count() + GAP > start || is_too_wide) {
                text.push_str(line.trim_end());
                text.push('\n');
                line.clear();
            }
            pad(&mut line, if is_too_wide { second } else { start });
            match widths.get(column) {
                Some(width) => {
                    line.push_str(cell);
                    start += width + GAP;
                }
                None => line = wrapped(&line, cell),
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Wraps `text` after `head`, indented to the end of `head`.
pub(crate) fn wrapped(head: &str, text: &str) -> String {
    let indent = head.chars().count();
    let mut lines = head.to_owned();
    let mut length = indent;
    for word in text.split(' ') {
        let word_length = word.chars().count();
        if length > indent && length + 1 + word_length > WIDTH {
            lines.push('\n');
            lines.extend(std::iter::repeat_n(' ', indent));
            length = indent;
        } else if length > indent {
            lines.push(' ');
            length += 1;
        }
        lines.push_str(word);
        length += word_length;
    }
    lines
}

/// Pads with spaces up to a width.
fn pad(text: &mut String, width: usize) {
    let present = text.chars().count();
    text.extend(std::iter::repeat_n(' ', width.saturating_sub(present)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[&[&str]]) -> Vec<Vec<String>> {
        let owned = |row: &&[&str]| row.iter().map(|cell| (*cell).to_owned()).collect();
        rows.iter().map(owned).collect()
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = rows(&[&["a", "bb", "c"], &["aaa", "b", "c c"]]);
        assert_eq!(table(&rows, &[9, 9]), "  a    bb  c\n  aaa  b   c c\n");
    }

    #[test]
    fn a_cell_wider_than_the_cap_gets_its_own_line() {
        let rows = rows(&[&["a", "b", "c"], &["a long name", "b", "c"]]);
        assert_eq!(
            table(&rows, &[4, 4]),
            "  a     b  c\n  a long name\n        b  c\n"
        );
    }

    #[test]
    fn a_last_cell_that_does_not_fit_is_wrapped() {
        let words = ["word"; 30].join(" ");
        let text = table(&rows(&[&["name", "b", &words]]), &[10, 10]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "  name  b");
        assert_eq!(lines[1].len(), 97);
        assert!(lines[1].starts_with("        word word"), "{text}");
        assert!(lines[2].starts_with("        word word"), "{text}");
        assert_eq!(text.matches("word").count(), 30);
    }
}
