//! One message for a spec that cannot be used: where, what, and the remedy.

use std::error::Error;
use std::fmt;

/// A place in a text, as editors count: lines and columns from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Why a spec cannot be used, where that stands in its text, and what to do about it.
///
/// `Display` prints the whole message, over several lines when the place is known:
///
/// ```text
/// specs/orders.json:3:5: `responses` is a list, not a map
///   |
/// 2 |   "get": {
/// 3 |     "responses": [
///   |     ^
/// help: write the responses as a map from status code to response
/// ```
///
/// An error that caused it, for example of the file system, is its
/// [`source`](Error::source) and not part of the text.
#[derive(Debug)]
pub struct Diagnostic {
    place: Option<Box<Place>>,
    problem: String,
    help: Option<String>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

#[derive(Debug)]
struct Place {
    file: String,
    position: Option<Position>,
    excerpt: Option<Excerpt>,
}

/// The lines that a message shows.
#[derive(Debug)]
struct Excerpt {
    /// One or two lines; the last one has the place.
    text: String,
    /// The number of the first line.
    first: usize,
    /// Characters before the place in its line.
    mark: usize,
}

impl Diagnostic {
    /// A message without a place: lower case, no full stop, for example
    /// ``two operations are both called `get_orders` ``.
    #[must_use]
    pub fn new(problem: impl Into<String>) -> Self {
        Self {
            place: None,
            problem: problem.into(),
            help: None,
            cause: None,
        }
    }

    /// Names the file that the message is about.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.place = Some(Box::new(Place {
            file: file.into(),
            position: None,
            excerpt: None,
        }));
        self
    }

    /// Names the file and the place in its `text`, and shows the lines there.
    #[must_use]
    pub fn at(mut self, file: impl Into<String>, text: &str, position: Position) -> Self {
        self.place = Some(Box::new(Place {
            file: file.into(),
            position: Some(position),
            excerpt: excerpt(text, position),
        }));
        self
    }

    /// Adds the remedy: what the reader can do now.
    #[must_use]
    pub fn help(mut self, remedy: impl Into<String>) -> Self {
        self.help = Some(remedy.into());
        self
    }

    /// Keeps the error that caused this one.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// What went wrong, without the place and the remedy.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// The remedy, if there is one.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The file that the message is about.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.place.as_deref().map(|place| place.file.as_str())
    }

    /// The place in the file.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.place.as_deref().and_then(|place| place.position)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{}:", place.file)?;
            if let Some(position) = place.position {
                write!(f, "{position}:")?;
            }
            write!(f, " ")?;
        }
        write!(f, "{}", self.problem)?;
        if let Some(excerpt) = self.place.as_ref().and_then(|place| place.excerpt.as_ref()) {
            write!(f, "{excerpt}")?;
        }
        if let Some(help) = &self.help {
            write!(f, "\nhelp: {help}")?;
        }
        Ok(())
    }
}

impl Error for Diagnostic {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

/// Columns shown: an export may be one line of a hundred thousand characters.
const WIDTH: usize = 100;

/// The line at `position` and the one before it.
fn excerpt(text: &str, position: Position) -> Option<Excerpt> {
    let index = position.line.saturating_sub(1);
    let line = text.lines().nth(index)?;
    let column = position.column.saturating_sub(1);
    // one window for both lines keeps them aligned
    let start = if column < WIDTH {
        0
    } else {
        column - WIDTH / 2
    };
    let before = index
        .checked_sub(1)
        .and_then(|index| text.lines().nth(index))
        .filter(|before| !before.trim().is_empty() && start == 0);
    let mark = column - start + usize::from(start > 0);
    let mut line = window(line, start);
    // there is something to mark even where the text ends
    let missing = (mark + 1).saturating_sub(line.chars().count());
    line.extend(std::iter::repeat_n(' ', missing));
    let (first, text) = match before {
        Some(before) => (
            position.line - 1,
            format!("{}\n{line}", window(before, start)),
        ),
        None => (position.line, line),
    };
    Some(Excerpt { text, first, mark })
}

/// With a gutter of line numbers, and a mark under the column.
impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<&str> = self.text.split('\n').collect();
        let last = self.first + lines.len() - 1;
        let gutter = last.to_string().len();
        write!(f, "\n{:gutter$} |", "")?;
        for (number, line) in (self.first..).zip(lines) {
            write!(f, "\n{number:gutter$} | {}", line.trim_end())?;
        }
        write!(f, "\n{:gutter$} | {:2$}^", "", "", self.mark)
    }
}

/// The part of `line` that starts at column `start`, with `…` where it was cut.
fn window(line: &str, start: usize) -> String {
    let mut characters = line.chars().skip(start);
    let mut shown = String::new();
    if start > 0 {
        shown.push('…');
    }
    shown.extend(
        characters
            .by_ref()
            .take(WIDTH)
            // a tab or control character would move the mark away from its column
            .map(|c| if c.is_control() { ' ' } else { c }),
    );
    if characters.next().is_some() {
        shown.push('…');
    }
    shown.truncate(shown.trim_end().len());
    shown
}

/// A diagnostic as the [`miette`] crate shows it, with its lines of source.
///
/// It is a type of its own because miette takes the lines from here and prints them itself,
/// while the text of a [`Diagnostic`] has them in it.
#[cfg(feature = "miette")]
#[derive(Debug, Clone, Copy)]
pub struct Rendered<'a>(&'a Diagnostic);

#[cfg(feature = "miette")]
impl Diagnostic {
    /// The message for a renderer of miette.
    ///
    /// ```
    /// use apigw_spec::Spec;
    ///
    /// let diagnostic = Spec::parse("orders.json", b"{").unwrap_err();
    /// let mut shown = String::new();
    /// miette::NarratableReportHandler::new().render_report(&mut shown, &diagnostic.rendered())?;
    /// assert!(shown.contains("the JSON cannot be read"));
    /// # Ok::<(), std::fmt::Error>(())
    /// ```
    #[must_use]
    pub fn rendered(&self) -> Rendered<'_> {
        Rendered(self)
    }
}

#[cfg(feature = "miette")]
impl fmt::Display for Rendered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(diagnostic) = self;
        // where lines are shown, they have the file's name above them
        let shows_lines = miette::Diagnostic::source_code(self).is_some();
        match diagnostic.file().filter(|_| !shows_lines) {
            Some(file) => write!(f, "{file}: {}", diagnostic.problem),
            None => f.write_str(&diagnostic.problem),
        }
    }
}

#[cfg(feature = "miette")]
impl Error for Rendered<'_> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

#[cfg(feature = "miette")]
impl miette::Diagnostic for Rendered<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.0.remedy()?))
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        let place = self.0.place.as_deref()?;
        place.excerpt.as_ref()?;
        Some(place)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        let excerpt = self.0.place.as_deref()?.excerpt.as_ref()?;
        let offset = excerpt.offset();
        let marked = excerpt
            .text
            .get(offset..)
            .and_then(|rest| rest.chars().next());
        let span = (offset, marked.map_or(0, char::len_utf8));
        let label = miette::LabeledSpan::new_primary_with_span(None, span);
        Some(Box::new(std::iter::once(label)))
    }
}

#[cfg(feature = "miette")]
impl Excerpt {
    /// Where the place is in the text, in bytes.
    fn offset(&self) -> usize {
        let start = self.text.rfind('\n').map_or(0, |end| end + 1);
        let line = self.text.get(start..).unwrap_or_default();
        let inside: usize = line.chars().take(self.mark).map(char::len_utf8).sum();
        start + inside
    }
}

#[cfg(feature = "miette")]
impl miette::SourceCode for Place {
    fn read_span<'a>(
        &'a self,
        _: &miette::SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn miette::SpanContents<'a> + 'a>, miette::MietteError> {
        let (Some(excerpt), Some(position)) = (&self.excerpt, self.position) else {
            return Err(miette::MietteError::OutOfBounds);
        };
        // asked for no lines around it, the place itself is meant
        let (line, column) = match lines_before + lines_after {
            0 => (position.line, position.column),
            _ => (excerpt.first, 1),
        };
        Ok(Box::new(miette::MietteSpanContents::new_named(
            self.file.clone(),
            excerpt.text.as_bytes(),
            (0, excerpt.text.len()).into(),
            line.saturating_sub(1),
            column.saturating_sub(1),
            excerpt.text.split('\n').count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "paths:\n  /orders:\n    get:\n      responses: []\n";

    fn position(line: usize, column: usize) -> Position {
        Position { line, column }
    }

    #[test]
    fn it_shows_place_lines_and_remedy() {
        let diagnostic = Diagnostic::new("`responses` is a list, not a map")
            .at("specs/orders.yaml", TEXT, position(4, 7))
            .help("write the responses as a map");
        assert_eq!(
            diagnostic.to_string(),
            "specs/orders.yaml:4:7: `responses` is a list, not a map
  |
3 |     get:
4 |       responses: []
  |       ^
help: write the responses as a map"
        );
    }

    #[test]
    fn a_message_without_a_place_is_one_line() {
        assert_eq!(
            Diagnostic::new("no API is listed").to_string(),
            "no API is listed"
        );
        assert_eq!(
            Diagnostic::new("it is empty").in_file("a.json").to_string(),
            "a.json: it is empty"
        );
    }

    #[test]
    fn the_gutter_is_as_wide_as_the_largest_line_number() {
        let text = "a\n".repeat(9) + "b\n";
        let shown = Diagnostic::new("x")
            .at("f", &text, position(10, 1))
            .to_string();
        assert_eq!(shown, "f:10:1: x\n   |\n 9 | a\n10 | b\n   | ^");
    }

    #[test]
    fn only_a_window_of_a_very_long_line_is_shown() {
        let text = format!("{}HERE{}", "a".repeat(5_000), "b".repeat(5_000));
        let shown = Diagnostic::new("x")
            .at("f", &text, position(1, 5_001))
            .to_string();
        let lines: Vec<_> = shown.lines().collect();
        let mark = lines[3].chars().position(|c| c == '^').unwrap();
        let here: String = lines[2].chars().skip(mark).take(4).collect();
        assert_eq!(here, "HERE");
        assert!(
            lines.iter().all(|line| line.chars().count() < 120),
            "{shown}"
        );
    }

    #[test]
    fn tabs_do_not_move_the_mark() {
        let shown = Diagnostic::new("x")
            .at("f", "\t\t\"a\": 1", position(1, 3))
            .to_string();
        assert_eq!(shown, "f:1:3: x\n  |\n1 |   \"a\": 1\n  |   ^");
    }

    #[test]
    fn a_place_beyond_the_text_shows_no_lines() {
        let shown = Diagnostic::new("x")
            .at("f", "a\n", position(7, 1))
            .to_string();
        assert_eq!(shown, "f:7:1: x");
    }

    #[test]
    fn the_cause_is_the_source_and_not_in_the_text() {
        let diagnostic = Diagnostic::new("cannot be read")
            .in_file("a.json")
            .caused_by(std::io::Error::other("disk on fire"));
        assert_eq!(diagnostic.to_string(), "a.json: cannot be read");
        assert_eq!(diagnostic.source().unwrap().to_string(), "disk on fire");
    }
}
