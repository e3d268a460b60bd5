import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.*;

/** What a person should read, from the file sentences.json beside this one. */
final class Sentences {
    private static final Map<?, ?> ALL = read();
    private static final boolean IS_CHINESE = Locale.getDefault().getLanguage().equals("zh");

    private static Map<?, ?> read() {
        try (var file = Sentences.class.getResourceAsStream("sentences.json")) {
            return Json.read(new String(file.readAllBytes(), UTF_8));
        } catch (IOException error) {
            throw new IllegalStateException("sentences.json cannot be read", error);
        }
    }

    /** The sentence for a word; new words may come with a new version of the device. */
    static String of(String kind, Object word) {
        return ((Map<?, ?>) ALL.get(kind)).get(word) instanceof Map<?, ?> texts
            ? texts.get(IS_CHINESE ? "zh" : "en").toString() : IS_CHINESE ? "请稍候。" : "Please wait.";
    }
}
