"""A small issuer of OpenID Connect, over real sockets: discovery, keys, tokens, facts.

It logs in whoever it is told to, and keeps to the rules unless a test breaks one.
"""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "procurement", "a-client-secret-for-tests"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


KEY = new_key()
"""One for all tests, since making one takes time."""


class Issuer:
    """Attributes that tests change before a login:

    claims: of the person who logs in there. bend: changes the claims of the identity
    token before it is signed. key: signs it. facts: what the userinfo address says.
    """

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {"sub": "u-1"}
        self.bend: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
        self.key, self.algorithm = KEY, "RS256"
        self.facts: dict[str, Any] | None = None
        self.discovery: dict[str, Any] = {}
        self.calls: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args: Any) -> None:
                pass

            def do_GET(self) -> None:
                issuer.answer(self, b"")

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                issuer.answer(self, self.rfile.read(length))

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    # --- as the browser ---

    def authorize(self, address: str) -> str:
        """What the browser is sent back with; the person has logged in there."""
        query = parse_qs(urlsplit(address).query)
        asked = {name: values[0] for name, values in query.items()}
        assert address.startswith(f"{self.url}/authorize?")
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self._codes) + 1}"
        self._codes[code] = asked
        back = {"code": code, "state": asked["state"]}
        return f"{urlsplit(asked['redirect_uri']).path}?{urlencode(back)}"

    # --- as a server ---

    def answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        path = urlsplit(handler.path).path
        self.calls.append(path)
        status, told = self._told(path, body, handler.headers.get("Authorization", ""))
        content = json.dumps(told).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _told(self, path: str, body: bytes, bearer: str) -> tuple[int, Any]:
        match path:
            case "/.well-known/openid-configuration":
                return 200, {
                    "issuer": self.url,
                    "authorization_endpoint": f"{self.url}/authorize",
                    "token_endpoint": f"{self.url}/token",
                    "jwks_uri": f"{self.url}/keys",
                    "userinfo_endpoint": f"{self.url}/userinfo",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                    **self.discovery,
                }
            case "/keys":
                public = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), True)
                return 200, {"keys": [{**public, "kid": "k1", "alg": "RS256"}]}
            case "/token":
                return self._token(
                    {name: v[0] for name, v in parse_qs(body.decode()).items()}
                )
            case "/userinfo" if bearer == "Bearer an-access-token":
                return 200, self.facts or {"sub": self.claims["sub"]}
        return 404, {}

    def _token(self, sent: dict[str, str]) -> tuple[int, Any]:
        # A code is good once.
        asked = self._codes.pop(sent.get("code", ""), None)
        secret = (sent.get("client_id"), sent.get("client_secret"))
        if asked is None or secret != (CLIENT_ID, CLIENT_SECRET):
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if challenge != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.claims,
        }
        token = jwt.encode(
            self.bend(claims),
            self.key,
            algorithm=self.algorithm,
            headers={"kid": "k1"},
        )
        return 200, {
            "access_token": "an-access-token",
            "token_type": "Bearer",
            "id_token": token,
        }


@contextmanager
def running() -> Iterator[Issuer]:
    issuer = Issuer()
    thread = threading.Thread(
        target=issuer.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield issuer
    finally:
        issuer.server.shutdown()
        issuer.server.server_close()
