//! Writes source code the way rustfmt formats it.

use super::docs;

// rustfmt's default line widths
const WIDTH: usize = 100;
const CALL_WIDTH: usize = 60;
const ATTRIBUTE_WIDTH: usize = 70;
const LITERAL_WIDTH: usize = 18;
const ARRAY_WIDTH: usize = 60;

/// A method call with its arguments.
#[derive(Debug)]
pub(crate) struct Invoke {
    method: &'static str,
    arguments: Vec<String>,
}

impl Invoke {
    pub(crate) fn new<S: Into<String>>(
        method: &'static str,
        arguments: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            method,
            arguments: arguments.into_iter().map(Into::into).collect(),
        }
    }
}

impl Invoke {
    pub(crate) fn method(&self) -> &'static str {
        self.method
    }

    pub(crate) fn text(&self) -> String {
        format!(".{}({})", self.method, self.arguments.join(", "))
    }

    /// Returns whether each argument needs its own line.
    fn is_wide(&self) -> bool {
        self.arguments.join(", ").len() > CALL_WIDTH
    }
}

/// The start of a method chain.
#[derive(Debug)]
pub(crate) enum Root<'a> {
    /// `function(arguments)`.
    Function(&'a str, &'a [String]),
    /// `self` and `.field`.
    Field(&'a str, &'a str),
}

impl Root<'_> {
    fn on_one_line(&self) -> String {
        match self {
            Self::Function(function, arguments) => {
                format!("{function}({})", arguments.join(", "))
            }
            Self::Field(receiver, field) => format!("{receiver}{field}"),
        }
    }
}

/// Source code, written line by line.
#[derive(Debug, Default)]
pub(crate) struct Code {
    text: String,
    depth: usize,
}

impl Code {
    /// Writes one line at the current indentation.
    pub(crate) fn line(&mut self, line: impl AsRef<str>) {
        let line = line.as_ref();
        if !line.is_empty() {
            for _ in 0..self.depth {
                self.text.push_str("    ");
            }
            self.text.push_str(line);
        }
        self.text.push('\n');
    }

    /// Writes an empty line, unless a block has just begun.
    pub(crate) fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("{\n") {
            self.text.push('\n');
        }
    }

    /// Writes `head { … }` with the contents written by `inside`.
    pub(crate) fn block(&mut self, head: impl AsRef<str>, inside: impl FnOnce(&mut Self)) {
        self.line(format!("{} {{", head.as_ref()));
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        self.line("}");
    }

    /// Writes `head(arguments)tail { … }`, with one argument per line if they do not fit on one line.
    pub(crate) fn function(
        &mut self,
        head: &str,
        arguments: &[String],
        tail: &str,
        inside: impl FnOnce(&mut Self),
    ) {
        let line = format!("{head}({}){tail}", arguments.join(", "));
        if self.depth * 4 + line.len() + " {".len() <= WIDTH {
            self.block(line, inside);
            return;
        }
        self.line(format!("{head}("));
        self.depth += 1;
        for argument in arguments {
            self.line(format!("{argument},"));
        }
        self.depth -= 1;
        if self.depth * 4 + ")".len() + tail.len() + " {".len() <= WIDTH {
            self.block(format!("){tail}"), inside);
            return;
        }
        // the return type does not fit on the line
        match generic(tail) {
            Some((outer, types)) if self.depth * 4 + ")".len() + tail.len() > WIDTH => {
                self.line(format!("){outer}<"));
                self.listed(&types);
                self.block(">", inside);
            }
            _ => {
                self.line(format!("){tail}"));
                self.line("{");
                self.depth += 1;
                inside(self);
                self.depth -= 1;
                self.line("}");
            }
        }
    }

    /// Writes `head root.method(arguments)…;`, with the line breaks of rustfmt.
    pub(crate) fn assign(&mut self, head: &str, root: &Root<'_>, links: &[Invoke]) {
        let whole = links
            .iter()
            .fold(root.on_one_line(), |chain, link| chain + &link.text());
        // rustfmt does not treat a call with one method as a chain
        let is_chain = !matches!((root, links), (Root::Function(..), [_]));
        let fits_chain = !is_chain || whole.len() <= CALL_WIDTH;
        let is_wide = links.iter().any(Invoke::is_wide);
        let width = self.depth * 4 + whole.len() + ";".len();
        if fits_chain && !is_wide && width + head.len() <= WIDTH {
            self.line(format!("{head}{whole};"));
            return;
        }
        if !is_chain && !is_wide && width + 4 <= WIDTH {
            self.line(head.trim_end());
            self.line(format!("    {whole};"));
            return;
        }
        match (root, links) {
            (Root::Function(function, arguments), []) => {
                self.line(format!("{head}{function}("));
                self.listed(arguments);
                self.line(");");
            }
            // only the arguments are broken, not the chain
            (Root::Field(receiver, field), [only]) if only.is_wide() => {
                self.line(format!("{head}{receiver}{field}.{}(", only.method));
                self.listed(&only.arguments);
                self.line(");");
            }
            _ => {
                match root {
                    Root::Function(..) => self.line(format!("{head}{}", root.on_one_line())),
                    Root::Field(receiver, field) => {
                        self.line(format!("{head}{receiver}"));
                        self.line(format!("    {field}"));
                    }
                }
                self.depth += 1;
                for (index, link) in links.iter().enumerate() {
                    let end = if index + 1 == links.len() { ";" } else { "" };
                    if link.is_wide() {
                        self.line(format!(".{}(", link.method));
                        self.listed(&link.arguments);
                        self.line(format!("){end}"));
                    } else {
                        self.line(link.text() + end);
                    }
                }
                self.depth -= 1;
            }
        }
    }

    /// Writes `head(arguments)tail`, with one argument per line if they do not fit on one line.
    pub(crate) fn call(&mut self, head: &str, arguments: &[String], tail: &str) {
        let joined = arguments.join(", ");
        let line = format!("{head}({joined}){tail}");
        if joined.len() <= CALL_WIDTH && self.depth * 4 + line.len() <= WIDTH {
            self.line(line);
        } else {
            self.line(format!("{head}("));
            self.listed(arguments);
            self.line(format!("){tail}"));
        }
    }

    /// Writes `#[name(items)]`, with one item per line if they do not fit on one line.
    pub(crate) fn attribute(&mut self, name: &str, items: &[String]) {
        let joined = items.join(", ");
        if joined.len() <= ATTRIBUTE_WIDTH {
            self.line(format!("#[{name}({joined})]"));
        } else {
            self.line(format!("#[{name}("));
            self.separated(items);
            self.line(")]");
        }
    }

    /// Writes `head { fields }`, with one field per line if they do not fit on one line.
    pub(crate) fn literal(&mut self, head: &str, fields: &[String]) {
        let joined = fields.join(", ");
        if joined.len() <= LITERAL_WIDTH {
            self.line(format!("{head} {{ {joined} }}"));
        } else {
            self.line(format!("{head} {{"));
            self.listed(fields);
            self.line("}");
        }
    }

    /// Writes `head &[items];`, with one item per line if they do not fit on one line.
    pub(crate) fn list(&mut self, head: &str, items: &[String]) {
        let joined = items.join(", ");
        let fits = joined.len() <= ARRAY_WIDTH;
        let width = self.depth * 4 + "&[];".len() + joined.len();
        if fits && width + head.len() < WIDTH {
            self.line(format!("{head} &[{joined}];"));
        } else if fits && width + 4 <= WIDTH {
            self.line(head);
            self.line(format!("    &[{joined}];"));
        } else {
            self.line(format!("{head} &["));
            self.listed(items);
            self.line("];");
        }
    }

    /// Writes one item per line, without a trailing comma.
    fn separated(&mut self, items: &[String]) {
        self.depth += 1;
        for (index, item) in items.iter().enumerate() {
            let comma = if index + 1 < items.len() { "," } else { "" };
            self.line(format!("{item}{comma}"));
        }
        self.depth -= 1;
    }

    /// Writes one item per line, with a trailing comma.
    fn listed(&mut self, items: &[String]) {
        self.depth += 1;
        for item in items {
            self.line(format!("{item},"));
        }
        self.depth -= 1;
    }

    /// Writes `head body)`, with the body in a block if it does not fit on one line.
    ///
    /// `broken` is the body in several lines, for when it does not fit on a line of its own.
    pub(crate) fn closure(&mut self, head: &str, body: &str, broken: &[String]) {
        let line = format!("{head} {body})");
        let fits = body.len() <= CALL_WIDTH || broken.is_empty();
        if fits && self.depth * 4 + line.len() <= WIDTH {
            self.line(line);
            return;
        }
        self.line(format!("{head} {{"));
        self.depth += 1;
        if fits {
            self.line(body);
        } else {
            for line in broken {
                self.line(line);
            }
        }
        self.depth -= 1;
        self.line("})");
    }

    /// Writes doc comments from lines that are Markdown already.
    pub(crate) fn docs<S: AsRef<str>>(&mut self, lines: impl IntoIterator<Item = S>) {
        for line in lines {
            self.line(format!("/// {}", line.as_ref()).trim_end());
        }
    }

    /// Writes doc comments for a description from the spec, or `fallback` if it is empty.
    pub(crate) fn text_docs(&mut self, text: Option<&str>, fallback: &str) {
        let lines = text.map(docs::lines).unwrap_or_default();
        if lines.is_empty() {
            self.docs([fallback]);
        } else {
            self.docs(lines);
        }
    }

    /// Writes doc comments for a description from the spec and for constraints, if any.
    pub(crate) fn described(&mut self, text: Option<&str>, constraints: Option<&str>) {
        let mut lines = text.map(docs::lines).unwrap_or_default();
        if let Some(constraints) = constraints {
            if !lines.is_empty() {
                lines.push(String::new());
            }
            lines.push(constraints.to_owned());
        }
        self.docs(lines);
    }

    /// Appends constraints to the doc comments.
    pub(crate) fn constraints(&mut self, limits: Option<&str>) {
        if let Some(limits) = limits {
            self.docs(["", limits]);
        }
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

/// Splits a generic type such as `Result<A, B>` into `Result` and `[A, B]`.
fn generic(of: &str) -> Option<(&str, Vec<String>)> {
    let (outer, inner) = of.strip_suffix('>')?.split_once('<')?;
    let mut types = vec![String::new()];
    let mut depth = 0_usize;
    for c in inner.chars() {
        match c {
            '<' | '(' => depth += 1,
            '>' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match (c, types.last_mut()) {
            (',', _) if depth == 0 => types.push(String::new()),
            (' ', Some(last)) if last.is_empty() => {}
            (c, Some(last)) => last.push(c),
            (_, None) => {}
        }
    }
    Some((outer, types))
}
