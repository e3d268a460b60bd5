import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNullElse;
import java.io.*;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.*;
import java.nio.file.*;
import java.util.*;

/**
 * Verifies the customer at the counter through portraitd's socket, without any library.
 * usage: javac *.java && java Verify SOCKET PORTRAIT.jpg TRANSACTION NONCE
 * NONCE: 16 to 64 random bytes in base64url, from the backend. Ends with 0: verified, 1: another verdict, 2: error.
 */
final class Verify {
    private static final int LONGEST_REPLY = 1 << 20; // bytes
    private static final long PATIENCE = 60_000; // milliseconds without a reply; several come each second
    private static String said = "";

    public static void main(String[] words) {
        try {
            System.exit(verify(words[0], Path.of(words[1]), words[2], words[3])); // leaving cancels; so does Ctrl-C
        } catch (IndexOutOfBoundsException | IllegalArgumentException | IOException error) {
            System.err.println(error.getMessage());
            System.exit(2);
        }
    }

    private static int verify(String path, Path portrait, String transaction, String nonce) throws IOException {
        String message = """
            {"method":"io.portraitd.Counter.Verify","more":true,"parameters":{"request":{"transaction":%s,"nonce":%s,
            "purpose":"number activation","portrait":"%s","consent":{"noticeVersion":"1","givenAt":"%s",
            "method":"onScreen"}}}}\0""".formatted(Json.quote(transaction), Json.quote(nonce),
            Base64.getEncoder().encodeToString(Files.readAllBytes(portrait)), java.time.Instant.now());
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(path)); var selector = Selector.open()) {
            for (ByteBuffer rest = UTF_8.encode(message); rest.hasRemaining(); ) channel.write(rest);
            channel.configureBlocking(false).register(selector, SelectionKey.OP_READ);
            var reply = new ByteArrayOutputStream();
            for (var piece = ByteBuffer.allocate(65536); reply.size() <= LONGEST_REPLY; piece.clear()) {
                if (selector.select(PATIENCE) == 0) throw new IOException("the device does not answer");
                selector.selectedKeys().clear();
                if (channel.read(piece) < 0) throw new IOException("the device hung up");
                for (byte each : Arrays.copyOf(piece.array(), piece.position())) { // a piece holds a part, or several
                    if (each != 0) { reply.write(each); continue; }
                    int status = take(Json.read(reply.toString(UTF_8)));
                    if (status >= 0) return status;
                    reply.reset();
                }
            }
            throw new IOException("the reply is too long");
        }
    }

    /** Prints one reply; returns the exit status after the last one, and -1 before. */
    private static int take(Map<?, ?> reply) {
        Map<?, ?> parameters = (Map<?, ?>) reply.get("parameters");
        if (reply.get("error") != null) {
            System.err.printf("%s %s %s%n", reply.get("error"),
                requireNonNullElse(parameters.get("problem"), parameters),
                requireNonNullElse(parameters.get("remedy"), ""));
            return 2;
        }
        if (parameters.get("outcome") instanceof Map<?, ?> outcome) {
            Object verdict = outcome.get("verdict");
            System.out.println("verdict: " + verdict + " - " + Sentences.of("Verdict", verdict));
            for (Object word : (List<?>) outcome.get("reasons"))
                System.out.println("reason: " + word + " - " + Sentences.of("Reason", word));
            System.out.println("receipt: " + requireNonNullElse(outcome.get("receipt"), "none"));
            return "verified".equals(verdict) ? 0 : 1;
        }
        Map<?, ?> progress = (Map<?, ?>) parameters.get("progress");
        List<?> advice = (List<?>) progress.get("advice");
        String now = !advice.isEmpty() ? Sentences.of("Advice", advice.get(0))
            : progress.get("instruction") instanceof String word ? Sentences.of("Instruction", word)
            : Sentences.of("Stage", progress.get("stage"));
        if (!now.equals(said)) System.out.println(said = now);
        return -1;
    }
}
