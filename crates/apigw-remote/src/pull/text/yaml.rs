//! Edits YAML text in block style, the style of API Gateway.

use apigw_spec::Spec;

use super::{Edit, Edits};

/// Applies the edits to the text. Returns `None` if the text has an unsupported style.
pub(super) fn edit(spec: &Spec, edits: &Edits) -> Option<String> {
    let mut lines: Vec<Line<'_>> = spec
        .text()
        .split_inclusive('\n')
        .map(|text| Line {
            text,
            state: State::Kept,
        })
        .collect();
    for (pointer, edit) in &edits.0 {
        let position = spec.position(pointer)?;
        let (first, indent) = (position.line - 1, position.column - 1);
        match edit {
            Edit::Replace(text) => {
                let line = lines.get_mut(first)?;
                line.state = State::Changed(replace_value(line.text, text)?);
            }
            Edit::Cut => {
                // only a key at the start of a line can be removed with its lines
                let starts = lines.get(first)?.text.find(|c| c != ' ');
                (starts == Some(indent)).then_some(())?;
                let end = lines[first + 1..]
                    .iter()
                    .position(|line| !line.is_inside(indent))
                    .map_or(lines.len(), |count| first + 1 + count);
                for line in &mut lines[first..end] {
                    line.state = State::Cut;
                }
            }
        }
    }
    empty_maps(spec, edits, &mut lines)?;
    Some(lines.into_iter().map(Line::into_text).collect())
}

/// Writes `{}` for a map without remaining keys, since an empty value would be null.
fn empty_maps(spec: &Spec, edits: &Edits, lines: &mut [Line<'_>]) -> Option<()> {
    for pointer in edits.cuts() {
        let (parent, _) = pointer.rsplit_once('/')?;
        let map = spec.value().pointer(parent)?.as_object()?;
        let cut = edits
            .cuts()
            .filter(|cut| cut.rsplit_once('/').is_some_and(|(of, _)| of == parent))
            .count();
        if cut == map.len() {
            let line = lines.get_mut(spec.position(parent)?.line - 1)?;
            let text = line.text.trim_end();
            text.ends_with(':').then_some(())?;
            let end = &line.text[text.len()..];
            line.state = State::Changed(format!("{text} {{}}{end}"));
        }
    }
    Some(())
}

struct Line<'a> {
    text: &'a str,
    state: State,
}

enum State {
    Kept,
    Cut,
    Changed(String),
}

impl Line<'_> {
    /// Returns whether the line belongs to the value of a key with this indentation. The items of a
    /// list can have the same indentation as its key.
    fn is_inside(&self, indent: usize) -> bool {
        let text = self.text.trim_end();
        let own = text.len() - text.trim_start_matches(' ').len();
        text.is_empty() || own > indent || (own == indent && text[own..].starts_with("- "))
    }

    fn into_text(self) -> String {
        match self.state {
            State::Kept => self.text.to_owned(),
            State::Cut => String::new(),
            State::Changed(text) => text,
        }
    }
}

/// Replaces the value in a line `key: value`, keeping its quotes.
fn replace_value(line: &str, value: &str) -> Option<String> {
    let (key, old) = line.split_once(": ")?;
    let end = &old[old.trim_end().len()..];
    let quote = match old.chars().next()? {
        quote @ ('"' | '\'') => quote.to_string(),
        _ => String::new(),
    };
    Some(format!("{key}: {quote}{value}{quote}{end}"))
}
