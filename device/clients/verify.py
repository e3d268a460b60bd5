#!/usr/bin/env python3
"""Verifies the customer at the counter through portraitd's socket, without any library.

usage: verify.py SOCKET PORTRAIT.jpg TRANSACTION NONCE
TRANSACTION and NONCE (16 to 64 random bytes in base64url without padding, used once) come from the backend.
Ctrl-C cancels. Ends with 0 when the customer is verified, 1 on another verdict, 2 on an error.
"""
import base64, datetime, json, os, pathlib, socket, sys

LONGEST_REPLY = 1 << 20  # bytes
PATIENCE = 60  # seconds without a reply; a verification reports several times a second
SENTENCES = json.loads(pathlib.Path(__file__).with_name("sentences.json").read_text("utf-8"))
LANGUAGE = "zh" if os.environ.get("LANG", "").startswith("zh") else "en"


def sentence(kind, word):
    """What a person should read; new words may come with a new version of the device."""
    return SENTENCES[kind].get(word, {"en": "Please wait.", "zh": "请稍候。"})[LANGUAGE]


def call(path, portrait, transaction, nonce):
    """Yields the replies to Verify; leaving the loop closes the connection, which cancels."""
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    consent = {"noticeVersion": "1", "givenAt": now, "method": "onScreen"}
    request = {"transaction": transaction, "nonce": nonce, "purpose": "number activation", "consent": consent,
               "portrait": base64.b64encode(portrait).decode()}
    message = {"method": "io.portraitd.Counter.Verify", "parameters": {"request": request}, "more": True}
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(PATIENCE)
        connection.connect(path)
        connection.sendall(json.dumps(message).encode() + b"\0")
        received = b""
        while True:
            while b"\0" not in received:  # a reply may come in several reads, and a read may hold several
                chunk = connection.recv(65536)
                if not chunk or len(received) > LONGEST_REPLY:
                    raise OSError("the reply is too long" if chunk else "the device hung up")
                received += chunk
            text, _, received = received.partition(b"\0")
            yield (reply := json.loads(text))
            if not reply.get("continues"):
                return


def main(path, portrait, transaction, nonce):
    said = None
    for reply in call(path, pathlib.Path(portrait).read_bytes(), transaction, nonce):
        parameters = reply.get("parameters", {})
        if "error" in reply:
            print(reply["error"], parameters.get("problem", parameters), parameters.get("remedy", ""), file=sys.stderr)
            return 2
        if outcome := parameters.get("outcome"):
            print("verdict:", outcome["verdict"], "-", sentence("Verdict", outcome["verdict"]))
            print(*(f"reason: {word} - {sentence('Reason', word)}\n" for word in outcome["reasons"]), sep="", end="")
            print("receipt:", outcome.get("receipt", "none"))
            return 0 if outcome["verdict"] == "verified" else 1
        progress = parameters["progress"]
        if progress["advice"]:
            now = sentence("Advice", progress["advice"][0])
        elif "instruction" in progress:
            now = sentence("Instruction", progress["instruction"])
        else:
            now = sentence("Stage", progress["stage"])
        if now != said:
            print(now, flush=True)
        said = now


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]) if len(sys.argv) == 5 else __doc__)
    except KeyboardInterrupt:
        sys.exit(130)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        sys.exit(2)
