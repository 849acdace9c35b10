"""The language of a page: the person's own choice, else what the browser asks for; texts from catalogues read at run time.

The texts in the source are English. A language is one file, `translations/<code>.po`, read as it is written: nothing
is compiled, and nothing binary is kept.
"""

from functools import cache
from importlib.resources import files
from io import BytesIO, StringIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Blueprint, Flask, Response, has_request_context, redirect, request

from card_service.web.next_path import local_path
from card_service.web.session import open_to_all

SOURCE = "en"
LANGUAGES = {"en": "English", "hi": "हिन्दी"}
"""Every language of the pages, each by the name that its readers give it."""
COOKIE = "language"
_YEAR_SECONDS = 365 * 24 * 3600

blueprint = Blueprint("language", __name__)


def language() -> str:
    """Tell the language of this request; outside of one it is that of the source."""
    if not has_request_context():
        return SOURCE
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES) or SOURCE


def translate(message: str, /, **values: object) -> str:
    """Give a text in the language of this request, its `%(name)s` filled in; a `%` of its own is written `%%`."""
    return translations(language()).gettext(message) % values


def translate_count(one: str, many: str, count: int, /, **values: object) -> str:
    """Give the form of a text that goes with a count, which is `%(num)s` in it."""
    return translations(language()).ngettext(one, many, count) % {"num": count, **values}


def later(message: str) -> str:
    """Mark a text that is translated where it is used: tables are made before anyone has asked for a page."""
    return message


@cache
def translations(code: str) -> NullTranslations:
    """Read the catalogue of a language, once."""
    if code == SOURCE:
        return NullTranslations()
    text = files(__package__).joinpath("translations", f"{code}.po").read_text("utf-8")
    compiled = BytesIO()
    write_mo(compiled, read_po(StringIO(text), locale=code))
    compiled.seek(0)
    return Translations(compiled)


def translate_templates(app: Flask) -> None:
    """Give every template `_()` and `{% trans %}`, and what it needs to offer the languages."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        gettext=lambda text: translations(language()).gettext(text),
        ngettext=lambda one, many, count: translations(language()).ngettext(one, many, count),
        # "New style": values are filled in by the extension, escaped.
        newstyle=True,
    )
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.context_processor(lambda: {"language": language(), "languages": LANGUAGES})
    app.register_blueprint(blueprint)


@blueprint.get("/language/<code>", provide_automatic_options=False)
@open_to_all
def choose(code: str) -> Response:
    """Keep the language chosen, and go back to the page; an unknown one changes nothing."""
    response = redirect(local_path(request.args.get("next")), 303)
    if code in LANGUAGES:
        response.set_cookie(COOKIE, code, max_age=_YEAR_SECONDS, secure=True, httponly=True, samesite="Lax")
    return response  # type: ignore[return-value]  # werkzeug's type, which Flask's is
