//! Descriptions from the spec as doc comments.
//!
//! Descriptions are CommonMark (OpenAPI 3.0, "Rich Text Formatting"), and so are doc comments, but
//! rustdoc gives some of it another meaning: it runs code blocks as tests, resolves links in
//! brackets, and gets the headings of this crate. A description is parsed and written anew with what
//! means the same in both.

use std::borrow::Cow;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};
use pulldown_cmark_to_cmark::{calculate_code_block_token_count, cmark_with_options};

/// Returns the doc comment lines for a description.
pub(crate) fn lines(text: &str) -> Vec<String> {
    let text = without_html(text);
    let lines = written(events(&text));
    let mut lines: Vec<String> = lines
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// Returns a description as text that can follow other text on a line.
pub(crate) fn inline(text: &str) -> String {
    let text = without_html(text);
    let mut inline = vec![Event::Start(Tag::Paragraph)];
    let mut gap = false;
    for event in events(&text) {
        let event = match event {
            Event::Start(Tag::Strong | Tag::Emphasis | Tag::Strikethrough | Tag::Link { .. })
            | Event::End(
                TagEnd::Strong | TagEnd::Emphasis | TagEnd::Strikethrough | TagEnd::Link,
            )
            | Event::Code(_)
            | Event::Text(_) => event,
            _ => {
                gap = true;
                continue;
            }
        };
        if std::mem::take(&mut gap) && inline.len() > 1 {
            inline.push(Event::Text(" ".into()));
        }
        inline.push(event);
    }
    inline.push(Event::End(TagEnd::Paragraph));
    let lines = written(inline);
    lines.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH
}

fn written(events: Vec<Event<'_>>) -> String {
    let fence = calculate_code_block_token_count(&events);
    let options = pulldown_cmark_to_cmark::Options {
        code_block_token_count: fence.unwrap_or(3),
        list_token: '-',
        ..pulldown_cmark_to_cmark::Options::default()
    };
    let mut text = String::new();
    // writing to a string does not fail, and the events are balanced
    let _ = cmark_with_options(events.iter(), &mut text, self::options(), options);
    text
}

/// Replaces HTML by the Markdown that means the same, and escapes the rest of it.
fn without_html(text: &str) -> String {
    // a tab indents, other control characters could end or hide the comment
    let clean = |c: char| match c {
        '\t' => "    ".into(),
        '\n' => "\n".into(),
        c if c.is_control() => String::new(),
        c => c.to_string(),
    };
    let text: String = text.replace("\r\n", "\n").chars().map(clean).collect();
    let of_html: Vec<_> = Parser::new_ext(&text, options())
        .into_offset_iter()
        .filter(|(event, _)| matches!(event, Event::Html(_) | Event::InlineHtml(_)))
        .map(|(_, range)| range)
        .collect();
    let mut links = Vec::new();
    let mut out = String::new();
    let mut end = 0;
    for range in of_html {
        out.push_str(text.get(end..range.start).unwrap_or_default());
        out.push_str(&markdown(
            text.get(range.clone()).unwrap_or_default(),
            &mut links,
        ));
        end = range.end;
    }
    out.push_str(text.get(end..).unwrap_or_default());
    out
}

/// Converts the tags in a piece of HTML; `links` are the addresses of the links that are open.
fn markdown(html: &str, links: &mut Vec<Option<String>>) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        out.push_str(before);
        let Some((inside, after)) = tag.split_once('>') else {
            out.push_str("\\<");
            rest = tag;
            continue;
        };
        rest = after;
        let is_end = inside.starts_with('/');
        let name = inside.trim_start_matches('/');
        let name = name.split(|c: char| c.is_whitespace() || c == '/').next();
        let name = name.unwrap_or_default().to_ascii_lowercase();
        match (name.as_str(), is_end) {
            ("b" | "strong", _) => out.push_str("**"),
            ("i" | "em", _) => out.push('*'),
            ("code" | "tt", _) => out.push('`'),
            ("br", _) => out.push_str("  \n"),
            ("p" | "div" | "ul" | "ol" | "pre" | "table" | "tr", _) => out.push_str("\n\n"),
            ("li", false) => out.push_str("\n- "),
            ("td" | "th", true) => out.push(' '),
            ("h1" | "h2" | "h3" | "h4" | "h5" | "h6", false) => out.push_str("\n\n**"),
            ("h1" | "h2" | "h3" | "h4" | "h5" | "h6", true) => out.push_str("**\n\n"),
            ("a", false) => {
                let address = address(inside).map(str::to_owned);
                out.push_str(if address.is_some() { "[" } else { "" });
                links.push(address);
            }
            ("a", true) => {
                if let Some(address) = links.pop().flatten() {
                    out.push_str(&format!("](<{address}>)"));
                }
            }
            ("li" | "td" | "th" | "span" | "thead" | "tbody" | "note", _) => {}
            _ if inside.starts_with("!--") => {}
            _ => out.push_str(&format!("\\<{inside}\\>")),
        }
    }
    out.push_str(rest);
    out
}

/// Returns the absolute address of a link.
fn address(tag: &str) -> Option<&str> {
    let (_, rest) = tag.split_once("href=")?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let address = rest.get(1..)?.split(quote).next()?;
    is_address(address).then_some(address)
}

fn is_address(text: &str) -> bool {
    let is_web = ["https://", "http://", "mailto:"]
        .iter()
        .any(|scheme| text.starts_with(scheme));
    is_web && !text.contains(|c: char| c.is_whitespace() || "<>".contains(c))
}

/// Parses a description, and keeps what rustdoc reads the same way.
fn events(text: &str) -> Vec<Event<'_>> {
    let mut events = Vec::new();
    // whether each open link is kept
    let mut links = Vec::new();
    let mut in_code = false;
    for event in Parser::new_ext(text, options()) {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                events.push(Event::Start(Tag::Paragraph));
                events.push(Event::Start(Tag::Strong));
            }
            Event::End(TagEnd::Heading(_)) => {
                events.push(Event::End(TagEnd::Strong));
                events.push(Event::End(TagEnd::Paragraph));
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                in_code = true;
                let kind = CodeBlockKind::Fenced(language(&kind));
                events.push(Event::Start(Tag::CodeBlock(kind)));
            }
            Event::End(TagEnd::CodeBlock) => {
                in_code = false;
                let ends =
                    |last: &Event<'_>| matches!(last, Event::Text(text) if text.ends_with('\n'));
                if !events.last().is_some_and(ends) {
                    events.push(Event::Text("\n".into()));
                }
                events.push(event);
            }
            Event::Start(Tag::Link {
                ref dest_url,
                ref title,
                ..
            }) => {
                let is_kept = is_address(dest_url);
                links.push(is_kept);
                if is_kept {
                    events.push(Event::Start(Tag::Link {
                        link_type: LinkType::Inline,
                        dest_url: dest_url.clone(),
                        title: title.clone(),
                        id: CowStr::Borrowed(""),
                    }));
                }
            }
            Event::End(TagEnd::Link) => {
                if links.pop() == Some(true) {
                    events.push(event);
                }
            }
            // only its text
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => {}
            Event::Start(Tag::HtmlBlock) => events.push(Event::Start(Tag::Paragraph)),
            Event::End(TagEnd::HtmlBlock) => events.push(Event::End(TagEnd::Paragraph)),
            Event::Html(text) | Event::InlineHtml(text) => events.push(Event::Text(text)),
            Event::Text(text) if !in_code && !links.contains(&true) => {
                with_links(text, &mut events)
            }
            // it would end a list or begin a heading under what precedes it
            Event::Rule => {}
            event => events.push(event),
        }
    }
    events
}

/// Returns a language that rustdoc does not run.
fn language<'a>(kind: &CodeBlockKind<'a>) -> CowStr<'a> {
    const PLAIN: &str = "text";
    let CodeBlockKind::Fenced(info) = kind else {
        return PLAIN.into();
    };
    let word = info.split([' ', ',', '{']).next().unwrap_or_default();
    let known = [
        "json",
        "yaml",
        "xml",
        "html",
        "sh",
        "bash",
        "shell",
        "http",
        "python",
        "javascript",
        "js",
        "typescript",
        "java",
        "graphql",
        "sql",
        "console",
        "curl",
        "csv",
        "toml",
    ];
    let lower = word.to_ascii_lowercase();
    match known.contains(&lower.as_str()) {
        true => lower.into(),
        false => PLAIN.into(),
    }
}

/// Adds text, in which bare addresses become links: rustdoc warns about them.
fn with_links<'a>(text: CowStr<'a>, events: &mut Vec<Event<'a>>) {
    let mut rest: Cow<'_, str> = Cow::Borrowed(&text);
    let find = |text: &str| {
        ["https://", "http://"]
            .iter()
            .filter_map(|scheme| text.find(scheme))
            .min()
    };
    while let Some(at) = find(&rest) {
        let (before, from) = rest.split_at(at);
        let end = from
            .find(|c: char| c.is_whitespace() || "<>\"'`()[]{}|\\^".contains(c))
            .unwrap_or(from.len());
        let address = from.get(..end).unwrap_or_default();
        let address = address.trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_']);
        if !before.is_empty() {
            events.push(Event::Text(before.to_owned().into()));
        }
        if address.len() > "https://".len() && address.is_ascii() {
            events.push(Event::Start(Tag::Link {
                link_type: LinkType::Autolink,
                dest_url: address.to_owned().into(),
                title: CowStr::Borrowed(""),
                id: CowStr::Borrowed(""),
            }));
            events.push(Event::Text(address.to_owned().into()));
            events.push(Event::End(TagEnd::Link));
        } else {
            events.push(Event::Code(address.to_owned().into()));
        }
        rest = Cow::Owned(from.get(address.len()..).unwrap_or_default().to_owned());
    }
    if !rest.is_empty() {
        events.push(Event::Text(rest.into_owned().into()));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn markdown_keeps_its_meaning() {
        for (text, doc) in [
            ("An order.\nSecond line.", "An order.\nSecond line."),
            ("One.\n\nTwo.", "One.\n\nTwo."),
            ("- a\n- b `c`", "- a\n- b `c`"),
            ("1. a\n2. b", "1. a\n1. b"),
            ("**bold** and *thin*", "**bold** and *thin*"),
            (
                "[docs](https://example.com/a_b)",
                "[docs](https://example.com/a_b)",
            ),
            (
                "see https://example.com/a_b.",
                "see <https://example.com/a_b>.",
            ),
            ("| a | b |\n|---|---|\n| 1 | 2 |", "|a|b|\n|-|-|\n|1|2|"),
            ("```json\n{}\n```", "```json\n{}\n```"),
        ] {
            assert_eq!(lines(text).join("\n").trim(), doc, "{text}");
        }
    }

    #[test]
    fn what_rustdoc_would_read_differently_is_written_differently() {
        for (text, doc) in [
            ("# Orders\ntext", "**Orders**\n\ntext"),
            ("    curl -X GET", "```text\ncurl -X GET\n```"),
            ("```\nlet x = 1;\n```", "```text\nlet x = 1;\n```"),
            ("```rust\nlet x = 1;\n```", "```text\nlet x = 1;\n```"),
            ("an [Order] of [x](#part)", "an \\[Order\\] of x"),
            ("![logo](https://example.com/a.png)", "logo"),
            ("a `Vec<T>`, a Vec<T>", "a `Vec<T>`, a Vec\\<T>"),
        ] {
            assert_eq!(lines(text).join("\n").trim(), doc, "{text}");
        }
    }

    #[test]
    fn html_becomes_markdown_or_text() {
        for (text, doc) in [
            (
                "<p>Creates an order.</p><p>Or <b>not</b>.</p>",
                "Creates an order.\n\nOr **not**.",
            ),
            ("a<br>b <i>c</i> <code>d</code>", "a  \nb *c* `d`"),
            ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
            (
                "<a href=\"https://example.com\">docs</a>",
                "[docs](https://example.com)",
            ),
            ("<script>alert(1)</script>", "\\<script>alert(1)\\</script>"),
            ("<!-- hidden -->shown", "shown"),
        ] {
            let lines = lines(text).join("\n");
            assert_eq!(
                lines.replace("  \n", "\n").trim(),
                doc.replace("  \n", "\n"),
                "{text}"
            );
        }
    }

    #[test]
    fn inline_text_is_one_line() {
        assert_eq!(
            inline("# An\n\n- order\n- `x`\n\n1. y"),
            "**An** order `x` y"
        );
        assert_eq!(inline("- item"), "item");
    }

    proptest! {
        #[test]
        fn any_text_is_written_in_a_stable_form(text in "[-#*_`~<>\\[\\]()!|&;:/.=+ \n\t0-9a-cé]{0,60}") {
            let once = lines(&text).join("\n");
            let twice = lines(&once).join("\n");
            let thrice = lines(&twice).join("\n");
            prop_assert_eq!(&twice, &thrice, "{:?}", once);
            prop_assert!(!inline(&text).contains('\n'));
        }

        #[test]
        fn any_text_stays_inside_the_comment(text in ".{0,80}") {
            for line in lines(&text) {
                prop_assert!(!line.contains(|c: char| c.is_control()), "{:?}", line);
            }
        }
    }
}
