"""What the scripts that run real clients have in common: a network of its own
(`network`), packages and programs (`setup`), torrents (`torrents`), a tracker
(`tracker`), and clients, a file each (`clients`)."""
