"""The people of the demo pharmacy: an admin and a cashier, with passwords made for this database alone."""

import secrets
from datetime import datetime

from card_service.kit.auth.caller import ADMIN, CASHIER
from card_service.kit.auth.passwords import hash_password
from card_service.kit.auth.sessions import SessionSecret
from card_service.kit.context import Context
from card_service.kit.db.database import Database
from card_service.users.create import CreatePerson, create_person
from card_service.users.list import list_people
from card_service.users.password import ChangePassword, change_password

PEOPLE = {ADMIN: "Nandini Kamath", CASHIER: "Ravi Bhat"}
"""By role; all names are made up."""


def add_people(database: Database, tenant_id: int, secret: bytes, now: datetime) -> dict[str, str]:
    """Add them, or give those that are there new passwords if theirs were lost; gives the passwords by login."""
    context = Context(tenant_id=tenant_id, performed_by="demo", now=now)
    known = {one.login: one for one in database.read(list_people, context)}
    passwords = {f"demo-{role}": secrets.token_urlsafe(9) for role in PEOPLE}
    for role, name in PEOPLE.items():
        login = f"demo-{role}"
        password_hash = hash_password(passwords[login])
        if login in known:
            request = ChangePassword(known[login].id, password_hash, SessionSecret(secret).login(login))
            database.transact(change_password, context, request)
        else:
            database.transact(create_person, context, CreatePerson(login, name, role, password_hash))
    return passwords
