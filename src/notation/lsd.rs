//! Local service discovery in words: `lsd announce port=6881 infohashes=[..]`.

use std::fmt::Write as _;

use super::arguments::Arguments;
use super::fault::Result;
use super::value::Value;
use super::write::quote;
use crate::wire::lsd::{self, Announce, HOSTS};

/// Makes an announce; `None` if the name is another.
pub fn encode(name: &str, fields: &mut Arguments<'_>) -> Result<Option<Vec<u8>>> {
    if name != "announce" {
        return Ok(None);
    }
    let host = fields.take("host").map(|host| host.text()).transpose()?;
    let host = host.unwrap_or_else(|| HOSTS[0].into());
    let hashes = fields.need("infohashes")?;
    let hashes: Result<Vec<_>> = hashes.items().iter().map(Value::text).collect();
    let hashes = hashes?;
    let cookie = fields
        .take("cookie")
        .map(|cookie| cookie.text())
        .transpose()?;
    Ok(Some(lsd::encode(&Announce {
        host: Some(&host),
        port: Some(fields.number("port")?),
        info_hashes: hashes.iter().map(Vec::as_slice).collect(),
        cookie: cookie.as_deref(),
    })))
}

/// An announce in words; `None` if it lacks what they need.
pub fn words(announce: &Announce<'_>) -> Option<String> {
    let mut text = String::from("lsd announce host=");
    quote(&mut text, announce.host?);
    let _ = write!(text, " port={} infohashes=[", announce.port?);
    for (index, hash) in announce.info_hashes.iter().enumerate() {
        text.push_str(if index > 0 { ", " } else { "" });
        quote(&mut text, hash);
    }
    text.push(']');
    if let Some(cookie) = announce.cookie {
        text.push_str(" cookie=");
        quote(&mut text, cookie);
    }
    Some(text)
}
