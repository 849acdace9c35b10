"""The programmes of a tenant: who may read, make, change, activate, suspend and archive them."""

from collections.abc import Callable
from typing import Any

from card_service.card_config.schemas import PageQuery
from card_service.kit.auth.caller import ADMIN, ROLES
from card_service.kit.http import blueprint as http
from card_service.kit.http.blueprint import Blueprint
from card_service.ledger.idempotency import once
from card_service.programs import schemas
from card_service.programs.change import ChangeProgram, SetStatus, change_program, set_status
from card_service.programs.create import OPERATION, CreateProgram, create_program
from card_service.programs.list import ListPrograms, get_program, list_programs
from card_service.programs.rules import ACTIVE, ARCHIVED, SUSPENDED

blueprint = Blueprint("programs", __name__, url_prefix="/api/v1/loyalty/programs", description="The programmes of a tenant")


@blueprint.call("GET", "", roles=ROLES, query=PageQuery, gives=schemas.ProgramPage)
def list_all(query: dict[str, Any]) -> Any:
    """List the programmes, the oldest first."""
    return http.read(list_programs, ListPrograms(**query))


@blueprint.call("POST", "", roles=(ADMIN,), takes=schemas.CreateProgramBody, gives=schemas.Program, status=201)
def create(body: CreateProgram) -> Any:
    """Make a programme; it is a draft, and its cards earn nothing before it is activated."""
    return http.transact(once(OPERATION, create_program, status=201), body)


@blueprint.call("GET", "/<id:program_id>", roles=ROLES, gives=schemas.Program, refuses=("NOT_FOUND",))
def get(program_id: int) -> Any:
    """Show a programme."""
    return http.read(get_program, program_id)


@blueprint.call(
    "PUT",
    "/<id:program_id>",
    roles=(ADMIN,),
    takes=schemas.ChangeProgramBody,
    gives=schemas.Program,
    refuses=("NOT_FOUND", "PROGRAM_STATE", "VERSION_CONFLICT"),
)
def change(program_id: int, body: dict[str, Any]) -> Any:
    """Change the fields that are sent; the type of a draft only, and nothing of an archived one."""
    version = body.pop("version", None)
    return http.transact(change_program, ChangeProgram(program_id, body, version))


def _add_status_route(verb: str, status: str, says: str) -> None:
    def view(program_id: int) -> Any:
        return http.transact(once(f"{verb}-program", set_status), SetStatus(program_id, status))

    view.__name__, view.__doc__ = verb, says
    route: Callable[[Callable[..., Any]], Callable[..., Any]] = blueprint.call(
        "POST", f"/<id:program_id>/{verb}", roles=(ADMIN,), gives=schemas.Program, refuses=("NOT_FOUND", "PROGRAM_STATE")
    )
    route(view)


_add_status_route("activate", ACTIVE, "Let the cards of a programme earn, within its days.")
_add_status_route("suspend", SUSPENDED, "Let the cards of a programme earn nothing for now; they may redeem.")
_add_status_route("archive", ARCHIVED, "End a programme for ever; its cards may redeem, and be moved to another.")
