//! Data of pieces as it passes by: what follows each other is gathered to blocks, and what
//! stands behind a gap in a message counts as well as what stands before it.

use super::under_way::{Came, GATHERED, Gathered, Gathering, MAX_GATHERING, PieceData};
use super::{Collector, Trouble};
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
        let offset = u64::from(data.offset);
        let is_many = self.gatherings.len() > MAX_GATHERING;
        let mut gathering = match self.gatherings.remove(&key) {
            Some(gathering) => gathering,
            None => Gathering {
                block: data.block,
                sender: self.senders.id(Sender {
                    stream: data.stream,
                    src: data.ends[0],
                    dst: data.ends[1],
                    is_web: false,
                }),
                gathered: Gathered::new(offset, data.stamp),
            },
        };
        if gathering.block != data.block || gathering.gathered.end() != offset {
            self.take(data.stream, Some(data.conversation), &mut gathering)?;
            gathering.block = data.block;
            gathering.gathered.at = offset;
        }
        gathering.gathered.add(data.bytes, data.stamp);
        let is_whole = gathering.gathered.end() >= data.block.length.into();
        if is_whole || is_many || gathering.gathered.bytes.len() >= GATHERED {
            self.take(data.stream, Some(data.conversation), &mut gathering)?;
        }
        self.gatherings.insert(key, gathering);
        Ok(())
    }

    /// The message of a block is over; whether its data came as it passed by.
    pub(super) fn end_gathering(&mut self, heard: &Heard<'_>) -> Result<bool, Trouble> {
        let key = (heard.stream, heard.from.index());
        let Some(mut gathering) = self.gatherings.remove(&key) else {
            return Ok(false);
        };
        self.take(heard.stream, heard.conversation, &mut gathering)?;
        Ok(true)
    }

    /// Takes what is gathered of a block to where it belongs.
    fn take(
        &mut self,
        stream: u64,
        conversation: Option<&Conversation>,
        gathering: &mut Gathering,
    ) -> Result<(), Trouble> {
        let gathered = gathering.gathered.take();
        if gathered.bytes.is_empty() {
            return Ok(());
        }
        let Ok(begin) = u32::try_from(u64::from(gathering.block.begin) + gathered.at) else {
            return Ok(());
        };
        let came = Came {
            bytes: &gathered.bytes,
            sender: gathering.sender,
            stamps: gathered.stamps,
        };
        self.block(stream, conversation, (gathering.block.index, begin), &came)
    }
}
