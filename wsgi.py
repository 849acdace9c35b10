"""The application for any WSGI server: `gunicorn --config config/gunicorn.py wsgi:application`."""

from card_service.app import create_app
from card_service.commands.serve import require_durable
from config import logging
from config.settings import Settings

settings = Settings.from_environment()
logging.configure(settings.log_level)
application = create_app(settings)
require_durable(application.extensions["database"])
