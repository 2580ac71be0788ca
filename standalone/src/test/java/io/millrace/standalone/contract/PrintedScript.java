package io.millrace.standalone.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Commands that a document prints, and the files that they need. A comment before a block of code
 * says what becomes of it:
 *
 * <pre>
 * &lt;!-- test: NAME --&gt;                      the block is run; blocks of one name are one script
 * &lt;!-- test: NAME "steps":600 =&gt; "steps":8 --&gt;  with something replaced that takes long
 * &lt;!-- file: NAME --&gt;                      the block is a file beside the script
 * </pre>
 *
 * @param name after {@code test:}
 * @param commands in the order of the document
 * @param files of the document by name
 */
record PrintedScript(String name, String commands, Map<String, String> files) {
  private static final Pattern MARKED =
      Pattern.compile(
          "(?m)^<!-- (?<kind>test|file): (?<name>[\\w.-]+)(?<change> .+? => .+?)? -->\\n+"
              + "```\\w*\\n(?<code>(?s:.*?))^```$");

  /**
   * All scripts of a document.
   *
   * @throws IllegalArgumentException if a marker has no block of code behind it
   */
  static List<PrintedScript> of(Path document) throws IOException {
    return of(document.toString(), Files.readString(document));
  }

  static List<PrintedScript> of(String document, String text) {
    Map<String, List<String>> scripts = new LinkedHashMap<>();
    Map<String, String> files = new LinkedHashMap<>();
    Matcher marked = MARKED.matcher(text);
    int found = 0;
    while (marked.find()) {
      found++;
      String name = group(marked, "name");
      String code = changed(document, group(marked, "code"), marked.group("change"));
      if (group(marked, "kind").equals("file")) {
        files.put(name, code);
      } else {
        scripts.computeIfAbsent(name, script -> new ArrayList<>()).add(code);
      }
    }
    long markers = text.lines().filter(line -> line.matches("<!-- (test|file):.*")).count();
    if (markers != found) {
      throw new IllegalArgumentException(
          "%s: of %d markers %d have a block of code behind them"
              .formatted(document, markers, found));
    }
    return scripts.entrySet().stream()
        .map(script ->
            new PrintedScript(
                script.getKey(),
                script.getValue().stream().collect(Collectors.joining("\n")),
                files))
        .toList();
  }

  private static String group(Matcher matcher, String name) {
    return Objects.requireNonNull(matcher.group(name));
  }

  private static String changed(String document, String code, @Nullable String change) {
    if (change == null) {
      return code;
    }
    String[] sides = change.strip().split(" => ", 2);
    if (!code.contains(sides[0])) {
      throw new IllegalArgumentException(
          "%s: '%s' is not in the block that it should be replaced in"
              .formatted(document, sides[0]));
    }
    return code.replace(sides[0], sides[1]);
  }
}
