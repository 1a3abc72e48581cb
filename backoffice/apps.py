"""Puts the product together when Django starts: logging, the Celery app, the admin site."""

import sys
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import AdminConfig

from backoffice.common.logging import configure_logging


class BackofficeConfig(AppConfig):
    """The roof: it only assembles."""

    name = "backoffice"

    def ready(self) -> None:
        """Set up JSON logs, make the Celery app current and register the system checks."""
        if Path(sys.argv[0]).name == "manage.py":  # a person reads standard output; only trouble interrupts
            configure_logging("WARNING" if settings.LOG_LEVEL == "INFO" else settings.LOG_LEVEL, sys.stderr)
        else:
            configure_logging(settings.LOG_LEVEL, sys.stdout)
        from backoffice import celery, checks  # noqa: F401  both need loaded apps


class AdminSiteConfig(AdminConfig):
    """Makes our site the default one, so that every app registers on it."""

    default_site = "backoffice.admin_site.BackofficeAdminSite"
