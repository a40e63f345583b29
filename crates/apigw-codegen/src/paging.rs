//! Which operations hand out their results in pages, and by which fields.

use crate::lower::{Field, Lowered};
use crate::shape::{Body, Outcome, Shape};
use crate::types::engine::{Made, MadeField, Types};
use crate::types::rust_type::RustType;
use apigw_spec::api::{Paging, Parameter, Place};

/// How the pages of an operation follow one another, in the names of generated code.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pages {
    /// The query parameter that asks for a page.
    pub(crate) parameter: String,
    pub(crate) turn: Turn,
    /// The field with the items of a page.
    pub(crate) items: Member,
}

/// What asks for the next page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The token in this field.
    Token(Member),
    /// The number after this one; the field has the number of all items.
    Number(Member),
}

/// A field of a page, or of an object in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// The field that holds the object, when the page does not hold the field itself.
    pub(crate) inside: Option<Inside>,
    pub(crate) ident: String,
    pub(crate) of: RustType,
}

/// A field with an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inside {
    pub(crate) ident: String,
    pub(crate) is_optional: bool,
}

impl Member {
    /// The type without `Option`, and whether there was one.
    pub(crate) fn plain(&self) -> (&RustType, bool) {
        plain(&self.of)
    }
}

fn plain(of: &RustType) -> (&RustType, bool) {
    match of.inside("Option") {
        Some(inner) => (inner, true),
        None => (of, false),
    }
}

/// Fields that hold a token, and the parameters that take it, spelled without case and separators.
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

/// The pages of an operation; `None` when it has none.
///
/// # Errors
///
/// When `apis.toml` names a parameter or a field that the operation lacks: which one.
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

/// The fields of the one success body, and those of the objects in it, by their names on
/// the wire: `nextToken`, `payload.nextToken`.
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

/// The fields of a struct.
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
        };
        Some((field.wire.clone(), member))
    };
    Some(found.fields.iter().filter_map(member).collect())
}

/// Pages that are told by their names.
fn recognised(shape: &Shape<'_>, page: &[(String, Member)]) -> Option<Pages> {
    // the one list of the page, or else the one in an object of it
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
    // what `payload.nextToken` is called is its last word
    let name = |wire: &str, member: &Member| match &member.inside {
        Some(_) => spelled(wire.rsplit('.').next().unwrap_or_default()),
        None => spelled(wire),
    };
    let takes = |names: &[&str]| {
        query(shape).find(|parameter| names.contains(&spelled(&parameter.name).as_str()))
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

/// Query parameters that a call may leave out.
fn query<'a>(shape: &Shape<'a>) -> impl Iterator<Item = &'a Parameter> {
    let parameters = shape.operation.parameters.iter();
    parameters.filter(|parameter| parameter.place == Place::Query && !parameter.required)
}

fn is_count(member: &Member) -> bool {
    matches!(member.plain().0.path(), "i64" | "i32")
}

fn spelled(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}
