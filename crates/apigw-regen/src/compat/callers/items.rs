//! What belongs to no operation: types, the client's own methods, re-exports.

use std::collections::BTreeSet;

use super::comparison::{Comparison, Items, goes_with_its_owner, owner};
use crate::compat::change::Effect;
use crate::compat::surface::{Public, Signature};

impl Comparison {
    /// What belongs to no operation: types, the client's own methods, re-exports.
    pub(crate) fn rest(&mut self, old: &Items, new: &Items) {
        let fields = old
            .iter()
            .filter(|(_, item)| matches!(item, Public::Field(_)))
            .filter(|(key, before)| new.get(*key) != Some(before))
            .map(|(key, _)| key.as_str())
            .collect();
        for (key, before) in old {
            match new.get(key) {
                None if goes_with_its_owner(key, old, new) => {}
                None => self.lost(key, before, &fields, old, new),
                Some(after) if !after.serves_as(before) => {
                    self.changed(key, before, after, &fields);
                }
                Some(_) => {}
            }
        }
        for (key, after) in new {
            if !old.contains_key(key) && !goes_with_its_owner(key, new, old) {
                self.added(key, after, old, new);
            }
        }
    }

    fn lost(
        &mut self,
        key: &str,
        before: &Public,
        fields: &BTreeSet<&str>,
        old: &Items,
        new: &Items,
    ) {
        let owner = owner(key).unwrap_or_default();
        let remedy = match before {
            Public::Variant(_) if old.contains_key(&format!("{owner}::Unknown")) => {
                "use Unknown(…) in its place"
            }
            // the field tells, or `new` does
            Public::Function(_)
                if field_of(key).is_some_and(|field| fields.contains(field.as_str()))
                    || is_argument(key, new.get(&format!("{owner}::new()"))) =>
            {
                return;
            }
            Public::Implementation(_) => "do without it",
            _ => "remove its uses",
        };
        self.breaks(key, format!("gone; {remedy}"));
    }

    fn changed(&mut self, key: &str, before: &Public, after: &Public, fields: &BTreeSet<&str>) {
        let text = match (before, after) {
            (Public::Type { .. }, Public::Type { .. }) => {
                "may gain more from now on; build it with new(), match it with `_`".to_owned()
            }
            (Public::Function(before), Public::Function(after)) => {
                if field_of(key).is_some_and(|field| fields.contains(field.as_str()))
                    || follows_fields(key, before, after, fields)
                {
                    return;
                }
                let (takes, took) = (after.written(), before.written());
                match before.output == after.output {
                    true => format!("takes {takes}, took {took}; give it that"),
                    false => format!(
                        "gives {}, was {}; use it as that",
                        after.output, before.output
                    ),
                }
            }
            _ => format!("{after}, was {before}; use it as that"),
        };
        self.breaks(key, text);
    }

    fn added(&mut self, key: &str, after: &Public, old: &Items, new: &Items) {
        let owner = owner(key).and_then(|owner| old.get(owner));
        let is_closed = matches!(owner, Some(Public::Type { closed: true }));
        match after {
            Public::Field(_) | Public::Variant(_) if is_closed => {
                self.breaks(key, "new; name it where you build or match its type");
            }
            // callers gain nothing that they could not do, or the field tells
            Public::Implementation(_) => {}
            Public::Function(_) if field_of(key).is_some_and(|field| new.contains_key(&field)) => {}
            Public::Field(of) => self.say(Effect::Adds, key, of.clone()),
            _ => self.say(Effect::Adds, key, ""),
        }
    }
}

/// `types::Order.note` for `types::Order::note()` and `types::Order::set_note()`.
fn field_of(setter: &str) -> Option<String> {
    let (owner, method) = setter.rsplit_once("::")?;
    let field = method.strip_suffix("()")?;
    let field = field.strip_prefix("set_").unwrap_or(field);
    Some(format!("{owner}.{field}"))
}

/// Whether the field of a setter is an argument of the constructor.
fn is_argument(setter: &str, constructor: Option<&Public>) -> bool {
    let field = setter.rsplit("::").next().unwrap_or_default();
    matches!(constructor, Some(Public::Function(new)) if new.takes(field.trim_end_matches("()")))
}

/// Whether a constructor differs only where its fields do, which tell.
fn follows_fields(
    key: &str,
    before: &Signature,
    after: &Signature,
    fields: &BTreeSet<&str>,
) -> bool {
    let Some(owner) = key.strip_suffix("::new()") else {
        return false;
    };
    let same = |((name, of), (was_name, was)): (&(String, String), &(String, String))| {
        name == was_name && (of == was || fields.contains(format!("{owner}.{name}").as_str()))
    };
    before.arguments.len() == after.arguments.len()
        && after.arguments.iter().zip(&before.arguments).all(same)
}
