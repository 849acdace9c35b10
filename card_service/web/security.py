"""The headers of every page: what it may load and do, and that nobody keeps it."""

from flask import Response

POLICY = {
    "default-src": "'none'",
    # The camera's decoder is WebAssembly, which needs a word of its own; there is no eval and no inline script.
    "script-src": "'self' 'wasm-unsafe-eval'",
    "style-src": "'self'",
    # Cards are drawn as data: URLs, pictures of the camera as blob: ones.
    "img-src": "'self' data: blob:",
    # The service itself, and the scanner's agent on this very machine.
    "connect-src": "'self' http://127.0.0.1:8765 http://localhost:8765",
    "media-src": "'self' blob: mediastream:",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "font-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
"""What a page may do, nothing of it from the internet."""

HEADERS = {
    "Content-Security-Policy": "; ".join(f"{directive} {sources}" for directive, sources in POLICY.items()),
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    # Not no-referrer: with that a browser says `Origin: null` about our own forms (web/csrf.py).
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # A page names a person and a customer: the next one at this computer must not find it by the back button.
    "Cache-Control": "no-store",
}


def secured(response: Response) -> Response:
    """Give a page its headers; what it brings of its own stays, such as the stricter policy of a sheet of cards."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
