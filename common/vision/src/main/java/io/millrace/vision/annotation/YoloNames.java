package io.millrace.vision.annotation;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * The class names of a YOLO set: {@code names} of its YAML file, or the lines of {@code
 * classes.txt}, {@code obj.names} or the like. Without such a file, classes are named by their
 * numbers.
 */
final class YoloNames {

  private static final List<String> LISTS = List.of("classes.txt", ".names");
  private static final List<String> YAML = List.of(".yaml", ".yml");
  private static final long MAX_BYTES = 1 << 20;

  private final String file;
  private final @Nullable List<String> names;

  private YoloNames(String file, @Nullable List<String> names) {
    this.file = file;
    this.names = names;
  }

  /** Whether a set has a file of class names. */
  static boolean areIn(SetFiles files) throws IOException {
    if (!lists(files).isEmpty()) {
      return true;
    }
    for (String name : yaml(files)) {
      if (isSmall(files, name) && Files.readString(files.path(name)).contains("names")) {
        return true;
      }
    }
    return false;
  }

  /** The names of a set; files that have none that can be read are noted. */
  static YoloNames of(SetFiles files, BoxChecks checks) throws IOException {
    for (String name : Stream.concat(yaml(files).stream(), lists(files).stream()).toList()) {
      try {
        List<String> found =
            !isSmall(files, name)
                ? List.of()
                : name.endsWith("s.txt") || name.endsWith(".names")
                    ? Files.readAllLines(files.path(name)).stream()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .toList()
                    : inYaml(Files.readString(files.path(name)));
        if (!found.isEmpty()) {
          return new YoloNames(name, found);
        }
        checks.note(name, "names no classes, ignored");
      } catch (YAMLException | CharacterCodingException e) {
        checks.note(name, "cannot be read (" + firstLine(e) + "), ignored");
      }
    }
    checks.note(
        files.title(), "has no data.yaml or classes.txt: classes are named by their numbers");
    return new YoloNames("", null);
  }

  /** A class's name; empty if there is none. */
  Optional<String> of(int index) {
    if (index < 0) {
      return Optional.empty();
    }
    if (names == null) {
      return Optional.of("class " + index);
    }
    return index < names.size() ? Optional.of(names.get(index)) : Optional.empty();
  }

  /** What is known, for messages. */
  String known() {
    return names == null ? "classes" : names.size() + " classes of " + file;
  }

  /** All classes in the order of their numbers: those that are named, or else those in use. */
  List<String> classes(SortedSet<Integer> used) {
    List<String> all = names;
    if (all != null) {
      return all.stream().distinct().toList();
    }
    return IntStream.rangeClosed(0, used.isEmpty() ? -1 : used.last())
        .mapToObj(index -> "class " + index)
        .toList();
  }

  /** {@code names} as a list, or as a map from numbers. */
  private static List<String> inYaml(String text) {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit((int) MAX_BYTES);
    Object root = new Yaml(new SafeConstructor(options)).load(text);
    Object names = root instanceof Map<?, ?> map ? map.get("names") : null;
    if (names instanceof List<?> list) {
      return list.stream().map(String::valueOf).toList();
    }
    TreeMap<Integer, String> byNumber = new TreeMap<>();
    if (names instanceof Map<?, ?> map) {
      map.forEach((key, value) -> {
        if (key instanceof Integer number && number >= 0) {
          byNumber.put(number, String.valueOf(value));
        }
      });
    }
    List<String> ordered = new ArrayList<>();
    byNumber.forEach((number, name) -> {
      while (ordered.size() < Math.min(number, 10_000)) {
        ordered.add("class " + ordered.size());
      }
      ordered.add(name);
    });
    return ordered;
  }

  private static boolean isSmall(SetFiles files, String name) throws IOException {
    return Files.size(files.path(name)) <= MAX_BYTES;
  }

  private static List<String> yaml(SetFiles files) {
    return YAML.stream().flatMap(ending -> files.ending(ending).stream()).toList();
  }

  private static List<String> lists(SetFiles files) {
    return LISTS.stream().flatMap(ending -> files.ending(ending).stream()).toList();
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
