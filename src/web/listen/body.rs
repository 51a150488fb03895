//! A body that comes in time and is no larger than it may be.

use std::error::Error;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use super::Limits;

/// What is read of a body that nobody wanted, in bytes, and how long it is waited for.
const MOST_LEFT: u64 = 256 << 10;
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a body ends before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Cut {
    #[error("the body is larger than {0} bytes")]
    TooLarge(u64),
    #[error("the body does not come")]
    TooSlow,
    #[error("the connection broke")]
    Broken,
}

/// A body within [`Limits`].
#[derive(Debug)]
pub struct Bounded {
    inner: Incoming,
    limits: Limits,
    n_bytes: u64,
    started_at: Instant,
    /// Only while it is waited for.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Cut {
    /// Why a body could not be read, told from the error of whoever read it; none when that was its
    /// own bound.
    pub fn of(error: &(dyn Error + 'static)) -> Option<Self> {
        let found = error.downcast_ref::<Self>().copied();
        found.or_else(|| error.source().and_then(Self::of))
    }
}

impl Bounded {
    pub fn new(inner: Incoming, limits: Limits) -> Self {
        Self { inner, limits, n_bytes: 0, started_at: Instant::now(), timer: None }
    }

    fn count(&mut self, frame: Frame<Bytes>) -> Result<Frame<Bytes>, Cut> {
        self.timer = None;
        self.n_bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        if self.n_bytes > self.limits.body_bytes { Err(Cut::TooLarge(self.limits.body_bytes)) } else { Ok(frame) }
    }

    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        let until = (Instant::now() + self.limits.piece).min(self.started_at + self.limits.body);
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
        timer.as_mut().poll(context).is_ready()
    }
}

impl Body for Bounded {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        // A length that is told is refused before anything is read.
        if self.inner.size_hint().lower() > self.limits.body_bytes {
            return Poll::Ready(Some(Err(Cut::TooLarge(self.limits.body_bytes))));
        }
        match Pin::new(&mut self.inner).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => Poll::Ready(Some(self.count(frame))),
            Poll::Ready(Some(Err(_))) => Poll::Ready(Some(Err(Cut::Broken))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending if self.is_late(context) => Poll::Ready(Some(Err(Cut::TooSlow))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// A body that is lent to whoever answers. What they leave of it is read afterwards: a connection
/// with something unread on it is closed, and a client that was not told so asks again on it.
#[derive(Debug, Clone)]
pub struct Lent(Arc<Mutex<Bounded>>);

impl Lent {
    pub fn new(body: Bounded) -> Self {
        Self(Arc::new(Mutex::new(body)))
    }

    /// Reads what was left, when that is little; whether the connection can go on.
    pub async fn finish(self) -> bool {
        if self.is_end_stream() {
            return true;
        }
        if self.size_hint().lower() > MOST_LEFT {
            return false;
        }
        timeout(PATIENCE, self.rest()).await.unwrap_or(false)
    }

    async fn rest(&self) -> bool {
        let mut n_bytes = 0;
        loop {
            match poll_fn(|context| Pin::new(&mut *self.body()).poll_frame(context)).await {
                None => return true,
                Some(Err(_)) => return false,
                Some(Ok(frame)) => n_bytes += frame.data_ref().map_or(0, |data| data.len() as u64),
            }
            if n_bytes > MOST_LEFT {
                return false;
            }
        }
    }

    fn body(&self) -> MutexGuard<'_, Bounded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Body for Lent {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        Pin::new(&mut *self.body()).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body().size_hint()
    }
}
