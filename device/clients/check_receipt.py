#!/usr/bin/env python3
"""Checks a receipt of portraitd in the backend; needs PyJWT with cryptography.

usage: check_receipt.py KEY.jwk TRANSACTION NONCE PORTRAIT.jpg < RECEIPT

KEY.jwk is the device's public key, noted when the device was commissioned: what portraitctl commission wrote, or the
member key of it. TRANSACTION and NONCE are what the backend gave out. PORTRAIT.jpg is the backend's OWN copy from the
document's chip, never the POS's.
"""
import base64
import hashlib
import json
import pathlib
import sys

import jwt


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def bind(nonce, portrait):
    """What ties a receipt to the nonce and to the portrait."""
    nonce = base64.urlsafe_b64decode(nonce + "=" * (-len(nonce) % 4))
    return base64url(hashlib.sha256(hashlib.sha256(nonce).digest() + hashlib.sha256(portrait).digest()).digest())


def check(receipt, key, transaction, nonce, portrait):
    """Returns the claims of a receipt that can be trusted; raises ValueError or jwt.PyJWTError otherwise."""
    key = key.get("key", key)
    header = jwt.get_unverified_header(receipt)
    if header.get("typ") != "portraitd-receipt+jwt" or header.get("kid") != key["kid"]:
        raise ValueError("it is no receipt of this device")
    claims = jwt.decode(receipt, jwt.PyJWK(key, "EdDSA").key, algorithms=["EdDSA"])
    expected = {"source": "camera", "transaction": transaction, "nonce": nonce,
                "portraitBinding": bind(nonce, portrait)}
    for name, value in expected.items():
        if claims[name] != value:
            raise ValueError(f"{name} is {claims[name]}, not {value}")
    return claims


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    key_file, transaction, nonce, portrait_file = sys.argv[1:]
    try:
        claims = check(sys.stdin.read().strip(), json.loads(pathlib.Path(key_file).read_text("utf-8")), transaction,
                       nonce, pathlib.Path(portrait_file).read_bytes())
    except (ValueError, KeyError, jwt.PyJWTError) as error:
        sys.exit(f"refused: {error}")
    print("verdict:", claims["verdict"])
