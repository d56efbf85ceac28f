"""The product's settings with what a test run needs; the database may be given."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 40)
os.environ.setdefault("CREDENTIAL_KEYS", "only-for-tests-" + "k" * 40)
os.environ.setdefault("ALLOW_INSECURE_LOOPBACK", "on")
os.environ.setdefault("HTTPS_ONLY", "off")
# Tests of the limits set their own; the others would meet them on a quick machine.
os.environ.setdefault("API_CALLS_PER_MINUTE", "0")
os.environ.setdefault("API_WRONG_KEYS_PER_MINUTE", "0")
os.environ.setdefault("REDIS_PREFIX", "procurement-test")
os.environ.setdefault("ALLOWED_HOSTS", "127.0.0.1,localhost,testserver")

from procurement.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if IS_SQLITE:  # noqa: F405
    # A file, since threads and processes have to share it; in memory they would
    # meet table locks that no installation has.
    DATABASES["default"]["TEST"] = {  # noqa: F405
        "NAME": BASE_DIR / "var" / "test.sqlite3"  # noqa: F405
    }
