"""The counter: find or enrol a customer, show the card, preview a bill, apply it."""

from typing import Any

from flask import Blueprint, Response, g, request

from card_service.campaigns.participate import Participate, participate
from card_service.kit.auth.caller import ADMIN, CASHIER
from card_service.kit.errors import ServiceError
from card_service.kit.http import blueprint as http
from card_service.web.counter_answers import config, formats, is_fragment, refuse, register_refusals, show, told
from card_service.web.counter_apply import BillChanged, EarnRefused, PointsRefused, apply_bill
from card_service.web.counter_card import CounterCard, categories_of, show_counter_card
from card_service.web.counter_enrol import AlreadyEnrolled, blank_form, enrol, read_enrol_form
from card_service.web.counter_find import Found, find_customer
from card_service.web.counter_form import NONE, POINTS, REST, BillForm, TypedLine, new_number, read_bill_form, read_id
from card_service.web.counter_limits import why_excluded, why_not_more, why_refused
from card_service.web.counter_quote import Preview, preview_bill
from card_service.web.counter_sentences import sentence_of
from card_service.web.counter_standing import way_up
from card_service.web.counter_why import why_campaigns, why_points
from card_service.web.i18n import translate, translate_count
from card_service.web.session import signed_in

blueprint = Blueprint("counter", __name__, url_prefix="/counter", template_folder="templates")
register_refusals(blueprint)
PEOPLE = (CASHIER, ADMIN)


@blueprint.get("", provide_automatic_options=False)
@signed_in(*PEOPLE)
@told
def page() -> Response:
    """Show the page, waiting for a scan."""
    return show("ready")


@blueprint.post("/find", provide_automatic_options=False)
@signed_in(*PEOPLE)
@told
def find() -> Response:
    """Find whom the cashier means."""
    wanted = request.form.get("q", "")
    if not wanted.strip():
        return refuse(translate("Scan a card, or type a phone, a name or a customer number."), status=422)
    found: Found = http.read(find_customer, wanted)
    if len(found.cards) == 1:
        return _card(found.cards[0].id)
    if not found.cards:
        said = translate("Nobody found. Check what you typed, or enrol the customer below.")
        return show("nobody", refused=said, form=blank_form(wanted))
    said = translate_count("%(num)s customer found.", "%(num)s customers found. Choose one.", len(found.cards))
    return show("results", said=said, found=found)


@blueprint.get("/cards/<id:card_id>", provide_automatic_options=False)
@signed_in(*PEOPLE)
@told
def card(card_id: int) -> Response:
    """Show a card that was chosen from a list."""
    return _card(card_id)


@blueprint.post("/cards/<id:card_id>/join", provide_automatic_options=False)
@signed_in(*PEOPLE)
@told
def join(card_id: int) -> Response:
    """Let the customer take part in a campaign, and show the card again; the bill beside it stays as it is typed."""
    config()
    http.transact(participate, Participate(read_id(request.form, "campaign_id", "campaignId"), card_id=card_id))
    said = translate("The customer takes part from now on.")
    if not is_fragment():
        return _card(card_id, said=said)
    holder: CounterCard = http.read(show_counter_card, card_id)
    return show("panel", said=said, holder=holder, way_up=_way_up(holder))


@blueprint.get("/enrol", provide_automatic_options=False)
@signed_in(*PEOPLE)
@told
def enrol_form() -> Response:
    """Show the form for a new customer."""
    return show("enrol", form=blank_form())


@blueprint.post("/enrol", provide_automatic_options=False)
@signed_in(*PEOPLE)
@told
def enrol_customer() -> Response:
    """Issue a card to a new customer, and go on with it."""
    form = read_enrol_form(request.form)
    try:
        card_id = enrol(form)
    except AlreadyEnrolled as known:
        said = translate("A customer with this phone has a card already. Use it, or enrol this one as somebody else.")
        return show("known", status=409, refused=said, form=form, found=known.found)
    except ServiceError as refusal:
        config()
        if is_fragment():
            raise
        return show("enrol", status=refusal.status, refused=sentence_of(refusal, formats()), form=form)
    return _card(card_id, said=translate("The customer is enrolled."))


@blueprint.post("/preview", provide_automatic_options=False)
@signed_in(*PEOPLE)
@told
def preview() -> Response:
    """Work the bill out as it is being typed."""
    form = read_bill_form(request.form)
    found = http.read(preview_bill, form) if form.items else None
    if is_fragment():
        return show("preview", **_previewed(form, found))
    return _card(form.card_id, form=form, preview=found)


@blueprint.post("/apply", provide_automatic_options=False)
@signed_in(*PEOPLE)
@told
def apply() -> Response:
    """Do what was shown, once."""
    config()
    form = read_bill_form(request.form)
    if missing := form.problems or _missing(form):
        return refuse(" ".join(missing), status=422, code="VALIDATION_FAILED")
    try:
        receipt = apply_bill(form)
    except PointsRefused as refused:
        return _changed(form, refused.preview, why_refused(refused.preview, formats()), status=422)
    except BillChanged as changed:
        said = translate("These are the figures now; nothing was done yet. Look at them, then apply again.")
        return _changed(form, changed.preview, said, status=409)
    except EarnRefused as half:
        said = translate(
            "%(points)s points worth %(amount)s were taken for this bill, but it has not earned its points: %(why)s "
            "Apply once more without changing the bill; if that fails too, return bill %(bill)s to give the points back.",
            points=formats().points(half.redeemed.points_redeemed),
            amount=formats().money(half.redeemed.amount_deducted),
            why=sentence_of(half.refusal, formats()),
            bill=form.bill_id,
        )
        return refuse(said, status=half.refusal.status, code=half.refusal.code)
    holder: CounterCard = http.read(show_counter_card, form.card_id)
    return show("receipt", said=translate("Done. The receipt is ready."), receipt=receipt, holder=holder, way_up=_way_up(holder))


def _missing(form: BillForm) -> list[str]:
    """Say what is still to be typed; while it is being typed, the preview does not."""
    if not form.items:
        return [translate("Type the amount of at least one line.")]
    if form.use == POINTS and not form.points:
        return [translate("Type how many points to use, more than 0.")]
    if form.use == REST and form.money is None:
        return [translate("Type how much the customer pays in money.")]
    return []


def _card(card_id: int, *, said: str = "", form: BillForm | None = None, preview: Preview | None = None, **more: Any) -> Response:
    holder: CounterCard = http.read(show_counter_card, card_id)
    g.card_config = holder.config
    form = form or BillForm(card_id, new_number(holder.as_of), [TypedLine("", "")], NONE, "", "")
    if not (said or more.get("refused")):
        points = formats().points(holder.card.points_balance)
        said = translate("Card found: %(points)s points.", points=points)
    return show("card", said=said, holder=holder, way_up=_way_up(holder), **_previewed(form, preview), **more)


def _way_up(holder: CounterCard) -> str:
    return way_up(holder.standing.progress, holder.next_tier, formats())


def _changed(form: BillForm, preview: Preview, said: str, *, status: int) -> Response:
    if is_fragment():
        return show("preview", status=status, refused=said, into="#preview", **_previewed(form, preview))
    return _card(form.card_id, form=form, preview=preview, refused=said, status=status)


def _previewed(form: BillForm, preview: Preview | None) -> dict[str, Any]:
    """Give the preview's values and sentences to the templates."""
    if preview is None:
        return {"form": form, "preview": None}
    categories = categories_of(config())
    apply, others = why_campaigns(preview, formats())
    return {
        "form": form,
        "preview": preview,
        "why_not_more": why_not_more(preview, formats()),
        "why_refused": why_refused(preview, formats()),
        "why_excluded": why_excluded(preview, categories),
        "why_points": why_points(preview, categories, formats()),
        "campaigns_apply": apply,
        "campaigns_not": others,
    }
