//! Which operations hand out their results in pages, and by which fields.

use crate::api::{Paging, Parameter, Place};
use crate::engine::{Made, MadeField, Types};
use crate::lower::{Field, Lowered};
use crate::rust_type::RustType;
use crate::shape::{Body, Outcome, Shape};

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

/// A field of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) ident: String,
    pub(crate) of: RustType,
}

impl Member {
    /// The type without `Option`, and whether there was one.
    pub(crate) fn plain(&self) -> (&RustType, bool) {
        match self.of.inside("Option") {
            Some(inner) => (inner, true),
            None => (&self.of, false),
        }
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
        (Paging::Given(_), None) => Err("the response is no object with fields".to_owned()),
        (Paging::Given(given), Some(page)) => {
            let field = |name: &str| {
                let lacking = || format!("the response has no field {name}");
                page.iter()
                    .find(|(wire, _)| *wire == name)
                    .map(|(_, member)| member.clone())
                    .ok_or_else(lacking)
            };
            if !query(shape).any(|parameter| parameter.name == given.parameter) {
                return Err(format!("there is no query parameter {}", given.parameter));
            }
            let turn = match (&given.token, &given.total) {
                (Some(token), _) => Turn::Token(field(token)?),
                (None, Some(total)) => {
                    let total = field(total)?;
                    if !is_count(&total) {
                        return Err(format!("the field {} is no integer", total.ident));
                    }
                    Turn::Number(total)
                }
                (None, None) => return Err("neither token nor total is given".to_owned()),
            };
            let items = field(&given.items)?;
            if items.plain().0.inside("Vec").is_none() {
                return Err(format!("the field {} is no list", given.items));
            }
            Ok(Some(Pages {
                parameter: given.parameter.clone(),
                turn,
                items,
            }))
        }
    }
}

/// The fields of the one success body, by their names on the wire.
fn page<'a>(
    shape: &Shape<'_>,
    lowered: &'a Lowered,
    types: &Types,
) -> Option<Vec<(&'a str, Member)>> {
    let Outcome::One(Body::Json(slot)) = &shape.success else {
        return None;
    };
    let of = types.slot(*slot);
    let name = of.own_name()?;
    let found = lowered.structs.get(name)?;
    let Made::Fields(made) = types.structs.get(name)? else {
        return None;
    };
    let member = |field: &'a Field| {
        let MadeField { ident, of, .. } = made.iter().find(|made| made.key == field.key)?;
        let member = Member {
            ident: ident.clone(),
            of: of.clone(),
        };
        Some((field.wire.as_str(), member))
    };
    Some(found.fields.iter().filter_map(member).collect())
}

/// Pages that are told by their names.
fn recognised(shape: &Shape<'_>, page: &[(&str, Member)]) -> Option<Pages> {
    let mut lists = page
        .iter()
        .filter(|(_, member)| member.plain().0.inside("Vec").is_some());
    let (Some((_, items)), None) = (lists.next(), lists.next()) else {
        return None;
    };
    let takes = |names: &[&str]| {
        query(shape).find(|parameter| names.contains(&spelled(&parameter.name).as_str()))
    };
    let by_token = page.iter().find_map(|(wire, member)| {
        let (_, parameters) = TOKENS.iter().find(|(field, _)| spelled(wire) == *field)?;
        Some((takes(parameters)?, Turn::Token(member.clone())))
    });
    let by_number = || {
        let parameter = takes(&["page", "pagenumber"])?;
        let (_, total) = page
            .iter()
            .find(|(wire, member)| TOTALS.contains(&spelled(wire).as_str()) && is_count(member))?;
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
