"""The settings that no environment changes: of Django, of Celery, of the API's framework and the admin's look.

settings.py takes them over and adds what the environment says.
"""

from typing import Any

from django.templatetags.static import static

from backoffice.env import BASE_DIR

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = ["backoffice.formats"]
ROOT_URLCONF = "backoffice.urls"
WSGI_APPLICATION = "backoffice.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "static/"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
SESSION_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGGING_CONFIG = None  # set up in backoffice/apps.py: JSON lines on standard output, secrets removed
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # its other config puts its own admin site in place of ours
    "unfold.contrib.filters",
    "backoffice.apps.AdminSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_celery_beat",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "backoffice.common.lists",
    "backoffice.apps.BackofficeConfig",
    "shops",
    "orders",
    "aftersales",
    "syncjobs",
]
MIDDLEWARE = [
    "backoffice.common.api.border.api_border",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "backoffice.time_zone.operator_time_zone",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "shops.api.authentication.TokenAuthentication",
        "shops.api.authentication.StaffSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["backoffice.common.api.permissions.ModelPermission"],
    "DEFAULT_PARSER_CLASSES": ["backoffice.common.api.bodies.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "backoffice.common.api.errors.answer_error",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Back office",
    "VERSION": "1",
    "DESCRIPTION": (
        "Shops, all that they have, and the runs that sync it. You see what the person of your token sees, narrowed to "
        "the token's shops. Times are UTC; amounts are texts in the currency beside them. Lists come page by page: "
        "follow `next` until it is null. Parameters and fields that are not known are refused."
    ),
    "TAGS": [
        {"name": "shops", "description": "Where each shop stands."},
        {"name": "orders", "description": "Orders with their lines and packages."},
        {"name": "products", "description": "Products with their SKUs, prices and stock."},
        {"name": "skus", "description": "Variants by themselves: what is this seller's SKU, and where?"},
        {"name": "shipments", "description": "Parcels, and what carriers said of them."},
        {"name": "returns", "description": "Returns, refunds and cancellations: the request, its money, its goods."},
        {
            "name": "aftersales",
            "description": "After-sales requests: what is asked for, by when, and acting on them.",
        },
        {"name": "transactions", "description": "Movements of money with their fees."},
        {"name": "statements", "description": "What marketplaces pay, and whether the transactions add up to it."},
        {"name": "runs", "description": "Pieces of sync work, and how to start one."},
        {"name": "enrichment", "description": "Package numbers that orders came without, and how far the asking is."},
        {"name": "monitoring", "description": "What is wrong now."},
    ],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "Marketplace": "shops.choices.Marketplace",
        "ShopState": "shops.choices.ShopState",
        "SyncStatus": "shops.choices.SyncStatus",
        "OrderStatus": "orders.choices.OrderStatus",
        "ProductStatus": "orders.choices.ProductStatus",
        "ShipmentStatus": "orders.choices.ShipmentStatus",
        "TransactionKind": "orders.choices.TransactionKind",
        "ReturnKind": "aftersales.choices.ReturnKind",
        "ReturnStatus": "aftersales.choices.ReturnStatus",
        "CaseType": "aftersales.choices.CaseTypeLabel",
        "WantedCaseType": "aftersales.choices.TYPES_TO_CHOOSE",
        "WantedCaseReason": "aftersales.choices.REASONS_TO_CHOOSE",
        "CaseOrigin": "aftersales.choices.CaseOriginLabel",
        "CaseState": "aftersales.choices.StateLabel",
        "CaseStage": "aftersales.choices.StageLabel",
        "CaseReason": "aftersales.choices.Reason",
        "CaseLogAction": "aftersales.choices.LogActionLabel",
        "OperatorKind": "aftersales.choices.OperatorLabel",
        "RefundState": "aftersales.choices.RefundState",
        "ReturnParcelState": "aftersales.choices.ReturnState",
        "ExchangeState": "aftersales.choices.ExchangeState",
        "AnswerState": "aftersales.choices.AnswerState",
        "MoneyState": "aftersales.choices.MoneyState",
        "Custody": "aftersales.choices.Custody",
        "RunState": "syncjobs.models.RunState",
        "RunKind": "syncjobs.models.RunKind",
        "Trigger": "syncjobs.models.Trigger",
        "ChunkState": "syncjobs.models.ChunkState",
        "EnrichmentStatus": "syncjobs.models.EnrichmentStatus",
        "AlertKind": "syncjobs.monitoring.checks.CheckName",
        "HealthStatus": "syncjobs.monitoring.checks.HealthStatus",
    },
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "backoffice.common.api.schema.document_errors",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # Without null the page would send the document's address to a validator on another host.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "defaultModelsExpandDepth": 0, "validatorUrl": None},
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Back office",
    "SITE_HEADER": "Back office",
    "SITE_SUBHEADER": "Every shop of every marketplace",
    "SITE_SYMBOL": "deployed_code",
    "SITE_URL": None,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda _: static("backoffice/icon.svg")}],
    "STYLES": [lambda _: static("backoffice/admin.css")],
    "SCRIPTS": [
        lambda _: static("backoffice/live.js"),
        lambda _: static("backoffice/lists.js"),
        lambda _: static("backoffice/times.js"),
    ],
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "backoffice.home.add_home",
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": "backoffice.admin_site.navigation"},
}
