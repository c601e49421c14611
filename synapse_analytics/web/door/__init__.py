"""The door: a verified session or nothing. It stands before Streamlit, for documents, websockets, uploads and downloads alike.

edge.py       what every request has to pass
sessions.py   who is signed in, since when, until when
entrance.py   what the two ways in have in common
local.py      the way in without sign-in: this computer, and a link that works once
sign_in.py    the way in by OpenID Connect
start.py      which of them this server has, and what it refuses to serve
watch.py      sessions that are over, and what the log has to know
sockets.py    a tab lasts as long as its session
owners.py     which tab and which file belong to which session
uploads.py    files that come in: refused before their body, or streamed to disk; on_disk.py: where they lie until a page has used them
requests.py   what a request says about itself
pages.py      the few pages for people without a session
"""
