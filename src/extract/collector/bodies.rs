//! Data of pieces as it passes by: what follows each other is gathered to blocks, and what
//! stands behind a gap in a message counts as well as what stands before it.

use super::under_way::{Gathering, PieceData};
use super::{Came, Collector, GATHERED, MAX_GATHERING, Trouble};
use crate::extract::sender::Sender;
use crate::session::{Conversation, Heard};

impl Collector {
    /// Takes in data of a piece.
    pub fn body(&mut self, data: &PieceData<'_>) {
        if self.trouble.is_none() && self.is_chosen(data.stream) && !data.bytes.is_empty() {
            self.trouble = self.gather(data).err();
        }
    }

    fn gather(&mut self, data: &PieceData<'_>) -> Result<(), Trouble> {
        let key = (data.stream, data.from.index());
        let sender = self.senders.id(Sender {
            stream: data.stream,
            src: data.ends[0],
            dst: data.ends[1],
            is_web: false,
        });
        let is_many = self.gatherings.len() > MAX_GATHERING;
        let mut gathering = match self.gatherings.remove(&key) {
            Some(one) if one.block == data.block && one.end() == data.offset => one,
            before => {
                if let Some(before) = before {
                    self.take(data.stream, Some(data.conversation), &before)?;
                }
                Gathering {
                    block: data.block,
                    sender,
                    at: data.offset,
                    bytes: Vec::new(),
                    stamps: [data.stamp; 2],
                }
            }
        };
        if gathering.bytes.is_empty() {
            gathering.stamps[0] = data.stamp;
        }
        gathering.stamps[1] = data.stamp;
        gathering.bytes.extend_from_slice(data.bytes);
        let is_whole = gathering.end() >= data.block.length;
        if is_whole || is_many || gathering.bytes.len() >= GATHERED {
            self.take(data.stream, Some(data.conversation), &gathering)?;
            gathering.at = gathering.end();
            gathering.bytes.clear();
        }
        self.gatherings.insert(key, gathering);
        Ok(())
    }

    /// The message of a block is over; whether its data came as it passed by.
    pub(super) fn end_gathering(&mut self, heard: &Heard<'_>) -> Result<bool, Trouble> {
        let key = (heard.stream, heard.from.index());
        let Some(gathering) = self.gatherings.remove(&key) else {
            return Ok(false);
        };
        self.take(heard.stream, heard.conversation, &gathering)?;
        Ok(true)
    }

    /// Takes what is gathered of a block to where it belongs.
    fn take(
        &mut self,
        stream: u64,
        conversation: Option<&Conversation>,
        gathering: &Gathering,
    ) -> Result<(), Trouble> {
        if gathering.bytes.is_empty() {
            return Ok(());
        }
        let Some(begin) = gathering.block.begin.checked_add(gathering.at) else {
            return Ok(());
        };
        let came = Came {
            bytes: &gathering.bytes,
            sender: gathering.sender,
            stamps: gathering.stamps,
        };
        self.block(stream, conversation, (gathering.block.index, begin), &came)
    }
}
