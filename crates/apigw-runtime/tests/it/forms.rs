//! Forms, uploads and downloads, as a server receives them. Forms are read by `multer`, which is not ours.

use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use apigw_runtime::{Bytes, Call, ErrorKind, FieldStyle, Method, Part, RetryPolicy};
use futures_util::{StreamExt as _, stream};

use crate::server::{Request, Server, fed, header, respond};

/// Name, file name, content type and bytes of a part.
type Received = (String, Option<String>, Option<String>, Bytes);

async fn parts(request: &Request) -> Vec<Received> {
    let boundary = multer::parse_boundary(header(request, "content-type").unwrap()).unwrap();
    let body = stream::iter([Ok::<_, std::io::Error>(request.body().clone())]);
    let mut form = multer::Multipart::new(body, boundary);
    let mut parts = Vec::new();
    while let Some(part) = form.next_field().await.unwrap() {
        parts.push((
            part.name().unwrap().to_owned(),
            part.file_name().map(str::to_owned),
            part.content_type().map(ToString::to_string),
            part.bytes().await.unwrap(),
        ));
    }
    parts
}

fn part(name: &str, file_name: Option<&str>, content_type: Option<&str>, text: &str) -> Received {
    let owned = |text: &str| text.to_owned();
    (
        owned(name),
        file_name.map(owned),
        content_type.map(owned),
        text.to_owned().into(),
    )
}

async fn put(server: &Server) -> Call {
    server.client().await.request(Method::PUT, "/photos")
}

fn chunks(
    texts: &'static [&'static str],
) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    stream::iter(texts.iter().map(|text| Ok(Bytes::from(*text))))
}

#[tokio::test]
async fn parts_arrive_in_order_with_names_types_and_content() {
    let server = Server::returning(200, &[], "").await;
    put(&server)
        .await
        .part("sku", "Becher ü")
        .part_each("size", [1, 2])
        .part_joined("tag", ['a', 'b'], '|')
        .part_json("place", &serde_json::json!({ "x": 1 }))
        .part_file("photo", b"\x89PNG\r\n\x1a\n")
        .part_file(
            "scan",
            Part::bytes("scan")
                .file_name("s.png")
                .content_type("image/png"),
        )
        .part_files("more", ["one", "two"])
        .part("prices", "a,b\r\n")
        .part_type("prices", "text/csv")
        .send_untyped()
        .await
        .unwrap();
    let request = server.request();
    let binary = Some("application/octet-stream");
    let mut photo = part("photo", Some("photo"), binary, "");
    photo.3 = Bytes::from_static(b"\x89PNG\r\n\x1a\n");
    assert_eq!(
        parts(&request).await,
        [
            part("sku", None, None, "Becher ü"),
            part("size", None, None, "1"),
            part("size", None, None, "2"),
            part("tag", None, None, "a|b"),
            part("place", None, Some("application/json"), r#"{"x":1}"#),
            photo,
            part("scan", Some("s.png"), Some("image/png"), "scan"),
            part("more", Some("more"), binary, "one"),
            part("more", Some("more"), binary, "two"),
            part("prices", None, Some("text/csv"), "a,b\r\n"),
        ]
    );
    let length = request.body().len().to_string();
    assert_eq!(header(&request, "content-length"), Some(length.as_str()));
    assert!(header(&request, "authorization").is_some());
}

#[tokio::test]
async fn a_form_without_parts_is_only_its_end() {
    let server = Server::returning(200, &[], "").await;
    put(&server).await.parts().send_untyped().await.unwrap();
    let request = server.request();
    let boundary = multer::parse_boundary(header(&request, "content-type").unwrap()).unwrap();
    assert_eq!(request.body(), &format!("--{boundary}--\r\n"));
}

#[tokio::test]
async fn every_form_has_its_own_boundary_and_repeats_it_when_retried() {
    let server = Server::returning_in_turn(&[503, 200]).await;
    let call = put(&server)
        .await
        .retry(RetryPolicy::standard().max_backoff(Duration::ZERO))
        .part_file("photo", "bytes");
    call.send_untyped().await.unwrap();
    put(&server)
        .await
        .part("a", 1)
        .send_untyped()
        .await
        .unwrap();
    let requests = server.requests();
    let types: Vec<_> = requests
        .iter()
        .map(|request| header(request, "content-type"))
        .collect();
    assert_eq!(requests[0].body(), requests[1].body());
    assert_eq!(types[0], types[1]);
    assert_ne!(types[0], types[2]);
}

#[tokio::test]
async fn a_form_with_a_stream_is_sent_once() {
    let server = Server::returning_in_turn(&[503, 200]).await;
    let call = put(&server)
        .await
        .retry(RetryPolicy::standard().max_backoff(Duration::ZERO))
        .part("sku", "MUG")
        .part_file("photo", Part::stream(chunks(&["by", "tes"])));
    let error = call.send_untyped().await.unwrap_err();
    assert_eq!(error.status().unwrap(), 503);
    let photo = parts(&server.request()).await.remove(1);
    assert_eq!(
        photo,
        part(
            "photo",
            Some("photo"),
            Some("application/octet-stream"),
            "bytes"
        )
    );
    let again = call.send_untyped().await.unwrap_err();
    assert!(again.to_string().contains("was already sent"), "{again}");
}

#[tokio::test]
async fn a_file_is_sent_with_its_name_and_length_and_read_again_when_retried() {
    let server = Server::returning_in_turn(&[503, 200]).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mug ü.png");
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(&vec![7; 200_000]).unwrap();
    let photo = Part::file(&path).await.unwrap();
    assert_eq!(photo.content_length(), Some(200_000));
    put(&server)
        .await
        .unsigned()
        .retry(RetryPolicy::standard().max_backoff(Duration::ZERO))
        .part_file("photo", photo.content_type("image/png"))
        .send_untyped()
        .await
        .unwrap();
    for request in server.requests() {
        let length = request.body().len().to_string();
        assert_eq!(header(&request, "content-length"), Some(length.as_str()));
        let (name, file_name, content_type, bytes) = parts(&request).await.remove(0);
        assert_eq!((name.as_str(), bytes.len()), ("photo", 200_000));
        assert_eq!(file_name.as_deref(), Some("mug ü.png"));
        assert_eq!(content_type.as_deref(), Some("image/png"));
        assert!(bytes.iter().all(|byte| *byte == 7));
    }
    assert_eq!(server.requests().len(), 2);

    file.write_all(b"more").unwrap();
    let photo = Part::file(&path).await.unwrap();
    file.set_len(10).unwrap();
    let changed = put(&server)
        .await
        .part_file("photo", photo)
        .send_untyped()
        .await
        .unwrap_err();
    let text = format!("{:?}", chain(&changed));
    assert!(text.contains("not 200004 bytes long as declared"), "{text}");

    let missing = Part::file(folder.path().join("missing")).await.unwrap_err();
    assert_eq!(missing.kind(), std::io::ErrorKind::NotFound);
    assert!(Part::file(folder.path()).await.is_err());
}

/// Returns the texts of an error and its sources.
fn chain(error: &dyn std::error::Error) -> Vec<String> {
    let first: Option<&dyn std::error::Error> = Some(error);
    std::iter::successors(first, |error| error.source())
        .map(ToString::to_string)
        .collect()
}

#[tokio::test]
async fn a_stream_of_another_length_than_declared_fails() {
    for (length, texts) in [
        (3, ["a", "b"].as_slice()),
        (1, &["a", "", "b"]),
        (1, &["ab"]),
    ] {
        for signed in [true, false] {
            let server = Server::returning(200, &[], "").await;
            let call = put(&server).await;
            let call = if signed { call } else { call.unsigned() };
            let stream = stream::iter(texts.to_vec()).map(Ok::<_, std::io::Error>);
            let error = call
                .upload(Part::sized_stream(stream, length), "text/plain")
                .send_untyped()
                .await
                .unwrap_err();
            let text = chain(&error).join("; ");
            assert!(text.contains(&format!("not {length} bytes long")), "{text}");
        }
    }
}

#[tokio::test]
async fn a_body_can_be_bytes_or_a_stream_and_choose_its_type() {
    let server = Server::returning(200, &[], "").await;
    let whole = put(&server).await.upload(vec![1, 2], "image/png");
    whole.send_untyped().await.unwrap();
    let sized = Part::sized_stream(chunks(&["a", "bc"]), 3).content_type("image/jpeg");
    let sized = put(&server).await.unsigned().upload(sized, "image/png");
    sized.send_untyped().await.unwrap();
    let open = put(&server)
        .await
        .unsigned()
        .upload(Part::stream(chunks(&["a", "bc"])), "image/png");
    open.send_untyped().await.unwrap();
    let requests = server.requests();
    let sent: Vec<_> = requests
        .iter()
        .map(|request| {
            let header = |name| header(request, name);
            (
                header("content-type"),
                header("content-length"),
                request.body().clone(),
            )
        })
        .collect();
    assert_eq!(
        sent[0],
        (Some("image/png"), Some("2"), Bytes::from_static(&[1, 2]))
    );
    assert_eq!(sent[1], (Some("image/jpeg"), Some("3"), "abc".into()));
    assert_eq!(sent[2], (Some("image/png"), None, "abc".into()));
}

#[tokio::test]
async fn progress_ends_with_the_length_of_the_part() {
    for signed in [true, false] {
        let server = Server::returning(200, &[], "").await;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let seen_here = Arc::clone(&seen);
        let photo = Part::bytes(vec![0; 150_000])
            .on_progress(move |sent, total| seen_here.lock().unwrap().push((sent, total)));
        let call = put(&server).await.part("a", 1).part_file("photo", photo);
        let call = if signed { call } else { call.unsigned() };
        call.send_untyped().await.unwrap();
        let total = Some(150_000);
        assert_eq!(
            *seen.lock().unwrap(),
            [(65_536, total), (131_072, total), (150_000, total)]
        );
    }
}

#[tokio::test]
async fn an_invalid_part_is_named() {
    let server = Server::returning(200, &[], "").await;
    for (call, text) in [
        (
            put(&server).await.part("a", [1]),
            "part `a` is a list or an object",
        ),
        (put(&server).await.part("a", f64::NAN), "part `a` is null"),
        (
            put(&server).await.part_joined("a", ["x|y"], '|'),
            "part `a` contains",
        ),
        (
            put(&server)
                .await
                .part_file("a", Part::bytes("").content_type("a\r\nb: c")),
            "the content type of part `a` contains characters",
        ),
    ] {
        let error = call.send_untyped().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.to_string().contains(text), "{error}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn fields_of_a_form_have_the_style_of_the_spec() {
    let server = Server::returning(200, &[], "").await;
    let body =
        serde_json::json!({ "n": [1, 2], "at": { "x": 1 }, "to": { "y": [2] }, "none": null });
    let styles = [("n", FieldStyle::Joined(',')), ("to", FieldStyle::Deep)];
    put(&server)
        .await
        .form_styled(&body, &styles)
        .send_untyped()
        .await
        .unwrap();
    let request = server.request();
    let fields: Vec<_> = url::form_urlencoded::parse(request.body())
        .into_owned()
        .collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        fields,
        [
            pair("n", "1,2"),
            pair("at", r#"{"x":1}"#),
            pair("to[y]", "[2]")
        ]
    );
}

#[tokio::test]
async fn a_download_has_a_length_and_progress_and_is_saved_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("invoice.pdf");
    let mut old = std::fs::File::create(&path).unwrap();
    old.write_all(b"old").unwrap();
    let server = Server::returning(200, &[], "a whole invoice").await;
    let invoice = server
        .client()
        .await
        .get_invoice("1.pdf")
        .await
        .unwrap()
        .into_inner();
    assert_eq!(invoice.content_length(), Some(15));
    let received = Arc::new(Mutex::new(0));
    let received_here = Arc::clone(&received);
    let invoice = invoice.on_progress(move |bytes| *received_here.lock().unwrap() = bytes);
    assert_eq!(invoice.save_to(&path).await.unwrap(), 15);
    assert_eq!(std::fs::read(&path).unwrap(), b"a whole invoice");
    assert_eq!(*received.lock().unwrap(), 15);

    let (feed, body) = fed();
    let body = Mutex::new(Some(body));
    let broken = Server::start(move |_| {
        let mut response = respond(200, &[], "");
        *response.body_mut() = body.lock().unwrap().take()?;
        Some(response)
    })
    .await;
    let invoice = broken
        .client()
        .await
        .get_invoice("1.pdf")
        .await
        .unwrap()
        .into_inner();
    feed.send(Ok("half".into())).unwrap();
    feed.send(Err(std::io::Error::other("broken"))).unwrap();
    let error = invoice.save_to(&path).await.unwrap_err();
    let error = error
        .get_ref()
        .unwrap()
        .downcast_ref::<apigw_runtime::Error>();
    assert_eq!(error.unwrap().kind(), ErrorKind::Connection);
    assert_eq!(std::fs::read(&path).unwrap(), b"a whole invoice");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
