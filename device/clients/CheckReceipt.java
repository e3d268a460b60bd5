import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.*;
import java.security.*;
import java.security.spec.X509EncodedKeySpec;
import java.util.*;

/**
 * Checks a receipt of portraitd in the backend, without any library.
 *
 * <p>usage: javac *.java && java CheckReceipt KEY.jwk TRANSACTION NONCE PORTRAIT.jpg &lt; RECEIPT
 *
 * <p>KEY.jwk is the device's public key, noted when the device was commissioned: what portraitctl commission wrote, or
 * the member key of it. TRANSACTION and NONCE are what the backend gave out. PORTRAIT.jpg is the backend's OWN copy
 * from the document's chip, never the POS's.
 */
final class CheckReceipt {
    /** What X.509 writes before the 32 bytes of an Ed25519 key (RFC 8410). */
    private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    public static void main(String[] words) {
        try {
            String receipt = new String(System.in.readAllBytes(), UTF_8).strip();
            Map<?, ?> identity = Json.read(Files.readString(Path.of(words[0])));
            Map<?, ?> claims = check(receipt, identity, words[1], words[2], Files.readAllBytes(Path.of(words[3])));
            System.out.println("verdict: " + claims.get("verdict"));
        } catch (GeneralSecurityException | IOException | IllegalArgumentException | IndexOutOfBoundsException error) {
            System.err.println("refused: " + error.getMessage());
            System.exit(1);
        }
    }

    /** Returns the claims of a receipt that can be trusted; throws otherwise. */
    static Map<?, ?> check(String receipt, Map<?, ?> identity, String transaction, String nonce, byte[] portrait)
        throws GeneralSecurityException {
        Map<?, ?> key = identity.get("key") instanceof Map<?, ?> member ? member : identity;
        String[] parts = receipt.split("\\.", -1);
        Map<?, ?> header = Json.read(new String(decode(parts[0]), UTF_8));
        Map<?, ?> wanted = Map.of("alg", "EdDSA", "typ", "portraitd-receipt+jwt", "kid", key.get("kid"));
        if (parts.length != 3 || !header.equals(wanted)) {
            throw new SignatureException("it is no receipt of this device");
        }
        Signature signature = Signature.getInstance("Ed25519");
        byte[] encoded = concatenate(PREFIX, decode(key.get("x").toString()));
        signature.initVerify(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
        signature.update((parts[0] + "." + parts[1]).getBytes(UTF_8));
        if (!signature.verify(decode(parts[2]))) throw new SignatureException("the signature does not fit");

        Map<?, ?> claims = Json.read(new String(decode(parts[1]), UTF_8));
        Map<String, String> expected = new TreeMap<>(Map.of("source", "camera", "transaction", transaction,
            "nonce", nonce, "portraitBinding", bind(nonce, portrait)));
        for (var each : expected.entrySet()) {
            Object found = claims.get(each.getKey());
            if (each.getValue().equals(found)) continue;
            throw new SignatureException(each.getKey() + " is " + found + ", not " + each.getValue());
        }
        return claims;
    }

    /** What ties a receipt to the nonce and to the portrait. */
    private static String bind(String nonce, byte[] portrait) throws GeneralSecurityException {
        byte[] both = concatenate(sha256(decode(nonce)), sha256(portrait));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(sha256(both));
    }

    private static byte[] sha256(byte[] data) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-256").digest(data);
    }

    private static byte[] decode(String text) { return Base64.getUrlDecoder().decode(text); }

    private static byte[] concatenate(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
