"""Entry point of the web server: makes sure that the servers answer before the first request is taken."""

import os

from django.core.wsgi import get_wsgi_application

from backoffice import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
embedded.ensure()
application = get_wsgi_application()
