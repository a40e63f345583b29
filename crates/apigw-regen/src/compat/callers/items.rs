//! Items that belong to no operation: types, the client's own methods, re-exports.

use std::collections::BTreeSet;

use super::comparison::{Comparison, Items, follows_its_owner, owner};
use crate::compat::change::Effect;
use crate::compat::surface::{Public, Signature};

impl Comparison {
    /// Compares types, the client's own methods and re-exports.
    pub(crate) fn rest(&mut self, old: &Items, new: &Items) {
        let fields = old
            .iter()
            .filter(|(_, item)| matches!(item, Public::Field(_)))
            .filter(|(key, before)| new.get(*key) != Some(before))
            .map(|(key, _)| key.as_str())
            .collect();
        for (key, before) in old {
            match new.get(key) {
                None if follows_its_owner(key, old, new) => {}
                None => self.removed(key, before, &fields, old, new),
                Some(after) if !after.serves_as(before) => {
                    self.changed(key, before, after, &fields);
                }
                Some(_) => {}
            }
        }
        for (key, after) in new {
            if !old.contains_key(key) && !follows_its_owner(key, new, old) {
                self.added(key, after, old, new);
            }
        }
    }

    fn removed(
        &mut self,
        key: &str,
        before: &Public,
        fields: &BTreeSet<&str>,
        old: &Items,
        new: &Items,
    ) {
        let owner = owner(key).unwrap_or_default();
        let text = match before {
            Public::Variant(_) if old.contains_key(&format!("{owner}::Unknown")) => {
                "removed; match `Unknown(_)` instead"
            }
            // reported with the field, or with `new`
            Public::Function(_)
                if field_of(key).is_some_and(|field| fields.contains(field.as_str()))
                    || is_argument(key, new.get(&format!("{owner}::new()"))) =>
            {
                return;
            }
            _ => "removed",
        };
        self.breaks(key, text);
    }

    fn changed(&mut self, key: &str, before: &Public, after: &Public, fields: &BTreeSet<&str>) {
        let text = match (before, after) {
            (Public::Type { .. }, Public::Type { .. }) => {
                "is now `#[non_exhaustive]`; build it with `new()` and match it with `_`".to_owned()
            }
            (Public::Function(before), Public::Function(after)) => {
                if field_of(key).is_some_and(|field| fields.contains(field.as_str()))
                    || follows_fields(key, before, after, fields)
                {
                    return;
                }
                match before.output == after.output {
                    true => after.arguments_changed(before),
                    false => format!(
                        "now returns `{}` instead of `{}`",
                        after.output, before.output
                    ),
                }
            }
            _ => format!("changed from `{before}` to `{after}`"),
        };
        self.breaks(key, text);
    }

    fn added(&mut self, key: &str, after: &Public, old: &Items, new: &Items) {
        let owner = owner(key).and_then(|owner| old.get(owner));
        let is_closed = matches!(owner, Some(Public::Type { closed: true }));
        match after {
            Public::Field(_) | Public::Variant(_) if is_closed => {
                self.breaks(key, "added; set or match it wherever you use its type");
            }
            // adds nothing for callers, or is reported with the field
            Public::Implementation(_) => {}
            Public::Function(_) if field_of(key).is_some_and(|field| new.contains_key(&field)) => {}
            Public::Field(of) => self.record(Effect::Adds, key, format!("`{of}`")),
            _ => self.record(Effect::Adds, key, ""),
        }
    }
}

/// Returns `types::Order.note` for `types::Order::note()` and `types::Order::set_note()`.
fn field_of(setter: &str) -> Option<String> {
    let (owner, method) = setter.rsplit_once("::")?;
    let field = method.strip_suffix("()")?;
    let field = field.strip_prefix("set_").unwrap_or(field);
    Some(format!("{owner}.{field}"))
}

/// Returns `true` if the field of a setter is now an argument of the constructor.
fn is_argument(setter: &str, constructor: Option<&Public>) -> bool {
    let field = setter.rsplit("::").next().unwrap_or_default();
    matches!(constructor, Some(Public::Function(new)) if new.takes(field.trim_end_matches("()")))
}

/// Returns `true` if a constructor changed only as its fields did, which are reported already.
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
