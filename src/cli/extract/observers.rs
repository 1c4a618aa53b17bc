//! The two readings hear what the pipeline tells.

use crate::extract::{Collector, PieceData, Survey};
use crate::pipeline::{Bodies, BodyChunk, Interest, Observer};
use crate::session::{Heard, WebPart};

impl Observer for Survey {
    fn interest(&self) -> Interest {
        Interest {
            web: true,
            ..Interest::default()
        }
    }

    fn message(&mut self, heard: &Heard<'_>) {
        self.hear(heard);
    }

    fn web(&mut self, part: &WebPart<'_>) {
        Self::web(self, part);
    }
}

impl Observer for Collector {
    fn interest(&self) -> Interest {
        Interest {
            bodies: Bodies::Chunks,
            web: true,
            ..Interest::default()
        }
    }

    fn message(&mut self, heard: &Heard<'_>) {
        self.hear(heard);
    }

    fn body(&mut self, chunk: &BodyChunk<'_>) {
        let sides = [chunk.from, chunk.from.other()];
        Self::body(
            self,
            &PieceData {
                stream: chunk.connection.stream,
                conversation: chunk.conversation,
                ends: sides.map(|side| chunk.connection.address(side)),
                from: chunk.from,
                block: chunk.block,
                offset: chunk.offset,
                bytes: chunk.bytes,
                stamp: chunk.stamp,
            },
        );
    }

    fn web(&mut self, part: &WebPart<'_>) {
        Self::web(self, part);
    }

    fn is_done(&self) -> bool {
        self.is_stuck()
    }
}
