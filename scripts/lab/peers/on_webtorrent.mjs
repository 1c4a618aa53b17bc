// A peer made of WebTorrent: seeds, or downloads and says so.
import WebTorrent from 'webtorrent'
import fs from 'fs'
const [source, path, port, seeds, secure, peer] = process.argv.slice(2)
const client = new WebTorrent({dht: false, tracker: false, lsd: false, utp: false,
  natUpnp: false, natPmp: false, torrentPort: Number(port), secure: secure === 'True'})
client.on('error', error => console.log('error', error))
const torrent = client.add(source.startsWith('magnet:') ? source : fs.readFileSync(source),
  {path, announce: [], skipVerify: seeds === 'True'})
torrent.on('infoHash', () => { if (peer) torrent.addPeer(peer) })
torrent.on('ready', () => console.log('ready'))
torrent.on('done', () => console.log('done'))
setInterval(() => {}, 1000)
