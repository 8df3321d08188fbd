"""What stands between a window and the rest: each fills a part of ui/ and does what is asked for there."""
