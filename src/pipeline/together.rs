//! Several observers take part in one analysis: each is told what it asked for, in
//! the order in which they stand.

use super::interest::Interest;
use super::observer::{BodyChunk, Observer, StreamBytes};
use crate::packet::Stamp;
use crate::session::{Conflict, ConnectionEvent, Ended, Heard, WebPart};

impl<O: Observer + ?Sized> Observer for &mut O {
    fn interest(&self) -> Interest {
        (**self).interest()
    }

    fn begin(&mut self, first: Stamp) {
        (**self).begin(first);
    }

    fn message(&mut self, heard: &Heard<'_>) {
        (**self).message(heard);
    }

    fn body(&mut self, chunk: &BodyChunk<'_>) {
        (**self).body(chunk);
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        (**self).ended(ended);
    }

    fn connection(&mut self, event: &ConnectionEvent) {
        (**self).connection(event);
    }

    fn bytes(&mut self, bytes: &StreamBytes<'_>) {
        (**self).bytes(bytes);
    }

    fn conflict(&mut self, conflict: &Conflict<'_>) {
        (**self).conflict(conflict);
    }

    fn web(&mut self, part: &WebPart<'_>) {
        (**self).web(part);
    }

    fn idle(&mut self) {
        (**self).idle();
    }

    fn over(&mut self, last: Stamp) {
        (**self).over(last);
    }

    fn finish(&mut self) {
        (**self).finish();
    }

    fn is_done(&self) -> bool {
        (**self).is_done()
    }
}

/// An observer that stands beside others is told what it asked for.
trait Beside: Observer {
    fn message_beside(&mut self, heard: &Heard<'_>) {
        if self.interest().wants_heard(heard) {
            self.message(heard);
        }
    }

    fn body_beside(&mut self, chunk: &BodyChunk<'_>) {
        if self.interest().wants_body(chunk.connection.stream) {
            self.body(chunk);
        }
    }

    fn bytes_beside(&mut self, bytes: &StreamBytes<'_>) {
        if self.interest().wants_bytes(bytes.connection.stream) {
            self.bytes(bytes);
        }
    }

    fn web_beside(&mut self, part: &WebPart<'_>) {
        if self.interest().web {
            self.web(part);
        }
    }

    fn connection_beside(&mut self, event: &ConnectionEvent) {
        if self.interest().wants_event(event) {
            self.connection(event);
        }
    }
}

impl<O: Observer + ?Sized> Beside for O {}

macro_rules! together {
    ($($observer:ident),+) => {
        /// All are told, the first one first; done when all are.
        #[allow(non_snake_case)]
        impl<$($observer: Observer),+> Observer for ($($observer,)+) {
            fn interest(&self) -> Interest {
                let ($($observer,)+) = self;
                let interests = [$($observer.interest()),+];
                let union = interests.into_iter().reduce(Interest::union);
                union.unwrap_or_default()
            }

            fn begin(&mut self, first: Stamp) {
                let ($($observer,)+) = self;
                $($observer.begin(first);)+
            }

            fn message(&mut self, heard: &Heard<'_>) {
                let ($($observer,)+) = self;
                $($observer.message_beside(heard);)+
            }

            fn body(&mut self, chunk: &BodyChunk<'_>) {
                let ($($observer,)+) = self;
                $($observer.body_beside(chunk);)+
            }

            fn ended(&mut self, ended: &Ended<'_>) {
                let ($($observer,)+) = self;
                $($observer.ended(ended);)+
            }

            fn connection(&mut self, event: &ConnectionEvent) {
                let ($($observer,)+) = self;
                $($observer.connection_beside(event);)+
            }

            fn bytes(&mut self, bytes: &StreamBytes<'_>) {
                let ($($observer,)+) = self;
                $($observer.bytes_beside(bytes);)+
            }

            fn conflict(&mut self, conflict: &Conflict<'_>) {
                let ($($observer,)+) = self;
                $($observer.conflict(conflict);)+
            }

            fn web(&mut self, part: &WebPart<'_>) {
                let ($($observer,)+) = self;
                $($observer.web_beside(part);)+
            }

            fn idle(&mut self) {
                let ($($observer,)+) = self;
                $($observer.idle();)+
            }

            fn over(&mut self, last: Stamp) {
                let ($($observer,)+) = self;
                $($observer.over(last);)+
            }

            fn finish(&mut self) {
                let ($($observer,)+) = self;
                $($observer.finish();)+
            }

            fn is_done(&self) -> bool {
                let ($($observer,)+) = self;
                $($observer.is_done())&&+
            }
        }
    };
}

together!(A, B);
together!(A, B, C);
together!(A, B, C, D);
