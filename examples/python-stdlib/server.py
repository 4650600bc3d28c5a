"""Python alone: http.server, and a signed cookie that no store is asked about."""

import hashlib
import hmac
import json
import os
import secrets
import time
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = int(os.environ["PORT"])
KEY = os.environ["SESSION_SECRET"].encode()
LIFE_SECONDS = 30 * 60
SALT = secrets.token_bytes(16)


def hash_of(password):
    return hashlib.scrypt(password.encode(), salt=SALT, n=2**14, r=8, p=1, dklen=32)


USERS = {name: hash_of(os.environ["PASSWORD"]) for name in ("alice", "bob")}


def is_right(name, password):
    if not isinstance(name, str) or not isinstance(password, str):
        return False
    return hmac.compare_digest(hash_of(password), USERS.get(name, secrets.token_bytes(32)))


def signature(text):
    return hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()


def issue(name):
    text = f"{name}|{int(time.time()) + LIFE_SECONDS}|{secrets.token_hex(8)}"
    return f"{text}|{signature(text)}"


def user_of(cookies):
    try:
        value = SimpleCookie(cookies)["session"].value
        text, _, given = value.rpartition("|")
        if not hmac.compare_digest(signature(text).encode(), given.encode()):
            return None
        name, ends, _ = text.split("|")
        return name if int(ends) > time.time() else None
    except (CookieError, KeyError, ValueError, UnicodeError):
        return None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are two writes: without this, each answer would wait 40 ms for the client's acknowledgement.
    disable_nagle_algorithm = True

    def answer(self, status, body=None, cookie=None):
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("cache-control", "no-store")
        if status != 204:
            self.send_header("content-length", str(len(data)))
        if cookie is not None:
            value, age = cookie
            self.send_header("set-cookie", f"session={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}")
        self.end_headers()
        self.wfile.write(data)

    def body(self):
        try:
            length = int(self.headers.get("content-length") or 0)
            value = json.loads(self.rfile.read(min(max(length, 0), 65536)) or b"{}")
            return value if isinstance(value, dict) else {}
        except ValueError:
            return {}

    def do_GET(self):
        if self.path == "/":
            return self.answer(200, {"shop": "open"})
        if self.path != "/account":
            return self.answer(404)
        name = user_of(self.headers.get("cookie"))
        return self.answer(401) if name is None else self.answer(200, {"user": {"name": name}})

    def do_POST(self):
        body = self.body()
        if self.path == "/logout":
            return self.answer(204, cookie=("", 0))
        if self.path != "/login":
            return self.answer(404)
        if not is_right(body.get("username"), body.get("password")):
            return self.answer(401)
        return self.answer(204, cookie=(issue(body["username"]), LIFE_SECONDS))

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
