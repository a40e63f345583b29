//! Routing: the operation that a request matches.

use apigw_spec::api::{Auth, Method, Operation, Paging};
use percent_encoding::percent_decode_str;

/// The routes of an API, in the order of its operations.
#[derive(Debug, Default)]
pub(crate) struct Router(Vec<Route>);

/// A matching operation: its index, and the values of its path parameters.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) operation: usize,
    pub(crate) path_parameters: Vec<(String, String)>,
}

#[derive(Debug)]
struct Route {
    method: Method,
    segments: Vec<Segment>,
}

#[derive(Debug)]
enum Segment {
    Literal(String),
    /// A parameter, possibly with text around it: `{id}.json`. API Gateway itself does not support such text.
    Pattern(Vec<Piece>),
    /// `{proxy+}`: the rest of the path.
    Greedy(String),
    /// `$default` of HTTP APIs: every request that matches no other route.
    Default,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Parameter(String),
}

impl Router {
    pub(crate) fn new(operations: &[Operation]) -> Self {
        Self(
            operations
                .iter()
                .map(|operation| Route {
                    method: operation.method.clone(),
                    segments: segments(&operation.path).map(Segment::read).collect(),
                })
                .collect(),
        )
    }

    /// Returns the most specific match for a method and a path without the stage.
    ///
    /// In each segment, a literal takes precedence over a parameter, and a parameter over `{proxy+}`. On the same path,
    /// a specific method takes precedence over `ANY`.
    pub(crate) fn find(&self, method: &str, path: &str) -> Option<Match> {
        let path: Vec<&str> = segments(path).collect();
        self.0
            .iter()
            .enumerate()
            .filter(|(_, route)| route.accepts(method))
            .filter_map(|(operation, route)| {
                let path_parameters = route.path_parameters(&path)?;
                Some((
                    route.rank(),
                    Match {
                        operation,
                        path_parameters,
                    },
                ))
            })
            .min_by(|(one, _), (other, _)| one.cmp(other))
            .map(|(_, found)| found)
    }
}

impl Route {
    fn accepts(&self, method: &str) -> bool {
        match &self.method {
            Method::Any => true,
            Method::One(own) => own == method,
        }
    }

    fn rank(&self) -> (Vec<u8>, bool) {
        let ranks = self.segments.iter().map(|segment| match segment {
            Segment::Literal(_) => 0,
            Segment::Pattern(_) => 1,
            Segment::Greedy(_) => 2,
            Segment::Default => 3,
        });
        (ranks.collect(), self.method == Method::Any)
    }

    fn path_parameters(&self, path: &[&str]) -> Option<Vec<(String, String)>> {
        let mut parameters = Vec::new();
        for (position, segment) in self.segments.iter().enumerate() {
            match segment {
                Segment::Literal(text) => {
                    let wire = *path.get(position)?;
                    if wire != text && decode(wire) != *text {
                        return None;
                    }
                }
                Segment::Pattern(pieces) => {
                    match_pieces(pieces, path.get(position)?, &mut parameters)?
                }
                Segment::Greedy(name) => {
                    let rest = path
                        .get(position..)
                        .filter(|rest| *rest != [""] && !rest.is_empty())?;
                    parameters.push((name.clone(), decode(&rest.join("/"))));
                    return Some(parameters);
                }
                Segment::Default => return Some(parameters),
            }
        }
        (path.len() == self.segments.len()).then_some(parameters)
    }
}

impl Segment {
    fn read(text: &str) -> Self {
        if let Some(name) = text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix("+}"))
        {
            return Self::Greedy(name.to_owned());
        }
        if text == "$default" {
            return Self::Default;
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, (name, after))) = rest
            .split_once('{')
            .and_then(|(before, inner)| Some((before, inner.split_once('}')?)))
        {
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::Parameter(name.to_owned()));
            rest = after;
        }
        if pieces.is_empty() {
            return Self::Literal(text.to_owned());
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Self::Pattern(pieces)
    }
}

/// Returns an operation that requires a signature, for a route such as `GET /orders`. Returns `None` if `route` is
/// not a method and a path.
pub(crate) fn iam_operation(route: &str) -> Option<Operation> {
    let (method, path) = route
        .split_once(' ')
        .filter(|(_, path)| path.starts_with('/'))?;
    Some(Operation {
        name: route.to_owned(),
        operation_id: None,
        method: match method {
            "ANY" => Method::Any,
            one => Method::One(one.to_owned()),
        },
        path: path.to_owned(),
        summary: None,
        description: None,
        deprecated: false,
        parameters: Vec::new(),
        any_query: false,
        body: None,
        responses: Vec::new(),
        auth: Auth {
            iam: true,
            ..Auth::default()
        },
        streaming: false,
        paging: Paging::default(),
        idempotent: false,
        pointer: String::new(),
    })
}

/// Matches a segment against its pieces, and adds the values of the parameters.
///
/// A parameter is never empty, and ends at the first occurrence of the text after it.
fn match_pieces(
    pieces: &[Piece],
    wire: &str,
    parameters: &mut Vec<(String, String)>,
) -> Option<()> {
    let mut rest = wire;
    let mut pieces = pieces.iter().peekable();
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Text(text) => rest = rest.strip_prefix(text.as_str())?,
            Piece::Parameter(name) => {
                let end = match pieces.peek() {
                    Some(Piece::Text(text)) => rest.find(text.as_str())?,
                    Some(Piece::Parameter(_)) => rest.chars().next()?.len_utf8(),
                    None => rest.len(),
                };
                let (value, after) = rest.split_at(end);
                if value.is_empty() {
                    return None;
                }
                parameters.push((name.clone(), decode(value)));
                rest = after;
            }
        }
    }
    rest.is_empty().then_some(())
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router(routes: &[&str]) -> Router {
        let operations: Vec<Operation> = routes
            .iter()
            .map(|route| iam_operation(route).unwrap())
            .collect();
        Router::new(&operations)
    }

    /// Returns the matching route, and its parameters as `name=value`.
    fn found<'a>(routes: &[&'a str], method: &str, path: &str) -> Option<(&'a str, Vec<String>)> {
        let found = router(routes).find(method, path)?;
        let parameters = found
            .path_parameters
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        Some((routes[found.operation], parameters))
    }

    #[test]
    fn literals_take_precedence_over_parameters_and_parameters_over_greedy_ones() {
        let routes = [
            "ANY /{proxy+}",
            "GET /pets/{id}",
            "GET /pets/dog",
            "GET /pets/{proxy+}",
        ];
        for (path, route) in [
            ("/pets/dog", "GET /pets/dog"),
            ("/pets/cat", "GET /pets/{id}"),
            ("/pets/cat/food", "GET /pets/{proxy+}"),
            ("/other", "ANY /{proxy+}"),
        ] {
            assert_eq!(found(&routes, "GET", path).unwrap().0, route, "{path}");
        }
        assert_eq!(
            found(&routes, "POST", "/pets/dog").unwrap().0,
            "ANY /{proxy+}"
        );
    }

    #[test]
    fn a_specific_method_takes_precedence_over_any() {
        let routes = ["ANY /a", "GET /a"];
        assert_eq!(found(&routes, "GET", "/a").unwrap().0, "GET /a");
        assert_eq!(found(&routes, "PURGE", "/a").unwrap().0, "ANY /a");
    }

    #[test]
    fn parameters_are_decoded_after_splitting_the_path() {
        let routes = ["GET /files/{name}", "GET /all/{proxy+}"];
        assert_eq!(
            found(&routes, "GET", "/files/a%2Fb%20c").unwrap().1,
            ["name=a/b c"]
        );
        assert_eq!(
            found(&routes, "GET", "/all/x/y%20z/").unwrap().1,
            ["proxy=x/y z/"]
        );
    }

    #[test]
    fn a_parameter_is_never_empty() {
        let routes = ["GET /a/{id}", "GET /b/{proxy+}", "GET /c/{id}.json"];
        for path in ["/a", "/a/", "/b", "/b/", "/c/.json", "/a/1/", "/"] {
            assert_eq!(found(&routes, "GET", path), None, "{path}");
        }
    }

    #[test]
    fn text_around_parameters_is_matched() {
        let routes = ["GET /f/{name}.{ext}", "GET /t/{from}-{to}"];
        assert_eq!(
            found(&routes, "GET", "/f/a.tar").unwrap().1,
            ["name=a", "ext=tar"]
        );
        assert_eq!(
            found(&routes, "GET", "/t/1-2").unwrap().1,
            ["from=1", "to=2"]
        );
        assert_eq!(found(&routes, "GET", "/t/12"), None);
    }

    #[test]
    fn the_default_route_matches_every_other_path() {
        let routes = ["GET /", "ANY /$default"];
        assert_eq!(found(&routes, "GET", "/").unwrap().0, "GET /");
        assert_eq!(found(&routes, "POST", "/").unwrap().0, "ANY /$default");
        assert_eq!(found(&routes, "GET", "/x/y").unwrap().0, "ANY /$default");
    }

    #[test]
    fn a_trailing_slash_is_significant() {
        assert_eq!(found(&["GET /a"], "GET", "/a/"), None);
        assert!(found(&["GET /a/"], "GET", "/a/").is_some());
    }
}
