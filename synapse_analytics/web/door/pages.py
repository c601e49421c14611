"""The few pages for people without a session. They are written here, from nothing else: no data, no name of a clinic, no script."""

from __future__ import annotations

from html import escape

from starlette.responses import HTMLResponse

STYLE = """
:root {color-scheme: light dark}
body {font: 16px/1.5 system-ui, sans-serif; margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f3f6f9, #0f171e);
  color: light-dark(#0e1822, #e6ebf0)}
main {max-width: 27rem; margin: 1rem; padding: 2rem 2.25rem; border: 1px solid light-dark(#dbe2e9, #2b3945); border-radius: 8px;
  background: light-dark(#ffffff, #18222b)}
h1 {font-size: 1.375rem; line-height: 1.3; margin: 0 0 .75rem}
p {margin: 0 0 1rem}
p:last-child {margin: 0}
small {color: light-dark(#4a5a68, #a9b8c4); font-size: .875rem}
a {color: light-dark(#2b4252, #a9c0cf)}
a.button {display: inline-block; padding: .5rem 1.25rem; border-radius: 8px; text-decoration: none; font-weight: 600;
  background: light-dark(#2b4252, #a9c0cf); color: light-dark(#ffffff, #0f171e)}
a:focus-visible {outline: 3px solid light-dark(#7f9bb0, #e6ebf0); outline-offset: 2px}
code {overflow-wrap: anywhere}
"""


def page(status: int, heading: str, *said: str, button: tuple[str, str] | None = None, small: str = "") -> HTMLResponse:
    """A page of a heading, sentences, at most one button (its words and where it leads) and a sentence in small print."""
    parts = [f"<h1>{escape(heading)}</h1>", *(f"<p>{escape(sentence)}</p>" for sentence in said)]
    if button:
        parts.append(f'<p><a class="button" href="{escape(button[1])}">{escape(button[0])}</a></p>')
    if small:
        parts.append(f"<p><small>{escape(small)}</small></p>")
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex"><title>{escape(heading)}</title><link rel="icon" href="data:,"><style>{STYLE}</style></head>'
        f"<body><main>{''.join(parts)}</main></body></html>",
        status,
        {"cache-control": "no-store"},
    )


def wrongly_set(why: str) -> HTMLResponse:
    """The page for somebody whose session waits until the settings can be used again."""
    small = "No numbers are shown until the settings are right. Correct the file on the computer where the dashboard runs, then reload this page."
    return page(503, "The settings need to be corrected", why, small=small)
