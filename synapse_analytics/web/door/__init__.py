"""The door: a verified session or nothing. It stands before Streamlit, for documents, websockets, uploads and downloads alike.

sessions.py   who is signed in, since when, until when
"""
