//! Detects which operations are paged, and by which fields.

use crate::lower::{Field, Lowered};
use crate::shape::{Body, Outcome, Shape};
use crate::types::engine::{Made, MadeField, Types};
use crate::types::rust_type::RustType;
use apigw_spec::api::{Paging, Parameter, Place};

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

/// Names of token fields, and of the parameters that accept the token; case and separators are
/// ignored.
const TOKENS: [(&str, &[&str]); 9] = [
    ("nexttoken", &["nexttoken", "token", "pagetoken"]),
    ("nextpagetoken", &["nextpagetoken", "pagetoken"]),
    ("paginationtoken", &["paginationtoken"]),
    ("continuationtoken", &["continuationtoken"]),
    ("nextcontinuationtoken", &["continuationtoken"]),
    ("cursor", &["cursor"]),
    ("nextcursor", &["nextcursor", "cursor"]),
    ("nextmarker", &["marker"]),
    (
        "lastevaluatedkey",
        &[
            "lastevaluatedkey",
            "exclusivestartkey",
            "startkey",
            "lastkey",
        ],
    ),
];

const TOTALS: [&str; 3] = ["total", "totalcount", "totalitems"];

/// Returns how an operation is paged; `None` if it is not.
///
/// # Errors
///
/// Returns a message if `apis.toml` names a parameter or field that the operation does not have.
pub(crate) fn pages(
    shape: &Shape<'_>,
    lowered: &Lowered,
    types: &Types,
) -> Result<Option<Pages>, String> {
    let page = page(shape, lowered, types);
    match (&shape.operation.paging, page) {
        (Paging::Off, _) | (Paging::Recognised, None) => Ok(None),
        (Paging::Recognised, Some(page)) => Ok(recognised(shape, &page)),
        (Paging::Given(_), None) => Err("the response is not an object with fields".to_owned()),
        (Paging::Given(given), Some(page)) => {
            let field = |name: &str| {
                let lacking = || format!("the response has no field `{name}`");
                page.iter()
                    .find(|(wire, _)| *wire == name)
                    .map(|(_, member)| member.clone())
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
            if items.plain().0.inside("Vec").is_none() {
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

/// Returns the fields of the success body and of nested objects by their names on the wire, for
/// example `nextToken` and `payload.nextToken`.
fn page(shape: &Shape<'_>, lowered: &Lowered, types: &Types) -> Option<Vec<(String, Member)>> {
    let Outcome::One(Body::Json(slot)) = &shape.success else {
        return None;
    };
    let mut page = members(&types.slot(*slot), lowered, types)?;
    let mut inner = Vec::new();
    for (outer, holder) in &page {
        let (of, is_optional) = holder.plain();
        let of = of.inside("Box").unwrap_or(of);
        for (wire, member) in members(of, lowered, types).into_iter().flatten() {
            let inside = Inside {
                ident: holder.ident.clone(),
                is_optional,
                is_nullable: holder.of.is_nullable(),
                deprecated: holder.deprecated,
            };
            let member = Member {
                inside: Some(inside),
                ..member
            };
            inner.push((format!("{outer}.{wire}"), member));
        }
    }
    page.extend(inner);
    Some(page)
}

/// Returns the fields of a struct.
fn members(of: &RustType, lowered: &Lowered, types: &Types) -> Option<Vec<(String, Member)>> {
    let name = of.own_name()?;
    let found = lowered.structs.get(name)?;
    let Made::Fields(made) = types.structs.get(name)? else {
        return None;
    };
    let member = |field: &Field| {
        let MadeField { ident, of, .. } = made.iter().find(|made| made.key == field.key)?;
        let member = Member {
            inside: None,
            ident: ident.clone(),
            of: of.clone(),
            deprecated: field.deprecated,
        };
        Some((field.wire.clone(), member))
    };
    Some(found.fields.iter().filter_map(member).collect())
}

/// Detects paging by the names of parameters and fields.
fn recognised(shape: &Shape<'_>, page: &[(String, Member)]) -> Option<Pages> {
    // the only list of the page, or else the only one in nested objects
    let lists = |is_inside: bool| {
        let mut lists = page.iter().filter(move |(_, member)| {
            member.inside.is_some() == is_inside && member.plain().0.inside("Vec").is_some()
        });
        (lists.next(), lists.next())
    };
    let items = match (lists(false), lists(true)) {
        ((Some((_, items)), None), _) | ((None, _), (Some((_, items)), None)) => items,
        _ => return None,
    };
    // nested fields are matched by the last segment
    let name = |wire: &str, member: &Member| match &member.inside {
        Some(_) => normalized(wire.rsplit('.').next().unwrap_or_default()),
        None => normalized(wire),
    };
    let takes = |names: &[&str]| {
        query(shape).find(|parameter| names.contains(&normalized(&parameter.name).as_str()))
    };
    let by_token = page.iter().find_map(|(wire, member)| {
        let (_, parameters) = TOKENS
            .iter()
            .find(|(field, _)| name(wire, member) == *field)?;
        Some((takes(parameters)?, Turn::Token(member.clone())))
    });
    let by_number = || {
        let parameter = takes(&["page", "pagenumber"])?;
        let (_, total) = page.iter().find(|(wire, member)| {
            TOTALS.contains(&name(wire, member).as_str()) && is_count(member)
        })?;
        Some((parameter, Turn::Number(total.clone())))
    };
    let (parameter, turn) = by_token.or_else(by_number)?;
    Some(Pages {
        parameter: parameter.name.clone(),
        turn,
        items: items.clone(),
    })
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

fn normalized(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}
