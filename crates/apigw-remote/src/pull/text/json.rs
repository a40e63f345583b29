//! Edits JSON text.

use apigw_spec::pointer;

use super::{Edit, Edits};

/// Applies the edits to the text. Returns `None` if it is not JSON.
pub(super) fn edit(text: &str, edits: &Edits) -> Option<String> {
    let mut copier = Copier {
        text,
        at: 0,
        edits,
        out: String::with_capacity(text.len()),
    };
    copier.white_space();
    copier.value(&mut String::new())?;
    copier.out.push_str(&text[copier.at..]);
    Some(copier.out)
}

/// Copies text value by value, and applies edits.
struct Copier<'a> {
    text: &'a str,
    at: usize,
    edits: &'a Edits,
    out: String,
}

impl<'a> Copier<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Copies white space.
    fn white_space(&mut self) {
        let start = self.at;
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        self.out.push_str(&self.text[start..self.at]);
    }

    fn copy(&mut self, expected: u8) -> Option<()> {
        (self.peek()? == expected).then(|| {
            self.out.push(char::from(expected));
            self.at += 1;
        })
    }

    fn value(&mut self, pointer: &mut String) -> Option<()> {
        if let Some(Edit::Replace(text)) = self.edits.get(pointer) {
            self.string()?;
            self.out.push_str(&format!("\"{text}\""));
            return Some(());
        }
        match self.peek()? {
            b'{' => self.members(pointer),
            b'[' => self.items(pointer),
            b'"' => {
                let string = self.string()?;
                self.out.push_str(string);
                Some(())
            }
            _ => self.literal(),
        }
    }

    /// Copies an object without the removed members. The separator after a member is removed with it.
    fn members(&mut self, pointer: &mut String) -> Option<()> {
        self.copy(b'{')?;
        let opened = self.out.len();
        self.white_space();
        if self.peek()? == b'}' {
            return self.copy(b'}');
        }
        let length = pointer.len();
        // the end of the last member that is kept
        let mut kept = None;
        loop {
            let start = self.out.len();
            let key = self.string()?;
            let name: String = serde_json::from_str(key).ok()?;
            self.out.push_str(key);
            self.white_space();
            self.copy(b':')?;
            self.white_space();
            pointer::push(pointer, &name);
            let is_cut = self.edits.get(pointer) == Some(&Edit::Cut);
            self.value(pointer)?;
            pointer.truncate(length);
            let end = self.out.len();
            self.white_space();
            let is_last = self.peek()? == b'}';
            if is_cut && !is_last {
                self.copy(b',')?;
                self.white_space();
                self.out.truncate(start);
            } else if is_cut {
                let end_of_object = self.out.split_off(end);
                self.out.truncate(kept.unwrap_or(opened));
                self.out.push_str(&end_of_object);
            }
            if is_last {
                return self.copy(b'}');
            }
            if !is_cut {
                kept = Some(end);
                self.copy(b',')?;
                self.white_space();
            }
        }
    }

    fn items(&mut self, pointer: &mut String) -> Option<()> {
        self.copy(b'[')?;
        self.white_space();
        if self.peek()? == b']' {
            return self.copy(b']');
        }
        let length = pointer.len();
        for index in 0_usize.. {
            pointer.push_str(&format!("/{index}"));
            self.value(pointer)?;
            pointer.truncate(length);
            self.white_space();
            if self.peek()? == b']' {
                return self.copy(b']');
            }
            self.copy(b',')?;
            self.white_space();
        }
        None
    }

    /// Skips a string, and returns it with its quotes.
    fn string(&mut self) -> Option<&'a str> {
        let start = self.at;
        (self.peek()? == b'"').then_some(())?;
        self.at += 1;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        self.text.get(start..self.at)
    }

    /// Copies a number, `true`, `false` or `null`.
    fn literal(&mut self) -> Option<()> {
        let start = self.at;
        while !matches!(
            self.peek(),
            None | Some(b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n')
        ) {
            self.at += 1;
        }
        self.out.push_str(self.text.get(start..self.at)?);
        Some(())
    }
}
