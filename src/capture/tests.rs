//! Every format, whole and damaged.

mod classic;
mod compressed;
mod damaged;
mod files;
mod pcapng;
mod properties;
mod writer;
