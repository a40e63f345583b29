//! Response bodies, which a fault can cut off.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// A body that declares its full length, but can end after half of it.
pub(crate) struct WireBody {
    length: u64,
    next: Part,
}

enum Part {
    Whole(Bytes),
    Half(Bytes),
    /// The first half was returned. Gives hyper one poll to write it.
    Flush,
    Cut,
    End,
}

impl WireBody {
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

impl Body for WireBody {
    type Data = Bytes;
    type Error = CutByFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutByFault>>> {
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
            Part::Cut => Poll::Ready(Some(Err(CutByFault))),
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

/// Ends the connection in the middle of a body.
#[derive(Debug)]
pub(crate) struct CutByFault;

impl fmt::Display for CutByFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("body cut off by an injected fault")
    }
}

impl Error for CutByFault {}
