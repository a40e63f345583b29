//! Response bodies, which a fault can cut off.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// The body of a response. It declares its full length, but can end after half of it with an error, if a fault cuts it off.
#[derive(Debug)]
pub struct ResponseBody {
    length: u64,
    next: Part,
}

#[derive(Debug)]
enum Part {
    Whole(Bytes),
    Half(Bytes),
    /// The first half was returned. Gives hyper one poll to write it.
    Flush,
    Cut,
    End,
}

impl ResponseBody {
    pub(crate) fn new(mut body: Bytes, cut: bool) -> Self {
        let length = body.len() as u64;
        let next = match (cut, body.len()) {
            (_, 0) => Part::End,
            (true, whole) => Part::Half(body.split_to(whole / 2)),
            (false, _) => Part::Whole(body),
        };
        Self { length, next }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match std::mem::replace(&mut self.next, Part::End) {
            Part::Whole(body) => Poll::Ready(Some(Ok(Frame::data(body)))),
            Part::Half(body) => {
                self.next = Part::Flush;
                Poll::Ready(Some(Ok(Frame::data(body))))
            }
            Part::Flush => {
                self.next = Part::Cut;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Part::Cut => Poll::Ready(Some(Err(io::Error::new(
                io::ErrorKind::ConnectionReset,
                "body cut off by an injected fault",
            )))),
            Part::End => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.next, Part::End)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
