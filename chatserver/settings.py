"""Every setting, one file for all environments. What an operator can change comes from the environment, through env.py."""

from django.utils.csp import CSP

from chatserver import env

ROOT = env.ROOT

DEBUG = env.flag("DEBUG", False)
DEMO = env.flag("DEMO", False)
SECRET_KEY = env.secret("SECRET_KEY")
COMMUNITY_NAME = env.text(
    "COMMUNITY_NAME", "London Diabetes in Pregnancy Community of Practice" if DEMO else "Roundtable"
)

# Where the site is --------------------------------------------------------------------------------------------------

HOST = env.text("HOST", "127.0.0.1")
PORT = env.number("PORT", 8000, at_least=1, at_most=65535)
SITE_URL = env.site_url("SITE_URL", f"http://{'localhost' if HOST in ('0.0.0.0', '::') else HOST}:{PORT}")
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"], site_url=SITE_URL)
SECURE = env.flag("SECURE", SITE_URL.startswith("https:"))
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SECURE else []
ROOT_URLCONF = "chatserver.urls"
ASGI_APPLICATION = "chatserver.asgi.application"

# What it is made of -------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_tasks_db",
    "events",
    "frontend",
    "members",
    "rooms",
    "moderation",
    "notifications",
    "chatserver",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "chatserver.middleware.CompressPages",
    "chatserver.middleware.CommunityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "chatserver.middleware.RefusalMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "frontend" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "chatserver.context.community",
                "rooms.context.sidebar",
                "moderation.sign.waiting",
                "notifications.context.unseen",
                "notifications.context.level_here",
            ],
            "loaders": [
                ("django.template.loaders.cached.Loader", ["django.template.loaders.filesystem.Loader"]),
            ]
            if not DEBUG
            else ["django.template.loaders.filesystem.Loader"],
        },
    }
]
REACTIONS = "chatserver.reactions.REACTIONS"
SCREENS = [
    "moderation.screens.rate",
    "moderation.guard.screen.patient_data",
    "moderation.words.screen",
    "moderation.newcomers.screen_newcomer",
    "moderation.newcomers.screen_repeated",
]
# What changes the words of a message before they pass the screens.
REWRITING = ["moderation.words.rewritten"]
# What is kept of a member, each function for its own floor: for a copy, and for erasing it in this order.
COPIED = [
    "members.copies.about_member",
    "members.invitations.personal.invitations_of",
    "members.community.personal.rules_of",
    "members.complaints.personal.complaints_of",
    "rooms.personal.kept_in_rooms",
    "moderation.personal.kept_in_moderation",
    "notifications.personal.notices_of",
    "notifications.personal.mail_of",
]
ERASED = [
    "rooms.personal.erase_from_rooms",
    "moderation.personal.erase_reports",
    "notifications.personal.erase_notices",
    "members.invitations.personal.erase_invitations",
    "members.community.personal.erase_from_proposals",
    "members.complaints.personal.erase_complaints",
    "members.erasure.erase_ways_in",
]
# Whether something of a member who was erased is still kept because the law requires it, as far as each floor knows.
KEPT_BY_LAW = ["members.erasure.is_under_hold", "rooms.preserving.keeps_of"]
# Where a message's words lie that must go for good: what goes with the words themselves, in their transaction, and what
# follows, each again until it is done (docs/patient-slip.md).
PURGED_AT_ONCE = [
    "notifications.purging.purge_notices",
    "moderation.slips.purging.purge_reports",
    "rooms.purging.purge_words",
]
PURGED_AFTER = [
    "rooms.purging.purge_held",
    "rooms.purging.purge_catch_up",
    "rooms.purging.purge_quotations",
    # After those, which may set aside what they remove.
    "rooms.purging.purge_set_aside",
    "rooms.purging.purge_files",
    "members.purging.purge_copies",
    "chatserver.purging.purge_tasks",
    "chatserver.purging.purge_kept_mail",
]
# Who may have seen a message, as far as each floor knows.
SEEN = ["rooms.seen.who_may_have_read", "notifications.seen.who_was_told"]
DEMO_SIGN_INS = "rooms.demonstration.sign_ins"

# Where things are kept ----------------------------------------------------------------------------------------------

DATABASES = {"default": env.database("DATABASE_URL", "sqlite:///var/roundtable.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.text("REDIS_URL", "")
CHANNEL_LAYERS = (
    {
        "default": {
            # The pub/sub layer: one PUBLISH for a frame, and it subscribes again after a restart of Redis. The core
            # layer drops what exceeds its capacity of 100, and forgets every group when Redis restarts.
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [{"address": REDIS_URL}]},
        }
    }
    if REDIS_URL
    else {}
)
CACHES = {
    # Counts tries to sign in: in the database, so that all processes count together and need nothing else for it.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
    # Answers that many ask for within seconds (rooms/catch_up.py); each may be as long as 200 messages.
    "catch_up": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "catch_up",
        "TIMEOUT": 10,
        "OPTIONS": {"MAX_ENTRIES": 50},
    },
}
FOLDER = ROOT / env.text("FOLDER", "var")
MAIL_FOLDER = FOLDER / "mail"
COPIES_FOLDER = FOLDER / "copies"
MAILERS = {"default": env.mailer("MAIL_URL", kept_in=MAIL_FOLDER)}
MAIL_FROM = env.text("MAIL_FROM", f"roundtable@{env.host_of(SITE_URL)}")
MAIL_IN_DOMAIN = env.mail_domain("MAIL_IN_DOMAIN")
MAIL_IN = env.mail_listener("MAIL_IN")
MAIL_WEBHOOK_SECRET = env.webhook_secret("MAIL_WEBHOOK_SECRET")
if (MAIL_IN or MAIL_WEBHOOK_SECRET) and not MAIL_IN_DOMAIN:
    raise env.BadSetting("MAIL_IN_DOMAIN", "is needed where mail is taken: the part after @ of the addresses for it.")
# Where the browsers' makers take pushes: Chrome and most others, Firefox, Safari, Edge.
PUSH_SERVICES = [
    service
    for service in env.words(
        "PUSH_SERVICES", ["fcm.googleapis.com", "push.services.mozilla.com", "push.apple.com", "notify.windows.com"]
    )
    if service != "none"
]
PROCESSES = env.number("PROCESSES", 1, at_least=1, at_most=32)
if PROCESSES > 1 and not REDIS_URL:
    raise env.BadSetting(
        "PROCESSES", "needs REDIS_URL: without it the processes could not tell each other what happens."
    )
TASKS = {"default": {"BACKEND": "chatserver.task_backend.WakingBackend"}}
WORK_IN_WEB = env.flag("WORK_IN_WEB", True)
DATA_PROTECTION_CONTACT = env.text("DATA_PROTECTION_CONTACT", "")
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
COMMAND_THREADS = env.number("COMMAND_THREADS", 8, at_least=1, at_most=64)
DRAIN_SECONDS = env.number("DRAIN_SECONDS", 0, at_least=0, at_most=60)
HEARTBEAT_SECONDS = env.number("HEARTBEAT_SECONDS", 20, at_least=1, at_most=40)
SWEEP_SECONDS = env.number("SWEEP_SECONDS", 4, at_least=1, at_most=60)
POSTS_AT_ONCE = env.number("POSTS_AT_ONCE", 20, at_least=1)
POSTS_A_MINUTE = env.number("POSTS_A_MINUTE", 60, at_least=1)
MAX_FILE_MB = env.number("MAX_FILE_MB", 25, at_least=1, at_most=500)
# One file, and what a form has beside it.
LARGEST_BODY = (MAX_FILE_MB + 1) * 2**20
FILES_A_MESSAGE = env.number("FILES_A_MESSAGE", 10, at_least=1, at_most=50)
UPLOADS_MB_A_DAY = env.number("UPLOADS_MB_A_DAY", 500, at_least=1)
UPLOADS_AT_ONCE = env.number("UPLOADS_AT_ONCE", 20, at_least=1)
UPLOADS_A_MINUTE = env.number("UPLOADS_A_MINUTE", 20, at_least=1)
CLAMD = env.socket_address("CLAMD_URL")
FRAMES_AT_ONCE = env.number("FRAMES_AT_ONCE", 60, at_least=1)
FRAMES_A_MINUTE = env.number("FRAMES_A_MINUTE", 300, at_least=1)

# Who comes in -------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "members.Member"
AUTHENTICATION_BACKENDS = ["members.backends.MemberBackend"]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, object]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if BREACHED_PASSWORDS := env.text("BREACHED_PASSWORDS", ""):
    AUTH_PASSWORD_VALIDATORS.append(
        {"NAME": "members.passwords.BreachedPasswordValidator", "OPTIONS": {"file": BREACHED_PASSWORDS}}
    )
# The ways in (members/entrance). Accounts begin by invitation alone, with an address that the invitation proved.
ACCOUNT_ADAPTER = "members.entrance.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_RESEND_COUNT = 2
# Of a hospital only one address may be seen; of one person's mailbox nobody shall make a heap.
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "request_login_code": "60/m/ip,3/m/key,12/h/key"}
MFA_ADAPTER = "members.entrance.adapters.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Browsers themselves allow passkeys only on https and on this computer itself.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
SOCIALACCOUNT_ADAPTER = "members.entrance.adapters.OrganisationSignInAdapter"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 8
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": env.sign_in_providers("SIGN_IN_WITH")}}
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("PROXIES", 1 if SECURE else 0, at_least=0, at_most=5)
SESSION_ENGINE = "members.session_store"
SESSION_COOKIE_AGE = 60 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "chatserver.views.stale_form"

# What browsers are told ---------------------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    # A websocket address counts as 'self' in every browser of the last years, also in Safari since 15.4.
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
X_FRAME_OPTIONS = "DENY"

STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "var" / "static"
STATICFILES_DIRS = [ROOT / "frontend" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "files": env.files_storage("FILES_URL", folder=FOLDER / "files"),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "chatserver.static.ModuleStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# Words and times ----------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
USE_I18N = False
USE_TZ = True
TIME_ZONE = env.time_zone("TIME_ZONE", "Europe/London")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"without_links": {"()": "chatserver.log_words.WithoutLinks"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_links"]}},
    # aiosmtpd tells each line of a letter at DEBUG, and who sends it to whom at INFO.
    "loggers": {"mail.log": {"level": "WARNING"}},
    "root": {
        "handlers": ["stderr"],
        "level": env.choice("LOG_LEVEL", "WARNING", ["DEBUG", "INFO", "WARNING", "ERROR"]),
    },
}
