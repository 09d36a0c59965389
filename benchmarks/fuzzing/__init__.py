"""Cases for fuzz.py: files and arguments as strangers may give them, and what may come of them."""
