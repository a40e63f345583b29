//! Existing code hears of refusals: in the log, in the response and, if asked for, as an error.

use reqwest::Response;
use reqwest_sigv4::{Error, Refusal, RefusalReason, SignOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::credentials::cache::Provider;
use crate::support::trace::Trace;
use crate::support::{Answer, Server, Watch, builder, client, signer, temporary_keys};

const DENIED: &str = r#"{"Message":"User: arn:aws:iam::123456789012:user/me is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-west-1:********9012:abc123/prod/GET/o"}"#;

fn denied() -> Answer {
    Answer::new(403, DENIED)
        .header("x-amzn-ErrorType", "AccessDeniedException")
        .header("x-amzn-RequestId", "id-1")
}

async fn denying() -> Server {
    Server::answering(|_, _| denied()).await
}

fn warnings(trace: &Trace) -> Vec<String> {
    let lines = trace.lines().into_iter();
    lines.filter(|line| line.contains("was refused")).collect()
}

#[tokio::test]
async fn unchanged_code_hears_the_explanation_and_the_remedy() {
    let (trace, _guard) = Trace::start(tracing::Level::WARN);
    let server = denying().await;

    // code as it was before: a status, and a body
    let response = client(signer()).get(server.url("/o")).send().await.unwrap();
    assert_eq!(response.status(), 403);
    assert_eq!(response.headers()["x-amzn-requestid"], "id-1");
    assert_eq!(response.content_length(), Some(DENIED.len() as u64));
    assert_eq!(response.url().as_str(), server.url("/o"));
    assert_eq!(response.text().await.unwrap(), DENIED);

    let warnings = warnings(&trace);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    for part in [
        "WARN",
        "arn:aws:iam::123456789012:user/me is not authorized to perform execute-api:Invoke",
        "allow execute-api:Invoke on this resource",
        "request id id-1",
    ] {
        assert!(warnings[0].contains(part), "{warnings:?}");
    }
}

#[tokio::test]
async fn the_explanation_is_in_the_extensions_of_the_response() {
    let server = denying().await;
    let response = client(signer()).get(server.url("/o")).send().await.unwrap();
    let refusal = response.extensions().get::<Refusal>().unwrap().clone();
    assert!(matches!(
        refusal.reason(),
        RefusalReason::AccessDenied { .. }
    ));
    assert_eq!(Refusal::of(&response), Some(&refusal));
    let (response, same) = Refusal::from_response(response).await.unwrap();
    assert_eq!(same, Some(refusal));
    assert_eq!(response.text().await.unwrap(), DENIED);
}

#[tokio::test]
async fn a_storm_of_one_cause_gives_one_warning_a_minute() {
    let (trace, _guard) = Trace::start(tracing::Level::WARN);
    let server = denying().await;
    let watch = Watch::noon();
    let http = client(builder().clock(watch.clone()).build().unwrap());
    let send = || async { http.get(server.url("/o")).send().await.unwrap() };

    for _ in 0..20 {
        send().await;
        watch.advance(1);
    }
    assert_eq!(warnings(&trace).len(), 1);
    watch.advance(40);
    let response = send().await;
    let warnings = warnings(&trace);
    assert_eq!(warnings.len(), 2);
    assert!(warnings[1].contains("suppressed=19"), "{warnings:?}");
    assert!(Refusal::of(&response).is_some());
}

#[tokio::test]
async fn another_cause_is_reported_at_once() {
    let (trace, _guard) = Trace::start(tracing::Level::WARN);
    let server = Server::answering(|_, number| match number % 2 {
        0 => denied(),
        _ => Answer::refusal("ForbiddenException", "Forbidden"),
    })
    .await;
    let http = client(signer());
    for _ in 0..4 {
        http.get(server.url("/o")).send().await.unwrap();
    }
    assert_eq!(warnings(&trace).len(), 2, "{}", trace.text());
}

#[tokio::test]
async fn a_question_mark_shows_cause_and_remedy() {
    async fn orders(
        http: &reqwest_middleware::ClientWithMiddleware,
        url: String,
    ) -> anyhow::Result<String> {
        Ok(http.get(url).send().await?.text().await?)
    }
    let server = denying().await;
    let http = client(builder().explain_refusals().build().unwrap());
    let error = orders(&http, server.url("/o")).await.unwrap_err();
    let shown = format!("{error:#}");
    for part in ["is not authorized to perform", "allow execute-api:Invoke"] {
        assert!(shown.contains(part), "{shown}");
    }

    let error = http.get(server.url("/o")).send().await.unwrap_err();
    match Error::find(&error) {
        Some(Error::Refused(refusal)) => assert_eq!(refusal.request_id(), Some("id-1")),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_error_of_the_application_is_left_alone() {
    let (trace, _guard) = Trace::start(tracing::Level::WARN);
    for (status, body) in [
        (403, r#"{"message":"this order is not yours"}"#),
        (403, r#"{"message":"Forbidden","code":7}"#),
        (403, "<html>Forbidden</html>"),
        (404, r#"{"message":"no such order"}"#),
        (429, r#"{"message":"only ten orders a day"}"#),
        (500, "oops"),
        (200, r#"{"message":"Forbidden"}"#),
    ] {
        let answer = Answer::new(status, body).header("apigw-requestid", "id-1");
        let server = Server::answering(move |_, _| answer.clone()).await;
        let http = client(builder().explain_refusals().build().unwrap());
        let response = http.get(server.url("/o")).send().await.unwrap();
        assert_eq!(response.status(), status);
        assert!(Refusal::of(&response).is_none(), "{body}");
        assert_eq!(response.text().await.unwrap(), body);
    }
    assert_eq!(trace.text(), "");
}

#[tokio::test]
async fn an_unsigned_request_is_left_alone() {
    let (trace, _guard) = Trace::start(tracing::Level::WARN);
    let server = denying().await;
    let http = client(builder().explain_refusals().build().unwrap());
    let request = http
        .get(server.url("/o"))
        .with_extension(SignOptions::skip());
    let response = request.send().await.unwrap();
    assert!(Refusal::of(&response).is_none());
    assert_eq!(trace.text(), "");
}

#[tokio::test]
async fn a_refusal_that_sending_again_has_solved_is_not_reported() {
    let (trace, _guard) = Trace::start(tracing::Level::WARN);
    let server = Server::answering(|_, number| match number {
        0 => Answer::refusal(
            "ExpiredTokenException",
            "The security token included in the request is expired",
        ),
        _ => Answer::ok(),
    })
    .await;
    let signer = builder().credentials(Provider::default()).build().unwrap();
    let response = client(signer).get(server.url("/o")).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(warnings(&trace), [""; 0]);
}

#[tokio::test]
async fn no_secret_is_in_the_warning() {
    let (trace, _guard) = Trace::start(tracing::Level::WARN);
    let server = Server::answering(|request, _| {
        let host = request.header("host").unwrap();
        Answer::refusal(
            "InvalidSignatureException",
            &format!(
                "The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for this request should have been\n\
                 'POST\n/o\n\nhost:{host}\nx-amz-security-token:s3cret-other\nx-api-key:s3cret-key\n\nhost;x-amz-security-token;x-api-key\nabc'\n\nThe String-to-Sign should have been\n'x'\n"
            ),
        )
    })
    .await;
    let signer = builder().credentials(temporary_keys()).build().unwrap();
    let response = client(signer)
        .post(server.url("/o"))
        .header("x-api-key", "s3cret-key")
        .body("s3cret-body")
        .send()
        .await
        .unwrap();
    let refusal = Refusal::of(&response).unwrap();
    let shown = format!("{} {refusal} {refusal:?}", trace.text());
    assert!(shown.contains("differs"), "{shown}");
    for secret in ["s3cret", crate::support::TOKEN, crate::support::SECRET] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[cfg(feature = "retry")]
#[tokio::test]
async fn a_refusal_that_is_an_error_is_retried_like_the_response() {
    use reqwest_retry::RetryTransientMiddleware;
    use reqwest_retry::policies::ExponentialBackoff;

    for (error_type, message, attempts) in [
        ("TooManyRequestsException", "Too Many Requests", 3),
        ("LimitExceededException", "Limit Exceeded", 1),
        ("ForbiddenException", "Forbidden", 1),
    ] {
        let server = Server::answering(move |_, _| Answer::refusal(error_type, message)).await;
        let policy = ExponentialBackoff::builder()
            .retry_bounds(std::time::Duration::ZERO, std::time::Duration::ZERO)
            .build_with_max_retries(2);
        let strategy = reqwest_sigv4::SigV4RetryStrategy::new();
        let http = reqwest_middleware::ClientBuilder::new(reqwest_sigv4::http_client().unwrap())
            .with(RetryTransientMiddleware::new_with_policy_and_strategy(
                policy, strategy,
            ))
            .with(builder().explain_refusals().build().unwrap())
            .build();
        let error = http.get(server.url("/o")).send().await.unwrap_err();
        let found = Error::find(&error);
        assert!(matches!(found, Some(Error::Refused(_))), "{error:?}");
        assert_eq!(server.received().len(), attempts, "{error_type}");
    }
}

/// A server that sends the head and the first chunk of a response, and the second when it is told to.
async fn streaming(head: &'static str) -> (String, tokio::sync::oneshot::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/o", listener.local_addr().unwrap());
    let (go_on, told) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await.unwrap();
        let start = format!("HTTP/1.1 {head}\r\ntransfer-encoding: chunked\r\n\r\n4\r\none\n\r\n");
        stream.write_all(start.as_bytes()).await.unwrap();
        let rest: &[u8] = match told.await {
            Ok(()) => b"4\r\ntwo\n\r\n0\r\n\r\n",
            Err(_) => b"",
        };
        stream.write_all(rest).await.unwrap();
    });
    (url, go_on)
}

async fn chunk(response: &mut Response) -> String {
    String::from_utf8(response.chunk().await.unwrap().unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn streams_are_not_buffered_whatever_their_status() {
    for head in ["200 OK", "403 Forbidden", "500 Oops"] {
        let (url, go_on) = streaming(head).await;
        let http = client(builder().explain_refusals().build().unwrap());
        let mut response = http.get(url).send().await.unwrap();
        assert_eq!(chunk(&mut response).await, "one\n", "{head}");
        go_on.send(()).unwrap();
        assert_eq!(chunk(&mut response).await, "two\n", "{head}");
    }
}

#[tokio::test]
async fn a_lambda_function_url_streams() {
    let (url, go_on) = streaming("200 OK").await;
    let options = SignOptions::new().signing_host("abc.lambda-url.eu-west-1.on.aws");
    let request = client(signer()).get(url).with_extension(options);
    let mut response = request.send().await.unwrap();
    let scope = reqwest_sigv4::Signed::of(&response)
        .unwrap()
        .credential_scope();
    assert_eq!(scope, "20261122/eu-west-1/lambda/aws4_request");
    assert_eq!(chunk(&mut response).await, "one\n");
    go_on.send(()).unwrap();
    assert_eq!(chunk(&mut response).await, "two\n");
}

#[tokio::test]
async fn a_refusal_in_chunks_is_read_and_put_back() {
    let (url, go_on) = streaming("403 Forbidden\r\nx-amzn-errortype: ForbiddenException").await;
    go_on.send(()).unwrap();
    let response = client(signer()).get(url).send().await.unwrap();
    assert!(Refusal::of(&response).is_some());
    assert_eq!(response.text().await.unwrap(), "one\ntwo\n");
}

#[tokio::test]
async fn a_body_that_breaks_off_does_so_for_the_caller() {
    let (url, go_on) = streaming("403 Forbidden\r\nx-amzn-errortype: ForbiddenException").await;
    drop(go_on);
    let mut response = client(signer()).get(url).send().await.unwrap();
    assert_eq!(response.status(), 403);
    assert_eq!(chunk(&mut response).await, "one\n");
    response.chunk().await.unwrap_err();
}

#[tokio::test]
async fn a_long_error_of_the_application_arrives_whole() {
    let long = "x".repeat(200 * 1024);
    let answer = Answer::new(403, long.clone()).header("x-amzn-ErrorType", "ForbiddenException");
    let server = Server::answering(move |_, _| answer.clone()).await;
    let response = client(signer()).get(server.url("/o")).send().await.unwrap();
    assert!(Refusal::of(&response).is_none());
    assert_eq!(response.text().await.unwrap(), long);
}
