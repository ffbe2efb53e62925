"""What is said about every file of the shelf: its type, and what browsers may do with it.

Shared by nginx and the embedded service, so that both answer alike.
"""

TYPES = {
    ".css": "text/css",
    ".eot": "application/vnd.ms-fontobject",
    ".gif": "image/gif",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}
"""By the file's ending."""

TEXTS = sorted({kind for kind in TYPES.values() if kind.startswith("text/")} - {"text/html"})
"""Said to be UTF-8; nginx itself adds HTML."""

OTHER = "application/octet-stream"

HEADERS = {
    # A name stands for its content, so nobody needs to ask again.
    "Cache-Control": "public, max-age=31536000, immutable",
    # Pages on pupils' own names load modules and fonts from here. No cookie is ever looked at.
    "Access-Control-Allow-Origin": "*",
    "X-Content-Type-Options": "nosniff",
    # Images are made by courses' authors: opened as a page, a file of theirs may not act here.
    "Content-Security-Policy": "sandbox; default-src 'none'",
}
"""With every file that is found."""
