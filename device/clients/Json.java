import java.util.*;

/** Reads JSON as maps, lists, strings, numbers and booleans; use your own library instead where you have one. */
final class Json {
    private static final int DEEPEST = 32;
    private final String text;
    private int at;

    private Json(String text) { this.text = text; }

    /** Throws IllegalArgumentException or IndexOutOfBoundsException for what is no JSON object. */
    static Map<?, ?> read(String text) {
        return new Json(text).value(0) instanceof Map<?, ?> map ? map : Map.of();
    }

    /** Writes a string as JSON, quotes included. */
    static String quote(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c < ' ') out.append(String.format("\\u%04x", (int) c));
            else out.append(c == '"' || c == '\\' ? "\\" : "").append(c);
        }
        return out.append('"').toString();
    }

    /** The next sign that is no blank. */
    private char next() {
        while (" \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
        return text.charAt(at);
    }

    private boolean skip(char sign) {
        boolean fits = next() == sign;
        if (fits) at++;
        return fits;
    }

    private void expect(char sign) {
        if (!skip(sign)) throw new IllegalArgumentException("no " + sign + " at " + at);
    }

    private Object value(int depth) {
        if (depth > DEEPEST) throw new IllegalArgumentException("nested too deeply");
        if (next() == '"') return string();
        if (skip('{')) {
            Map<String, Object> map = new HashMap<>();
            for (boolean more = next() != '}'; more; more = skip(',')) {
                String key = string();
                expect(':');
                map.put(key, value(depth + 1));
            }
            expect('}');
            return map;
        }
        if (skip('[')) {
            List<Object> list = new ArrayList<>();
            for (boolean more = next() != ']'; more; more = skip(',')) list.add(value(depth + 1));
            expect(']');
            return list;
        }
        int start = at;
        while (",]} \t\r\n".indexOf(text.charAt(at)) < 0) at++;
        String word = text.substring(start, at);
        if (word.equals("null")) return null;
        return List.of("true", "false").contains(word) ? (Object) word.equals("true") : (Object) Double.valueOf(word);
    }

    private String string() {
        expect('"');
        StringBuilder out = new StringBuilder();
        for (char c; (c = text.charAt(at++)) != '"'; out.append(c)) {
            if (c != '\\') continue;
            int plain = "bfnrt".indexOf(c = text.charAt(at++));
            if (plain >= 0) c = "\b\f\n\r\t".charAt(plain);
            if (c == 'u') c = (char) Integer.parseInt(text.substring(at, at += 4), 16);
        }
        return out.toString();
    }
}
