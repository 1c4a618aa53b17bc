"""What the scripts that run real clients have in common: a network of their own
(`network`), packages and programs (`setup`), torrents (`torrents`), a tracker
(`tracker`), clients, a file each (`clients`), a far or slow line (`line`), and what a
process took (`measure`)."""
