//! What is read, and from where.

use std::path::PathBuf;

use clap::Args;

/// What to read.
#[derive(Debug, Clone, Args)]
pub struct Input {
    /// Capture files, read one after another as one capture: pcap or pcapng,
    /// plain, gzip or zstd; - is standard input, and so is no FILE where
    /// something is piped in. One that is missing or damaged does not keep the
    /// others from being read: see the exit status
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Another way to name a FILE, as tcpdump and tshark have it
    #[arg(short = 'r', value_name = "FILE")]
    read: Vec<PathBuf>,

    /// Only packets from or to this port; may be given several times
    #[arg(short = 'p', long = "port", value_name = "PORT")]
    pub ports: Vec<u16>,

    /// Read only the packets that pass this filter, in the language of libpcap
    /// (see pcap-filter(7))
    #[arg(short = 'f', long = "packet-filter", value_name = "BPF")]
    pub packet_filter: Option<String>,

    /// A .torrent of the capture: piece counts and sizes are known from the
    /// start (otherwise they are learned from ut_metadata, if that went by)
    #[arg(long, value_name = "FILE")]
    pub torrent: Vec<PathBuf>,

    /// Decrypt MSE connections with the keys in this file, lines of the form
    /// MSE <Ya> <S> <SKEY> or RC4 <anchor> <i> <j> <S> (see peerscope man
    /// keylog). Keys within a capture are used without this
    #[arg(long, value_name = "FILE")]
    pub keylog: Vec<PathBuf>,
}

impl Input {
    /// The same of other capture files.
    pub fn of_files(&self, files: Vec<PathBuf>) -> Self {
        Self {
            files,
            read: Vec::new(),
            ..self.clone()
        }
    }

    /// Whatever is read: captures, and what is known beside them.
    pub fn all_files(&self) -> Vec<PathBuf> {
        let mut all = self.files();
        all.extend(self.torrent.iter().chain(&self.keylog).cloned());
        all
    }

    /// All capture files in the order given; standard input if none is.
    pub fn files(&self) -> Vec<PathBuf> {
        let named: Vec<_> = self.read.iter().chain(&self.files).cloned().collect();
        if named.is_empty() {
            vec![PathBuf::from("-")]
        } else {
            named
        }
    }
}

/// What users of tcpdump and tshark type out of habit.
#[derive(Debug, Clone, Copy, Args)]
pub struct Habits {
    /// Show addresses and ports as numbers, as it is always done: for those who
    /// are used to type it
    #[arg(short = 'n', action = clap::ArgAction::Count)]
    numbers: u8,

    /// Say nothing on standard error but what is wrong: no progress, no summary
    #[arg(short = 'q', long)]
    pub quiet: bool,
}
