//! Follows.
#[derive(Debug)]
pub struct Info;
#[derive(Debug)]
pub struct Metainfo {
    pub info: Info,
}
impl Metainfo {
    pub fn parse(_: &[u8]) -> Result<Self, std::io::Error> {
        Ok(Self { info: Info })
    }
}
impl Info {
    pub fn parse(_: &[u8]) -> Result<Self, ()> {
        Ok(Self)
    }
    pub fn name(&self) -> String {
        String::new()
    }
    pub fn piece_count(&self) -> u32 {
        0
    }
    pub fn info_hashes(&self) -> Vec<[u8; 20]> {
        vec![]
    }
}
