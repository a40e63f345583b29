//! Detects which operations are paged, and by which fields.

use std::collections::HashSet;

use crate::lower::{Field, Lowered};
use crate::shape::{Body, Outcome, Shape};
use crate::types::engine::{Made, MadeField, Types};
use crate::types::rust_type::RustType;
use apigw_spec::api::{Paging, Parameter, Place};
use apigw_spec::paging::{is_page_number, is_token, is_total};
use apigw_spec::report::Report;

/// How to request the pages of an operation, with the names used in generated code.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pages {
    /// The query parameter that selects a page.
    pub(crate) parameter: String,
    pub(crate) turn: Turn,
    /// The field that contains the items.
    pub(crate) items: Member,
}

/// How to request the next page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// By the token in this field.
    Token(Member),
    /// By page number; the field contains the total number of items.
    Number(Member),
}

/// A field of a page, or of an object nested in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// The name on the wire, for example `payload.nextToken`.
    pub(crate) wire: String,
    /// The field that contains the nested object, if any.
    pub(crate) inside: Option<Inside>,
    pub(crate) ident: String,
    pub(crate) of: RustType,
    pub(crate) deprecated: bool,
}

/// A field that contains a nested object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inside {
    pub(crate) ident: String,
    pub(crate) is_optional: bool,
    pub(crate) is_nullable: bool,
    pub(crate) deprecated: bool,
}

impl Member {
    /// Returns the last part of the name on the wire.
    fn name(&self) -> &str {
        self.wire.rsplit('.').next().unwrap_or_default()
    }

    fn is_list(&self) -> bool {
        self.plain().0.inside("Vec").is_some()
    }

    /// Returns what makes it the same list in another body.
    fn identity(&self) -> (String, String) {
        (self.name().to_owned(), self.plain().0.to_string())
    }

    /// Returns whether reading the field is deprecated.
    pub(crate) fn is_deprecated(&self) -> bool {
        self.deprecated || self.inside.as_ref().is_some_and(|inside| inside.deprecated)
    }

    /// Returns the type without `Option`, and whether it was optional.
    pub(crate) fn plain(&self) -> (&RustType, bool) {
        plain(&self.of)
    }
}

fn plain(of: &RustType) -> (&RustType, bool) {
    match of.without_option() {
        Some(inner) => (inner, true),
        None => (of, false),
    }
}

/// Returns how an operation is paged; `None` if it is not.
///
/// # Errors
///
/// Returns a message if `apis.toml` names a parameter or field that the operation does not have.
pub(crate) fn pages(
    shape: &Shape<'_>,
    of_errors: &ErrorLists,
    lowered: &Lowered,
    types: &Types,
    report: &mut Report,
) -> Result<Option<Pages>, String> {
    let page = page(shape, lowered, types);
    match (&shape.operation.paging, page) {
        (Paging::Off, _) | (Paging::Recognised, None) => Ok(None),
        (Paging::Recognised, Some(page)) => Ok(recognised(shape, &page, of_errors, report)),
        (Paging::Given(_), None) => Err("the response is not an object with fields".to_owned()),
        (Paging::Given(given), Some(page)) => {
            let field = |name: &str| {
                let lacking = || format!("the response has no field `{name}`");
                page.iter()
                    .find(|member| member.wire == name)
                    .cloned()
                    .ok_or_else(lacking)
            };
            if !query(shape).any(|parameter| parameter.name == given.parameter) {
                return Err(format!("no optional query parameter `{}`", given.parameter));
            }
            let turn = match (&given.token, &given.total) {
                (Some(token), _) => Turn::Token(field(token)?),
                (None, Some(total)) => {
                    let total = field(total)?;
                    if !is_count(&total) {
                        return Err(format!("field `{}` is not an integer", total.ident));
                    }
                    Turn::Number(total)
                }
                (None, None) => return Err("neither `token` nor `total` is set".to_owned()),
            };
            let items = field(&given.items)?;
            if !items.is_list() {
                return Err(format!("field `{}` is not an array", given.items));
            }
            Ok(Some(Pages {
                parameter: given.parameter.clone(),
                turn,
                items,
            }))
        }
    }
}

/// The lists in the error bodies of an API: names on the wire, and types.
pub(crate) type ErrorLists = HashSet<(String, String)>;

/// Returns the lists in all error bodies. A list in a page that is one of them has no items.
pub(crate) fn error_lists(shapes: &[Shape<'_>], lowered: &Lowered, types: &Types) -> ErrorLists {
    let bodies = shapes.iter().flat_map(|shape| match &shape.error {
        Outcome::One(body) => vec![body],
        Outcome::Many(bodies) => bodies.iter().map(|(_, body)| body).collect(),
    });
    let mut seen = HashSet::new();
    let mut lists = ErrorLists::new();
    for body in bodies {
        if let Body::Json(slot) = body
            && seen.insert(slot.0)
        {
            let fields = members(&types.slot(*slot), lowered, types);
            let fields = fields.into_iter().flatten().filter(Member::is_list);
            lists.extend(fields.map(|list| list.identity()));
        }
    }
    lists
}

/// Returns the fields of the success body and of nested objects, for example `nextToken` and
/// `payload.nextToken`.
fn page(shape: &Shape<'_>, lowered: &Lowered, types: &Types) -> Option<Vec<Member>> {
    let Outcome::One(Body::Json(slot)) = &shape.success else {
        return None;
    };
    let mut page = members(&types.slot(*slot), lowered, types)?;
    let mut inner = Vec::new();
    for holder in &page {
        let (of, is_optional) = holder.plain();
        let of = of.inside("Box").unwrap_or(of);
        for member in members(of, lowered, types).into_iter().flatten() {
            let inside = Inside {
                ident: holder.ident.clone(),
                is_optional,
                is_nullable: holder.of.is_nullable(),
                deprecated: holder.deprecated,
            };
            inner.push(Member {
                wire: format!("{}.{}", holder.wire, member.wire),
                inside: Some(inside),
                ..member
            });
        }
    }
    page.extend(inner);
    Some(page)
}

/// Returns the fields of a struct.
fn members(of: &RustType, lowered: &Lowered, types: &Types) -> Option<Vec<Member>> {
    let name = of.own_name()?;
    let found = lowered.structs.get(name)?;
    let Made::Fields(made) = types.structs.get(name)? else {
        return None;
    };
    let member = |field: &Field| {
        let MadeField { ident, of, .. } = made.iter().find(|made| made.key == field.key)?;
        Some(Member {
            wire: field.wire.clone(),
            inside: None,
            ident: ident.clone(),
            of: of.clone(),
            deprecated: field.deprecated,
        })
    };
    Some(found.fields.iter().filter_map(member).collect())
}

/// Detects paging by the names of parameters and fields.
///
/// The items are the only list beside the token. Where there is none beside it, they are the only
/// list of the page, or else the only one in nested objects. Lists that error bodies have too do not
/// count. With several lists, the operation is not paged, and reported.
fn recognised(
    shape: &Shape<'_>,
    page: &[Member],
    of_errors: &ErrorLists,
    report: &mut Report,
) -> Option<Pages> {
    let by_token = page.iter().find_map(|member| {
        let parameter = query(shape).find(|parameter| is_token(member.name(), &parameter.name))?;
        Some((parameter, Turn::Token(member.clone())))
    });
    let by_number = || {
        let parameter = query(shape).find(|parameter| is_page_number(&parameter.name))?;
        let total = page
            .iter()
            .find(|member| is_total(member.name()) && is_count(member))?;
        Some((parameter, Turn::Number(total.clone())))
    };
    let (parameter, turn) = by_token.or_else(by_number)?;
    let (Turn::Token(sign) | Turn::Number(sign)) = &turn;
    let lists: Vec<&Member> = page
        .iter()
        .filter(|member| member.is_list() && !of_errors.contains(&member.identity()))
        .collect();
    let among = |test: &dyn Fn(&Member) -> bool| -> Vec<&Member> {
        lists.iter().copied().filter(|list| test(list)).collect()
    };
    let found = [
        among(&|list| list.inside == sign.inside),
        among(&|list| list.inside.is_none()),
        among(&|list| list.inside.is_some()),
    ];
    let found = found.into_iter().find(|lists| !lists.is_empty())?;
    match found.as_slice() {
        [items] => Some(Pages {
            parameter: parameter.name.clone(),
            items: (*items).clone(),
            turn,
        }),
        several => {
            ambiguous(shape, parameter, &turn, several, report);
            None
        }
    }
}

/// Reports that several lists may be the items, with the setting that says which.
fn ambiguous(
    shape: &Shape<'_>,
    parameter: &Parameter,
    turn: &Turn,
    lists: &[&Member],
    report: &mut Report,
) {
    let (key, sign) = match turn {
        Turn::Token(token) => ("token", token),
        Turn::Number(total) => ("total", total),
    };
    let names: Vec<String> = lists
        .iter()
        .map(|list| format!("`{}`", list.wire))
        .collect();
    let first = lists
        .first()
        .map(|list| list.wire.as_str())
        .unwrap_or_default();
    let route = shape.operation.route();
    report.add(
        "ambiguous-pages",
        &shape.operation.pointer,
        format!(
            "`{}` says that there are more pages, but the items may be {}",
            sign.wire,
            names.join(" or ")
        ),
        format!(
            "not paged; to page it, set in apis.toml: paging = {{ {route:?} = {{ parameter = {:?}, \
             {key} = {:?}, items = {first:?} }} }}",
            parameter.name, sign.wire
        ),
    );
}

/// Returns the optional query parameters.
fn query<'a>(shape: &Shape<'a>) -> impl Iterator<Item = &'a Parameter> {
    let parameters = shape.operation.parameters.iter();
    parameters.filter(|parameter| {
        parameter.place == Place::Query && !parameter.required && !parameter.json
    })
}

fn is_count(member: &Member) -> bool {
    matches!(member.plain().0.path(), "i64" | "i32")
}
