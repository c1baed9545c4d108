"""Signs an identity for Heliotrope's widget. Python 3, standard library. sign.py KEY_ID SECRET SITE CREATOR"""

import base64
import hashlib
import hmac
import json
import secrets
import sys
import time


def base64url(data: bytes) -> str:
    """Base64 for addresses, without padding, as JWTs are written."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def identity(key_id: str, secret: str, site: str, creator: str) -> str:
    """A token that speaks for one creator for ten minutes, good for once."""
    header = {"alg": "HS256", "typ": "JWT", "kid": key_id}
    claims = {"sub": creator, "aud": site, "exp": int(time.time()) + 600, "jti": secrets.token_hex(16)}
    signed = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
    return f"{signed}.{base64url(hmac.digest(secret.encode(), signed.encode(), hashlib.sha256))}"


if __name__ == "__main__":
    print(identity(*sys.argv[1:5]))
